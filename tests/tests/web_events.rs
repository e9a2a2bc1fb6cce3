//! Browsers, and programs that speak as people, by the event stream of the interface.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use end_to_end::{Account, Browser, DOMAIN, Random, Service, ServiceOptions, XmppConnection, chat, wait};
use serde_json::json;
use xmpp::{Element, namespace};

fn start(people: &[&str]) -> Service {
    let options = ServiceOptions {
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        ..ServiceOptions::default()
    };
    let service = Service::start(&options);
    for name in people {
        service.add_user(name, &Account::new(name).password);
    }
    service
}

fn browser(service: &Service, name: &str) -> Browser {
    Browser::new(&service.address("web", "http"), Account::new(name))
}

/// Somebody with an XMPP client, who is given messages as they come.
fn xmpp(service: &Service, name: &str) -> XmppConnection {
    let address = service.address("xmpp", "starttls");
    let mut connection = XmppConnection::sign_in(&address, &Account::new(name)).expect("a session");
    connection.write("<presence/>").expect("the connection lives");
    wait::until("the client to be given messages", || {
        let sessions = service.json(&["who"]);
        let sessions = sessions.as_array().expect("a list").iter();
        let own = |session: &&serde_json::Value| session["address"] == format!("{name}@{DOMAIN}");
        sessions.filter(own).any(|session| session["receives"] == true).then_some(())
    });
    connection
}

fn message(connection: &mut XmppConnection, what: &str, wanted: impl Fn(&Element) -> bool) -> Element {
    connection.expect(what, |element| element.name() == "message" && wanted(element)).expect("a message")
}

fn body(element: &Element) -> Option<String> {
    Some(element.child("body", namespace::CLIENT)?.text().into_owned())
}

const ROUNDS: u64 = 4;
const PER_ROUND: usize = 40;

#[test]
fn nothing_is_lost_or_doubled_over_the_stream_when_the_service_is_killed_again_and_again() {
    let mut service = start(&["anna", "berta"]);
    let mut random = Random::new();
    let (mut anna, mut berta) = (browser(&service, "anna"), browser(&service, "berta"));
    let mut arrived: BTreeMap<String, u32> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    let mut sent = BTreeSet::new();
    let mut step = |anna: &mut Browser, berta: &mut Browser| {
        anna.listen(Duration::from_millis(1));
        let Some(event) = berta.listen(Duration::from_millis(1)) else { return 0 };
        if event["type"] == "message" {
            assert!(ids.insert(event["id"].to_string()), "it has come before: {event}");
            *arrived.entry(event["text"].as_str().expect("words").to_owned()).or_default() += 1;
        }
        arrived.len()
    };
    // Both are there once before anything is said: what is killed earlier has no stream to go on with.
    wait::until("both to be there", || {
        step(&mut anna, &mut berta);
        (anna.connections().1 == 1 && berta.connections().1 == 1).then_some(())
    });
    for round in 0..ROUNDS {
        let killed_after = random.between(1, PER_ROUND as u64 - 1) as usize;
        for number in 0..PER_ROUND {
            let text = format!("{round} {number}");
            anna.chat("berta", &format!("id-{text}"), &text);
            sent.insert(text);
            step(&mut anna, &mut berta);
            if number == killed_after {
                service.kill();
                service.launch();
            }
        }
    }
    wait::until("everything to be taken and to arrive", || {
        let count = step(&mut anna, &mut berta);
        (anna.waiting() == 0 && count == sent.len()).then_some(())
    });
    assert!(arrived.values().all(|count| *count == 1), "{arrived:?}");
    assert_eq!(arrived.into_keys().collect::<BTreeSet<_>>(), sent);
    for browser in [&anna, &berta] {
        // Who has not come back before the next end has one break for both.
        let (resumed, begun) = browser.connections();
        assert!((1..=ROUNDS as u32).contains(&resumed), "{resumed}");
        assert_eq!(begun, 1, "each stream went on over each restart");
    }
}

