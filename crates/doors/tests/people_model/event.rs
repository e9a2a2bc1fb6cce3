//! What a client is told, and whether it is what it should be told.

use std::collections::BTreeMap;

use xmpp::{Element, namespace};

use super::action::Subscription;

/// Something that a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Message { from: String, id: String, late: bool },
    Copy { sent: bool, from: String, id: String },
    Refused { id: String, condition: String },
    Presence { from: String, available: bool, status: String },
    Subscription { from: String, action: Subscription },
}

/// Something that a client is to be told.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) event: Event,
    /// Whether it may be held back while nobody looks, and then what it replaces.
    pub(crate) held_as: Option<String>,
}

impl Event {
    /// Reads a stanza; none where it is no news of the kind.
    pub(crate) fn read(stanza: &Element) -> Option<Self> {
        let attribute = |name| stanza.attribute(name).unwrap_or_default().to_owned();
        let (from, id, kind) = (attribute("from"), attribute("id"), attribute("type"));
        let error = || stanza.child("error", namespace::CLIENT);
        match stanza.name() {
            "presence" | "message" if kind == "error" => {
                let condition = error()?.children().next()?.name().to_owned();
                Some(Self::Refused { id, condition })
            }
            "message" => match copied(stanza) {
                Some((sent, inner)) => {
                    let (from, id) = (inner.attribute("from")?.to_owned(), inner.attribute("id")?.to_owned());
                    Some(Self::Copy { sent, from, id })
                }
                None => {
                    Some(Self::Message { from, id, late: stanza.child("delay", namespace::DELAY).is_some() })
                }
            },
            "presence" => Some(match Subscription::named(&kind) {
                Some(action) => Self::Subscription { from, action },
                None => {
                    let status = stanza.child("status", namespace::CLIENT);
                    let status = status.map(|status| status.text().into_owned()).unwrap_or_default();
                    Self::Presence { from, available: kind.is_empty(), status }
                }
            }),
            _ => None,
        }
    }

    /// Events of the same key come in order.
    fn key(&self) -> (&'static str, &str) {
        match self {
            Self::Message { from, .. } | Self::Copy { from, .. } => ("message", from),
            Self::Refused { .. } => ("refused", ""),
            Self::Presence { from, .. } => ("presence", from),
            Self::Subscription { from, .. } => ("subscription", from),
        }
    }
}

fn copied(stanza: &Element) -> Option<(bool, &Element)> {
    let copy = stanza
        .children()
        .find(|child| child.namespace() == namespace::CARBONS && child.name() != "private")?;
    let inner = copy.child("forwarded", namespace::FORWARD)?.child("message", namespace::CLIENT)?;
    Some((copy.name() == "sent", inner))
}

/// Everything that was expected came, in order for each sender, and nothing more. Of what was held back the newest is
/// enough.
pub(crate) fn compare(expected: &[Expected], came: &[Event]) -> Result<(), String> {
    let mut by_key: BTreeMap<_, (Vec<_>, Vec<&Event>)> = BTreeMap::new();
    for (index, one) in expected.iter().enumerate() {
        let replaced =
            one.held_as.is_some() && expected[index + 1..].iter().any(|later| later.held_as == one.held_as);
        by_key.entry(one.event.key()).or_default().0.push((one, replaced));
    }
    for event in came {
        by_key.entry(event.key()).or_default().1.push(event);
    }
    for (expected, came) in by_key.values() {
        let mut rest = came.iter().peekable();
        for (one, replaced) in expected {
            let comes = rest.next_if(|event| ***event == one.event).is_some();
            if !comes && !replaced {
                let wanted: Vec<&Event> = expected.iter().map(|(one, _)| &one.event).collect();
                return Err(format!("{:?} did not come:\nexpected {wanted:#?}\ncame {came:#?}", one.event));
            }
        }
        if let Some(more) = rest.next() {
            let wanted: Vec<&Event> = expected.iter().map(|(one, _)| &one.event).collect();
            return Err(format!("{more:?} came too:\nexpected {wanted:#?}\ncame {came:#?}"));
        }
    }
    Ok(())
}
