//! Who does not read is cut off in time, costs a bounded amount of memory, and loses nothing that was accepted for
//! them. Who sends as fast as they can makes nobody else wait.

use std::{
    collections::BTreeSet,
    io::Write,
    net::TcpStream,
    ops::RangeInclusive,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use end_to_end::{
    Account, Friends, Service, XmppConnection, chat, sign_in, start_for_friends, stream_condition, wait,
};
use socket2::{Domain, SockRef, Socket, Type};
use xmpp::namespace;

const MEBIBYTE: u64 = 1 << 20;
const OUTBOX: u64 = MEBIBYTE;

/// Signs somebody in whose system takes little of what it is sent.
fn sign_in_narrowly(service: &Service, account: &Account) -> XmppConnection {
    let address: std::net::SocketAddr = service.address("xmpp", "starttls").parse().expect("an address");
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(32_768).expect("a small buffer");
    socket.connect(&address.into()).expect("a connection");
    let mut connection = XmppConnection::sign_in_over(TcpStream::from(socket), account).expect("a session");
    connection.write("<presence/>").expect("presence is sent");
    connection.pong("available").expect("the presence is taken");
    connection
}

/// Waits until somebody is given what comes as it comes: who is still given what waited is not hurried.
fn wait_until_given(service: &Service, name: &str) {
    wait::until("somebody to be given what comes", || {
        let sessions = service.json(&["who"]);
        let own = |session: &&serde_json::Value| {
            session["address"].as_str().is_some_and(|address| address.starts_with(&format!("{name}@")))
        };
        sessions.as_array()?.iter().find(own).filter(|session| session["receives"] == true).map(|_| ())
    });
}

fn is_here(service: &Service, name: &str) -> bool {
    service.json(&["who"]).to_string().contains(&format!("{name}@"))
}

/// Sends messages of these numbers to mallory until the service has read all of them.
fn flood(anna: &mut XmppConnection, numbers: RangeInclusive<u64>) {
    let text = "x".repeat(16_384);
    for number in numbers {
        anna.write(&chat("mallory", &format!("flood-{number}"), &format!("{text} {number}")))
            .expect("a message");
    }
    anna.pong("flooded").expect("all are taken");
}

/// Reads until the messages of these numbers have come, each once at least.
fn expect_flood(mallory: &mut XmppConnection, numbers: RangeInclusive<u64>) {
    let mut missing: BTreeSet<String> = numbers.map(|number| format!("flood-{number}")).collect();
    while !missing.is_empty() {
        let what = format!("{} messages, such as {:?}", missing.len(), missing.first());
        let message = mallory.expect(&what, |stanza| stanza.is("message", namespace::CLIENT));
        missing.remove(message.expect("the connection lives").attribute("id").unwrap_or_default());
    }
}

#[test]
fn who_never_reads_is_cut_off_and_keeps_nobody_waiting() {
    const MESSAGES: u64 = 600;
    /// How long the farewell may wait for room, and some more.
    const CUT_OFF_MAX: Duration = Duration::from_secs(12);
    let service = start_for_friends(&format!("outbox_bytes_max = {OUTBOX}\nstanzas_per_second_max = 0"));
    let mut friends = Friends::sign_in(&service);
    let mallory = sign_in(&service, "mallory");
    wait_until_given(&service, "mallory");
    let before = service.memory();
    let begun = Instant::now();
    flood(&mut friends.anna, 1..=MESSAGES);
    let (mut most, mut slowest) = (service.memory(), Duration::ZERO);
    wait::until("who never reads to be cut off", || {
        slowest = slowest.max(friends.chat());
        most = most.max(service.memory());
        (!is_here(&service, "mallory")).then_some(())
    });
    let taken = begun.elapsed();
    println!(
        "cut off after {taken:?}; memory {} KiB before, {} KiB at most; slowest chat {slowest:?}",
        before / 1024,
        most / 1024
    );
    assert!(taken < CUT_OFF_MAX, "cut off after {taken:?}");
    assert!(most < before + OUTBOX + 48 * MEBIBYTE, "memory grew from {before} to {most}");
    drop(mallory);
    // What was accepted for who never read waits for the next session.
    let mut again = sign_in(&service, "mallory");
    expect_flood(&mut again, 1..=MESSAGES);
}

#[test]
fn who_reads_too_slowly_is_told_why_they_are_cut_off() {
    let service = start_for_friends(&format!("outbox_bytes_max = {OUTBOX}\nstanzas_per_second_max = 0"));
    let mut friends = Friends::sign_in(&service);
    let mut mallory = sign_in_narrowly(&service, &Account::new("mallory"));
    wait_until_given(&service, "mallory");
    flood(&mut friends.anna, 1..=600);
    let end = mallory.expect_end().expect("a reason");
    assert_eq!(stream_condition(&end), Some("resource-constraint"));
}

#[test]
fn who_asks_and_never_reads_the_answers_costs_a_bounded_amount_of_memory() {
    let service = start_for_friends(&format!("outbox_bytes_max = {OUTBOX}\nstanzas_per_second_max = 0"));
    let mut friends = Friends::sign_in(&service);
    let mut mallory = sign_in_narrowly(&service, &Account::new("mallory"));
    let before = service.memory();
    let questions = "<iq type='get' id='1' to='office.internal'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        .repeat(100);
    let mut most = before;
    mallory.socket().set_write_timeout(Some(Duration::from_millis(200))).expect("a socket");
    wait::until("who never reads answers to be cut off", || {
        let refused = mallory.write(&questions).is_err();
        most = most.max(service.memory());
        friends.chat();
        (refused && !is_here(&service, "mallory")).then_some(())
    });
    println!("memory {} KiB before, {} KiB at most", before / 1024, most / 1024);
    assert!(most < before + OUTBOX + 32 * MEBIBYTE, "memory grew from {before} to {most}");
}

/// Cuts a connection without a word.
fn reset(mut connection: XmppConnection) {
    SockRef::from(&*connection.socket()).set_linger(Some(Duration::ZERO)).expect("a socket");
    drop(connection);
}

#[test]
fn what_a_client_had_not_read_when_it_was_cut_off_arrives_at_the_other_device_or_later() {
    const MESSAGES: u64 = 60;
    for has_other in [false, true] {
        let service = start_for_friends("");
        let mut friends = Friends::sign_in(&service);
        // This device answers no pings, counts nothing, and its system takes little: most of what is written to it
        // waits in the service's own system when the connection is cut.
        let narrow_account = Account { resource: "narrow".to_owned(), ..Account::new("mallory") };
        let narrow = sign_in_narrowly(&service, &narrow_account);
        let mut other = has_other.then(|| sign_in(&service, "mallory"));
        let text = "x".repeat(16_384);
        for number in 1..=MESSAGES {
            let message = chat("mallory", &format!("flood-{number}"), &text);
            let message = message.replace("@office.internal'", "@office.internal/narrow'");
            friends.anna.write(&message).expect("a message");
        }
        friends.anna.pong("sent").expect("all are read");
        reset(narrow);
        wait::until("the device to be gone", || {
            (!service.json(&["who"]).to_string().contains("narrow")).then_some(())
        });
        let mut reader = other.take().unwrap_or_else(|| sign_in(&service, "mallory"));
        expect_flood(&mut reader, 1..=MESSAGES);
    }
}

#[test]
fn one_sender_at_full_speed_makes_no_one_elses_chat_slow() {
    const CHATS: usize = 100;
    const MEDIAN_MAX: Duration = Duration::from_millis(50);
    for limit in ["", "stanzas_per_second_max = 2000"] {
        let service = start_for_friends(limit);
        let mut friends = Friends::sign_in(&service);
        let mut mallory = sign_in(&service, "mallory");
        let stop = AtomicBool::new(false);
        let (mut times, sent) = thread::scope(|scope| {
            let flood = scope.spawn(|| {
                let (mut sent, batch) = (
                    0_u64,
                    chat("mallory", "f", "flood").replace("<origin-id xmlns='urn:xmpp:sid:0' id='f'/>", ""),
                );
                let socket = mallory.socket();
                socket.set_write_timeout(Some(Duration::from_millis(100))).expect("a socket");
                let mut reading = socket.try_clone().expect("the same socket");
                scope.spawn(move || drop(std::io::copy(&mut reading, &mut std::io::sink())));
                // The limit holds by not being read: whoever floods finds that nothing more can be written.
                let mut rest = batch.as_bytes();
                while !stop.load(Ordering::Relaxed) {
                    let written = socket.write(rest).unwrap_or_default();
                    rest = &rest[written..];
                    if rest.is_empty() {
                        (rest, sent) = (batch.as_bytes(), sent + 1);
                    }
                }
                drop(socket.shutdown(std::net::Shutdown::Both));
                sent
            });
            let times: Vec<Duration> = (0..CHATS).map(|_| friends.chat()).collect();
            stop.store(true, Ordering::Relaxed);
            (times, flood.join().expect("the flood ends"))
        });
        times.sort_unstable();
        let (median, slowest) = (times[CHATS / 2], times[CHATS - 1]);
        println!("{limit}: {sent} were written meanwhile; median {median:?}, slowest {slowest:?}");
        assert!(median < MEDIAN_MAX, "the median of {CHATS} chats was {median:?}");
    }
}
