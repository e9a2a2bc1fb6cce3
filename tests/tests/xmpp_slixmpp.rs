//! slixmpp's own integration tests, as they come with its sources, against the service.

use std::{collections::BTreeMap, process::Command};

use end_to_end::{DOMAIN, Service, ServiceOptions, alone, package_path, peers_folder};
use serde_json::{Value, json};

const VERSION: &str = "1.17.0";
const PASSWORD: &str = "correct horse battery";

/// Where the tests look for the service.
const PORTS: [&str; 2] = ["127.0.0.1:5222", "127.0.0.1:5223"];

/// What the service has everything for.
const PASSING: &[&str] = &[
    "test_basic_connect_and_message.test_send_message",
    "test_blocking.test_blocking",
    "test_bob.test_bob",
    "test_chatmarkers.test_send_marker",
    "test_disco.test_features",
    "test_ibb.test_ibb",
    "test_last_activity.test_activity",
    "test_mam.test_mam_iterate",
    "test_mam.test_mam_retrieve",
    "test_ping.test_ping",
    "test_privatestorage.test_privatestorage",
    "test_quickresponse.test_quickresponse",
    "test_reactions.test_send_reaction",
    "test_reconnect.test_disconnect_connect",
    "test_reconnect.test_reconnect",
    "test_retract.test_retract_msg",
    "test_slow_filters.test_filters",
    "test_tls_check.test_connect_custom",
    "test_tls_check.test_connect_custom_fail",
    "test_tls_check.test_connect_custom_fail2",
    "test_tls_check.test_connect_direct_tls",
    "test_tls_check.test_connect_starttls",
    "test_tls_check.test_validate_cert_custom",
    "test_vcard.test_vcard",
    "test_vcard_avatar.test_set_avatar",
    "test_version.test_version",
];

/// What it lacks something for, and what.
const LACKING: &[(&str, &str)] = &[
    (
        "test_component.test_ping",
        "XEP-0114: components; the test runs in its project's own building machine only",
    ),
    ("test_httpupload.test_httpupload", "XEP-0363: upload of files"),
    ("test_moderate.test_moderate_msg", "XEP-0045: rooms"),
    ("test_muc.test_initial_join", "XEP-0045: rooms"),
    ("test_muc.test_join_after_config", "XEP-0045: rooms"),
    ("test_muc.test_kick", "XEP-0045: rooms"),
    ("test_muc.test_nick_change_leave", "XEP-0045: rooms"),
    ("test_muc.test_setup_muc", "XEP-0045: rooms"),
    ("test_pep.test_pep_private", "XEP-0163: personal eventing"),
    ("test_pep.test_pep_public", "XEP-0163: personal eventing"),
    ("test_selfping.test_presence_monitor", "XEP-0045: rooms"),
    ("test_sos.test_sos", "XEP-0455: service outage status"),
    ("test_user_avatar.test_set_avatar", "XEP-0163: personal eventing"),
];

#[test]
fn slixmpp_finds_what_it_tests_servers_for() {
    alone(|| {
        let options =
            ServiceOptions { xmpp_listen: Some(PORTS.map(str::to_owned)), ..ServiceOptions::default() };
        let service = Service::start(&options);
        for name in ["one", "two"] {
            service.add_user(name, PASSWORD);
        }
        let outcomes = run(&service);
        let known = PASSING.iter().copied().chain(LACKING.iter().map(|(test, _)| *test));
        let expected: BTreeMap<String, &str> =
            known.map(|test| (test.to_owned(), expectation(test))).collect();
        let found: BTreeMap<String, &str> =
            outcomes.iter().map(|(test, (outcome, _))| (test.clone(), outcome.as_str())).collect();
        assert_eq!(found, expected, "{outcomes:#?}");
    });
}

fn expectation(test: &str) -> &'static str {
    if PASSING.contains(&test) { "passed" } else { "left out" }
}

/// What became of each test, and why.
fn run(service: &Service) -> BTreeMap<String, (String, String)> {
    let left_out: Vec<&str> = LACKING.iter().map(|(test, _)| *test).collect();
    let mut command = Command::new(peers_folder().join("venv/bin/python"));
    command
        .arg(package_path("peers/slixmpp_integration.py"))
        .arg(peers_folder().join(format!("slixmpp-{VERSION}")))
        .arg(json!(left_out).to_string())
        .env("SSL_CERT_FILE", service.authority());
    for (account, name) in [("CI_ACCOUNT1", "one"), ("CI_ACCOUNT2", "two")] {
        command.env(account, format!("{name}@{DOMAIN}")).env(format!("{account}_PASSWORD"), PASSWORD);
    }
    let output = command.output().expect("slixmpp is installed");
    let (said, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the tests did not run to their end:\n{said}\n{complaints}");
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    lines.map(|line| (text(&line, "test"), (text(&line, "outcome"), text(&line, "why")))).collect()
}
