use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_security::confusable_detection::skeleton;

/// How many characters a nickname may have.
pub const NICKNAME_CHARS_MAX: usize = 64;

/// The names by which people know the service and those who run it.
const KEPT: [&str; 10] = [
    "admin",
    "administrator",
    "alerts",
    "messngr",
    "moderator",
    "operator",
    "postmaster",
    "root",
    "service",
    "system",
];

/// The name under which somebody is in a room: fit to be shown, without spaces around it, and normalised as the last
/// part of a JID is (RFC 7622 §3.4).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nickname(Arc<str>);

/// Why a text is not a [`Nickname`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{text}\" cannot be a name in a room: it has 1 to 64 characters, none of them controls")]
pub struct NicknameError {
    /// What was given, shortened.
    text: String,
}

impl Nickname {
    /// Reads a nickname. What may not be shown is taken out of it, so that it can differ from `text`.
    pub fn new(text: &str) -> Result<Self, NicknameError> {
        let error = || NicknameError { text: crate::displayable(text).chars().take(80).collect() };
        let shown = crate::displayable(text);
        let words: Vec<&str> = shown.split_whitespace().collect();
        let joined = words.join(" ");
        let prepared = jid::ResourcePart::new(&joined).map_err(|_| error())?;
        let prepared = prepared.as_str();
        let visible = skeleton(prepared).any(|character| !character.is_whitespace());
        if prepared.chars().count() > NICKNAME_CHARS_MAX || !visible || prepared != prepared.trim() {
            return Err(error());
        }
        Ok(Self(prepared.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be confused with this name: they look alike, whatever their letters are (UTS 39 §4).
    pub fn looks_like(&self, name: &str) -> bool {
        Looks::of(&self.0).are_alike(&Looks::of(name))
    }

    /// Whether it can be taken for the service, for those who run it, or for one of these names.
    pub fn is_mistakable<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        let own = Looks::of(&self.0);
        KEPT.into_iter().chain(names).any(|name| Looks::of(name).are_alike(&own))
    }
}

/// What people see of a name. Capitals make no difference, and neither does what stands between words; but some letters
/// look like others only as capitals (an I like an l) and some only as small ones, so that there are two ways to look.
struct Looks {
    as_written: String,
    in_small_letters: String,
}

impl Looks {
    fn of(name: &str) -> Self {
        let small: String = name.chars().flat_map(char::to_lowercase).collect();
        Self { as_written: seen(name), in_small_letters: seen(&small) }
    }

    fn are_alike(&self, other: &Self) -> bool {
        self.as_written == other.as_written || self.in_small_letters == other.in_small_letters
    }
}

fn seen(name: &str) -> String {
    let folded: String = skeleton(name).flat_map(char::to_lowercase).collect();
    let seen = skeleton(&folded).filter(|character| character.is_alphanumeric() || !character.is_ascii());
    let seen: String = seen.collect();
    // What has neither letters nor digits is known by its signs.
    if seen.is_empty() { folded } else { seen }
}

impl fmt::Display for Nickname {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Nickname {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, formatter)
    }
}

impl std::str::FromStr for Nickname {
    type Err = NicknameError;

    fn from_str(text: &str) -> Result<Self, NicknameError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Nickname {
    type Error = NicknameError;

    fn try_from(text: String) -> Result<Self, NicknameError> {
        Self::new(&text)
    }
}

impl From<Nickname> for String {
    fn from(nickname: Nickname) -> Self {
        nickname.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Nickname {
        Nickname::new(text).unwrap()
    }

    #[test]
    fn what_may_not_be_shown_is_taken_out_and_a_name_of_nothing_is_none() {
        assert_eq!(named(" Anna\u{202e}  B. ").as_str(), "Anna B.");
        for wrong in ["", " ", "\u{202e}", "\u{200b}", "\u{7}"] {
            assert!(Nickname::new(wrong).is_err(), "{wrong:?}");
        }
        assert!(Nickname::new(&"x".repeat(NICKNAME_CHARS_MAX)).is_ok());
        assert!(Nickname::new(&"x".repeat(NICKNAME_CHARS_MAX + 1)).is_err());
    }

    #[test]
    fn names_that_look_alike_are_known_as_such() {
        for other in ["anna", "ANNA", "аnnа", "a-n-n-a", "Anna "] {
            assert!(named("Anna").looks_like(other), "{other}");
        }
        for (one, other) in [("paul", "pau1"), ("paul", "pauI"), ("ALICE", "Alice"), ("Iris", "lris")] {
            assert!(named(one).looks_like(other), "{one} {other}");
        }
        assert!(!named("Anna").looks_like("Anne"));
        assert!(!named("☂").looks_like("☃"));
    }

    #[test]
    fn nobody_can_be_taken_for_the_service_or_for_who_runs_it() {
        for taken in ["Admin", "аdmin", "ALERTS", "a1erts", "Messngr", "bert", "Bеrt", "b.e.r.t"] {
            assert!(named(taken).is_mistakable(["bert"]), "{taken}");
        }
        assert!(!named("Robert").is_mistakable(["bert"]));
    }
}
