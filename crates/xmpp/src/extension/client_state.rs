//! Client state indication (XEP-0352): whether somebody looks at a client.

use crate::element::Element;
use crate::namespace;

/// Offers it, after signing in (§4.1).
pub fn feature() -> Element {
    Element::new("csi", namespace::CLIENT_STATE)
}

/// What a client says of itself (§4.2). It is no stanza, and is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// Somebody looks at it.
    Active,
    /// Nobody does.
    Inactive,
}

impl ClientState {
    /// Reads a child of the stream; `None` for any other.
    pub fn parse(element: &Element) -> Option<Self> {
        match (element.name(), element.namespace().as_str()) {
            ("active", namespace::CLIENT_STATE) => Some(Self::Active),
            ("inactive", namespace::CLIENT_STATE) => Some(Self::Inactive),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::parse;
    use super::*;

    #[test]
    fn states_are_read_and_chat_states_are_not_taken_for_them() {
        assert_eq!(ClientState::parse(&parse("<active xmlns='urn:xmpp:csi:0'/>")), Some(ClientState::Active));
        assert_eq!(
            ClientState::parse(&parse("<inactive xmlns='urn:xmpp:csi:0'/>")),
            Some(ClientState::Inactive)
        );
        assert_eq!(
            ClientState::parse(&parse("<active xmlns='http://jabber.org/protocol/chatstates'/>")),
            None
        );
    }
}
