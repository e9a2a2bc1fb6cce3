use std::{collections::HashSet, sync::Arc};

use domain::{Address, Presence};

use crate::{Hub, HubError, Item, PresenceNotice, Session, presence::notice};

/// To how many people and devices one session may show itself beside its contacts.
const DIRECTED_MAX: usize = 1_000;

/// To whom a session has shown itself beside its contacts (RFC 6121 §4.6): people, and single devices of theirs.
#[derive(Debug, Default)]
pub(crate) struct Directed(HashSet<(Address, Option<Arc<str>>)>);

impl Directed {
    /// Whether it was shown to this person, or to one of their devices.
    pub(crate) fn includes(&self, address: &Address) -> bool {
        self.0.iter().any(|(shown, _)| shown == address)
    }

    /// Whether it was shown to this device, by name or with all of the person's.
    pub(crate) fn includes_device(&self, address: &Address, resource: &str) -> bool {
        let named = |shown: &Option<Arc<str>>| shown.as_deref().is_none_or(|shown| shown == resource);
        self.0.iter().any(|(shown, device)| shown == address && named(device))
    }

    /// Forgets all, and says who they were.
    pub(crate) fn take(&mut self) -> Vec<(Address, Option<Arc<str>>)> {
        self.0.drain().collect()
    }

    /// The people among whom, each once.
    pub(crate) fn people(&self) -> Vec<Address> {
        let people: HashSet<&Address> = self.0.iter().map(|(shown, _)| shown).collect();
        people.into_iter().cloned().collect()
    }

    /// Whether nobody was shown anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Hub {
    /// Shows this session's presence to one person, or to one device of theirs, whatever the contact lists say, until
    /// it leaves or takes it back (RFC 6121 §4.6). Who does not exist hears nothing. At most 1,000 at a time.
    pub fn direct_presence(
        &self,
        session: &Session,
        to: &Address,
        resource: Option<&str>,
        available: bool,
        presence: Presence,
    ) -> Result<(), HubError> {
        self.check_not_blocked(session.address(), to, resource)?;
        {
            let mut directed = session.directed.lock();
            let shown = (to.clone(), resource.map(Arc::from));
            if !available {
                directed.0.remove(&shown);
            } else if directed.0.len() >= DIRECTED_MAX && !directed.0.contains(&shown) {
                return Err(HubError::TooManyShown { limit: DIRECTED_MAX });
            } else {
                directed.0.insert(shown);
            }
        }
        self.show_directed(session, to, resource, available, Arc::new(presence));
        Ok(())
    }

    /// Tells the one device, or all that are available (RFC 6121 §8.5.2.1.2, §8.5.3.1).
    pub(crate) fn show_directed(
        &self,
        session: &Session,
        to: &Address,
        resource: Option<&str>,
        available: bool,
        presence: Arc<Presence>,
    ) {
        let notice = notice(session, available, presence);
        match resource {
            Some(resource) => {
                let device = self.session_named(to, resource);
                if let Some(device) = device.filter(|device| !self.are_apart(session, device)) {
                    let notice = PresenceNotice { to_session: true, ..(*notice).clone() };
                    device.push(Item::Presence(Arc::new(notice)));
                }
            }
            None => {
                let item = Item::Presence(notice);
                let mut seats = self.directory.available(to);
                seats.retain(|seat| !self.are_apart(session, &seat.session));
                for seat in seats {
                    seat.session.push(item.clone());
                }
            }
        }
    }
}
