//! What Windows and Samba machines send to people here, by NET SEND, WinPopup and `smbclient -M`.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use end_to_end::{
    Output, Peer, Service, ServiceOptions, alone,
    samba::{Smbd, smbclient, smbclient_message},
    wait,
};
use serde_json::json;

const PASSWORD: &str = "correct horse";

fn service() -> Service {
    Service::start(&ServiceOptions { windows: true, ..ServiceOptions::default() })
}

/// To be used within [`alone`].
fn on_its_own_port() -> Service {
    Service::start(&ServiceOptions {
        windows: true,
        windows_listen: Some("127.0.0.1:139".to_owned()),
        ..ServiceOptions::default()
    })
}

fn sign_in(service: &Service, name: &str) -> Peer {
    Peer::slixmpp(service, name, PASSWORD, json!({}))
}

fn add_and_sign_in(service: &Service, name: &str) -> Peer {
    service.add_user(name, PASSWORD);
    sign_in(service, name)
}

fn send(service: &Service, from: &str, to: &str, text: &str) -> Output {
    smbclient(service.port("windows", "session"), from, to, text)
}

fn deliver(service: &Service, from: &str, to: &str, text: &str) {
    let output = send(service, from, to, text);
    assert!(output.was_taken(), "{output:?}");
}

/// The text of the next message to arrive with `part` in it, without the line that says who it is from, which must
/// say that it is from `name` here, and unverified.
fn unverified_text(peer: &mut Peer, name: &str, part: &str) -> String {
    let message = peer.expect_message(part);
    let body = message["body"].as_str().expect("a body");
    let mark = format!("{name} (Windows, unverified, from 127.0.0.1):\n");
    body.strip_prefix(&mark).unwrap_or_else(|| panic!("{body:?} does not begin with {mark:?}")).to_owned()
}

/// As many numbered words as make a text of this length, so that any loss or disorder is seen.
fn numbered(words: &str, bytes: usize) -> String {
    let mut text: String = (1..)
        .flat_map(|number| format!("{words} {number}, ").into_bytes())
        .map(char::from)
        .take(bytes - 1)
        .collect();
    text.push('!');
    text
}

#[test]
fn a_message_of_thirteen_bytes_shows_up_with_its_sender_marked_unverified() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    deliver(&service, "fred", "ANNA", "paper's empty");
    assert_eq!(unverified_text(&mut anna, "fred", "empty"), "paper's empty");
}

#[test]
fn a_message_as_long_as_smbclient_sends_is_complete_and_in_order() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    let text = numbered("word", 1_598);
    deliver(&service, "fred", "ANNA", &text);
    assert_eq!(unverified_text(&mut anna, "fred", "word 1,"), text);
}

#[test]
fn umlauts_arrive_in_the_text_and_in_the_senders_name() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    deliver(&service, "jürgen", "ANNA", "Grüße aus dem Büro: ÄÖÜß é ½");
    assert_eq!(unverified_text(&mut anna, "jürgen", "Grüße"), "Grüße aus dem Büro: ÄÖÜß é ½");
}

#[test]
fn a_character_that_the_code_page_lacks_arrives_alone_and_among_umlauts_in_a_long_text() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    deliver(&service, "fred", "ANNA", "lunch is 5 €");
    assert_eq!(unverified_text(&mut anna, "fred", "lunch"), "lunch is 5 €");
    // smbclient writes each block in the code page or, where that fails, in UTF-8, and cuts characters in two.
    let text: String = (1..30).map(|number| format!("Für {number} Brötchen {number} €, ")).collect();
    let text = text.trim_end();
    deliver(&service, "fred", "ANNA", text);
    assert_eq!(unverified_text(&mut anna, "fred", "Für 1 "), text);
}

#[test]
fn several_lines_stay_several_lines() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    deliver(&service, "fred", "ANNA", "one\ntwo\n\nthree\n");
    assert_eq!(unverified_text(&mut anna, "fred", "two"), "one\ntwo\n\nthree");
}

#[test]
fn a_person_is_reached_by_the_spelling_that_old_machines_can_write() {
    let service = service();
    let mut long = add_and_sign_in(&service, "jürgen.vonderwaldsee");
    let shown = service.json(&["user", "show", "jürgen.vonderwaldsee"]);
    let spelling = shown["netbios"].as_str().expect("a NetBIOS spelling");
    assert!(spelling.len() <= 15 && spelling.is_ascii(), "{spelling}");
    deliver(&service, "fred", spelling, "hello");
    assert_eq!(unverified_text(&mut long, "fred", "hello"), "hello");
}

