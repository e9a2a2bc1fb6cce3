use std::{collections::BTreeSet, sync::Arc};

use domain::{
    Account, Address, AlertDraft, Audience, Computer, Group, Member, Recipient, Target, may_publish,
};

use crate::{Hub, HubError};

/// How many an audience has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AudienceCount {
    /// The people in it.
    pub people: usize,
    /// Those of them who have a client that is there now; one that has lost its connection is not.
    pub reachable: usize,
    /// The machines in it.
    pub computers: usize,
}

/// What a name in an audience that means nobody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// A mistake of whoever wrote it.
    Refused,
    /// Somebody who has gone since.
    Nobody,
}

/// Whom an alert is for.
pub(super) struct Reach {
    /// Whom its own audience means.
    pub(super) recipients: BTreeSet<Recipient>,
    /// These, and everyone whom its escalation may come to.
    everyone: BTreeSet<Recipient>,
}

impl Hub {
    /// How many are in an audience, and how many of them can be reached now.
    pub async fn count_audience(&self, audience: &Audience) -> Result<AudienceCount, HubError> {
        let mut count = AudienceCount::default();
        for recipient in self.resolve(audience, Unknown::Refused).await? {
            match recipient {
                Recipient::Computer(_) => count.computers += 1,
                Recipient::Account(address) => {
                    count.people += 1;
                    let seats = self.directory.available(&address);
                    let reachable = seats.iter().any(|seat| seat.session.outbox.is_served());
                    count.reachable += usize::from(reachable);
                }
            }
        }
        Ok(count)
    }

    /// The people an audience means, each once, without those that are disabled. A name that nobody has is an error.
    pub async fn people_in(&self, audience: &Audience) -> Result<Vec<Arc<Account>>, HubError> {
        let recipients = self.resolve(audience, Unknown::Refused).await?;
        let people = recipients.iter().filter_map(|recipient| match recipient {
            Recipient::Account(address) => self.people.account(address),
            Recipient::Computer(_) => None,
        });
        Ok(people.collect())
    }

    /// Everyone and everything that an audience means.
    pub(crate) async fn resolve(
        &self,
        audience: &Audience,
        unknown: Unknown,
    ) -> Result<BTreeSet<Recipient>, HubError> {
        let mut groups = Vec::new();
        let mut computers = Vec::new();
        for target in audience.targets() {
            match target {
                Target::Group(name) => groups.extend(self.store.group(name).await?),
                Target::Network(_) if computers.is_empty() => computers = self.store.computers().await?,
                _ => {}
            }
        }
        let Some(hub) = self.this.upgrade() else { return Ok(BTreeSet::new()) };
        let many =
            audience.targets().iter().any(|target| matches!(target, Target::Everyone | Target::Network(_)));
        let audience = audience.clone();
        let work =
            move || audience.resolve(&mut |target| hub.recipients_of(target, &groups, &computers, unknown));
        // Going through all accounts takes a while, and is not done where messages pass.
        if !many {
            return work();
        }
        let resolved = tokio::task::spawn_blocking(work).await;
        resolved.unwrap_or_else(|error| Err(store::StoreError::Unavailable { why: error.to_string() }.into()))
    }

    fn recipients_of(
        &self,
        target: &Target,
        groups: &[Group],
        computers: &[Computer],
        unknown: Unknown,
    ) -> Result<BTreeSet<Recipient>, HubError> {
        let mut found = BTreeSet::new();
        match target {
            Target::Everyone => found.extend(self.enabled(self.people.all().into_iter())),
            Target::User(name) => match self.account_named(name) {
                Ok(account) => found.extend(self.enabled(std::iter::once(account))),
                Err(_) if unknown == Unknown::Nobody => {}
                Err(error) => return Err(error),
            },
            Target::Group(name) => match groups.iter().find(|group| group.name == *name) {
                Some(group) => {
                    let members = group.members.iter().filter_map(|address| self.people.account(address));
                    found.extend(self.enabled(members));
                }
                None if unknown == Unknown::Nobody => {}
                None => return Err(HubError::NoGroup { name: name.to_string() }),
            },
            Target::Computer(computer) => {
                found.insert(Recipient::Computer(computer.clone()));
            }
            Target::Network(network) => {
                let inside = |account: &Arc<Account>| {
                    self.sources_of(&account.address).iter().any(|source| network.contains(source))
                };
                found.extend(self.enabled(self.people.all().into_iter().filter(inside)));
                let at_home = |computer: &&Computer| {
                    computer
                        .host
                        .parse()
                        .is_ok_and(|host: std::net::IpAddr| network.contains(&host.to_canonical()))
                };
                found.extend(computers.iter().filter(at_home).cloned().map(Recipient::Computer));
            }
        }
        Ok(found)
    }

    fn enabled(&self, accounts: impl Iterator<Item = Arc<Account>>) -> impl Iterator<Item = Recipient> {
        let enabled = accounts.filter(|account| !account.disabled);
        enabled.map(|account| Recipient::Account(account.address.clone()))
    }

    /// Whether a person is in one of the audiences that an alert has been for so far.
    pub(super) async fn is_meant(&self, alert: &domain::Alert, address: &Address) -> Result<bool, HubError> {
        let (groups, sources) = (self.store.groups_of(address).await?, self.sources_of(address));
        let member = Member { address, groups: &groups, sources: &sources };
        Ok(alert.audiences().any(|audience| audience.includes(member)))
    }

    /// Whom an alert is for, if its issuer may send it to all of them.
    pub(super) async fn reach(&self, draft: &AlertDraft) -> Result<Reach, HubError> {
        let reach = self.whole_reach(draft).await?;
        self.check_may_publish(draft, &draft.issuer, &reach).await?;
        Ok(reach)
    }

    /// Whom an alert is for, whoever sends it.
    pub(super) async fn whole_reach(&self, draft: &AlertDraft) -> Result<Reach, HubError> {
        let recipients = self.resolve(&draft.audience, Unknown::Refused).await?;
        if recipients.is_empty() {
            return Err(HubError::NobodyThere { audience: draft.audience.to_string() });
        }
        let mut everyone = recipients.clone();
        for level in &draft.escalation {
            everyone.extend(self.resolve(&level.audience, Unknown::Refused).await?);
        }
        Ok(Reach { recipients, everyone })
    }

    /// Whether an account may send an alert that reaches so far.
    pub(super) async fn check_may_publish(
        &self,
        draft: &AlertDraft,
        by: &Address,
        reach: &Reach,
    ) -> Result<(), HubError> {
        // What the service itself tells; nobody signs in by that name.
        if self.is_alerts_address(by) {
            return Ok(());
        }
        let account = self.people.account(by);
        let rights = self.rights.of(by);
        let mut audiences = Vec::new();
        if account.as_ref().is_some_and(|account| !account.administrator) {
            for right in rights.iter() {
                if let domain::Right::Publish(publish) = right {
                    let members = self.resolve(&publish.audience, Unknown::Nobody).await?;
                    audiences.push((publish.audience.clone(), members));
                }
            }
        }
        let members = |audience: &Audience| {
            let found = audiences.iter().find(|(known, _)| known == audience);
            Ok::<_, HubError>(found.map(|(_, members)| members.clone()).unwrap_or_default())
        };
        if draft.test && *by == draft.issuer {
            // What only its issuer sees needs no more than the right to publish at all.
            return may_publish(
                account.as_deref(),
                &rights,
                domain::Severity::Information,
                &BTreeSet::new(),
                members,
            );
        }
        may_publish(account.as_deref(), &rights, draft.severity, &reach.everyone, members)
    }
}
