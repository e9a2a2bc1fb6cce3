//! Messages as clients write them are recognised, and what is recognised means what the tree says.

#[path = "support/agreement.rs"]
mod agreement;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use xmpp::extension::chat_states::ChatState;
use xmpp::extension::markers::MarkerKind;
use xmpp::scanner::{Envelope, scan};
use xmpp::stanza::MessageKind;
use xmpp::stream::{Limits, StreamReader};

fn is_recognised(message: &str) -> bool {
    agreement::check(message.as_bytes(), &Limits::default())
}

/// As slixmpp, Profanity, Conversations, Gajim, Dino, Pidgin, Psi, Swift and load generators write them.
const ORDINARY: &[&str] = &[
    r#"<message to="b@x.test" id="1" type="chat"><body>hello</body></message>"#,
    r#"<message xml:lang="en" to="b@x.test" type="chat" id="6d"><origin-id xmlns="urn:xmpp:sid:0" id="6d" /><body>hello</body></message>"#,
    r#"<message xmlns="jabber:client" to="b@x.test" from="a@x.test/r" type="chat"><body>it's &lt;here&gt; &amp; "there"</body></message>"#,
    r#"<message id="prof_1" to="b@x.test/profanity.8cZv" type="chat" from="a@x.test/profanity.1"><body>hi</body><active xmlns="http://jabber.org/protocol/chatstates"/><request xmlns="urn:xmpp:receipts"/></message>"#,
    r#"<message id='4b2d1f0e' to='b@x.test' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/><no-store xmlns='urn:xmpp:hints'/></message>"#,
    r#"<message to='b@x.test' id='5e' type='chat'><body>Grüße 🐢</body><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/><origin-id id='5e' xmlns='urn:xmpp:sid:0'/><active xmlns='http://jabber.org/protocol/chatstates'/></message>"#,
    r#"<message to='b@x.test' id='5f' type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='27183'><key rid='31415' prekey='true'>MwohBVR=</key><key rid='12321'>AwQ=</key><iv>BASE64+/=</iv></header><payload>ENCRYPTED+/=</payload></encrypted><encryption xmlns='urn:xmpp:eme:0' name='OMEMO' namespace='eu.siacs.conversations.axolotl'/><store xmlns='urn:xmpp:hints'/><body>I sent you an OMEMO encrypted message.</body></message>"#,
    r#"<message to='b@x.test' id='60' type='chat'><encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'><keys jid='b@x.test'><key rid='2'>AA==</key></keys></header><payload>AA==</payload></encrypted></message>"#,
    r#"<message to='b@x.test/Conversations.kL' type='chat'><received xmlns='urn:xmpp:receipts' id='5e'/><store xmlns='urn:xmpp:hints'/></message>"#,
    r#"<message to='b@x.test' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='5e'/><store xmlns='urn:xmpp:hints'/></message>"#,
    r#"<message xmlns="jabber:client" to="b@x.test" type="chat" id="7a"><body>see https://files.x.test/a.png</body><x xmlns="jabber:x:oob"><url>https://files.x.test/a.png</url></x><origin-id xmlns="urn:xmpp:sid:0" id="7a" /><thread>8d6e</thread></message>"#,
    r#"<message type='chat' id='purple1f' to='b@x.test'><active xmlns='http://jabber.org/protocol/chatstates'/><body>bold</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p><span style='font-weight: bold;'>bold</span></p></body></html></message>"#,
    "<message type=\"chat\" to=\"b@x.test\" id=\"ab4ba\" xml:lang=\"en\"><subject>dinner</subject><body>two\nlines\tand a tab</body></message>",
    r#"<message to="b@x.test" type="chat"><body>secret</body><private xmlns="urn:xmpp:carbons:2"/><no-copy xmlns="urn:xmpp:hints"/></message>"#,
    r#"<message to='b@x.test' type='headline'><subject>News</subject><body>of today</body></message>"#,
    r#"<message><body>to myself</body></message>"#,
    r#"<message to='b@x.test'/>"#,
    r#"<message to='b@x.test' ></message>"#,
];

#[test]
fn messages_as_clients_write_them_are_recognised() {
    for message in ORDINARY {
        assert!(is_recognised(message), "{message}");
        assert!(is_recognised(&format!("{message}<presence/>")), "{message}");
    }
}

