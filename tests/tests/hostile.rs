//! Who means harm, harms nobody else, and costs a bounded amount of memory.

use std::{
    io::{ErrorKind, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpStream},
    time::{Duration, Instant},
};

use end_to_end::{
    Account, Random, Service, ServiceOptions, XmppConnection, chat, connect_from, net_send,
    wait::{self, PATIENCE},
};
use xmpp::{Element, namespace};

const MEBIBYTE: u64 = 1 << 20;
/// How long a chat may take while somebody does harm.
const CHAT_MAX: Duration = Duration::from_secs(1);

fn start(limits: &str) -> Service {
    let service = Service::start(&ServiceOptions {
        configuration: format!("[limits]\n{limits}\n"),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        windows: true,
        ..ServiceOptions::default()
    });
    for name in ["anna", "berta", "mallory"] {
        service.add_user(name, &Account::new(name).password);
    }
    service
}

fn sign_in(service: &Service, name: &str) -> XmppConnection {
    let address = service.address("xmpp", "starttls");
    let mut connection = XmppConnection::sign_in(&address, &Account::new(name)).expect("a session");
    connection.write("<presence/>").expect("presence is sent");
    connection
}

/// Two people who mean no harm.
struct Friends {
    anna: XmppConnection,
    berta: XmppConnection,
    number: u32,
}

impl Friends {
    fn sign_in(service: &Service) -> Self {
        Self { anna: sign_in(service, "anna"), berta: sign_in(service, "berta"), number: 0 }
    }

    /// A word and its answer, with nothing to wait for.
    fn chat(&mut self) {
        self.number += 1;
        let begun = Instant::now();
        let text = format!("hello {}", self.number);
        self.anna.write(&chat("berta", &text, &text)).expect("a word");
        expect_message(&mut self.berta, &text);
        self.berta.write(&chat("anna", &text, &text)).expect("an answer");
        expect_message(&mut self.anna, &text);
        assert!(begun.elapsed() < CHAT_MAX, "a word and its answer took {:?}", begun.elapsed());
    }
}

fn expect_message(connection: &mut XmppConnection, text: &str) {
    let has = |stanza: &Element| {
        stanza.child("body", namespace::CLIENT).is_some_and(|body| body.text().ends_with(text))
    };
    connection.expect(&format!("the message \"{text}\""), has).expect("the connection lives");
}

/// The condition of a stream error.
fn condition(error: &Element) -> Option<&str> {
    error.children().find(|child| child.namespace() == namespace::STREAM_ERROR).map(Element::name)
}

#[test]
fn half_a_stanza_and_then_silence_keeps_nobody_waiting() {
    let service = start("sign_in_seconds_max = 1");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);

    let mut unknown = XmppConnection::open(&address).expect("a connection");
    unknown.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLA").expect("half a stanza");
    let mut mallory = sign_in(&service, "mallory");
    mallory.write("<message to='anna@office.internal'><body>and th").expect("half a stanza");
    friends.chat();
    // Who has not signed in has no more than its time for that; who has, may be slow.
    unknown.expect_end();
    friends.chat();
    mallory.write("en</body></message>").expect("the other half");
    expect_message(&mut friends.anna, "and then");
}

#[test]
fn a_stanza_of_a_gigabyte_is_cut_off_at_the_limit() {
    const GIGABYTE: u64 = 1 << 30;
    /// What the service reads before it says no, and what waits in the buffers of both sockets.
    const SENT_MAX: u64 = 32 * MEBIBYTE;
    let service = start("");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();
    for signed_in in [false, true] {
        let mut mallory = if signed_in {
            sign_in(&service, "mallory")
        } else {
            XmppConnection::open(&service.address("xmpp", "starttls")).expect("a connection")
        };
        mallory.write("<message to='anna@office.internal'><body>").expect("the beginning");
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
    let service = start("stanza_bytes_max = 20000");
    let mut mallory = sign_in(&service, "mallory");
    mallory.write(&chat("anna", "m1", &"x".repeat(20_000))).expect("a large stanza");
    let error =
        mallory.expect("an error", |element| element.is("error", namespace::STREAM)).expect("an error");
    assert_eq!(condition(&error), Some("policy-violation"));
}

#[test]
fn five_thousand_silent_connections_cost_little_and_are_cut_off() {
    const ADDRESSES: u8 = 5;
    const OF_EACH: usize = 1_000;
    let service = start("sign_in_seconds_max = 10");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();

    let begun = Instant::now();
    let mut silent = Vec::new();
    for last in 0..ADDRESSES {
        let source = IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1 + last));
        silent.extend((0..OF_EACH).map(|_| connect_from(source, &address).expect("a connection")));
    }
    // One more than an address may have is closed at once.
    let refused = connect_from(IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1)), &address).expect("a connection");
    expect_end(refused);
    for connection in &mut silent {
        drop(connection.write_all(b"<"));
    }
    friends.chat();
    let during = service.memory();
    let open = silent.iter().filter(|connection| is_open(connection)).count();
    println!(
        "{open} silent connections after {:?}: memory {} KiB, {} KiB before",
        begun.elapsed(),
        during / 1024,
        before / 1024
    );
    assert_eq!(open, silent.len(), "they were cut off too early to be measured");
    assert!(during < 150 * MEBIBYTE, "{during} bytes of memory");
    let mut chats = 0;
    wait::until("the silent connections to be cut off", || {
        friends.chat();
        chats += 1;
        silent.retain(is_open);
        silent.is_empty().then_some(())
    });
    println!("{chats} chats until all were cut off, {:?} after the first", begun.elapsed());
}

