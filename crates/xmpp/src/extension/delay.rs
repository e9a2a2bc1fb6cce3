//! Delayed delivery (XEP-0203).

use crate::element::Element;
use crate::namespace;

/// A note that a stanza was held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delay {
    /// Who held it back.
    pub from: Option<String>,
    /// When it was first sent, in UTC (XEP-0082). As it came: not checked.
    pub stamp: String,
    /// Why, in a language for people.
    pub reason: Option<String>,
}

impl Delay {
    /// Every delay in a stanza.
    pub fn all(stanza: &Element) -> Vec<Self> {
        let delays = stanza.children().filter(|child| child.is("delay", namespace::DELAY));
        delays
            .filter_map(|delay| {
                let reason = delay.text();
                Some(Self {
                    from: delay.attribute("from").map(str::to_owned),
                    stamp: delay.attribute("stamp")?.to_owned(),
                    reason: (!reason.is_empty()).then(|| reason.into_owned()),
                })
            })
            .collect()
    }

    /// The `<delay/>` element.
    pub fn to_element(&self) -> Element {
        Element::new("delay", namespace::DELAY)
            .with_optional_attribute("from", self.from.as_deref())
            .with_attribute("stamp", self.stamp.as_str())
            .with_text(self.reason.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let delay = Delay {
            from: Some("x.test".into()),
            stamp: "2026-11-20T08:30:00Z".into(),
            reason: Some("offline".into()),
        };
        let stanza = Element::new("message", namespace::CLIENT)
            .with_child(delay.to_element())
            .with_child(Element::new("delay", namespace::DELAY));
        assert_eq!(Delay::all(&stanza), [delay]);
    }
}
