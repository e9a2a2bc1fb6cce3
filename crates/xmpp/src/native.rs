//! Messages as bytes: what a client sent, made fit to be forwarded and stored.
//!
//! A stored message is the stanza as it is written inside a stream of `jabber:client`, and ends in exactly
//! `</message>`, so that more can be added in front of that without parsing it again.

use jid::{BareJid, FullJid, Jid};

use crate::element::Element;
use crate::extension::delay::Delay;
use crate::extension::stanza_id::StanzaId;
use crate::namespace;
use crate::stream::{Limits, StreamEvent, StreamReader};

/// What every stored message ends in.
const END_TAG: &[u8] = b"</message>";

/// Makes a client's message fit to be forwarded by `domain`:
///
/// - `from` is who really sent it (RFC 6120 §8.1.2.1);
/// - a wish that there be no copies is taken out, for whoever makes them has read it (XEP-0280 §9);
/// - stanza ids that claim to be given by `domain`, a host below it or one of its accounts are removed, and so
///   are those that do not say who gave them (XEP-0359, business rules);
/// - delays that claim a stamp of `domain`, of a host below it or of anyone there but the sender are removed,
///   and so are those that do not say whose they are (XEP-0203, and XEP-0091 before it).
pub fn make_forwardable(message: &mut Element, domain: &BareJid, from: &FullJid) {
    message.set_attribute("from", from.as_str());
    message.retain_children(|child| {
        !child.is("private", namespace::CARBONS) && may_be_forwarded(child, domain, from)
    });
}

/// Whether a child of what `from` sends claims nothing in the name of `domain`: see [`make_forwardable`].
pub fn may_be_forwarded(child: &Element, domain: &BareJid, from: &FullJid) -> bool {
    let host = domain.domain().as_str();
    if child.is("stanza-id", namespace::STANZA_ID) {
        return claimed(child, "by").is_some_and(|by| !is_within(&by, host));
    }
    if child.is("delay", namespace::DELAY) || child.is("x", namespace::DELAY_LEGACY) {
        return claimed(child, "from")
            .is_some_and(|by| !is_within(&by, host) || by.to_bare() == from.to_bare());
    }
    true
}

/// Adds the id that the message has in the archive of `by` (XEP-0359 §3.2). Call it after [`make_forwardable`], and only
/// where it is in that archive: clients ask for what came after it there.
pub fn insert_stanza_id(message: &mut Element, by: &BareJid, id: &str) {
    message.push(StanzaId { by: by.as_str().to_owned(), id: id.to_owned() }.to_element());
}

/// Writes a message as it is stored and forwarded.
pub fn write_message(message: &Element) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    message.write_with_end_tag(&mut out, namespace::CLIENT);
    out
}

/// The start tag of such a message, without what is in it: what an answer to it needs. `None` if `message` is not
/// what [`write_message`] made.
pub fn envelope(message: &[u8]) -> Option<Element> {
    let mut element = read_message(message)?;
    element.retain_nodes(|_| false);
    Some(element)
}

/// Such a message as a tree. `None` if `message` is not what [`write_message`] made.
pub fn read_message(message: &[u8]) -> Option<Element> {
    const HEADER: &[u8] =
        b"<stream:stream version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    let limits = Limits { stanza_bytes_max: usize::MAX, ..Limits::default() };
    let mut reader = StreamReader::new(limits);
    for mut part in [HEADER, message] {
        while let Some(event) = reader.read(&mut part).ok()? {
            if let StreamEvent::Stanza(element) = event {
                return Some(element);
            }
        }
    }
    None
}

/// The message with one more child. `None` if `message` was not made by [`write_message`].
pub fn with_child(message: &[u8], child: &Element) -> Option<Vec<u8>> {
    let rest = message.strip_suffix(END_TAG)?;
    let mut out = Vec::with_capacity(message.len() + 128);
    out.extend_from_slice(rest);
    child.write(&mut out, namespace::CLIENT);
    out.extend_from_slice(END_TAG);
    Some(out)
}

/// The message with the id that it has in another archive, if it is in that, in the place of the first, which comes last
/// in it where it has it. `None` if `message` was not made by [`write_message`].
pub fn with_other_id(message: &[u8], id: &StanzaId, other: Option<&StanzaId>) -> Option<Vec<u8>> {
    let written = id.to_element().to_bytes(namespace::CLIENT);
    let rest = message.strip_suffix(END_TAG)?;
    let mut out = rest.strip_suffix(written.as_slice()).unwrap_or(rest).to_vec();
    if let Some(other) = other {
        other.to_element().write(&mut out, namespace::CLIENT);
    }
    out.extend_from_slice(END_TAG);
    Some(out)
}

