//! Ad-hoc commands (XEP-0050).

use super::data_forms::Form;
use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// One step of a command, as the client asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which command.
    pub node: String,
    /// What to do; [`Action::Execute`] when it is left out (§3.4).
    pub action: Action,
    /// Which run of it; none in the first step.
    pub session_id: Option<String>,
    /// The form that was filled in.
    pub form: Option<Form>,
}

/// What to do with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start it, or go on in the way that the last step named as its default.
    Execute,
    /// Give up.
    Cancel,
    /// Go back.
    Previous,
    /// Go on.
    Next,
    /// Finish it.
    Complete,
}

impl Action {
    const ALL: [Self; 5] = [Self::Execute, Self::Cancel, Self::Previous, Self::Next, Self::Complete];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Cancel => "cancel",
            Self::Previous => "prev",
            Self::Next => "next",
            Self::Complete => "complete",
        }
    }
}

impl Request {
    /// Reads the payload of a `set`; `None` if it is no command.
    ///
    /// # Errors
    /// `bad-request`: without a node, with an action that is not defined (`malformed-action`), or with a form
    /// that is none (`bad-payload`) (§4.4).
    pub fn parse(payload: &Element) -> Result<Option<Self>, StanzaError> {
        if !payload.is("command", namespace::COMMANDS) {
            return Ok(None);
        }
        let node = payload.attribute("node").ok_or(Condition::BadRequest)?.to_owned();
        let action = match payload.attribute("action") {
            None => Action::Execute,
            Some(name) => Action::ALL
                .into_iter()
                .find(|action| action.as_str() == name)
                .ok_or_else(|| Refusal::MalformedAction.error())?,
        };
        let form = match payload.child("x", namespace::DATA_FORMS) {
            None => None,
            Some(element) => Some(Form::parse(element).ok_or_else(|| Refusal::BadPayload.error())?),
        };
        Ok(Some(Self { node, action, session_id: payload.attribute("sessionid").map(str::to_owned), form }))
    }
}

/// Why a step is refused (§4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The action is not understood.
    MalformedAction,
    /// The action is not possible in this step.
    BadAction,
    /// The language is not supported.
    BadLocale,
    /// The form is wrong.
    BadPayload,
    /// There is no such run of the command.
    BadSessionId,
    /// The run took too long.
    SessionExpired,
}

impl Refusal {
    /// The error to answer with.
    pub fn error(self) -> StanzaError {
        let (condition, detail) = match self {
            Self::MalformedAction => (Condition::BadRequest, "malformed-action"),
            Self::BadAction => (Condition::BadRequest, "bad-action"),
            Self::BadLocale => (Condition::BadRequest, "bad-locale"),
            Self::BadPayload => (Condition::BadRequest, "bad-payload"),
            Self::BadSessionId => (Condition::BadRequest, "bad-sessionid"),
            Self::SessionExpired => (Condition::NotAllowed, "session-expired"),
        };
        StanzaError::new(condition).with_detail(Element::new(detail, namespace::COMMANDS))
    }
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Which command.
    pub node: String,
    /// Which run of it.
    pub session_id: String,
    /// Whether it goes on.
    pub status: Status,
    /// What can be done next; nothing but cancelling and completing if it is left out.
    pub actions: Option<Actions>,
    /// What to tell the person.
    pub notes: Vec<Note>,
    /// The form to fill in next, or the result.
    pub form: Option<Form>,
}

/// Whether a command goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It waits for the next step.
    Executing,
    /// It is done.
    Completed,
    /// It was given up.
    Canceled,
}

impl Status {
    /// The value of the `status` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Executing => "executing",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }
}

/// What can be done in the next step, beside cancelling (§3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actions {
    /// What [`Action::Execute`] means; it must be one of the possible ones.
    pub execute: Action,
    /// Going back is possible.
    pub previous: bool,
    /// Going on is possible.
    pub next: bool,
    /// Finishing is possible.
    pub complete: bool,
}

