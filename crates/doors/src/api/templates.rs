//! Templates: alerts with gaps.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{AlertDraft, Audience, EntryName, EntryNameError, Severity, Template};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Problem, Service,
    alert_document::{AlertView, NewAlert},
    alerts::may_publish_draft,
    caller::Caller,
    request::Input,
};

/// `PUT /templates/NAME`: a template, in the place of another of the same name. Answered with the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// The variables whose places, `{variable}`, are in the words.
    #[serde(default)]
    pub variables: BTreeSet<String>,
    /// What is sent. `{{` and `}}` are braces. It ends after `expires_in_seconds`.
    pub alert: NewAlert,
}

/// `POST /templates/NAME/alerts`: an alert by a template. Answered as `POST /alerts` is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromTemplate {
    /// A value for each variable.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Another audience than the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// Another severity than the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// When it takes effect; at once where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<Timestamp>,
    /// After how many seconds it ends by itself, where that is not the template's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
    /// Whether it is a drill, also where the template is not.
    #[serde(default)]
    pub drill: bool,
    /// Whether it is only for who sends it.
    #[serde(default)]
    pub test: bool,
    /// The sender's own word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it is only written down.
    #[serde(default)]
    pub draft: bool,
}

/// `GET /templates`: all of them, by name.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Result<Json<Vec<Template>>, Problem> {
    Ok(Json(service.hub.templates().await?))
}

/// `GET /templates/NAME`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Template>, Problem> {
    Ok(Json(service.hub.template(&entry_name(&name)?).await?))
}

pub(super) async fn put(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewTemplate>,
) -> Result<Json<Template>, Problem> {
    let name = entry_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("template {name}")).await?;
    let (expires_after_seconds, draft) = repeatable(new.alert, &by, &service)?;
    let template = Template { name, variables: new.variables, draft, expires_after_seconds };
    Ok(Json((*service.hub.put_template(&by, template).await?).clone()))
}

/// `DELETE /templates/NAME`: answered with 204.
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = entry_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("remove template {name}")).await?;
    service.hub.remove_template(&by, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn send(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<FromTemplate>,
) -> Result<(StatusCode, Json<AlertView>), Problem> {
    let (hub, name) = (&service.hub, entry_name(&name)?);
    let by = caller.speaks_as(hub, &format!("alert by template {name}")).await?;
    let mut draft = hub.fill_template(&by, &name, &new.values).await?;
    let now = hub.environment().now();
    let begins_at = new.begins_at.unwrap_or(now).max(now);
    // The template's own time counts from when the alert takes effect, too.
    let own = draft.expires_at.map(|at| at.duration_since(now));
    let after = new.expires_in_seconds.map(|seconds| SignedDuration::from_secs(seconds.into())).or(own);
    draft.expires_at = match after.map(|after| begins_at.checked_add(after)) {
        Some(at) => Some(at.map_err(|error| Problem::invalid(error.to_string()))?),
        None => None,
    };
    draft.audience = new.audience.unwrap_or(draft.audience);
    draft.severity = new.severity.unwrap_or(draft.severity);
    (draft.begins_at, draft.key, draft.test) = (new.begins_at, new.key, new.test);
    draft.drill |= new.drill;
    may_publish_draft(&caller, &draft)?;
    let alert = if new.draft { hub.save_draft(draft).await? } else { hub.send_alert(draft).await? };
    Ok((StatusCode::CREATED, Json(AlertView::new((*alert).clone(), now))))
}

/// What is kept of an alert that is sent again and again, and after how many seconds each ends.
pub(super) fn repeatable(
    alert: NewAlert,
    by: &domain::Address,
    service: &Service,
) -> Result<(Option<u32>, AlertDraft), Problem> {
    let once = alert.expires_at.is_some()
        || alert.begins_at.is_some()
        || alert.updates.is_some()
        || alert.key.is_some()
        || alert.test
        || alert.draft;
    if once {
        let why =
            "expires_at, begins_at, updates, key, test and draft are of one alert: give expires_in_seconds";
        return Err(Problem::invalid(why));
    }
    let seconds = alert.expires_in_seconds;
    let alert = NewAlert { expires_in_seconds: None, ..alert };
    Ok((seconds, alert.into_draft(by.clone(), service.hub.environment().now())?))
}

pub(super) fn entry_name(text: &str) -> Result<EntryName, Problem> {
    text.parse().map_err(|error: EntryNameError| Problem::invalid(error.to_string()))
}
