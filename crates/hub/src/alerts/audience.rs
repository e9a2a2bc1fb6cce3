use std::{
    collections::{BTreeSet, HashMap},
    ops::Deref,
    sync::Arc,
};

use domain::{
    Account, Address, AlertDraft, Audience, Computer, Group, Member, Recipient, Target, may_publish,
};
use tokio::{runtime::Handle, sync::Semaphore};

use super::sending::RECEIPTS_AT_ONCE;
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

/// Recipients, maybe very many. Where messages pass they are shared, and gone through a few at a time: a thread that
/// copies or frees a hundred thousand at once keeps everybody who talks waiting.
#[derive(Clone, Debug, Default)]
pub(super) struct Recipients(Arc<BTreeSet<Recipient>>);

impl From<BTreeSet<Recipient>> for Recipients {
    fn from(recipients: BTreeSet<Recipient>) -> Self {
        Self(Arc::new(recipients))
    }
}

impl Deref for Recipients {
    type Target = BTreeSet<Recipient>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Drop for Recipients {
    fn drop(&mut self) {
        let recipients = std::mem::take(&mut self.0);
        if recipients.len() > RECEIPTS_AT_ONCE
            && Arc::strong_count(&recipients) == 1
            && let Ok(runtime) = Handle::try_current()
        {
            drop(runtime.spawn_blocking(move || drop(recipients)));
        }
    }
}

/// Whom an alert is for.
pub(super) struct Reach {
    /// Whom its own audience means.
    pub(super) recipients: Recipients,
    /// These, and everyone whom its escalation may come to.
    everyone: Recipients,
}

impl Reach {
    /// These and nobody else.
    pub(super) fn of(recipients: Recipients) -> Self {
        Self { recipients: Recipients::default(), everyone: recipients }
    }
}

/// How many times an audience may name more than one person at once: each is gone through.
const SETS_MAX: usize = 100;

/// How many audiences are gone through at once, so that whoever asks for many keeps few processors busy.
const RESOLUTIONS_MAX: usize = 2;

/// Turns to go through everybody.
#[derive(Debug)]
pub(crate) struct Resolutions(Semaphore);

impl Default for Resolutions {
    fn default() -> Self {
        Self(Semaphore::new(RESOLUTIONS_MAX))
    }
}

impl Hub {
    /// How many are in an audience, and how many of them can be reached now.
    pub async fn count_audience(&self, audience: &Audience) -> Result<AudienceCount, HubError> {
        let recipients = self.resolve(audience, Unknown::Refused).await?;
        let Some(hub) = self.this.upgrade() else { return Ok(AudienceCount::default()) };
        aside(move || {
            let mut count = AudienceCount::default();
            for recipient in &recipients {
                match recipient {
                    Recipient::Computer(_) => count.computers += 1,
                    Recipient::Account(address) => {
                        count.people += 1;
                        let seats = hub.directory.available(address);
                        let reachable = seats.iter().any(|seat| seat.session.outbox.is_served());
                        count.reachable += usize::from(reachable);
                    }
                }
            }
            count
        })
        .await
    }

    /// The administrators, without those that are disabled; of very many, as many as one audience may name.
    pub(crate) fn administrators(&self) -> Result<Audience, HubError> {
        let accounts = self.people.all();
        let administrators = accounts.iter().filter(|account| account.administrator && !account.disabled);
        let targets = administrators.map(|account| Target::User(account.address.to_string()));
        Ok(Audience::new(targets.take(Audience::TARGETS_MAX).collect())?)
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
        let targets = audience.targets();
        let is_set =
            |target: &&&Target| matches!(target, Target::Everyone | Target::Group(_) | Target::Network(_));
        let sets = targets.iter().filter(is_set).count();
        // What was taken before is not lost by it.
        if sets > SETS_MAX && unknown == Unknown::Refused {
            return Err(HubError::TooManySets { limit: SETS_MAX });
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut computers = Vec::new();
        for target in targets {
            match target {
                Target::Group(name) if groups.iter().all(|group| group.name != *name) => {
                    groups.extend(self.store.group(name).await?);
                }
                Target::Network(_) if computers.is_empty() => computers = self.store.computers().await?,
                _ => {}
            }
        }
        let Some(hub) = self.this.upgrade() else { return Ok(BTreeSet::new()) };
        let audience = audience.clone();
        let work = move || {
            // Who a target means is found out once, however often it is named.
            let mut known: HashMap<Target, BTreeSet<Recipient>> = HashMap::new();
            audience.resolve(&mut |target| match known.get(target) {
                Some(found) => Ok(found.clone()),
                None => {
                    let found = hub.recipients_of(target, &groups, &computers, unknown)?;
                    known.insert(target.clone(), found.clone());
                    Ok(found)
                }
            })
        };
        if sets == 0 {
            return work();
        }
        let _turn = self.resolutions.0.acquire().await;
        aside(work).await?
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
        // Whoever may not send it to anybody at all is told so before anything is looked up.
        self.check_may_publish(draft, &draft.issuer, &Reach::of(Recipients::default())).await?;
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
        let recipients = Recipients::from(recipients);
        let mut everyone = recipients.clone();
        for level in &draft.escalation {
            let more = self.resolve(&level.audience, Unknown::Refused).await?;
            everyone = aside(move || everyone.union(&more).cloned().collect::<BTreeSet<_>>().into()).await?;
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
        let somebody = !reach.everyone.is_empty();
        if somebody && account.as_ref().is_some_and(|account| !account.administrator) {
            for right in rights.iter() {
                if let domain::Right::Publish(publish) = right {
                    let members = self.resolve(&publish.audience, Unknown::Nobody).await?;
                    audiences.push((publish.audience.clone(), members));
                }
            }
        }
        let members = move |audience: &Audience| {
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
        let (severity, everyone) = (draft.severity, reach.everyone.clone());
        aside(move || may_publish(account.as_deref(), &rights, severity, &everyone, members)).await?
    }
}

/// Does what takes a while with very many where no messages pass.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HubError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| store::StoreError::Unavailable { why: error.to_string() }.into())
}
