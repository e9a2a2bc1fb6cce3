//! What both ways of reading a message must agree on. Fuzzing uses it too.

use std::borrow::Cow;

use xmpp::element::Element;
use xmpp::extension::carbons;
use xmpp::extension::markers::Marker;
use xmpp::jid::{BareJid, FullJid};
use xmpp::namespace;
use xmpp::native;
use xmpp::scanner::{Envelope, MessageScan, scan};
use xmpp::stanza::{Message, MessageKind, Stanza};
use xmpp::stream::{Limits, StreamEvent, StreamReader};

const HEADER: &[u8] =
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
    to='x.test' version='1.0' xml:lang='de'>";

/// Scans; if there is a message, checks that trees say the same of it. Says whether there was.
pub(crate) fn check(input: &[u8], limits: &Limits) -> bool {
    let Some(scanned) = scan(input, limits) else { return false };
    let length = scanned.source().len();
    assert_eq!(scanned.source().as_bytes(), &input[..length], "the source is not what was scanned");
    assert!(scan(&input[..length], limits).is_some(), "what follows a message matters");
    assert!(scan(&input[..length - 1], limits).is_none(), "an incomplete message was recognised");
    let (message, read) = read(input, limits);
    assert_eq!(length, read, "the message ends elsewhere");
    check_envelope(&scanned, &message);
    check_content(&scanned, &message);
    check_children(&scanned, &message);
    check_forwarding(&scanned, message);
    true
}

/// The message by way of the stream's reader, and how long it is.
fn read(input: &[u8], limits: &Limits) -> (Message, usize) {
    let mut reader = StreamReader::new(Limits::default());
    assert!(matches!(reader.read(&mut &*HEADER), Ok(Some(StreamEvent::Opened(_)))));
    reader.set_limits(*limits);
    assert!(reader.scan_message(input).is_some(), "the reader's limits are not those that were given");
    let mut rest = input;
    match reader.read(&mut rest) {
        Ok(Some(StreamEvent::Stanza(element))) => match Stanza::parse(element) {
            Ok(Stanza::Message(message)) => (message, input.len() - rest.len()),
            other => panic!("not a good message: {other:?}"),
        },
        other => panic!("not a good stanza: {other:?}"),
    }
}

fn check_envelope(scanned: &MessageScan<'_>, message: &Message) {
    assert_eq!(scanned.to(), message.to.as_ref().map(|to| to.as_str()));
    assert_eq!(scanned.from(), message.from.as_ref().map(|from| from.as_str()));
    assert_eq!(scanned.id(), message.id.as_deref());
    assert_eq!(scanned.lang().or(Some("de")), message.lang.as_deref());
    assert_eq!(scanned.kind(), message.kind);
}

fn check_content(scanned: &MessageScan<'_>, message: &Message) {
    let content = message.content();
    assert_eq!(scanned.body().as_deref(), content.body());
    assert_eq!(scanned.subject().as_deref(), content.subject());
    assert_eq!(scanned.thread(), content.thread.as_deref().map(Cow::Borrowed));
    assert_eq!(scanned.origin_id(), content.origin_id.as_deref());
    assert_eq!(scanned.receipt_requested(), content.receipt_requested);
    assert_eq!(scanned.receipt_received(), content.receipt_received.as_deref());
    assert_eq!(scanned.markable(), content.markable);
    assert_eq!(scanned.marker().map(|(kind, id)| Marker { kind, id: id.to_owned() }), content.marker);
    assert_eq!(scanned.chat_state(), content.chat_state);
    assert_eq!(scanned.hints(), content.hints);
    assert_eq!(scanned.encrypted(), content.encrypted);
    assert_eq!(scanned.carries_content(), content.carries_content);
    assert_eq!(scanned.is_durable(), content.is_durable());
    // Errors are never read without a tree by the service.
    if message.kind != MessageKind::Error {
        let copied = carbons::is_eligible(&message.element, message.kind);
        assert_eq!(carbons::is_scan_eligible(scanned), copied);
    }
    let (mut by_scan, mut by_tree) = (String::new(), String::new());
    scanned.texts(|text| by_scan.push_str(text));
    message.texts(|text| by_tree.push_str(text));
    assert_eq!(by_scan, by_tree);
    let unusual = (content.correction_of, content.retraction_of, content.reactions, content.stanza_ids.len());
    assert_eq!((unusual, content.attention), ((None, None, None, 0), false));
}

fn check_children(scanned: &MessageScan<'_>, message: &Message) {
    let by_scan: Vec<_> = scanned.children().collect();
    let by_tree: Vec<_> = message.element.children().collect();
    assert_eq!(by_scan.len(), by_tree.len());
    for (child, element) in by_scan.iter().zip(by_tree) {
        assert!(element.is(child.name, child.namespace), "{child:?} is {element:?}");
        assert_eq!(&within_a_stream(child.source.as_bytes()), element);
    }
}

fn check_forwarding(scanned: &MessageScan<'_>, message: Message) {
    let from = FullJid::new("anna@x.test/it's <here> & there").expect("a good address");
    let (to, domain) = (from.to_bare(), BareJid::new("x.test").expect("a good address"));
    let mut element = message.element;
    if element.attribute("to").is_none() {
        element.set_attribute("to", to.as_str());
    }
    native::make_forwardable(&mut element, &domain, &from);
    for stanza_id in [None, Some((to.as_str(), "a'b"))] {
        if let Some((_, id)) = stanza_id {
            native::insert_stanza_id(&mut element, &to, id);
        }
        let by_tree = native::write_message(&element);
        let mut by_scan = b"before".to_vec();
        let envelope = Envelope { from: from.as_str(), to: to.as_str(), lang: Some("de"), stanza_id };
        scanned.write_forwardable(&envelope, &mut by_scan);
        let by_scan = by_scan.strip_prefix(b"before").expect("what was written before stays");
        assert_eq!(within_a_stream(by_scan), within_a_stream(&by_tree));
        let child = Element::new("x", "urn:example:x");
        assert!(native::with_child(by_scan, &child).is_some(), "no child can be added");
    }
}

/// An element as it is read inside a stream.
fn within_a_stream(source: &[u8]) -> Element {
    let document = [b"<w xmlns='jabber:client'>", source, b"</w>"].concat();
    let limits = Limits { stanza_bytes_max: usize::MAX, depth_max: usize::MAX, ..Limits::default() };
    let wrapper = Element::parse(&document, &limits).expect("a well-formed element");
    assert_eq!((wrapper.nodes().len(), wrapper.namespace().as_str()), (1, namespace::CLIENT));
    wrapper.children().next().expect("one child").clone()
}
