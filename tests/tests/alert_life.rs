//! An administrator with nothing but a terminal runs a drill for a building.

use std::fs;

use end_to_end::{Account, Service, ServiceOptions, XmppConnection, chat, wait::PATIENCE};
use serde_json::Value;
use xmpp::{Element, namespace};

fn start(people: &[&str]) -> Service {
    let options = ServiceOptions {
        configuration: "[alerts]\nrelease = [\"extreme\"]".to_owned(),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        ..ServiceOptions::default()
    };
    let service = Service::start(&options);
    for name in people {
        service.add_user(name, &Account::new(name).password);
    }
    service
}

fn sign_in(service: &Service, name: &str) -> XmppConnection {
    let address = service.address("xmpp", "starttls");
    let mut connection = XmppConnection::sign_in(&address, &Account::new(name)).expect("a session");
    connection.write("<presence/>").expect("the connection lives");
    // Who is listed as receiving gets alerts as they come.
    end_to_end::wait::until(&format!("{name} to receive"), || {
        let who = service.json(&["who"]);
        let own = format!("{name}@office.internal");
        who.as_array()?
            .iter()
            .any(|session| session["address"] == own && session["receives"] == true)
            .then_some(())
    });
    connection
}

/// The next message from the service whose body has these words.
fn told(connection: &mut XmppConnection, words: &str) -> Element {
    loop {
        let heard = connection.hear(PATIENCE).expect("the connection lives");
        let element = heard.unwrap_or_else(|| panic!("gave up waiting for {words}"));
        let bodies = element.children().filter(|child| child.is("body", namespace::CLIENT));
        if bodies.into_iter().any(|body| body.text().contains(words)) {
            return element;
        }
    }
}

fn row<'a>(report: &'a Value, name: &str) -> &'a Value {
    let wanted = format!("user:{name}@office.internal");
    report["recipients"]
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["recipient"] == *wanted)
        .expect("a row")
}

#[test]
fn a_drill_is_kept_as_a_template_released_escalated_recalled_reported_and_proven() {
    let mut service = start(&["anna", "bert", "chief"]);
    for (group, names) in [("building-2", &["anna", "bert"][..]), ("chiefs", &["chief"])] {
        service.ok(&["group", "add", group]);
        service.ok(&[&["group", "join", group], names].concat());
    }
    service.ok(&["user", "grant", "chief", "publish:group:building-2,group:chiefs"]);
    let counted = service.json(&["alert", "count", "group:building-2!bert"]);
    assert_eq!(counted["people"], 1);

    service.ok(&[
        "alert",
        "template",
        "put",
        "--name",
        "fire",
        "--variable",
        "where",
        "--to",
        "group:building-2",
        "--severity",
        "extreme",
        "--drill",
        "--choices",
        "Safe,Help",
        "--lang",
        "es:Incendio en {where}",
        "--escalate",
        "10s,<2,group:chiefs",
        "--repeat",
        "30s",
        "--expires",
        "1h",
        "Fire in {where}",
    ]);
    let missing = service.run(&["alert", "send", "--template", "fire"]);
    assert!(missing.code == 1 && missing.stderr.contains("\"where\""), "{}", missing.stderr);
    let sent = service.json(&[
        "alert",
        "send",
        "--template",
        "fire",
        "--set",
        "where=the cellar",
        "--key",
        "drill 1",
    ]);
    let id = sent["id"].as_str().expect("an id").to_owned();
    assert_eq!(sent["status"], "waiting");
    let again = service.json(&[
        "alert",
        "send",
        "--template",
        "fire",
        "--set",
        "where=the cellar",
        "--key",
        "drill 1",
    ]);
    assert_eq!(again["id"], *id, "the same word is the same alert");
    assert_eq!(service.run(&["alert", "release", &id]).code, 1, "nobody releases an own alert");

    let (mut anna, mut chief) = (sign_in(&service, "anna"), sign_in(&service, "chief"));
    told(&mut chief, "waits for somebody to release it");
    let released = service.json(&["alert", "release", &id, "--as", "chief"]);
    assert_eq!(released["status"], "in-force");
    told(&mut anna, "DRILL: EXTREME ALERT: Fire in the cellar");
    anna.write(&chat("alerts", "1", "safe")).expect("the connection lives");
    told(&mut anna, "is recorded");

    // In the middle of the wait for the escalation the process is killed.
    service.kill();
    service.launch();
    drop(chief);
    chief = sign_in(&service, "chief");
    told(&mut chief, "DRILL: EXTREME ALERT: Fire in the cellar");
    let report = service.json(&["alert", "report", &id]);
    assert_eq!(row(&report, "anna")["confirmation"]["choice"], "Safe");
    assert_eq!(row(&report, "bert")["stage"], "pending");
    assert_eq!(report["counts"]["recipients"], 3);
    assert_eq!(report["alert"]["progress"]["levels"], serde_json::json!([true]));

    service.ok(&["alert", "cancel", &id]);
    told(&mut chief, "DRILL: Called off: Fire in the cellar");
    let table = service.ok(&["alert", "report", "--csv", &id]);
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(
        table.contains("user:anna@office.internal,confirmed,") && table.contains(",Safe,xmpp,"),
        "{table}"
    );

    // The proof needs no service.
    let (alert, keys) = (service.folder().join("alert.json"), service.folder().join("keys.json"));
    fs::write(&alert, service.ok(&["--json", "alert", "show", &id])).expect("a file");
    fs::write(&keys, service.ok(&["--json", "alert", "keys", "list"])).expect("a file");
    service.ok(&["alert", "keys", "rotate"]);
    let verified = service.json(&["log", "verify"]);
    assert!(verified["intact"] == true && verified["signed_up_to"].is_number(), "{verified}");
    service.stop();
    let (alert, keys) = (alert.to_str().expect("a path"), keys.to_str().expect("a path"));
    service.ok(&["alert", "verify", alert, "--keys", keys]);
    let forged = fs::read_to_string(alert).expect("a file").replace("the cellar", "the attic");
    fs::write(alert, forged).expect("a file");
    assert_eq!(service.run(&["alert", "verify", alert, "--keys", keys]).code, 1);
    service.launch();
    service.ok(&["alert", "verify", &id]);
}

