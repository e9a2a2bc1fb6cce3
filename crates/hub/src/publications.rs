//! What publishers say to topics: each becomes an alert for the topic's audience, and is remembered for those who read
//! the topic.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    Address, AlertDraft, AlertId, AlertState, LanguageTag, Notice, Publication, PublicationDetails,
    Publisher, Topic, Translation,
};
use jiff::SignedDuration;
use store::{Change, PublicationQuery, StoreError};
use tokio::sync::watch;

use crate::{Hub, HubError};

/// The place of the latest publication, for those who wait for the next.
#[derive(Debug)]
pub(crate) struct Publications {
    latest: watch::Sender<i64>,
}

impl Default for Publications {
    fn default() -> Self {
        Self { latest: watch::Sender::new(0) }
    }
}

/// What publishing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// It was taken, and people are being told.
    New(Arc<Publication>),
    /// The key stands for this one already: nothing was done.
    Repeated(Arc<Publication>),
}

/// What recalling came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// The alert was called off, and people were told.
    CalledOff,
    /// The alert had ended before.
    OverBefore,
    /// The key stood for nothing.
    Unknown,
}

/// How long what was published can be read at least.
const KEEP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often what is older is forgotten.
const FORGET_INTERVAL: Duration = Duration::from_secs(3_600);
/// The first line of what nobody has proven.
const UNVERIFIED: &str = "Unverified: nobody has proven who published this.";

impl Published {
    /// What was published, now or before.
    pub fn publication(&self) -> &Arc<Publication> {
        match self {
            Self::New(publication) | Self::Repeated(publication) => publication,
        }
    }
}

