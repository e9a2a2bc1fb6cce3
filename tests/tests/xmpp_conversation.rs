//! Messages between people, with slixmpp.

use end_to_end::{Peer, Service, wait};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

fn service_with(names: &[&str]) -> Service {
    let service = Service::start_default();
    for name in names {
        service.add_user(name, PASSWORD);
    }
    service
}

fn bare(name: &str) -> String {
    format!("{name}@office.internal")
}

fn full(name: &str) -> String {
    format!("{name}@office.internal/{name}-slixmpp")
}

fn is(event: &'static str) -> impl Fn(&Value) -> bool {
    move |value| value["event"] == event
}

/// Waits until the person has everything that waited, so that what comes now comes at once: it bears no delay.
fn await_live(anna: &mut Peer, person: &mut Peer, name: &str) {
    wait::until("messages to come without a delay", || {
        anna.send_chat(&bare(name), "are you there?");
        person.expect_message("are you there?")["delay"].is_null().then_some(())
    });
}

/// What was said to the peer and not taken out, after everything on its way has come.
fn messages_left(peer: &mut Peer) -> Vec<String> {
    let left = peer.leftovers().into_iter().filter(is("message"));
    left.map(|event| event["body"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn two_people_chat_both_ways_whatever_they_write() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({ "direct_tls": true }));
    await_live(&mut anna, &mut bob, "bob");
    let texts = [
        "Grüße aus Köln: äöüß ÄÖÜ €",
        "👩‍👩‍👧 👍🏽 🇪🇸 emoji of several code points",
        "<b>&amp; \"quotes\" 'and' ]]> markup",
        "two\nlines\tand a tab",
        "مرحبا שלום 你好",
    ];
    for text in texts {
        for to in [bare("bob"), full("bob")] {
            let id = anna.send_chat(&to, text);
            let message = bob.expect_message(text);
            assert_eq!((&message["id"], &message["from"]), (&json!(id), &json!(full("anna"))));
            assert_eq!((&message["body"], &message["kind"]), (&json!(text), &json!("chat")));
            assert_eq!(message["delay"], Value::Null);
        }
        bob.send_chat(&full("anna"), text);
        assert_eq!(anna.expect_message(text)["body"], text);
    }
    assert_eq!((messages_left(&mut anna), messages_left(&mut bob)), (Vec::new(), Vec::new()));
}

#[test]
fn both_devices_of_a_person_get_a_message_to_the_person_and_one_gets_what_names_it() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut desk = Peer::slixmpp(&service, "bob", PASSWORD, json!({ "jid": "bob@office.internal/desk" }));
    let mut phone = Peer::slixmpp(&service, "bob", PASSWORD, json!({ "jid": "bob@office.internal/phone" }));
    anna.send_chat(&bare("bob"), "to both");
    let (one, other) = (desk.expect_message("to both"), phone.expect_message("to both"));
    assert_eq!(one["id"], other["id"]);
    assert_eq!(one["stanza_ids"], other["stanza_ids"]);
    anna.send_chat("bob@office.internal/phone", "to the phone");
    phone.expect_message("to the phone");
    assert_eq!((messages_left(&mut desk), messages_left(&mut phone)), (Vec::new(), Vec::new()));
    // A device that is gone is no reason to lose what names it.
    desk.sign_out();
    anna.send_chat("bob@office.internal/desk", "to the desk");
    phone.expect_message("to the desk");
}

#[test]
fn a_device_with_negative_priority_gets_only_what_names_it() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let options = json!({ "jid": "bob@office.internal/robot", "priority": -1 });
    let mut robot = Peer::slixmpp(&service, "bob", PASSWORD, options);
    anna.send_chat(&bare("bob"), "for the person");
    anna.send_chat("bob@office.internal/robot", "for the robot");
    robot.expect_message("for the robot");
    assert_eq!(messages_left(&mut robot), [""; 0]);
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    bob.expect_message("for the person");
    anna.send_chat(&bare("bob"), "once more");
    bob.expect_message("once more");
    assert_eq!(messages_left(&mut robot), [""; 0]);
}

