//! What goes from here to machines that take messenger messages; Samba's `smbd` is one.

use end_to_end::{
    NEIGHBOUR, Output, Peer, Service, ServiceOptions, alone,
    samba::{Received, Smbd},
    wait,
};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

fn service(windows_configuration: &str) -> Service {
    let windows_configuration = windows_configuration.to_owned();
    Service::start(&ServiceOptions { windows: true, windows_configuration, ..ServiceOptions::default() })
}

fn net_send(service: &Service, host: &str, text: &str) -> Output {
    service.run(&["net", "send", "PRESS1", text, "--host", host])
}

fn delivered(service: &Service, smbd: &Smbd, text: &str) -> Received {
    let output = net_send(service, NEIGHBOUR, text);
    assert_eq!(output.code, 0, "{output:?}\n{}", service.log());
    smbd.expect_message()
}

/// A messenger writes the end of a line so, and `smbd` hands it on as it is (MS-MSRP 2.2.3.1.1).
fn on_the_wire(text: &str) -> String {
    text.replace('\n', "\u{14}")
}

#[test]
fn a_message_to_a_samba_host_arrives_in_the_senders_name() {
    alone(|| {
        let (service, smbd) = (service(""), Smbd::start("CP850"));
        let received = delivered(&service, &smbd, "paper is empty");
        assert_eq!(received, Received { from: "ADMIN".to_owned(), text: "paper is empty".to_owned() });
        service.add_user("anna", PASSWORD);
        let output =
            service.run(&["net", "send", "PRESS1", "hello", "--host", "10.0.0.7:1139", "--as", "anna"]);
        assert_eq!(output.code, 0, "{output:?}");
        assert_eq!(smbd.expect_message(), Received { from: "ANNA".to_owned(), text: "hello".to_owned() });
        assert!(smbd.is_empty(), "each message arrived once");
    });
}

#[test]
fn a_long_message_of_several_lines_is_complete_and_in_order() {
    alone(|| {
        let (service, smbd) = (service(""), Smbd::start("CP850"));
        let text: String = (1..=200).map(|number| format!("line {number} äöü\n")).collect();
        // Samba hands each over by a process of its own, and the one may overtake the other.
        let mut parts = [delivered(&service, &smbd, text.trim_end()).text, smbd.expect_message().text];
        parts.sort();
        let (first, second) = (parts[0].strip_prefix("(1/2) "), parts[1].strip_prefix("(2/2) "));
        let said = format!("{} {}", first.expect("its number"), second.expect("its number"));
        let words = |text: &str| text.split([' ', '\n', '\u{14}']).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&said), words(text.trim_end()));
        // What one message carries is whole, line ends included.
        let short: String = (1..=100).map(|number| format!("line {number} äöü\n")).collect();
        assert_eq!(delivered(&service, &smbd, short.trim_end()).text, on_the_wire(short.trim_end()));
    });
}

#[test]
fn umlauts_arrive_as_they_were_written() {
    alone(|| {
        let (service, smbd) = (service(""), Smbd::start("CP850"));
        assert_eq!(delivered(&service, &smbd, "Grüße: ÄÖÜß é ½").text, "Grüße: ÄÖÜß é ½");
    });
}

#[test]
fn the_euro_arrives_where_the_code_page_has_it() {
    alone(|| {
        let (service, smbd) = (service("code_page = 858\n"), Smbd::start("CP858"));
        let output = net_send(&service, NEIGHBOUR, "5 € für Brötchen");
        assert_eq!((output.code, output.stderr.contains('€')), (0, false), "{output:?}");
        assert_eq!(smbd.expect_message().text, "5 € für Brötchen");
    });
}

#[test]
fn what_the_code_page_lacks_is_spelled_otherwise_and_the_sender_is_told() {
    alone(|| {
        let (service, smbd) = (service("code_page = 850\n"), Smbd::start("CP850"));
        let output = net_send(&service, NEIGHBOUR, "5 € für Brötchen");
        assert_eq!(output.code, 0, "{output:?}");
        assert!(output.stderr.contains('€'), "it is told to the person: {output:?}");
        assert_eq!(smbd.expect_message().text, "5 EUR für Brötchen");
        let told = service.json(&["net", "send", "PRESS1", "“5 €”", "--host", NEIGHBOUR]);
        assert_eq!(told["replaced"], json!(["“", "€", "”"]), "{told}");
        assert_eq!(smbd.expect_message().text, "\"5 EUR\"");
    });
}

