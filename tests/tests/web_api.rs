//! The interface over the network, asked by programs that others wrote and by the command line from afar.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::{fs, path::PathBuf, process::Command};

use end_to_end::{Output, Service, package_path};
use serde_json::Value;

/// A service with a token in a file, and what clients need to find it.
struct Remote {
    service: Service,
    server: String,
    ca: PathBuf,
    token: PathBuf,
}

impl Remote {
    fn start(scopes: &[&str]) -> Self {
        let service = Service::start_default();
        service.add_user("anna", "secret");
        let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
        let words: Vec<&str> = ["token", "add", "test"].into_iter().chain(scopes).collect();
        let secret = service.ok(&words);
        let token = service.folder().join("token");
        fs::write(&token, &secret).unwrap();
        let server = format!("https://127.0.0.1:{}", service.port("web", "https"));
        let ca = service.authority();
        Self { service, server, ca, token }
    }

    fn secret(&self) -> String {
        fs::read_to_string(&self.token).unwrap().trim().to_owned()
    }

    /// What curl prints: the body, and behind it the status.
    fn curl(&self, path: &str, arguments: &[&str]) -> (Value, String) {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--show-error",
            "--max-time",
            "20",
            "--write-out",
            "\n%{http_code}",
            "--cacert",
        ]);
        command.arg(&self.ca).args(arguments).arg(format!("{}{path}", self.server));
        let output = command.output().expect("curl is there");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let (body, status) = text.rsplit_once('\n').unwrap();
        (serde_json::from_str(body).unwrap_or_default(), status.to_owned())
    }

    /// A command of the program that knows nothing of the data directory.
    fn messngr(&self, arguments: &[&str]) -> Output {
        let elsewhere = self.service.folder().join("elsewhere");
        let (server, token, ca) = (&self.server, self.token.to_str().unwrap(), self.ca.to_str().unwrap());
        let far =
            ["--data", elsewhere.to_str().unwrap(), "--server", server, "--token-file", token, "--ca", ca];
        let program = std::env::var_os("MESSNGR_BINARY").unwrap();
        let output = Command::new(program).args(far).args(arguments).output().unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn curl_sends_an_alert_with_a_token_and_trusts_only_the_services_own_authority() {
    let remote = Remote::start(&["publish:anna", "read"]);
    let bearer = format!("Authorization: Bearer {}", remote.secret());
    let json = "Content-Type: application/json";
    let alert = r#"{"headline":"Fire drill","audience":"anna"}"#;
    let (made, status) = remote.curl("/api/v1/alerts", &["-H", &bearer, "-H", json, "-d", alert]);
    assert_eq!((status.as_str(), &made["headline"]), ("201", &"Fire drill".into()), "{made}");
    let report = format!("/api/v1/alerts/{}/report", made["id"].as_str().unwrap());
    assert_eq!(remote.curl(&report, &["-H", &bearer]).0["counts"]["recipients"], 1);

    let everyone = alert.replace("\"anna\"", "\"everyone\"");
    let (refused, status) = remote.curl("/api/v1/alerts", &["-H", &bearer, "-H", json, "-d", &everyone]);
    assert_eq!((status.as_str(), &refused["missing_scope"]), ("403", &"publish:everyone".into()));
    assert_eq!(remote.curl("/api/v1/accounts", &["-H", &bearer]).1, "403");
    assert_eq!(remote.curl("/api/v1/status", &[]).1, "401");
    assert_eq!(
        remote.curl("/api/v1/status", &["-H", &bearer, "-H", "Origin: https://evil.example"]).1,
        "403"
    );
    assert_eq!(remote.curl("/api/v1/status", &["-H", &bearer, "-H", "Host: evil.example"]).1, "421");
    assert_eq!(remote.curl("/api/v1/ca", &["--user", "anna:secret"]).1, "200");
    assert_eq!(remote.curl("/api/v1/ca", &["--user", "anna:wrong"]).1, "401");

    let untrusted =
        Command::new("curl").arg("--silent").arg(format!("{}/health", remote.server)).status().unwrap();
    assert_eq!(untrusted.code(), Some(60), "curl does not believe a certificate of nobody's");
    let plain = format!("http://{}/health", remote.service.address("web", "http"));
    assert!(
        Command::new("curl")
            .args(["--silent", "--fail", "--output", "/dev/null", &plain])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn the_command_line_does_the_same_from_afar_as_its_token_allows() {
    let remote = Remote::start(&["administer"]);
    let ok = |arguments: &[&str]| {
        let output = remote.messngr(arguments);
        assert_eq!(output.code, 0, "{arguments:?}: {}{}", output.stdout, output.stderr);
        output.stdout
    };
    assert!(ok(&["status"]).contains("serves office.internal"));
    ok(&["group", "add", "ward"]);
    ok(&["group", "join", "ward", "anna"]);
    assert!(ok(&["user", "list"]).contains("anna@office.internal"));
    let alert = ok(&["alert", "send", "--to", "group:ward", "Fire drill"]);
    assert!(ok(&["alert", "report", alert.trim()]).contains("0 of 1 confirmed"));
    ok(&["send", "anna", "hello", "--id", "once"]);
    ok(&["send", "anna", "hello", "--id", "once"]);
    let token = ok(&["token", "add", "reader", "--scope", "read"]);

    fs::write(&remote.token, token).unwrap();
    assert!(ok(&["alert", "list"]).contains("Fire drill"));
    let refused = remote.messngr(&["user", "list"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("needs the scope \"administer\""), "{}", refused.stderr);
    remote.service.ok(&["token", "remove", "reader"]);
    let gone = remote.messngr(&["alert", "list"]);
    assert!(gone.code == 1 && gone.stderr.contains("there is no such token"), "{}", gone.stderr);
    let log = remote.service.ok(&["log"]);
    assert!(log.contains("token.remove") && log.contains("admin@office.internal (token test)"), "{log}");

    let served = remote.messngr(&["serve"]);
    assert!(served.code == 1 && served.stderr.contains("own machine"), "{}", served.stderr);
    let nobody = Command::new(std::env::var_os("MESSNGR_BINARY").unwrap())
        .args(["--server", "http://127.0.0.1:1", "--token-file", remote.token.to_str().unwrap(), "status"])
        .output()
        .unwrap();
    assert_eq!(nobody.status.code(), Some(2));
}

#[test]
fn the_examples_in_python_work_as_they_stand() {
    let remote = Remote::start(&["publish:everyone", "read"]);
    let (ca, token) = (remote.ca.to_str().unwrap(), remote.token.to_str().unwrap());
    let python = |example: &str, more: &[&str]| {
        let example = package_path("../docs/examples").join(example);
        let mut command = Command::new("python3");
        command.arg(example).args([&remote.server, ca, token]).args(more);
        command
    };
    let mut sending = python("send_alert.py", &["admin", "Back soon"]).spawn().unwrap();
    let alert = end_to_end::wait::until("the alert to be there", || {
        let alerts = remote.service.json(&["alert", "list"]);
        Some(alerts.as_array()?.first()?["headline"].as_str()?.to_owned())
    });
    assert_eq!(alert, "Back soon");
    let unconfirmed = python("list_unconfirmed.py", &[]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&unconfirmed.stdout),
        "Back soon: user:admin@office.internal (pending)\n"
    );
    sending.kill().unwrap();
    sending.wait().unwrap();

    let refused = python("send_alert.py", &["nobody", "x"]).output().unwrap();
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("nobody"), "{words}");
}
