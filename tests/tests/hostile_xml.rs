//! Bytes that mean harm end their own stream, with the reason that RFC 6120 has for it, and cost a bounded amount of
//! memory.

use end_to_end::{
    Account, DOMAIN, Friends, XmppConnection, expect_message, sign_in, start_for_friends, stream_condition,
};
use xmpp::{Element, namespace};

const MEBIBYTE: u64 = 1 << 20;
const MESSAGE: &str = "<message to='anna@office.internal'><body>";
const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='office.internal' version='1.0'>";

/// What may not stand between stanzas or in one, and what the service says of it.
fn wrong_xml() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let laughs: String = (1..10).map(|n| format!("<!ENTITY l{n} '&l{0};&l{0};&l{0};'>", n - 1)).collect();
    let deep = "<a>".repeat(5_000);
    let attributes: String = (0..2_000).map(|n| format!(" a{n}='x'")).collect();
    let namespaces: String = (0..2_000).map(|n| format!(" xmlns:n{n}='urn:x:{n}'")).collect();
    let nested_namespaces: String = (0..60)
        .map(|depth| {
            let each: String = (0..60).map(|n| format!(" xmlns:p{depth}x{n}='urn:x'")).collect();
            format!("<a{each}>")
        })
        .collect();
    let long_name = "n".repeat(100_000);
    let long_value = "v".repeat(100_000);
    let elements = "<a/>".repeat(60_000);
    let cases = [
        ("a billion laughs", format!("<!DOCTYPE l [<!ENTITY l0 'ha'>{laughs}]>"), "restricted-xml"),
        (
            "an external entity",
            "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>".into(),
            "restricted-xml",
        ),
        (
            "a document type from elsewhere",
            "<!DOCTYPE l SYSTEM 'http://10.0.0.1/x.dtd'>".into(),
            "restricted-xml",
        ),
        ("an entity that nobody declared", format!("{MESSAGE}&l9;</body></message>"), "restricted-xml"),
        (
            "a reference to a character that is none",
            format!("{MESSAGE}&#0;</body></message>"),
            "not-well-formed",
        ),
        (
            "a reference far past Unicode",
            format!("{MESSAGE}&#x7fffffff;</body></message>"),
            "not-well-formed",
        ),
        ("a processing instruction", "<?php phpinfo(); ?>".into(), "restricted-xml"),
        ("a comment", "<!-- -->".into(), "restricted-xml"),
        ("a comment within a stanza", format!("{MESSAGE}<!-- --></body></message>"), "restricted-xml"),
        ("a stanza of many levels", format!("<message>{deep}"), "policy-violation"),
        ("a flood of attributes", format!("<message{attributes}/>"), "policy-violation"),
        ("a flood of namespaces", format!("<message{namespaces}/>"), "policy-violation"),
        ("namespaces on each of many levels", format!("<message>{nested_namespaces}"), "policy-violation"),
        ("a flood of elements", format!("<message>{elements}"), "policy-violation"),
        ("an element with a huge name", format!("<{long_name}/>"), "policy-violation"),
        ("a huge id", format!("<message id='{long_value}'/>"), "policy-violation"),
        ("a prefix that nobody declared", "<x:message/>".into(), "not-well-formed"),
        ("a prefix that means xml", "<message xmlns:xml='urn:x'/>".into(), "not-well-formed"),
        ("an end that was never begun", format!("{MESSAGE}</message>"), "not-well-formed"),
        ("a character that XML does not know", format!("{MESSAGE}\u{1}</body></message>"), "not-well-formed"),
        ("text between stanzas", "hello".into(), "bad-format"),
        ("a NUL between stanzas", "\0".into(), "bad-format"),
    ];
    let cases = cases.into_iter().map(|(what, text, condition)| (what, text.into_bytes(), condition));
    let encodings = [
        ("an overlong encoding", b"\xc0\xaf".as_slice()),
        ("half a surrogate", b"\xed\xa0\x80"),
        ("a byte that no UTF-8 has", b"\xff"),
        ("a character past Unicode", b"\xf4\x90\x80\x80"),
    ]
    .map(|(what, bytes)| {
        let stanza = [MESSAGE.as_bytes(), bytes, b"</body></message>"].concat();
        (what, stanza, "unsupported-encoding")
    });
    cases.chain(encodings).collect()
}

/// Writes bytes and returns the condition that the stream ends with.
fn condition_after(connection: &mut XmppConnection, bytes: &[u8]) -> String {
    use std::io::Write;
    // Whoever is refused in the middle of what it writes cannot write the rest.
    drop(connection.socket().write_all(bytes));
    let end = connection.expect_end();
    end.as_ref().and_then(stream_condition).unwrap_or("no reason").to_owned()
}

