//! Alerts: written down, sent, released, called off.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Alert, AlertError, AlertId, AlertPhase, AlertState, Refusal};
use hub::{AlertQuery, DraftVersion, Hub, HubError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

pub use ::api::{
    alerts::{AlertView, NewAlert},
    reports::{CountsView, RecipientView, ReportView},
};

use super::{
    Peer, Problem, Service,
    alert_draft::draft_of,
    caller::Caller,
    page::{self, Page, Place},
    request::{IdempotencyKey, Input, Parameters, Seen},
};

/// The query of `GET /alerts`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// All of them: also those that are over, planned, waiting or drafts.
    #[serde(default)]
    all: bool,
    /// Only those of this kind, instead of those in force.
    phase: Option<Phase>,
    /// Where the page begins: behind the alert of this id. The `Link` of the page before says it.
    after: Option<String>,
    /// How many at most: 1 to 1,000; 1,000 where left out.
    limit: Option<usize>,
}

/// How far an alert has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "kebab-case")]
enum Phase {
    Draft,
    Waiting,
    Planned,
    Open,
    Ended,
}

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    key: IdempotencyKey,
    Input(mut new): Input<NewAlert>,
) -> Result<(StatusCode, Shown), Problem> {
    let hub = &service.hub;
    new.key = key.or(new.key)?;
    may_publish(hub, &caller, &new).await?;
    let headline: String = new.headline.chars().take(200).collect();
    let issuer = caller.speaks_as(hub, &format!("alert: {headline}")).await?;
    let only_draft = new.draft;
    let draft = draft_of(new, issuer)?;
    taken(hub, draft, only_draft).await
}

/// Takes an alert or the draft of one. One that was sent before with the same key says so.
pub(super) async fn taken(
    hub: &Hub,
    draft: domain::AlertDraft,
    only_draft: bool,
) -> Result<(StatusCode, Shown), Problem> {
    let earlier = match &draft.key {
        Some(key) => hub.store().alert_by_key(&draft.issuer, key).await?,
        None => None,
    };
    let alert = if only_draft { hub.save_draft(draft).await? } else { hub.send_alert(draft).await? };
    let repeated = earlier.is_some_and(|earlier| earlier.id == alert.id);
    let Shown(view) = shown((*alert).clone(), hub.environment().now());
    Ok((StatusCode::CREATED, Shown(AlertView { repeated, ..view })))
}

/// Refuses a token that may send alerts, but not to all of these: also those of the escalation, and those who have the
/// alert that is replaced.
async fn may_publish(hub: &Hub, caller: &Caller, new: &NewAlert) -> Result<(), Problem> {
    caller.may_publish_to(&new.audience)?;
    if let Some(old) = new.updates {
        may_publish_draft(caller, &hub.alert(old).await?.draft)?;
    }
    new.escalation.iter().try_for_each(|level| caller.may_publish_to(&level.audience))
}

/// The same for what is kept as a draft.
pub(super) fn may_publish_draft(caller: &Caller, draft: &domain::AlertDraft) -> Result<(), Problem> {
    caller.may_publish_to(&draft.audience)?;
    draft.escalation.iter().try_for_each(|level| caller.may_publish_to(&level.audience))
}

/// `GET /alerts?all=true&limit=N`: the latest first; without `all` and `phase`, those in force. A page may have fewer than
/// it could, and another behind it.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(which): Parameters<Which>,
    place: Place,
) -> Result<Page<AlertView>, Problem> {
    let limit = page::limit(which.limit)?;
    let after = which.after.as_deref().map(alert_id).transpose()?;
    let query = AlertQuery { phase: which.phase.map(Into::into), open: !which.all, after, limit };
    let (alerts, next) = service.hub.alerts_seen(&caller.peer.alert_sight()?, query).await?;
    let now = service.hub.environment().now();
    let views = alerts.into_iter().map(|alert| shown(alert, now).0).collect();
    Ok(Page::new(views, next.map(|id| id.to_string()), &place))
}

/// `GET /alerts/ID`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Shown, Problem> {
    let alert = service.hub.alert_seen(&caller.peer.alert_sight()?, alert_id(&id)?).await?;
    Ok(shown(alert, service.hub.environment().now()))
}

