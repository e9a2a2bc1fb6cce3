//! The description of the interface is true: a program that knows nothing else tries everything that it says, and what
//! it does not say.

use std::process::Command;

use end_to_end::{Service, ServiceOptions, full, peers_folder};

#[test]
fn what_is_described_is_what_is_answered_whatever_is_asked() {
    let configuration =
        "[limits]\nrequests_per_minute_max = 0\nsign_in_failures_per_minute_max = 1000000\n[alerter]\nenabled = true\n".to_owned();
    let service = Service::start(&ServiceOptions { configuration, ..ServiceOptions::default() });
    service.add_user("anna", "secret");
    let token = service.ok(&["token", "add", "schemathesis", "--scope", "administer"]);
    let examples = if full() { "200" } else { "10" };
    let description = format!("http://{}/api/openapi.json", service.address("web", "http"));
    let mut command = Command::new(peers_folder().join("schemathesis/bin/schemathesis"));
    command
        .args(["run", &description, "--max-examples", examples, "--seed", "1", "--continue-on-failure"])
        .args(["--header", &format!("Authorization: Bearer {}", token.trim())])
        // What the schemas cannot say is refused all the same: a name with a space, an audience without anybody.
        .args(["--exclude-checks", "positive_data_acceptance"])
        // It says that it cannot, for there is no Windows door; and the other two are no documents.
        .args(["--exclude-path", "/api/v1/net-messages"])
        .args(["--exclude-path", "/api/v1/backup", "--exclude-path", "/metrics"])
        .current_dir(service.folder());
    let output = command.output().expect("schemathesis is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let tried = said.split_once("Operations:").and_then(|(_, rest)| rest.split_whitespace().next());
    let tried: usize = tried.and_then(|count| count.parse().ok()).unwrap_or(0);
    assert!(tried > 70, "it has tried the routes there are: {said}");
    assert_eq!(service.run(&["status"]).code, 0);
    assert_eq!(service.run(&["log", "verify"]).code, 0);
}
