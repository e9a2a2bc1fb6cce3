//! Reading on: what was published, and what will be.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use domain::{Publication, Topic, TopicName};
use hub::{Hub, HubError};
use jiff::Timestamp;
use store::PublicationQuery;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Asked, Caller, Publishing};

/// How often a reader hears that the connection is still there.
pub(super) const KEEPALIVE: Duration = Duration::from_secs(45);

/// How many publications are read from the store at once.
const PAGE: usize = 100;

/// How much of what is scheduled one reader is given.
const SCHEDULED_MAX: usize = 1_000;

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// With what comes from now on.
    Now,
    /// After this place.
    After(i64),
    /// With what was published then.
    At(Timestamp),
}

/// A reader of some topics. It misses nothing and gets nothing twice, however slow it is: what it has not read waits in
/// the store.
pub(super) struct Follower {
    hub: Arc<Hub>,
    query: PublicationQuery,
    news: watch::Receiver<i64>,
    page: VecDeque<Publication>,
    /// What will be published, by its time: given once, behind what was.
    scheduled: VecDeque<Publication>,
    stop: CancellationToken,
    /// Who reads, as they were when that was last asked, and what.
    caller: Option<Arc<dyn Caller>>,
    topics: Vec<Topic>,
}

/// What comes next for a reader.
#[derive(Debug)]
pub(super) enum Next {
    /// This was published.
    Publication(Box<Publication>),
    /// Nothing for a while: a sign of life is due.
    Keepalive,
    /// Nothing any more: the service ends, the store cannot be read, or who reads may not any more.
    End,
}

impl Follower {
    pub(super) async fn new(
        publishing: &Publishing,
        asked: &Asked,
        topics: Vec<TopicName>,
        start: Start,
    ) -> Result<Self, HubError> {
        let hub = publishing.hub.clone();
        let news = hub.watch_publications();
        let read = publishing.topics.iter().filter(|topic| topics.contains(&topic.name));
        let (caller, read) = (asked.caller.clone(), read.cloned().collect());
        let mut query = PublicationQuery::all(topics, PAGE);
        match start {
            Start::After(place) => query.after = place,
            Start::At(time) => query.since = Some(time),
            Start::Now => {
                let newest = PublicationQuery { newest_first: true, limit: 1, ..query.clone() };
                query.after = hub.publications(newest).await?.first().map_or(0, |newest| newest.sequence);
            }
        }
        Ok(Self {
            hub,
            query,
            news,
            page: VecDeque::new(),
            scheduled: VecDeque::new(),
            stop: publishing.stop.clone(),
            caller,
            topics: read,
        })
    }

    /// Gives also what is scheduled, at most 1,000 of it, behind what was published.
    pub(super) async fn with_scheduled(&mut self) -> Result<(), HubError> {
        let query = PublicationQuery {
            scheduled: true,
            since: self.query.since,
            ..PublicationQuery::all(self.query.topics.clone(), SCHEDULED_MAX)
        };
        self.scheduled = self.hub.publications(query).await?.into();
        Ok(())
    }

    /// The next of what there is already; none when there is no more of it.
    pub(super) async fn next_there(&mut self) -> Result<Option<Publication>, HubError> {
        if self.page.is_empty() {
            self.news.mark_unchanged();
            self.page = self.hub.publications(self.query.clone()).await?.into();
        }
        let next = self.page.pop_front();
        if let Some(publication) = &next {
            self.query.after = publication.sequence;
        }
        Ok(next.or_else(|| self.scheduled.pop_front()))
    }

    /// What comes next, when it comes.
    pub(super) async fn next(&mut self) -> Next {
        let quiet = tokio::time::sleep(KEEPALIVE);
        tokio::pin!(quiet);
        loop {
            match self.next_there().await {
                Ok(Some(publication)) if self.may_go_on().await => {
                    return Next::Publication(Box::new(publication));
                }
                Ok(Some(_)) => return Next::End,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "what was published cannot be read");
                    return Next::End;
                }
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Next::End,
                changed = self.news.changed() => if changed.is_err() { return Next::End },
                () = &mut quiet => {
                    return if self.may_go_on().await { Next::Keepalive } else { Next::End };
                }
            }
        }
    }

    /// Whether who reads may still: what they have proven counts, and all of it is theirs to read.
    async fn may_go_on(&mut self) -> bool {
        if let Some(caller) = &self.caller {
            let Some(now) = caller.still().await else { return false };
            self.caller = Some(now);
        }
        self.topics.iter().all(|topic| Publishing::may_read(topic, self.caller.as_ref()))
    }
}