#[test]
fn what_cannot_be_delivered_fails_and_says_why() {
    alone(|| {
        let (service, smbd) = (service(""), Smbd::start("CP850"));
        for (host, reasons) in [
            ("no-such-host.invalid", &["no-such-host.invalid", "could not be looked up"][..]),
            ("10.0.0.7:9", &["10.0.0.7:9", "nothing listens"]),
            ("127.0.0.1", &["127.0.0.1", "nothing listens"]),
            ("8.8.8.8", &["8.8.8.8", "outside the allowed networks"]),
        ] {
            let output = net_send(&service, host, "hello");
            assert_eq!(output.code, 1, "{host}: {output:?}");
            assert_eq!(output.stdout, "", "{host}");
            for reason in reasons {
                assert!(output.stderr.contains(reason), "{host}: {output:?}");
            }
        }
        assert!(smbd.is_empty());
    });
}

#[test]
fn a_machine_that_takes_no_messages_says_so_to_the_sender() {
    let (service, other) = (service(""), service(""));
    // Another service of this kind, at which nobody is signed in.
    let host = other.address("windows", "session");
    let output = service.run(&["net", "send", "NOBODY", "hello", "--host", &host]);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("NOBODY"), "{output:?}");
}

#[test]
fn a_name_without_a_host_is_a_person_here_by_name_or_netbios_spelling() {
    let service = service("");
    service.add_user("jürgen.vonderwaldsee", PASSWORD);
    let shown = service.json(&["user", "show", "jürgen.vonderwaldsee"]);
    let spelling = shown["netbios"].as_str().expect("a NetBIOS spelling");
    let mut peer = Peer::slixmpp(&service, "jürgen.vonderwaldsee", PASSWORD, json!({}));
    for (name, text) in
        [(spelling, "one"), (&spelling.to_lowercase(), "two"), ("jürgen.vonderwaldsee", "three")]
    {
        service.ok(&["net", "send", name, text]);
        let message = peer.expect_message(text);
        assert_eq!((&message["from"], &message["body"]), (&json!("admin@office.internal"), &json!(text)));
    }
    let output = service.run(&["net", "send", "NOBODY", "hello"]);
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("NOBODY"), "{output:?}");
}

#[test]
fn an_alert_to_a_computer_is_reported_as_delivered() {
    alone(|| {
        let (service, smbd) = (service(""), Smbd::start("CP850"));
        let to = format!("computer:PRESS1@{NEIGHBOUR}:1139");
        service.ok(&[
            "alert",
            "send",
            "--to",
            &to,
            "--severity",
            "severe",
            "Fire drill",
            "Leave the building",
        ]);
        let text = smbd.expect_message().text;
        assert!(text.starts_with(&on_the_wire("SEVERE: Fire drill\nLeave the building\n")), "{text:?}");
        let row = row_where(&service, |row| row["stage"] == "delivered");
        assert_eq!(row["recipient"], to);
        assert!(row["delivered_at"].is_string() && row["reason"].is_null(), "{row}");
        assert!(smbd.is_empty(), "one alert is one message");
    });
}

#[test]
fn an_alert_to_a_computer_that_is_off_stays_pending_with_the_reason() {
    alone(|| {
        let service = service("");
        let to = format!("computer:PRESS1@{NEIGHBOUR}:9");
        service.ok(&["alert", "send", "--to", &to, "Fire drill"]);
        let failed =
            |row: &Value| row["reason"].as_str().is_some_and(|reason| reason.contains("nothing listens"));
        let row = row_where(&service, failed);
        assert_eq!((&row["stage"], &row["recipient"]), (&json!("pending"), &json!(to)));
        let table = service.ok(&["alert", "report", "last"]);
        assert!(table.contains("nothing listens at 10.0.0.7:9"), "{table}");
    });
}

/// Waits until the only row of the last alert's report is like this.
fn row_where(service: &Service, wanted: impl Fn(&Value) -> bool) -> Value {
    wait::until("the report to say what became of the alert", || {
        let report = service.json(&["alert", "report", "last"]);
        let rows = report["recipients"].as_array().expect("rows").clone();
        assert_eq!(rows.len(), 1, "{report}");
        rows.into_iter().find(&wanted)
    })
}
