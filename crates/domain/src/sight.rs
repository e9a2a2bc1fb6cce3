//! Who may see which alerts, and the reports of them.

use crate::{Account, Address, Alert, AlertPhase, Refusal, Right, may_audit};

/// How much of the alerts of a service somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertSight {
    /// All of them.
    All,
    /// This person's own, and those that they may send or release.
    Of(Address),
}

/// Whether somebody may see an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// They may.
    Yes,
    /// If they could send it themselves.
    IfTheyCouldSendIt,
    /// To them it is not there.
    No,
}

/// How much of the alerts an account may see: administrators and auditors all, who has a right to publish their own.
pub fn alert_sight(account: &Account, rights: &[Right]) -> Result<AlertSight, Refusal> {
    if may_audit(Some(account), rights).is_ok() {
        return Ok(AlertSight::All);
    }
    let publishes = rights.iter().any(|right| matches!(right, Right::Publish(_)));
    if publishes && !account.disabled {
        Ok(AlertSight::Of(account.address.clone()))
    } else {
        Err(Refusal::NotAdministrator)
    }
}

impl AlertSight {
    /// Whether they may see this alert. What nobody was told of yet is also for those who could send it: a draft,
    /// which they may write on, and what waits for a release.
    pub fn sees(&self, alert: &Alert) -> Sees {
        match (self, alert.state.phase()) {
            (Self::All, _) => Sees::Yes,
            (Self::Of(who), _) if alert.draft.issuer == *who => Sees::Yes,
            (Self::Of(_), AlertPhase::Draft | AlertPhase::Waiting) => Sees::IfTheyCouldSendIt,
            (Self::Of(_), AlertPhase::Planned | AlertPhase::Open | AlertPhase::Ended) => Sees::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{AlertDraft, AlertId, AlertProgress, AlertState};

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

    fn sight(administrator: bool, rights: &[&str]) -> Result<AlertSight, Refusal> {
        let rights: Vec<Right> = rights.iter().map(|right| right.parse().unwrap()).collect();
        alert_sight(&account(administrator, false), &rights)
    }

    #[test]
    fn auditors_see_all_publishers_their_own_and_nobody_else_anything() {
        assert_eq!(sight(true, &[]), Ok(AlertSight::All));
        assert_eq!(sight(false, &["publish:group:a", "audit"]), Ok(AlertSight::All));
        assert_eq!(
            sight(false, &["publish:group:a:minor"]),
            Ok(AlertSight::Of(account(false, false).address))
        );
        assert_eq!(sight(false, &[]), Err(Refusal::NotAdministrator));
        let publish = ["publish:everyone".parse().unwrap()];
        assert_eq!(alert_sight(&account(false, true), &publish), Err(Refusal::NotAdministrator));
    }

    #[test]
    fn an_alert_of_another_is_seen_while_nobody_was_told_by_who_could_send_it() {
        let (anna, bert) =
            (Address::parse("anna@x.internal").unwrap(), Address::parse("bert@x.internal").unwrap());
        let draft = AlertDraft::new(bert.clone(), "everyone".parse().unwrap(), "x");
        let sees = |state: AlertState, sight: &AlertSight| {
            let alert = Alert {
                id: AlertId::new(Timestamp::UNIX_EPOCH, [1; 10]),
                draft: draft.clone(),
                effective_at: Timestamp::UNIX_EPOCH,
                state,
                progress: AlertProgress::default(),
                signature: String::new(),
            };
            sight.sees(&alert)
        };
        let (of_anna, of_bert) = (AlertSight::Of(anna), AlertSight::Of(bert.clone()));
        for state in [AlertState::Draft, AlertState::Waiting] {
            assert_eq!(sees(state.clone(), &of_anna), Sees::IfTheyCouldSendIt);
            assert_eq!(sees(state, &of_bert), Sees::Yes);
        }
        let over = AlertState::Cancelled { at: Timestamp::UNIX_EPOCH, by: bert };
        for state in [AlertState::Planned, AlertState::Sent, over] {
            assert_eq!(sees(state.clone(), &of_anna), Sees::No);
            assert_eq!(sees(state.clone(), &of_bert), Sees::Yes);
            assert_eq!(sees(state, &AlertSight::All), Sees::Yes);
        }
    }
}