#[test]
fn people_with_a_browser_and_people_with_xmpp_talk_and_see_what_becomes_of_their_words() {
    let service = start(&["anna", "berta"]);
    let mut anna = browser(&service, "anna");
    anna.expect("presence to be taken", |event| event["id"] == "presence");
    let mut berta = xmpp(&service, "berta");

    anna.chat("berta", "m1", "hello & <good> morning");
    let accepted = anna.expect("the message to be taken", |event| event["type"] == "accepted");
    let came = message(&mut berta, "words", |element| body(element).is_some());
    assert_eq!(body(&came).as_deref(), Some("hello & <good> morning"));
    assert_eq!(came.attribute("from"), Some("anna@office.internal"));
    let id = came.attribute("id").expect("an id").to_owned();
    assert_eq!(accepted["message"], id);
    assert!(came.child("request", namespace::RECEIPTS).is_some());
    let to = format!("anna@{DOMAIN}");
    let receipts = [
        format!(
            "<message to='{to}' type='chat' id='r1'><received xmlns='{}' id='{id}'/></message>",
            namespace::RECEIPTS
        ),
        format!(
            "<message to='{to}' type='chat' id='r2'><displayed xmlns='{}' id='{id}'/></message>",
            namespace::MARKERS
        ),
    ];
    for (receipt, seen) in receipts.iter().zip([false, true]) {
        berta.write(receipt).expect("the connection lives");
        let heard = anna.expect("a receipt", |event| event["content"] == "receipt");
        assert_eq!((&heard["of"], &heard["seen"]), (&json!(id), &json!(seen)));
    }
    let state = |name| {
        format!("<message to='{to}' type='chat'><{name} xmlns='{}'/></message>", namespace::CHAT_STATES)
    };
    for (name, composing) in [("composing", true), ("paused", false)] {
        berta.write(&state(name)).expect("the connection lives");
        let heard = anna.expect("typing", |event| event["content"] == "typing");
        assert_eq!(heard["composing"], composing);
    }

    berta.write(&chat("anna", "b1", "good morning")).expect("the connection lives");
    let came = anna.expect("words", |event| event["content"] == "text");
    assert_eq!((&came["text"], &came["from"]), (&json!("good morning"), &json!("berta@office.internal")));
    assert_eq!(came["mark"], "b1", "the id that her client knows it by");
    anna.say(json!({ "type": "typing", "to": "berta", "composing": true }));
    message(&mut berta, "typing", |element| element.child("composing", namespace::CHAT_STATES).is_some());
    anna.say(json!({ "type": "received", "to": "berta", "of": "b1" }));
    message(&mut berta, "a receipt", |element| {
        let received = element.child("received", namespace::RECEIPTS);
        received.is_some_and(|received| received.attribute("id") == Some("b1"))
    });
    anna.say(json!({ "type": "read", "to": "berta", "of": "b1" }));
    message(&mut berta, "a marker", |element| {
        let displayed = element.child("displayed", namespace::MARKERS);
        displayed.is_some_and(|displayed| displayed.attribute("id") == Some("b1"))
    });
}

#[test]
fn an_alert_that_is_confirmed_by_xmpp_is_withdrawn_in_the_browser_and_the_report_says_by_which() {
    let service = start(&["anna", "berta"]);
    let mut pages = ["anna", "berta"].map(|name| browser(&service, name));
    for page in &mut pages {
        page.expect("presence to be taken", |event| event["id"] == "presence");
    }
    let mut phone = Account::new("anna");
    phone.resource = "phone".to_owned();
    let mut anna = XmppConnection::sign_in(&service.address("xmpp", "starttls"), &phone).expect("a session");
    anna.write("<presence/>").expect("the connection lives");
    let sent = service.json(&["alert", "send", "--to", "anna,berta", "--choices", "Safe,Help", "Fire drill"]);
    let id = sent["id"].clone();
    message(&mut anna, "the alert", |element| element.attribute("id") == id.as_str());
    let [page, other] = &mut pages;
    for page in [&mut *page, &mut *other] {
        let alert = page.expect("the alert", |event| event["type"] == "alert");
        assert_eq!((&alert["id"], &alert["choices"]), (&id, &json!(["Safe", "Help"])));
    }
    anna.write(&chat("alerts", "answer", "safe")).expect("the connection lives");
    let answered = page.expect("the alert to be withdrawn", |event| event["type"] == "alert-answered");
    assert_eq!(
        (&answered["alert"], &answered["choice"], &answered["device"]),
        (&id, &json!("Safe"), &json!("phone"))
    );
    other.say(json!({ "type": "confirm", "alert": id, "choice": "Help", "id": "c1" }));
    other.expect("the confirmation", |event| event["type"] == "confirmed" && event["id"] == "c1");
    let report = service.json(&["alert", "report", id.as_str().expect("an id")]);
    let row = |name: &str| {
        let rows = report["recipients"].as_array().expect("rows").iter();
        rows.clone().find(|row| row["recipient"] == format!("user:{name}@{DOMAIN}")).expect("a row").clone()
    };
    assert_eq!(row("anna")["confirmation"]["protocol"], "xmpp");
    let confirmation = row("berta")["confirmation"].clone();
    assert_eq!((&confirmation["protocol"], &confirmation["choice"]), (&json!("web"), &json!("Help")));
}
