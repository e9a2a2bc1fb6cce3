use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::AllowedNetworks;
use parking_lot::{Mutex, RwLock};
use thiserror::Error;
use tokio::time::Instant;

use super::{Cause, PerMinute, sources::Counters};

/// How often within a minute it is written into the audit log that an address has to wait, over all addresses.
const NOTES_PER_MINUTE_MAX: u32 = 20;

/// How much may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateLimits {
    /// Connections at the same time, over all doors.
    pub connections_max: usize,
    /// Connections of one address at the same time that have not signed in. Where a protocol knows no signing in,
    /// all of them count.
    pub connections_per_address_max: usize,
    /// Connections of one account, or one token, at the same time.
    pub connections_per_account_max: usize,
    /// Sign-ins of one address that may fail within a minute.
    pub sign_in_failures_per_minute_max: u32,
}

/// Of all connections, one in so many is kept for those that have not signed in, so that others can still.
const RESERVE: usize = 10;

/// Who hears of whom the gate refuses: the address, why, and the account where it is the one that has too many.
pub(crate) type Observer = Box<dyn Fn(IpAddr, Refusal, Option<&str>) + Send + Sync>;

/// Who is let in, and whom the service may connect to. One for all doors.
pub struct Gate {
    allowed: RwLock<Arc<AllowedNetworks>>,
    limits: GateLimits,
    open: Mutex<Open>,
    failures: Arc<PerMinute>,
    notes: PerMinute,
    /// Who of those outside has come within the minute.
    outside: Arc<PerMinute>,
    counters: Counters,
    refused: Refused,
    observer: OnceLock<Observer>,
}

/// A connection that was let in; it counts until this is dropped.
#[derive(Debug)]
pub struct Admitted {
    gate: Arc<Gate>,
    address: IpAddr,
    /// As whom its client has signed in.
    account: Option<Arc<str>>,
}

/// Why a connection is closed before a byte is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The address is not of an allowed network.
    #[error("the address is outside the allowed networks")]
    Outside,
    /// The service has as many connections as it may.
    #[error("there are as many connections as there may be")]
    Connections,
    /// The address has as many connections as it may that have not signed in.
    #[error("the address has as many connections without a sign-in as it may")]
    ConnectionsOfAddress,
    /// The account has as many connections as it may.
    #[error("you have as many connections as you may: close some first")]
    ConnectionsOfAccount,
}

/// What the gate has seen, for an administrator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateStatus {
    /// Connections that are open now.
    pub connections: usize,
    /// Connections refused since the start because their address is outside the allowed networks.
    pub refused_outside: u64,
    /// Connections refused since the start because there were too many.
    pub refused_connections: u64,
    /// Connections refused since the start because their address had too many without a sign-in.
    pub refused_connections_of_address: u64,
    /// Sign-ins refused since the start because the account had too many connections, or all of them had.
    pub refused_connections_of_account: u64,
    /// Sign-ins that failed since the start.
    pub failed_sign_ins: u64,
    /// How many addresses have to wait now before they may try again.
    pub waiting_addresses: usize,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    /// Those that have not signed in. An address with none is not in it, so that it has at most `all` entries.
    by_address: HashMap<IpAddr, usize>,
    /// Those that have signed in, and as whom.
    signed_in: usize,
    by_account: HashMap<Arc<str>, usize>,
}

#[derive(Debug, Default)]
struct Refused {
    outside: AtomicU64,
    connections: AtomicU64,
    connections_of_address: AtomicU64,
    connections_of_account: AtomicU64,
    sign_ins: AtomicU64,
}

impl Gate {
    /// A gate for these networks.
    pub fn new(allowed: AllowedNetworks, limits: GateLimits) -> Arc<Self> {
        let counters = Counters::default();
        let failures = Arc::new(PerMinute::new(limits.sign_in_failures_per_minute_max));
        let outside = Arc::new(PerMinute::new(0));
        counters.add(Cause::SignIns, &failures);
        counters.add(Cause::Outside, &outside);
        Arc::new(Self {
            allowed: RwLock::new(Arc::new(allowed)),
            failures,
            outside,
            counters,
            notes: PerMinute::new(NOTES_PER_MINUTE_MAX),
            limits,
            open: Mutex::default(),
            refused: Refused::default(),
            observer: OnceLock::new(),
        })
    }

