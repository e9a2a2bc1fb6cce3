//! What the command line says of alerts: which one is meant, what waits for whom, and how many there are.

use end_to_end::{Account, Service, ServiceOptions};
use serde_json::{Value, json};

fn start() -> Service {
    let options = ServiceOptions {
        configuration: "[alerts]\nrelease = [\"extreme\"]".to_owned(),
        ..ServiceOptions::default()
    };
    let service = Service::start(&options);
    for name in ["anna", "bert"] {
        service.add_user(name, &Account::new(name).password);
    }
    service.ok(&["user", "grant", "anna", "publish:everyone"]);
    service
}

fn id(alert: &Value) -> String {
    alert["id"].as_str().expect("an id").to_owned()
}

#[test]
fn the_last_alert_is_ones_own_and_one_for_which_the_verb_makes_sense() {
    let service = start();
    let own = id(&service.json(&["alert", "send", "--to", "bert", "By admin"]));
    let draft = id(&service.json(&["alert", "send", "--draft", "--to", "bert", "Draft of admin"]));
    let annas = id(&service.json(&["alert", "send", "--to", "bert", "--as", "anna", "By anna"]));
    let waiting = id(&service.json(&[
        "alert",
        "send",
        "--to",
        "bert",
        "--as",
        "anna",
        "--severity",
        "extreme",
        "Evacuate",
    ]));
    let shown = |arguments: &[&str]| id(&service.json(&[&["alert", "show", "last"], arguments].concat()));
    assert_eq!(shown(&[]), own);
    assert_eq!(shown(&["--as", "anna"]), waiting);
    let sent = service.run(&["alert", "draft", "send", "last"]);
    assert!(
        sent.code == 0 && sent.stderr.contains(&draft) && sent.stderr.contains("Draft of admin"),
        "{}",
        sent.stderr
    );
    let released = service.run(&["alert", "release", "last"]);
    assert!(released.code == 0 && released.stderr.contains(&waiting), "{}", released.stderr);
    let cancelled = service.run(&["alert", "cancel", "last", "--as", "anna"]);
    assert!(cancelled.code == 0 && cancelled.stderr.contains(&waiting), "{}", cancelled.stderr);
    let cancelled = service.run(&["alert", "cancel", "last", "--as", "anna"]);
    assert!(cancelled.code == 0 && cancelled.stderr.contains(&annas), "{}", cancelled.stderr);
    let none = service.run(&["alert", "cancel", "last", "--as", "anna"]);
    assert!(none.code == 1 && none.stderr.contains("alert list --all"), "{}", none.stderr);
    let none = service.run(&["alert", "draft", "delete", "last"]);
    assert!(none.code == 1 && none.stderr.contains("no draft"), "{}", none.stderr);
}

#[test]
fn what_waits_for_a_release_is_listed_and_said_to_wait() {
    let service = start();
    let sent = service.run(&[
        "alert",
        "send",
        "--to",
        "bert",
        "--severity",
        "extreme",
        "--expires",
        "2h",
        "Evacuate",
    ]);
    assert!(sent.stderr.contains("waits for a second person"), "{}", sent.stderr);
    let listed = service.ok(&["alert", "list"]);
    assert!(listed.contains("waiting for release") && listed.contains("Evacuate"), "{listed}");
    let waiting = service.ok(&["alert", "show", "last"]);
    assert!(waiting.contains("7200 s after it takes effect"), "{waiting}");
    let refused = service.run(&["alert", "release", "last", "--as", "bert"]);
    assert!(refused.code == 1 && refused.stderr.contains("messngr user grant"), "{}", refused.stderr);
    let schedule =
        ["alert", "schedule", "add", "--name", "siren", "--rule", "0 12 * * mon", "--zone", "Asia/Tokyo"];
    let added =
        service.run(&[&schedule[..], &["--to", "everyone", "--severity", "extreme", "Siren"]].concat());
    assert!(added.code == 0 && added.stderr.contains("waits for a second person"), "{}", added.stderr);
    assert!(added.stdout.contains(" 12:00"), "in the time of its zone: {}", added.stdout);
}

#[test]
fn a_schedule_by_a_template_sends_what_the_template_says() {
    let service = start();
    let template = ["alert", "template", "put", "--name", "outage", "--variable", "what", "--to", "everyone"];
    let words =
        ["--expires", "4h", "--drill", "--repeat", "5m", "--lang", "es:{what} no va", "{what} is down"];
    let put = service.ok(&[&template[..], &words].concat());
    let shown = service.ok(&["alert", "template", "show", "outage"]);
    for said in ["14400 s", "drill", "every 300 s", "es: {what} no va"] {
        assert!(put.contains(said) && shown.contains(said), "{said}: {shown}");
    }
    let schedule = service.json(&[
        "alert",
        "schedule",
        "add",
        "--name",
        "mondays",
        "--rule",
        "0 6 * * mon",
        "--template",
        "outage",
        "--set",
        "what=Mail",
    ]);
    assert_eq!(schedule["draft"]["headline"], "Mail is down");
    assert_eq!(
        (&schedule["expires_after_seconds"], &schedule["draft"]["drill"]),
        (&json!(14_400), &json!(true))
    );
}

#[test]
fn what_is_sent_again_under_its_key_is_said_to_have_been_sent_before() {
    let service = start();
    let keyed = ["alert", "send", "--to", "bert", "--key", "job 7", "Disk full"];
    let first = service.run(&keyed);
    assert!(first.stderr.contains("The alert was sent"), "{}", first.stderr);
    let again = service.run(&keyed);
    assert!(again.code == 0 && again.stderr.contains("sent before with the same key"), "{}", again.stderr);
    assert_eq!(first.stdout, again.stdout, "it is the same one");
    let planned = service.json(&["alert", "send", "--to", "bert", "--at", "in 2h", "Later"]);
    assert_eq!(planned["status"], "planned");
    let counted = service.ok(&["alert", "count", "bert"]);
    assert_eq!(counted.trim(), "1 person, who cannot be reached now.");
    let half = service.run(&["alert", "count", "bert &"]);
    assert!(half.stderr.contains("at its end"), "{}", half.stderr);
    let rights = service.run(&["user", "rights", "bert"]);
    assert!(rights.stderr.contains("what everybody may"), "{}", rights.stderr);
}

#[test]
fn all_alerts_are_listed_also_those_beyond_the_first_thousand() {
    const COUNT: usize = 1_004;
    let service = start();
    let first = id(&service.json(&["alert", "send", "--draft", "--to", "bert", "The first"]));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let write = || {
                for _ in 0..COUNT / 4 {
                    service.ok(&["alert", "send", "--draft", "--to", "bert", "x"]);
                }
            };
            scope.spawn(write);
        }
    });
    let all = service.json(&["alert", "list", "--all"]);
    assert_eq!(all.as_array().map(Vec::len), Some(COUNT + 1));
    let beginning = service.json(&["alert", "show", &first[..14]]);
    assert_eq!(id(&beginning), first, "also by the beginning of its id");
}
