use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Address, GroupName, displayable};

/// Whom something is for: one or more targets. A person whom several targets name is reached once.
///
/// Written as `everyone`, `user:NAME`, `group:NAME`, `computer:NAME@HOST[:PORT]`, separated by commas; a bare `NAME`
/// is a user. At most 1,000 targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Audience {
    targets: Vec<Target>,
}

/// One target of an [`Audience`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Every account that is not disabled.
    Everyone,
    /// One account: `name` or `name@domain`, completed with the service's domain when it is resolved.
    User(String),
    /// The members of a group.
    Group(GroupName),
    /// A machine that takes messenger messages.
    Computer(Computer),
}

/// A machine that takes NET SEND or WinPopup messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Computer {
    /// The NetBIOS name to call: 1 to 15 characters, upper-case.
    pub name: String,
    /// An IP address, or a name to look up.
    pub host: String,
    /// The port, where it is not 139.
    pub port: Option<u16>,
}

const TARGETS_MAX: usize = 1_000;

impl Audience {
    /// Exactly these targets; at least one.
    pub fn new(targets: Vec<Target>) -> Result<Self, AudienceError> {
        match targets.len() {
            0 => Err(AudienceError::Empty),
            1..=TARGETS_MAX => Ok(Self { targets }),
            count => Err(AudienceError::TooMany { count }),
        }
    }

    /// The targets, as written.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Whether this account is meant: by itself, by a group it is in, or because everyone is.
    pub fn includes(&self, address: &Address, groups: &[GroupName]) -> bool {
        self.targets.iter().any(|target| match target {
            Target::Everyone => true,
            Target::User(name) => {
                Address::within(name, address.domain()).is_ok_and(|named| named == *address)
            }
            Target::Group(group) => groups.contains(group),
            Target::Computer(_) => false,
        })
    }
}

/// Why a text is not an [`Audience`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AudienceError {
    /// Nobody is named.
    #[error(
        "nobody is named: write everyone, user:NAME, group:NAME or computer:NAME@HOST, separated by commas"
    )]
    Empty,
    /// More than 1,000 targets.
    #[error("{count} targets are more than 1000: put the people into a group")]
    TooMany {
        /// How many there were.
        count: usize,
    },
    /// A target of an unknown kind, or with a bad name.
    #[error("\"{target}\" is not a target: {why}")]
    Target {
        /// What was given.
        target: String,
        /// What is wrong with it.
        why: String,
    },
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let targets = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Self::new(targets.map(str::parse).collect::<Result<_, _>>()?)
    }
}

impl FromStr for Target {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let wrong = |why: String| AudienceError::Target { target: displayable(text).into_owned(), why };
        match text.split_once(':') {
            None if text == "everyone" => Ok(Self::Everyone),
            None | Some(("user", _)) => {
                let name = text.strip_prefix("user:").unwrap_or(text);
                Address::within(name, "internal").map_err(|error| wrong(error.to_string()))?;
                Ok(Self::User(name.to_owned()))
            }
            Some(("group", name)) => name.parse().map(Self::Group).map_err(|error| wrong(format!("{error}"))),
            Some(("computer", rest)) => computer(rest).map(Self::Computer).map_err(wrong),
            Some((kind, _)) => Err(wrong(format!(
                "\"{kind}\" is not a kind; there are everyone, user:NAME, group:NAME and computer:NAME@HOST"
            ))),
        }
    }
}

fn computer(text: &str) -> Result<Computer, String> {
    let (name, place) = text.split_once('@').ok_or("a computer reads NAME@HOST or NAME@HOST:PORT")?;
    if !(1..=15).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err("a NetBIOS name has 1 to 15 characters".to_owned());
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, Some(port.parse().map_err(|_| format!("\"{port}\" is not a port"))?))
        }
        _ => (place, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host.len() > 255 || host.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the host is an IP address or a host name".to_owned());
    }
    Ok(Computer { name: name.to_uppercase(), host: host.to_owned(), port })
}

impl fmt::Display for Audience {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, target) in self.targets.iter().enumerate() {
            if index > 0 {
                formatter.write_str(",")?;
            }
            target.fmt(formatter)?;
        }
        Ok(())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => formatter.write_str("everyone"),
            Self::User(name) => write!(formatter, "user:{name}"),
            Self::Group(name) => write!(formatter, "group:{name}"),
            Self::Computer(computer) => write!(formatter, "computer:{computer}"),
        }
    }
}

impl fmt::Display for Computer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(formatter, "{}@{open}{}{close}", self.name, self.host)?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

impl FromStr for Computer {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        computer(text).map_err(|why| AudienceError::Target { target: displayable(text).into_owned(), why })
    }
}

impl TryFrom<String> for Audience {
    type Error = AudienceError;

    fn try_from(text: String) -> Result<Self, AudienceError> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_reads_back_as_it_was_written() {
        let text = "everyone,user:anna,group:ward-3,computer:PRESS1@10.0.0.7:1139,computer:PRESS2@[fd00::2]";
        assert_eq!(text.parse::<Audience>().unwrap().to_string(), text);
        assert_eq!(" anna , group:A".parse::<Audience>().unwrap().to_string(), "user:anna,group:a");
    }

    #[test]
    fn mistakes_say_what_could_be_written_instead() {
        assert_eq!(" ,".parse::<Audience>(), Err(AudienceError::Empty));
        let error = "team:x".parse::<Audience>().unwrap_err().to_string();
        assert!(error.contains("group:NAME"), "{error}");
        assert!("computer:PRESS1".parse::<Audience>().unwrap_err().to_string().contains("NAME@HOST"));
        assert!("a b".parse::<Audience>().is_err());
    }

    #[test]
    fn a_person_is_included_by_name_group_or_everyone() {
        let anna = Address::parse("anna@x.internal").unwrap();
        let ward: GroupName = "ward".parse().unwrap();
        let audience = |text: &str| text.parse::<Audience>().unwrap();
        assert!(audience("everyone").includes(&anna, &[]));
        assert!(audience("user:ANNA").includes(&anna, &[]));
        assert!(audience("group:ward").includes(&anna, &[ward]));
        assert!(!audience("group:ward,user:bert").includes(&anna, &[]));
    }
}
