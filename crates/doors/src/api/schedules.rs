//! Schedules: alerts that are sent again and again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{EntryName, Missed, Rule, Schedule, Zone};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{
    Problem, Service,
    alert_document::NewAlert,
    alerts::may_publish_draft,
    caller::Caller,
    request::Input,
    templates::{entry_name, repeatable},
};

/// `PUT /schedules/NAME`: a schedule, in the place of another of the same name. Answered with the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// What is sent. Each ends after `expires_in_seconds`.
    pub alert: NewAlert,
    /// When: the parts of a recurrence rule (RFC 5545), such as `FREQ=MONTHLY;BYDAY=1MO;BYHOUR=12`, or the five fields
    /// of cron, such as `0 8 * * mon-fri`.
    pub rule: Rule,
    /// The time zone of the rule, such as `Europe/Madrid`; `UTC` where left out.
    #[serde(default = "Zone::utc")]
    pub zone: Zone,
    /// The first local time at which it may be sent, from which a recurrence counts; now where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime>,
    /// What happens to times that passed while the service did not run: `skip`, `once` or `all`.
    #[serde(default)]
    pub missed: Missed,
}

/// `GET /schedules`: all of them, by name.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Json<Vec<Schedule>> {
    Json(service.hub.schedules().iter().map(|schedule| (**schedule).clone()).collect())
}

pub(super) async fn put(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
    Input(new): Input<NewSchedule>,
) -> Result<Json<Schedule>, Problem> {
    let name = entry_name(&name)?;
    let by = caller.speaks_as(&service.hub, &format!("schedule {name}")).await?;
    let NewSchedule { alert, rule, zone, starts_at, missed } = new;
    let (expires_after_seconds, draft) = repeatable(alert, &by, &service)?;
    may_publish_draft(&caller, &draft)?;
    may_change(&service, &caller, &name)?;
    let schedule = hub::NewSchedule { name, draft, expires_after_seconds, rule, starts_at, zone, missed };
    Ok(Json((*service.hub.put_schedule(&by, schedule).await?).clone()))
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
) -> Result<Json<Schedule>, Problem> {
    set_paused(&service, &caller, &name, true).await
}

/// `POST /schedules/NAME/resume`: it goes on; times that passed meanwhile are passed over. Answered with the schedule.
pub(super) async fn resume(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<Schedule>, Problem> {
    set_paused(&service, &caller, &name, false).await
}

async fn set_paused(
    service: &Service,
    caller: &Caller,
    name: &str,
    paused: bool,
) -> Result<Json<Schedule>, Problem> {
    let name = entry_name(name)?;
    may_change(service, caller, &name)?;
    let occasion = if paused { "pause" } else { "resume" };
    let by = caller.speaks_as(&service.hub, &format!("{occasion} schedule {name}")).await?;
    Ok(Json((*service.hub.pause_schedule(&by, &name, paused).await?).clone()))
}

/// Refuses a token that may not send to those to whom the schedule of this name sends.
fn may_change(service: &Service, caller: &Caller, name: &EntryName) -> Result<(), Problem> {
    let known = service.hub.schedules().into_iter().find(|schedule| schedule.name == *name);
    known.map_or(Ok(()), |schedule| may_publish_draft(caller, &schedule.draft))
}