#[test]
fn what_is_unusual_is_left_to_the_parser() {
    let with_attribute =
        |attribute: &str| format!("<message to='b@x.test' {attribute}><body>x</body></message>");
    let with_child = |child: &str| format!("<message to='b@x.test'>{child}</message>");
    let unusual = [
        with_attribute("xmlns='jabber:server'"),
        with_attribute("xmlns=''"),
        with_attribute("xmlns:a='urn:a'"),
        with_attribute("a:b='c'"),
        with_attribute("id='1' id='2'"),
        with_attribute("x='1' x='2'"),
        with_attribute("xml:lang='de' xml:lang='en'"),
        with_attribute("id='a&amp;b'"),
        with_attribute("id='a\tb'"),
        with_attribute("id='a<b'"),
        with_attribute("id='a>b'"),
        with_attribute("id = 'a'"),
        with_attribute("id='a'x='b'"),
        with_attribute("id"),
        with_attribute("xml='a'"),
        with_attribute("été='a'"),
        with_attribute("from='a@b@c'"),
        with_child("<body>a&#65;b</body>"),
        with_child("<body>a&nbsp;b</body>"),
        with_child("<body>a & b</body>"),
        with_child("<body>a ]]> b</body>"),
        with_child("<body>a\r\nb</body>"),
        with_child("<body>a\u{1}b</body>"),
        with_child("<body>a\u{FFFE}b</body>"),
        with_child("<body><![CDATA[x]]></body>"),
        with_child("<body><b>x</b></body>"),
        with_child("<body>x</body><!-- x -->"),
        with_child("<body>x</body><?x y?>"),
        with_child("<body>x</body><body xml:lang='de'>y</body>"),
        with_child("<body>x</subject>"),
        with_child("<a:body>x</a:body>"),
        with_child("<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='x.test'/>"),
        with_child("<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"),
        with_child("<x xmlns='jabber:x:delay' stamp='20260101T00:00:00'/>"),
        with_child("<x xmlns='jabber:x:data' type='submit'/>"),
        with_child("<replace xmlns='urn:xmpp:message-correct:0' id='1'/>"),
        with_child("<body xmlns='urn:example:x'>x</body>"),
        with_child("<x xmlns='jabber:x:oob'><url xmlns='http://www.w3.org/XML/1998/namespace'>u</url></x>"),
        with_child("<unknown/>"),
        with_child(&"<active xmlns='http://jabber.org/protocol/chatstates'/>".repeat(40)),
        "<message to='B@x.test'><body>x</body></message>".to_owned(),
        "<message to=''><body>x</body></message>".to_owned(),
        "<messages to='b@x.test'></messages>".to_owned(),
        " <message to='b@x.test'/>".to_owned(),
        "<presence/>".to_owned(),
        String::new(),
    ];
    for message in unusual {
        assert!(scan(message.as_bytes(), &Limits::default()).is_none(), "{message}");
    }
    assert!(scan(b"<message><body>\xFF</body></message>", &Limits::default()).is_none());
}

#[test]
fn every_limit_of_the_stream_holds() {
    let message = "<message to='b@x.test' id='1'><x xmlns='jabber:x:oob'><url>u</url></x></message>";
    let exact = Limits { stanza_bytes_max: message.len(), depth_max: 3, attributes_max: 2, elements_max: 3 };
    assert!(agreement::check(message.as_bytes(), &exact));
    for less in [
        Limits { stanza_bytes_max: exact.stanza_bytes_max - 1, ..exact },
        Limits { depth_max: 2, ..exact },
        Limits { attributes_max: 1, ..exact },
        Limits { elements_max: 2, ..exact },
    ] {
        assert!(scan(message.as_bytes(), &less).is_none(), "{less:?}");
    }
}

