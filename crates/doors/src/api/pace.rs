//! How much one asker may ask for. Whoever has more to ask waits, and is told for how long.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Address, TokenId};
use parking_lot::Mutex;

use super::{Peer, Problem, Service};

const WINDOW: Duration = Duration::from_secs(60);

/// How many askers are remembered. Past it, those whose minute is over are forgotten, or any other.
const ASKERS_MAX: usize = 65_536;

/// What whoever looks after the service asks for: it is counted by itself, so that nobody's other requests make it look
/// as if the service were not well.
const WATCHED: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Who is counted: the token, or the person; whoever is not known by their address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    Token(TokenId),
    Person(Address),
    Stranger(IpAddr),
    /// What looks after the service, whoever else is at its address.
    Watcher(IpAddr),
}

/// How often each asker has asked within their minute, counted from the first time.
#[derive(Debug)]
pub(crate) struct Pace {
    /// None: as often as they like.
    max: Option<u32>,
    counts: Mutex<HashMap<Asker, Count>>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    times: u32,
    /// How many requests were too many.
    refused: u32,
}

/// A stranger who has asked for as much as they may in this minute, and for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) address: IpAddr,
    /// How long they have to wait.
    pub(super) left: Duration,
    /// How many requests were too many.
    pub(super) refused: u32,
}

/// What is left of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// How much was allowed.
    max: u32,
    /// How many requests are left; none where this one was too many.
    requests: Option<u32>,
    /// How many seconds of the minute are left: at least 1.
    seconds: u64,
}

impl Pace {
    /// So many requests a minute; 0 is any number.
    pub(crate) fn new(max: u32) -> Self {
        Self { max: (max > 0).then_some(max), counts: Mutex::default() }
    }

    /// Counts a request; none where nothing is counted.
    pub(crate) fn take(&self, asker: Asker, now: Instant) -> Option<Left> {
        let max = self.max?;
        let mut counts = self.counts.lock();
        if counts.len() >= ASKERS_MAX && !counts.contains_key(&asker) {
            make_room(&mut counts, now);
        }
        let fresh = Count { since: now, times: 0, refused: 0 };
        let count = counts.entry(asker).or_insert(fresh);
        if now.duration_since(count.since) >= WINDOW {
            *count = fresh;
        }
        let requests = max.checked_sub(count.times + 1);
        count.times += u32::from(requests.is_some());
        count.refused = count.refused.saturating_add(u32::from(requests.is_none()));
        let rest = WINDOW.saturating_sub(now.duration_since(count.since));
        Some(Left { max, requests, seconds: rest.as_secs() + u64::from(rest.subsec_nanos() > 0) })
    }

    /// The strangers who have to wait now.
    pub(super) fn waiting(&self, now: Instant) -> Vec<Waiting> {
        let counts = self.counts.lock();
        let waiting = counts.iter().filter_map(|(asker, count)| {
            let Asker::Stranger(address) = asker else { return None };
            let left = WINDOW.checked_sub(now.duration_since(count.since)).filter(|left| !left.is_zero())?;
            (count.refused > 0).then_some(Waiting { address: *address, left, refused: count.refused })
        });
        waiting.collect()
    }

    /// Forgets what a stranger has asked for, where they have to wait. Says whether they have.
    pub(super) fn forget(&self, address: IpAddr, now: Instant) -> bool {
        let (mut counts, asker) = (self.counts.lock(), Asker::Stranger(address));
        let waits = |count: &Count| count.refused > 0 && now.duration_since(count.since) < WINDOW;
        counts.get(&asker).is_some_and(waits) && counts.remove(&asker).is_some()
    }
}

fn make_room(counts: &mut HashMap<Asker, Count>, now: Instant) {
    counts.retain(|_, count| now.duration_since(count.since) < WINDOW);
    if counts.len() >= ASKERS_MAX
        && let Some(any) = counts.keys().next().cloned()
    {
        counts.remove(&any);
    }
}

