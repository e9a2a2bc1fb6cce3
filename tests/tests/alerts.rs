//! Alerts to people with XMPP clients, from the command line, with slixmpp.

use end_to_end::{Peer, Service, wait};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const ALERTS: &str = "alerts@office.internal";

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

/// A client that tells nothing of what it has, unless `receipts`.
fn sign_in_quiet(service: &Service, name: &str, receipts: bool) -> Peer {
    let options = json!({ "stream_management": false, "answer_pings": false, "receipts": receipts });
    Peer::slixmpp(service, name, PASSWORD, options)
}

/// Sends an alert and returns its id.
fn send(service: &Service, arguments: &[&str]) -> String {
    let sent = service.json(&[&["alert", "send"], arguments].concat());
    sent["id"].as_str().unwrap_or_else(|| panic!("no id in {sent}")).to_owned()
}

fn report(service: &Service, id: &str) -> Value {
    service.json(&["alert", "report", id])
}

/// One person's row of a report.
fn row(report: &Value, name: &str) -> Value {
    let wanted = format!("user:{name}@office.internal");
    let rows = report["recipients"].as_array().expect("rows");
    rows.iter()
        .find(|row| row["recipient"] == *wanted)
        .unwrap_or_else(|| panic!("no {name} in {report}"))
        .clone()
}

/// Waits until a person's row is at this stage.
fn wait_for_stage(service: &Service, id: &str, name: &str, stage: &str) -> Value {
    wait::until(&format!("{name} to be {stage}"), || {
        Some(row(&report(service, id), name)).filter(|row| row["stage"] == stage)
    })
}

fn child<'a>(message: &'a Value, name: &str) -> Option<&'a Value> {
    message["children"].as_array()?.iter().find(|child| child["name"] == name)
}

fn answer(peer: &mut Peer, word: &str) -> String {
    peer.send_chat(ALERTS, word);
    let reply = peer.expect("the answer to be answered", |event| {
        event["event"] == "message"
            && event["from"] == ALERTS
            && event["children"][0]["name"] == "{jabber:client}body"
            && child(event, "{urn:messngr:alert:0}alert").is_none()
    });
    reply["body"].as_str().expect("words").to_owned()
}

/// A step of the command by which alerts are confirmed (XEP-0050).
fn command(peer: &mut Peer, inside: &str) -> String {
    let payload = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='alerts/confirm' {inside}</command>"
    );
    peer.tell(&json!({ "do": "iq", "type": "set", "to": "office.internal", "payload": payload }));
    let result = peer.expect("the command to be answered", |event| event["event"] == "iq");
    assert_eq!(result["kind"], "result", "{result}");
    result["xml"].as_str().expect("XML").to_owned()
}

/// What stands between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to).unwrap_or_else(|| panic!("no {to} in {rest}")).0
}

