use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Address;

/// What is asked of the passwords that people choose for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRules {
    /// How many characters a password has at least.
    pub length_min: u16,
    /// After how many days a person is asked for a new one; 0 is never.
    pub days_max: u16,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { length_min: 8, days_max: 0 }
    }
}

/// Why a person may not take a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordRefusal {
    /// It is too short.
    #[error("it has {chars} characters: at least {length_min} are needed")]
    TooShort {
        /// How many characters it has.
        chars: usize,
        /// How many are needed.
        length_min: u16,
    },
    /// It is the person's name.
    #[error("it is your own name, which everybody knows")]
    Name,
    /// It is the one they have.
    #[error("it is the one you have")]
    Same,
}

impl PasswordRules {
    /// Whether a person may take this password. `is_current` is whether it is the one they have.
    pub fn check(&self, address: &Address, password: &str, is_current: bool) -> Result<(), PasswordRefusal> {
        let chars = password.chars().count();
        if chars < usize::from(self.length_min) {
            return Err(PasswordRefusal::TooShort { chars, length_min: self.length_min });
        }
        let folded = password.trim().to_lowercase();
        if [address.name(), address.as_str()].contains(&folded.as_str()) {
            return Err(PasswordRefusal::Name);
        }
        if is_current { Err(PasswordRefusal::Same) } else { Ok(()) }
    }

    /// Which reminder is due for a password of that age: so many days before it is too old, 0 from then on. None while
    /// there is time, where this reminder or a later one was sent, and where passwords do not age.
    pub fn reminder_due(&self, changed_at: Timestamp, sent: Option<u16>, now: Timestamp) -> Option<u16> {
        if self.days_max == 0 {
            return None;
        }
        let age = now.duration_since(changed_at).as_hours().max(0) / 24;
        let left = i64::from(self.days_max) - age;
        let due = REMINDERS.into_iter().rfind(|days| left <= i64::from(*days))?;
        // A password that never lasts so long is not announced on the day it is made.
        let due = Some(due).filter(|days| *days < self.days_max || *days == 0)?;
        sent.is_none_or(|sent| due < sent).then_some(due)
    }
}

/// How many days before a password is too old its person is reminded, first one first.
const REMINDERS: [u16; 4] = [14, 7, 1, 0];

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn anna() -> Address {
        Address::parse("anna.berg@x.internal").unwrap()
    }

    fn day(number: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * number)
    }

    #[test]
    fn short_ones_names_and_the_old_one_are_refused() {
        let check = |password, current| PasswordRules::default().check(&anna(), password, current);
        assert_eq!(check("correct horse", false), Ok(()));
        assert_eq!(check("grün: öä", false), Ok(()), "characters count, not bytes");
        assert_eq!(check("short", false), Err(PasswordRefusal::TooShort { chars: 5, length_min: 8 }));
        assert_eq!(check("Anna.Berg", false), Err(PasswordRefusal::Name));
        assert_eq!(check("anna.berg@x.internal", false), Err(PasswordRefusal::Name));
        assert_eq!(check("correct horse", true), Err(PasswordRefusal::Same));
    }

    #[test]
    fn reminders_come_14_7_1_and_0_days_before_each_once() {
        let rules = PasswordRules { days_max: 90, ..PasswordRules::default() };
        let due = |today, sent| rules.reminder_due(day(0), sent, day(today));
        assert_eq!(due(75, None), None);
        assert_eq!(due(76, None), Some(14));
        assert_eq!(due(76, Some(14)), None);
        assert_eq!(due(83, Some(14)), Some(7));
        assert_eq!(due(89, Some(7)), Some(1));
        assert_eq!(due(90, Some(1)), Some(0));
        assert_eq!(due(900, Some(0)), None);
        assert_eq!(due(900, None), Some(0), "who was away is reminded once, not four times");
    }

    #[test]
    fn nobody_is_reminded_where_passwords_do_not_age_or_of_a_new_one() {
        assert_eq!(PasswordRules::default().reminder_due(day(0), None, day(9_000)), None);
        let weekly = PasswordRules { days_max: 7, ..PasswordRules::default() };
        assert_eq!(weekly.reminder_due(day(0), None, day(0)), None);
        assert_eq!(weekly.reminder_due(day(0), None, day(6)), Some(1));
    }

    proptest! {
        #[test]
        fn a_person_is_reminded_of_one_password_four_times_at_most_and_ever_more_urgently(
            days_max in 1..500u16, start in 0..50i64, steps in prop::collection::vec(0..40i64, 1..60),
        ) {
            let rules = PasswordRules { days_max, ..PasswordRules::default() };
            let (mut today, mut sent, mut count) = (start, None, 0);
            for step in steps {
                today += step;
                if let Some(due) = rules.reminder_due(day(start), sent, day(today)) {
                    prop_assert!(sent.is_none_or(|sent| due < sent));
                    (sent, count) = (Some(due), count + 1);
                }
            }
            prop_assert!(count <= 4);
        }
    }
}