#[test]
fn xml_that_means_harm_ends_its_own_stream_and_says_why() {
    let service = start_for_friends("");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);
    let (before, mut wrong) = (service.memory(), Vec::new());
    let mut first_round = 0;
    // What the first rounds leave behind is kept for the next; more must not be needed then.
    for signed_in in [false, true, false, true] {
        for (what, bytes, condition) in wrong_xml() {
            let mut mallory = if signed_in {
                XmppConnection::sign_in(&address, &Account::new("mallory")).expect("a session")
            } else {
                XmppConnection::open(&address).expect("a connection")
            };
            let got = condition_after(&mut mallory, &bytes);
            if got != condition {
                wrong.push(format!("{what} (signed in: {signed_in}): {got} instead of {condition}"));
            }
        }
        friends.chat();
        println!("memory {} KiB", service.memory() / 1024);
        if signed_in && first_round == 0 {
            first_round = service.memory();
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(first_round < before + 40 * MEBIBYTE, "memory grew from {before} to {first_round}");
    let after = service.memory();
    assert!(after < first_round + 8 * MEBIBYTE, "memory grew from {first_round} to {after}");
}

#[test]
fn a_header_that_means_harm_is_answered_by_a_header_and_the_reason() {
    let service = start_for_friends("");
    let address = service.address("xmpp", "starttls");
    let header = |change: &dyn Fn(&str) -> String| change(HEADER).into_bytes();
    let long = "x".repeat(20_000);
    let cases = [
        ("another protocol", b"GET / HTTP/1.1\r\nHost: office.internal\r\n\r\n".to_vec(), "not-well-formed"),
        ("a document type", b"<?xml version='1.0'?><!DOCTYPE x>".to_vec(), "restricted-xml"),
        ("another encoding", b"<?xml version='1.0' encoding='UTF-16'?>".to_vec(), "unsupported-encoding"),
        ("UTF-16", b"\xff\xfe<\0s\0".to_vec(), "not-well-formed"),
        (
            "another stream",
            header(&|it| it.replace("http://etherx.jabber.org/streams", "urn:x")),
            "invalid-namespace",
        ),
        ("another content", header(&|it| it.replace("jabber:client", "jabber:server")), "invalid-namespace"),
        ("another version", header(&|it| it.replace("1.0", "0.9")), "unsupported-version"),
        ("another host", header(&|it| it.replace("office.internal", "office.example")), "host-unknown"),
        ("another element", header(&|it| it.replace("stream:stream", "stream:strand")), "bad-format"),
        (
            "a huge header",
            header(&|it| it.replace("version", &format!("id='{long}' version"))),
            "policy-violation",
        ),
    ];
    let mut wrong = Vec::new();
    for (what, bytes, condition) in cases {
        let end = XmppConnection::refused(&address, &bytes).expect("a connection");
        let got = end.as_ref().and_then(stream_condition).unwrap_or("no reason").to_owned();
        if got != condition {
            wrong.push(format!("{what}: {got} instead of {condition}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn who_does_not_keep_to_the_order_of_a_stream_is_sent_away_with_a_reason() {
    let service = start_for_friends("");
    let address = service.address("xmpp", "starttls");
    let ping = format!("<iq type='get' id='1' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>");
    let mut wrong = Vec::new();
    let before_sign_in = [
        ("a message before signing in", MESSAGE.replace("<body>", "</message>"), "not-authorized"),
        ("a query before signing in", ping.clone(), "not-authorized"),
        ("counting before signing in", "<enable xmlns='urn:xmpp:sm:3'/>".to_owned(), "not-authorized"),
        (
            "resuming before signing in",
            "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>".to_owned(),
            "not-authorized",
        ),
        (
            "the older SASL 2 without TLS",
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>".to_owned(),
            "not-authorized",
        ),
        ("an element that nobody knows", "<x xmlns='urn:x'/>".to_owned(), "not-authorized"),
    ];
    for (what, text, condition) in before_sign_in {
        let mut mallory = XmppConnection::open(&address).expect("a connection");
        let got = condition_after(&mut mallory, text.as_bytes());
        if got != condition {
            wrong.push(format!("{what}: {got} instead of {condition}"));
        }
    }
    let before_binding = [
        ("a message before binding", MESSAGE.replace("<body>", "</message>"), "not-authorized"),
        ("presence before binding", "<presence/>".to_owned(), "not-authorized"),
        (
            "another sign-in",
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>".to_owned(),
            "not-authorized",
        ),
    ];
    for (what, text, condition) in before_binding {
        let mut mallory =
            XmppConnection::authenticated(&address, &Account::new("mallory")).expect("a stream");
        let got = condition_after(&mut mallory, text.as_bytes());
        if got != condition {
            wrong.push(format!("{what}: {got} instead of {condition}"));
        }
    }
    let signed_in = [
        ("an element that nobody knows", "<x xmlns='urn:x'/>".to_owned(), "unsupported-stanza-type"),
        (
            "a stanza of another namespace",
            "<message xmlns='jabber:server'/>".to_owned(),
            "unsupported-stanza-type",
        ),
        (
            "speaking for somebody else",
            "<message from='anna@office.internal/load'/>".to_owned(),
            "invalid-from",
        ),
        ("a second header", format!("{HEADER}</stream:stream>"), "unsupported-stanza-type"),
        (
            "TLS after the sign-in",
            "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_owned(),
            "unsupported-stanza-type",
        ),
        (
            "an acknowledgement of what was never sent",
            "<enable xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='4000000000'/>".to_owned(),
            "undefined-condition",
        ),
    ];
    for (what, text, condition) in signed_in {
        let mut mallory = sign_in(&service, "mallory");
        let got = condition_after(&mut mallory, text.as_bytes());
        if got != condition {
            wrong.push(format!("{what} (signed in): {got} instead of {condition}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_stanza_of_a_gigabyte_is_cut_off_at_the_limit() {
    const GIGABYTE: u64 = 1 << 30;
    /// What the service reads before it says no, and what waits in the buffers of both sockets.
    const SENT_MAX: u64 = 32 * MEBIBYTE;
    let service = start_for_friends("");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();
    for signed_in in [false, true] {
        let mut mallory = if signed_in {
            sign_in(&service, "mallory")
        } else {
            XmppConnection::open(&service.address("xmpp", "starttls")).expect("a connection")
        };
        mallory.write(MESSAGE).expect("the beginning");
        let piece = "x".repeat(65_536);
        let (mut sent, mut most) = (0, 0);
        while sent < GIGABYTE && mallory.write(&piece).is_ok() {
            sent += piece.len() as u64;
            most = most.max(service.memory());
        }
        println!(
            "signed in: {signed_in}; {sent} bytes were sent; memory {} KiB before, {} KiB at most",
            before / 1024,
            most / 1024
        );
        assert!(sent < SENT_MAX, "{sent} bytes of one stanza were taken");
        assert!(most < before + 8 * MEBIBYTE, "memory grew from {before} to {most}");
        friends.chat();
    }
}

#[test]
fn a_stanza_that_is_too_large_is_said_to_be() {
    let service = start_for_friends("stanza_bytes_max = 20000");
    let mut mallory = sign_in(&service, "mallory");
    let large = format!("{MESSAGE}{}</body></message>", "x".repeat(20_000));
    assert_eq!(condition_after(&mut mallory, large.as_bytes()), "policy-violation");
}

#[test]
fn half_a_stanza_and_then_silence_keeps_nobody_waiting() {
    let service = start_for_friends("sign_in_seconds_max = 1");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);

    let mut unknown = XmppConnection::open(&address).expect("a connection");
    unknown.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLA").expect("half a stanza");
    let mut mallory = sign_in(&service, "mallory");
    mallory.write(&format!("{MESSAGE}and th")).expect("half a stanza");
    friends.chat();
    // Who has not signed in has no more than its time for that; who has, may be slow.
    let end = unknown.expect_end();
    assert_eq!(end.as_ref().and_then(stream_condition), Some("connection-timeout"));
    friends.chat();
    mallory.write("en</body></message>").expect("the other half");
    expect_message(&mut friends.anna, "and then");
}

#[test]
fn one_byte_now_and_then_gains_no_time() {
    let service = start_for_friends("sign_in_seconds_max = 2");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);
    let mut slow = XmppConnection::open(&address).expect("a connection");
    let mut said = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
        .bytes()
        .chain(std::iter::repeat(b'A'));
    let (mut chats, mut end) = (0, None::<Element>);
    loop {
        let byte = said.next().map(char::from).expect("there is always more").to_string();
        // Each chat is some time that passes.
        friends.chat();
        chats += 1;
        if slow.write(&byte).is_err() {
            break;
        }
        match slow.hear(std::time::Duration::from_millis(20)) {
            Ok(Some(element)) => end = Some(element),
            Ok(None) => {}
            Err(_) => break,
        }
    }
    println!("{chats} bytes were written");
    let end = end.expect("a reason");
    assert!(end.is("error", namespace::STREAM), "{end:?}");
    assert_eq!(stream_condition(&end), Some("connection-timeout"));
}
