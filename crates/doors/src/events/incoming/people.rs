use domain::{Address, Presence, Show, SubscriptionAction, displayable};
use hub::HubError;

use super::super::{link::Link, rooms};
use crate::api::Problem;

/// The longest status text, in bytes.
const STATUS_BYTES_MAX: usize = 1_000;

/// How available the person is by this session.
pub(super) async fn presence(link: &Link, show: Option<Show>, text: Option<&str>) -> Result<(), Problem> {
    if text.is_some_and(|text| text.len() > STATUS_BYTES_MAX) {
        return Err(Problem::invalid(format!("a status text has at most {STATUS_BYTES_MAX} bytes")));
    }
    let text = text.map(|text| displayable(text).into_owned()).filter(|text| !text.is_empty());
    let presence = Presence { show: show.unwrap_or_default(), text, ..Presence::default() };
    let hub = &link.events.hub;
    match show {
        Some(_) => {
            hub.set_presence(&link.session, presence).await?;
            rooms::enter_kept(hub, &link.session).await;
        }
        None => hub.clear_presence(&link.session, presence).await,
    }
    Ok(())
}

/// Asks to see somebody's presence, or answers who has asked.
pub(super) async fn subscription(link: &Link, to: &str, action: SubscriptionAction) -> Result<(), Problem> {
    let hub = &link.events.hub;
    let other = Address::within(to, hub.domain()).map_err(HubError::from)?;
    Ok(hub.subscription(link.session.address(), &other, action, None).await?)
}
