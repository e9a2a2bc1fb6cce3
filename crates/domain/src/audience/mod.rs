mod expression;
mod parse;
#[cfg(test)]
mod properties;
mod target;

use std::{collections::BTreeSet, fmt, net::IpAddr};

use expression::Expression;
use serde::{Deserialize, Serialize};
pub use target::{Computer, Target};
use thiserror::Error;

use crate::{Address, GroupName};

/// Whom something is for: an expression over targets. A person whom several targets name is reached once.
///
/// A target is `everyone`, `user:NAME`, `group:NAME`, `computer:NAME@HOST[:PORT]` or `address:NETWORK`; a bare `NAME`
/// is a user. `A,B` (or `A|B`) is who is in one of them, `A&B` who is in both, `A!B` (or `A - B`) who is in `A` and not
/// in `B`. `&` and `!` bind closer than the comma; parentheses group. A name with one of these characters in it stands
/// between quotation marks: `computer:"PRESS 1@10.0.0.7"`. At most 1,000 targets, 20 parentheses deep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Audience {
    expression: Expression,
}

/// One account, as an audience sees it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Who.
    pub address: &'a Address,
    /// The groups they are in.
    pub groups: &'a [GroupName],
    /// The network addresses that they are signed in from, and the one that they were last.
    pub sources: &'a [IpAddr],
}

fn place(at: &str) -> String {
    if at.is_empty() { "at its end".to_owned() } else { format!("at \"{at}\"") }
}

pub(crate) const TARGETS_MAX: usize = 1_000;

impl Audience {
    /// How many targets an audience names at most.
    pub const TARGETS_MAX: usize = TARGETS_MAX;

    /// Who is in one of these targets; at least one.
    pub fn new(targets: Vec<Target>) -> Result<Self, AudienceError> {
        match targets.len() {
            0 => Err(AudienceError::Empty),
            1..=TARGETS_MAX => {
                Ok(Self { expression: Expression::any(targets.into_iter().map(Expression::Target)) })
            }
            count => Err(AudienceError::TooMany { count }),
        }
    }

    /// Who is in one of these audiences; at least one.
    pub fn any(parts: Vec<Self>) -> Result<Self, AudienceError> {
        match parts.iter().map(|part| part.targets().len()).sum() {
            0 => Err(AudienceError::Empty),
            1..=TARGETS_MAX => {
                Ok(Self { expression: Expression::any(parts.into_iter().map(|part| part.expression)) })
            }
            count => Err(AudienceError::TooMany { count }),
        }
    }

    /// Every target that is named, as written, whether it adds people or takes them away.
    pub fn targets(&self) -> Vec<&Target> {
        let mut targets = Vec::new();
        self.expression.targets(&mut targets);
        targets
    }

    /// Whether it is nothing but a list of targets.
    pub fn is_list(&self) -> bool {
        self.expression.is_list()
    }

    /// The targets beside which nobody is meant: not those that take people away, nor the second of two that both have
    /// to be met.
    pub fn adding_targets(&self) -> Vec<&Target> {
        let mut targets = Vec::new();
        self.expression.adding_targets(&mut targets);
        targets
    }

    /// Whether this account is meant.
    pub fn includes(&self, member: Member<'_>) -> bool {
        self.expression.includes(&|target| match target {
            Target::Everyone => true,
            Target::User(name) => {
                Address::within(name, member.address.domain()).is_ok_and(|named| named == *member.address)
            }
            Target::Group(group) => member.groups.contains(group),
            Target::Network(network) => {
                member.sources.iter().any(|source| network.contains(&source.to_canonical()))
            }
            Target::Computer(_) => false,
        })
    }

    /// Everyone who is meant; `leaf` says who one target is.
    ///
    /// # Errors
    /// The first that `leaf` makes.
    pub fn resolve<T: Ord, E>(
        &self,
        leaf: &mut impl FnMut(&Target) -> Result<BTreeSet<T>, E>,
    ) -> Result<BTreeSet<T>, E> {
        self.expression.resolve(leaf)
    }
}

/// Why a text is not an [`Audience`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AudienceError {
    /// Nobody is named.
    #[error(
        "nobody is named: write everyone, user:NAME, group:NAME, computer:NAME@HOST or address:NETWORK, separated by commas"
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
    /// An operator or a parenthesis where none can be, or one that is missing.
    #[error("the audience cannot be understood {}: {why}", place(at))]
    Syntax {
        /// What stands there, shortened; nothing at the end.
        at: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl fmt::Display for Audience {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(formatter)
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
        assert_eq!("computer:press1".parse::<Audience>().unwrap().to_string(), "computer:PRESS1@press1");
        assert_eq!(" anna , group:A".parse::<Audience>().unwrap().to_string(), "user:anna,group:a");
    }

    #[test]
    fn audiences_put_together_read_back_and_mean_who_is_in_one_of_them() {
        let audience = |text: &str| text.parse::<Audience>().unwrap();
        let both = Audience::any(vec![audience("everyone!group:ward"), audience("anna,bert")]).unwrap();
        assert_eq!(both, audience("(everyone!group:ward),user:anna,user:bert"));
        assert_eq!(both, audience(&both.to_string()));
        assert_eq!(Audience::any(vec![audience("anna")]), Ok(audience("anna")));
        assert_eq!(Audience::any(Vec::new()), Err(AudienceError::Empty));
        let many = Audience::new(vec![Target::Everyone; 501]).unwrap();
        assert_eq!(Audience::any(vec![many.clone(), many]), Err(AudienceError::TooMany { count: 1_002 }));
    }

    #[test]
    fn mistakes_say_what_could_be_written_instead() {
        assert_eq!(" ,".parse::<Audience>(), Err(AudienceError::Empty));
        let error = "team:x".parse::<Audience>().unwrap_err().to_string();
        assert!(error.contains("group:NAME"), "{error}");
        assert!("computer:PRESS1@".parse::<Audience>().unwrap_err().to_string().contains("host"));
        assert!("a b".parse::<Audience>().is_err());
    }

    #[test]
    fn a_person_is_included_by_name_group_network_or_everyone() {
        let anna = Address::parse("anna@x.internal").unwrap();
        let ward: GroupName = "ward".parse().unwrap();
        let audience = |text: &str| text.parse::<Audience>().unwrap();
        let source = ["10.1.2.3".parse().unwrap()];
        let member = |groups| Member { address: &anna, groups, sources: &source };
        assert!(audience("everyone").includes(member(&[])));
        assert!(audience("user:ANNA").includes(member(&[])));
        assert!(audience("group:ward").includes(member(std::slice::from_ref(&ward))));
        assert!(!audience("group:ward,user:bert").includes(member(&[])));
        assert!(audience("address:10.1.0.0/16").includes(member(&[])));
        assert!(!audience("everyone!address:10.1.2.3").includes(member(&[])));
        assert!(audience("group:ward&address:10.0.0.0/8").includes(member(std::slice::from_ref(&ward))));
    }
}
