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
        let mut people = Vec::new();
        for name in &alerter.names {
            match name {
                AlertName::Computer(computer) => drop(named.machines.insert(computer.clone())),
                AlertName::People(audience) => {
                    people.extend(self.those_of(&audience.to_string(), audience).await);
                }
                AlertName::Name(name) => match (self.user_named(name).await, self.appointed_for(name)) {
                    (Some(user), _) => people.push(user.to_string()),
                    (None, Some(audience)) => people.extend(self.those_of(name, &audience).await),
                    (None, None) => drop(named.machines.insert(machine(name))),
                },
            }
        }
        if alerter.names.is_empty() {
            people.extend(self.administrators().iter().map(ToString::to_string));
        }
        named.people = people.join(",").parse().ok();
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
    async fn those_of(&self, name: &str, audience: &Audience) -> Option<String> {
        match self.resolve(audience, Unknown::Refused).await {
            Ok(recipients) if !recipients.is_empty() => return Some(format!("({audience})")),
            // Who they are is found out when the store can be asked again.
            Err(HubError::Store(_)) => return Some(format!("({audience})")),
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

    fn administrators(&self) -> Vec<Target> {
        let accounts = self.people.all();
        let administrators = accounts.iter().filter(|account| account.administrator && !account.disabled);
        administrators.map(|account| Target::User(account.address.to_string())).collect()
    }
}

/// The machine of a bare name: whoever answers to it on the network.
fn machine(name: &str) -> Computer {
    Computer { name: name.to_uppercase(), host: name.to_owned(), port: None }
}