    /// Lets a connection in, or says why not; then it is to be closed without reading from it.
    pub fn admit(self: &Arc<Self>, peer: SocketAddr) -> Result<Admitted, Refusal> {
        let address = peer.ip().to_canonical();
        let admitted = if self.allowed().contains(address) {
            self.open.lock().enter(address, &self.limits)
        } else {
            self.note_outside(address);
            Err(Refusal::Outside)
        };
        match admitted {
            Ok(()) => Ok(Admitted { gate: self.clone(), address, account: None }),
            Err(refusal) => {
                self.note_refusal(address, refusal, None);
                Err(refusal)
            }
        }
    }

    /// Whether a packet from this address is looked at. Nobody is told that it was not.
    pub(crate) fn admits_datagram(&self, address: IpAddr) -> bool {
        let inside = self.allowed().contains(address.to_canonical());
        if !inside {
            self.note_outside(address);
            self.refused.outside.fetch_add(1, Ordering::Relaxed);
        }
        inside
    }

    /// Names who hears of whom the gate refuses. Only the first call counts.
    pub(crate) fn set_observer(&self, observer: Observer) {
        drop(self.observer.set(observer));
    }

    fn note_refusal(&self, address: IpAddr, refusal: Refusal, account: Option<&str>) {
        self.refused.counter(refusal).fetch_add(1, Ordering::Relaxed);
        if let Some(observer) = self.observer.get() {
            observer(address, refusal, account);
        }
    }

    fn note_outside(&self, address: IpAddr) {
        self.outside.take(address, Instant::now().into_std());
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The addresses that have as many connections as they may that have not signed in.
    pub(super) fn crowded(&self) -> Vec<IpAddr> {
        let open = self.open.lock();
        let crowded =
            open.by_address.iter().filter(|(_, count)| **count >= self.limits.connections_per_address_max);
        crowded.map(|(address, _)| *address).collect()
    }

    /// The networks in force.
    pub fn allowed(&self) -> Arc<AllowedNetworks> {
        self.allowed.read().clone()
    }

    /// Puts other networks in force. Connections that are open stay so.
    pub fn replace_allowed(&self, allowed: AllowedNetworks) {
        *self.allowed.write() = Arc::new(allowed);
    }

    /// A sign-in from this address failed. Says whether it has to wait from now on.
    pub fn failed(&self, address: IpAddr) -> bool {
        self.refused.sign_ins.fetch_add(1, Ordering::Relaxed);
        self.failures.count(address, Instant::now().into_std())
    }

    /// Whether it may be written into the audit log that an address has to wait: not so often that it grows by what
    /// strangers do.
    pub(crate) fn may_note(&self) -> bool {
        self.notes.take(IpAddr::V4(Ipv4Addr::UNSPECIFIED), Instant::now().into_std())
    }

    /// Whether this address may try to sign in: not too many of its sign-ins have failed within the minute.
    pub fn may_try(&self, address: IpAddr) -> bool {
        self.failures.may(address, Instant::now().into_std())
    }

    /// The same, for what is about to be tried: it counts as failed until it is known that it was not, so that nobody
    /// has more guesses by making them all at once.
    pub(crate) fn try_sign_in(&self, address: IpAddr) -> Option<Attempt<'_>> {
        let may = self.failures.take(address, Instant::now().into_std());
        may.then_some(Attempt { gate: self, address })
    }

    /// What the gate has seen.
    pub fn status(&self) -> GateStatus {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        GateStatus {
            connections: self.open.lock().all,
            refused_outside: count(&self.refused.outside),
            refused_connections: count(&self.refused.connections),
            refused_connections_of_address: count(&self.refused.connections_of_address),
            refused_connections_of_account: count(&self.refused.connections_of_account),
            failed_sign_ins: count(&self.refused.sign_ins),
            waiting_addresses: self.failures.used_up(Instant::now().into_std()),
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Gate").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Admitted {
    /// The peer's address; IPv4 even where the system wrote it as IPv6.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Its client has signed in as this account, or by this token: it counts no longer among those of its address that
    /// have not. Only the first time says anything.
    ///
    /// # Errors
    /// The account has as many connections as it may, or too few are left for others to sign in; then it counts as
    /// before.
    pub fn signed_in(&mut self, account: &str) -> Result<(), Refusal> {
        if self.account.is_some() {
            return Ok(());
        }
        let signed_in = self.gate.open.lock().sign_in(self.address, account, &self.gate.limits);
        match signed_in {
            Ok(account) => {
                self.account = Some(account);
                Ok(())
            }
            Err(refusal) => {
                self.gate.note_refusal(self.address, refusal, Some(account));
                Err(refusal)
            }
        }
    }
}

impl Admitted {
    /// Its client has signed in for a session, of which an account has so many as it may. Whoever has one may come into
    /// what is kept for those who sign in.
    pub fn has_session(&mut self) {
        if self.account.is_none() {
            self.account = Some(self.gate.open.lock().begin_session(self.address));
        }
    }
}

/// Somebody tries to sign in.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    gate: &'a Gate,
    address: IpAddr,
}

impl Attempt<'_> {
    /// They could, or nobody can tell: it counts no more.
    pub(crate) fn forget(self) {
        self.gate.failures.give_back(self.address, Instant::now().into_std());
    }

