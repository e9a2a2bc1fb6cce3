//! One element: as a stanza, as a step of a negotiation, and as the payload of each extension.

use std::hint::black_box;

use xmpp::extension::{
    archive, automatic, bind, bind2, blocking, carbons, client_state, commands, delay, disco, entity_time,
    fast, idle, markers, ping, private_storage, quick_response, receipts, registration, result_set, roster,
    sasl2, session, stanza_id, version,
};
use xmpp::jid::{BareJid, FullJid};
use xmpp::stanza::{Condition, Iq, Message, Presence, Stanza, StanzaError, StanzaParseError};
use xmpp::stream::Limits;
use xmpp::{Element, namespace, native, negotiation, sasl, stream_management};

pub(crate) fn run(data: &[u8]) {
    let Ok(element) = Element::parse(data, &Limits::default()) else { return };
    negotiate(&element);
    match Stanza::parse(element) {
        Ok(Stanza::Message(message)) => take_message(message),
        Ok(Stanza::Presence(presence)) => take_presence(&presence),
        Ok(Stanza::Iq(iq)) => take_iq(&iq),
        Err(StanzaParseError::Rejected(rejection)) => {
            if let Some(reply) = rejection.reply() {
                reread(&reply);
            }
        }
        Err(_) => {}
    }
}

fn negotiate(element: &Element) {
    negotiation::is_starttls(element);
    if let Ok(Some(sasl::Request::Response(data))) = sasl::Request::parse(element) {
        assert!(data.len() <= sasl::DATA_BYTES_MAX);
    }
    let _ =
        black_box((stream_management::Request::parse(element), client_state::ClientState::parse(element)));
    let _ = black_box((
        sasl2::Request::parse(element),
        bind2::Request::parse(element),
        fast::Use::parse(element),
    ));
}

fn take_message(message: Message) {
    let content = message.content();
    assert_eq!(content.marker, markers::Marker::read(&message.element));
    assert_eq!(content.receipt_requested, receipts::is_requested(&message.element));
    assert!(content.body().is_none_or(|body| !body.is_empty() && content.carries_content));
    let _ = black_box((content.subject(), content.body_in("en"), delay::Delay::all(&message.element)));
    let _ = black_box((quick_response::selected(&message.element), markers::is_markable(&message.element)));
    let _ = black_box(automatic::is_marked(&message.element));
    if let Some(error) = StanzaError::read(&message.element) {
        reread(&error.to_element());
    }
    if let Some(reply) = StanzaError::new(Condition::ServiceUnavailable).reply_to(&message.element) {
        reread(&reply);
    }
    is_forwarded_without_claims(message);
}

/// What the service stores is whole, from the true sender, and claims nothing in the service's name but the id
/// that the service gave.
fn is_forwarded_without_claims(message: Message) {
    let from = FullJid::new("anna@x.test/here").expect("a good address");
    let (by, domain) = (from.to_bare(), BareJid::new("x.test").expect("a good address"));
    let mut element = message.element;
    native::make_forwardable(&mut element, &domain, &from);
    native::insert_stanza_id(&mut element, &by, "42");
    let stored = native::write_message(&element);
    let delayed = native::with_delay(&stored, &domain, "2026-11-20T08:30:00Z").expect("the same end tag");
    let wrapped = [b"<w xmlns='jabber:client'>", &delayed[..], b"</w>"].concat();
    let limits =
        Limits { stanza_bytes_max: usize::MAX, depth_max: 100, elements_max: 20_000, attributes_max: 200 };
    let wrapper = Element::parse(&wrapped, &limits).expect("what is stored is well-formed");
    let stored = wrapper.children().next().expect("the message");
    assert_eq!(stored.attribute("from"), Some(from.as_str()));
    let ours = stanza_id::StanzaId::all(stored).into_iter().filter(|id| id.by == by.as_str()).count();
    assert_eq!(ours, 1, "ids in our name");
    let ours = delay::Delay::all(stored).into_iter().filter(|delay| delay.from.as_deref() == Some("x.test"));
    assert_eq!(ours.count(), 1, "delays in our name");
}

fn take_presence(presence: &Presence) {
    let _ = black_box((presence.show(), presence.statuses(), presence.status(), presence.priority()));
    let _ = black_box(idle::since(&presence.element));
}

fn take_iq(iq: &Iq) {
    reread(&iq.result(iq.payload().cloned()));
    if let Some(reply) = iq.error(&StanzaError::new(Condition::BadRequest)) {
        reread(&reply);
    }
    let Some(payload) = iq.payload() else { return };
    let _ =
        black_box((ping::is_request(payload), session::is_request(payload), version::is_request(payload)));
    let _ = black_box((
        entity_time::is_request(payload),
        disco::Request::parse(payload),
        bind::Request::parse(payload),
    ));
    let _ = black_box((roster::Request::parse(payload, true), roster::Request::parse(payload, false)));
    let _ = black_box((commands::Request::parse(payload), carbons::Request::parse(payload)));
    for is_set in [true, false] {
        let _ =
            black_box((archive::Request::parse(payload, is_set), blocking::Request::parse(payload, is_set)));
        let _ = black_box((
            private_storage::Request::parse(payload, is_set),
            registration::Request::parse(payload, is_set),
        ));
    }
    let _ = black_box(result_set::Request::read(payload));
}

/// What we answer is well-formed, and means what we meant.
fn reread(element: &Element) {
    let limits =
        Limits { stanza_bytes_max: usize::MAX, depth_max: 100, elements_max: 20_000, attributes_max: 200 };
    let again = Element::parse(&element.to_bytes(""), &limits);
    assert_eq!(again.as_ref(), Ok(element));
    let wrapped = [b"<w xmlns='jabber:client'>", &element.to_bytes(namespace::CLIENT)[..], b"</w>"].concat();
    let wrapper = Element::parse(&wrapped, &limits).expect("well-formed");
    assert_eq!(wrapper.children().next(), Some(element));
}