impl Hub {
    /// Publishes a notice: it has been taken for good when this returns. A `key` is the publisher's own word for it:
    /// as long as it stands for something in this topic, publishing it again does nothing. What is to be told later, or
    /// waits for somebody's release, reaches the topic's readers when it reaches people.
    ///
    /// # Errors
    /// The notice passes a limit, the publisher may not publish here, or nobody is there to be told.
    pub async fn publish(
        &self,
        topic: &Topic,
        publisher: &Publisher,
        key: Option<String>,
        notice: Notice,
    ) -> Result<Published, HubError> {
        let notice = notice.checked()?;
        let closed = || HubError::NotOpen { topic: topic.name.to_string() };
        let severity = topic.severity_for(publisher, notice.severity).ok_or_else(closed)?;
        let issuer = self.publishing_issuer(topic, publisher)?;
        if let Some(earlier) = self.published(topic, key.as_deref()).await? {
            return Ok(Published::Repeated(earlier));
        }
        let (link, others) = notice.leads();
        let draft = AlertDraft {
            text: text(notice.text(), publisher),
            language: notice.language.clone(),
            translations: translations(&notice, publisher),
            link: link.map(str::to_owned),
            attachments: others.into_iter().map(str::to_owned).collect(),
            severity,
            must_confirm: topic.must_confirm,
            begins_at: notice.begins_at,
            expires_at: notice.expires_at,
            drill: notice.drill,
            ..AlertDraft::new(issuer, topic.audience.clone(), notice.headline())
        };
        let new = Publication {
            sequence: 0,
            topic: topic.name.clone(),
            alert: AlertId::from_bytes([0; 16]),
            published_at: self.environment.now(),
            scheduled: false,
            key,
            details: PublicationDetails {
                title: notice.title,
                message: notice.message,
                severity,
                tags: notice.tags,
                link: notice.link,
                links: notice.links,
                attachments: notice.attachments,
                drill: notice.drill,
                verified: publisher.is_verified(),
            },
        };
        let actor = match publisher {
            Publisher::Account { actor, .. } => actor.clone(),
            Publisher::Unverified { source } => format!("unverified ({source})"),
        };
        let mut placed = new.clone();
        let raised = self.raise_alert(draft, !publisher.is_verified(), |alert| {
            placed.alert = alert.id;
            placed.scheduled = alert.draft.begins_at.is_some() || alert.state == AlertState::Waiting;
            placed.published_at = alert.effective_at;
            let audit = self.audit(actor, "publish", topic.name.as_str(), alert.id.to_string());
            vec![Change::Publish(placed.clone()), audit]
        });
        match raised.await {
            Ok(alert) => {
                if let Some(published) = self.store.publication_of(alert.id).await? {
                    self.tell_readers(&published);
                    placed = published;
                }
                Ok(Published::New(Arc::new(placed)))
            }
            // Somebody else has published the same at the same time.
            Err(HubError::Store(StoreError::Exists { what })) => {
                match self.published(topic, new.key.as_deref()).await? {
                    Some(earlier) => Ok(Published::Repeated(earlier)),
                    None => Err(StoreError::Exists { what }.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Calls off what a key of a topic stands for. The key can be used for something else afterwards.
    ///
    /// # Errors
    /// They may not call alerts off, or the store cannot do it now.
    pub async fn recall(&self, topic: &Topic, by: &Address, key: &str) -> Result<Recalled, HubError> {
        let Some(publication) = self.store.publication_by_key(&topic.name, key).await? else {
            return Ok(Recalled::Unknown);
        };
        let release = Change::ReleaseKey { topic: topic.name.clone(), key: key.to_owned() };
        match self.call_off(publication.alert, by, vec![release.clone()]).await {
            Ok(()) => Ok(Recalled::CalledOff),
            Err(HubError::AlertOver { .. }) => {
                self.store.commit(vec![release]).await?;
                Ok(Recalled::OverBefore)
            }
            Err(error) => Err(error),
        }
    }

    /// What was published.
    ///
    /// # Errors
    /// The store cannot be read now.
    pub async fn publications(&self, query: PublicationQuery) -> Result<Vec<Publication>, HubError> {
        Ok(self.store.publications(query).await?)
    }

    /// What an alert was made of; none where nobody has published it to a topic.
    ///
    /// # Errors
    /// The store cannot be read now.
    pub async fn publication_of(&self, alert: AlertId) -> Result<Option<Publication>, HubError> {
        Ok(self.store.publication_of(alert).await?)
    }

    /// Changes whenever something was published: what is new is in [`Hub::publications`] then.
    pub fn watch_publications(&self) -> watch::Receiver<i64> {
        self.publications.latest.subscribe()
    }

    /// Forgets what was published long ago, as long as the service runs. What still has a key, or an alert that is in
    /// force, stays.
    pub async fn forget_old_publications(&self) {
        loop {
            let before = self.environment.now().saturating_sub(KEEP).unwrap_or_default();
            self.commit_later(vec![Change::ForgetPublications { before }]);
            tokio::time::sleep(FORGET_INTERVAL).await;
        }
    }

    /// An alert that was planned is in force: if it was published, its readers are told now.
    pub(crate) async fn published_in_time(&self, alert: AlertId) {
        match self.store.publication_of(alert).await {
            Ok(publication) => publication.iter().for_each(|publication| self.tell_readers(publication)),
            // Readers see it with what comes next.
            Err(error) => tracing::warn!(%error, "readers of a topic could not be told at once"),
        }
    }

    fn tell_readers(&self, publication: &Publication) {
        if publication.scheduled {
            return;
        }
        self.publications.latest.send_if_modified(|latest| {
            let news = publication.sequence > *latest;
            *latest = (*latest).max(publication.sequence);
            news
        });
    }

    fn publishing_issuer(&self, topic: &Topic, publisher: &Publisher) -> Result<Address, HubError> {
        match publisher {
            Publisher::Account { address, .. } => Ok(address.clone()),
            Publisher::Unverified { .. } => {
                let issuer = topic.unverified_issuer(self.domain());
                issuer.ok_or_else(|| HubError::NotOpen { topic: topic.name.to_string() })
            }
        }
    }

    async fn published(
        &self,
        topic: &Topic,
        key: Option<&str>,
    ) -> Result<Option<Arc<Publication>>, HubError> {
        let Some(key) = key else { return Ok(None) };
        Ok(self.store.publication_by_key(&topic.name, key).await?.map(Arc::new))
    }
}

/// The words below the headline, with what people would not see otherwise.
fn text(words: &str, publisher: &Publisher) -> String {
    match (publisher.is_verified(), words) {
        (true, words) => words.to_owned(),
        (false, "") => UNVERIFIED.to_owned(),
        (false, words) => format!("{UNVERIFIED}\n{words}"),
    }
}

/// The words in the other languages.
fn translations(notice: &Notice, publisher: &Publisher) -> BTreeMap<LanguageTag, Translation> {
    let others = notice.translations.iter().filter(|words| Some(&words.language) != notice.language.as_ref());
    let mut translations = BTreeMap::new();
    for words in others {
        let headline = words.headline();
        if !headline.is_empty() {
            let text = text(words.text(), publisher);
            let translation = Translation { headline, text, choices: Vec::new() };
            translations.entry(words.language.clone()).or_insert(translation);
        }
    }
    translations
}
