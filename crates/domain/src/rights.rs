use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Account, Audience, AudienceError, Refusal, Severity};

/// What an account may do beside what everybody may. As text: `publish:AUDIENCE`, `publish:AUDIENCE:SEVERITY`, `audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Right {
    /// Send alerts.
    Publish(PublishRight),
    /// Read all alerts and their reports, and the audit log.
    Audit,
}

/// To send alerts to these people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishRight {
    /// To whom.
    pub audience: Audience,
    /// Of which severity at most.
    pub severity_max: Severity,
}

/// Why a text is not a [`Right`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RightError {
    /// Another word.
    #[error("\"{text}\" is not a right: write publish:AUDIENCE, publish:AUDIENCE:SEVERITY or audit")]
    Unknown {
        /// What was given, shortened.
        text: String,
    },
    /// The audience is not one.
    #[error(transparent)]
    Audience(#[from] AudienceError),
}

/// May this account send an alert? `rights` are its own. An administrator may send every alert; others those that a
/// right to publish covers: of no higher severity, and to nobody outside its audience. Several rights add up.
///
/// `recipients` is everyone whom the alert reaches, those of its escalation included; `members` says who an audience is.
///
/// # Errors
/// The refusal, or what `members` makes.
pub fn may_publish<T: Ord, E: From<Refusal>>(
    issuer: Option<&Account>,
    rights: &[Right],
    severity: Severity,
    recipients: &BTreeSet<T>,
    mut members: impl FnMut(&Audience) -> Result<BTreeSet<T>, E>,
) -> Result<(), E> {
    let account = issuer.filter(|account| !account.disabled).ok_or(Refusal::Sender)?;
    if account.administrator {
        return Ok(());
    }
    is_covered(rights, severity, recipients, &mut members)
}

/// May this account say something to everybody at once that is no alert, as NET SEND does to a whole network? An
/// administrator may, and who may send alerts to everyone.
///
/// # Errors
/// The refusal.
pub fn may_tell_everybody(account: Option<&Account>, rights: &[Right]) -> Result<(), Refusal> {
    let account = account.filter(|account| !account.disabled).ok_or(Refusal::Sender)?;
    let reaches_everyone = |right: &Right| match right {
        Right::Publish(publish) => publish.audience.to_string() == "everyone",
        Right::Audit => false,
    };
    if account.administrator || rights.iter().any(reaches_everyone) {
        return Ok(());
    }
    Err(Refusal::OutsideAudience)
}

/// Whether rights to publish cover an alert of this severity to these recipients: what [`may_publish`] asks of people,
/// and what is asked of a token.
///
/// # Errors
/// The refusal, or what `members` makes.
pub fn is_covered<T: Ord, E: From<Refusal>>(
    rights: &[Right],
    severity: Severity,
    recipients: &BTreeSet<T>,
    members: &mut impl FnMut(&Audience) -> Result<BTreeSet<T>, E>,
) -> Result<(), E> {
    let publish: Vec<&PublishRight> = rights
        .iter()
        .filter_map(|right| match right {
            Right::Publish(publish) => Some(publish),
            Right::Audit => None,
        })
        .collect();
    if publish.is_empty() {
        return Err(Refusal::NotAdministrator.into());
    }
    let strong: Vec<&PublishRight> =
        publish.into_iter().filter(|right| right.severity_max >= severity).collect();
    if strong.is_empty() {
        return Err(Refusal::TooSevere.into());
    }
    let mut missing: BTreeSet<&T> = recipients.iter().collect();
    for right in strong {
        let covered = members(&right.audience)?;
        missing.retain(|recipient| !covered.contains(*recipient));
        if missing.is_empty() {
            return Ok(());
        }
    }
    Err(Refusal::OutsideAudience.into())
}

/// May this account read all alerts and their reports, and the audit log?
pub fn may_audit(account: Option<&Account>, rights: &[Right]) -> Result<(), Refusal> {
    let account = account.filter(|account| !account.disabled).ok_or(Refusal::Sender)?;
    if account.administrator || rights.contains(&Right::Audit) { Ok(()) } else { Err(Refusal::NotAuditor) }
}

impl FromStr for Right {
    type Err = RightError;

    fn from_str(text: &str) -> Result<Self, RightError> {
        if text == "audit" {
            return Ok(Self::Audit);
        }
        let unknown = || RightError::Unknown { text: crate::displayable(text).chars().take(80).collect() };
        let rest = text.strip_prefix("publish:").ok_or_else(unknown)?;
        // A group may be called as a severity is: what is an audience as a whole has no severity behind it.
        if let Ok(audience) = rest.parse() {
            return Ok(Self::Publish(PublishRight { audience, severity_max: Severity::Extreme }));
        }
        let split =
            rest.rsplit_once(':').and_then(|(audience, severity)| Some((audience, severity.parse().ok()?)));
        let (audience, severity_max) = split.unwrap_or((rest, Severity::Extreme));
        Ok(Self::Publish(PublishRight { audience: audience.parse()?, severity_max }))
    }
}

