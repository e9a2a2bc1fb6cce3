use std::{collections::HashMap, net::IpAddr};

use hub::{Environment, ProofMark};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::api::{Peer, Problem};

/// For how many seconds a ticket is good.
pub(crate) const TICKET_SECONDS: u64 = 30;

/// How many tickets there may be at once, and how many of one account.
const TICKETS_MAX: usize = 100_000;
const TICKETS_OF_ACCOUNT_MAX: usize = 20;

/// What stands for credentials for half a minute, once, where a browser cannot say them. In memory, by their hashes: a
/// lookup tells nothing by the time it takes.
#[derive(Debug, Default)]
pub(crate) struct Tickets {
    by_hash: Mutex<HashMap<[u8; 32], Kept>>,
}

#[derive(Debug)]
struct Kept {
    peer: Peer,
    /// Before they proved it.
    mark: ProofMark,
    source: IpAddr,
    until: Timestamp,
}

impl Tickets {
    /// Makes one for whoever has proven themselves from this address.
    ///
    /// # Errors
    /// There are too many that were not used.
    pub(crate) fn make(
        &self,
        environment: &Environment,
        (peer, mark): (Peer, ProofMark),
        source: IpAddr,
    ) -> Result<String, Problem> {
        let now = environment.now();
        let ticket: String = environment.random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
        let seconds = SignedDuration::from_secs(TICKET_SECONDS as i64);
        let until = now.checked_add(seconds).unwrap_or(now);
        let mut tickets = self.by_hash.lock();
        tickets.retain(|_, kept| kept.until > now);
        let account = peer.account().map(|account| &account.address);
        let own = tickets.values().filter(|kept| kept.peer.account().map(|own| &own.address) == account);
        if own.count() >= TICKETS_OF_ACCOUNT_MAX || tickets.len() >= TICKETS_MAX {
            return Err(Problem::unavailable(
                "there are too many tickets that nobody has used: try again later",
            ));
        }
        tickets.insert(hash(&ticket), Kept { peer, mark, source, until });
        Ok(ticket)
    }

    /// Who has made this one, and before when they proved who they are: whether that still counts is for the caller to
    /// ask. It is used up by this, also where it is no longer good or was made from elsewhere.
    pub(crate) fn take(&self, now: Timestamp, ticket: &str, source: IpAddr) -> Option<(Peer, ProofMark)> {
        let kept = self.by_hash.lock().remove(&hash(ticket))?;
        (kept.until > now && kept.source == source).then_some((kept.peer, kept.mark))
    }
}

fn hash(ticket: &str) -> [u8; 32] {
    Sha256::digest(ticket).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{Account, Address};

    use super::*;

    fn mark() -> ProofMark {
        ProofMark::default()
    }

    fn peer(name: &str, source: IpAddr) -> Peer {
        let account = Account {
            address: Address::new(name, "x.internal").unwrap(),
            netbios: name.to_uppercase(),
            administrator: false,
            disabled: false,
            accepts_unverified: true,
            created_at: Timestamp::UNIX_EPOCH,
        };
        Peer::Person { account: Arc::new(account), rights: Arc::from([]), source, browser: None }
    }

    #[test]
    fn a_ticket_is_good_once_for_half_a_minute_and_where_it_was_made() {
        let (here, elsewhere) = (IpAddr::from([10, 0, 0, 9]), IpAddr::from([10, 0, 0, 8]));
        let environment = Environment::system();
        let (tickets, anna) = (Tickets::default(), peer("anna", here));
        let make = || tickets.make(&environment, (anna.clone(), mark()), here).unwrap();
        let now = environment.now();
        let ticket = make();
        assert_eq!(tickets.take(now, &ticket, here), Some((anna.clone(), mark())));
        assert_eq!(tickets.take(now, &ticket, here), None, "twice");
        assert_eq!(tickets.take(now + SignedDuration::from_secs(31), &make(), here), None, "too late");
        let ticket = make();
        assert_eq!(tickets.take(now, &ticket, elsewhere), None);
        assert_eq!(tickets.take(now, &ticket, here), None, "it is used up");
        assert_eq!(tickets.take(now, "x", here), None);
    }

    #[test]
    fn who_makes_tickets_and_uses_none_has_to_wait_and_others_do_not() {
        let (here, environment, tickets) =
            (IpAddr::from([10, 0, 0, 9]), Environment::system(), Tickets::default());
        for _ in 0..TICKETS_OF_ACCOUNT_MAX {
            tickets.make(&environment, (peer("anna", here), mark()), here).unwrap();
        }
        assert_eq!(tickets.make(&environment, (peer("anna", here), mark()), here).unwrap_err().status, 503);
        assert!(tickets.make(&environment, (peer("bert", here), mark()), here).is_ok());
    }
}
