mod away;
mod privacy;

use domain::{Alert, AlertId};
use hub::HubError;
use xmpp::{
    Element,
    extension::{
        commands::{Action, Actions, Note, NoteKind, Refusal, Request, Response, Status},
        data_forms::{Field, FieldKind, Form, FormKind},
    },
    stanza::{Condition, StanzaError},
};

use super::super::conversation::Conversation;

/// Confirming an alert by choosing from a list.
const CONFIRM: &str = "alerts/confirm";

/// Saying whether unverified senders may reach one.
const UNVERIFIED: &str = "privacy/unverified";

/// The commands that everyone has, with their titles.
pub(super) fn offered(conversation: &Conversation) -> [(&'static str, &'static str); 4] {
    let language = conversation.language;
    [
        (CONFIRM, language.confirm_title()),
        (away::NODE, language.away_title()),
        (privacy::NODE, language.privacy_title()),
        (UNVERIFIED, language.unverified_title()),
    ]
}

/// One step of a command (XEP-0050). Each command is one form; nothing is remembered between the steps.
pub(super) async fn handle(conversation: &Conversation, request: &Request) -> Result<Element, StanzaError> {
    if !offered(conversation).iter().any(|(node, _)| *node == request.node) {
        return Err(Condition::ItemNotFound.into());
    }
    if request.action == Action::Cancel {
        return Ok(response(request, Status::Canceled, None, None));
    }
    if matches!(request.action, Action::Previous) {
        return Err(Refusal::BadAction.error());
    }
    let filled = request.form.as_ref().filter(|form| form.kind == FormKind::Submit);
    match (request.node.as_str(), filled) {
        (CONFIRM, Some(form)) => confirm(conversation, request, form).await,
        (CONFIRM, None) => ask_which(conversation, request).await,
        (away::NODE, Some(form)) => away::set(conversation, request, form).await,
        (away::NODE, None) => Ok(away::ask(conversation, request)),
        (privacy::NODE, Some(form)) => privacy::set(conversation, request, form).await,
        (privacy::NODE, None) => Ok(privacy::ask(conversation, request)),
        (_, Some(form)) => set_unverified(conversation, request, form).await,
        (_, None) => Ok(ask_unverified(conversation, request)),
    }
}

async fn ask_which(conversation: &Conversation, request: &Request) -> Result<Element, StanzaError> {
    let open = conversation.door.hub.alerts_to_answer(conversation.session.address()).await;
    let open = open.map_err(|error| refusal(&error))?;
    if open.is_empty() {
        let note = note(NoteKind::Info, conversation.language.not_an_answer(&[]));
        return Ok(response(request, Status::Completed, Some(note), None));
    }
    let title = conversation.language.confirm_title();
    // The newest first: it is the one that is meant most often.
    let field = open.iter().rev().flat_map(choices).fold(
        Field::new("answer", [] as [String; 0]).with_kind(FieldKind::ListSingle).with_label(title).required(),
        |field, (label, value)| field.with_option(label, value),
    );
    let form = Form::blank(title, "", vec![field]);
    Ok(response(request, Status::Executing, None, Some(form)))
}

fn choices(alert: &Alert) -> impl Iterator<Item = (String, String)> {
    let choices = alert.draft.choices.iter();
    choices.map(|choice| (format!("{}: {choice}", alert.draft.headline), format!("{} {choice}", alert.id)))
}

async fn confirm(
    conversation: &Conversation,
    request: &Request,
    form: &Form,
) -> Result<Element, StanzaError> {
    let (id, choice) =
        form.value("answer").and_then(|answer| answer.split_once(' ')).ok_or(Refusal::BadPayload.error())?;
    let id: AlertId = id.parse().map_err(|_| Refusal::BadPayload.error())?;
    match conversation.door.hub.confirm_alert(id, &conversation.session, choice).await {
        Ok(confirmed) => {
            let language = conversation.language;
            let text =
                language.confirmed(&confirmed.alert.draft.headline, &confirmed.choice, confirmed.first);
            Ok(response(request, Status::Completed, Some(note(NoteKind::Info, text)), None))
        }
        Err(HubError::Store(error)) => Err(refusal(&error.into())),
        Err(error) => {
            Ok(response(request, Status::Completed, Some(note(NoteKind::Error, error.to_string())), None))
        }
    }
}

fn ask_unverified(conversation: &Conversation, request: &Request) -> Element {
    let account = conversation.door.hub.account(conversation.session.address());
    let accepts = account.is_some_and(|account| account.accepts_unverified);
    let title = conversation.language.unverified_title();
    let field = Field::new("accept", [if accepts { "1" } else { "0" }])
        .with_kind(FieldKind::Boolean)
        .with_label(title);
    response(request, Status::Executing, None, Some(Form::blank(title, "", vec![field])))
}

async fn set_unverified(
    conversation: &Conversation,
    request: &Request,
    form: &Form,
) -> Result<Element, StanzaError> {
    let accepts = form.field("accept").and_then(Field::is_true).ok_or(Refusal::BadPayload.error())?;
    let own = conversation.session.address().as_str();
    let set = conversation.door.hub.set_accepts_unverified(own, own, accepts).await;
    set.map_err(|error| refusal(&error))?;
    let note = note(NoteKind::Info, conversation.language.saved().to_owned());
    Ok(response(request, Status::Completed, Some(note), None))
}

fn note(kind: NoteKind, text: String) -> Note {
    Note { kind, text }
}

fn response(request: &Request, status: Status, note: Option<Note>, form: Option<Form>) -> Element {
    let session_id = request.session_id.clone().unwrap_or_else(|| "1".to_owned());
    let actions = form.as_ref().map(|_| Actions::COMPLETE);
    Response {
        node: request.node.clone(),
        session_id,
        status,
        actions,
        notes: note.into_iter().collect(),
        form,
    }
    .to_element()
}

fn refusal(error: &HubError) -> StanzaError {
    tracing::warn!(%error, "a command could not be carried out");
    StanzaError::new(Condition::ResourceConstraint).with_text("the service cannot do this now; try again")
}
