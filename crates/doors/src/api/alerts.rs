//! Alerts, and who has confirmed them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Alert, AlertDraft, AlertError, AlertId, AlertStatus};
use hub::{Hub, HubError};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

pub use ::api::alerts::{AlertView, CountsView, NewAlert, RecipientView, ReportView};

use super::{
    Problem, Service,
    caller::Caller,
    page::{self, Page, Place},
    request::{Input, Parameters},
};

/// The query of `GET /alerts`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Also those that are over.
    #[serde(default)]
    all: bool,
    /// Where the page begins: behind the alert of this id. The `Link` of the page before says it.
    after: Option<String>,
    /// How many at most: 1 to 1,000; 1,000 where left out.
    limit: Option<usize>,
}

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewAlert>,
) -> Result<(StatusCode, Json<AlertView>), Problem> {
    let hub = &service.hub;
    let now = hub.environment().now();
    let expires_at = match (new.expires_at, new.expires_in_seconds) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid("give expires_at or expires_in_seconds, not both"));
        }
        (at, None) => at,
        (None, Some(seconds)) => {
            let at = now.checked_add(SignedDuration::from_secs(seconds.into()));
            Some(at.map_err(|error| Problem::invalid(error.to_string()))?)
        }
    };
    caller.may_publish_to(&new.audience)?;
    let headline: String = new.headline.chars().take(200).collect();
    let issuer = caller.speaks_as(hub, &format!("alert: {headline}")).await?;
    let alert = hub
        .send_alert(AlertDraft {
            issuer,
            headline: new.headline,
            text: new.text,
            severity: new.severity,
            audience: new.audience,
            choices: new.choices,
            must_confirm: new.must_confirm,
            expires_at,
        })
        .await?;
    Ok((StatusCode::CREATED, Json(view((*alert).clone(), now))))
}

/// `GET /alerts?all=true&limit=N`: newest first; without `all`, those in force.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(which): Parameters<Which>,
    place: Place,
) -> Result<Page<AlertView>, Problem> {
    let limit = page::limit(which.limit)?;
    let (now, store, open) = (service.hub.environment().now(), service.hub.store(), !which.all);
    // One more than is shown tells whether there is another page.
    let mut alerts = match which.after {
        None => store.alerts(open, limit + 1).await?,
        Some(after) => store.alerts_before(open, alert_id(&after)?, limit + 1).await?,
    };
    let more = alerts.len() > limit;
    alerts.truncate(limit);
    let next = alerts.last().filter(|_| more).map(|alert| alert.id.to_string());
    Ok(Page::new(alerts.into_iter().map(|alert| view(alert, now)).collect(), next, &place))
}

/// `GET /alerts/ID`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, Problem> {
    current(&service.hub, alert_id(&id)?).await
}

pub(super) async fn report(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Json<ReportView>, Problem> {
    let report = service.hub.alert_report(alert_id(&id)?).await?;
    let counts = CountsView {
        recipients: report.counts.recipients,
        pending: report.counts.pending,
        delivered: report.counts.delivered,
        seen: report.counts.seen,
        confirmed: report.counts.confirmed,
    };
    let row = |row: hub::ReportRow| RecipientView {
        recipient: row.recipient,
        stage: row.stage,
        delivered_at: row.delivered_at,
        seen_at: row.seen_at,
        confirmation: row.confirmation,
        reason: row.reason,
    };
    let alert = view_of(report.alert, report.status);
    Ok(Json(ReportView { alert, counts, recipients: report.recipients.into_iter().map(row).collect() }))
}

/// `POST /alerts/ID/cancel`: the alert is called off; people who have it are told. Answered with the [`AlertView`].
pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, Problem> {
    let id = alert_id(&id)?;
    caller.may_publish_to(&service.hub.alert(id).await?.draft.audience)?;
    let by = caller.speaks_as(&service.hub, &format!("cancel alert {id}")).await?;
    service.hub.cancel_alert(id, &by).await?;
    current(&service.hub, id).await
}

async fn current(hub: &Hub, id: AlertId) -> Result<Json<AlertView>, Problem> {
    Ok(Json(view(hub.alert(id).await?, hub.environment().now())))
}

fn alert_id(text: &str) -> Result<AlertId, Problem> {
    text.parse().map_err(|error: AlertError| HubError::from(error).into())
}

/// An alert as it stands now.
pub(crate) fn view(alert: Alert, now: Timestamp) -> AlertView {
    let status = alert.status(now);
    view_of(alert, status)
}

fn view_of(alert: Alert, status: AlertStatus) -> AlertView {
    let Alert { id, draft, effective_at, state, signature } = alert;
    AlertView {
        id,
        status,
        issuer: draft.issuer,
        headline: draft.headline,
        text: draft.text,
        severity: draft.severity,
        audience: draft.audience,
        choices: draft.choices,
        must_confirm: draft.must_confirm,
        effective_at,
        expires_at: draft.expires_at,
        state,
        signature,
    }
}
