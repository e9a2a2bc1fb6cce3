//! Other XMPP clients that people use, as their distribution ships them: profanity and go-sendxmpp.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use end_to_end::{Peer, Service, wait};
use serde_json::json;

const PASSWORD: &str = "correct horse battery";

fn service() -> Service {
    let service = Service::start_default();
    service.add_user("anna", PASSWORD);
    service.add_user("bob", PASSWORD);
    service
}

/// profanity on a screen of its own, with a home of its own.
struct Profanity {
    socket: PathBuf,
}

impl Profanity {
    fn start(service: &Service) -> Self {
        let home = service.folder().join("profanity");
        let trusted = home.join("trusted");
        fs::create_dir_all(&trusted).expect("a home for profanity");
        fs::copy(service.authority(), trusted.join("authority.pem")).expect("the authority");
        let rehashed = Command::new("openssl").arg("rehash").arg(&trusted).status();
        assert!(rehashed.expect("openssl is installed").success());
        let profanity = Self { socket: service.folder().join("tmux") };
        let shell_command = format!(
            "env HOME={home} XDG_CONFIG_HOME={home}/config XDG_DATA_HOME={home}/data LC_ALL=C.UTF-8 TERM=screen profanity",
            home = home.display()
        );
        profanity.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50", &shell_command]);
        profanity.shows("Profanity");
        profanity.types(&format!("/tls certpath set {}", trusted.display()));
        profanity.shows("Certificate path set");
        profanity
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-u", "-S"])
            .arg(&self.socket)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("tmux is installed");
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn types(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.tmux(&["send-keys", "Enter"]);
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until this is on the screen.
    fn shows(&self, text: &str) {
        let mut screen = String::new();
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            wait::until(&format!("profanity to show {text:?}"), || {
                screen = self.screen();
                screen.contains(text).then_some(())
            });
        }));
        assert!(looked.is_ok(), "profanity does not show {text:?}, but:\n{screen}");
    }

    /// Signs in: `tls` is `force` for STARTTLS and `legacy` for direct TLS.
    fn connect(&self, service: &Service, name: &str, tls: &str) {
        let port = service.port("xmpp", if tls == "legacy" { "tls" } else { "starttls" });
        self.types(&format!("/connect {name}@office.internal server 127.0.0.1 port {port} tls {tls}"));
        self.shows("Enter password:");
        self.types(PASSWORD);
        self.shows("logged in successfully");
        self.shows("[TLS]");
    }
}

impl Drop for Profanity {
    fn drop(&mut self) {
        drop(Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output());
    }
}

fn profanity_talks(tls: &str) {
    let service = service();
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    let profanity = Profanity::start(&service);
    profanity.connect(&service, "anna", tls);

    profanity.types("/msg bob@office.internal Grüße von Anna");
    let message = bob.expect_message("Grüße von Anna");
    let from = message["from"].as_str().expect("a sender").to_owned();
    assert!(from.starts_with("anna@office.internal/"), "{from}");
    bob.send_chat(&from, "und Grüße zurück 👋");
    profanity.shows("und Grüße zurück");
    bob.send_chat("anna@office.internal", "an alle Geräte");
    profanity.shows("an alle Geräte");
}

#[test]
fn somebody_with_profanity_talks_to_somebody_with_another_client_over_starttls() {
    profanity_talks("force");
}

#[test]
fn somebody_with_profanity_talks_to_somebody_with_another_client_over_direct_tls() {
    profanity_talks("legacy");
}

#[test]
fn somebody_with_profanity_gets_an_alert_and_confirms_it_by_answering() {
    let service = service();
    let profanity = Profanity::start(&service);
    profanity.connect(&service, "anna", "force");

    let sent =
        service.json(&["alert", "send", "--to", "user:anna", "--choices", "Coming,Busy", "Fire drill"]);
    profanity.shows("chat message: alerts@office.internal (win 2)");
    profanity.types("/win 2");
    profanity.shows("Fire drill");
    profanity.shows("Please answer: Coming or Busy");
    profanity.types("coming");
    profanity.shows("Your answer \"Coming\" to \"Fire drill\" is recorded.");
    let id = sent["id"].as_str().expect("an id");
    let report = service.json(&["alert", "report", id]);
    assert_eq!(report["recipients"][0]["confirmation"]["choice"], "Coming", "{report}");
}

fn go_sendxmpp(service: &Service, authority: &str, direct_tls: bool, text: &str) -> Output {
    let port = service.port("xmpp", if direct_tls { "tls" } else { "starttls" });
    let mut command = Command::new("go-sendxmpp");
    command.env("SSL_CERT_FILE", authority).env("SSL_CERT_DIR", service.folder().join("nothing"));
    command.env("HOME", service.folder()).env("XDG_DATA_HOME", service.folder());
    command.args(["-u", "anna@office.internal", "-p", PASSWORD, "-j", &format!("127.0.0.1:{port}")]);
    if direct_tls {
        command.arg("-t");
    }
    command.arg("bob@office.internal").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("go-sendxmpp is installed");
    let mut stdin = child.stdin.take().expect("its input");
    // One that does not get in does not read.
    drop(writeln!(stdin, "{text}"));
    drop(stdin);
    child.wait_with_output().expect("go-sendxmpp ends")
}

#[test]
fn a_script_sends_with_go_sendxmpp_over_starttls_and_direct_tls() {
    let service = service();
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    let authority = service.authority();
    for (direct_tls, text) in [(false, "by STARTTLS: größer"), (true, "by direct TLS: größer")] {
        let output = go_sendxmpp(&service, &authority.to_string_lossy(), direct_tls, text);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let message = bob.expect_message(text);
        assert!(message["from"].as_str().is_some_and(|from| from.starts_with("anna@office.internal/")));
    }
}

#[test]
fn go_sendxmpp_does_not_send_to_a_service_that_it_does_not_trust() {
    let service = service();
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    for direct_tls in [false, true] {
        let output = go_sendxmpp(&service, "/dev/null", direct_tls, "to whom?");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains("certificate signed by unknown authority"),
            "{said}"
        );
    }
    assert!(!bob.leftovers().iter().any(|event| event["event"] == "message"));
}
