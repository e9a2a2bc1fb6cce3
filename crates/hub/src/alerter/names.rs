use std::collections::BTreeSet;

use domain::{Audience, Computer, Recipient, Target, alerter::AlertName};

use super::Alerter;
use crate::{Hub, HubError, alerts::Unknown};

/// Whom the Alerter tells now.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// People, where there are any.
    pub(super) people: Option<Audience>,
    /// Machines, each once.
    pub(super) machines: BTreeSet<Computer>,
}

impl Hub {
    /// Whom the names mean now. A name that means nobody is passed over.
    pub(super) async fn named(&self, alerter: &Alerter) -> Named {
        let mut named = Named::default();
        let mut people = People::default();
        for name in &alerter.names {
            match name {
                AlertName::Computer(computer) => drop(named.machines.insert(computer.clone())),
                AlertName::People(audience) => {
                    people.add(self.those_of(&audience.to_string(), audience).await);
                }
                AlertName::Name(name) => match (self.user_named(name).await, self.appointed_for(name)) {
                    (Some(user), _) => people.add(Audience::new(vec![user]).ok()),
                    (None, Some(audience)) => people.add(self.those_of(name, &audience).await),
                    (None, None) => drop(named.machines.insert(machine(name))),
                },
            }
        }
        if alerter.names.is_empty() {
            people.add(self.administrators().ok());
        }
        named.people = Audience::any(people.parts).ok();
        if named.people.is_none() && named.machines.is_empty() {
            tracing::warn!("there is nobody whom the Alerter could tell anything");
        }
        named
    }

    /// The people among them, as far as that is known without the store.
    pub(super) async fn people_named(&self, audience: &Audience) -> Vec<domain::Address> {
        let found = self.resolve(audience, Unknown::Nobody).await.unwrap_or_default();
        let people = found.into_iter().filter_map(|recipient| match recipient {
            Recipient::Account(address) => Some(address),
            Recipient::Computer(_) => None,
        });
        people.collect()
    }

    /// The part of an audience that these are; nothing where they are nobody.
    async fn those_of(&self, name: &str, audience: &Audience) -> Option<Audience> {
        match self.resolve(audience, Unknown::Refused).await {
            Ok(recipients) if !recipients.is_empty() => return Some(audience.clone()),
            // Who they are is found out when the store can be asked again.
            Err(HubError::Store(_)) => return Some(audience.clone()),
            Ok(_) => tracing::warn!(name, "the Alerter tells nobody by this name"),
            Err(error) => tracing::warn!(name, %error, "the Alerter tells nobody by this name"),
        }
        None
    }

    /// The account of this name or NetBIOS spelling, where it is one that can be told something.
    async fn user_named(&self, name: &str) -> Option<Target> {
        let spelled = match self.account_named(name) {
            Ok(account) => return (!account.disabled).then(|| Target::User(account.address.to_string())),
            Err(_) => self.store.account_by_netbios(name).await.ok()??,
        };
        (!spelled.disabled).then(|| Target::User(spelled.address.to_string()))
    }
}

/// Those who are named, as far as one audience has room for them.
#[derive(Debug, Default)]
struct People {
    parts: Vec<Audience>,
    targets: usize,
}

impl People {
    fn add(&mut self, part: Option<Audience>) {
        let Some(part) = part else { return };
        let targets = self.targets + part.targets().len();
        if targets > Audience::TARGETS_MAX {
            let audience = part.to_string().chars().take(100).collect::<String>();
            return tracing::warn!(audience, "the Alerter has no room for these: put people into groups");
        }
        self.targets = targets;
        self.parts.push(part);
    }
}

/// The machine of a bare name: whoever answers to it on the network.
fn machine(name: &str) -> Computer {
    Computer { name: name.to_uppercase(), host: name.to_owned(), port: None }
}
