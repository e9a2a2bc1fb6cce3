//! The process is killed in the middle of its work, again and again.

use end_to_end::{
    Random, Service, full,
    load::{self, COUNTING, Load, PLAIN, SENDERS},
};
use serde_json::Value;

#[test]
fn whatever_the_service_accepted_arrives_once_though_it_is_killed_under_load() {
    let kills = if full() { 50 } else { 5 };
    let mut random = Random::new();
    let mut service = Service::start(&load::options());
    load::add_people(&service);
    let load = Load::start(&service, &mut random);
    for _ in 0..kills {
        load.go_on(random.between(100, 700));
        service.kill();
        service.launch();
    }
    load.go_on(100);
    let ledger = load.finish();

    println!("{kills} kills: {}", ledger.totals());
    for way in ["xmpp", "windows", "command line"] {
        println!("{way}: {} accepted", ledger.accepted_by(way));
        assert!(ledger.accepted_by(way) > 0, "nothing was sent by {way}: the load is none");
    }
    assert_eq!(ledger.missing(), Vec::<String>::new(), "accepted and never received");
    assert_eq!(ledger.doubled(), Vec::<String>::new(), "received under two ids");
    for recipient in COUNTING {
        assert_eq!(ledger.repeated(recipient), Vec::<String>::new(), "{recipient} got these twice");
        for sender in SENDERS {
            assert_eq!(ledger.out_of_order(recipient, sender), Vec::<String>::new(), "to {recipient}");
        }
    }
    alerts_are_as_they_were_accepted(&service, &ledger);
    let verified = service.run(&["log", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

fn alerts_are_as_they_were_accepted(service: &Service, ledger: &load::Ledger) {
    let alerts = ledger.alerts();
    assert!(!alerts.is_empty() && !ledger.confirmations().is_empty(), "no alert was sent and confirmed");
    for alert in &alerts {
        for recipient in COUNTING {
            assert_eq!(ledger.alert_came(recipient, alert), 1, "{alert} to {recipient}");
        }
        for recipient in PLAIN {
            assert!(ledger.alert_came(recipient, alert) > 0, "{alert} never came to {recipient}");
        }
        let report = service.json(&["alert", "report", alert]);
        for recipient in COUNTING {
            assert!(is_confirmed(&report, recipient), "{recipient} has confirmed {alert}: {report}");
        }
    }
    for (recipient, alert) in ledger.confirmations() {
        let report = service.json(&["alert", "report", &alert]);
        assert!(is_confirmed(&report, &recipient), "{recipient} has confirmed {alert}: {report}");
    }
}

fn is_confirmed(report: &Value, name: &str) -> bool {
    let address = format!("user:{name}@{}", end_to_end::DOMAIN);
    let rows = report["recipients"].as_array().expect("a list of recipients");
    rows.iter().any(|row| row["recipient"] == address && row["confirmation"].is_object())
}