fn is_open(connection: &TcpStream) -> bool {
    connection.set_nonblocking(true).expect("a socket");
    matches!(connection.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

fn expect_end(mut connection: TcpStream) {
    connection.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let end = connection.read(&mut [0]);
    let is_end = match &end {
        Ok(length) => *length == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    };
    assert!(is_end, "the connection is open: {end:?}");
}

#[test]
fn garbage_at_the_windows_door_ends_its_own_connection_and_no_other() {
    let mut random = Random::new();
    let service = start("");
    let address = service.address("windows", "session");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();
    for _ in 0..200 {
        let length = random.between(1, 4_096);
        let garbage: Vec<u8> = (0..length).map(|_| random.between(0, 255) as u8).collect();
        let mut connection = TcpStream::connect(&address).expect("a connection");
        drop(connection.write_all(&garbage));
        drop(connection.shutdown(std::net::Shutdown::Write));
        read_to_the_end(connection);
    }
    // A header that promises much and brings nothing.
    let mut promising = TcpStream::connect(&address).expect("a connection");
    promising.write_all(&[0x81, 1, 0xff, 0xff]).expect("a header");
    net_send(&address, "PRESS1", "anna", "all is well").expect("others are served");
    expect_message(&mut friends.anna, "all is well");
    friends.chat();
    let after = service.memory();
    println!("garbage at the Windows door: memory {} KiB before, {} KiB after", before / 1024, after / 1024);
    assert!(after < before + 8 * MEBIBYTE, "memory grew from {before} to {after}");
}

fn read_to_the_end(mut connection: TcpStream) {
    connection.set_read_timeout(Some(PATIENCE)).expect("a socket");
    match connection.read_to_end(&mut Vec::new()) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the connection stays open"),
    }
}

#[test]
fn who_guesses_passwords_has_to_wait_and_nobody_elsewhere_does() {
    let service = start("sign_in_failures_per_minute_max = 5");
    let address = service.address("xmpp", "starttls");
    let wrong = Account { password: "guess".to_owned(), ..Account::new("anna") };
    let from = |last| IpAddr::V4(Ipv4Addr::new(127, 0, 2, last));
    let try_from = |source: IpAddr, account: &Account| {
        let mut connection = XmppConnection::open_from(source, &address).expect("a connection");
        let answer = connection.authenticate(account).expect("an answer");
        answer.children().next().map_or_else(|| answer.name().to_owned(), |reason| reason.name().to_owned())
    };
    for _ in 0..5 {
        assert_eq!(try_from(from(1), &wrong), "not-authorized");
    }
    assert_eq!(try_from(from(1), &wrong), "temporary-auth-failure");
    assert_eq!(try_from(from(1), &Account::new("anna")), "temporary-auth-failure", "a guess could be right");
    assert_eq!(try_from(from(2), &Account::new("anna")), "success", "others are let in");
}

#[test]
fn who_never_reads_is_cut_off_and_keeps_nobody_waiting() {
    const OUTBOX: u64 = MEBIBYTE;
    let service = start(&format!("outbox_bytes_max = {OUTBOX}"));
    let mallory = sign_in(&service, "mallory");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();
    let text = "x".repeat(16_384);
    let (mut sent, mut most, mut slowest) = (0_u64, 0, Duration::ZERO);
    wait::until("who never reads to be cut off", || {
        for _ in 0..32 {
            sent += 1;
            friends.anna.write(&chat("mallory", &format!("flood {sent}"), &text)).expect("a message");
        }
        let begun = Instant::now();
        friends.chat();
        slowest = slowest.max(begun.elapsed());
        most = most.max(service.memory());
        let who = service.json(&["who"]);
        (!who.to_string().contains("mallory@")).then_some(())
    });
    println!(
        "cut off after {} MiB; memory {} KiB before, {} KiB at most; slowest chat {slowest:?}",
        sent * text.len() as u64 / MEBIBYTE,
        before / 1024,
        most / 1024
    );
    assert!(most < before + OUTBOX + 32 * MEBIBYTE, "memory grew from {before} to {most}");
    friends.chat();
    drop(mallory);
    // What was accepted for who never read waits for the next session.
    let mut again = sign_in(&service, "mallory");
    expect_message(&mut again, &text);
}
