use std::{collections::HashSet, sync::Arc};

use auth::{
    ChannelBindings, PasswordRecord,
    ht::{HtMechanism, InitiatorMessage, Token},
};
use domain::Address;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use store::{Change, Outcome};
use thiserror::Error;

use crate::{DATA_BYTES_MAX, Hub, HubError};

/// How many clients of one account may have a token; where one more wants one, the one that runs out first is
/// forgotten.
const CLIENTS_MAX: usize = 32;

/// More than a person may fill themselves: what they keep here must not stop a use of a token from being counted.
const BYTES_MAX: usize = 2 * DATA_BYTES_MAX;

/// What the keys of tokens begin with in the store.
const PREFIX: &str = "fast:";

/// A token that a client may sign in with instead of a password (XEP-0484).
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The secret, for the client alone.
    pub token: Token,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// A client that may sign in by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClient {
    /// What it calls itself.
    pub name: String,
    /// When it was given the token.
    pub since: Timestamp,
    /// Until when the token can be used.
    pub expires_at: Timestamp,
}

/// How a client signs in by a token.
#[derive(Clone, Copy, Debug)]
pub struct TokenUse<'a> {
    /// The client installation that the token was given to.
    pub client: &'a str,
    /// By which mechanism.
    pub mechanism: HtMechanism,
    /// What is known of the connection.
    pub bindings: &'a ChannelBindings,
    /// How often the token was used, if the client counts: never as often as before.
    pub count: Option<u32>,
    /// The token is not to be used again.
    pub invalidate: bool,
}

/// A client has proven that it has a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAccepted {
    /// The proof for the client that the service knows the token.
    pub answer: Vec<u8>,
    /// Half of the token's time is over: the client is to be given another.
    pub is_old: bool,
}

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// It is not the token of this client, it was given for another mechanism, or it was counted before. Also said of
    /// whoever does not exist.
    #[error("expected a token of this client, got none")]
    Wrong,
    /// It was the right one, and its time is over.
    #[error("the token has expired")]
    Expired,
    /// The same client is just signing in by a token, or the store cannot be asked now.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// The clients whose tokens are just being looked at or changed.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    busy: Mutex<HashSet<(Address, String)>>,
}

/// What is remembered of a token. The token itself is not: it is made again from this and the password record, so that
/// another password makes another token of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    mechanism: String,
    nonce: [u8; 16],
    expires_at: Timestamp,
    issued_at: Timestamp,
    count: Option<u32>,
}

/// The tokens of one client: one in use, and one that was given since and not used yet (XEP-0484 §5.1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Slots {
    new: Option<Slot>,
    current: Option<Slot>,
}

impl Hub {
    /// Gives a client that has signed in a token for the next time. One that it was given before and has not used is
    /// forgotten.
    ///
    /// # Errors
    /// The account is gone, too much is remembered of it, or the store cannot do it now.
    pub async fn issue_token(
        &self,
        owner: &Address,
        client: &str,
        mechanism: HtMechanism,
        lifetime: SignedDuration,
    ) -> Result<IssuedToken, HubError> {
        let record = self.password(owner).await?.ok_or(domain::Refusal::Sender)?;
        let _busy = self.occupy(owner, client)?;
        let now = self.environment.now();
        let slot = Slot {
            mechanism: mechanism.name().to_owned(),
            nonce: self.environment.random(),
            expires_at: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
            issued_at: now,
            count: None,
        };
        let token = self.token(owner, client, &slot, &record);
        let expires_at = slot.expires_at;
        let slots = Slots { new: Some(slot), current: self.slots(owner, client).await?.current };
        let mut changes = self.forget_old_tokens(owner, client, now).await?;
        changes.push(put(owner, client, Some(&slots)));
        match self.store.commit(changes).await?.pop() {
            Some(Outcome::Full) => Err(HubError::TooMuchData { limit: BYTES_MAX }),
            _ => Ok(IssuedToken { token, expires_at }),
        }
    }

