//! The browsers in which people are signed in.

use std::{collections::HashMap, sync::Arc};

use auth::TokenSecret;
use domain::{Account, Address, BrowserSession, BrowserSessionId};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use store::{Change, Store, StoreError};
use tokio::sync::{Mutex, MutexGuard};

use crate::{CloseReason, DATA_BYTES_MAX, Hub, HubError};

/// Under which key a person's are kept.
const KEY: &str = "browser-sessions";

/// In how many browsers a person may be signed in; where they sign in by one more, the one that was not used for
/// longest is signed out.
const SESSIONS_MAX: usize = 32;

/// More than a person may fill themselves: what they keep here must not keep them from signing in.
const BYTES_MAX: usize = 2 * DATA_BYTES_MAX;

/// The hash of the secret that a browser has.
type Hash = [u8; 32];

/// All of them, in memory: every request asks for one.
#[derive(Debug, Default)]
pub(crate) struct Browsers {
    known: RwLock<Known>,
    /// One change after the other, so that what is written last is what holds.
    changing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    owners: HashMap<Hash, Address>,
    by_owner: HashMap<Address, Vec<(Hash, Arc<BrowserSession>)>>,
}

/// As one is stored.
#[derive(Serialize, Deserialize)]
struct Kept {
    hash: Hash,
    session: BrowserSession,
}

impl Browsers {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut known = Known::default();
        for (owner, value) in store.data_of_all(KEY).await? {
            let kept: Vec<Kept> = serde_json::from_slice(&value).unwrap_or_default();
            let sessions = kept.into_iter().map(|kept| (kept.hash, Arc::new(kept.session))).collect();
            known.replace(&owner, sessions);
        }
        Ok(Self { known: RwLock::new(known), changing: Mutex::default() })
    }

    /// Nothing is known any more of an account that is gone.
    pub(crate) fn forget(&self, owner: &Address) {
        self.known.write().replace(owner, Vec::new());
    }

    fn of(&self, owner: &Address) -> Vec<(Hash, Arc<BrowserSession>)> {
        self.known.read().by_owner.get(owner).cloned().unwrap_or_default()
    }
}

impl Known {
    fn replace(&mut self, owner: &Address, sessions: Vec<(Hash, Arc<BrowserSession>)>) {
        for (hash, _) in self.by_owner.remove(owner).unwrap_or_default() {
            self.owners.remove(&hash);
        }
        if !sessions.is_empty() {
            self.owners.extend(sessions.iter().map(|(hash, _)| (*hash, owner.clone())));
            self.by_owner.insert(owner.clone(), sessions);
        }
    }
}

/// What is to happen to a person's browsers together with something else: they cannot be changed meanwhile.
pub(crate) struct Forgetting<'a> {
    _turn: MutexGuard<'a, ()>,
    owner: Address,
    left: Vec<(Hash, Arc<BrowserSession>)>,
}

impl Hub {
    /// Remembers that a person who has proven who they are is signed in in a browser, and returns the secret by which it
    /// will be known.
    ///
    /// # Errors
    /// The store cannot do it now.
    pub async fn begin_browser_session(
        &self,
        owner: &Address,
        agent: &str,
        source: String,
        remembered: bool,
    ) -> Result<(Arc<BrowserSession>, TokenSecret), HubError> {
        let _turn = self.browsers.changing.lock().await;
        let now = self.environment.now();
        let id = BrowserSessionId::from_random(self.environment.random());
        let session = Arc::new(BrowserSession::begin(id, agent, source, remembered, now));
        let secret = TokenSecret::from_random(self.environment.random());
        let mut sessions = self.browsers.of(owner);
        sessions.retain(|(_, session)| !session.is_over(now));
        sessions.sort_by_key(|(_, session)| session.last_used_at);
        let surplus = (sessions.len() + 1).saturating_sub(SESSIONS_MAX);
        sessions.drain(..surplus);
        sessions.push((secret.hash(), session.clone()));
        self.store.commit(vec![put(owner, &sessions)]).await?;
        self.browsers.known.write().replace(owner, sessions);
        Ok((session, secret))
    }

    /// The browser that has this secret, and whose it is, if both are still good. That it was used is remembered.
    pub fn accept_browser_session(
        &self,
        secret: &TokenSecret,
        source: &str,
    ) -> Option<(Arc<BrowserSession>, Arc<Account>)> {
        let hash = secret.hash();
        let (owner, session) = {
            let known = self.browsers.known.read();
            let owner = known.owners.get(&hash)?.clone();
            let of_hash = |(other, _): &&(Hash, _)| *other == hash;
            let session = known.by_owner.get(&owner)?.iter().find(of_hash)?.1.clone();
            (owner, session)
        };
        let account = self.people.account(&owner).filter(|account| !account.disabled)?;
        if session.is_over(self.environment.now()) {
            return None;
        }
        self.note_browser_use(&owner, &session, Some(source));
        Some((session, account))
    }

