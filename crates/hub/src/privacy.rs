//! What people want to be spared and to keep to themselves.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use domain::{Address, GroupName, Message, Presence, Privacy, Relation, Sender, WhoWrites};
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use store::{Change, Outcome, Store, StoreError};

use crate::{DATA_BYTES_MAX, Hub, HubError, Sent, Session, done::Done};

/// Under which key an account's privacy is kept.
const KEY: &str = "privacy";

/// The privacy of those who want any, with the people it names, in memory: policy asks at every message.
#[derive(Debug, Default)]
pub(crate) struct Circles {
    /// How many people want or have wanted any: where nobody does, nobody is looked for.
    count: AtomicUsize,
    circles: RwLock<HashMap<Address, Arc<Circle>, RandomState>>,
    /// How often one was read from the store. What began to be read later is newer.
    readings: AtomicU64,
}

/// One person's privacy, and whom it means.
#[derive(Debug, Default)]
struct Circle {
    privacy: Privacy,
    contacts: HashSet<Address>,
    group_members: HashSet<Address>,
    reading: u64,
}

impl Circle {
    fn relation(&self, owner: &Address, other: &Address) -> Relation {
        Relation {
            same_person: owner == other,
            contact: self.contacts.contains(other),
            in_group: self.group_members.contains(other),
        }
    }
}

impl Circles {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let circles = Self::default();
        for (owner, _) in store.data_of_all(KEY).await? {
            circles.read_anew(store, &owner).await?;
        }
        Ok(circles)
    }

    /// The account is gone.
    pub(crate) fn forget(&self, owner: &Address) {
        let mut circles = self.circles.write();
        circles.remove(owner);
        self.count.store(circles.len(), Ordering::Release);
    }

    /// Reads one person's from the store: what was committed before this call is in force when it returns.
    async fn read_anew(&self, store: &dyn Store, owner: &Address) -> Result<(), StoreError> {
        let reading = self.readings.fetch_add(1, Ordering::AcqRel) + 1;
        let mut circle = Circle { reading, ..Circle::default() };
        if let Some(bytes) = store.datum(owner, KEY).await? {
            circle.privacy = serde_json::from_slice(&bytes)
                .map_err(|error| StoreError::Corrupt { why: format!("{KEY} of {owner}: {error}") })?;
        }
        if circle.privacy.asks_who() {
            let contacts = store.contacts(owner).await?.into_iter().filter(|contact| contact.listed);
            circle.contacts = contacts.map(|contact| contact.address).collect();
        }
        let groups: Vec<GroupName> = match &circle.privacy.writes {
            WhoWrites::Everyone | WhoWrites::Contacts => Vec::new(),
            WhoWrites::ContactsAndOwnGroups => store.groups_of(owner).await?,
            WhoWrites::ContactsAndGroups(groups) => groups.clone(),
        };
        for group in groups {
            circle
                .group_members
                .extend(store.group(&group).await?.into_iter().flat_map(|group| group.members));
        }
        self.put(owner, circle);
        Ok(())
    }

    /// Keeps the newer one of two that were read at the same time.
    fn put(&self, owner: &Address, circle: Circle) {
        let mut circles = self.circles.write();
        if circles.get(owner).is_none_or(|other| other.reading < circle.reading) {
            circles.insert(owner.clone(), Arc::new(circle));
        }
        self.count.store(circles.len(), Ordering::Release);
    }

    fn of(&self, owner: &Address) -> Option<Arc<Circle>> {
        if self.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.circles.read().get(owner).cloned()
    }

    /// Those for whom it counts who is in a group.
    fn who_ask_for_groups(&self) -> Vec<Address> {
        let circles = self.circles.read();
        let asks = |circle: &Circle| {
            matches!(circle.privacy.writes, WhoWrites::ContactsAndOwnGroups | WhoWrites::ContactsAndGroups(_))
        };
        circles.iter().filter(|(_, circle)| asks(circle)).map(|(owner, _)| owner.clone()).collect()
    }
}

impl Hub {
    /// What a person wants to be spared and to keep to themselves.
    pub fn privacy(&self, owner: &Address) -> Privacy {
        self.circles.of(owner).map(|circle| circle.privacy.clone()).unwrap_or_default()
    }

