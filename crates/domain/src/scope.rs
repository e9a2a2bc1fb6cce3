use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Account, Address, Audience, AudienceError, Target, displayable};

/// One thing that a program may do with its token. Written as `publish:AUDIENCE`, `read`, `audit`, `chat` or
/// `administer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Send alerts to this audience or a part of it.
    Publish(Audience),
    /// Read alerts, their reports, and how the service is.
    Read,
    /// Read the audit log, as long as its account may.
    Audit,
    /// Speak as its account: write and read what is the account's own.
    Chat,
    /// Everything.
    Administer,
}

/// What a request needs to be allowed to whoever makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'a> {
    /// That somebody is proven to ask.
    Anyone,
    /// The right to send alerts to somebody: to whom is known later, and is [`Need::PublishTo`] then.
    Publish,
    /// The right to send alerts to this audience.
    PublishTo(&'a Audience),
    /// The right to read alerts, reports, and how the service is.
    Read,
    /// The right to see some alerts at least: all of them with the right to read, what [`alert_sight`](crate::alert_sight)
    /// says for people.
    SeeAlerts,
    /// The right to read the audit log.
    Audit,
    /// The right to speak as an account.
    Chat,
    /// The right to do everything.
    Administer,
}

/// The most scopes that one token has.
const SCOPES_MAX: usize = 16;

/// What a token may do: 1 to 16 scopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(Vec<Scope>);

/// Why something is not a [`Scope`], or not [`Scopes`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// It is no scope.
    #[error("\"{text}\" is not a scope: there are publish:AUDIENCE, read, audit, chat and administer")]
    Unknown {
        /// What was given, shortened.
        text: String,
    },
    /// The audience to publish to is none.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// There is none, or there are too many.
    #[error("a token has 1 to {SCOPES_MAX} scopes")]
    Count,
}

impl Scopes {
    /// Exactly these.
    pub fn new(scopes: Vec<Scope>) -> Result<Self, ScopeError> {
        if (1..=SCOPES_MAX).contains(&scopes.len()) { Ok(Self(scopes)) } else { Err(ScopeError::Count) }
    }

    /// What a person may ask for who has proven to be themselves: an administrator everything; everybody else what is
    /// their own, and to send alerts as far as the rules for alerts allow them to.
    pub fn of_person(account: &Account) -> Self {
        if account.administrator {
            return Self(vec![Scope::Administer]);
        }
        let everyone = Audience::new(vec![Target::Everyone]).map(Scope::Publish);
        Self(std::iter::once(Scope::Chat).chain(everyone).collect())
    }

    /// Them, as given.
    pub fn scopes(&self) -> &[Scope] {
        &self.0
    }

    /// Whether a token of this account with these scopes may do what `need` says. The scope to administer is worth
    /// something only as long as the account may administer. Whether the account may read the audit log is not asked
    /// here: [`may_audit`](crate::may_audit) is.
    pub fn allow(&self, account: &Account, need: Need<'_>) -> bool {
        let in_force = |scope: &&Scope| **scope != Scope::Administer || account.administrator;
        let domain = account.address.domain();
        let allows = || self.0.iter().filter(in_force).any(|scope| scope.allows(need, domain));
        !account.disabled && (need == Need::Anyone || allows())
    }
}

impl Scope {
    /// Whether this scope is one of those that a request with this need may be made with. `domain` is the service's
    /// own, which names of people without one are in.
    pub fn allows(&self, need: Need<'_>, domain: &str) -> bool {
        match (self, need) {
            (Self::Administer, _) | (_, Need::Anyone) => true,
            (Self::Publish(_), Need::Publish)
            | (Self::Read, Need::Read | Need::SeeAlerts)
            | (Self::Audit, Need::Audit)
            | (Self::Chat, Need::Chat) => true,
            (Self::Publish(whole), Need::PublishTo(part)) => is_part(part, whole, domain),
            _ => false,
        }
    }
}

