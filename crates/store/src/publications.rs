use domain::TopicName;
use jiff::Timestamp;

/// What is asked of all that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationQuery {
    /// In which topics.
    pub topics: Vec<TopicName>,
    /// Only what comes after this place.
    pub after: i64,
    /// Only what comes before this place.
    pub before: i64,
    /// Only what was published then or later.
    pub since: Option<Timestamp>,
    /// What is scheduled and will be published, by its time, instead of what was.
    pub scheduled: bool,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
    /// How many at most.
    pub limit: usize,
}

impl PublicationQuery {
    /// All that was published in these topics, oldest first, at most `limit`.
    pub fn all(topics: Vec<TopicName>, limit: usize) -> Self {
        Self { topics, after: 0, before: i64::MAX, since: None, scheduled: false, newest_first: false, limit }
    }
}