    /// Is to be in force for a person from now on. Who becomes invisible is seen to leave, and who no longer is appears.
    /// `actor` is who says so.
    ///
    /// # Errors
    /// There is no such person, or no group of one of the names.
    pub async fn set_privacy(&self, actor: &str, name: &str, privacy: Privacy) -> Result<(), HubError> {
        let owner = self.account_named(name)?.address.clone();
        if let WhoWrites::ContactsAndGroups(groups) = &privacy.writes {
            for group in groups {
                let found = self.store.group(group).await?;
                found.ok_or_else(|| HubError::NoGroup { name: group.to_string() })?;
            }
        }
        let (hides, hid) = (privacy.invisible, self.is_invisible(&owner));
        let value = match privacy == Privacy::default() {
            true => None,
            false => Some(
                serde_json::to_vec(&privacy)
                    .map_err(|error| StoreError::Unavailable { why: error.to_string() })?,
            ),
        };
        let (key, bytes_max) = (KEY.to_owned(), DATA_BYTES_MAX);
        let change = Change::SetDatum { owner: owner.clone(), key, value, bytes_max };
        if self.commit_for(actor, &owner, "user.privacy", change).await?.contains(&Outcome::Full) {
            return Err(HubError::TooMuchData { limit: DATA_BYTES_MAX });
        }
        if hides && !hid {
            self.show_to_watchers(&owner, false).await?;
            self.remember_left(&owner, &Presence::default()).await;
        }
        self.circles.read_anew(&*self.store, &owner).await?;
        self.note_who_is_here();
        if hid && !hides {
            self.show_to_watchers(&owner, true).await?;
        }
        Ok(())
    }

    /// The list of contacts of this person has changed.
    pub(crate) async fn note_contacts_for_privacy(&self, owner: &Address) -> Result<(), HubError> {
        if self.circles.of(owner).is_some_and(|circle| circle.privacy.asks_who()) {
            self.circles.read_anew(&*self.store, owner).await?;
        }
        Ok(())
    }

    /// The members of a group have changed.
    pub(crate) async fn note_groups_for_privacy(&self) -> Result<(), HubError> {
        for owner in self.circles.who_ask_for_groups() {
            self.circles.read_anew(&*self.store, &owner).await?;
        }
        Ok(())
    }

    /// Whether a person's privacy lets a sender write to them.
    pub(crate) fn admits(&self, owner: &Address, sender: &Sender) -> bool {
        let Some(circle) = self.circles.of(owner) else { return true };
        match sender {
            Sender::Account { address } => circle.privacy.admits(circle.relation(owner, address)),
            Sender::Unverified { .. } => circle.privacy.admits_unverified(),
            Sender::Service => true,
        }
    }

    /// Whether a message says something that its sender keeps from its recipient.
    pub(crate) fn keeps_back(&self, message: &Message) -> bool {
        let Some(sender) = message.sender.account() else { return false };
        let Some(circle) = self.circles.of(sender) else { return false };
        circle.privacy.keeps_back(&message.content, circle.relation(sender, &message.recipient))
    }

    /// What its sender keeps from its recipient reaches the sender's own devices alone. The sender's client hears that
    /// it is dealt with, and nobody is told that there was anything.
    pub(crate) fn keep_from_recipient(&self, message: &Arc<Message>, done: Done) {
        self.give_sent_copies(message, done.origin());
        done.tell(Ok(Sent::Accepted));
    }

    /// Whether a person looks absent to everybody else.
    pub(crate) fn is_invisible(&self, owner: &Address) -> bool {
        self.circles.of(owner).is_some_and(|circle| circle.privacy.invisible)
    }

    /// Whether a session looks absent to this person, unless it shows itself to them on purpose.
    pub(crate) fn is_hidden_from(&self, session: &Session, other: &Address) -> bool {
        session.address() != other && self.is_invisible(session.address())
    }

    /// Whether a person lets somebody ask when they were last there, who sees their presence.
    pub(crate) fn shows_last_activity(&self, owner: &Address, asker: &Address) -> bool {
        let Some(circle) = self.circles.of(owner) else { return true };
        circle.privacy.shows_last_activity(circle.relation(owner, asker))
    }
}
