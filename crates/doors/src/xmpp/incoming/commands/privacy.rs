use domain::{Privacy, WhoSees};
use hub::HubError;
use xmpp::{
    Element,
    extension::{
        commands::{NoteKind, Refusal, Request, Status},
        data_forms::{Field, FieldKind, Form},
    },
    stanza::StanzaError,
};

use super::{super::super::conversation::Conversation, note, refusal, response};

/// Saying what one wants to be spared and to keep to oneself.
pub(super) const NODE: &str = "privacy/settings";

pub(super) fn ask(conversation: &Conversation, request: &Request) -> Element {
    let language = conversation.language;
    let privacy = conversation.door.hub.privacy(conversation.session.address());
    let writes = Field::new("writes", [privacy.writes.to_string()])
        .with_kind(FieldKind::TextSingle)
        .with_label(language.writes_label());
    let sees = |variable: &str, label: &str, chosen: WhoSees| {
        let field =
            Field::new(variable, [chosen.as_str()]).with_kind(FieldKind::ListSingle).with_label(label);
        WhoSees::ALL
            .into_iter()
            .fold(field, |field, who| field.with_option(language.who_sees(who), who.as_str()))
    };
    let invisible = Field::new("invisible", [if privacy.invisible { "1" } else { "0" }])
        .with_kind(FieldKind::Boolean)
        .with_label(language.invisible_label());
    let fields = vec![
        writes,
        sees("reading", language.reading_label(), privacy.reading),
        sees("typing", language.typing_label(), privacy.typing),
        sees("last-activity", language.last_activity_label(), privacy.last_activity),
        invisible,
    ];
    let form = Form::blank(language.privacy_title(), language.privacy_instructions(), fields);
    response(request, Status::Executing, None, Some(form))
}

pub(super) async fn set(
    conversation: &Conversation,
    request: &Request,
    form: &Form,
) -> Result<Element, StanzaError> {
    let hub = &conversation.door.hub;
    let own = conversation.session.address();
    let privacy = filled(form, hub.privacy(own)).ok_or(Refusal::BadPayload.error())?;
    match hub.set_privacy(own.as_str(), own.as_str(), privacy).await {
        Ok(()) => {
            let note = note(NoteKind::Info, conversation.language.saved().to_owned());
            Ok(response(request, Status::Completed, Some(note), None))
        }
        Err(error @ HubError::NoGroup { .. }) => {
            let note = note(NoteKind::Error, error.to_string());
            Ok(response(request, Status::Completed, Some(note), None))
        }
        Err(error) => Err(refusal(&error)),
    }
}

/// What the form says; what it leaves out stays. None where it says nothing that can be meant.
fn filled(form: &Form, mut privacy: Privacy) -> Option<Privacy> {
    if let Some(writes) = form.value("writes") {
        privacy.writes = writes.trim().parse().ok()?;
    }
    for (variable, who) in [
        ("reading", &mut privacy.reading),
        ("typing", &mut privacy.typing),
        ("last-activity", &mut privacy.last_activity),
    ] {
        if let Some(value) = form.value(variable) {
            *who = value.parse().ok()?;
        }
    }
    if let Some(field) = form.field("invisible") {
        privacy.invisible = field.is_true()?;
    }
    Some(privacy)
}
