use std::{collections::HashMap, sync::Arc};

use domain::{Account, Address};
use parking_lot::RwLock;
use store::{Store, StoreError};

/// The accounts, in memory: policy asks for them at every message.
#[derive(Debug)]
pub(crate) struct People {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_address: HashMap<Address, Arc<Account>>,
    by_netbios: HashMap<String, Address>,
}

impl People {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut known = Known::default();
        for account in store.accounts().await? {
            known.insert(account);
        }
        Ok(Self { known: RwLock::new(known) })
    }

    pub(crate) fn account(&self, address: &Address) -> Option<Arc<Account>> {
        self.known.read().by_address.get(address).cloned()
    }

    pub(crate) fn address(&self, text: &str) -> Option<Address> {
        self.known.read().by_address.get(text).map(|account| account.address.clone())
    }

    pub(crate) fn by_netbios(&self, spelling: &str) -> Option<Arc<Account>> {
        let known = self.known.read();
        let address = known.by_netbios.get(&spelling.to_uppercase())?;
        known.by_address.get(address).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Account>> {
        let mut accounts: Vec<_> = self.known.read().by_address.values().cloned().collect();
        accounts.sort_unstable_by(|one, other| one.address.cmp(&other.address));
        accounts
    }

    pub(crate) fn count(&self) -> usize {
        self.known.read().by_address.len()
    }

    pub(crate) fn put(&self, account: Account) {
        self.known.write().insert(account);
    }

    pub(crate) fn remove(&self, address: &Address) {
        let mut known = self.known.write();
        if let Some(account) = known.by_address.remove(address) {
            known.by_netbios.remove(&account.netbios);
        }
    }
}

impl Known {
    fn insert(&mut self, account: Account) {
        self.by_netbios.insert(account.netbios.to_uppercase(), account.address.clone());
        self.by_address.insert(account.address.clone(), Arc::new(account));
    }
}