impl Actions {
    /// One form and done.
    pub const COMPLETE: Self =
        Self { execute: Action::Complete, previous: false, next: false, complete: true };

    fn to_element(self) -> Element {
        let possible = [("prev", self.previous), ("next", self.next), ("complete", self.complete)];
        let children = possible.into_iter().filter(|(_, possible)| *possible);
        Element::new("actions", namespace::COMMANDS)
            .with_attribute("execute", self.execute.as_str())
            .with_children(children.map(|(name, _)| Element::new(name, namespace::COMMANDS)))
    }
}

/// Something to tell the person (§4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How serious it is.
    pub kind: NoteKind,
    /// The text.
    pub text: String,
}

/// How serious a [`Note`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// Good to know.
    Info,
    /// Something went otherwise than asked.
    Warn,
    /// It failed.
    Error,
}

impl NoteKind {
    /// The value of the `type` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl Response {
    /// The payload of the result.
    pub fn to_element(&self) -> Element {
        let notes = self.notes.iter().map(|note| {
            Element::new("note", namespace::COMMANDS)
                .with_attribute("type", note.kind.as_str())
                .with_text(note.text.as_str())
        });
        Element::new("command", namespace::COMMANDS)
            .with_attribute("node", self.node.as_str())
            .with_attribute("sessionid", self.session_id.as_str())
            .with_attribute("status", self.status.as_str())
            .with_children(self.actions.map(Actions::to_element))
            .with_children(notes)
            .with_children(self.form.as_ref().map(Form::to_element))
    }
}

#[cfg(test)]
mod tests {
    use super::super::data_forms::FormKind;
    use super::super::testing::{parse, written};
    use super::*;

    fn request(attributes: &str, children: &str) -> Result<Option<Request>, StanzaError> {
        let source =
            format!("<command xmlns='http://jabber.org/protocol/commands' {attributes}>{children}</command>");
        Request::parse(&parse(&source))
    }

    #[test]
    fn a_first_step_executes() {
        let first = request("node='confirm'", "").unwrap().unwrap();
        assert_eq!(
            first,
            Request { node: "confirm".into(), action: Action::Execute, session_id: None, form: None }
        );
    }

    #[test]
    fn a_later_step_names_its_run_and_brings_the_form() {
        let later =
            request("node='c' sessionid='7' action='complete'", "<x xmlns='jabber:x:data' type='submit'/>")
                .unwrap()
                .unwrap();
        assert_eq!((later.action, later.session_id.as_deref()), (Action::Complete, Some("7")));
        assert_eq!(later.form.map(|form| form.kind), Some(FormKind::Submit));
    }

    #[test]
    fn malformed_steps_say_what_is_wrong() {
        let refused = |attributes: &str, children: &str| request(attributes, children).unwrap_err();
        assert_eq!(refused("", ""), StanzaError::new(Condition::BadRequest));
        assert_eq!(refused("node='c' action='jump'", ""), Refusal::MalformedAction.error());
        assert_eq!(refused("node='c'", "<x xmlns='jabber:x:data'/>"), Refusal::BadPayload.error());
        assert_eq!(Refusal::SessionExpired.error().condition, Condition::NotAllowed);
    }

    #[test]
    fn anything_else_is_no_command() {
        assert_eq!(Request::parse(&parse("<command xmlns='urn:example:x'/>")), Ok(None));
    }

    #[test]
    fn a_response_names_actions_before_notes() {
        let response = Response {
            node: "c".into(),
            session_id: "7".into(),
            status: Status::Executing,
            actions: Some(Actions::COMPLETE),
            notes: vec![Note { kind: NoteKind::Info, text: "Hello".into() }],
            form: None,
        };
        assert_eq!(
            written(&response.to_element()),
            "<command xmlns='http://jabber.org/protocol/commands' node='c' sessionid='7' status='executing'>\
             <actions execute='complete'><complete/></actions><note type='info'>Hello</note></command>"
        );
    }
}
