//! Alerts, and who has confirmed them.

use std::sync::Arc;

pub use ::api::alerts::AlertView;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    Alert, AlertDraft, AlertError, AlertId, AlertStatus, Audience, Confirmation, ReceiptStage, Recipient,
    Severity,
};
use hub::{Hub, HubError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Problem, Service,
    caller::Caller,
    request::{Input, Parameters},
};

/// `POST /alerts`: an alert to be sent. Answered with 201 and the [`AlertView`] when it has been taken for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAlert {
    /// One line, 1 to 200 characters.
    pub headline: String,
    /// More words, at most 4,000 characters.
    #[serde(default)]
    pub text: String,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
    /// Whom it is for: `everyone`, `user:NAME`, `group:NAME`, `computer:NAME@HOST[:PORT]`, separated by commas.
    pub audience: Audience,
    /// What people can confirm with: 1 to 9 different choices of 1 to 40 characters. `["OK"]` where left out.
    #[serde(default = "default_choices")]
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it. It does where left out.
    #[serde(default = "default_must_confirm")]
    pub must_confirm: bool,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, in seconds from now; only one of both can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
}

/// The query of `GET /alerts`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Also those that are over.
    #[serde(default)]
    all: bool,
    /// How many at most: 1 to 1,000; 1,000 where left out.
    limit: Option<usize>,
}

/// `GET /alerts/ID/report`: who has it, who has seen it, who has confirmed it, and who was not reached and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportView {
    /// The alert.
    pub alert: AlertView,
    /// How many stand where; each recipient is counted once.
    pub counts: CountsView,
    /// One row a recipient.
    pub recipients: Vec<RecipientView>,
}

/// How many recipients have come how far: each is counted at the furthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountsView {
    /// All of them.
    pub recipients: usize,
    /// No client of theirs has it.
    pub pending: usize,
    /// A client has it, and they have not looked.
    pub delivered: usize,
    /// They have looked, and not answered.
    pub seen: usize,
    /// They have answered.
    pub confirmed: usize,
}

/// One recipient of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientView {
    /// Who: `user:ADDRESS` or `computer:NAME@HOST`.
    pub recipient: Recipient,
    /// How far it has come.
    pub stage: ReceiptStage,
    /// When a client of theirs had it.
    pub delivered_at: Option<Timestamp>,
    /// When they looked at it.
    pub seen_at: Option<Timestamp>,
    /// Their answer: the choice, when, by which protocol, from which device and network address.
    pub confirmation: Option<Confirmation>,
    /// Why it is no further, in words, where that is known.
    pub reason: Option<String>,
}

const ALERTS_MAX: usize = 1_000;

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
) -> Result<Json<Vec<AlertView>>, Problem> {
    let limit = which.limit.unwrap_or(ALERTS_MAX);
    if !(1..=ALERTS_MAX).contains(&limit) {
        return Err(Problem::invalid(format!("limit is 1 to {ALERTS_MAX}")));
    }
    let now = service.hub.environment().now();
    let alerts = service.hub.store().alerts(!which.all, limit).await?;
    Ok(Json(alerts.into_iter().map(|alert| view(alert, now)).collect()))
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

fn default_choices() -> Vec<String> {
    vec!["OK".to_owned()]
}

fn default_must_confirm() -> bool {
    true
}
