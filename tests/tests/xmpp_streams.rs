//! Stream management (XEP-0198) with slixmpp: a broken connection, or a killed service, costs no message and doubles
//! none.

use end_to_end::{Peer, Service};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const ANNA: &str = "anna@office.internal";
const BOB: &str = "bob@office.internal";

fn service() -> Service {
    let service = Service::start_default();
    service.add_user("anna", PASSWORD);
    service.add_user("bob", PASSWORD);
    service
}

fn sign_in(service: &Service, name: &str, reconnect: bool) -> Peer {
    Peer::slixmpp(service, name, PASSWORD, json!({ "reconnect": reconnect, "receipts": false }))
}

fn is(event: &'static str) -> impl Fn(&Value) -> bool {
    move |value| value["event"] == event
}

fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix} {number:03}")).collect()
}

/// Waits for each of these messages, and that nothing else and nothing twice has come.
fn assert_received_once(peer: &mut Peer, expected: &[String]) {
    for body in expected {
        peer.expect(&format!("\"{body}\""), |event| event["event"] == "message" && event["body"] == **body);
    }
    let left: Vec<Value> = peer.leftovers().into_iter().filter(is("message")).collect();
    assert!(left.is_empty(), "doubled: {left:#?}");
}

/// Waits until the client knows that everything it has said so far was taken, so that it will not say it again.
fn await_acknowledgement(peer: &mut Peer, to: &str) {
    let bodies = numbered("to be acknowledged", 6);
    for body in &bodies {
        peer.send_chat(to, body);
    }
    peer.expect("everything before to be acknowledged", |event| {
        event["event"] == "acked" && event["body"] == *bodies[0]
    });
}

/// Loses the connection without a word.
fn drop_connection(peer: &mut Peer) {
    peer.tell(&json!({ "do": "drop" }));
    peer.expect("the connection to be gone", is("disconnected"));
}

/// Comes back, with the same session.
fn resume(peer: &mut Peer) {
    peer.tell(&json!({ "do": "connect" }));
    peer.expect("the session to be resumed", is("resumed"));
    assert!(!peer.seen().iter().any(is("ready")), "it was a new session");
}

#[test]
fn what_was_sent_while_the_connection_was_broken_comes_when_it_is_resumed() {
    let service = service();
    let (mut anna, mut bob) = (sign_in(&service, "anna", false), sign_in(&service, "bob", false));
    let mut all = Vec::new();
    for round in 0..3 {
        let (before, meanwhile, after) = (
            numbered(&format!("round {round} before"), 5),
            numbered(&format!("round {round} meanwhile"), 7),
            numbered(&format!("round {round} after"), 5),
        );
        let mut send = |bodies: &[String]| {
            for (number, body) in bodies.iter().enumerate() {
                // To the person and to the device: both wait for it.
                let to = if number % 2 == 0 { BOB.to_owned() } else { format!("{BOB}/bob-slixmpp") };
                anna.send_chat(&to, body);
            }
            anna.leftovers();
        };
        send(&before);
        drop_connection(&mut bob);
        send(&meanwhile);
        resume(&mut bob);
        send(&after);
        all.extend([before, meanwhile, after].concat());
    }
    assert_received_once(&mut bob, &all);
}

#[test]
fn what_a_client_says_just_before_its_connection_breaks_arrives_once() {
    let service = service();
    let (mut anna, mut bob) = (sign_in(&service, "anna", false), sign_in(&service, "bob", false));
    let sent = numbered("said", 33);
    for body in &sent {
        anna.send_chat(BOB, body);
        anna.expect("it to be written", |event| event["event"] == "written" && event["body"] == **body);
        if body.ends_with('3') {
            drop_connection(&mut anna);
            resume(&mut anna);
        }
    }
    assert_received_once(&mut bob, &sent);
}

#[test]
fn a_session_that_waits_for_its_client_still_looks_present_to_others() {
    let service = service();
    let (mut anna, mut bob) = (sign_in(&service, "anna", false), sign_in(&service, "bob", false));
    bob.tell(&json!({ "do": "presence", "to": ANNA, "status": "for anna" }));
    anna.expect("bob's presence", |event| event["status"] == "for anna");
    drop_connection(&mut bob);
    assert!(!anna.leftovers().iter().any(is("offline")));
    resume(&mut bob);
    let left = anna.leftovers();
    assert!(!left.iter().any(|event| event["event"] == "offline" || event["event"] == "online"), "{left:?}");
    bob.sign_out();
    anna.expect("bob to leave", |event| {
        event["event"] == "offline" && event["from"] == format!("{BOB}/bob-slixmpp")
    });
}