#[test]
fn an_administrator_sees_who_got_an_alert_who_looked_and_who_confirmed_it_how_and_when() {
    let service = service_with(&["anna", "bob", "carl"]);
    let (mut anna, mut bob) = (sign_in(&service, "anna"), sign_in(&service, "bob"));
    let id = send(
        &service,
        &[
            "--to",
            "everyone",
            "--severity",
            "severe",
            "--choices",
            "Yes,No",
            "Server room on fire",
            "Are you out?",
        ],
    );
    let alert = anna.expect_message("Server room on fire");
    assert_eq!((&alert["from"], &alert["id"]), (&json!(ALERTS), &json!(id)));
    let body = alert["body"].as_str().unwrap();
    assert!(
        body.contains("SEVERE ALERT") && body.contains("Are you out?") && body.contains("Yes or No"),
        "{body}"
    );
    let responses: Vec<&Value> = alert["children"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|child| child["name"] == "{urn:xmpp:tmp:quick-response}response")
        .map(|child| &child["attributes"]["value"])
        .collect();
    assert_eq!(responses, ["Yes", "No"]);
    assert!(child(&alert, "{urn:xmpp:receipts}request").is_some());
    assert!(child(&alert, "{urn:xmpp:chat-markers:0}markable").is_some());
    let details = child(&alert, "{urn:messngr:alert:0}alert").expect("what our own clients read");
    assert_eq!(
        details["attributes"]["signature"].as_str().unwrap().split('.').count(),
        3,
        "a JWS: {details}"
    );
    bob.expect_message("Server room on fire");

    let delivered = wait_for_stage(&service, &id, "anna", "delivered");
    assert!(delivered["delivered_at"].is_string() && delivered["seen_at"].is_null(), "{delivered}");
    anna.tell(&json!({ "do": "displayed", "to": ALERTS, "id": id }));
    assert!(wait_for_stage(&service, &id, "anna", "seen")["seen_at"].is_string());
    assert_eq!(answer(&mut anna, "yES"), "Your answer \"Yes\" to \"Server room on fire\" is recorded.");

    let form = command(&mut bob, "action='execute'>");
    let session = between(&form, "sessionid=\"", "\"").to_owned();
    assert!(form.contains("Server room on fire: Yes") && form.contains("status=\"executing\""), "{form}");
    let completed = command(
        &mut bob,
        &format!(
            "sessionid='{session}' action='complete'><x xmlns='jabber:x:data' type='submit'>\
             <field var='answer'><value>{id} No</value></field></x>"
        ),
    );
    assert!(completed.contains("status=\"completed\"") && completed.contains("is recorded"), "{completed}");

    let before = report(&service, &id);
    assert_eq!(
        before["counts"],
        json!({ "recipients": 4, "pending": 2, "delivered": 0, "seen": 0, "confirmed": 2, "late": 0 })
    );
    for (name, choice) in [("anna", "Yes"), ("bob", "No")] {
        let confirmation = &row(&before, name)["confirmation"];
        assert_eq!((&confirmation["choice"], &confirmation["protocol"]), (&json!(choice), &json!("xmpp")));
        assert_eq!(confirmation["device"], format!("{name}-slixmpp"));
        assert_eq!(confirmation["source"], "127.0.0.1");
        assert!(confirmation["at"].is_string());
    }
    for name in ["admin", "carl"] {
        let row = row(&before, name);
        assert_eq!((&row["stage"], &row["reason"]), (&json!("pending"), &json!("not signed in")));
    }
    let table = service.ok(&["alert", "report", &id]);
    assert!(table.lines().next().unwrap().contains("2 of 4 confirmed"), "{table}");
    for (name, words) in [
        ("anna", ["Yes", "anna-slixmpp"]),
        ("bob", ["No", "bob-slixmpp"]),
        ("carl", ["pending", "not signed in"]),
    ] {
        let line =
            table.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in {table}"));
        assert!(words.iter().all(|word| line.contains(word)), "{table}");
    }

    let mut carl = sign_in(&service, "carl");
    assert_eq!(carl.expect_message("Server room on fire")["id"], json!(id));
    wait_for_stage(&service, &id, "carl", "delivered");
    assert!(service.ok(&["log"]).contains("alert.confirm"));
    service.ok(&["log", "verify"]);
}

#[test]
fn a_receipt_alone_says_delivered_and_a_client_that_says_nothing_is_reported_as_such() {
    let service = service_with(&["anna", "bob"]);
    let (mut anna, mut bob) = (sign_in_quiet(&service, "anna", true), sign_in_quiet(&service, "bob", false));
    let id = send(&service, &["--to", "user:anna,user:bob", "Drill"]);
    anna.expect_message("Drill");
    bob.expect_message("Drill");
    wait_for_stage(&service, &id, "anna", "delivered");
    bob.leftovers();
    let bob = row(&report(&service, &id), "bob");
    assert_eq!(bob["stage"], "pending");
    assert_eq!(bob["reason"], "signed in, and the client has not acknowledged it");
}

