use std::collections::BTreeMap;

use domain::{Address, Audience, MESSAGE_NAMES_MAX, MessageName, MessageNameError};
use parking_lot::RwLock;
use store::{Change, Store};
use tokio::sync::watch;

use crate::{Hub, HubError};

/// Where the store keeps them, as one JSON object.
const SETTING: &str = "message-names";

/// Who gets what is sent to a name; none means those who get what is sent to the computer's own.
type Names = BTreeMap<MessageName, Option<Audience>>;

/// The computer's message names beside its own, and who gets what is sent to them: `net name`.
#[derive(Debug)]
pub(crate) struct MessageNames {
    names: RwLock<Names>,
    /// One change after the other, so that what is kept is what is in force.
    change: tokio::sync::Mutex<()>,
    changed: watch::Sender<()>,
}

impl MessageNames {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, HubError> {
        let kept = store.setting(SETTING).await?;
        let names = kept.map(|kept| serde_json::from_str(&kept)).transpose().unwrap_or_else(|error| {
            tracing::error!(%error, "the message names that were kept cannot be read: there are none now");
            None
        });
        let names = names.unwrap_or_default();
        let changed = watch::Sender::new(());
        Ok(Self { names: RwLock::new(names), change: tokio::sync::Mutex::default(), changed })
    }
}

impl Hub {
    /// The computer's message names beside its own, and who gets what is sent to each; none means those who get what is
    /// sent to the computer's own.
    pub fn message_names(&self) -> BTreeMap<MessageName, Option<Audience>> {
        self.message_names.names.read().clone()
    }

    /// Who gets what is sent to a name of this computer, its own or a message name, in whatever case it is written.
    pub fn appointed_for(&self, text: &str) -> Option<Audience> {
        let own = || self.settings.machine_name_to.clone();
        if self.is_machine_name(text.trim()) {
            return Some(own());
        }
        let name = text.parse::<MessageName>().ok()?;
        let to = self.message_names.names.read().get(&name).cloned()?;
        Some(to.unwrap_or_else(own))
    }

    /// Tells when message names were added or deleted.
    pub fn message_names_changed(&self) -> watch::Receiver<()> {
        self.message_names.changed.subscribe()
    }

    /// Adds a message name. What is sent to it goes to `to`, or where what is sent to the computer's own name goes.
    pub async fn add_message_name(
        &self,
        by: &Address,
        name: MessageName,
        to: Option<Audience>,
    ) -> Result<(), HubError> {
        let detail = to.as_ref().map(|to| format!("to {to}")).unwrap_or_default();
        let add = |names: &mut Names| {
            if self.is_machine_name(name.as_str()) || names.contains_key(&name) {
                return Err(MessageNameError::AlreadyExists(name.clone()));
            }
            if self.people.by_netbios(name.as_str()).is_some() {
                return Err(MessageNameError::InUse(name.clone()));
            }
            if names.len() >= MESSAGE_NAMES_MAX {
                return Err(MessageNameError::TooMany);
            }
            names.insert(name.clone(), to);
            Ok(())
        };
        self.change_message_names(by, "message-name.add", &name, detail, add).await
    }

    /// Deletes a message name.
    pub async fn delete_message_name(&self, by: &Address, name: MessageName) -> Result<(), HubError> {
        let delete = |names: &mut Names| {
            if self.is_machine_name(name.as_str()) {
                return Err(MessageNameError::ComputerName);
            }
            names.remove(&name).map(drop).ok_or_else(|| MessageNameError::NotLocal(name.to_string()))
        };
        self.change_message_names(by, "message-name.delete", &name, String::new(), delete).await
    }

    async fn change_message_names(
        &self,
        by: &Address,
        action: &str,
        name: &MessageName,
        detail: String,
        change: impl FnOnce(&mut Names) -> Result<(), MessageNameError>,
    ) -> Result<(), HubError> {
        domain::may_alert(self.people.account(by).as_deref())?;
        let _one_after_the_other = self.message_names.change.lock().await;
        let mut names = self.message_names();
        change(&mut names)?;
        let value = serde_json::to_string(&names).unwrap_or_default();
        let keep = Change::SetSetting { key: SETTING.to_owned(), value };
        let audit = self.audit(by.as_str(), action, name.as_str(), detail);
        self.store.commit(vec![keep, audit]).await?;
        *self.message_names.names.write() = names;
        self.message_names.changed.send_replace(());
        Ok(())
    }

    fn is_machine_name(&self, text: &str) -> bool {
        text.eq_ignore_ascii_case(&self.settings.machine_name)
    }
}
