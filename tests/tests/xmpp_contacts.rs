//! Contact lists, subscriptions and presence, with slixmpp.

use end_to_end::{Peer, Service};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

fn service_with(names: &[&str]) -> Service {
    let service = Service::start_default();
    for name in names {
        service.add_user(name, PASSWORD);
    }
    service
}

fn sign_in(service: &Service, name: &str) -> Peer {
    Peer::slixmpp(service, name, PASSWORD, json!({}))
}

fn bare(name: &str) -> String {
    format!("{name}@office.internal")
}

fn full(name: &str) -> String {
    format!("{name}@office.internal/{name}-slixmpp")
}

fn from(kind: &'static str, name: &str) -> impl Fn(&Value) -> bool {
    let name = name.to_owned();
    move |event| {
        event["event"] == kind && event["from"].as_str().is_some_and(|from| from.starts_with(&bare(&name)))
    }
}

fn ask(peer: &mut Peer, name: &str) {
    peer.tell(&json!({ "do": "subscribe", "to": bare(name) }));
}

fn approve(peer: &mut Peer, name: &str) {
    peer.tell(&json!({ "do": "subscribe", "type": "subscribed", "to": bare(name) }));
}

/// Waits until the peer's contact list says this of a person.
fn expect_subscription(peer: &mut Peer, name: &str, subscription: &str) -> Value {
    let has = |event: &Value| {
        event["event"] == "roster" && event["items"][bare(name)]["subscription"] == subscription
    };
    peer.expect(&format!("{name} to be listed as {subscription}"), has)["items"][bare(name)].clone()
}

/// Both see each other.
fn befriend(one: &mut Peer, one_name: &str, other: &mut Peer, other_name: &str) {
    ask(one, other_name);
    other.expect("the request", from("subscribe", one_name));
    approve(other, one_name);
    one.expect("the approval", from("subscribed", other_name));
    one.expect("presence", from("online", other_name));
    ask(other, one_name);
    one.expect("the request", from("subscribe", other_name));
    approve(one, other_name);
    other.expect("the approval", from("subscribed", one_name));
    other.expect("presence", from("online", one_name));
    expect_subscription(one, other_name, "both");
    expect_subscription(other, one_name, "both");
}

#[test]
fn who_was_allowed_to_sees_a_person_come_change_and_go_and_nobody_else_does() {
    let service = service_with(&["anna", "bob", "eve"]);
    let (mut anna, mut bob, mut eve) =
        (sign_in(&service, "anna"), sign_in(&service, "bob"), sign_in(&service, "eve"));
    ask(&mut anna, "bob");
    bob.expect("the request", from("subscribe", "anna"));
    approve(&mut bob, "anna");
    anna.expect("the approval", from("subscribed", "bob"));
    assert_eq!(anna.expect("presence", from("online", "bob"))["from"], full("bob"));
    expect_subscription(&mut anna, "bob", "to");
    expect_subscription(&mut bob, "anna", "from");
    bob.tell(&json!({ "do": "presence", "show": "away", "status": "at lunch" }));
    let status = anna.expect("the new status", |event| event["status"] == "at lunch");
    assert_eq!((&status["event"], &status["show"]), (&json!("status"), &json!("away")));
    bob.leftovers();
    bob.sign_out();
    anna.expect("bob to leave", from("offline", "bob"));
    let mut bob = sign_in(&service, "bob");
    anna.expect("bob to come back", from("online", "bob"));
    let seen_by_bob = bob.leftovers();
    assert!(!seen_by_bob.iter().any(from("online", "anna")), "anna has allowed bob nothing: {seen_by_bob:?}");
    let seen_by_eve = eve.leftovers();
    assert!(!seen_by_eve.iter().any(|event| event["event"] == "online" && !from("online", "eve")(event)));
}

