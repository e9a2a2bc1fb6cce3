use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Address, Audience, Severity, displayable};

/// The name by which publishers call a [`Topic`]: 1 to 64 letters, digits, `-` and `_`, as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TopicName(String);

/// Whom publishers reach under one name, and how far they may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: TopicName,
    /// Whom it reaches.
    pub audience: Audience,
    /// Whether anybody may publish and read, whom nobody has proven: as unverified, and of the least severity.
    pub open: bool,
    /// The most that anything published here can matter. What says more is taken as this.
    pub severity_max: Severity,
    /// Whether what is published here stays open for a person until they confirm it.
    pub must_confirm: bool,
}

/// Who publishes, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publisher {
    /// An account, by a token or a password of its own.
    Account {
        /// In whose name.
        address: Address,
        /// Who it was, for the audit log.
        actor: String,
    },
    /// Nobody knows.
    Unverified {
        /// From which network address, for the audit log.
        source: String,
    },
}

/// Why a text is not the name of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TopicNameError {
    /// It has other characters, or too many.
    #[error("\"{text}\" is not the name of a topic: 1 to 64 letters, digits, \"-\" or \"_\"")]
    Characters {
        /// What was given, shortened.
        text: String,
    },
    /// It would hide something of the service's own.
    #[error("\"{text}\" cannot be a topic: the service keeps this path for itself")]
    Reserved {
        /// What was given.
        text: String,
    },
}

/// What stands first in the paths of the service itself, and of the interfaces that publishers and readers know.
const RESERVED: [&str; 48] = [
    "account",
    "alertmanager",
    "alerts",
    "api",
    "app",
    "application",
    "assets",
    "c",
    "cap",
    "chats",
    "client",
    "config",
    "console",
    "css",
    "current",
    "docs",
    "favicon",
    "file",
    "files",
    "health",
    "host-meta",
    "icons",
    "image",
    "index",
    "js",
    "login",
    "manifest",
    "me",
    "message",
    "messages",
    "metrics",
    "notices",
    "plugin",
    "ready",
    "robots",
    "settings",
    "sounds",
    "static",
    "status",
    "stream",
    "sw",
    "swagger",
    "upload",
    "user",
    "v1",
    "vendor",
    "version",
    "words",
];

const CHARS_MAX: usize = 64;

impl TopicName {
    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TopicName {
    type Err = TopicNameError;

    fn from_str(text: &str) -> Result<Self, TopicNameError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=CHARS_MAX).contains(&text.len()) || !text.bytes().all(good) {
            return Err(TopicNameError::Characters { text: displayable(text).chars().take(80).collect() });
        }
        if RESERVED.contains(&text.to_ascii_lowercase().as_str()) {
            return Err(TopicNameError::Reserved { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for TopicName {
    type Error = TopicNameError;

    fn try_from(text: String) -> Result<Self, TopicNameError> {
        text.parse()
    }
}

impl From<TopicName> for String {
    fn from(name: TopicName) -> Self {
        name.0
    }
}

impl Topic {
    /// How much something matters here that its publisher says matters so much. None where this publisher may not
    /// publish here at all; whether an account may reach the audience is another rule's to say.
    pub fn severity_for(&self, publisher: &Publisher, said: Severity) -> Option<Severity> {
        match publisher {
            Publisher::Account { .. } => Some(said.min(self.severity_max)),
            Publisher::Unverified { .. } => self.open.then_some(Severity::Information),
        }
    }

    /// The address that what nobody has proven comes from: no account can have it.
    pub fn unverified_issuer(&self, domain: &str) -> Option<Address> {
        Address::new(self.name.as_str(), &format!("open.{domain}")).ok()
    }
}

impl Publisher {
    /// Whether the service knows who it is.
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Account { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(open: bool, severity_max: Severity) -> Topic {
        Topic {
            name: "plant".parse().unwrap(),
            audience: "everyone".parse().unwrap(),
            open,
            severity_max,
            must_confirm: false,
        }
    }

    #[test]
    fn a_name_is_kept_as_written_and_hides_nothing_of_the_service() {
        for good in ["plant", "Hall-2_alarm", "7", &"x".repeat(64)] {
            assert_eq!(good.parse::<TopicName>().unwrap().as_str(), good);
        }
        for wrong in ["", "a b", "a/b", "a,b", ".well-known", "é", "a.b", &"x".repeat(65), "\u{1b}[31m"] {
            assert!(matches!(wrong.parse::<TopicName>(), Err(TopicNameError::Characters { .. })), "{wrong}");
        }
        for reserved in RESERVED.into_iter().chain(["API", "Message", "v1"]) {
            let error = reserved.parse::<TopicName>().unwrap_err();
            assert!(matches!(error, TopicNameError::Reserved { .. }), "{reserved}");
        }
    }

    #[test]
    fn nobody_goes_further_than_the_topic_and_the_unverified_only_where_it_is_open_and_least() {
        let address = Address::parse("robot@x.internal").unwrap();
        let account = Publisher::Account { address, actor: "robot".to_owned() };
        let unverified = Publisher::Unverified { source: "10.0.0.9".to_owned() };
        let severe = topic(false, Severity::Severe);
        assert_eq!(severe.severity_for(&account, Severity::Extreme), Some(Severity::Severe));
        assert_eq!(severe.severity_for(&account, Severity::Minor), Some(Severity::Minor));
        assert_eq!(severe.severity_for(&unverified, Severity::Information), None);
        let open = topic(true, Severity::Extreme);
        assert_eq!(open.severity_for(&unverified, Severity::Extreme), Some(Severity::Information));
        assert_eq!(open.unverified_issuer("x.internal").unwrap().as_str(), "plant@open.x.internal");
    }
}