/// Whether everybody of `part` is named by `whole` too. Groups are not looked into: a person who is in a group that is
/// named is named only where that group is. Nobody is named by what takes people away: where `whole` does, only the
/// very same audience is a part of it.
fn is_part(part: &Audience, whole: &Audience, domain: &str) -> bool {
    if part == whole {
        return true;
    }
    if !whole.is_list() {
        return false;
    }
    let whole = whole.targets();
    let is_named = |target: &Target| whole.iter().any(|named| same(target, named, domain));
    let everyone = whole.contains(&&Target::Everyone);
    let has_machines = |target: &Target| matches!(target, Target::Computer(_) | Target::Network(_));
    part.adding_targets().into_iter().all(|target| is_named(target) || everyone && !has_machines(target))
}

/// Whether two targets are the same, however they are written.
fn same(one: &Target, other: &Target, domain: &str) -> bool {
    match (one, other) {
        (Target::User(one), Target::User(other)) => {
            let address = |text: &str| Address::within(text, domain).ok();
            address(one).is_some() && address(one) == address(other)
        }
        (one, other) => one == other,
    }
}

impl Need<'_> {
    /// The scope that a request with this need lacks, for whoever made it.
    pub fn missing(&self) -> String {
        match self {
            Self::Anyone => "any".to_owned(),
            Self::Publish => "publish:AUDIENCE".to_owned(),
            Self::PublishTo(audience) => format!("publish:{audience}"),
            Self::Read | Self::SeeAlerts => Scope::Read.to_string(),
            Self::Audit => Scope::Audit.to_string(),
            Self::Chat => Scope::Chat.to_string(),
            Self::Administer => Scope::Administer.to_string(),
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        match (text, text.strip_prefix("publish:")) {
            (_, Some(audience)) => Ok(Self::Publish(audience.parse()?)),
            ("read", _) => Ok(Self::Read),
            ("audit", _) => Ok(Self::Audit),
            ("chat", _) => Ok(Self::Chat),
            ("administer", _) => Ok(Self::Administer),
            _ => Err(ScopeError::Unknown { text: displayable(text).chars().take(80).collect() }),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish(audience) => write!(formatter, "publish:{audience}"),
            Self::Read => formatter.write_str("read"),
            Self::Audit => formatter.write_str("audit"),
            Self::Chat => formatter.write_str("chat"),
            Self::Administer => formatter.write_str("administer"),
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(formatter, "{gap}{scope}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Scope {
    type Error = ScopeError;

    fn try_from(text: String) -> Result<Self, ScopeError> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<Vec<Scope>> for Scopes {
    type Error = ScopeError;

    fn try_from(scopes: Vec<Scope>) -> Result<Self, ScopeError> {
        Self::new(scopes)
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn account(administrator: bool, disabled: bool) -> Account {
        Account {
            address: Address::parse("anna@x.internal").unwrap(),
            netbios: "ANNA".to_owned(),
            administrator,
            disabled,
            accepts_unverified: true,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn allow(scopes: &[&str], administrator: bool, need: Need<'_>) -> bool {
        let scopes = Scopes::new(scopes.iter().map(|scope| scope.parse().unwrap()).collect()).unwrap();
        scopes.allow(&account(administrator, false), need)
    }

    #[test]
    fn each_scope_allows_its_own_and_only_administering_allows_the_rest() {
        let audience: Audience = "everyone".parse().unwrap();
        let publish = Need::PublishTo(&audience);
        let needs =
            [Need::Publish, publish, Need::Read, Need::SeeAlerts, Need::Audit, Need::Chat, Need::Administer];
        let scopes = ["publish:everyone", "read", "audit", "chat", "administer"];
        let expected = [
            [true, true, false, false, false, false, false],
            [false, false, true, true, false, false, false],
            [false, false, false, false, true, false, false],
            [false, false, false, false, false, true, false],
            [true; 7],
        ];
        for (scope, expected) in scopes.iter().zip(expected) {
            assert_eq!(needs.map(|need| allow(&[scope], true, need)), expected, "{scope}");
            assert!(allow(&[scope], true, Need::Anyone));
        }
    }

    #[test]
    fn a_token_publishes_to_its_audience_or_a_part_of_it_and_to_nobody_else() {
        let may = |scope: &str, to: &str| {
            let to: Audience = to.parse().unwrap();
            allow(&[scope], false, Need::PublishTo(&to))
        };
        assert!(may("publish:group:ops,user:anna", "group:ops"));
        assert!(may("publish:group:ops,user:anna", "Anna@x.internal,group:OPS"));
        assert!(!may("publish:user:anna", "anna@y.internal"));
        assert!(!may("publish:group:ops", "group:ops,bert"));
        assert!(!may("publish:group:ops", "everyone"));
        assert!(may("publish:everyone", "group:ops,bert"));
        assert!(!may("publish:everyone", "computer:PRESS1@10.0.0.7"));
        assert!(may("publish:everyone,computer:PRESS1@10.0.0.7", "bert,computer:PRESS1@10.0.0.7"));
    }

    #[test]
    fn nobody_administers_by_a_token_of_an_account_that_may_not_and_a_disabled_one_does_nothing() {
        assert!(!allow(&["administer"], false, Need::Read));
        assert!(allow(&["administer", "read"], false, Need::Read));
        let scopes = Scopes::new(vec![Scope::Administer]).unwrap();
        assert!(!scopes.allow(&account(true, true), Need::Anyone));
    }

    #[test]
    fn a_person_has_what_is_their_own_and_an_administrator_everything() {
        let everyone: Audience = "everyone".parse().unwrap();
        let may = |administrator, need| {
            let account = account(administrator, false);
            Scopes::of_person(&account).allow(&account, need)
        };
        for need in [Need::Chat, Need::PublishTo(&everyone)] {
            assert!(may(false, need), "{need:?}");
        }
        for need in [Need::Read, Need::Audit, Need::Administer] {
            assert!(may(true, need) && !may(false, need), "{need:?}");
        }
    }

    #[test]
    fn what_is_no_scope_is_refused_with_those_that_there_are() {
        for text in ["", "publish", "publish:", "write", "publish:floor:3"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
        assert!("root".parse::<Scope>().unwrap_err().to_string().contains("publish:AUDIENCE"));
        assert_eq!(Scopes::new(Vec::new()), Err(ScopeError::Count));
        assert_eq!(Scopes::new(vec![Scope::Read; 17]), Err(ScopeError::Count));
        let text = "publish:group:ops,user:anna";
        assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader_and_what_is_read_is_written_alike(text in "(publish:)?[a-z:,@ ]{0,20}") {
            if let Ok(scope) = text.parse::<Scope>() {
                prop_assert_eq!(scope.to_string().parse::<Scope>(), Ok(scope));
            }
        }
    }

    #[test]
    fn what_an_expression_takes_away_gives_nothing() {
        let may = |scope: &str, audience: &str| {
            let scope: Scope = scope.parse().unwrap();
            scope.allows(Need::PublishTo(&audience.parse().unwrap()), "x.internal")
        };
        assert!(may("publish:everyone", "group:a&group:b,user:anna!user:bert"));
        assert!(may("publish:group:a", "group:a!user:bert") && may("publish:group:a", "group:a&group:b"));
        assert!(!may("publish:group:a", "group:b!group:a") && !may("publish:group:a", "everyone!group:a"));
        assert!(!may("publish:everyone!group:a", "group:a") && !may("publish:everyone!group:a", "everyone"));
        assert!(!may("publish:group:a&group:b", "group:a"));
        assert!(may("publish:everyone!group:a", "everyone!group:a"));
        assert!(!may("publish:everyone", "address:10.0.0.0/8"), "it may have machines in it");
    }
}
