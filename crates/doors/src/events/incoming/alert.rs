use std::sync::Arc;

use ::api::events::Event;
use domain::AlertId;

use super::super::{link::Link, reports};
use crate::api::Problem;

/// A confirmation: it is on the disk when this returns.
pub(super) async fn confirm(
    link: &Link,
    alert: AlertId,
    choice: &str,
    id: Option<String>,
) -> Result<Event, Problem> {
    let confirmed = link.events.hub.confirm_alert(alert, &link.session, choice).await?;
    Ok(Event::Confirmed { id, alert, choice: confirmed.choice, first: confirmed.first })
}

/// The person has looked at an alert: it is on the disk when this returns.
pub(super) async fn seen(link: &Link, alert: AlertId) -> Result<(), Problem> {
    Ok(link.events.hub.alert_received(alert, link.session.address(), true).await?)
}

/// Whether the client watches what becomes of an alert: it hears where it stands at once, and then of each change.
pub(super) async fn watch(link: &Arc<Link>, alert: AlertId, watch: bool) -> Result<Option<Event>, Problem> {
    let reports = &link.events.reports;
    if !watch {
        reports.leave(alert, link);
        return Ok(None);
    }
    link.events.hub.alert_seen(&link.alert_sight()?, alert).await?;
    let standing = link.events.hub.alert_counts(alert).await?;
    reports.watch(alert, link, standing)?;
    Ok(Some(reports::event(alert, standing)))
}
