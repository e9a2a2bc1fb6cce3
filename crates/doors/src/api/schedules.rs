//! Schedules: alerts that are sent again and again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{AlertSight, EntryName, Schedule};

pub use ::api::schedules::{NewSchedule, ScheduleView};

use super::{
    Problem, Service,
    alerts::may_publish_draft,
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{Input, Parameters},
    templates::{entry_name, repeatable},
};

/// `GET /schedules`: all of them, or the asker's own, by name.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<ScheduleView>, Problem> {
    let sight = caller.peer.alert_sight()?;
    let is_seen = |schedule: &&Arc<Schedule>| match &sight {
        AlertSight::All => true,
        AlertSight::Of(who) => schedule.draft.issuer == *who,
    };
    let schedules = service.hub.schedules().iter().filter(is_seen).map(view).collect();
    Page::of(schedules, |schedule: &ScheduleView| schedule.0.name.to_string(), &query, &place)
}

pub(super) async fn put(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewSchedule>,
) -> Result<Json<ScheduleView>, Problem> {
    let name = entry_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("schedule {name}")).await?;
    let NewSchedule { alert, rule, zone, starts_at, missed } = new;
    let (expires_after_seconds, draft) = repeatable(alert, &by)?;
    may_publish_draft(&caller, &draft)?;
    may_change(&service, &caller, &name)?;
    let schedule = hub::NewSchedule { name, draft, expires_after_seconds, rule, starts_at, zone, missed };
    Ok(Json(view(&service.hub.put_schedule(&by, schedule).await?)))
}

/// `DELETE /schedules/NAME`: answered with 204.
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = entry_name(&name)?;
    may_change(&service, &caller, &name)?;
    let by = caller.speaks_as(&service.hub, &format!("remove schedule {name}")).await?;
    service.hub.remove_schedule(&by, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /schedules/NAME/pause`: nothing is sent until it is resumed. Answered with the schedule.
pub(super) async fn pause(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<ScheduleView>, Problem> {
    set_paused(&service, &caller, &name, true).await
}

/// `POST /schedules/NAME/resume`: it goes on; times that passed meanwhile are passed over. Answered with the schedule.
pub(super) async fn resume(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<ScheduleView>, Problem> {
    set_paused(&service, &caller, &name, false).await
}

async fn set_paused(
    service: &Service,
    caller: &Caller,
    name: &str,
    paused: bool,
) -> Result<Json<ScheduleView>, Problem> {
    let name = entry_name(name)?;
    may_change(service, caller, &name)?;
    let occasion = if paused { "pause" } else { "resume" };
    let by = caller.speaks_as(&service.hub, &format!("{occasion} schedule {name}")).await?;
    Ok(Json(view(&service.hub.pause_schedule(&by, &name, paused).await?)))
}

/// Refuses a token that may not send to those to whom the schedule of this name sends.
fn may_change(service: &Service, caller: &Caller, name: &EntryName) -> Result<(), Problem> {
    let known = service.hub.schedules().into_iter().find(|schedule| schedule.name == *name);
    known.map_or(Ok(()), |schedule| may_publish_draft(caller, &schedule.draft))
}

fn view(schedule: &Arc<Schedule>) -> ScheduleView {
    ScheduleView((**schedule).clone())
}