    /// Judges a sign-in by a token, and remembers what follows from it.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn accept_token(
        &self,
        owner: &Address,
        message: &InitiatorMessage,
        how: TokenUse<'_>,
    ) -> Result<TokenAccepted, TokenError> {
        let enabled = self.people.account(owner).is_some_and(|account| !account.disabled);
        let record = self.password(owner).await?.filter(|_| enabled).ok_or(TokenError::Wrong)?;
        let _busy = self.occupy(owner, how.client)?;
        let slots = self.slots(owner, how.client).await?;
        let judge = |slot: &Slot| {
            let token = self.token(owner, how.client, slot, &record);
            let fits = slot.mechanism == how.mechanism.name();
            message.judge(&token, how.mechanism, how.bindings).filter(|_| fits)
        };
        let new = slots.new.as_ref().and_then(|slot| Some((judge(slot)?, slot)));
        let is_new = new.is_some();
        let found = new.or_else(|| slots.current.as_ref().and_then(|slot| Some((judge(slot)?, slot))));
        let (answer, slot) = found.ok_or(TokenError::Wrong)?;
        let now = self.environment.now();
        if slot.expires_at <= now {
            return Err(TokenError::Expired);
        }
        if how.count.is_some() && how.count <= slot.count {
            return Err(TokenError::Wrong);
        }
        let used = Slot { count: how.count.or(slot.count), ..slot.clone() };
        let is_old = now.duration_since(used.issued_at) > used.expires_at.duration_since(now);
        let after = match (how.invalidate, is_new) {
            (false, true) => Some(Slots { new: None, current: Some(used) }),
            (false, false) => Some(Slots { new: slots.new.clone(), current: Some(used) }),
            // The older one is of no use either once the newer was used.
            (true, true) => None,
            (true, false) => slots.new.clone().map(|new| Slots { new: Some(new), current: None }),
        };
        if is_new || how.invalidate || how.count.is_some() {
            let change = put(owner, how.client, after.as_ref());
            let outcomes = self.store.commit(vec![change]).await.map_err(HubError::from)?;
            if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Full)) {
                return Err(HubError::TooMuchData { limit: BYTES_MAX }.into());
            }
        }
        Ok(TokenAccepted { answer, is_old: is_old && !how.invalidate })
    }

    /// The clients that may come back without a password, by name.
    ///
    /// # Errors
    /// The store cannot be asked now.
    pub async fn clients_with_tokens(&self, owner: &Address) -> Result<Vec<KnownClient>, HubError> {
        let now = self.environment.now();
        let mut clients = Vec::new();
        for (key, value) in self.store.data(owner, PREFIX).await? {
            let slots = read(&value);
            let issued = slots.new.into_iter().chain(slots.current).filter(|slot| slot.expires_at > now);
            let times = issued.map(|slot| (slot.issued_at, slot.expires_at));
            let Some((since, expires_at)) = times.max_by_key(|(_, expires_at)| *expires_at) else { continue };
            let name = key.strip_prefix(PREFIX).unwrap_or_default().to_owned();
            clients.push(KnownClient { name, since, expires_at });
        }
        Ok(clients)
    }

    /// Has a client ask for the password the next time. False where it would anyway.
    ///
    /// # Errors
    /// The store cannot do it now.
    pub async fn forget_client(&self, owner: &Address, client: &str) -> Result<bool, HubError> {
        if self.store.datum(owner, &key(client)).await?.is_none() {
            return Ok(false);
        }
        self.store.commit(vec![forget(owner, key(client))]).await?;
        Ok(true)
    }

    /// What makes all tokens of an account useless.
    pub(crate) async fn forget_tokens(&self, owner: &Address) -> Result<Vec<Change>, HubError> {
        let tokens = self.store.data(owner, PREFIX).await?;
        Ok(tokens.into_iter().map(|(key, _)| forget(owner, key)).collect())
    }

    /// What makes room for another client's token: those that have expired are forgotten, and those that will first
    /// where there are too many.
    async fn forget_old_tokens(
        &self,
        owner: &Address,
        client: &str,
        now: Timestamp,
    ) -> Result<Vec<Change>, HubError> {
        let own = key(client);
        let mut others: Vec<(Timestamp, String)> = self
            .store
            .data(owner, PREFIX)
            .await?
            .into_iter()
            .filter(|(key, _)| *key != own)
            .map(|(key, value)| {
                let slots = read(&value);
                let last = slots.new.into_iter().chain(slots.current).map(|slot| slot.expires_at).max();
                (last.unwrap_or(Timestamp::MIN), key)
            })
            .collect();
        others.sort_unstable();
        let surplus = (others.len() + 1).saturating_sub(CLIENTS_MAX);
        let old = others.into_iter().enumerate();
        let old = old.filter(|(index, (expires_at, _))| *index < surplus || *expires_at <= now);
        Ok(old.map(|(_, (_, key))| forget(owner, key)).collect())
    }

    async fn slots(&self, owner: &Address, client: &str) -> Result<Slots, HubError> {
        let found = self.store.datum(owner, &key(client)).await?;
        Ok(found.map(|value| read(&value)).unwrap_or_default())
    }

    fn token(&self, owner: &Address, client: &str, slot: &Slot, record: &PasswordRecord) -> Token {
        let secret = self.signing_key.derived_secret("tokens to sign in with");
        let (owner, record) = (owner.as_str().as_bytes(), record.to_text());
        Token::derive(&secret, &[owner, client.as_bytes(), &slot.nonce, record.as_bytes()])
    }

    /// One client's tokens are read and changed by one sign-in at a time, or a count would be worth nothing.
    fn occupy(&self, owner: &Address, client: &str) -> Result<Busy, HubError> {
        let key = (owner.clone(), client.to_owned());
        let hub = self.this.upgrade().ok_or(HubError::Busy)?;
        if hub.tokens.busy.lock().insert(key.clone()) { Ok(Busy { hub, key }) } else { Err(HubError::Busy) }
    }
}

struct Busy {
    hub: Arc<Hub>,
    key: (Address, String),
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.hub.tokens.busy.lock().remove(&self.key);
    }
}

fn key(client: &str) -> String {
    format!("{PREFIX}{client}")
}

fn put(owner: &Address, client: &str, slots: Option<&Slots>) -> Change {
    let value = slots.and_then(|slots| serde_json::to_vec(slots).ok());
    Change::SetDatum { owner: owner.clone(), key: key(client), value, bytes_max: BYTES_MAX }
}

fn forget(owner: &Address, key: String) -> Change {
    Change::SetDatum { owner: owner.clone(), key, value: None, bytes_max: BYTES_MAX }
}

fn read(value: &[u8]) -> Slots {
    serde_json::from_slice(value).unwrap_or_default()
}
