use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::{Account, Address, BlockList};
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use store::{Store, StoreError};

/// The accounts, in memory: policy asks for them at every message.
#[derive(Debug)]
pub(crate) struct People {
    known: RwLock<Known>,
    /// How many people have blocked anybody: where nobody has, nobody is looked for.
    blockers: AtomicUsize,
}

#[derive(Debug, Default)]
struct Known {
    by_address: HashMap<Address, Arc<Account>, RandomState>,
    by_netbios: HashMap<String, Address>,
    /// Only of those who have blocked anybody.
    blocks: HashMap<Address, Arc<BlockList>>,
}

impl People {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let mut known = Known::default();
        for account in store.accounts().await? {
            known.insert(account);
        }
        for (owner, jid) in store.blocks().await? {
            let list = known.blocks.entry(owner).or_default();
            *list = Arc::new(list.with(&[jid]));
        }
        let blockers = known.blocks.len().into();
        Ok(Self { known: RwLock::new(known), blockers })
    }

    pub(crate) fn account(&self, address: &Address) -> Option<Arc<Account>> {
        self.known.read().by_address.get(address).cloned()
    }

    pub(crate) fn address(&self, text: &str) -> Option<Address> {
        self.known.read().by_address.get(text).map(|account| account.address.clone())
    }

    /// Whom a person has blocked; none where that is nobody.
    pub(crate) fn blocks(&self, owner: &Address) -> Option<Arc<BlockList>> {
        if self.blockers.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.known.read().blocks.get(owner).cloned()
    }

    /// Changes whom a person has blocked; returns the lists before and after.
    pub(crate) fn change_blocks(
        &self,
        owner: &Address,
        change: impl FnOnce(&BlockList) -> BlockList,
    ) -> (Arc<BlockList>, Arc<BlockList>) {
        let mut known = self.known.write();
        let before = known.blocks.remove(owner).unwrap_or_default();
        let after = Arc::new(change(&before));
        if !after.is_empty() {
            known.blocks.insert(owner.clone(), after.clone());
        }
        self.blockers.store(known.blocks.len(), Ordering::Release);
        (before, after)
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
        known.blocks.remove(address);
    }
}

impl Known {
    fn insert(&mut self, account: Account) {
        self.by_netbios.insert(account.netbios.to_uppercase(), account.address.clone());
        self.by_address.insert(account.address.clone(), Arc::new(account));
    }
}
