use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{Address, ArchiveDefault, ArchivePreferences, Message};
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use store::{ArchivePage, ArchiveQuery, Change, Keep, Outcome, Store, StoreError};

use crate::{DATA_BYTES_MAX, Hub, HubError, Session};

/// Under which key an account's preferences are kept.
const KEY: &str = "archive-preferences";

/// What those want kept who do not want everything kept.
#[derive(Debug, Default)]
pub(crate) struct Archives {
    wishes: RwLock<HashMap<Address, Wish, RandomState>>,
}

#[derive(Clone, Debug, Default)]
struct Wish {
    preferences: Arc<ArchivePreferences>,
    /// Where it depends on them: the people on the owner's list of contacts.
    contacts: HashSet<Address>,
}

impl Archives {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let archives = Self::default();
        for (owner, bytes) in store.data_of_all(KEY).await? {
            let preferences = serde_json::from_slice(&bytes)
                .map_err(|error| StoreError::Corrupt { why: format!("{KEY} of {owner}: {error}") })?;
            archives.put(&owner, preferences);
            if archives.depends_on_contacts(&owner) {
                let contacts = store.contacts(&owner).await?.into_iter();
                let listed = contacts.filter(|contact| contact.listed).map(|contact| contact.address);
                archives.put_contacts(&owner, listed.collect());
            }
        }
        Ok(archives)
    }

    pub(crate) fn depends_on_contacts(&self, owner: &Address) -> bool {
        let wishes = self.wishes.read();
        wishes.get(owner).is_some_and(|wish| wish.preferences.default == ArchiveDefault::Contacts)
    }

    pub(crate) fn put_contacts(&self, owner: &Address, contacts: HashSet<Address>) {
        if let Some(wish) = self.wishes.write().get_mut(owner) {
            wish.contacts = contacts;
        }
    }

    /// The account is gone.
    pub(crate) fn forget(&self, owner: &Address) {
        self.wishes.write().remove(owner);
    }

    fn put(&self, owner: &Address, preferences: ArchivePreferences) {
        let wish = Wish { preferences: Arc::new(preferences), contacts: HashSet::new() };
        self.wishes.write().insert(owner.clone(), wish);
    }

    fn keeps(&self, owner: &Address, other: Option<&Address>, device: Option<&str>) -> bool {
        let wishes = self.wishes.read();
        let Some(wish) = wishes.get(owner) else { return true };
        let is_contact = || other.is_some_and(|other| wish.contacts.contains(other));
        wish.preferences.keeps(other.map_or("", Address::as_str), device, is_contact)
    }
}

impl Hub {
    /// A page of a person's archive (XEP-0313). [`StoreError::Missing`] where a message is named that is not in it.
    pub async fn archive(&self, query: ArchiveQuery) -> Result<ArchivePage, HubError> {
        Ok(self.store.archive(query).await?)
    }

    /// What a person wants kept of their messages.
    pub fn archive_preferences(&self, owner: &Address) -> Arc<ArchivePreferences> {
        let wishes = self.archives.wishes.read();
        wishes.get(owner).map(|wish| wish.preferences.clone()).unwrap_or_default()
    }

    /// Keeps from now on what a person wants kept. What is kept already stays.
    pub async fn set_archive_preferences(
        &self,
        owner: &Address,
        preferences: ArchivePreferences,
    ) -> Result<(), HubError> {
        let value = serde_json::to_vec(&preferences)
            .map_err(|error| StoreError::Unavailable { why: error.to_string() })?;
        let change = Change::SetDatum {
            owner: owner.clone(),
            key: KEY.to_owned(),
            value: Some(value),
            bytes_max: DATA_BYTES_MAX,
        };
        if self.store.commit(vec![change]).await?.contains(&Outcome::Full) {
            return Err(HubError::TooMuchData { limit: DATA_BYTES_MAX });
        }
        self.archives.put(owner, preferences);
        self.note_contacts(owner).await
    }

    /// Where it depends on them what is kept, or who may write, a change of the list of contacts counts.
    pub(crate) async fn note_contacts(&self, owner: &Address) -> Result<(), HubError> {
        if self.archives.depends_on_contacts(owner) {
            let contacts = self.contacts(owner).await?.into_iter().map(|contact| contact.address);
            self.archives.put_contacts(owner, contacts.collect());
        }
        self.note_contacts_for_privacy(owner).await
    }

    /// In whose archives what a session writes to a person, or to a device of theirs, is to be: as both people want it.
    /// It is asked once for each message that may be kept, and said in [`Origin`](crate::Origin).
    pub fn keep(&self, from: &Session, recipient: &Address, resource: Option<&str>) -> Keep {
        if !self.settings.archive {
            return Keep::NOBODY;
        }
        let sender = from.address();
        let wanted = Keep {
            sender: self.archives.keeps(sender, Some(recipient), resource),
            recipient: self.archives.keeps(recipient, Some(sender), Some(from.resource())),
        };
        self.keep_where_archived(wanted, sender == recipient)
    }

    /// The same for what comes from no session. An answer that the service gives by itself is in no archive.
    pub(crate) fn keep_plain(&self, message: &Message) -> Keep {
        if message.automatic {
            return Keep::NOBODY;
        }
        let sender = message.sender.correspondent(self.domain());
        let recipient = &message.recipient;
        let keeps_sent = |sender: &Address| self.archives.keeps(sender, Some(recipient), None);
        let wanted = Keep {
            sender: message.sender.account().is_some_and(keeps_sent),
            recipient: self.archives.keeps(recipient, sender.as_ref(), None),
        };
        self.keep_where_archived(wanted, message.sender.account() == Some(recipient))
    }

    fn keep_where_archived(&self, wanted: Keep, is_to_oneself: bool) -> Keep {
        match wanted {
            _ if !self.settings.archive => Keep::NOBODY,
            // Who writes to themselves has one archive.
            Keep { sender, recipient } if is_to_oneself && (sender || recipient) => Keep::BOTH,
            wanted => wanted,
        }
    }
}
