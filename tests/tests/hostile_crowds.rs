//! Crowds of connections that do nothing cost a bounded amount of memory, and keep nobody waiting.

use std::{
    io::{ErrorKind, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpStream},
    time::Instant,
};

use end_to_end::{
    Account, Friends, Service, ServiceOptions, XmppConnection, connect_from, start_for_friends,
    wait::{self, PATIENCE},
};

/// What one connection may cost that has not signed in and has begun a stanza, in bytes; in a build for debugging.
const SILENT_BYTES_MAX: u64 = 20 * 1024;
/// What a session may cost that is idle and not encrypted; in a build for debugging.
const IDLE_BYTES_MAX: u64 = 24 * 1024;

fn source(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 1, last))
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
fn ten_thousand_silent_connections_cost_little_and_are_cut_off() {
    const ADDRESSES: u8 = 10;
    const OF_EACH: usize = 1_000;
    const CONNECTIONS: u64 = ADDRESSES as u64 * OF_EACH as u64;
    let service = start_for_friends("sign_in_seconds_max = 10");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();

    let begun = Instant::now();
    let mut silent = Vec::new();
    for last in 1..=ADDRESSES {
        silent.extend((0..OF_EACH).map(|_| connect_from(source(last), &address).expect("a connection")));
    }
    // One more than an address may have is closed at once.
    expect_end(connect_from(source(1), &address).expect("a connection"));
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
    let each = during.saturating_sub(before) / CONNECTIONS;
    assert!(each < SILENT_BYTES_MAX, "{each} bytes of memory for each");
    let mut chats = 0;
    wait::until("the silent connections to be cut off", || {
        friends.chat();
        chats += 1;
        silent.retain(is_open);
        silent.is_empty().then_some(())
    });
    println!("{chats} chats until all were cut off, {:?} after the first", begun.elapsed());
}

/// Makes people, as many as are needed for so many sessions.
fn add_crowd(service: &Service, people: usize) {
    let file = service.folder().join("crowd.csv");
    let lines = (0..people).map(|number| format!("crowd{number},password of crowd{number}\n"));
    let lines: String = std::iter::once("name,password\n".to_owned()).chain(lines).collect();
    std::fs::write(&file, lines).expect("a file of people");
    service.ok(&["user", "import", file.to_str().expect("a path in UTF-8")]);
}

#[test]
fn a_crowd_of_idle_sessions_costs_little_and_keeps_nobody_waiting() {
    const PEOPLE: usize = 20;
    const OF_EACH: usize = 100;
    let service = Service::start(&ServiceOptions {
        configuration: format!("[limits]\nsessions_per_account_max = {OF_EACH}\n"),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        ..ServiceOptions::default()
    });
    for name in ["anna", "berta"] {
        service.add_user(name, &Account::new(name).password);
    }
    add_crowd(&service, PEOPLE);
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);
    let before = service.memory();
    let begun = Instant::now();
    let mut idle = Vec::new();
    for person in 0..PEOPLE {
        let name = format!("crowd{person}");
        for number in 0..OF_EACH {
            let account = Account { resource: format!("idle-{number}"), ..Account::new(&name) };
            idle.push(XmppConnection::sign_in(&address, &account).expect("a session"));
        }
        friends.chat();
    }
    let during = service.memory();
    let each = during.saturating_sub(before) / idle.len() as u64;
    println!(
        "{} idle sessions after {:?}: memory {} KiB, {} KiB before, {each} bytes for each",
        idle.len(),
        begun.elapsed(),
        during / 1024,
        before / 1024
    );
    assert!(each < IDLE_BYTES_MAX, "{each} bytes of memory for each");
    // One more than there may be is refused.
    let more = Account { resource: "one-more".to_owned(), ..Account::new("crowd0") };
    assert!(XmppConnection::sign_in(&address, &more).is_err(), "a session too many");
    drop(idle);
    wait::until("the crowd to be gone", || {
        friends.chat();
        (!service.json(&["who"]).to_string().contains("crowd")).then_some(())
    });
}
