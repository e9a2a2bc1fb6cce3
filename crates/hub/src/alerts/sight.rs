//! What those see of alerts who may send some.

use std::collections::{BTreeSet, HashSet};

use domain::{
    Address, Alert, AlertId, AlertPhase, AlertSight, Audience, GroupName, Recipient, Refusal, Right, Sees,
    Target,
};

use super::{
    AudienceCount,
    audience::{Unknown, aside},
};
use crate::{Hub, HubError};

/// Which alerts are wanted.
#[derive(Clone, Debug, Default)]
pub struct AlertQuery {
    /// Only those of this phase.
    pub phase: Option<AlertPhase>,
    /// Only those in force, where no phase is said.
    pub open: bool,
    /// Those behind this one, newest first.
    pub after: Option<AlertId>,
    /// How many at most.
    pub limit: usize,
}

/// How many alerts are looked through for one page, and of how many of them it is found out whether somebody could
/// send them. A page that ends for it says where to go on.
const SEARCHED_MAX: usize = 5_000;
const ASKED_MAX: usize = 200;
/// How many are looked through at once.
const PAGE: usize = 200;

impl Hub {
    /// Alerts that somebody may see, newest first, and behind which one there may be more.
    pub async fn alerts_seen(
        &self,
        sight: &AlertSight,
        query: AlertQuery,
    ) -> Result<(Vec<Alert>, Option<AlertId>), HubError> {
        let AlertQuery { limit, mut after, .. } = query;
        let all = *sight == AlertSight::All;
        let (mut found, mut searched, mut asked) = (Vec::new(), 0, 0);
        loop {
            // One more than is wanted tells whether there is another page.
            let page = self.alerts_behind(&query, after, if all { limit + 1 } else { PAGE }).await?;
            let is_last = page.len() < if all { limit + 1 } else { PAGE };
            for alert in page {
                if found.len() == limit || searched == SEARCHED_MAX || asked == ASKED_MAX {
                    return Ok((found, after));
                }
                (after, searched) = (Some(alert.id), searched + 1);
                let sees = match sight.sees(&alert) {
                    Sees::IfTheyCouldSendIt => {
                        asked += 1;
                        self.sees_alert(sight, &alert).await?
                    }
                    sees => sees == Sees::Yes,
                };
                if sees {
                    found.push(alert);
                }
            }
            if is_last {
                return Ok((found, None));
            }
        }
    }

    async fn alerts_behind(
        &self,
        query: &AlertQuery,
        after: Option<AlertId>,
        limit: usize,
    ) -> Result<Vec<Alert>, HubError> {
        let found = match (query.phase, after) {
            (Some(phase), after) => self.store.alerts_in(phase, after, limit).await,
            (None, None) => self.store.alerts(query.open, limit).await,
            (None, Some(after)) => self.store.alerts_before(query.open, after, limit).await,
        };
        Ok(found?)
    }

    /// An alert, for who may see it; to everybody else it is not there.
    pub async fn alert_seen(&self, sight: &AlertSight, id: AlertId) -> Result<Alert, HubError> {
        let alert = self.alert(id).await?;
        if self.sees_alert(sight, &alert).await? {
            Ok(alert)
        } else {
            Err(HubError::NoAlert { id: id.to_string() })
        }
    }

    async fn sees_alert(&self, sight: &AlertSight, alert: &Alert) -> Result<bool, HubError> {
        Ok(match (sight.sees(alert), sight) {
            (Sees::Yes, _) => true,
            (Sees::IfTheyCouldSendIt, AlertSight::Of(who)) => self.could_send(&alert.draft, who).await,
            (Sees::IfTheyCouldSendIt, AlertSight::All) | (Sees::No, _) => false,
        })
    }

    /// How many are in an audience, for somebody who may send alerts to all of it. Of everything else they learn nothing,
    /// also not whether it is there.
    pub async fn count_audience_of(
        &self,
        sight: &AlertSight,
        audience: &Audience,
    ) -> Result<AudienceCount, HubError> {
        if let AlertSight::Of(who) = sight {
            let (named, reached) = self.reached_by(who).await?;
            // What is left out tells of those who are in it by who remains.
            for target in audience.targets().into_iter().filter(|target| !named.contains(target)) {
                let one = Audience::new(vec![target.clone()])?;
                self.check_reached(&one, &reached).await?;
            }
            self.check_reached(audience, &reached).await?;
        }
        self.count_audience(audience).await
    }

    /// The names of the groups that somebody may send alerts to.
    pub async fn groups_seen(&self, sight: &AlertSight) -> Result<Vec<GroupName>, HubError> {
        let groups = self.groups().await?;
        let AlertSight::Of(who) = sight else {
            return Ok(groups.into_iter().map(|group| group.name).collect());
        };
        let (_, reached) = self.reached_by(who).await?;
        let those = groups.into_iter().filter(|group| {
            let enabled = |address: &&Address| self.people.account(address).is_some_and(|one| !one.disabled);
            let mut members = group.members.iter().filter(enabled).peekable();
            let is_reached = |address: &Address| reached.contains(&Recipient::Account(address.clone()));
            members.peek().is_some() && members.all(is_reached)
        });
        Ok(those.map(|group| group.name).collect())
    }

    /// Whom the rights of somebody to publish name, and whom they mean.
    async fn reached_by(&self, who: &Address) -> Result<(HashSet<Target>, BTreeSet<Recipient>), HubError> {
        let (mut named, mut reached) = (HashSet::new(), BTreeSet::new());
        for right in self.rights.of(who).iter() {
            if let Right::Publish(publish) = right {
                named.extend(publish.audience.targets().into_iter().cloned());
                reached.extend(self.resolve(&publish.audience, Unknown::Nobody).await?);
            }
        }
        Ok((named, reached))
    }

    async fn check_reached(
        &self,
        audience: &Audience,
        reached: &BTreeSet<Recipient>,
    ) -> Result<(), HubError> {
        let outside = || HubError::from(Refusal::OutsideAudience);
        let found = match self.resolve(audience, Unknown::Refused).await {
            Ok(found) if !found.is_empty() => found,
            Err(error @ (HubError::Store(_) | HubError::TooManySets { .. })) => return Err(error),
            Ok(_) | Err(_) => return Err(outside()),
        };
        let reached = reached.clone();
        let inside = aside(move || found.is_subset(&reached)).await?;
        if inside { Ok(()) } else { Err(outside()) }
    }
}
