use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use jiff::civil::Time;
use thiserror::Error;

use crate::Sender;

/// What an administrator lays down for senders whom nobody has proven, beside what each person allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StrangerRules {
    /// Who reaches nobody.
    pub blocked: Vec<BlockedStranger>,
    /// When people are not to be disturbed; who is appointed to receive for the service is.
    pub quiet_hours: Vec<QuietHours>,
}

impl StrangerRules {
    /// Whether this sender reaches nobody. Only unverified ones are judged.
    pub fn blocks(&self, sender: &Sender) -> bool {
        match sender {
            Sender::Unverified { name, source, .. } => {
                self.blocked.iter().any(|blocked| blocked.is_name(name) || blocked.is_source(*source))
            }
            Sender::Service | Sender::Account { .. } => false,
        }
    }

    /// Whether whoever comes from this address reaches nobody, whatever the name.
    pub fn blocks_source(&self, source: IpAddr) -> bool {
        self.blocked.iter().any(|blocked| blocked.is_source(source))
    }

    /// Whether this sender is not to disturb people at this time of the day.
    pub fn keeps_quiet(&self, sender: &Sender, at: Time) -> bool {
        matches!(sender, Sender::Unverified { .. }) && self.quiet_hours.iter().any(|hours| hours.contains(at))
    }
}

/// A network or an address, or `name:` and what such a sender calls itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockedStranger {
    /// Everybody in a network.
    Network(IpNet),
    /// Whoever calls itself so, in upper or lower case. A name proves nothing: who is blocked by it takes another.
    Name(String),
}

/// It is neither an address nor a network nor a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is neither an address, a network nor `name:` with a name")]
pub struct BlockedStrangerError(String);

impl BlockedStranger {
    fn is_source(&self, source: IpAddr) -> bool {
        matches!(self, Self::Network(network) if network.contains(&source.to_canonical()))
    }

    fn is_name(&self, called: &str) -> bool {
        matches!(self, Self::Name(name) if name.to_uppercase() == called.to_uppercase())
    }
}

impl FromStr for BlockedStranger {
    type Err = BlockedStrangerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || BlockedStrangerError(text.to_owned());
        if let Some(name) = text.strip_prefix("name:") {
            let name = name.trim();
            let good = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
            return if good { Ok(Self::Name(name.to_owned())) } else { Err(wrong()) };
        }
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(|network| Self::Network(network.trunc())).map_err(|_| wrong())
    }
}

impl fmt::Display for BlockedStranger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                network.addr().fmt(formatter)
            }
            Self::Network(network) => network.fmt(formatter),
            Self::Name(name) => write!(formatter, "name:{name}"),
        }
    }
}

/// No unverified sender is shown with a longer name.
const NAME_CHARS_MAX: usize = 64;

/// A part of each day by the clock on the wall, as `22:00-06:00`: from its first minute until before its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    until: Time,
}

/// It is no part of a day.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is no part of a day as 22:00-06:00")]
pub struct QuietHoursError(String);

impl QuietHours {
    /// Whether this time of the day is within. Where the end comes before the beginning, midnight lies between them.
    pub fn contains(self, at: Time) -> bool {
        if self.from < self.until {
            self.from <= at && at < self.until
        } else {
            self.from <= at || at < self.until
        }
    }
}

impl FromStr for QuietHours {
    type Err = QuietHoursError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hours = text
            .split_once('-')
            .and_then(|(from, until)| Some(Self { from: time(from.trim())?, until: time(until.trim())? }));
        hours.filter(|hours| hours.from != hours.until).ok_or_else(|| QuietHoursError(text.to_owned()))
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    // The last minute of a day ends at its 24:00, which is the next day's 00:00.
    match (two_digits(hour)?, two_digits(minute)?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(formatter, "{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), until.hour(), until.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Protocol};

    fn stranger(name: &str, source: &str) -> Sender {
        let source = source.parse().unwrap();
        Sender::Unverified { name: name.to_owned(), source, protocol: Protocol::Windows }
    }

    fn rules(blocked: &[&str], quiet_hours: &[&str]) -> StrangerRules {
        StrangerRules {
            blocked: blocked.iter().map(|text| text.parse().unwrap()).collect(),
            quiet_hours: quiet_hours.iter().map(|text| text.parse().unwrap()).collect(),
        }
    }

    fn at(hour: i8, minute: i8) -> Time {
        Time::new(hour, minute, 0, 0).unwrap()
    }

    #[test]
    fn strangers_are_blocked_by_address_network_and_name_and_nobody_else_is() {
        let rules = rules(&["10.0.0.66", "10.5.0.0/16", "name:Spammer"], &[]);
        for (name, source, blocked) in [
            ("PC7", "10.0.0.66", true),
            ("PC7", "::ffff:10.0.0.66", true),
            ("PC7", "10.0.0.67", false),
            ("PC7", "10.5.200.1", true),
            ("SPAMMER", "10.0.0.1", true),
            ("SPAMMERS", "10.0.0.1", false),
        ] {
            assert_eq!(rules.blocks(&stranger(name, source)), blocked, "{name} {source}");
        }
        assert!(rules.blocks_source("10.5.0.1".parse().unwrap()));
        assert!(!rules.blocks(&Sender::Service));
    }

    #[test]
    fn hours_over_midnight_and_within_a_day_hold_from_their_first_minute_until_before_their_last() {
        let rules = rules(&[], &["22:00-06:30", "12:00-13:00"]);
        let anybody = stranger("PC7", "10.0.0.1");
        for (hour, minute, quiet) in [
            (21, 59, false),
            (22, 0, true),
            (0, 0, true),
            (6, 29, true),
            (6, 30, false),
            (12, 0, true),
            (13, 0, false),
        ] {
            assert_eq!(rules.keeps_quiet(&anybody, at(hour, minute)), quiet, "{hour}:{minute}");
        }
        let anna = Sender::Account { address: Address::parse("anna@x.internal").unwrap() };
        assert!(!rules.keeps_quiet(&anna, at(23, 0)));
    }

    #[test]
    fn what_is_written_is_read_again_and_what_means_nothing_is_refused() {
        for text in ["10.0.0.66", "10.5.0.0/16", "fd00::/8", "name:Old PC"] {
            assert_eq!(text.parse::<BlockedStranger>().unwrap().to_string(), text);
        }
        for text in ["", "name:", "PC7", "10.0.0", "10.0.0.0/40"] {
            assert!(text.parse::<BlockedStranger>().is_err(), "{text}");
        }
        assert_eq!("22:00-06:00".parse::<QuietHours>().unwrap().to_string(), "22:00-06:00");
        assert!("18:00-24:00".parse::<QuietHours>().unwrap().contains(at(23, 59)));
        for text in ["", "22:00", "22-06", "25:00-06:00", "6:00-7:00", "06:00-06:00", "+1:00-02:00"] {
            assert!(text.parse::<QuietHours>().is_err(), "{text}");
        }
    }
}
