//! Chat markers (XEP-0333).

use crate::element::Element;
use crate::namespace;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// How far it got.
    pub kind: MarkerKind,
    /// The message's id; everything before it got as far.
    pub id: String,
}

/// How far a message got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkerKind {
    /// To the client.
    Received,
    /// To the person.
    Displayed,
    /// The person has dealt with it.
    Acknowledged,
}

impl MarkerKind {
    /// The name of the marker's element.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Displayed => "displayed",
            Self::Acknowledged => "acknowledged",
        }
    }
}

impl Marker {
    /// The furthest marker in a message.
    pub fn read(message: &Element) -> Option<Self> {
        [MarkerKind::Acknowledged, MarkerKind::Displayed, MarkerKind::Received].into_iter().find_map(|kind| {
            let id = message.child(kind.as_str(), namespace::MARKERS)?.attribute("id")?;
            Some(Self { kind, id: id.to_owned() })
        })
    }

    /// The marker's element.
    pub fn to_element(&self) -> Element {
        Element::new(self.kind.as_str(), namespace::MARKERS).with_attribute("id", self.id.as_str())
    }
}

/// Whether a message may be marked.
pub fn is_markable(message: &Element) -> bool {
    message.child("markable", namespace::MARKERS).is_some()
}

/// Says that a message may be marked. The message needs an id.
pub fn markable() -> Element {
    Element::new("markable", namespace::MARKERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_furthest_marker_counts() {
        let marker = |kind| Marker { kind, id: "7".into() };
        let message = Element::new("message", namespace::CLIENT)
            .with_child(marker(MarkerKind::Received).to_element())
            .with_child(marker(MarkerKind::Displayed).to_element());
        assert_eq!(Marker::read(&message), Some(marker(MarkerKind::Displayed)));
        assert!(!is_markable(&message));
        assert!(is_markable(&Element::new("message", namespace::CLIENT).with_child(markable())));
    }

    #[test]
    fn a_marker_without_an_id_marks_nothing() {
        let message = Element::new("message", namespace::CLIENT)
            .with_child(Element::new("displayed", namespace::MARKERS));
        assert_eq!(Marker::read(&message), None);
    }
}
