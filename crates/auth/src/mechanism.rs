//! The SASL mechanisms, by the names that IANA registers.

use crate::channel_binding::ChannelBindings;
use crate::hash::Hash;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A SASL mechanism. The stronger is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// The password itself, for TLS only (RFC 4616).
    Plain,
    /// SCRAM with SHA-1 (RFC 5802).
    ScramSha1,
    /// The same, bound to the TLS connection.
    ScramSha1Plus,
    /// SCRAM with SHA-256 (RFC 7677).
    ScramSha256,
    /// The same, bound to the TLS connection.
    ScramSha256Plus,
}

impl Mechanism {
    /// Every mechanism, the strongest first.
    pub const ALL: [Self; 5] =
        [Self::ScramSha256Plus, Self::ScramSha256, Self::ScramSha1Plus, Self::ScramSha1, Self::Plain];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
        }
    }

    /// Whether it proves that both ends are on the same TLS connection.
    pub fn binds_channel(self) -> bool {
        matches!(self, Self::ScramSha1Plus | Self::ScramSha256Plus)
    }

    /// What to offer on a connection, the strongest first.
    ///
    /// `tls` is what is known of the TLS connection, or `None` if there is none: then nothing that binds to it is
    /// offered, and never [`Plain`](Self::Plain), whatever `allow_plain` says.
    pub fn offered(tls: Option<&ChannelBindings>, allow_plain: bool) -> Vec<Self> {
        let offer = |mechanism: &Self| match mechanism {
            Self::Plain => allow_plain && tls.is_some(),
            mechanism if mechanism.binds_channel() => tls.is_some_and(|bindings| bindings.plus_offered),
            _ => true,
        };
        Self::ALL.into_iter().filter(offer).collect()
    }

    /// The hash function of a SCRAM mechanism.
    pub(crate) fn hash(self) -> Option<Hash> {
        match self {
            Self::Plain => None,
            Self::ScramSha1 | Self::ScramSha1Plus => Some(Hash::Sha1),
            Self::ScramSha256 | Self::ScramSha256Plus => Some(Hash::Sha256),
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Mechanism {
    type Err = UnknownMechanism;

    /// Reads a registered name, in capitals as RFC 4422 §3.1 has them.
    fn from_str(name: &str) -> Result<Self, UnknownMechanism> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name).ok_or(UnknownMechanism)
    }
}

/// The name is of no mechanism that this crate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected SCRAM-SHA-256(-PLUS), SCRAM-SHA-1(-PLUS) or PLAIN as the SASL mechanism")]
pub struct UnknownMechanism;

#[cfg(test)]
mod tests {
    use super::*;

    fn bindings(plus_offered: bool) -> ChannelBindings {
        ChannelBindings {
            tls_server_end_point: Some(vec![1; 32]),
            plus_offered,
            ..ChannelBindings::default()
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for mechanism in Mechanism::ALL {
            assert_eq!(mechanism.to_string().parse(), Ok(mechanism));
        }
        assert_eq!("scram-sha-1".parse::<Mechanism>(), Err(UnknownMechanism));
        assert_eq!("".parse::<Mechanism>(), Err(UnknownMechanism));
    }

    #[test]
    fn the_list_of_all_goes_from_strong_to_weak() {
        assert!(Mechanism::ALL.is_sorted_by(|left, right| left > right));
    }

    #[test]
    fn without_tls_no_password_is_asked_for_in_the_clear() {
        assert_eq!(Mechanism::offered(None, true), [Mechanism::ScramSha256, Mechanism::ScramSha1]);
    }

    #[test]
    fn with_tls_everything_is_offered_and_plain_only_where_it_is_allowed() {
        assert_eq!(Mechanism::offered(Some(&bindings(true)), true), Mechanism::ALL);
        assert_eq!(Mechanism::offered(Some(&bindings(true)), false), Mechanism::ALL[..4]);
    }

    #[test]
    fn channel_binding_is_offered_only_where_it_can_work() {
        let offered = Mechanism::offered(Some(&bindings(false)), true);
        assert_eq!(offered, [Mechanism::ScramSha256, Mechanism::ScramSha1, Mechanism::Plain]);
    }
}
