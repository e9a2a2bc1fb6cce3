//! How many files may be on their way at once, and for how long.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

/// How many files may be on their way, and how many to and from one address.
const TRANSFERS_MAX: usize = 1_024;
const TRANSFERS_OF_ADDRESS_MAX: usize = 64;

/// How slow a client may be: so long, and as long again as it takes at this rate.
const GRACE: Duration = Duration::from_secs(60);
const BYTES_PER_SECOND_MIN: u64 = 8_192;

/// Files that are on their way.
#[derive(Debug, Default)]
pub(super) struct Transfers(Mutex<HashMap<IpAddr, usize>>);

/// One of them. It counts until this is dropped.
#[derive(Debug)]
pub(super) struct Transfer {
    transfers: Arc<Transfers>,
    source: IpAddr,
    /// When it is to be over.
    pub(super) until: Instant,
}

/// Why a file does not begin its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crowded {
    /// There are as many as there may be.
    Everywhere,
    /// The address has as many as it may.
    Address,
}

impl Transfers {
    /// One more, to or from this address.
    pub(super) fn begin(self: &Arc<Self>, source: IpAddr) -> Result<Transfer, Crowded> {
        let mut running = self.0.lock();
        if running.values().sum::<usize>() >= TRANSFERS_MAX {
            return Err(Crowded::Everywhere);
        }
        let own = running.entry(source).or_default();
        if *own >= TRANSFERS_OF_ADDRESS_MAX {
            return Err(Crowded::Address);
        }
        *own += 1;
        Ok(Transfer { transfers: self.clone(), source, until: Instant::now() + GRACE })
    }
}

impl Transfer {
    /// So many bytes are to be taken.
    pub(super) fn of(mut self, bytes: u64) -> Self {
        self.until += Duration::from_secs(bytes / BYTES_PER_SECOND_MIN);
        self
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Entry::Occupied(mut own) = self.transfers.0.lock().entry(self.source) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_does_not_take_all_of_it_and_what_is_over_does_not_count() {
        let transfers = Arc::new(Transfers::default());
        let address = |number: u8| IpAddr::from([10, 0, 0, number]);
        let mut running: Vec<Transfer> =
            (0..TRANSFERS_OF_ADDRESS_MAX).map(|_| transfers.begin(address(1)).unwrap()).collect();
        assert_eq!(transfers.begin(address(1)).unwrap_err(), Crowded::Address);
        assert!(transfers.begin(address(2)).is_ok());
        running.pop();
        assert!(transfers.begin(address(1)).is_ok());
        running.clear();
        assert!(transfers.0.lock().is_empty());
        let many: Vec<Transfer> = (0..16)
            .flat_map(|number| (0..TRANSFERS_OF_ADDRESS_MAX).map(move |_| number))
            .map(|number| transfers.begin(address(number)).unwrap())
            .collect();
        assert_eq!(transfers.begin(address(99)).unwrap_err(), Crowded::Everywhere);
        drop(many);
    }
}
