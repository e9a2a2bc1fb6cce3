//! Stanza errors (RFC 6120 §8.3).

use crate::element::Element;
use crate::namespace;

/// Why one stanza was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{condition}{}", text.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
pub struct StanzaError {
    /// What the sender can do about it.
    pub kind: ErrorKind,
    /// The defined condition.
    pub condition: Condition,
    /// An explanation in English.
    pub text: Option<String>,
    /// An application-specific condition (RFC 6120 §8.3.4).
    pub detail: Option<Box<Element>>,
}

impl StanzaError {
    /// An error of the kind that usually goes with the condition.
    pub fn new(condition: Condition) -> Self {
        Self { kind: condition.usual_kind(), condition, text: None, detail: None }
    }

    /// Sets another kind than the usual one.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds an explanation in English.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Adds an application-specific condition.
    #[must_use]
    pub fn with_detail(mut self, detail: Element) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }

    /// Reads the error in a stanza of type `error`. A condition or kind that is not defined is read as
    /// `undefined-condition` and `cancel`.
    pub fn read(stanza: &Element) -> Option<Self> {
        if stanza.attribute("type") != Some("error") {
            return None;
        }
        let error = stanza.child("error", namespace::CLIENT)?;
        let defined = |child: &&Element| child.namespace() == namespace::STANZA_ERROR;
        let condition = error.children().filter(defined).find_map(|child| Condition::named(child.name()));
        let detail = error.children().find(|child| !defined(child));
        Some(Self {
            kind: error.attribute("type").and_then(ErrorKind::named).unwrap_or(ErrorKind::Cancel),
            condition: condition.unwrap_or(Condition::UndefinedCondition),
            text: error.child("text", namespace::STANZA_ERROR).map(|text| text.text().into_owned()),
            detail: detail.map(|detail| Box::new(detail.clone())),
        })
    }

    /// The `<error/>` element.
    pub fn to_element(&self) -> Element {
        let text = self.text.as_ref().map(|text| {
            Element::new("text", namespace::STANZA_ERROR).with_lang("en").with_text(text.as_str())
        });
        Element::new("error", namespace::CLIENT)
            .with_attribute("type", self.kind.as_str())
            .with_child(Element::new(self.condition.as_str(), namespace::STANZA_ERROR))
            .with_children(text)
            .with_children(self.detail.as_deref().cloned())
    }

    /// The error stanza that answers `stanza`: back to its sender, with its id and without its content. `None`
    /// if `stanza` is itself an error or a result, which are never answered (RFC 6120 §8.3.1), or no stanza.
    pub fn reply_to(&self, stanza: &Element) -> Option<Element> {
        let name = match stanza.name() {
            "message" => "message",
            "presence" => "presence",
            "iq" => "iq",
            _ => return None,
        };
        let kind = stanza.attribute("type");
        if kind == Some("error") || (name == "iq" && kind == Some("result")) {
            return None;
        }
        Some(
            Element::new(name, namespace::CLIENT)
                .with_attribute("type", "error")
                .with_optional_attribute("id", stanza.attribute("id"))
                .with_optional_attribute("from", stanza.attribute("to"))
                .with_optional_attribute("to", stanza.attribute("from"))
                .with_child(self.to_element()),
        )
    }
}

impl From<Condition> for StanzaError {
    fn from(condition: Condition) -> Self {
        Self::new(condition)
    }
}

/// What the sender can do about an error (RFC 6120 §8.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Try again after proving who one is.
    Auth,
    /// Do not try again.
    Cancel,
    /// Nothing: it was only a warning.
    Continue,
    /// Try again after changing what was sent.
    Modify,
    /// Try again later.
    Wait,
}

impl ErrorKind {
    /// The value of the `type` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::Auth, Self::Cancel, Self::Continue, Self::Modify, Self::Wait];
        all.into_iter().find(|kind| kind.as_str() == name)
    }
}

