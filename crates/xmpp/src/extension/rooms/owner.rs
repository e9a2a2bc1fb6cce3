//! What a room is: asked and changed by its owners (XEP-0045 §10).

use jid::Jid;

use super::super::data_forms::{Form, FormKind};
use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// What an owner wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The form by which the room is set up.
    Form,
    /// To set it up so.
    Configure(Form),
    /// To set it up no further: a new room is not wanted then.
    Cancel,
    /// To end it.
    Destroy {
        /// Where the conversation goes on.
        instead: Option<Jid>,
        /// Why.
        reason: Option<String>,
    },
}

impl Request {
    /// Reads the payload of a `get` or `set` (`is_set`); `None` if it is not about this.
    ///
    /// # Errors
    /// `bad-request` for a `set` that wants nothing, or a form of another kind.
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if !payload.is("query", namespace::MUC_OWNER) {
            return Ok(None);
        }
        if !is_set {
            return Ok(Some(Self::Form));
        }
        if let Some(destroy) = payload.child("destroy", namespace::MUC_OWNER) {
            let reason =
                destroy.child("reason", namespace::MUC_OWNER).map(|reason| reason.text().into_owned());
            return Ok(Some(Self::Destroy {
                instead: destroy.attribute("jid").and_then(|jid| Jid::new(jid).ok()),
                reason: reason.filter(|reason| !reason.is_empty()),
            }));
        }
        let form = Form::read(payload).ok_or(Condition::BadRequest)?;
        match form.kind {
            FormKind::Submit => Ok(Some(Self::Configure(form))),
            FormKind::Cancel => Ok(Some(Self::Cancel)),
            FormKind::Form | FormKind::Result => Err(Condition::BadRequest.into()),
        }
    }
}

/// The payload of the answer to [`Request::Form`].
pub fn form(form: &Form) -> Element {
    Element::new("query", namespace::MUC_OWNER).with_child(form.to_element())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::parse;
    use super::*;

    fn request(child: &str, is_set: bool) -> Result<Option<Request>, Condition> {
        let source = format!("<query xmlns='http://jabber.org/protocol/muc#owner'>{child}</query>");
        Request::parse(&parse(&source), is_set).map_err(|error| error.condition)
    }

    #[test]
    fn what_an_owner_wants_is_read() {
        assert_eq!(request("", false), Ok(Some(Request::Form)));
        assert_eq!(request("<x xmlns='jabber:x:data' type='cancel'/>", true), Ok(Some(Request::Cancel)));
        let submitted = request("<x xmlns='jabber:x:data' type='submit'/>", true);
        assert!(matches!(submitted, Ok(Some(Request::Configure(form))) if form.fields.is_empty()));
        assert_eq!(
            request("<destroy jid='b@rooms.x.test'><reason>moved</reason></destroy>", true),
            Ok(Some(Request::Destroy {
                instead: Some(Jid::new("b@rooms.x.test").unwrap()),
                reason: Some("moved".into())
            }))
        );
        assert_eq!(request("", true), Err(Condition::BadRequest));
        assert_eq!(request("<x xmlns='jabber:x:data' type='result'/>", true), Err(Condition::BadRequest));
    }
}