    /// They could not. Says whether the address has to wait from now on.
    pub(crate) fn failed(self) -> bool {
        self.gate.refused.sign_ins.fetch_add(1, Ordering::Relaxed);
        self.gate.failures.waits(self.address, Instant::now().into_std())
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock();
        open.all -= 1;
        match &self.account {
            Some(account) => open.sign_out(account),
            None => open.forget(self.address),
        }
    }
}

impl Open {
    fn enter(&mut self, address: IpAddr, limits: &GateLimits) -> Result<(), Refusal> {
        if self.all >= limits.connections_max {
            return Err(Refusal::Connections);
        }
        if self.by_address.get(&address).is_some_and(|count| *count >= limits.connections_per_address_max) {
            return Err(Refusal::ConnectionsOfAddress);
        }
        self.all += 1;
        *self.by_address.entry(address).or_default() += 1;
        Ok(())
    }

    fn sign_in(&mut self, address: IpAddr, account: &str, limits: &GateLimits) -> Result<Arc<str>, Refusal> {
        let known = self.by_account.get_key_value(account).map(|(account, count)| (account.clone(), *count));
        let (account, count) = known.unwrap_or_else(|| (account.into(), 0));
        let max = limits.connections_max;
        if count >= limits.connections_per_account_max || self.signed_in >= max - max / RESERVE {
            return Err(Refusal::ConnectionsOfAccount);
        }
        self.forget(address);
        self.signed_in += 1;
        *self.by_account.entry(account.clone()).or_default() += 1;
        Ok(account)
    }

    fn begin_session(&mut self, address: IpAddr) -> Arc<str> {
        self.forget(address);
        self.signed_in += 1;
        let sessions: Arc<str> = "".into();
        *self.by_account.entry(sessions.clone()).or_default() += 1;
        sessions
    }

    fn sign_out(&mut self, account: &Arc<str>) {
        self.signed_in -= 1;
        if let Entry::Occupied(mut entry) = self.by_account.entry(account.clone()) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }

