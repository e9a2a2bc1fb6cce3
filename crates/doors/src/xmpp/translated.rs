//! What came by another protocol, as XMPP writes it.

use domain::{Content, Message, Sender, unverified_address};
use xmpp::{
    Element,
    extension::{
        automatic,
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
/// (XEP-0184) or was read (XEP-0333). `archived`: it has its id in the recipient's archive.
pub(super) fn message(link: &Link, message: &Message, archived: bool) -> Element {
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
    let id = archived.then(|| StanzaId { by: by.to_string(), id: message.id.to_string() }.to_element());
    match &message.content {
        Content::Typing { composing } => {
            let state = if *composing { ChatState::Composing } else { ChatState::Paused };
            stanza.with_child(state.to_element())
        }
        Content::Receipt { of, seen: false } => stanza.with_child(receipts::receipt(of)).with_children(id),
        Content::Receipt { of, seen: true } => {
            let marker = Marker { kind: MarkerKind::Displayed, id: of.clone() };
            stanza.with_child(marker.to_element()).with_children(id)
        }
        Content::Text { body, subject } => {
            let body = if message.automatic { link.language.automatic(body) } else { body.clone() };
            let is_answered = message.sender.account().is_some() && !message.automatic;
            let stanza = words(stanza, &body, subject.as_deref(), mark.as_deref(), is_answered);
            stanza.with_children(marks(message)).with_children(id)
        }
        Content::Other | Content::Fleeting => {
            words(stanza, "", None, mark.as_deref(), false).with_children(id)
        }
    }
}

/// `mark` says whose words they are where nobody has proven it. Whoever can hear of it is asked to tell what becomes of
/// them.
fn words(
    stanza: Element,
    body: &str,
    subject: Option<&str>,
    mark: Option<&str>,
    is_answered: bool,
) -> Element {
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

/// What says that a program has sent it by itself: no program is to answer it, and no archive to keep it (XEP-0334 §4.2).
fn marks(message: &Message) -> impl IntoIterator<Item = Element> {
    let marks = [automatic::replied(), Element::new("no-permanent-store", namespace::HINTS)];
    message.automatic.then_some(marks).into_iter().flatten()
}

/// The address under which an unverified sender appears, with the network address it came from.
fn unverified_jid(name: &str, source: &str, domain: &str) -> String {
    let jid = unverified_address(name, domain).map(|address| format!("{address}/{source}"));
    jid.filter(|jid| Jid::new(jid).is_ok()).unwrap_or_else(|| format!("windows.{domain}"))
}
