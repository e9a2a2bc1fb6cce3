//! The passwords that people choose for themselves.

use std::collections::HashMap;

use auth::PasswordRecord;
use domain::{Address, BrowserSessionId, alerter::ConditionKind};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use store::Change;

use crate::{CloseReason, Hub, HubError, Session};

/// Under which key it is kept when an account got the password that it has; who never got another has it since the
/// account was made.
pub(crate) const CHANGED_KEY: &str = "password-changed";

/// Under which key it is kept that a password is to be changed by the person who got it.
const MUST_CHANGE_KEY: &str = "must-change-password";

/// How many wrong passwords may be given for one account within [`GUESSING_TIME`].
const GUESSES_MAX: u32 = 10;
const GUESSING_TIME: SignedDuration = SignedDuration::from_mins(10);

/// How many accounts are remembered for which wrong passwords were given.
const GUESSED_MAX: usize = 10_000;

/// The wrong passwords that were given lately by those who wanted to change one: since when, and how many.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<Address, (Timestamp, u32)>>);

impl Guesses {
    /// Whether one more may be given. It counts as wrong until [`Guesses::was_right`].
    fn may_guess(&self, own: &Address, now: Timestamp) -> bool {
        let mut guesses = self.0.lock();
        if guesses.len() >= GUESSED_MAX {
            guesses.retain(|_, (since, _)| now.duration_since(*since) < GUESSING_TIME);
        }
        if guesses.len() >= GUESSED_MAX && !guesses.contains_key(own) {
            return false;
        }
        let (since, count) = guesses.entry(own.clone()).or_insert((now, 0));
        if now.duration_since(*since) >= GUESSING_TIME {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= GUESSES_MAX
    }

    fn was_right(&self, own: &Address) {
        self.0.lock().remove(own);
    }
}

/// A password for somebody. Where another person chose it, it may have to be changed by the one who gets it.
#[derive(Clone, Copy)]
pub struct GivenPassword<'a> {
    /// The password.
    pub text: &'a str,
    /// Whether the person is to change it when they first sign in by a browser.
    pub must_change: bool,
}

/// One that may be kept.
impl<'a> From<&'a str> for GivenPassword<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, must_change: false }
    }
}

impl Hub {
    /// A person who proves to know their password takes another: all their sessions end but those of the browser `in_browser`, and
    /// their tokens are useless.
    ///
    /// # Errors
    /// [`HubError::WrongPassword`], also where there is nobody of that name; [`HubError::TooManyGuesses`] after ten of
    /// them within ten minutes; [`HubError::Password`] where the new one breaks a rule.
    pub async fn change_own_password(
        &self,
        own: &Address,
        old: &str,
        new: &str,
        in_browser: Option<BrowserSessionId>,
    ) -> Result<(), HubError> {
        if !self.guesses.may_guess(own, self.environment.now()) {
            if self.people.account(own).is_some() {
                self.condition_happened(ConditionKind::LockedAccount, own.as_str());
            }
            return Err(HubError::TooManyGuesses);
        }
        let account = self.people.account(own).filter(|account| !account.disabled);
        let record = match account {
            Some(_) => self.password(own).await?,
            None => None,
        };
        let record = record.ok_or(HubError::WrongPassword)?;
        if !matches(&record, old).await {
            self.note(own.as_str(), "user.password-refused", own.as_str(), "").await?;
            return Err(HubError::WrongPassword);
        }
        self.guesses.was_right(own);
        self.check_new_password(own, Some(record), new).await?;
        self.replace_password(own.as_str(), own, new.into(), in_browser).await?;
        self.close_sessions_except(own, CloseReason::NotAuthorized, in_browser);
        Ok(())
    }

    /// Whether a person is to change their password.
    ///
    /// # Errors
    /// The store cannot be asked now.
    pub async fn must_change_password(&self, own: &Address) -> Result<bool, HubError> {
        Ok(self.store.datum(own, MUST_CHANGE_KEY).await?.is_some())
    }

    /// A person who is signed in takes another password: their other sessions end, and their tokens are useless.
    ///
    /// # Errors
    /// [`HubError::Password`] where the new one breaks a rule.
    pub async fn change_password_in_session(&self, session: &Session, new: &str) -> Result<(), HubError> {
        let own = session.address();
        let record = self.password(own).await?;
        self.check_new_password(own, record, new).await?;
        self.replace_password(own.as_str(), own, new.into(), None).await?;
        self.directory.with(own, |person| {
            for seat in person.seats.iter().filter(|seat| seat.session.id() != session.id()) {
                seat.session.close(CloseReason::NotAuthorized);
            }
        });
        Ok(())
    }

    /// What is remembered of when a password was made.
    pub(crate) fn password_changed(&self, own: &Address) -> Change {
        let value = self.environment.now().to_string().into_bytes();
        // A few bytes that the person does not choose: their room is not asked for them.
        let (owner, key) = (own.clone(), CHANGED_KEY.to_owned());
        Change::SetDatum { owner, key, value: Some(value), bytes_max: usize::MAX }
    }

    async fn check_new_password(
        &self,
        own: &Address,
        record: Option<PasswordRecord>,
        new: &str,
    ) -> Result<(), HubError> {
        let is_current = match record {
            Some(record) => matches(&record, new).await,
            None => false,
        };
        let checked = self.settings.passwords.check(own, new, is_current);
        checked.map_err(|why| HubError::Password { why: why.to_string() })
    }
}

/// What is remembered of whether a password is to be changed.
pub(crate) fn must_change(own: &Address, must: bool) -> Change {
    let (owner, key) = (own.clone(), MUST_CHANGE_KEY.to_owned());
    let value = must.then(|| b"1".to_vec());
    Change::SetDatum { owner, key, value, bytes_max: usize::MAX }
}

/// The time that [`Hub::password_changed`] wrote.
pub(crate) fn changed_at(value: &[u8]) -> Option<Timestamp> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Deriving keys takes milliseconds on purpose, so it is not done where messages pass.
async fn matches(record: &PasswordRecord, password: &str) -> bool {
    let (record, password) = (record.clone(), password.to_owned());
    tokio::task::spawn_blocking(move || record.matches(&password)).await.unwrap_or(false)
}
