//! In-band registration (XEP-0077), as far as a client changes its own password by it (§3.3).

use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// What a client asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Request {
    /// What is it registered with? (§3.1)
    Get,
    /// Another password (§3.3).
    ChangePassword {
        /// Whose, as the client spells it.
        username: String,
        /// The new one.
        password: String,
    },
    /// The end of the account (§3.2).
    Cancel,
}

impl Request {
    /// Reads a payload; `None` if it is not about registration.
    ///
    /// # Errors
    /// `bad-request` where the name or the password is missing.
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if !payload.is("query", namespace::REGISTRATION) {
            return Ok(None);
        }
        let child = |name| payload.child(name, namespace::REGISTRATION);
        let text = |name| {
            let text = child(name).map(|child| child.text().into_owned());
            text.filter(|text| !text.is_empty()).ok_or(Condition::BadRequest)
        };
        Ok(Some(match is_set {
            false => Self::Get,
            true if child("remove").is_some() => Self::Cancel,
            true => Self::ChangePassword { username: text("username")?, password: text("password")? },
        }))
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Get => "Get",
            Self::ChangePassword { .. } => "ChangePassword",
            Self::Cancel => "Cancel",
        })
    }
}

/// What somebody who has an account is told: their name, and that the password can be changed.
pub fn registered(username: &str) -> Element {
    let child = |name| Element::new(name, namespace::REGISTRATION);
    Element::new("query", namespace::REGISTRATION)
        .with_child(child("registered"))
        .with_child(child("username").with_text(username))
        .with_child(child("password"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn request(children: &str, is_set: bool) -> Result<Option<Request>, Condition> {
        let payload = parse(&format!("<query xmlns='jabber:iq:register'>{children}</query>"));
        Request::parse(&payload, is_set).map_err(|error| error.condition)
    }

    #[test]
    fn questions_changes_and_the_end_are_told_apart() {
        assert_eq!(request("", false), Ok(Some(Request::Get)));
        let change = Request::ChangePassword { username: "anna".into(), password: "new".into() };
        let both = "<username>anna</username><password>new</password>";
        assert_eq!(request(both, true), Ok(Some(change)));
        assert_eq!(request("<remove/>", true), Ok(Some(Request::Cancel)));
        assert_eq!(request("<username>anna</username>", true), Err(Condition::BadRequest));
        assert_eq!(request("<username/><password>new</password>", true), Err(Condition::BadRequest));
    }

    #[test]
    fn who_is_registered_is_told_their_name() {
        assert_eq!(
            written(&registered("anna")),
            "<query xmlns='jabber:iq:register'><registered/><username>anna</username><password/></query>"
        );
    }

    #[test]
    fn debug_output_holds_no_password() {
        let change = Request::ChangePassword { username: "anna".into(), password: "hunter2".into() };
        assert!(!format!("{change:?}").contains("hunter2"));
    }
}
