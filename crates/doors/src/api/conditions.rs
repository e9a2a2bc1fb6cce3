//! Conditions: what is not normal on this host, and the Alerter tells.

use std::sync::Arc;

use axum::{Json, extract::State};
use domain::alerter::Standing;

pub use ::api::conditions::{ClearedCondition, ClearedView, ConditionView, NewCondition};

use super::{
    Problem, Service,
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{Input, Parameters},
};

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<ConditionView>, Problem> {
    Page::of(all(&service)?, |condition| format!("{}/{}", condition.kind, condition.subject), &query, &place)
}

pub(super) async fn raise(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewCondition>,
) -> Result<Json<ConditionView>, Problem> {
    let NewCondition { kind, subject, severity, text } = new;
    let severity = severity.unwrap_or_else(|| kind.severity());
    let raised = service.hub.raise_condition_for(&caller.actor, kind, &subject, severity, text).await?;
    Ok(Json(view(&service, raised)))
}

pub(super) async fn clear(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(which): Input<ClearedCondition>,
) -> Result<Json<ClearedView>, Problem> {
    let cleared = service.hub.clear_condition_for(&caller.actor, which.kind, &which.subject).await?;
    Ok(Json(ClearedView { cleared }))
}

fn all(service: &Service) -> Result<Vec<ConditionView>, Problem> {
    Ok(service.hub.conditions()?.into_iter().map(|standing| view(service, standing)).collect())
}

fn view(service: &Service, standing: Standing) -> ConditionView {
    ConditionView {
        text: service.hub.words_of_condition(&standing),
        kind: standing.kind,
        subject: standing.subject,
        severity: standing.severity,
        since: standing.since,
        last: standing.last,
        count: standing.count,
        told_at: standing.told_at,
    }
}