#[test]
fn what_a_message_says_is_told() {
    let source = "<message from='a@x.test/r' type='chat' to='b@x.test' id='7'><subject>S</subject>\
        <body>&lt;a&gt; &amp;amp; &quot;b&apos;</body><thread>t</thread><paused xmlns='http://jabber.org/protocol/chatstates'/>\
        <acknowledged xmlns='urn:xmpp:chat-markers:0' id='6'/><origin-id xmlns='urn:xmpp:sid:0' id='o'/>\
        <no-store xmlns='urn:xmpp:hints'/></message><r xmlns='urn:xmpp:sm:3'/>";
    let message = scan(source.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(message.kind(), MessageKind::Chat);
    assert_eq!(
        (message.to(), message.from(), message.id()),
        (Some("b@x.test"), Some("a@x.test/r"), Some("7"))
    );
    assert_eq!(message.body().as_deref(), Some("<a> &amp; \"b'"));
    assert_eq!(message.subject().as_deref(), Some("S"));
    assert_eq!(message.thread().as_deref(), Some("t"));
    assert_eq!(message.chat_state(), Some(ChatState::Paused));
    assert_eq!(message.marker(), Some((MarkerKind::Acknowledged, "6")));
    assert_eq!(message.origin_id(), Some("o"));
    assert!(message.carries_content() && !message.is_durable());
    assert_eq!(message.attributes(), " from='a@x.test/r' type='chat' to='b@x.test' id='7'");
    let names: Vec<_> = message.children().map(|child| child.name).collect();
    assert_eq!(names, ["subject", "body", "thread", "paused", "acknowledged", "origin-id", "no-store"]);
    assert!(message.source().ends_with("</message>"));
}

#[test]
fn a_forwarded_message_is_its_bytes_with_the_true_sender_and_an_id() {
    let stanza_id = Some(("b@x.test", "42"));
    let envelope = Envelope { from: "a@x.test/o'r", to: "a@x.test", lang: Some("de"), stanza_id };
    let forward = |source: &str, envelope: &Envelope<'_>| {
        let mut out = Vec::new();
        scan(source.as_bytes(), &Limits::default()).unwrap().write_forwardable(envelope, &mut out);
        String::from_utf8(out).unwrap()
    };
    let forwarded = |source: &str| forward(source, &envelope);
    assert_eq!(
        forwarded(
            "<message  xmlns=\"jabber:client\" from=\"evil@y.test\" to=\"b@x.test\" xml:lang=\"en\" >\n<body>&quot;x\"</body></message>"
        ),
        "<message   from='a@x.test/o&apos;r' to=\"b@x.test\" xml:lang=\"en\">\n<body>&quot;x\"</body>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='b@x.test' id='42'/></message>"
    );
    assert_eq!(
        forwarded("<message from='evil@y.test' id='1' xmlns='jabber:client'/>"),
        "<message from='a@x.test/o&apos;r' id='1'  xml:lang='de' to='a@x.test'>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='b@x.test' id='42'/></message>"
    );
    let private = "<message to='b@x.test'> <private xmlns='urn:xmpp:carbons:2'/><body>x</body>\
        <private xmlns='urn:xmpp:carbons:2'></private>\n</message>";
    assert_eq!(
        forward(private, &Envelope { lang: None, stanza_id: None, ..envelope }),
        "<message to='b@x.test' from='a@x.test/o&apos;r'> <body>x</body>\n</message>"
    );
}

#[test]
fn a_reader_scans_between_stanzas_only() {
    const MESSAGE: &[u8] = b"<message to='b@x.test'><body>x</body></message>";
    let header = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
        version='1.0' xml:lang='de'>";
    let mut reader = StreamReader::new(Limits::default());
    let is_scanned = |reader: &StreamReader| reader.scan_message(MESSAGE).is_some();
    assert!(!is_scanned(&reader));
    assert!(reader.read(&mut &header[..]).unwrap().is_some());
    assert_eq!(reader.lang(), Some("de"));
    assert!(is_scanned(&reader));
    assert_eq!(reader.read(&mut &b"<presence"[..]), Ok(None));
    assert!(!is_scanned(&reader));
    assert!(reader.read(&mut &b"/>"[..]).unwrap().is_some());
    assert!(is_scanned(&reader));
    assert!(reader.read(&mut &b"</stream:stream>"[..]).unwrap().is_some());
    assert!(!is_scanned(&reader));
}

fn attribute() -> impl Strategy<Value = String> {
    let usual = [
        " to='b@x.test'",
        " to=\"b@x.test/r\"",
        " from='a@x.test/r'",
        " id='1'",
        " id=\"it's\"",
        " type='chat'",
        " type=\"error\"",
        " type='unknown'",
        " xml:lang='en'",
        " xmlns='jabber:client'",
        " other='1'",
        " sid='2'",
        "  rid='3'",
        " lang='5'",
    ];
    let unusual = [
        " to='B@x.test'",
        " from='a@@'",
        " id='&amp;'",
        " xmlns='urn:a'",
        " xmlns=''",
        " xmlns:a='urn:a'",
        " a:b='c'",
        " \tx='4'",
        " id = '6'",
        " to='é@x.test'",
        " xmlns='http://www.w3.org/XML/1998/namespace'",
        " xmlns='http://www.w3.org/2000/xmlns/'",
    ];
    prop_oneof![
        12 => select(usual.to_vec()).prop_map(str::to_owned),
        2 => select(unusual.to_vec()).prop_map(str::to_owned),
        1 => "[ -~é]{0,12}".prop_map(|value| format!(" any='{value}'")),
        1 => "[a-z0-9._@/-]{0,40}".prop_map(|value| format!(" to='{value}'")),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let parts = [
        "",
        "x",
        " ",
        "\n",
        "\t",
        "\r",
        "&lt;",
        "&amp;",
        "&apos;",
        "&#65;",
        "&nbsp;",
        ">",
        "]]>",
        "]]",
        "<![CDATA[x]]>",
        "<!-- x -->",
        "é",
        "\u{FFFD}",
        "\u{FFFE}",
        "\u{7F}",
        "\u{1F422}",
        "\u{1}",
        "/>",
        "'\"",
    ];
    prop_oneof![3 => Just("text".to_owned()), 2 => vec(select(parts.to_vec()), 0..4).prop_map(|parts| parts.concat())]
}

fn element_name() -> impl Strategy<Value = &'static str> {
    select(vec![
        "body",
        "subject",
        "thread",
        "active",
        "composing",
        "request",
        "received",
        "markable",
        "displayed",
        "origin-id",
        "stanza-id",
        "store",
        "no-store",
        "encrypted",
        "encryption",
        "header",
        "key",
        "x",
        "html",
        "private",
        "nick",
        "replace",
        "error",
        "p:x",
        "message",
        "été",
        "delay",
        "attention",
    ])
}