#[test]
fn on_its_own_port_the_door_is_found_without_being_told_the_port() {
    alone(|| {
        let service = on_its_own_port();
        let mut anna = add_and_sign_in(&service, "anna");
        let output = smbclient_message(&["-M", "ANNA", "-I", "127.0.0.1"], "Coffee is ready\n");
        assert!(output.was_taken(), "{output:?}");
        let message = anna.expect_message("Coffee");
        let body = message["body"].as_str().expect("a body");
        assert!(body.ends_with(" (Windows, unverified, from 127.0.0.1):\nCoffee is ready"), "{body:?}");
        let output = smbclient_message(&["-M", "NOBODY", "-I", "127.0.0.1"], "Coffee is ready\n");
        assert!(!output.was_taken(), "{output:?}");
    });
}

#[test]
fn the_example_of_the_readme_works_word_for_word() {
    let readme = include_str!("../../README.md");
    let mut blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = blocks.find(|block| block.contains("smbclient -M")).expect("an example of it");
    alone(|| {
        let (service, press) = (on_its_own_port(), Smbd::start("CP850"));
        let mut anna = add_and_sign_in(&service, "anna");
        let output = service.program().shell(example);
        assert!(output.was_taken(), "{output:?}");
        assert_eq!(unverified_text(&mut anna, "fred", "fire"), "The printer is on fire");
        let message = anna.expect_message("From the administrator");
        assert_eq!(
            (&message["from"], &message["body"]),
            (&json!("admin@office.internal"), &json!("From the administrator, verified"))
        );
        assert_eq!(press.expect_message().text, "Please log off");
    });
}

#[test]
fn nobody_learns_who_exists_or_is_here_from_a_refusal() {
    let service = service();
    let mut refusing = add_and_sign_in(&service, "dora");
    service.ok(&["user", "set", "dora", "--unverified", "refuse"]);
    service.add_user("away", PASSWORD);
    let _barred = add_and_sign_in(&service, "carl");
    service.ok(&["user", "disable", "carl"]);
    service.add_user("eve", PASSWORD);
    let mut hidden = Peer::slixmpp(&service, "eve", PASSWORD, json!({ "priority": -1 }));
    service.add_user("finn", PASSWORD);
    let mut silent = Peer::slixmpp(&service, "finn", PASSWORD, json!({ "presence": false }));

    let address = service.address("windows", "session");
    let seen = ["NOBODY", "AWAY", "CARL", "DORA", "EVE", "FINN"].map(|name| {
        let output = send(&service, "fred", name, "are you there?");
        assert!(!output.was_taken(), "{name}: {output:?}");
        let said = format!("{}{}", output.stdout, output.stderr).replace(name, "NAME");
        let wire = [session_request(name), start_of_blocks(name), single_block(name)];
        (name, output.code, said, wire.map(|bytes| answer(&address, &bytes)))
    });
    for (name, code, said, answers) in &seen[1..] {
        let (_, first_code, first_said, first_answers) = &seen[0];
        assert_eq!((code, said, answers), (first_code, first_said, first_answers), "{name}");
    }
    assert_eq!(seen[0].3[0], [0x83, 0, 0, 1, 0x82], "called name not present");
    for peer in [&mut refusing, &mut hidden, &mut silent] {
        let leftovers = peer.leftovers();
        assert!(leftovers.iter().all(|event| event["event"] != "message"), "{leftovers:?}");
    }
}

#[test]
fn who_changes_their_mind_about_unverified_senders_is_reached_again() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    let change = |accept: &str| {
        json!({ "do": "iq", "tag": accept, "type": "set", "to": "office.internal", "payload": format!(
            "<command xmlns='http://jabber.org/protocol/commands' node='privacy/unverified' action='complete'>\
             <x xmlns='jabber:x:data' type='submit'><field var='accept'><value>{accept}</value></field></x></command>"
        )})
    };
    for (accept, taken) in [("0", false), ("1", true)] {
        anna.tell(&change(accept));
        let answer =
            anna.expect("the setting to be saved", |event| event["event"] == "iq" && event["tag"] == accept);
        assert_eq!(answer["kind"], "result", "{answer}");
        let output = send(&service, "fred", "ANNA", &format!("attempt {accept}"));
        assert_eq!(output.was_taken(), taken, "{output:?}");
    }
    assert_eq!(unverified_text(&mut anna, "fred", "attempt"), "attempt 1");
}

#[test]
fn what_is_sent_to_the_machine_itself_reaches_its_administrators_also_while_they_are_away() {
    let service = service();
    let mut boss = add_and_sign_in(&service, "boss");
    let mut anna = add_and_sign_in(&service, "anna");
    service.add_user("chief", PASSWORD);
    service.ok(&["group", "join", "admin", "boss", "chief"]);
    deliver(&service, "ups", "OFFICESRV", "on battery");
    assert_eq!(unverified_text(&mut boss, "ups", "battery"), "on battery");
    let mut chief = sign_in(&service, "chief");
    assert_eq!(unverified_text(&mut chief, "ups", "battery"), "on battery");
    boss.sign_out();
    chief.sign_out();
    deliver(&service, "ups", "officesrv", "back on mains");
    for name in ["boss", "chief"] {
        let mut peer = sign_in(&service, name);
        assert_eq!(unverified_text(&mut peer, "ups", "mains"), "back on mains");
    }
    let leftovers = anna.leftovers();
    assert!(leftovers.iter().all(|event| event["event"] != "message"), "{leftovers:?}");
}

