use hub::HubError;
use jiff::{SignedDuration, Timestamp};
use xmpp::{
    Element,
    extension::{
        commands::{NoteKind, Refusal, Request, Status},
        data_forms::{Field, FieldKind, Form},
    },
    stanza::StanzaError,
};

use super::{super::super::conversation::Conversation, note, refusal, response};

/// Saying that one is away.
pub(super) const NODE: &str = "away";

/// How many hours away a person may choose from; 0 is until they are back.
const HOURS: [i64; 7] = [0, 1, 4, 8, 24, 72, 168];

pub(super) fn ask(conversation: &Conversation, request: &Request) -> Element {
    let language = conversation.language;
    let absence = conversation.door.hub.absence(conversation.session.address());
    let title = language.away_title();
    let is_away = Field::new("away", [if absence.is_some() { "1" } else { "0" }])
        .with_kind(FieldKind::Boolean)
        .with_label(language.away_label());
    let text = Field::new("text", [absence.map(|absence| absence.text).unwrap_or_default()])
        .with_kind(FieldKind::TextMulti)
        .with_label(language.away_text_label());
    let hours =
        Field::new("hours", ["0"]).with_kind(FieldKind::ListSingle).with_label(language.away_hours_label());
    let hours = HOURS
        .into_iter()
        .fold(hours, |field, hours| field.with_option(language.hours(hours), hours.to_string()));
    let form = Form::blank(title, language.away_instructions(), vec![is_away, text, hours]);
    response(request, Status::Executing, None, Some(form))
}

pub(super) async fn set(
    conversation: &Conversation,
    request: &Request,
    form: &Form,
) -> Result<Element, StanzaError> {
    let is_away = form.field("away").and_then(Field::is_true).ok_or(Refusal::BadPayload.error())?;
    let hub = &conversation.door.hub;
    let own = conversation.session.address().as_str();
    let set = if is_away {
        let text = form.field("text").map(|field| field.values.join("\n")).unwrap_or_default();
        let until = until(form, hub.environment().now())?;
        hub.set_absence(own, own, &text, until).await.map(drop)
    } else {
        hub.end_absence(own, own).await
    };
    match set {
        Ok(()) => {
            let note = note(NoteKind::Info, conversation.language.saved().to_owned());
            Ok(response(request, Status::Completed, Some(note), None))
        }
        Err(error @ HubError::Absence(_)) => {
            let note = note(NoteKind::Error, error.to_string());
            Ok(response(request, Status::Completed, Some(note), None))
        }
        Err(error) => Err(refusal(&error)),
    }
}

fn until(form: &Form, now: Timestamp) -> Result<Option<Timestamp>, StanzaError> {
    let hours = match form.value("hours") {
        None => 0,
        Some(hours) => hours.parse().map_err(|_| Refusal::BadPayload.error())?,
    };
    match hours {
        0 => Ok(None),
        hours if HOURS.contains(&hours) => Ok(now.checked_add(SignedDuration::from_hours(hours)).ok()),
        _ => Err(Refusal::BadPayload.error()),
    }
}
