//! Templates: alerts with gaps.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{AlertDraft, EntryName, EntryNameError, Template};

use ::api::alerts::NewAlert;
pub use ::api::templates::{FromTemplate, NewTemplate, TemplateView};

use super::{
    Problem, Service,
    alert_draft::draft_of,
    alerts::{Shown, may_publish_draft, taken},
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{IdempotencyKey, Input, Parameters},
};

/// `GET /templates`: all of them, by name.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<TemplateView>, Problem> {
    let templates = service.hub.templates().await?.into_iter().map(TemplateView).collect();
    Page::of(templates, |template: &TemplateView| template.0.name.to_string(), &query, &place)
}

/// `GET /templates/NAME`.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<TemplateView>, Problem> {
    Ok(Json(TemplateView(service.hub.template(&entry_name(&name)?).await?)))
}

pub(super) async fn put(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewTemplate>,
) -> Result<Json<TemplateView>, Problem> {
    let name = entry_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("template {name}")).await?;
    let (expires_after_seconds, draft) = repeatable(new.alert, &by)?;
    let template = Template { name, variables: new.variables, draft, expires_after_seconds };
    let template = service.hub.put_template(&by, template).await?;
    Ok(Json(TemplateView((*template).clone())))
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
    key: IdempotencyKey,
    Input(new): Input<FromTemplate>,
) -> Result<(StatusCode, Shown), Problem> {
    let (hub, name, key) = (&service.hub, entry_name(&name)?, key.or(new.key)?);
    let by = caller.speaks_as(hub, &format!("alert by template {name}")).await?;
    let mut draft = hub.fill_template(&by, &name, &new.values).await?;
    draft.expires_after_seconds = new.expires_in_seconds.or(draft.expires_after_seconds);
    draft.audience = new.audience.unwrap_or(draft.audience);
    draft.severity = new.severity.unwrap_or(draft.severity);
    (draft.begins_at, draft.key, draft.test) = (new.begins_at, key, new.test);
    draft.drill |= new.drill;
    may_publish_draft(&caller, &draft)?;
    taken(hub, draft, new.draft).await
}

/// What is kept of an alert that is sent again and again, and after how many seconds each ends.
pub(super) fn repeatable(
    alert: NewAlert,
    by: &domain::Address,
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
    Ok((seconds, draft_of(alert, by.clone())?))
}

pub(super) fn entry_name(text: &str) -> Result<EntryName, Problem> {
    text.parse().map_err(|error: EntryNameError| Problem::invalid(error.to_string()))
}
