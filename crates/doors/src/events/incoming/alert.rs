use ::api::events::Event;
use domain::AlertId;

use super::super::link::Link;
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
