//! Names that were found a while ago.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Instant;

use crate::name::Name;

/// Where a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) addresses: Vec<Ipv4Addr>,
    pub(super) group: bool,
}

#[derive(Debug)]
pub(super) struct Cache {
    count_max: usize,
    names: BTreeMap<Name, (Instant, Found)>,
}

impl Cache {
    pub(super) fn new(count_max: usize) -> Self {
        Self { count_max, names: BTreeMap::new() }
    }

    pub(super) fn get(&self, name: &Name, now: Instant) -> Option<&Found> {
        self.names.get(name).filter(|(until, _)| now < *until).map(|(_, found)| found)
    }

    /// Remembers a name. If there are too many, the one that would be forgotten first makes room.
    pub(super) fn insert(&mut self, name: Name, found: Found, until: Instant, now: Instant) {
        if self.names.len() >= self.count_max && !self.names.contains_key(&name) {
            self.names.retain(|_, (until, _)| now < *until);
            let first = self.names.iter().min_by_key(|(_, (until, _))| *until).map(|(name, _)| *name);
            if let Some(first) = first.filter(|_| self.names.len() >= self.count_max) {
                self.names.remove(&first);
            }
        }
        if self.count_max > 0 {
            self.names.insert(name, (until, found));
        }
    }

    /// The address has given the name up.
    pub(super) fn forget(&mut self, name: &Name, address: Ipv4Addr) {
        if let Some((_, found)) = self.names.get_mut(name) {
            found.addresses.retain(|other| *other != address);
            if found.addresses.is_empty() {
                self.names.remove(name);
            }
        }
    }
}