#[test]
fn an_alert_that_is_called_off_is_called_off_on_every_screen() {
    let service = service_with(&["anna", "bob"]);
    let mut anna = sign_in(&service, "anna");
    let id = send(&service, &["--to", "everyone", "Fire"]);
    anna.expect_message("Fire");
    service.ok(&["alert", "cancel", &id]);
    anna.expect_message("Called off: Fire");
    assert_eq!(answer(&mut anna, "OK"), "No alert is waiting for your answer.");
    let report = report(&service, &id);
    assert_eq!(report["alert"]["status"], "cancelled");
    assert_eq!(row(&report, "bob")["reason"], "not signed in until the alert was cancelled");
    assert_eq!(row(&report, "anna")["stage"], "delivered");
    assert_ne!(service.run(&["alert", "cancel", &id]).code, 0, "it is over");
    // Who comes now is not frightened by it.
    let mut bob = sign_in(&service, "bob");
    send(&service, &["--to", "user:bob", "Another"]);
    bob.expect_message("Another");
    let left = bob.leftovers();
    assert!(
        !left.iter().any(|event| event["body"].as_str().is_some_and(|body| body.contains("Fire"))),
        "{left:?}"
    );
}

#[test]
fn an_alert_ends_by_itself_and_people_are_told() {
    let service = service_with(&["anna"]);
    let mut anna = sign_in(&service, "anna");
    let id = send(&service, &["--to", "everyone", "--expires", "2s", "Lunch is ready"]);
    anna.expect_message("INFORMATION: Lunch is ready");
    anna.expect_message("No longer in force: Lunch is ready");
    let report = report(&service, &id);
    assert_eq!(report["alert"]["status"], "expired");
    assert_eq!(row(&report, "admin")["reason"], "not signed in until the alert was expired");
    assert_eq!(answer(&mut anna, "ok"), "No alert is waiting for your answer.");
}