#[test]
fn a_message_is_stored_before_its_sender_is_told_so() {
    let mut service = service();
    service.add_user("anna", PASSWORD);
    let without_acknowledgements =
        || Peer::slixmpp(&service, "anna", PASSWORD, json!({ "stream_management": false }));
    // The client has the message written to it at most, and cannot say that it has read it.
    let frozen = without_acknowledgements();
    frozen.freeze();
    deliver(&service, "fred", "ANNA", "the client is gone");
    frozen.kill();
    gone(&service, "anna");
    let mut anna = without_acknowledgements();
    assert_eq!(unverified_text(&mut anna, "fred", "gone"), "the client is gone");

    anna.freeze();
    deliver(&service, "fred", "ANNA", "the service is gone");
    service.kill();
    drop(anna);
    service.launch();
    let mut anna = sign_in(&service, "anna");
    assert_eq!(unverified_text(&mut anna, "fred", "service"), "the service is gone");
}

#[test]
fn the_same_words_sent_twice_are_two_messages() {
    let service = service();
    let mut anna = add_and_sign_in(&service, "anna");
    deliver(&service, "fred", "ANNA", "again");
    deliver(&service, "fred", "ANNA", "again");
    let (one, other) = (anna.expect_message("again"), anna.expect_message("again"));
    assert_ne!(one["id"], other["id"]);
    assert_eq!(one["body"], other["body"]);
}

#[test]
fn one_machine_cannot_flood_a_person() {
    let options = "[limits]\nmessages_per_minute_max = 3\n".to_owned();
    let service = Service::start(&ServiceOptions {
        windows: true,
        configuration: options,
        ..ServiceOptions::default()
    });
    let mut anna = add_and_sign_in(&service, "anna");
    for number in 1..=3 {
        deliver(&service, "fred", "ANNA", &format!("number {number}"));
    }
    let output = send(&service, "fred", "ANNA", "number 4");
    assert!(!output.was_taken(), "{output:?}");
    for number in 1..=3 {
        anna.expect_message(&format!("number {number}"));
    }
    let leftovers = anna.leftovers();
    assert!(leftovers.iter().all(|event| event["event"] != "message"), "{leftovers:?}");
}

/// Waits until nobody of this name is signed in.
fn gone(service: &Service, name: &str) {
    wait::until("the session to end", || {
        (!service.ok(&["--json", "who"]).contains(&format!("{name}@"))).then_some(())
    });
}

/// Everything that is answered to these bytes by who reads no more of them.
fn answer(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("the door is open");
    socket.set_read_timeout(Some(wait::PATIENCE)).expect("a timeout");
    socket.write_all(bytes).expect("the door reads");
    socket.shutdown(std::net::Shutdown::Write).expect("there is no more");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("the door closes");
    answer
}

/// RFC 1002 §4.3.2: the messenger of `name` is called.
fn session_request(name: &str) -> Vec<u8> {
    let spell = |name: &str, suffix: u8| {
        let mut bytes = format!("{name:<15}").into_bytes();
        bytes.push(suffix);
        let letters = bytes.iter().flat_map(|byte| [b'A' + (byte >> 4), b'A' + (byte & 15)]);
        [32].into_iter().chain(letters).chain([0]).collect::<Vec<u8>>()
    };
    [vec![0x81, 0, 0, 68], spell(name, 0x03), spell("FRED", 0)].concat()
}

/// MS-MSRP 2.2.3.2: the start of a message in several blocks, sent to whoever listens.
fn start_of_blocks(to: &str) -> Vec<u8> {
    [session_request("*SMBSERVER"), block(0xd5, &addresses(to))].concat()
}

/// MS-MSRP 2.2.3.1: a message in a single block, sent to whoever listens.
fn single_block(to: &str) -> Vec<u8> {
    [session_request("*SMBSERVER"), block(0xd0, &[&addresses(to)[..], b"\x01\x05\x00hello"].concat())]
        .concat()
}

fn addresses(to: &str) -> Vec<u8> {
    format!("\x04FRED\0\x04{to}\0").into_bytes()
}

fn block(command: u8, data: &[u8]) -> Vec<u8> {
    let mut message = vec![0; 32];
    message[..5].copy_from_slice(&[0xff, b'S', b'M', b'B', command]);
    message.push(0);
    message.extend(u16::try_from(data.len()).expect("a short text").to_le_bytes());
    message.extend(data);
    let length = u16::try_from(message.len()).expect("a short text").to_be_bytes();
    [&[0, 0][..], &length, &message].concat()
}