#[test]
fn a_planned_alert_survives_a_kill_and_comes_once_at_its_time() {
    let mut service = start(&["anna"]);
    let sent = service.json(&["alert", "send", "--to", "anna", "--at", "3s", "Later"]);
    assert_eq!(sent["status"], "planned");
    service.kill();
    service.launch();
    let mut anna = sign_in(&service, "anna");
    told(&mut anna, "INFORMATION: Later");
    for _ in 0..2 {
        service.kill();
        service.launch();
    }
    let log = service.json(&["log"]);
    let starts = log.as_array().expect("records").iter().filter(|record| record["action"] == "alert.start");
    assert_eq!(starts.count(), 1);
}

#[test]
fn who_is_erased_is_gone_from_reports_and_the_log_still_verifies() {
    let service = start(&["anna", "bert"]);
    let sent = service.json(&["alert", "send", "--to", "anna,bert", "Storm"]);
    let id = sent["id"].as_str().expect("an id");
    let mut anna = sign_in(&service, "anna");
    told(&mut anna, "Storm");
    anna.write(&chat("alerts", "1", "ok")).expect("the connection lives");
    told(&mut anna, "is recorded");
    let exported = service.ok(&["user", "export", "anna"]);
    let kinds: Vec<String> = exported
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON")["kind"].to_string())
        .collect();
    assert!(
        kinds.contains(&"\"account\"".to_owned()) && kinds.contains(&"\"receipt\"".to_owned()),
        "{exported}"
    );
    service.ok(&["user", "grant", "bert", "publish:user:anna:extreme"]);
    let erased = service.json(&["user", "erase", "anna"]);
    let report = service.ok(&["--json", "alert", "report", id]);
    assert!(
        report.contains(erased["pseudonym"].as_str().expect("a name")) && !report.contains("anna@"),
        "{report}"
    );
    let log = service.ok(&["--json", "log"]);
    assert!(!log.contains("anna@office.internal") && !log.contains("user:anna"), "{log}");
    service.ok(&["log", "verify"]);
}
