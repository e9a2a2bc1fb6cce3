//! Schedules: alerts that are sent again and again.

use jiff::civil::DateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Missed, Rule, Schedule, Zone};

use crate::{alerts::NewAlert, schema};

/// `PUT /schedules/NAME`: a schedule, in the place of another of the same name. Answered with the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// What is sent. Each ends after `expires_in_seconds`.
    pub alert: NewAlert,
    /// When: the parts of a recurrence rule (RFC 5545), such as `FREQ=MONTHLY;BYDAY=1MO;BYHOUR=12`, or the five fields
    /// of cron, such as `0 8 * * mon-fri`.
    #[schemars(with = "String")]
    pub rule: Rule,
    /// The time zone of the rule, such as `Europe/Madrid`; `UTC` where left out.
    #[serde(default = "Zone::utc")]
    #[schemars(with = "String")]
    pub zone: Zone,
    /// The first local time at which it may be sent, from which a recurrence counts; now where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<DateTime>,
    /// What happens to times that passed while the service did not run: `skip`, `once` or `all`.
    #[serde(default)]
    #[schemars(with = "schema::Missed")]
    pub missed: Missed,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ScheduleView(#[schemars(with = "schema::Schedule")] pub Schedule);