#[test]
fn a_headline_is_for_who_is_here_and_waits_for_nobody() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let headline = |body| json!({ "do": "send", "to": bare("bob"), "kind": "headline", "body": body });
    anna.tell(&headline("while away"));
    anna.send_chat(&bare("bob"), "chat while away");
    assert!(!anna.leftovers().iter().any(is("message_error")), "headlines are dropped in silence");
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    bob.expect_message("chat while away");
    anna.tell(&headline("while here"));
    assert_eq!(bob.expect_message("while here")["kind"], "headline");
    assert_eq!(messages_left(&mut bob), [""; 0]);
}

#[test]
fn a_message_to_nobody_is_answered_alike_whether_the_account_is_disabled_or_never_was() {
    let service = service_with(&["anna", "carl"]);
    service.ok(&["user", "disable", "carl"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut refused = |to: &str| {
        let id = anna.send_chat(to, "is somebody there?");
        let error = anna.expect("the message to come back", is("message_error"));
        assert_eq!((&error["id"], &error["from"]), (&json!(id), &json!(to)));
        (error["condition"].clone(), error["text"].clone())
    };
    for resource in ["", "/home"] {
        let unknown = refused(&format!("nobody@office.internal{resource}"));
        assert_eq!(unknown.0, "service-unavailable");
        assert_eq!(unknown, refused(&format!("carl@office.internal{resource}")));
    }
    assert_eq!(refused("friend@elsewhere.example").0, "remote-server-not-found");
}

#[test]
fn a_room_message_to_a_person_is_refused() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    anna.tell(&json!({ "do": "send", "to": bare("bob"), "kind": "groupchat", "body": "hello room" }));
    assert_eq!(anna.expect("the refusal", is("message_error"))["condition"], "service-unavailable");
    anna.leftovers();
    assert_eq!(messages_left(&mut bob), [""; 0]);
}

#[test]
fn who_speaks_in_anothers_name_is_cut_off() {
    let service = service_with(&["anna", "bob", "mallory"]);
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    for from in [
        "anna@office.internal",
        "anna@office.internal/anna-slixmpp",
        "mallory@office.internal/other",
        "office.internal",
    ] {
        let mut mallory = Peer::slixmpp(&service, "mallory", PASSWORD, json!({ "stream_management": false }));
        let forged =
            format!("<message from='{from}' to='{}' type='chat'><body>forged</body></message>", bare("bob"));
        mallory.tell(&json!({ "do": "raw", "xml": forged }));
        assert_eq!(mallory.expect("the stream to end", is("stream_error"))["condition"], "invalid-from");
        mallory.expect("the connection to end", is("disconnected"));
    }
    assert_eq!(messages_left(&mut bob), [""; 0]);
}

#[test]
fn ids_and_delays_in_the_services_name_are_the_services_own() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({ "stream_management": false }));
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    await_live(&mut anna, &mut bob, "bob");
    let forged = format!(
        "<message to='{}' type='chat' id='forged-1'><body>an old message?</body>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='bob@office.internal' id='forged'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='office.internal' id='forged'/>\
         <delay xmlns='urn:xmpp:delay' from='office.internal' stamp='2001-01-01T00:00:00Z'/>\
         <delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z'/></message>",
        bare("bob")
    );
    anna.tell(&json!({ "do": "raw", "xml": forged }));
    let message = bob.expect_message("an old message?");
    assert_eq!(message["delay"], Value::Null);
    let ids = message["stanza_ids"].as_array().unwrap();
    assert_eq!(ids.len(), 1, "{message}");
    assert_eq!(ids[0][0], "bob@office.internal");
    assert_ne!(ids[0][1], "forged");
}