/// `PUT /alerts/ID`: a draft is written anew. Answered with the [`AlertView`]; with 409 where it is no draft any more,
/// with 412 where it is not the one that `If-Match` names.
pub(super) async fn change(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
    Input(new): Input<NewAlert>,
) -> Result<Shown, Problem> {
    let (hub, id) = (&service.hub, alert_id(&id)?);
    may_publish(hub, &caller, &new).await?;
    may_handle_draft(hub, &caller, id).await?;
    let issuer = caller.speaks_as(hub, &format!("draft {id}")).await?;
    let now = hub.environment().now();
    let alert = hub.change_draft(id, draft_of(new, issuer)?, seen.as_ref()).await?;
    Ok(shown((*alert).clone(), now))
}

/// `DELETE /alerts/ID`: a draft is thrown away. Answered with 204.
pub(super) async fn delete(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
) -> Result<StatusCode, Problem> {
    let id = alert_id(&id)?;
    may_handle_draft(&service.hub, &caller, id).await?;
    let by = caller.speaks_as(&service.hub, &format!("delete draft {id}")).await?;
    service.hub.delete_draft(id, &by, seen.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /alerts/ID/send`: a draft is sent, in the name of who sends it. Answered with the [`AlertView`].
pub(super) async fn send_draft(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
    Seen(seen): Seen,
) -> Result<Shown, Problem> {
    let id = alert_id(&id)?;
    may_handle_draft(&service.hub, &caller, id).await?;
    let by = caller.speaks_as(&service.hub, &format!("send draft {id}")).await?;
    service.hub.send_draft(id, &by, seen.as_ref()).await?;
    current(&service.hub, id).await
}

/// To a token that may not send it, a draft is not there.
async fn may_handle_draft(hub: &Hub, caller: &Caller, id: AlertId) -> Result<(), Problem> {
    let draft = hub.alert(id).await?.draft;
    may_publish_draft(caller, &draft).map_err(|_| HubError::NoAlert { id: id.to_string() }.into())
}

/// `POST /alerts/ID/release`: an alert that waits for it is let go, by somebody else than its sender. Answered with
/// the [`AlertView`].
pub(super) async fn release(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Shown, Problem> {
    let id = alert_id(&id)?;
    let waiting = service.hub.alert(id).await?.draft;
    may_publish_draft(&caller, &waiting)?;
    // Who has made a token may know it: it is no second person's.
    if let Peer::Token { token, .. } = &caller.peer
        && service.hub.has_made_api_token(&waiting.issuer, token.id).await?
    {
        return Err(HubError::from(Refusal::OwnRelease).into());
    }
    let by = caller.speaks_as(&service.hub, &format!("release alert {id}")).await?;
    service.hub.release_alert(id, &by).await?;
    current(&service.hub, id).await
}

/// `POST /alerts/ID/cancel`: the alert is called off; people who have it are told. Answered with the [`AlertView`].
pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Shown, Problem> {
    let id = alert_id(&id)?;
    caller.may_publish_to(&service.hub.alert(id).await?.draft.audience)?;
    let by = caller.speaks_as(&service.hub, &format!("cancel alert {id}")).await?;
    service.hub.cancel_alert(id, &by).await?;
    current(&service.hub, id).await
}

/// `POST /alerts/ID/again`: said once more to those who have not confirmed, by the same alert. Answered with the
/// [`AlertView`].
pub(super) async fn again(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Shown, Problem> {
    let id = alert_id(&id)?;
    may_publish_draft(&caller, &service.hub.alert(id).await?.draft)?;
    let by = caller.speaks_as(&service.hub, &format!("say alert {id} again")).await?;
    service.hub.say_alert_again(id, &by).await?;
    current(&service.hub, id).await
}

async fn current(hub: &Hub, id: AlertId) -> Result<Shown, Problem> {
    Ok(shown(hub.alert(id).await?, hub.environment().now()))
}

/// An alert as it is answered with: a draft with its version, also as the entity tag.
pub(super) struct Shown(AlertView);

pub(super) fn shown(alert: Alert, now: Timestamp) -> Shown {
    let version = (alert.state == AlertState::Draft).then(|| DraftVersion::of(&alert.draft).to_string());
    Shown(AlertView { version, ..AlertView::new(alert, now) })
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let tag = self.0.version.as_ref().map(|version| format!("\"{version}\""));
        let mut answer = Json(self.0).into_response();
        if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
            answer.headers_mut().insert(header::ETAG, tag);
        }
        answer
    }
}

pub(super) fn alert_id(text: &str) -> Result<AlertId, Problem> {
    text.parse().map_err(|error: AlertError| HubError::from(error).into())
}

impl From<Phase> for AlertPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Draft => Self::Draft,
            Phase::Waiting => Self::Waiting,
            Phase::Planned => Self::Planned,
            Phase::Open => Self::Open,
            Phase::Ended => Self::Ended,
        }
    }
}