fn namespace() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        " xmlns='http://jabber.org/protocol/chatstates'",
        " xmlns='urn:xmpp:receipts'",
        " xmlns='urn:xmpp:chat-markers:0'",
        " xmlns='urn:xmpp:sid:0'",
        " xmlns=\"urn:xmpp:hints\"",
        " xmlns='eu.siacs.conversations.axolotl'",
        " xmlns='urn:xmpp:eme:0'",
        " xmlns='jabber:x:oob'",
        " xmlns='jabber:client'",
        " xmlns='urn:xmpp:carbons:2'",
        " xmlns='urn:xmpp:delay'",
        " xmlns=''",
    ])
}

fn element() -> impl Strategy<Value = String> {
    let tag = || {
        (element_name(), namespace(), vec(attribute(), 0..2))
            .prop_map(|(name, namespace, attributes)| (name, namespace.to_owned() + &attributes.concat()))
    };
    let ordinary = ORDINARY.iter().filter_map(|message| {
        let (start, end) = (message.find('>')? + 1, message.rfind("</message>")?);
        message.get(start..end).map(str::to_owned)
    });
    let leaf = prop_oneof![
        2 => select(ordinary.collect::<Vec<_>>()),
        2 => tag().prop_map(|(name, attributes)| format!("<{name}{attributes}/>")),
        3 => (tag(), text()).prop_map(|((name, attributes), text)| format!("<{name}{attributes}>{text}</{name}>")),
    ];
    leaf.prop_recursive(3, 8, 3, move |inner| {
        (tag(), vec(inner, 0..3)).prop_map(|((name, attributes), inner)| {
            format!("<{name}{attributes}>{}</{name}>", inner.concat())
        })
    })
}

fn message() -> impl Strategy<Value = String> {
    let written = (vec(attribute(), 0..4), vec(prop_oneof![4 => element(), 1 => text()], 0..4), text())
        .prop_map(|(attributes, children, after)| {
            format!("<message{}>{}</message>{after}", attributes.concat(), children.concat())
        });
    prop_oneof![3 => written, 1 => select(ORDINARY.to_vec()).prop_map(str::to_owned)]
}

/// A change to bytes: a place, a length and what takes its place.
fn change() -> impl Strategy<Value = (Index, usize, Vec<u8>)> {
    let bytes = vec(select(b" \t\r\n<>/='\"&;:!?-[]ax\xC3\xA9\x00\x1F\xEF\xBF\xBE\xFF".to_vec()), 0..3);
    (any::<Index>(), 0_usize..3, bytes)
}

fn changed(message: &str, changes: &[(Index, usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = message.as_bytes().to_vec();
    for (place, length, replacement) in changes {
        let start = place.index(bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, replacement.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_is_recognised_means_what_the_tree_says(message in message(), changes in vec(change(), 0..3)) {
        agreement::check(&changed(&message, &changes), &Limits::default());
    }

    #[test]
    fn any_plain_text_is_recognised_as_it_is(text in "[^<>&\r\u{0}-\u{1F}\u{FFFE}\u{FFFF}]{0,80}") {
        let message = format!("<message to='b@x.test' type='chat'><body>{text}</body></message>");
        prop_assert!(is_recognised(&message));
        let scanned = scan(message.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(scanned.body().unwrap_or_default(), text);
    }

    #[test]
    fn any_address_that_is_recognised_is_good(address in "[a-z0-9A-Z@/._+é:&'-]{0,20}") {
        let message = format!("<message to=\"{address}\"/>");
        agreement::check(message.as_bytes(), &Limits::default());
    }
}
