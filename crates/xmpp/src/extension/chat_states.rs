//! Chat states (XEP-0085).

use crate::element::Element;
use crate::namespace;

/// What someone is doing in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChatState {
    /// Taking part.
    Active,
    /// Typing.
    Composing,
    /// Was typing, and has stopped for now.
    Paused,
    /// Has not taken part for a while.
    Inactive,
    /// Has left.
    Gone,
}

impl ChatState {
    const ALL: [Self; 5] = [Self::Active, Self::Composing, Self::Paused, Self::Inactive, Self::Gone];

    /// The name of the state's element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Composing => "composing",
            Self::Paused => "paused",
            Self::Inactive => "inactive",
            Self::Gone => "gone",
        }
    }

    /// Reads the state in a message.
    pub fn read(message: &Element) -> Option<Self> {
        let element = message.children().find(|child| child.namespace() == namespace::CHAT_STATES)?;
        Self::ALL.into_iter().find(|state| state.as_str() == element.name())
    }

    /// The state's element.
    pub fn to_element(self) -> Element {
        Element::new(self.as_str(), namespace::CHAT_STATES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_was_written() {
        for state in ChatState::ALL {
            let message = Element::new("message", namespace::CLIENT).with_child(state.to_element());
            assert_eq!(ChatState::read(&message), Some(state));
        }
        assert_eq!(ChatState::read(&Element::new("message", namespace::CLIENT)), None);
    }
}