    fn forget(&mut self, address: IpAddr) {
        if let Entry::Occupied(mut entry) = self.by_address.entry(address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

impl Refused {
    fn counter(&self, refusal: Refusal) -> &AtomicU64 {
        match refusal {
            Refusal::Outside => &self.outside,
            Refusal::Connections => &self.connections,
            Refusal::ConnectionsOfAddress => &self.connections_of_address,
            Refusal::ConnectionsOfAccount => &self.connections_of_account,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(connections_max: usize, connections_per_address_max: usize) -> Arc<Gate> {
        let limits = GateLimits {
            connections_max,
            connections_per_address_max,
            connections_per_account_max: 2,
            sign_in_failures_per_minute_max: 2,
        };
        Gate::new(AllowedNetworks::default(), limits)
    }

    fn peer(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 40_000)
    }

    #[test]
    fn an_address_from_outside_is_refused_and_counted_however_it_is_written() {
        let gate = gate(10, 10);
        assert_eq!(gate.admit(peer("203.0.113.5")).unwrap_err(), Refusal::Outside);
        assert_eq!(gate.admit(peer("::ffff:203.0.113.5")).unwrap_err(), Refusal::Outside);
        assert_eq!(gate.admit(peer("::ffff:10.0.0.7")).unwrap().address(), peer("10.0.0.7").ip());
        assert_eq!(gate.status(), GateStatus { refused_outside: 2, ..GateStatus::default() });
    }

    #[test]
    fn an_address_has_a_limit_until_its_clients_sign_in_or_leave() {
        let gate = gate(10, 2);
        let mut first = gate.admit(peer("10.0.0.7")).unwrap();
        let second = gate.admit(peer("::ffff:10.0.0.7")).unwrap();
        assert_eq!(gate.admit(peer("10.0.0.7")).unwrap_err(), Refusal::ConnectionsOfAddress);
        assert!(gate.admit(peer("10.0.0.8")).is_ok(), "another address is not harmed");
        first.signed_in("anna").unwrap();
        first.signed_in("anna").unwrap();
        let third = gate.admit(peer("10.0.0.7")).unwrap();
        assert_eq!(gate.admit(peer("10.0.0.7")).unwrap_err(), Refusal::ConnectionsOfAddress);
        drop(second);
        assert!(gate.admit(peer("10.0.0.7")).is_ok());
        assert_eq!(gate.status().connections, 2);
        assert_eq!(gate.status().refused_connections_of_address, 2);
        drop((first, third));
        assert_eq!(gate.status().connections, 0);
        assert!(gate.open.lock().by_address.is_empty(), "nothing is remembered of who has left");
    }

    #[test]
    fn the_limit_over_all_counts_those_who_have_signed_in() {
        let gate = gate(1, 10);
        let mut first = gate.admit(peer("10.0.0.7")).unwrap();
        first.signed_in("anna").unwrap();
        assert_eq!(gate.admit(peer("10.0.0.8")).unwrap_err(), Refusal::Connections);
        drop(first);
        assert!(gate.admit(peer("10.0.0.8")).is_ok());
    }

    #[test]
    fn one_account_does_not_take_all_connections_and_some_are_kept_for_others_to_sign_in() {
        let gate = gate(20, 20);
        let enter = |account: &str| {
            let mut admitted = gate.admit(peer("10.0.0.7")).unwrap();
            admitted.signed_in(account).map(|()| admitted)
        };
        let first = [enter("anna").unwrap(), enter("anna").unwrap()];
        assert_eq!(enter("anna").unwrap_err(), Refusal::ConnectionsOfAccount);
        let others: Vec<Admitted> = (0..16).map(|number| enter(&format!("p{number}")).unwrap()).collect();
        assert_eq!(enter("last").unwrap_err(), Refusal::ConnectionsOfAccount, "two are kept");
        drop(first);
        assert!(enter("last").is_ok());
        assert_eq!(gate.status().refused_connections_of_account, 2);
        drop(others);
        assert!(gate.open.lock().by_account.is_empty() && gate.open.lock().signed_in == 0);
    }

    #[tokio::test(start_paused = true)]
    async fn guesses_that_are_made_at_once_are_no_more_than_those_one_after_the_other() {
        let (gate, address) = (gate(10, 10), peer("10.0.0.7").ip());
        let (first, second) = (gate.try_sign_in(address).unwrap(), gate.try_sign_in(address).unwrap());
        assert!(gate.try_sign_in(address).is_none());
        first.forget();
        assert!(gate.try_sign_in(address).unwrap().failed() && second.failed());
        assert!(!gate.may_try(address));
        assert_eq!(gate.status().failed_sign_ins, 2);
    }

    #[test]
    fn other_networks_count_from_the_next_connection_on() {
        let gate = gate(10, 10);
        let open = gate.admit(peer("10.0.0.7")).unwrap();
        gate.replace_allowed(AllowedNetworks::new(vec!["192.168.0.0/16".parse().unwrap()]));
        assert_eq!(gate.admit(peer("10.0.0.7")).unwrap_err(), Refusal::Outside);
        assert!(gate.admit(peer("192.168.1.1")).is_ok());
        assert!(gate.allowed().contains(peer("192.168.1.1").ip()));
        drop(open);
    }

    #[tokio::test(start_paused = true)]
    async fn who_fails_to_sign_in_too_often_waits_a_minute() {
        let (gate, address) = (gate(10, 10), peer("10.0.0.7").ip());
        assert!(!gate.failed(address));
        assert!(gate.may_try(address));
        assert!(gate.failed(address), "it has to wait now");
        assert!(!gate.may_try(address));
        assert!(gate.may_try(peer("10.0.0.8").ip()));
        tokio::time::advance(std::time::Duration::from_secs(60)).await;
        assert!(gate.may_try(address));
        assert_eq!(gate.status().failed_sign_ins, 2);
    }
}
