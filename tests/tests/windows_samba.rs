//! A host where Samba keeps the ports: `smbd` takes the messages, and its message command hands them over.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use end_to_end::{
    NEIGHBOUR, Peer, Service, ServiceOptions, alone,
    samba::{Smbd, smbclient_message},
    wait,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse";
/// Whoever `smbd` runs the command as: nobody, of the group nogroup.
const NOBODY: u32 = 65_534;

/// The folder in which messages wait, as docs/windows.md has it made.
struct Spool(TempDir);

impl Spool {
    fn new() -> Self {
        let parent = TempDir::new().expect("a folder");
        fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).expect("its rights");
        let spool = Self(parent);
        fs::create_dir(spool.path()).expect("a folder for messages");
        chown(spool.path(), None, Some(NOBODY)).expect("its group");
        fs::set_permissions(spool.path(), Permissions::from_mode(0o1730)).expect("its rights");
        spool
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("spool")
    }

    fn messages(&self) -> Vec<PathBuf> {
        let entries =
            fs::read_dir(self.path()).expect("the folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "message")).collect()
    }

    fn is_taken(&self) {
        wait::until("the service to take what lies there", || self.messages().is_empty().then_some(()));
    }

    fn service(&self) -> Service {
        let service = Service::start(&ServiceOptions {
            windows_configuration: format!(
                "winpopup_folder = \"{}\"\nmachine_name_to = \"user:boss\"\n",
                self.path().display()
            ),
            ..ServiceOptions::default()
        });
        service.add_user("anna", PASSWORD);
        service.add_user("boss", PASSWORD);
        service
    }

    fn command(&self) -> String {
        let program =
            std::env::var("MESSNGR_BINARY").expect("run the end-to-end tests by `cargo xtask test`");
        format!("{program} winpopup --folder {} receive", self.path().display())
    }

    fn smbd(&self) -> Smbd {
        Smbd::handing_over(&format!("{} \"%f\" \"%m\" \"%s\" \"%I\" \"%L\"", self.command()))
    }
}

fn send(from: &str, to: &str, text: &str) {
    let output = smbclient_message(&["-M", to, "-I", NEIGHBOUR, "-U", from], text);
    assert!(output.was_taken(), "{output:?}");
}

fn sign_in(service: &Service, name: &str) -> Peer {
    Peer::slixmpp(service, name, PASSWORD, json!({}))
}

/// Waits for a message with this text of this sender, marked as what it is, and returns its id.
fn expect(peer: &mut Peer, from: &str, text: &str) -> Value {
    let message = peer.expect_message(text);
    assert_eq!(message["body"], json!(format!("{from} (Windows, unverified, from {NEIGHBOUR}):\n{text}")));
    message["id"].clone()
}

/// That nothing else came.
fn nothing_else(peer: &mut Peer) {
    nothing_but(peer, &[]);
}

/// That nothing else came, but for these messages again: a crash may forget that a client has acknowledged them.
fn nothing_but(peer: &mut Peer, known: &[Value]) {
    let left = peer.leftovers();
    let is_new = |event: &&Value| event["event"] == "message" && !known.contains(&event["id"]);
    let messages: Vec<_> = left.iter().filter(is_new).collect();
    assert!(messages.is_empty(), "{messages:?}");
}

#[test]
fn what_samba_takes_reaches_the_person_who_was_called_and_else_those_of_the_machines_name() {
    alone(|| {
        let spool = Spool::new();
        let service = spool.service();
        let _smbd = spool.smbd();
        let (mut anna, mut boss) = (sign_in(&service, "anna"), sign_in(&service, "boss"));
        send("fred", "ANNA", "Grüße: ÄÖÜß é ½\nzweite Zeile\n");
        expect(&mut anna, "fred", "Grüße: ÄÖÜß é ½\nzweite Zeile");
        send("--help", "PRESS1", "paper is empty");
        expect(&mut boss, "__help", "paper is empty");
        spool.is_taken();
        nothing_else(&mut anna);
        nothing_else(&mut boss);
    });
}