#[test]
fn a_request_waits_for_who_is_away_and_for_who_has_not_answered_also_when_the_service_is_killed() {
    let mut service = service_with(&["anna", "carl"]);
    let mut anna = sign_in(&service, "anna");
    ask(&mut anna, "carl");
    expect_subscription(&mut anna, "carl", "none");
    anna.kill();
    service.kill();
    service.launch();
    let mut carl = sign_in(&service, "carl");
    carl.expect("the request", from("subscribe", "anna"));
    carl.sign_out();
    service.kill();
    service.launch();
    let mut carl = sign_in(&service, "carl");
    carl.expect("the request once more", from("subscribe", "anna"));
    approve(&mut carl, "anna");
    expect_subscription(&mut carl, "anna", "from");
    carl.sign_out();
    let mut carl = sign_in(&service, "carl");
    assert!(!carl.leftovers().iter().any(from("subscribe", "anna")), "the request has been answered");
    let mut anna = sign_in(&service, "anna");
    expect_subscription(&mut anna, "carl", "to");
    anna.expect("presence", from("online", "carl"));
}

#[test]
fn who_is_taken_off_a_list_sees_nothing_any_more() {
    let service = service_with(&["anna", "bob"]);
    let (mut anna, mut bob) = (sign_in(&service, "anna"), sign_in(&service, "bob"));
    befriend(&mut anna, "anna", &mut bob, "bob");
    anna.tell(&json!({ "do": "roster_remove", "jid": bare("bob") }));
    expect_subscription(&mut anna, "bob", "remove");
    expect_subscription(&mut bob, "anna", "none");
    bob.expect("the end of the subscription", from("unsubscribed", "anna"));
    bob.expect("anna to be gone", from("offline", "anna"));
    anna.expect("bob to be gone", from("offline", "bob"));
    anna.leftovers();
    bob.tell(&json!({ "do": "presence", "status": "alone" }));
    bob.leftovers();
    assert!(!anna.leftovers().iter().any(|event| event["status"] == "alone"));
}

#[test]
fn a_contact_is_named_and_labelled_on_every_device_and_after_a_restart() {
    let mut service = service_with(&["anna", "bob"]);
    let mut desk = sign_in(&service, "anna");
    let mut phone = Peer::slixmpp(&service, "anna", PASSWORD, json!({ "jid": "anna@office.internal/phone" }));
    let contact =
        json!({ "do": "roster_set", "jid": bare("bob"), "name": "Böb 👷", "groups": ["Work", "Lunch"] });
    desk.tell(&contact);
    let check = |item: &Value| {
        assert_eq!(item["name"], "Böb 👷");
        let mut labels: Vec<_> = item["groups"].as_array().unwrap().iter().map(Value::to_string).collect();
        labels.sort();
        assert_eq!(labels, ["\"Lunch\"", "\"Work\""]);
    };
    check(&expect_subscription(&mut phone, "bob", "none"));
    check(&expect_subscription(&mut desk, "bob", "none"));
    service.kill();
    service.launch();
    let mut again = sign_in(&service, "anna");
    let list = again.expect("the contact list", |event| event["event"] == "roster" && event["push"] == false);
    check(&list["items"][bare("bob")]);
}

#[test]
fn subscriptions_are_remembered_over_a_restart() {
    let mut service = service_with(&["anna", "bob"]);
    let (mut anna, mut bob) = (sign_in(&service, "anna"), sign_in(&service, "bob"));
    befriend(&mut anna, "anna", &mut bob, "bob");
    anna.kill();
    bob.kill();
    service.kill();
    service.launch();
    let (mut anna, mut bob) = (sign_in(&service, "anna"), sign_in(&service, "bob"));
    expect_subscription(&mut anna, "bob", "both");
    anna.expect("presence", from("online", "bob"));
    bob.expect("presence", from("online", "anna"));
}

#[test]
fn asking_somebody_who_does_not_exist_is_met_with_silence() {
    let service = service_with(&["anna"]);
    let mut anna = sign_in(&service, "anna");
    ask(&mut anna, "nobody");
    expect_subscription(&mut anna, "nobody", "none");
    let left = anna.leftovers();
    let answered = |event: &Value| {
        ["subscribed", "unsubscribed", "stream_error"].iter().any(|kind| event["event"] == *kind)
    };
    assert!(!left.iter().any(answered), "{left:?}");
}