#[test]
fn what_a_client_writes_means_the_same_to_the_one_who_reads_it() {
    let service = service_with(&["anna", "bob"]);
    let options = json!({
        "stream_management": false,
        "stream_namespaces": { "outer": "urn:example:outer" },
        "lang": "de",
    });
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, options);
    let raw = format!(
        "<message to='{}' type='chat' id='raw-1' xmlns:middle='urn:example:middle'>\
         <body xml:lang='es'>Saludos</body><body>Grüße &amp; Küsse</body>\
         <outer:thing middle:mark='&lt;a&gt; &#10; \"b\"' plain='1'><middle:inner/>\
         <none xmlns=''>bare</none><x xmlns='urn:example:x'><outer:deep>text</outer:deep><y/></x></outer:thing>\
         </message>",
        bare("bob")
    );
    let element = |name: &str, attributes: Value, text: &str, children: Value| json!({ "name": name, "attributes": attributes, "text": text, "children": children });
    let deep = element("{urn:example:outer}deep", json!({}), "text", json!([]));
    let y = element("{urn:example:x}y", json!({}), "", json!([]));
    let inside = json!([
        element("{urn:example:middle}inner", json!({}), "", json!([])),
        element("none", json!({}), "bare", json!([])),
        element("{urn:example:x}x", json!({}), "", json!([deep, y])),
    ]);
    let lang = "{http://www.w3.org/XML/1998/namespace}lang";
    let attributes = json!({ "{urn:example:middle}mark": "<a> \n \"b\"", "plain": "1" });
    let expected = [
        element("{jabber:client}body", json!({ lang: "es" }), "Saludos", json!([])),
        element("{jabber:client}body", json!({}), "Grüße & Küsse", json!([])),
        element("{urn:example:outer}thing", attributes, "", inside),
    ];
    let check = |message: &Value| {
        assert_eq!(message["lang"], "de", "the language of the sender's stream");
        assert_eq!(message["children"].as_array().unwrap()[..3], expected, "{}", message["xml"]);
    };
    // Once while away, so that it is stored, and once at once.
    anna.tell(&json!({ "do": "raw", "xml": raw }));
    anna.leftovers();
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    check(&bob.expect("the stored message", |event| event["id"] == "raw-1"));
    anna.tell(&json!({ "do": "raw", "xml": raw.replace("raw-1", "raw-2") }));
    check(&bob.expect("the message", |event| event["id"] == "raw-2"));
}

#[test]
fn the_sender_hears_that_a_message_was_received_and_read() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    let sending =
        json!({ "do": "send", "to": bare("bob"), "body": "read me", "id": "question-1", "receipt": true });
    anna.tell(&sending);
    bob.expect_message("read me");
    let receipt = anna.expect("the receipt", is("receipt"));
    assert_eq!((&receipt["of"], &receipt["from"]), (&json!("question-1"), &json!(full("bob"))));
    bob.tell(&json!({ "do": "displayed", "to": bare("anna"), "id": "question-1" }));
    let marker = anna.expect("the marker", is("marker"));
    assert_eq!((&marker["kind"], &marker["of"]), (&json!("displayed"), &json!("question-1")));
}

#[test]
fn a_receipt_waits_for_a_sender_who_has_left() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    anna.tell(&json!({ "do": "send", "to": bare("bob"), "body": "read me later", "id": "question-2", "receipt": true }));
    anna.leftovers();
    anna.sign_out();
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    bob.expect_message("read me later");
    bob.leftovers();
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    assert_eq!(anna.expect("the receipt", is("receipt"))["of"], "question-2");
}

#[test]
fn typing_is_seen_by_who_is_here_and_kept_for_nobody() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({ "stream_management": false }));
    let typing = format!(
        "<message to='{}' type='chat' id='typing'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
        bare("bob")
    );
    anna.tell(&json!({ "do": "raw", "xml": typing }));
    anna.send_chat(&bare("bob"), "typed while away");
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    bob.expect_message("typed while away");
    assert!(!bob.leftovers().iter().any(is("bodiless")));
    anna.tell(&json!({ "do": "raw", "xml": typing }));
    let seen = bob.expect("the typing", is("bodiless"));
    assert_eq!(seen["children"][0]["name"], "{http://jabber.org/protocol/chatstates}composing");
}
