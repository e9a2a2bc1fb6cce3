use ::api::{alerts::AlertView, events::Event};
use domain::Alert;

use super::super::link::Link;

pub(super) fn raised(link: &Link, alert: &Alert) -> Event {
    Event::Alert(Box::new(AlertView::new(alert.clone(), link.events.hub.environment().now())))
}

pub(super) fn again(alert: &Alert, number: u32) -> Event {
    Event::AlertAgain { alert: alert.id, number }
}

pub(super) fn answered(alert: &Alert, choice: &str, device: &str) -> Event {
    Event::AlertAnswered { alert: alert.id, choice: choice.to_owned(), device: device.to_owned() }
}

pub(super) fn ended(link: &Link, alert: &Alert) -> Event {
    Event::AlertEnded { alert: alert.id, status: alert.status(link.events.hub.environment().now()) }
}
