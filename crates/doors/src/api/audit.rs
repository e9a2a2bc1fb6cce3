//! The audit log: what was done and must be provable later.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::{AuditRecord, verify_audit_chain};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Store, StoreError};
use tokio::runtime::Handle;

pub use ::api::audit::{AuditView, Verification};

use super::{
    Problem, Service,
    page::{self, Page, Place},
    request::Parameters,
};

/// The query of `GET /audit`. Records come oldest first, at most `limit` of them.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only records after this number.
    #[serde(default)]
    after: u64,
    /// Only records of this time or later.
    since: Option<Timestamp>,
    /// The newest `limit` records, instead of the oldest.
    #[serde(default)]
    newest: bool,
    /// How many at most: 1 to 1,000; 100 where left out.
    limit: Option<usize>,
}

const LIMIT_DEFAULT: usize = 100;

/// How many records are read at once.
const LIMIT_MAX: usize = 1_000;

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(which): Parameters<Which>,
    place: Place,
) -> Result<Page<AuditView>, Problem> {
    let limit = page::limit(Some(which.limit.unwrap_or(LIMIT_DEFAULT)))?;
    let store = &**service.hub.store();
    let mut after = which.after;
    if let Some(since) = which.since {
        after = after.max(records_before(store, |record| record.at >= since).await?);
    }
    if which.newest {
        let all = records_before(store, |_| false).await?;
        after = after.max(all.saturating_sub(limit as u64));
    }
    let mut records = store.audit(after, limit + 1).await?;
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|record| record.sequence.to_string());
    Ok(Page::new(records.into_iter().map(view).collect(), next, &place))
}

pub(super) async fn verify(State(service): State<Arc<Service>>) -> Result<Json<Verification>, Problem> {
    let store = service.hub.store().clone();
    let handle = Handle::current();
    let walk = move || {
        let mut pages = Pages { store, handle, after: 0, page: Vec::new().into_iter(), failure: None };
        let verdict = verify_audit_chain(&mut pages);
        pages.failure.map_or(Ok(verdict), Err)
    };
    let verdict = tokio::task::spawn_blocking(walk)
        .await
        .map_err(|error| Problem::unavailable(error.to_string()))??;
    Ok(Json(Verification {
        intact: verdict.is_ok(),
        records: verdict.as_ref().ok().copied(),
        broken: verdict.err().map(|error| error.to_string()),
    }))
}

/// How many records come before the first one that `begins` accepts, or how many there are. Numbers have no gaps, and
/// `begins` holds for everything after the first it holds for, so that few records have to be read.
async fn records_before(store: &dyn Store, begins: impl Fn(&AuditRecord) -> bool) -> Result<u64, StoreError> {
    let mut step = 1;
    let (mut low, mut high) = (0, 1);
    while comes_before(store, high, &begins).await? {
        low = high;
        step *= 2;
        high += step;
    }
    // The record `low` comes before, the record `high` does not.
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if comes_before(store, middle, &begins).await? { low = middle } else { high = middle }
    }
    Ok(low)
}

async fn comes_before(
    store: &dyn Store,
    sequence: u64,
    begins: &impl Fn(&AuditRecord) -> bool,
) -> Result<bool, StoreError> {
    let record = store.audit(sequence - 1, 1).await?.into_iter().next();
    Ok(record.is_some_and(|record| !begins(&record)))
}

/// All records, a page at a time: a log of years does not fit into memory. It blocks.
struct Pages {
    store: Arc<dyn Store>,
    handle: Handle,
    after: u64,
    page: std::vec::IntoIter<AuditRecord>,
    failure: Option<StoreError>,
}

impl Iterator for Pages {
    type Item = AuditRecord;

    fn next(&mut self) -> Option<AuditRecord> {
        if self.page.len() == 0 {
            match self.handle.block_on(self.store.audit(self.after, LIMIT_MAX)) {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => self.failure = Some(error),
            }
        }
        let record = self.page.next()?;
        self.after = record.sequence;
        Some(record)
    }
}

fn view(record: AuditRecord) -> AuditView {
    let (actor, subject, detail) = match record.personal {
        Some(personal) => (Some(personal.actor), Some(personal.subject), Some(personal.detail)),
        None => (None, None, None),
    };
    let hash = record.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    AuditView {
        sequence: record.sequence,
        at: record.at,
        action: record.action,
        actor,
        subject,
        detail,
        hash,
    }
}