    /// Whether a person is still signed in in a browser. Whoever asks says that it is being used.
    pub fn browser_session_stands(&self, owner: &Address, id: BrowserSessionId) -> bool {
        let now = self.environment.now();
        let found = self.browser_sessions(owner).into_iter().find(|session| session.id == id);
        let Some(session) = found.filter(|session| !session.is_over(now)) else { return false };
        self.note_browser_use(owner, &session, None);
        true
    }

    /// The browsers in which a person is signed in, the one used last first.
    pub fn browser_sessions(&self, owner: &Address) -> Vec<Arc<BrowserSession>> {
        let now = self.environment.now();
        let sessions = self.browsers.of(owner).into_iter().map(|(_, session)| session);
        let mut sessions: Vec<_> = sessions.filter(|session| !session.is_over(now)).collect();
        sessions.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
        sessions
    }

    /// Signs a person out of a browser: what it was opened by ends with it. False where they are signed in in none of
    /// this id.
    ///
    /// # Errors
    /// The store cannot do it now.
    pub async fn end_browser_session(&self, owner: &Address, id: BrowserSessionId) -> Result<bool, HubError> {
        let turn = self.browsers.changing.lock().await;
        let mut left = self.browsers.of(owner);
        let before = left.len();
        left.retain(|(_, session)| session.id != id);
        if left.len() == before {
            return Ok(false);
        }
        let forgetting = Forgetting { _turn: turn, owner: owner.clone(), left };
        self.store.commit(vec![forgetting.change()]).await?;
        self.browsers_forgotten(forgetting);
        self.close_sessions_where(owner, CloseReason::NotAuthorized, |browser| browser == Some(id));
        Ok(true)
    }

    /// Signs a person out everywhere but in this browser. Programs that have a token of theirs keep it.
    ///
    /// # Errors
    /// The store cannot do it now.
    pub async fn sign_out_everywhere(
        &self,
        owner: &Address,
        except: Option<BrowserSessionId>,
    ) -> Result<(), HubError> {
        let forgetting = self.forget_browsers(owner, except).await;
        let mut changes = self.forget_tokens(owner).await?;
        changes.push(forgetting.change());
        changes.push(self.audit(owner.as_str(), "user.sign-out-everywhere", owner.as_str(), ""));
        self.store.commit(changes).await?;
        self.browsers_forgotten(forgetting);
        self.close_sessions_except(owner, CloseReason::NotAuthorized, except);
        Ok(())
    }

    /// What signs a person out of all browsers but this one.
    pub(crate) async fn forget_browsers(
        &self,
        owner: &Address,
        except: Option<BrowserSessionId>,
    ) -> Forgetting<'_> {
        let turn = self.browsers.changing.lock().await;
        let mut left = self.browsers.of(owner);
        left.retain(|(_, session)| Some(session.id) == except);
        Forgetting { _turn: turn, owner: owner.clone(), left }
    }

    /// It is on the disk.
    pub(crate) fn browsers_forgotten(&self, forgetting: Forgetting<'_>) {
        self.browsers.known.write().replace(&forgetting.owner, forgetting.left);
    }

    /// Remembers a use, where it is worth that.
    fn note_browser_use(&self, owner: &Address, session: &BrowserSession, source: Option<&str>) {
        let Some(used) = session.used(source, self.environment.now()) else { return };
        let owner = owner.clone();
        self.spawn(|hub| async move {
            let _turn = hub.browsers.changing.lock().await;
            let mut sessions = hub.browsers.of(&owner);
            // One that was signed out meanwhile does not come back.
            let Some(known) = sessions.iter_mut().find(|(_, session)| session.id == used.id) else { return };
            if known.1.last_used_at == used.last_used_at && known.1.source == used.source {
                return;
            }
            known.1 = Arc::new(used);
            let change = put(&owner, &sessions);
            hub.browsers.known.write().replace(&owner, sessions);
            crate::warn_of_failure(hub.store.commit(vec![change]).await);
        });
    }
}

impl Forgetting<'_> {
    pub(crate) fn change(&self) -> Change {
        put(&self.owner, &self.left)
    }
}

fn put(owner: &Address, sessions: &[(Hash, Arc<BrowserSession>)]) -> Change {
    let kept: Vec<Kept> =
        sessions.iter().map(|(hash, session)| Kept { hash: *hash, session: (**session).clone() }).collect();
    let value = serde_json::to_vec(&kept).ok().filter(|_| !kept.is_empty());
    Change::SetDatum { owner: owner.clone(), key: KEY.to_owned(), value, bytes_max: BYTES_MAX }
}
