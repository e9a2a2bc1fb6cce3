use std::{collections::HashMap, net::IpAddr};

use domain::Address;
use foldhash::fast::RandomState;
use parking_lot::RwLock;
use store::{Change, Store, StoreError};

use crate::{DATA_BYTES_MAX, Hub, Session};

/// Where it is kept from which network address somebody signed in last.
const KEY: &str = "last-source";

/// From which network address each person signed in last, in memory.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    last: RwLock<HashMap<Address, IpAddr, RandomState>>,
}

impl Sources {
    pub(crate) async fn load(store: &dyn Store) -> Result<Self, StoreError> {
        let known = store.data_of_all(KEY).await?.into_iter();
        let read = |(address, value): (Address, Vec<u8>)| {
            Some((address, std::str::from_utf8(&value).ok()?.parse().ok()?))
        };
        Ok(Self { last: RwLock::new(known.filter_map(read).collect()) })
    }

    pub(crate) fn forget(&self, address: &Address) {
        self.last.write().remove(address);
    }
}

impl Hub {
    /// The network addresses that a person is signed in from, and the one that they were last.
    pub(crate) fn sources_of(&self, address: &Address) -> Vec<IpAddr> {
        let now = self.directory.with(address, |person| {
            person.seats.iter().map(|seat| seat.session.source()).collect::<Vec<String>>()
        });
        let now = now.iter().filter_map(|source| source.parse::<IpAddr>().ok());
        let mut sources: Vec<IpAddr> = now.map(|source| source.to_canonical()).collect();
        sources.extend(self.sources.last.read().get(address).map(IpAddr::to_canonical));
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// Remembers from where a session comes, where it is not from where its person came last.
    pub(crate) fn note_source(&self, session: &Session) {
        let Ok(source) = session.source().parse::<IpAddr>() else { return };
        let owner = session.address().clone();
        if self.sources.last.read().get(&owner) == Some(&source) {
            return;
        }
        self.sources.last.write().insert(owner.clone(), source);
        let (key, value) = (KEY.to_owned(), Some(source.to_string().into_bytes()));
        self.commit_later(vec![Change::SetDatum { owner, key, value, bytes_max: 2 * DATA_BYTES_MAX }]);
    }
}
