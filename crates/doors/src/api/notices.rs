//! The notice board: announcements, also those that are over.

use std::sync::Arc;

use axum::extract::State;
use domain::{Address, AlertId};
use schemars::JsonSchema;
use serde::Deserialize;

use ::api::alerts::AlertView;
pub use ::api::notices::NoticeView;

use super::{
    Problem, Service,
    page::{Page, Place},
    request::Parameters,
};

/// The query of `GET /notices`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only those with all these words in their headline or text, in any of their languages.
    #[serde(default)]
    words: String,
    /// Only those that were for this person, and whether they have seen them.
    reader: Option<String>,
    /// Where the page begins: behind this one, with those that are older. The `Link` of the page before says it.
    #[schemars(with = "Option<String>")]
    after: Option<AlertId>,
    /// How many at most: 1 to 200; 50 where left out.
    limit: Option<usize>,
}

const NOTICES_MAX: usize = 200;
const NOTICES_DEFAULT: usize = 50;

/// `GET /notices`: announcements, newest first.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(which): Parameters<Which>,
    place: Place,
) -> Result<Page<NoticeView>, Problem> {
    let reader = match &which.reader {
        Some(name) => Some(service.hub.account_named(name)?.address.clone()),
        None => None,
    };
    let limit = limit(which.limit)?;
    page(&service, reader.as_ref(), &which.words, which.after, limit, &place).await
}

/// How many a page has.
pub(super) fn limit(wanted: Option<usize>) -> Result<usize, Problem> {
    match wanted.unwrap_or(NOTICES_DEFAULT) {
        limit @ 1..=NOTICES_MAX => Ok(limit),
        _ => Err(Problem::invalid(format!("limit is 1 to {NOTICES_MAX}"))),
    }
}

/// A page of the board, for a person what was for them.
pub(super) async fn page(
    service: &Service,
    reader: Option<&Address>,
    words: &str,
    after: Option<AlertId>,
    limit: usize,
    place: &Place,
) -> Result<Page<NoticeView>, Problem> {
    // One more than is shown tells whether there is another page.
    let mut notices = service.hub.notices(reader, words, after, limit + 1).await?;
    let more = notices.len() > limit;
    notices.truncate(limit);
    let next = notices.last().filter(|_| more).map(|notice| notice.alert.id.to_string());
    let now = service.hub.environment().now();
    let view =
        |notice: hub::Notice| NoticeView { alert: AlertView::new(notice.alert, now), seen: notice.seen };
    Ok(Page::new(notices.into_iter().map(view).collect(), next, place))
}