#[test]
fn an_alert_ends_by_itself_also_when_the_service_was_killed_meanwhile() {
    let mut service = service_with(&["anna"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({ "reconnect": true }));
    let id = send(&service, &["--to", "everyone", "--expires", "2s", "Lunch is ready"]);
    anna.expect_message("Lunch is ready");
    service.kill();
    service.launch();
    anna.expect_message("No longer in force: Lunch is ready");
    assert_eq!(report(&service, &id)["alert"]["status"], "expired");
}

#[test]
fn a_word_that_answers_nothing_is_answered_with_the_words_that_do() {
    let service = service_with(&["anna"]);
    let mut anna = sign_in(&service, "anna");
    assert_eq!(answer(&mut anna, "hello?"), "No alert is waiting for your answer.");
    send(&service, &["--to", "user:anna", "--choices", "Coming,Not coming", "Meeting"]);
    anna.expect_message("Meeting");
    let reply = answer(&mut anna, "perhaps");
    assert_eq!(reply, "That answers no alert. These wait for your answer:\nMeeting: Coming / Not coming");
}

#[test]
fn an_answer_goes_to_the_newest_alert_that_offers_it_and_the_first_answer_counts() {
    let service = service_with(&["anna"]);
    let mut anna = sign_in(&service, "anna");
    let older = send(&service, &["--to", "user:anna", "--choices", "Yes,No", "Older"]);
    let newer = send(&service, &["--to", "user:anna", "--choices", "Yes,No", "Newer"]);
    let newest = send(&service, &["--to", "user:anna", "--choices", "Red,Blue", "Newest"]);
    anna.expect_message("Newest");
    assert_eq!(answer(&mut anna, "yes"), "Your answer \"Yes\" to \"Newer\" is recorded.");
    let form = format!(
        "action='complete'><x xmlns='jabber:x:data' type='submit'><field var='answer'><value>{newer} No</value></field></x>"
    );
    let completed = command(&mut anna, &form).replace("&quot;", "\"");
    assert!(completed.contains("You have answered \"Newer\" before; \"Yes\" counts."), "{completed}");
    assert_eq!(answer(&mut anna, "No"), "Your answer \"No\" to \"Older\" is recorded.");
    for (id, choice) in [(older, json!("No")), (newer, json!("Yes")), (newest, Value::Null)] {
        assert_eq!(row(&report(&service, &id), "anna")["confirmation"]["choice"], choice);
    }
}

#[test]
fn an_alert_is_shown_until_it_is_confirmed_however_often_the_service_is_killed() {
    let mut service = service_with(&["anna"]);
    let id = send(&service, &["--to", "everyone", "Read the rules"]);
    for _ in 0..2 {
        service.kill();
        service.launch();
        let mut anna = sign_in(&service, "anna");
        assert_eq!(anna.expect_message("Read the rules")["id"], json!(id));
        anna.sign_out();
    }
    let mut anna = sign_in(&service, "anna");
    anna.expect_message("Read the rules");
    answer(&mut anna, "ok");
    service.kill();
    service.launch();
    assert_eq!(row(&report(&service, &id), "anna")["confirmation"]["choice"], "OK");
    let mut anna = sign_in(&service, "anna");
    send(&service, &["--to", "everyone", "Another"]);
    anna.expect_message("Another");
    assert!(!anna.leftovers().iter().any(|event| event["event"] == "message"));
    service.ok(&["log", "verify"]);
}

#[test]
fn what_need_not_be_confirmed_is_shown_once_and_asks_for_nothing() {
    let service = service_with(&["anna"]);
    let mut anna = sign_in(&service, "anna");
    let id = send(&service, &["--to", "user:anna", "--no-confirm", "Cake in the kitchen"]);
    let alert = anna.expect_message("Cake in the kitchen");
    assert!(child(&alert, "{urn:xmpp:tmp:quick-response}response").is_none(), "{alert}");
    assert!(!alert["body"].as_str().unwrap().contains("answer"));
    wait_for_stage(&service, &id, "anna", "delivered");
    anna.sign_out();
    let mut anna = sign_in(&service, "anna");
    send(&service, &["--to", "user:anna", "Another"]);
    anna.expect_message("Another");
    assert!(!anna.leftovers().iter().any(|event| event["event"] == "message"));
}

#[test]
fn only_administrators_send_alerts_and_call_them_off() {
    let service = service_with(&["anna", "bob"]);
    let mut bob = sign_in(&service, "bob");
    let refused = service.run(&["alert", "send", "--as", "anna", "--to", "everyone", "I am the boss"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("administrator") && refused.stdout.is_empty(), "{}", refused.stderr);
    let unknown = service.run(&["alert", "send", "--as", "nobody", "--to", "everyone", "I am nobody"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("nobody"), "{}", unknown.stderr);
    let id = send(&service, &["--to", "everyone", "From the real boss"]);
    assert_ne!(service.run(&["alert", "cancel", "--as", "anna", &id]).code, 0);
    bob.expect_message("From the real boss");
    assert!(!bob.leftovers().iter().any(|event| event["event"] == "message"));
    service.ok(&["user", "set", "anna", "--admin", "yes"]);
    service.ok(&["alert", "send", "--as", "anna", "--to", "user:bob", "I am the boss now"]);
    assert!(
        bob.expect_message("I am the boss now")["body"].as_str().unwrap().contains("anna@office.internal")
    );
}

#[test]
fn a_person_with_two_devices_confirms_on_one_and_the_report_names_it() {
    let service = service_with(&["anna"]);
    let device = |name: &str| {
        let options = json!({ "jid": format!("anna@office.internal/{name}") });
        Peer::slixmpp(&service, "anna", PASSWORD, options)
    };
    let (mut desk, mut phone) = (device("desk"), device("phone"));
    let id = send(&service, &["--to", "user:anna", "Where are you?"]);
    desk.expect_message("Where are you?");
    phone.expect_message("Where are you?");
    answer(&mut phone, "OK");
    let report = report(&service, &id);
    assert_eq!(report["counts"]["recipients"], 1);
    assert_eq!(row(&report, "anna")["confirmation"]["device"], "phone");
}