impl fmt::Display for Right {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audit => formatter.write_str("audit"),
            Self::Publish(PublishRight { audience, severity_max }) => {
                write!(formatter, "publish:{audience}:{severity_max}")
            }
        }
    }
}

impl TryFrom<String> for Right {
    type Error = RightError;

    fn try_from(text: String) -> Result<Self, RightError> {
        text.parse()
    }
}

impl From<Right> for String {
    fn from(right: Right) -> Self {
        right.to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::Address;

    fn account(administrator: bool) -> Account {
        Account {
            address: Address::parse("anna@x.internal").unwrap(),
            netbios: "ANNA".to_owned(),
            administrator,
            disabled: false,
            accepts_unverified: true,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// `group:a` is 1 and 2, `group:b` is 2 and 3.
    fn members(audience: &Audience) -> Result<BTreeSet<u8>, Refusal> {
        Ok(match audience.to_string().as_str() {
            "group:a" => [1, 2].into(),
            "group:b" => [2, 3].into(),
            _ => BTreeSet::new(),
        })
    }

    fn ask(account: &Account, rights: &[&str], severity: Severity, to: &[u8]) -> Result<(), Refusal> {
        let rights: Vec<Right> = rights.iter().map(|right| right.parse().unwrap()).collect();
        may_publish(Some(account), &rights, severity, &to.iter().copied().collect(), members)
    }

    #[test]
    fn everybody_at_once_is_told_by_administrators_and_those_who_may_alert_everyone() {
        let told = |administrator, rights: &[&str]| {
            let rights: Vec<Right> = rights.iter().map(|right| right.parse().unwrap()).collect();
            may_tell_everybody(Some(&account(administrator)), &rights)
        };
        assert_eq!((told(true, &[]), told(false, &["publish:everyone:minor"])), (Ok(()), Ok(())));
        for rights in [&[][..], &["publish:group:a", "audit"]] {
            assert_eq!(told(false, rights), Err(Refusal::OutsideAudience));
        }
        let disabled = Account { disabled: true, ..account(true) };
        assert_eq!(may_tell_everybody(Some(&disabled), &[]), Err(Refusal::Sender));
    }

    #[test]
    fn a_publisher_reaches_nobody_outside_and_nothing_above_what_was_granted() {
        let anna = account(false);
        let a = ["publish:group:a:severe"];
        assert_eq!(ask(&anna, &a, Severity::Severe, &[1, 2]), Ok(()));
        assert_eq!(ask(&anna, &a, Severity::Extreme, &[1]), Err(Refusal::TooSevere));
        assert_eq!(ask(&anna, &a, Severity::Minor, &[1, 3]), Err(Refusal::OutsideAudience));
        let both = ["publish:group:a:severe", "publish:group:b:minor"];
        assert_eq!(ask(&anna, &both, Severity::Minor, &[1, 2, 3]), Ok(()));
        assert_eq!(ask(&anna, &both, Severity::Severe, &[1, 2, 3]), Err(Refusal::OutsideAudience));
        assert_eq!(ask(&anna, &["audit"], Severity::Minor, &[1]), Err(Refusal::NotAdministrator));
        assert_eq!(ask(&account(true), &[], Severity::Extreme, &[1, 9]), Ok(()));
        let disabled = Account { disabled: true, ..account(true) };
        assert_eq!(ask(&disabled, &a, Severity::Minor, &[1]), Err(Refusal::Sender));
    }

    #[test]
    fn rights_read_back_as_written() {
        for text in [
            "audit",
            "publish:group:severe:extreme",
            "publish:user:anna,group:ward:moderate",
            "publish:everyone!group:x:extreme",
        ] {
            assert_eq!(text.parse::<Right>().unwrap().to_string(), text);
        }
        assert_eq!("publish:everyone".parse::<Right>().unwrap().to_string(), "publish:everyone:extreme");
        assert_eq!(
            "publish:group:severe".parse::<Right>().unwrap().to_string(),
            "publish:group:severe:extreme"
        );
        assert!("publish:".parse::<Right>().is_err() && "administer".parse::<Right>().is_err());
        assert_eq!(may_audit(Some(&account(false)), &[Right::Audit]), Ok(()));
        assert_eq!(may_audit(Some(&account(false)), &[]), Err(Refusal::NotAuditor));
    }
}
