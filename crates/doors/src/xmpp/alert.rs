use domain::{Address, Alert, AlertId};
use hub::{ALERTS_NAME, HubError};
use xmpp::{
    Element,
    extension::{markers, markers::MarkerKind, quick_response, receipts},
    namespace,
    stanza::{Condition, Message, StanzaError},
};

use super::link::Link;

/// The element by which a client of our own recognises an alert, with the service's signature in it.
const ALERT: &str = "urn:messngr:alert:0";

/// The address that alerts come from.
fn address(link: &Link) -> String {
    format!("{ALERTS_NAME}@{}", link.door.hub.domain())
}

/// An alert as a message: with receipts (XEP-0184), markers (XEP-0333) and its choices as quick responses (XEP-0439).
pub(super) fn raised(link: &Link, alert: &Alert) -> Element {
    let draft = &alert.draft;
    let choices = draft.choices.iter().filter(|_| draft.must_confirm);
    let responses = choices.map(|choice| {
        quick_response::Response { value: choice.clone(), label: Some(choice.clone()), lang: None }
            .to_element()
    });
    let details = Element::new("alert", ALERT)
        .with_attribute("id", alert.id.to_string())
        .with_attribute("severity", draft.severity.as_str())
        .with_attribute("state", "in-force")
        .with_attribute("signature", alert.signature.as_str());
    message(link, &alert.id.to_string(), &link.language.alert(alert))
        .with_child(Element::new("subject", namespace::CLIENT).with_text(draft.headline.as_str()))
        .with_child(receipts::request())
        .with_child(markers::markable())
        .with_children(responses)
        .with_child(details)
}

/// That an alert is over.
pub(super) fn ended(link: &Link, alert: &Alert) -> Element {
    let details = Element::new("alert", ALERT)
        .with_attribute("id", alert.id.to_string())
        .with_attribute("state", "ended");
    let id = format!("{}-ended", alert.id);
    message(link, &id, &link.language.alert_ended(alert)).with_child(details)
}

/// What a person writes to the address that alerts come from: an answer, a receipt, or a marker. What is an answer is
/// on the disk when this returns.
pub(super) async fn answered(link: &Link, message: &Message) -> Result<(), StanzaError> {
    let content = message.content();
    let session = &link.session;
    let mark =
        content.marker.as_ref().map(|marker| (marker.id.as_str(), marker.kind >= MarkerKind::Displayed));
    let received = content.receipt_received.as_deref().map(|id| (id, false));
    for (id, seen) in mark.into_iter().chain(received) {
        let Ok(id) = id.parse::<AlertId>() else { continue };
        link.door.hub.alert_received(id, session.address(), seen).await.or_else(|error| match error {
            // A receipt for what is no alert of theirs says nothing.
            HubError::Store(store::StoreError::Missing { .. }) => Ok(()),
            other => Err(temporary(&other)),
        })?;
    }
    let Some(answer) = content.body() else { return Ok(()) };
    let reply = match link.door.hub.answer_alert(session, answer).await {
        Ok(confirmed) => {
            link.language.confirmed(&confirmed.alert.draft.headline, &confirmed.choice, confirmed.first)
        }
        Err(HubError::Store(error)) => return Err(temporary(&error.into())),
        Err(_) => link.language.not_an_answer(&waiting(link, session.address()).await),
    };
    let id = link.door.hub.environment().message_id().to_string();
    link.send(&self::message(link, &id, &reply));
    Ok(())
}

/// The headlines that wait for a person's answer, each with its choices.
async fn waiting(link: &Link, address: &Address) -> Vec<(String, String)> {
    let open = link.door.hub.alerts_to_answer(address).await.unwrap_or_default();
    let lines = open.into_iter().map(|alert| (alert.draft.headline, alert.draft.choices.join(" / ")));
    lines.collect()
}

/// Alerts are in nobody's archive, so that none has an id there.
fn message(link: &Link, id: &str, body: &str) -> Element {
    Element::new("message", namespace::CLIENT)
        .with_attribute("from", address(link))
        .with_attribute("to", link.session.address().as_str())
        .with_attribute("type", "chat")
        .with_attribute("id", id)
        .with_lang(link.language.tag())
        .with_child(Element::new("body", namespace::CLIENT).with_text(body))
}

fn temporary(error: &HubError) -> StanzaError {
    tracing::warn!(%error, "an answer to an alert was not taken");
    StanzaError::new(Condition::ResourceConstraint).with_text("the service cannot store this now; try again")
}
