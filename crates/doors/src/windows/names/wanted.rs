use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use domain::{Protocol, Sender};
use hub::Hub;
use netbios::{
    name::{Name, Suffix},
    name_service::node::{Claim, Event, Node},
};
use tokio::sync::watch;

use super::NameSettings;

/// Which names this computer wants: its own, those of its message names, and those of people who are signed in, can
/// be seen and take messages from anybody.
pub(super) struct Wanted {
    hub: Arc<Hub>,
    settings: NameSettings,
    claimed: BTreeSet<Name>,
}

impl Wanted {
    pub(super) fn new(hub: Arc<Hub>, settings: NameSettings) -> Self {
        Self { hub, settings, claimed: BTreeSet::new() }
    }

    /// Tell that people or message names are others.
    pub(super) fn changes(&self) -> (watch::Receiver<()>, watch::Receiver<()>) {
        (self.hub.who_is_here_changed(), self.hub.message_names_changed())
    }

    /// Claims what is wanted now, and gives up what is not any more.
    pub(super) fn claim(&mut self, node: &mut Node) {
        let wanted = self.names();
        for name in self.claimed.iter().filter(|name| !wanted.contains_key(*name)) {
            node.release(*name);
        }
        self.claimed = BTreeSet::new();
        for (name, claim) in wanted {
            match node.claim(name, claim) {
                Ok(()) => drop(self.claimed.insert(name)),
                Err(error) => {
                    tracing::warn!(name = self.text(&name), %error, "a NetBIOS name is not claimed");
                }
            }
        }
    }

    fn names(&self) -> BTreeMap<Name, Claim> {
        let mut names = BTreeMap::new();
        let mut add = |text: &str, suffix, claim| {
            // A name that cannot be spelled is not had.
            if let Ok(name) = Name::new(text, suffix, self.settings.code_page) {
                names.entry(name).or_insert(claim);
            }
        };
        let own = self.settings.machine_name.as_str();
        add(own, Suffix::WORKSTATION, Claim::UNIQUE);
        add(own, Suffix::MESSENGER, Claim::UNIQUE);
        if self.settings.is_server {
            add(own, Suffix::SERVER, Claim::UNIQUE);
        }
        add(&self.settings.workgroup, Suffix::WORKSTATION, Claim::GROUP);
        for (alias, _) in self.hub.message_names() {
            add(alias.as_str(), Suffix::MESSENGER, Claim::UNIQUE);
        }
        for person in self.hub.netbios_names_here(&anybody(), self.settings.names_max) {
            add(&person, Suffix::MESSENGER, Claim::UNIQUE);
        }
        names
    }

    /// Writes down what an administrator may want to know.
    pub(super) fn note(&self, event: &Event) {
        match event {
            Event::Claimed { name, server, .. } => {
                tracing::debug!(name = self.text(name), ?server, "a NetBIOS name is this computer's");
            }
            Event::Taken { name, by, .. } => {
                tracing::warn!(name = self.text(name), %by, "another computer has this NetBIOS name");
            }
            Event::Conflict { name, by, .. } => {
                tracing::warn!(name = self.text(name), %by, "this NetBIOS name is in conflict and was given up");
            }
            Event::Refused { name, server, code, .. } => {
                tracing::warn!(name = self.text(name), %server, ?code, "the name server refuses a NetBIOS name");
            }
            Event::ServerSilent { server, .. } => tracing::warn!(%server, "the name server does not answer"),
            Event::ServerAnswers { server, .. } => tracing::info!(%server, "the name server answers again"),
            _ => {}
        }
    }

    fn text(&self, name: &Name) -> String {
        format!("{}<{:02x}>", name.text(self.settings.code_page), name.suffix().0)
    }
}

/// Somebody of whom nothing is known.
fn anybody() -> Sender {
    let source = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Sender::Unverified { name: String::new(), source, protocol: Protocol::Windows }
}
