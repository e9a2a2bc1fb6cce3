//! What came by another protocol, as XMPP writes it.

use domain::{Content, Message, Sender, unverified_address};
use xmpp::{
    Element,
    extension::{
        chat_states::ChatState,
        markers::{self, Marker, MarkerKind},
        receipts,
        stanza_id::StanzaId,
    },
    jid::Jid,
    namespace,
};

use super::{link::Link, outgoing::kind};

/// A message that came by another protocol: words, that somebody is typing (XEP-0085), or that a message has come
/// (XEP-0184) or was read (XEP-0333).
pub(super) fn message(link: &Link, message: &Message) -> Element {
    let domain = link.door.hub.domain();
    let (from, mark) = match &message.sender {
        Sender::Account { address } => (address.to_string(), None),
        Sender::Service => (domain.to_owned(), None),
        Sender::Unverified { name, source, .. } => {
            let source = source.to_canonical().to_string();
            (unverified_jid(name, &source, domain), Some(link.language.unverified(name, &source)))
        }
    };
    let by = &message.recipient;
    let stanza = Element::new("message", namespace::CLIENT)
        .with_attribute("from", from)
        .with_attribute("to", by.as_str())
        .with_optional_attribute("type", kind(message.kind))
        .with_attribute("id", message.id.to_string());
    let id = StanzaId { by: by.to_string(), id: message.id.to_string() }.to_element();
    match &message.content {
        Content::Typing { composing } => {
            let state = if *composing { ChatState::Composing } else { ChatState::Paused };
            stanza.with_child(state.to_element())
        }
        Content::Receipt { of, seen: false } => stanza.with_child(receipts::receipt(of)).with_child(id),
        Content::Receipt { of, seen: true } => {
            let marker = Marker { kind: MarkerKind::Displayed, id: of.clone() };
            stanza.with_child(marker.to_element()).with_child(id)
        }
        content => words(stanza, content, mark.as_deref(), message.sender.account().is_some()).with_child(id),
    }
}

/// `mark` says whose words they are where nobody has proven it. Whoever can hear of it is asked to tell what becomes of
/// them.
fn words(stanza: Element, content: &Content, mark: Option<&str>, is_answered: bool) -> Element {
    let (body, subject) = match content {
        Content::Text { body, subject } => (body.as_str(), subject.as_deref()),
        _ => ("", None),
    };
    let body = match mark {
        Some(mark) => format!("{mark}:\n{body}"),
        None => body.to_owned(),
    };
    let child = |name, text: &str| Element::new(name, namespace::CLIENT).with_text(text);
    let unverified = mark.map(|mark| Element::new("nick", namespace::NICKNAME).with_text(mark));
    let questions = is_answered.then(|| [receipts::request(), markers::markable()]);
    stanza
        .with_children(subject.map(|subject| child("subject", subject)))
        .with_child(child("body", &body))
        .with_children(unverified)
        .with_children(questions.into_iter().flatten())
}

/// The address under which an unverified sender appears, with the network address it came from.
fn unverified_jid(name: &str, source: &str, domain: &str) -> String {
    let jid = unverified_address(name, domain).map(|address| format!("{address}/{source}"));
    jid.filter(|jid| Jid::new(jid).is_ok()).unwrap_or_else(|| format!("windows.{domain}"))
}
