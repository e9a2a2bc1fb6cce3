use ::api::events::Event;
use domain::displayable;
use hub::{BlockChange, PresenceNotice};

pub(super) fn presence(notice: &PresenceNotice) -> Event {
    let said = &notice.presence;
    Event::Presence {
        from: notice.from.clone(),
        device: Some(notice.resource.to_string()).filter(|device| !device.is_empty()),
        show: notice.available.then_some(said.show),
        text: said.text.as_deref().map(|text| displayable(text).into_owned()),
    }
}

pub(super) fn blocks(change: &BlockChange) -> Event {
    let (blocked, unblocked, emptied) = match change {
        BlockChange::Blocked(jids) => (jids.clone(), Vec::new(), false),
        BlockChange::Unblocked(jids) => (Vec::new(), jids.clone(), jids.is_empty()),
    };
    Event::Blocks { blocked, unblocked, emptied }
}