/// The message with a note that `from` held it back since `stamp` (XEP-0203; UTC as in XEP-0082, such as
/// `2026-11-20T08:30:00Z`). `None` if `message` was not made by [`write_message`].
pub fn with_delay(message: &[u8], from: &BareJid, stamp: &str) -> Option<Vec<u8>> {
    let delay = Delay { from: Some(from.as_str().to_owned()), stamp: stamp.to_owned(), reason: None };
    with_child(message, &delay.to_element())
}

/// The address in an attribute, if there is a good one.
fn claimed(child: &Element, attribute: &str) -> Option<Jid> {
    child.attribute(attribute).and_then(|address| Jid::new(address).ok())
}

/// Whether an address is of `host` or of a host below it.
fn is_within(address: &Jid, host: &str) -> bool {
    let own = address.domain().as_str();
    own == host || own.strip_suffix(host).is_some_and(|below| below.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(children: &str) -> String {
        let source =
            format!("<message xmlns='jabber:client' to='b@x.test' from='evil@y.test'>{children}</message>");
        let mut message = Element::parse(source.as_bytes(), &Limits::default()).unwrap();
        make_forwardable(
            &mut message,
            &BareJid::new("x.test").unwrap(),
            &FullJid::new("a@x.test/1").unwrap(),
        );
        String::from_utf8(write_message(&message)).unwrap()
    }

    #[test]
    fn the_sender_is_who_really_sent_it() {
        assert_eq!(
            forwarded("<body>x</body>"),
            "<message to='b@x.test' from='a@x.test/1'><body>x</body></message>"
        );
    }

    #[test]
    fn an_empty_message_still_has_an_end_tag_of_its_own() {
        assert_eq!(forwarded(""), "<message to='b@x.test' from='a@x.test/1'></message>");
    }

    #[test]
    fn the_envelope_of_a_message_is_its_start_tag() {
        let message = b"<message to='b@x.test' id='1' type='chat'>text<body>x</body></message>";
        let envelope = envelope(message).unwrap();
        assert_eq!(envelope.to_bytes(namespace::CLIENT), b"<message to='b@x.test' id='1' type='chat'/>");
        assert_eq!(super::envelope(b"<message"), None);
    }

    #[test]
    fn ids_and_delays_in_our_name_are_removed_and_those_of_others_stay() {
        for forged in [
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='x.test'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='X.Test'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a@x.test'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='rooms.x.test'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='@'/>",
            "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z' from='x.test'/>",
            "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z' from='c@x.test'/>",
            "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>",
            "<x xmlns='jabber:x:delay' stamp='20260101T00:00:00' from='x.test'/>",
        ] {
            assert!(forwarded(forged).ends_with("1'></message>"), "{forged}");
        }
        for honest in [
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='rooms.y.test'/>",
            "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='notx.test'/>",
            "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>",
            "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z' from='a@x.test'/>",
            "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z' from='y.test'/>",
        ] {
            assert!(forwarded(honest).contains(honest), "{honest}");
        }
    }

    #[test]
    fn a_wish_for_no_copies_is_taken_out() {
        assert!(forwarded("<private xmlns='urn:xmpp:carbons:2'/>").ends_with("1'></message>"));
    }

    #[test]
    fn an_id_gives_way_to_that_of_another_archive() {
        let id = |by: &str| StanzaId { by: by.to_owned(), id: "42".to_owned() };
        let mut message = Element::new("message", namespace::CLIENT);
        insert_stanza_id(&mut message, &BareJid::new("b@x.test").unwrap(), "42");
        let (kept, unkept) = (write_message(&message), b"<message></message>");
        let other = |message, other: Option<&StanzaId>| {
            String::from_utf8(with_other_id(message, &id("b@x.test"), other).unwrap()).unwrap()
        };
        let with_id = "<message><stanza-id xmlns='urn:xmpp:sid:0' by='a@x.test' id='42'/></message>";
        assert_eq!(other(&kept, Some(&id("a@x.test"))), with_id);
        assert_eq!(other(unkept, Some(&id("a@x.test"))), with_id);
        assert_eq!(other(&kept, None), "<message></message>");
        assert_eq!(other(unkept, None), "<message></message>");
        assert_eq!(with_other_id(b"<message/>", &id("b@x.test"), None), None);
    }

    #[test]
    fn an_id_and_a_delay_can_be_added() {
        let domain = BareJid::new("x.test").unwrap();
        let mut message = Element::new("message", namespace::CLIENT);
        insert_stanza_id(&mut message, &BareJid::new("b@x.test").unwrap(), "42");
        let stored = write_message(&message);
        let delayed = with_delay(&stored, &domain, "2026-11-20T08:30:00Z").unwrap();
        assert_eq!(
            String::from_utf8(delayed).unwrap(),
            "<message><stanza-id xmlns='urn:xmpp:sid:0' by='b@x.test' id='42'/>\
             <delay xmlns='urn:xmpp:delay' from='x.test' stamp='2026-11-20T08:30:00Z'/></message>"
        );
        assert_eq!(with_delay(b"<message/>", &domain, "2026-11-20T08:30:00Z"), None);
    }
}
