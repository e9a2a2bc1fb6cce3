use domain::{Address, Alert, AlertId, AlertState, Words, displayable};
use hub::{ALERTS_NAME, AnswerMessage, HubError};
use xmpp::{
    Element,
    extension::{markers, markers::MarkerKind, out_of_band, quick_response, receipts},
    namespace,
    stanza::{Condition, Message, StanzaError},
};

use super::{link::Link, phrases::Language};

/// The element by which a client of our own recognises an alert, with the service's signature in it.
const ALERT: &str = "urn:messngr:alert:0";

/// The address that alerts come from.
fn address(link: &Link) -> String {
    format!("{ALERTS_NAME}@{}", link.door.hub.domain())
}

/// An alert as a message: with receipts (XEP-0184), markers (XEP-0333) and its choices as quick responses (XEP-0439),
/// in every language it has (RFC 6121 §5.2.3), and where there is more (XEP-0066).
pub(super) fn raised(link: &Link, alert: &Alert) -> Element {
    shown(link, alert, &alert.id.to_string())
}

/// An alert once more, to somebody who has not confirmed it. Receipts for it count as for the first time.
pub(super) fn again(link: &Link, alert: &Alert, number: u32) -> Element {
    shown(link, alert, &format!("{}{AGAIN}{number}", alert.id))
}

/// What stands between an alert's id and the number of its repetition.
const AGAIN: &str = "-again-";

fn shown(link: &Link, alert: &Alert, id: &str) -> Element {
    let draft = &alert.draft;
    let own = draft.words_in(link.language.tag());
    let others: Vec<Words<'_>> =
        std::iter::once(draft.own_words()).chain(draft.other_words()).filter(|words| *words != own).collect();
    let mut message = message(link, id, &link.language.alert(alert, own))
        .with_child(subject(link.language.subject(alert, own)));
    for words in &others {
        // Words in no known language are not given twice.
        let Some(tag) = words.language else { continue };
        let language = Language::of(Some(tag.as_str()));
        let body = Element::new("body", namespace::CLIENT).with_text(language.alert(alert, *words));
        message = message
            .with_child(body.with_lang(tag.as_str()))
            .with_child(subject(language.subject(alert, *words)).with_lang(tag.as_str()));
    }
    let responses = draft.choices.iter().enumerate().filter(|_| draft.must_confirm).map(|(index, choice)| {
        let label = own.choices.get(index).unwrap_or(choice).clone();
        quick_response::Response { value: choice.clone(), label: Some(label), lang: None }.to_element()
    });
    let mut details = Element::new("alert", ALERT)
        .with_attribute("id", alert.id.to_string())
        .with_attribute("severity", draft.severity.as_str())
        .with_attribute("state", "in-force")
        .with_attribute("signature", alert.signature.as_str());
    for (mark, is) in [("drill", draft.drill), ("test", draft.test)] {
        if is {
            details = details.with_attribute(mark, "true");
        }
    }
    message
        .with_child(receipts::request())
        .with_child(markers::markable())
        .with_children(responses)
        .with_children(draft.links().map(out_of_band::element))
        .with_child(details)
}

fn subject(text: String) -> Element {
    Element::new("subject", namespace::CLIENT).with_text(text)
}

/// That an alert is over.
pub(super) fn ended(link: &Link, alert: &Alert) -> Element {
    let mut details = Element::new("alert", ALERT)
        .with_attribute("id", alert.id.to_string())
        .with_attribute("state", "ended");
    if let AlertState::Superseded { by, .. } = alert.state {
        details = details.with_attribute("superseded-by", by.to_string());
    }
    let id = format!("{}-ended", alert.id);
    let words = alert.draft.words_in(link.language.tag());
    message(link, &id, &link.language.alert_ended(alert, words.headline)).with_child(details)
}

/// That the person has confirmed an alert on another device: a correction (XEP-0308), which clients show in the place
/// of the alert, without a sound.
pub(super) fn answered_elsewhere(link: &Link, alert: &Alert, choice: &str, device: &str) -> Element {
    let words = alert.draft.words_in(link.language.tag());
    let choice = in_words(alert, words, choice);
    let text = link.language.answered_elsewhere(words.headline, choice, &displayable(device));
    let details = Element::new("alert", ALERT)
        .with_attribute("id", alert.id.to_string())
        .with_attribute("state", "answered");
    let replaces = Element::new("replace", namespace::CORRECTION).with_attribute("id", alert.id.to_string());
    message(link, &format!("{}-answered", alert.id), &text).with_child(replaces).with_child(details)
}

/// What a person writes to the address that alerts come from: an answer, a receipt, or a marker. What is an answer is
/// on the disk when this returns.
pub(super) async fn answered(link: &Link, message: &Message, number: u32) -> Result<(), StanzaError> {
    let content = message.content();
    let session = &link.session;
    let mark =
        content.marker.as_ref().map(|marker| (marker.id.as_str(), marker.kind >= MarkerKind::Displayed));
    let received = content.receipt_received.as_deref().map(|id| (id, false));
    for (id, seen) in mark.into_iter().chain(received) {
        let id = id.split_once(AGAIN).map_or(id, |(id, _)| id);
        let Ok(id) = id.parse::<AlertId>() else { continue };
        link.door.hub.alert_received(id, session.address(), seen).await.or_else(|error| match error {
            // A receipt for what is no alert of theirs says nothing.
            HubError::Store(store::StoreError::Missing { .. }) => Ok(()),
            other => Err(temporary(&other)),
        })?;
    }
    let Some(answer) = content.body() else { return Ok(()) };
    let came_in = AnswerMessage { origin_id: content.origin_id.as_deref(), number: Some(number) };
    let reply = match link.door.hub.answer_alert(session, answer, came_in).await {
        Ok(confirmed) => {
            let words = confirmed.alert.draft.words_in(link.language.tag());
            let choice = in_words(&confirmed.alert, words, &confirmed.choice);
            link.language.confirmed(words.headline, choice, confirmed.first)
        }
        Err(HubError::Store(error)) => return Err(temporary(&error.into())),
        Err(_) => link.language.not_an_answer(&waiting(link, session.address()).await),
    };
    let id = link.door.hub.environment().message_id().to_string();
    link.send(&self::message(link, &id, &reply));
    Ok(())
}

/// A choice of an alert as these words of it say it.
fn in_words<'a>(alert: &Alert, words: Words<'a>, choice: &'a str) -> &'a str {
    let own = alert.draft.choices.iter().position(|known| known == choice);
    own.and_then(|index| words.choices.get(index)).map_or(choice, String::as_str)
}

/// The headlines that wait for a person's answer, each with its choices.
async fn waiting(link: &Link, address: &Address) -> Vec<(String, String)> {
    let open = link.door.hub.alerts_to_answer(address).await.unwrap_or_default();
    let line = |alert: &Alert| {
        let words = alert.draft.words_in(link.language.tag());
        (words.headline.to_owned(), words.choices.join(" / "))
    };
    open.iter().map(line).collect()
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