#[test]
fn sessions_are_resumed_after_the_service_was_killed_and_nothing_is_lost_or_doubled() {
    let mut service = service();
    let (mut anna, mut bob) = (sign_in(&service, "anna", true), sign_in(&service, "bob", true));
    let (mut to_bob, mut to_anna) = (Vec::new(), Vec::new());
    for round in 0..3 {
        for number in 0..40 {
            let (question, answer) =
                (format!("question {round} {number:03}"), format!("answer {round} {number:03}"));
            anna.send_chat(BOB, &question);
            bob.send_chat(ANNA, &answer);
            to_bob.push(question);
            to_anna.push(answer);
        }
        // In the middle of delivery: what slixmpp has written is its and the service's to look after.
        for (peer, last) in [(&mut anna, to_bob.last()), (&mut bob, to_anna.last())] {
            peer.expect("it to be written", |event| {
                event["event"] == "written" && event["body"].as_str() == last.map(String::as_str)
            });
        }
        service.kill();
        for peer in [&mut anna, &mut bob] {
            peer.expect("the connection to be gone", is("disconnected"));
        }
        service.launch();
        for peer in [&mut anna, &mut bob] {
            peer.expect("the session to be resumed", is("resumed"));
            assert!(!peer.seen().iter().any(is("ready")), "it was a new session");
        }
    }
    assert_received_once(&mut bob, &to_bob);
    assert_received_once(&mut anna, &to_anna);
}

#[test]
fn a_resumed_session_is_present_again_after_the_service_was_killed() {
    let mut service = service();
    let mut bob = sign_in(&service, "bob", true);
    bob.tell(&json!({ "do": "presence", "show": "dnd", "status": "do not disturb" }));
    await_acknowledgement(&mut bob, ANNA);
    service.kill();
    service.launch();
    bob.expect("the session to be resumed", is("resumed"));
    let mut anna = sign_in(&service, "anna", false);
    anna.send_chat(BOB, "are you there?");
    bob.expect_message("are you there?");
    // Their own other device sees what the resumed one says of itself.
    let options = json!({ "jid": format!("{BOB}/phone") });
    let mut phone = Peer::slixmpp(&service, "bob", PASSWORD, options);
    let seen = phone.expect("the other device", |event| event["status"] == "do not disturb");
    assert_eq!((&seen["show"], &seen["from"]), (&json!("dnd"), &json!(format!("{BOB}/bob-slixmpp"))));
}

#[test]
fn a_resumed_session_hears_of_changes_to_the_contact_list_also_after_the_service_was_killed() {
    let mut service = service();
    let mut desk = sign_in(&service, "anna", true);
    await_acknowledgement(&mut desk, BOB);
    service.kill();
    service.launch();
    desk.expect("the session to be resumed", is("resumed"));
    let mut phone = Peer::slixmpp(&service, "anna", PASSWORD, json!({ "jid": format!("{ANNA}/phone") }));
    phone.tell(&json!({ "do": "roster_set", "jid": BOB, "name": "Bob from the workshop" }));
    let push = desk.expect("the new contact", |event| event["event"] == "roster" && event["push"] == true);
    assert_eq!(push["items"][BOB]["name"], "Bob from the workshop");
}

#[test]
fn a_session_that_was_signed_out_of_cannot_be_resumed_and_a_new_one_begins() {
    let mut service = service();
    let (mut anna, bob) = (sign_in(&service, "anna", false), sign_in(&service, "bob", false));
    bob.sign_out();
    anna.send_chat(BOB, "for later");
    anna.leftovers();
    // Killed and forgotten: the session is another device's, and its messages wait in the store.
    let mut bob = sign_in(&service, "bob", false);
    bob.expect_message("for later");
    drop_connection(&mut bob);
    service.ok(&["user", "disable", "bob"]);
    service.ok(&["user", "enable", "bob"]);
    bob.tell(&json!({ "do": "connect" }));
    bob.expect("a new session", is("ready"));
    service.stop();
}