#[test]
fn linpopups_arguments_are_understood_and_what_needs_no_quotes_needs_none() {
    alone(|| {
        let spool = Spool::new();
        let service = spool.service();
        let _smbd = Smbd::handing_over(&format!("{} \"%f\" \"%m\" %s", spool.command()));
        let mut boss = sign_in(&service, "boss");
        send("fred", "ANNA", "hello");
        let message = boss.expect_message("hello");
        assert!(
            message["body"].as_str().is_some_and(|body| body.starts_with("fred (Windows, unverified")),
            "{message}"
        );
    });
}

#[test]
fn what_comes_while_the_service_is_down_is_delivered_by_its_next_start_once() {
    alone(|| {
        let spool = Spool::new();
        let mut service = spool.service();
        let _smbd = spool.smbd();
        service.kill();
        send("fred", "ANNA", "number 1");
        send("fred", "ANNA", "number 2");
        let lying = wait::until("both to lie in the folder", || {
            Some(spool.messages()).filter(|messages| messages.len() == 2)
        });
        let copies: Vec<_> = lying.iter().map(|path| (path, fs::read(path).expect("a message"))).collect();
        service.launch();
        let mut anna = sign_in(&service, "anna");
        let known = ["number 1", "number 2"].map(|text| expect(&mut anna, "fred", text));
        spool.is_taken();

        // As after an end between the commit and the removal: they lie there, and are delivered already.
        service.kill();
        drop(anna);
        for (path, bytes) in copies {
            fs::write(path, bytes).expect("a message");
        }
        service.launch();
        spool.is_taken();
        let mut anna = sign_in(&service, "anna");
        send("fred", "ANNA", "number 3");
        expect(&mut anna, "fred", "number 3");
        nothing_but(&mut anna, &known);
    });
}

#[test]
fn a_command_that_ends_before_it_has_removed_the_file_can_be_given_again() {
    alone(|| {
        let spool = Spool::new();
        let service = spool.service();
        let mut boss = sign_in(&service, "boss");
        // Nobody may remove what is in this folder.
        let closed = spool.0.path().join("closed");
        fs::create_dir(&closed).expect("a folder");
        let file = closed.join("msg");
        fs::write(&file, "once\0").expect("a message");
        for _ in 0..2 {
            let output = hand_over(&spool, &["fred", "WS7", &file.display().to_string(), NEIGHBOUR]);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stderr).contains("cannot remove"), "{output:?}");
            spool.is_taken();
        }
        expect(&mut boss, "fred", "once");
        nothing_else(&mut boss);
    });
}

#[test]
fn what_is_not_smbds_is_refused_and_stays() {
    alone(|| {
        let spool = Spool::new();
        let folder = spool.0.path();
        let (secret, link, large) = (folder.join("secret"), folder.join("link"), folder.join("large"));
        fs::write(&secret, "root's").expect("a file");
        fs::set_permissions(&secret, Permissions::from_mode(0o600)).expect("its rights");
        std::os::unix::fs::symlink(&secret, &link).expect("a link");
        fs::write(&large, vec![b'x'; 1 << 20]).expect("a file");
        for file in [&secret, &link, &large, &folder.join("missing")] {
            let output = hand_over(&spool, &["fred", "WS7", &file.display().to_string()]);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stderr).contains("is not handed over"), "{output:?}");
        }
        assert!(large.exists() && spool.messages().is_empty());
        let listed = as_nobody(Command::new("ls").arg(spool.path()));
        assert!(
            !listed.status.success(),
            "who may put messages there cannot see those of others: {listed:?}"
        );
    });
}

fn hand_over(spool: &Spool, arguments: &[&str]) -> std::process::Output {
    let words = spool.command();
    let mut words = words.split(' ');
    as_nobody(Command::new(words.next().expect("the program")).args(words).args(arguments))
}

fn as_nobody(command: &mut Command) -> std::process::Output {
    command.uid(NOBODY).gid(NOBODY).current_dir(Path::new("/")).output().expect("the program runs")
}
