//! The Alerter: what is not normal on the host, told by every door, once, and again when it is normal.

use std::{fs, process::Command};

use end_to_end::{NEIGHBOUR, Peer, Service, ServiceOptions, Upsd, alone, samba::Smbd, wait};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

fn service(options: ServiceOptions) -> Service {
    let configuration = format!(
        "[alerter]\ndisks = []\ninterval_seconds = 1\nbattery_seconds = 1\n{}",
        options.configuration
    );
    // A disk of its own: what those of this machine have is nothing that a test knows.
    let disk_bytes = options.disk_bytes.or(Some(256 << 20));
    let service = Service::start(&ServiceOptions { configuration, disk_bytes, ..options });
    service.add_user("anna", PASSWORD);
    service.ok(&["user", "set", "anna", "--admin", "yes"]);
    service
}

fn anna(service: &Service) -> Peer {
    Peer::slixmpp(service, "anna", PASSWORD, json!({}))
}

/// A sign-in with a wrong password; says which status it was answered with.
fn wrong_sign_in(service: &Service, name: &str) -> String {
    let address = format!("http://{}/api/v1/me", service.address("web", "http"));
    let output = Command::new("curl")
        .args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--user"])
        .args([format!("{name}:wrong"), address])
        .output()
        .expect("curl is there");
    String::from_utf8(output.stdout).expect("a number")
}

/// The bodies of all messages that came and were not taken out.
fn leftovers(peer: &mut Peer) -> Vec<String> {
    let bodies = peer.leftovers().into_iter().filter(|event| event["event"] == "message");
    bodies.map(|event| event["body"].as_str().unwrap_or_default().to_owned()).collect()
}

fn kinds(service: &Service) -> Vec<Value> {
    let listed = service.json(&["alerter", "list"]);
    listed.as_array().expect("a list").iter().map(|condition| condition["kind"].clone()).collect()
}

#[test]
fn a_hundred_failed_sign_ins_are_one_notice() {
    let service = service(ServiceOptions::default());
    let mut anna = anna(&service);
    let answers: Vec<String> = (0..100).map(|_| wrong_sign_in(&service, "nobody")).collect();
    assert!(answers.iter().all(|status| status == "401" || status == "429"), "{answers:?}");
    let told = anna.expect_message("failed sign-ins from 127.0.0.1 within 1 minute");
    assert!(told["body"].as_str().is_some_and(|body| body.starts_with("MINOR ALERT: ")), "{told}");
    assert_eq!(leftovers(&mut anna), Vec::<String>::new());
    assert_eq!(kinds(&service), ["failed-sign-ins"]);
}

#[test]
fn what_a_script_raises_comes_to_people_and_machines_and_its_end_too() {
    alone(|| {
        let windows_configuration =
            format!("alert_names = [\"group:ops\", \"computer:PRESS1@{NEIGHBOUR}\"]\n");
        let service =
            service(ServiceOptions { windows: true, windows_configuration, ..ServiceOptions::default() });
        service.add_user("bert", PASSWORD);
        service.ok(&["group", "add", "ops"]);
        service.ok(&["group", "join", "ops", "bert"]);
        let smbd = Smbd::start("CP850");
        let mut bert = Peer::slixmpp(&service, "bert", PASSWORD, json!({ "lang": "es" }));
        let mut anna = anna(&service);

        let raise = ["alerter", "raise", "--subject", "cups", "--kind", "service-failed", "exit code 1"];
        assert_eq!(service.run(&raise).code, 0);
        bert.expect_message("ALERTA MODERADA: El servicio cups ha fallado: exit code 1");
        let received = smbd.expect_message();
        assert_eq!(received.from, "OFFICESRV");
        assert_eq!(
            received.text,
            "The service cups has failed: exit code 1\u{14}El servicio cups ha fallado: exit code 1"
        );
        assert_eq!(service.json(&raise)["count"], 2, "and nobody is told again");
        assert_eq!(kinds(&service), ["service-failed"]);

        assert_eq!(service.json(&["alerter", "clear", "--subject", "cups"]), json!({ "cleared": 1 }));
        bert.expect_message("Vuelve a la normalidad: el servicio cups");
        assert!(smbd.expect_message().text.starts_with("Back to normal: the service cups\u{14}"));
        assert_eq!(service.json(&["alerter", "clear", "--subject", "cups"]), json!({ "cleared": 0 }));
        assert!(kinds(&service).is_empty());
        let rest = leftovers(&mut bert);
        assert!(rest.iter().all(|body| body.starts_with("Sustituida por otra más nueva")), "{rest:?}");
        assert_eq!(leftovers(&mut anna), Vec::<String>::new(), "an administrator who is not named");
        assert!(smbd.is_empty());
    });
}