impl Left {
    /// As the IETF's draft on rate limits says it (draft-ietf-httpapi-ratelimit-headers-10 §3, §4).
    fn write(self, headers: &mut HeaderMap) {
        let Self { max, requests, seconds } = self;
        let left = format!("\"minute\";r={};t={seconds}", requests.unwrap_or(0));
        let policy = format!("\"minute\";q={max};w={}", WINDOW.as_secs());
        for (name, value) in [("ratelimit", left), ("ratelimit-policy", policy)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Counts requests of whoever has come over the network; the administration socket is not counted.
pub(super) async fn keep(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let source = request.extensions().get::<crate::web::Arrived>().map(|arrived| arrived.source);
    let watcher = source.filter(|_| WATCHED.contains(&request.uri().path())).map(Asker::Watcher);
    let asker = match request.extensions().get::<Peer>() {
        Some(Peer::AdministrationSocket { .. }) => return next.run(request).await,
        Some(Peer::Token { token, .. }) => Asker::Token(token.id),
        Some(Peer::Person { account, .. }) => Asker::Person(account.address.clone()),
        None => match source {
            Some(source) => Asker::Stranger(source),
            None => return next.run(request).await,
        },
    };
    let now = tokio::time::Instant::now().into_std();
    let Some(left) = service.pace.take(watcher.unwrap_or(asker), now) else { return next.run(request).await };
    let mut answer = match left.requests {
        Some(_) => next.run(request).await,
        None => Problem::too_often(left.max, left.seconds).into_response(),
    };
    left.write(answer.headers_mut());
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(last: u8) -> Asker {
        Asker::Stranger([10, 0, 0, last].into())
    }

    #[test]
    fn whoever_has_used_up_their_minute_waits_for_the_next_and_others_do_not() {
        let (pace, now) = (Pace::new(2), Instant::now());
        let take = |asker, seconds| pace.take(asker, now + Duration::from_secs(seconds)).unwrap();
        assert_eq!(take(stranger(1), 0), Left { max: 2, requests: Some(1), seconds: 60 });
        assert_eq!(take(stranger(1), 10), Left { max: 2, requests: Some(0), seconds: 50 });
        assert_eq!(take(stranger(1), 59), Left { max: 2, requests: None, seconds: 1 });
        assert_eq!(take(stranger(2), 59).requests, Some(1));
        assert_eq!(take(stranger(1), 60).requests, Some(1));
    }

    #[test]
    fn a_stranger_who_has_to_wait_is_listed_until_they_are_let_in_again() {
        let (pace, now) = (Pace::new(1), Instant::now());
        let address: IpAddr = [10, 0, 0, 1].into();
        pace.take(stranger(1), now);
        pace.take(stranger(2), now);
        assert_eq!(pace.waiting(now), [], "nothing was too much yet");
        assert!(!pace.forget(address, now));
        pace.take(stranger(1), now);
        let later = now + Duration::from_secs(20);
        let waiting = Waiting { address, left: Duration::from_secs(40), refused: 1 };
        assert_eq!(pace.waiting(later), [waiting]);
        assert_eq!(pace.waiting(now + WINDOW), []);
        assert!(pace.forget(address, later));
        assert_eq!(pace.take(stranger(1), later).unwrap().requests, Some(0));
    }

    #[test]
    fn where_there_is_no_limit_nothing_is_counted() {
        let pace = Pace::new(0);
        assert_eq!(pace.take(stranger(1), Instant::now()), None);
        assert!(pace.counts.lock().is_empty());
    }

    #[test]
    fn the_table_has_a_limit() {
        let (pace, now) = (Pace::new(1), Instant::now());
        for number in 0..u32::try_from(ASKERS_MAX).unwrap() + 10 {
            let asker = Asker::Stranger(std::net::Ipv4Addr::from(number).into());
            assert_eq!(pace.take(asker, now).unwrap().requests, Some(0));
        }
        assert_eq!(pace.counts.lock().len(), ASKERS_MAX);
        pace.take(stranger(1), now + WINDOW);
        assert_eq!(pace.counts.lock().len(), 1);
    }
}