macro_rules! conditions {
    ($($(#[$documentation:meta])* $variant:ident = $name:literal, $kind:ident;)*) => {
        /// A defined condition (RFC 6120 §8.3.3).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Condition {
            $($(#[$documentation])* $variant,)*
        }

        impl Condition {
            /// The name of the condition's element.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The kind that RFC 6120 recommends for it.
            pub fn usual_kind(self) -> ErrorKind {
                match self {
                    $(Self::$variant => ErrorKind::$kind,)*
                }
            }

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

conditions! {
    /// Malformed (§8.3.3.1).
    BadRequest = "bad-request", Modify;
    /// Something of that name exists (§8.3.3.2).
    Conflict = "conflict", Cancel;
    /// Not implemented here (§8.3.3.3).
    FeatureNotImplemented = "feature-not-implemented", Cancel;
    /// Not allowed to this sender (§8.3.3.4).
    Forbidden = "forbidden", Auth;
    /// The recipient is no longer at this address (§8.3.3.5).
    Gone = "gone", Cancel;
    /// A fault of our own (§8.3.3.6).
    InternalServerError = "internal-server-error", Cancel;
    /// No such thing (§8.3.3.7).
    ItemNotFound = "item-not-found", Cancel;
    /// Not an address (§8.3.3.8).
    JidMalformed = "jid-malformed", Modify;
    /// Understood, and does not meet the recipient's criteria (§8.3.3.9).
    NotAcceptable = "not-acceptable", Modify;
    /// Not allowed to anyone (§8.3.3.10).
    NotAllowed = "not-allowed", Cancel;
    /// The sender has to prove who it is first (§8.3.3.11).
    NotAuthorized = "not-authorized", Auth;
    /// A rule of the service was broken (§8.3.3.12).
    PolicyViolation = "policy-violation", Modify;
    /// The recipient is not there now (§8.3.3.13).
    RecipientUnavailable = "recipient-unavailable", Wait;
    /// The recipient is to be found elsewhere for now (§8.3.3.14).
    Redirect = "redirect", Modify;
    /// The sender has to register first (§8.3.3.15).
    RegistrationRequired = "registration-required", Auth;
    /// The recipient's server does not exist (§8.3.3.16).
    RemoteServerNotFound = "remote-server-not-found", Cancel;
    /// The recipient's server does not answer (§8.3.3.17).
    RemoteServerTimeout = "remote-server-timeout", Wait;
    /// Not enough resources (§8.3.3.18).
    ResourceConstraint = "resource-constraint", Wait;
    /// Nobody provides it; also what is said of people who do not exist (§8.3.3.19).
    ServiceUnavailable = "service-unavailable", Cancel;
    /// The sender has to subscribe first (§8.3.3.20).
    SubscriptionRequired = "subscription-required", Auth;
    /// Said by the detail (§8.3.3.21).
    UndefinedCondition = "undefined-condition", Cancel;
    /// Understood, and not expected now (§8.3.3.22).
    UnexpectedRequest = "unexpected-request", Wait;
}

impl std::fmt::Display for Condition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Limits;

    fn reply(source: &str) -> Option<String> {
        let stanza = Element::parse(source.as_bytes(), &Limits::default()).unwrap();
        let reply = StanzaError::new(Condition::ServiceUnavailable).reply_to(&stanza)?;
        Some(String::from_utf8(reply.to_bytes(namespace::CLIENT)).unwrap())
    }

    #[test]
    fn a_refusal_goes_back_with_the_id_and_without_the_content() {
        let refused = "<message xmlns='jabber:client' id='7' type='chat' to='b@x.test' from='a@x.test/1'><body>secret</body></message>";
        assert_eq!(
            reply(refused).as_deref(),
            Some(
                "<message type='error' id='7' from='b@x.test' to='a@x.test/1'><error type='cancel'>\
                 <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            )
        );
    }

    #[test]
    fn errors_and_results_are_never_answered() {
        assert_eq!(reply("<message xmlns='jabber:client' type='error'/>"), None);
        assert_eq!(reply("<presence xmlns='jabber:client' type='error'/>"), None);
        assert_eq!(reply("<iq xmlns='jabber:client' id='1' type='error'/>"), None);
        assert_eq!(reply("<iq xmlns='jabber:client' id='1' type='result'/>"), None);
    }

    #[test]
    fn an_error_that_was_written_is_read_again() {
        let error = StanzaError::new(Condition::NotAllowed)
            .with_kind(ErrorKind::Modify)
            .with_text("no \"thanks\"")
            .with_detail(Element::new("bad-action", namespace::COMMANDS));
        let stanza = Element::new("iq", namespace::CLIENT).with_attribute("type", "set");
        assert_eq!(error.reply_to(&stanza).as_ref().and_then(StanzaError::read), Some(error));
    }

    #[test]
    fn an_unknown_condition_is_an_undefined_one() {
        let source = b"<iq xmlns='jabber:client' type='error'><error><strange xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
        let stanza = Element::parse(source, &Limits::default()).unwrap();
        assert_eq!(StanzaError::read(&stanza), Some(StanzaError::new(Condition::UndefinedCondition)));
    }
}