#[test]
fn a_disk_that_is_filling_is_told_and_that_it_has_room_again() {
    let service = service(ServiceOptions { disk_bytes: Some(64 << 20), ..ServiceOptions::default() });
    let mut anna = anna(&service);
    assert_eq!(kinds(&service), Vec::<Value>::new());
    let ballast = service.data().join("ballast");
    fs::write(&ballast, vec![0; 54 << 20]).expect("there is room for it");
    let place = format!("The disk at {} is filling: ", service.data().display());
    let told = anna.expect_message(&place);
    assert!(told["body"].as_str().is_some_and(|body| body.contains("of 64.0 MiB are free")), "{told}");
    fs::remove_file(ballast).expect("it is there");
    anna.expect_message(&format!("Back to normal: the disk at {} has enough room", service.data().display()));
    assert_eq!(kinds(&service), Vec::<Value>::new());
}

#[test]
fn power_from_a_battery_is_told_as_network_ups_tools_know_it() {
    alone(|| {
        let upsd = Upsd::start("OL");
        let service = service(ServiceOptions::default());
        let mut anna = anna(&service);
        wait::until("the service to ask upsd", || {
            service.log().contains("power supplies are looked at").then_some(())
        });
        upsd.set("OB DISCHRG");
        anna.expect_message("MODERATE ALERT: The power supply rack is on battery");
        upsd.set("OB LB DISCHRG");
        anna.expect_message("SEVERE ALERT: The power supply rack is on battery, which is nearly empty");
        upsd.set("OL CHRG");
        anna.expect_message("Back to normal: the power supply rack has mains power");
        let rest = leftovers(&mut anna);
        assert!(rest.iter().all(|body| body.starts_with("Replaced by a newer alert")), "{rest:?}");
    });
}

#[test]
fn a_restart_tells_nothing_twice() {
    let mut service = service(ServiceOptions::default());
    service.ok(&["alerter", "raise", "--subject", "backup", "--level", "severe", "The backup failed"]);
    wait::until("it to be told", || {
        service.json(&["alerter", "list"])[0]["told_at"].is_string().then_some(())
    });
    service.kill();
    service.launch();
    let listed = service.json(&["alerter", "list"]);
    assert_eq!((&listed[0]["subject"], &listed[0]["severity"]), (&json!("backup"), &json!("severe")));
    let mut anna = anna(&service);
    anna.expect_message("SEVERE ALERT: backup: The backup failed");
    service.ok(&["alerter", "clear", "--subject", "backup"]);
    anna.expect_message("Back to normal: backup");
    let rest = leftovers(&mut anna);
    assert!(rest.iter().all(|body| body.starts_with("Replaced by a newer alert")), "{rest:?}");
}

#[test]
fn what_was_taken_and_not_told_yet_is_known_after_a_kill() {
    let mut service = service(ServiceOptions::default());
    // As many are told at once as may be, and the last waits.
    for number in 1..=7 {
        service.ok(&["alerter", "raise", "--subject", &format!("job {number}"), "failed"]);
    }
    let mut before = anna(&service);
    before.expect_message("job 1: failed");
    service.ok(&["alerter", "clear", "--subject", "job 1"]);
    service.kill();
    drop(before);
    service.launch();
    let listed = service.json(&["alerter", "list"]);
    let subjects: Vec<&str> =
        listed.as_array().expect("a list").iter().filter_map(|one| one["subject"].as_str()).collect();
    assert_eq!(subjects, ["job 2", "job 3", "job 4", "job 5", "job 6", "job 7"]);
    let mut anna = anna(&service);
    anna.expect_message("job 7");
    anna.expect_message("Back to normal: job 1");
}

#[test]
fn mistakes_and_a_service_that_does_not_run_have_exit_codes_of_their_own() {
    let mut service = service(ServiceOptions {
        configuration: "off = [\"on-battery\"]\n".into(),
        ..ServiceOptions::default()
    });
    for (arguments, why) in [
        (&["alerter", "raise", "--kind", "refused-source", "x"][..], "found out by the service itself"),
        (&["alerter", "raise", "--kind", "on-battery", "--subject", "u", "x"], "switched off"),
        (&["alerter", "raise", "--kind", "service-failed", "x"], "a service or a store has one"),
        (&["alerter", "raise", ""], "1 to 500 characters"),
    ] {
        let output = service.run(arguments);
        assert!(output.code == 1 && output.stderr.contains(why), "{arguments:?}: {output:?}");
    }
    assert_eq!(service.run(&["alerter", "raise", "--kind", "nonsense", "x"]).code, 2);
    service.stop();
    assert_eq!(service.run(&["alerter", "raise", "x"]).code, 2);
}
