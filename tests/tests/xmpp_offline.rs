//! Messages to who is away, with slixmpp.

use end_to_end::{Peer, Service};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const BOB: &str = "bob@office.internal";

fn service() -> Service {
    let service = Service::start_default();
    service.add_user("anna", PASSWORD);
    service.add_user("bob", PASSWORD);
    service
}

fn sign_in(service: &Service, name: &str, options: Value) -> Peer {
    Peer::slixmpp(service, name, PASSWORD, options)
}

/// Sends messages and waits until the service has taken them.
fn send_all(anna: &mut Peer, bodies: &[String]) {
    for body in bodies {
        anna.send_chat(BOB, body);
    }
    anna.leftovers();
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix} {number:03}")).collect()
}

/// Waits for this many messages and returns them, in the order in which they came, with whatever else came.
fn receive(bob: &mut Peer, count: usize) -> Vec<Value> {
    let is_message = |event: &Value| event["event"] == "message";
    let mut messages: Vec<Value> = (0..count).map(|_| bob.expect("a stored message", is_message)).collect();
    messages.extend(bob.leftovers().into_iter().filter(is_message));
    messages
}

/// Waits until the client has told the service that it has this many messages, and the service has heard it.
fn await_report(bob: &mut Peer, messages: u64) {
    let told = |event: &Value| event["event"] == "reported" && event["messages"].as_u64() >= Some(messages);
    bob.expect("the service to ask what has arrived", told);
    bob.leftovers();
}

/// Whatever still waits for bob comes before what is said now.
fn assert_nothing_waits(anna: &mut Peer, bob: &mut Peer) {
    anna.send_chat(BOB, "the last word");
    bob.expect_message("the last word");
    let left: Vec<Value> = bob.leftovers().into_iter().filter(|event| event["event"] == "message").collect();
    assert_eq!(bodies(&left), [""; 0]);
}

fn bodies(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| message["body"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_was_sent_while_away_comes_once_in_order_and_says_when_it_was_sent() {
    let service = service();
    let mut anna = sign_in(&service, "anna", json!({}));
    let sent = numbered("while away", 120);
    send_all(&mut anna, &sent);
    let mut bob = sign_in(&service, "bob", json!({}));
    let messages = receive(&mut bob, sent.len());
    assert_eq!(bodies(&messages), sent);
    assert!(messages.iter().all(|message| message["delay"].is_string()), "{messages:?}");
    await_report(&mut bob, 120);
    bob.sign_out();
    let mut bob = sign_in(&service, "bob", json!({}));
    assert_nothing_waits(&mut anna, &mut bob);
}

#[test]
fn what_was_accepted_survives_the_service_being_killed() {
    let mut service = service();
    let mut anna = sign_in(&service, "anna", json!({}));
    let sent = numbered("before the crash", 20);
    for body in &sent {
        anna.send_chat(BOB, body);
    }
    // slixmpp asks after every fifth stanza that it sends.
    for body in &sent[..15] {
        anna.expect("the service to accept", |event| event["event"] == "acked" && event["body"] == **body);
    }
    service.kill();
    service.launch();
    let (mut anna, mut bob) = (sign_in(&service, "anna", json!({})), sign_in(&service, "bob", json!({})));
    anna.send_chat(BOB, "after the crash");
    bob.expect_message("after the crash");
    let received = bodies(&receive(&mut bob, 15));
    assert_eq!(received[..15], sent[..15]);
    assert!(sent.starts_with(&received), "each once and in order: {received:?}");
    await_report(&mut bob, received.len() as u64 + 1);
    service.stop();
    service.launch();
    let (mut anna, mut bob) = (sign_in(&service, "anna", json!({})), sign_in(&service, "bob", json!({})));
    assert_nothing_waits(&mut anna, &mut bob);
}

#[test]
fn a_client_that_counts_nothing_and_dies_without_a_word_gets_its_messages_again() {
    let service = service();
    let mut anna = sign_in(&service, "anna", json!({}));
    let sent = numbered("stored", 3);
    send_all(&mut anna, &sent);
    let silent = json!({ "stream_management": false, "answer_pings": false });
    let mut bob = sign_in(&service, "bob", silent.clone());
    let first = receive(&mut bob, 3);
    let live = anna.send_chat(BOB, "live");
    bob.expect_message("live");
    bob.kill();
    let mut bob = sign_in(&service, "bob", silent);
    let again = receive(&mut bob, 4);
    assert_eq!(bodies(&again), [&sent[..], &["live".to_owned()]].concat());
    let ids =
        |messages: &[Value]| -> Vec<Value> { messages.iter().map(|message| message["id"].clone()).collect() };
    assert_eq!(ids(&again)[..3], ids(&first)[..]);
    assert_eq!(again[3]["id"], live);
    assert_eq!(again[0]["stanza_ids"], first[0]["stanza_ids"], "a repeat is known by its id");
}

#[test]
fn a_client_that_counts_nothing_and_answers_pings_gets_nothing_twice() {
    let service = service();
    let mut anna = sign_in(&service, "anna", json!({}));
    let sent = numbered("stored", 3);
    send_all(&mut anna, &sent);
    let plain = json!({ "stream_management": false });
    let mut bob = sign_in(&service, "bob", plain.clone());
    assert_eq!(bodies(&receive(&mut bob, 3)), sent);
    anna.send_chat(BOB, "live");
    bob.expect_message("live");
    await_report(&mut bob, 4);
    bob.kill();
    let mut bob = sign_in(&service, "bob", plain);
    assert_nothing_waits(&mut anna, &mut bob);
}
