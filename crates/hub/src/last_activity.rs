use domain::{Address, Presence};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::Change;

use crate::{DATA_BYTES_MAX, Hub, HubError, Session};

/// Where it is kept when somebody was last there.
const KEY: &str = "last-activity";

/// How much of what somebody said when they left is kept, in bytes.
const STATUS_BYTES_MAX: usize = 1_024;

/// When somebody was last there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastActivity {
    /// They are.
    Here,
    /// They left.
    Left {
        /// When.
        at: Timestamp,
        /// What they said.
        status: Option<String>,
    },
    /// They never were, as far as is remembered.
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct Left {
    at: Timestamp,
    status: Option<String>,
}

impl Hub {
    /// When a person was last available, for those who see their presence.
    ///
    /// # Errors
    /// The asker is none of them; the same where there is no such person.
    pub async fn last_activity(&self, asker: &Session, owner: &Address) -> Result<LastActivity, HubError> {
        self.check_profile(asker, owner).await?;
        let own = asker.address();
        if !self.shows_last_activity(owner, own) {
            return Err(domain::Refusal::NoSuchRecipient.into());
        }
        let hidden = own != owner && self.is_invisible(owner);
        if !hidden && !self.directory.available(owner).is_empty() {
            return Ok(LastActivity::Here);
        }
        // Somebody who has just left is on the way to the disk.
        self.store.settled().await?;
        let left = self.datum(owner, KEY).await?;
        let left = left.and_then(|value| serde_json::from_slice::<Left>(&value).ok());
        Ok(left.map_or(LastActivity::Unknown, |Left { at, status }| {
            // Who says to be away says so also to who asks later.
            let status = self.words_of_absence(owner).or(status);
            LastActivity::Left { at, status }
        }))
    }

    /// Remembers that a person has left, if this was the last of their sessions that was available.
    pub(crate) async fn remember_leaving(&self, session: &Session, farewell: &Presence) {
        if self.directory.available(session.address()).is_empty() {
            self.remember_left(session.address(), farewell).await;
        }
    }

    /// Remembers that a person has left, or looks so from now on.
    pub(crate) async fn remember_left(&self, owner: &Address, farewell: &Presence) {
        let status = farewell.text.clone().filter(|text| text.len() <= STATUS_BYTES_MAX);
        let left = Left { at: self.environment.now(), status };
        let change = Change::SetDatum {
            owner: owner.clone(),
            key: KEY.to_owned(),
            value: serde_json::to_vec(&left).ok(),
            bytes_max: DATA_BYTES_MAX,
        };
        if let Err(error) = self.store.commit(vec![change]).await {
            tracing::warn!(%error, "when somebody left was not remembered");
        }
    }
}
