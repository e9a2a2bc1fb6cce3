//! The notice board: announcements, also those that are over.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::AlertId;
use serde::{Deserialize, Serialize};

use super::{Problem, Service, alert_document::AlertView, request::Parameters};

/// The query of `GET /notices`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only those with all these words in their headline or text, in any of their languages.
    #[serde(default)]
    words: String,
    /// Only those that were for this person, and whether they have seen them.
    reader: Option<String>,
    /// Those after this one, which are older.
    after: Option<AlertId>,
    /// How many at most: 1 to 200; 50 where left out.
    limit: Option<usize>,
}

/// `GET /notices`: announcements, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticesView {
    /// The announcements.
    pub notices: Vec<NoticeView>,
    /// What to give as `after` for those that follow; none where there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<AlertId>,
}

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    /// What it says.
    #[serde(flatten)]
    pub alert: AlertView,
    /// Whether the reader has seen it, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<bool>,
}

const NOTICES_MAX: usize = 200;
const NOTICES_DEFAULT: usize = 50;

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<NoticesView>, Problem> {
    let limit = which.limit.unwrap_or(NOTICES_DEFAULT);
    if !(1..=NOTICES_MAX).contains(&limit) {
        return Err(Problem::invalid(format!("limit is 1 to {NOTICES_MAX}")));
    }
    let hub = &service.hub;
    let reader = match &which.reader {
        Some(name) => Some(hub.account_named(name)?.address.clone()),
        None => None,
    };
    let notices = hub.notices(reader.as_ref(), &which.words, which.after, limit).await?;
    let next = notices.last().filter(|_| notices.len() == limit).map(|notice| notice.alert.id);
    let now = hub.environment().now();
    let view =
        |notice: hub::Notice| NoticeView { alert: AlertView::new(notice.alert, now), seen: notice.seen };
    Ok(Json(NoticesView { notices: notices.into_iter().map(view).collect(), next }))
}
