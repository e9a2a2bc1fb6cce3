//! What a person was told: alerts with their own answers, and the notice board.

use std::sync::Arc;

use axum::extract::State;
use domain::AlertId;
use schemars::JsonSchema;
use serde::Deserialize;

use ::api::{alerts::OwnAlertView, notices::NoticeView};

use super::{
    Problem, Service,
    caller::Caller,
    notices,
    page::{Page, Place},
    people::own,
    request::Parameters,
};

/// The query of `GET /me/alerts`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// All that the asker was told of, newest first, also those that are over or answered.
    #[serde(default)]
    all: bool,
    /// Of all of them, where the page begins: behind this one. The `Link` of the page before says it.
    #[schemars(with = "Option<String>")]
    after: Option<AlertId>,
    /// Of all of them, how many at most: 1 to 200; 50 where left out.
    limit: Option<usize>,
}

/// The query of `GET /me/notices`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichNotices {
    /// Only those with all these words in their headline or text, in any of their languages.
    #[serde(default)]
    words: String,
    /// Where the page begins: behind this one, with those that are older. The `Link` of the page before says it.
    #[schemars(with = "Option<String>")]
    after: Option<AlertId>,
    /// How many at most: 1 to 200; 50 where left out.
    limit: Option<usize>,
}

/// `GET /me/alerts`: the alerts in force that the asker has not confirmed, oldest first, or all that they were told of.
pub(super) async fn alerts(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(Which { all, after, limit }): Parameters<Which>,
    place: Place,
) -> Result<Page<OwnAlertView>, Problem> {
    let limit = notices::limit(limit)?;
    let (hub, own) = (&service.hub, own(&service, &caller)?);
    let (told, next) = if all {
        // One more than is shown tells whether there is another page.
        let mut told = hub.alerts_told(&own.address, after, limit + 1).await?;
        let more = told.len() > limit;
        told.truncate(limit);
        let next = told.last().filter(|_| more).map(|(alert, _)| alert.id.to_string());
        (told, next)
    } else {
        (hub.alerts_unanswered(&own.address).await?, None)
    };
    let now = hub.environment().now();
    let views = told.into_iter().map(|(alert, receipt)| OwnAlertView::new(alert, receipt, now));
    Ok(Page::new(views.collect(), next, &place))
}

/// `GET /me/notices`: the announcements that were for the asker, newest first.
pub(super) async fn board(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(WhichNotices { words, after, limit }): Parameters<WhichNotices>,
    place: Place,
) -> Result<Page<NoticeView>, Problem> {
    let own = own(&service, &caller)?;
    notices::page(&service, Some(&own.address), &words, after, notices::limit(limit)?, &place).await
}
