use std::{collections::HashMap, sync::Arc};

use domain::{Address, Right};
use parking_lot::RwLock;
use store::{Change, Outcome, Store, StoreError};

use crate::{DATA_BYTES_MAX, Hub, HubError};

/// Where an account's rights are kept.
const KEY: &str = "rights";

/// How many rights one account may have.
const RIGHTS_MAX: usize = 50;

/// Who may do what beside what everybody may, in memory. Only of those who may.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    known: RwLock<HashMap<Address, Arc<[Right]>>>,
}

impl Rights {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut known = HashMap::new();
        for (address, value) in store.data_of_all(KEY).await? {
            let rights: Vec<Right> = serde_json::from_slice(&value)
                .map_err(|error| StoreError::Corrupt { why: format!("the rights of {address}: {error}") })?;
            known.insert(address, rights.into());
        }
        Ok(Self { known: RwLock::new(known) })
    }

    pub(crate) fn of(&self, address: &Address) -> Arc<[Right]> {
        self.known.read().get(address).cloned().unwrap_or_else(|| Arc::new([]))
    }

    pub(crate) fn forget(&self, address: &Address) {
        self.known.write().remove(address);
    }
}

impl Hub {
    /// What an account may do beside what everybody may, and beside what administrators may.
    pub fn rights(&self, address: &Address) -> Arc<[Right]> {
        self.rights.of(address)
    }

    /// Gives an account a right. One that it has is no mistake.
    pub async fn grant(&self, actor: &str, name: &str, right: Right) -> Result<(), HubError> {
        let address = self.account_named(name)?.address.clone();
        if let Right::Publish(publish) = &right {
            // Nobody is given a right to people who are not there by a slip of the pen.
            self.people_in(&publish.audience).await?;
        }
        let mut rights = self.rights.of(&address).to_vec();
        if rights.contains(&right) {
            return Ok(());
        }
        if rights.len() >= RIGHTS_MAX {
            return Err(HubError::TooManyRights { limit: RIGHTS_MAX });
        }
        let said = right.to_string();
        rights.push(right);
        self.keep_rights(actor, "user.grant", &address, rights, &said).await
    }

    /// Takes a right from an account. One that it has not is no mistake.
    pub async fn revoke(&self, actor: &str, name: &str, right: &Right) -> Result<(), HubError> {
        let address = self.account_named(name)?.address.clone();
        let mut rights = self.rights.of(&address).to_vec();
        let before = rights.len();
        rights.retain(|known| known != right);
        if rights.len() == before {
            return Ok(());
        }
        self.keep_rights(actor, "user.revoke", &address, rights, &right.to_string()).await
    }

    async fn keep_rights(
        &self,
        actor: &str,
        action: &str,
        address: &Address,
        rights: Vec<Right>,
        said: &str,
    ) -> Result<(), HubError> {
        let value = serde_json::to_vec(&rights).ok().filter(|_| !rights.is_empty());
        let owner = address.clone();
        let put = Change::SetDatum { owner, key: KEY.to_owned(), value, bytes_max: 2 * DATA_BYTES_MAX };
        let audit = self.audit(actor, action, address.as_str(), said);
        if matches!(self.store.commit(vec![put, audit]).await?.first(), Some(Outcome::Full)) {
            return Err(HubError::TooMuchData { limit: DATA_BYTES_MAX });
        }
        let mut known = self.rights.known.write();
        if rights.is_empty() {
            known.remove(address);
        } else {
            known.insert(address.clone(), rights.into());
        }
        Ok(())
    }
}
