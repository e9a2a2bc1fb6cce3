use std::{fmt, str::FromStr};

use bytes::Bytes;
use domain::{Alert, AuditRecord};
use hub::{Hub, HubError};
use serde::Serialize;
use thiserror::Error;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An alert was sent.
    AlertSent,
    /// Somebody has confirmed one.
    AlertConfirmed,
    /// One was called off, or its time is over.
    AlertEnded,
}

/// Why a text is not an [`EventKind`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not an event: there are alert.sent, alert.confirmed and alert.ended")]
pub struct EventKindError(String);

/// What the audit log calls it, and what it is.
const ACTIONS: [(&str, EventKind); 4] = [
    ("alert.send", EventKind::AlertSent),
    ("alert.confirm", EventKind::AlertConfirmed),
    ("alert.cancel", EventKind::AlertEnded),
    ("alert.expire", EventKind::AlertEnded),
];

/// Something that a webhook is told.
pub(super) struct Event {
    pub(super) kind: EventKind,
    /// The same however often it is told.
    pub(super) id: String,
    pub(super) body: Bytes,
}

/// How it is said.
#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    event: &'static str,
    at: jiff::Timestamp,
    alert: &'a Alert,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation: Option<Confirmation>,
}

#[derive(Serialize)]
struct Confirmation {
    by: String,
    choice: String,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AlertSent, Self::AlertConfirmed, Self::AlertEnded];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlertSent => "alert.sent",
            Self::AlertConfirmed => "alert.confirmed",
            Self::AlertEnded => "alert.ended",
        }
    }

    pub(super) fn of_action(action: &str) -> Option<Self> {
        ACTIONS.iter().find(|(known, _)| *known == action).map(|(_, kind)| *kind)
    }
}

impl FromStr for EventKind {
    type Err = EventKindError;

    fn from_str(text: &str) -> Result<Self, EventKindError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| EventKindError(domain::displayable(text).chars().take(60).collect()))
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Event {
    /// What a record of the audit log says, with the alert as it is now. None where the person it is about was erased,
    /// or the alert is gone.
    pub(super) async fn new(
        kind: EventKind,
        record: &AuditRecord,
        hub: &Hub,
    ) -> Result<Option<Self>, HubError> {
        let Some(personal) = &record.personal else { return Ok(None) };
        let Ok(alert) = personal.subject.parse() else { return Ok(None) };
        let alert = match hub.alert(alert).await {
            Ok(alert) => alert,
            Err(HubError::NoAlert { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let id = format!("{}-{}", hub.domain(), record.sequence);
        let confirmation = (kind == EventKind::AlertConfirmed)
            .then(|| Confirmation { by: personal.actor.clone(), choice: personal.detail.clone() });
        let document = Document { id: &id, event: kind.as_str(), at: record.at, alert: &alert, confirmation };
        let body = serde_json::to_vec(&document).unwrap_or_default().into();
        Ok(Some(Self { kind, id, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_known_by_their_names_and_nothing_else_is_one() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("alert.send".parse::<EventKind>().is_err() && "*".parse::<EventKind>().is_err());
        assert_eq!(EventKind::of_action("user.add"), None);
    }
}
