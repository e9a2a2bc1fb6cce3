use std::{fmt, str::FromStr};

use bytes::Bytes;
use domain::{Alert, AlertState, AuditRecord};
use hub::{Hub, HubError};
use serde::Serialize;
use thiserror::Error;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An alert was taken that takes effect later.
    AlertPlanned,
    /// One was taken that waits for a second person's release.
    AlertWaiting,
    /// One has taken effect: people are told.
    AlertSent,
    /// Somebody has confirmed one.
    AlertConfirmed,
    /// One was called off, another took its place, or its time is over.
    AlertEnded,
}

/// Why a text is not an [`EventKind`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is not an event: there are alert.planned, alert.waiting, alert.sent, alert.confirmed and alert.ended"
)]
pub struct EventKindError(String);

/// What the audit log calls it that an alert was over before it took effect.
const LAPSED: &str = "alert.lapse";

/// What the audit log calls it, and what it may be: what is sent is told as planned or waiting while it is so, and as
/// sent when it takes effect.
const ACTIONS: [(&str, &[EventKind]); 8] = [
    ("alert.send", &[EventKind::AlertPlanned, EventKind::AlertWaiting]),
    ("alert.release", &[EventKind::AlertPlanned]),
    ("alert.start", &[EventKind::AlertSent]),
    ("alert.confirm", &[EventKind::AlertConfirmed]),
    ("alert.cancel", &[EventKind::AlertEnded]),
    ("alert.expire", &[EventKind::AlertEnded]),
    ("alert.supersede", &[EventKind::AlertEnded]),
    (LAPSED, &[EventKind::AlertEnded]),
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
    pub const ALL: [Self; 5] =
        [Self::AlertPlanned, Self::AlertWaiting, Self::AlertSent, Self::AlertConfirmed, Self::AlertEnded];

    /// Those that are told where nothing else is said: what people are told, too.
    pub const TOLD_TO_PEOPLE: [Self; 3] = [Self::AlertSent, Self::AlertConfirmed, Self::AlertEnded];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlertPlanned => "alert.planned",
            Self::AlertWaiting => "alert.waiting",
            Self::AlertSent => "alert.sent",
            Self::AlertConfirmed => "alert.confirmed",
            Self::AlertEnded => "alert.ended",
        }
    }

    /// What something that the audit log calls so may be.
    fn of_action(action: &str) -> &'static [Self] {
        ACTIONS.iter().find(|(known, _)| *known == action).map_or(&[], |(_, kinds)| *kinds)
    }

    /// Whether this is told of an alert as it stands.
    fn fits(self, alert: &Alert) -> bool {
        match self {
            Self::AlertPlanned => alert.state == AlertState::Planned && alert.draft.begins_at.is_some(),
            Self::AlertWaiting => alert.state == AlertState::Waiting,
            Self::AlertSent | Self::AlertConfirmed | Self::AlertEnded => true,
        }
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
    /// What a record of the audit log says to who is told `wanted`, with the alert as it is now. None where it is nothing
    /// to them, the person it is about was erased, the alert is gone, or it is a test, which is nobody's but its
    /// sender's.
    pub(super) async fn new(
        wanted: &[EventKind],
        record: &AuditRecord,
        hub: &Hub,
    ) -> Result<Option<Self>, HubError> {
        let possible = EventKind::of_action(&record.action);
        if !possible.iter().any(|kind| wanted.contains(kind)) {
            return Ok(None);
        }
        let Some(personal) = &record.personal else { return Ok(None) };
        let Ok(alert) = personal.subject.parse() else { return Ok(None) };
        let alert = match hub.alert(alert).await {
            Ok(alert) => alert,
            Err(HubError::NoAlert { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(kind) = possible.iter().copied().find(|kind| wanted.contains(kind) && kind.fits(&alert))
        else {
            return Ok(None);
        };
        // Who never heard of it does not hear that it has ended.
        let early =
            [EventKind::AlertPlanned, EventKind::AlertWaiting].iter().any(|kind| wanted.contains(kind));
        let told = record.action != LAPSED && alert.has_taken_effect();
        if alert.draft.test || kind == EventKind::AlertEnded && !early && !told {
            return Ok(None);
        }
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
        assert!(EventKind::of_action("user.add").is_empty());
    }
}
