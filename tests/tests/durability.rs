//! What is accepted is on the disk, or with the recipient.

use std::{
    collections::VecDeque,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use end_to_end::{
    Account, CountingClient, Happened, Random, Service, ServiceOptions, Trace, TraceLines, XmppConnection,
    chat,
    load::{self, Load},
    net_send,
    wait::{self, PATIENCE},
};
use xmpp::{Element, namespace};

/// The calls that say something to a peer.
const WRITES: [&str; 4] = ["write", "writev", "sendto", "sendmsg"];
/// The calls that hear something from a peer.
const READS: [&str; 4] = ["read", "readv", "recvfrom", "recvmsg"];
/// The file that a commit of SQLite is in.
const LOG: &str = "messngr.db-wal";
const ASK: &str = "<r xmlns='urn:xmpp:sm:3'/>";

fn in_the_clear(configuration: &str) -> ServiceOptions {
    ServiceOptions {
        configuration: configuration.to_owned(),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        windows: true,
        ..ServiceOptions::default()
    }
}

fn start(configuration: &str, people: &[&str]) -> Service {
    let service = Service::start(&in_the_clear(configuration));
    for name in people {
        service.add_user(name, &Account::new(name).password);
    }
    service
}

/// A client that is there and counts stanzas, and says only what it is told to.
struct Client {
    connection: XmppConnection,
    came: u32,
    /// What came before the presence was acknowledged.
    early: VecDeque<Element>,
}

impl Client {
    fn sign_in(service: &Service, name: &str) -> Self {
        let address = service.address("xmpp", "starttls");
        let mut connection = XmppConnection::sign_in(&address, &Account::new(name)).expect("a session");
        connection.count().expect("counting");
        let mut client = Self { connection, came: 0, early: VecDeque::new() };
        client.write(&format!("<presence/>{ASK}"));
        let mut early = VecDeque::new();
        while !early.back().is_some_and(|element| is_acknowledgement(element, 1)) {
            early.push_back(client.next("an acknowledgement"));
        }
        client.early = early;
        client
    }

    fn write(&mut self, xml: &str) {
        self.connection.write(xml).expect("the connection lives");
    }

    fn send(&mut self, to: &str, id: &str, text: &str) {
        self.write(&format!("{}{ASK}", chat(to, id, text)));
    }

    fn expect(&mut self, what: &str, wanted: impl Fn(&Element) -> bool) -> Element {
        loop {
            let element = self.next(what);
            if wanted(&element) {
                return element;
            }
        }
    }

    fn next(&mut self, what: &str) -> Element {
        if let Some(element) = self.early.pop_front() {
            return element;
        }
        let heard = self.connection.hear(PATIENCE).expect("the connection lives");
        let element = heard.unwrap_or_else(|| panic!("gave up waiting for {what}"));
        self.came += u32::from(element.namespace() == namespace::CLIENT);
        element
    }

    /// Waits until the service has so many of the client's stanzas.
    fn expect_accepted(&mut self, handled: u32) {
        self.expect("an acknowledgement", |element| is_acknowledgement(element, handled));
    }

    fn expect_message(&mut self, text: &str) {
        self.expect(text, |stanza| body(stanza).as_deref() == Some(text));
    }

    /// Says how many stanzas have come.
    fn acknowledge(&mut self) {
        self.write(&format!("<a xmlns='{}' h='{}'/>", namespace::STREAM_MANAGEMENT, self.came));
    }
}

fn is_acknowledgement(element: &Element, handled: u32) -> bool {
    element.is("a", namespace::STREAM_MANAGEMENT)
        && element.attribute("h") == Some(handled.to_string().as_str())
}

fn body(stanza: &Element) -> Option<String> {
    Some(stanza.child("body", namespace::CLIENT)?.text().lines().last()?.to_owned())
}

/// That what a peer said was written to the store and synchronised before it was answered.
fn expect_commit_before_answer(trace: &TraceLines, said: &str, stored: &str, answer: &str) {
    let read = trace.expect(0, &READS, said);
    let written = trace.expect(read, &["pwrite64", "pwritev", "write"], stored);
    let synchronised = trace.expect_sync(written, LOG);
    let answered = trace.expect(read, &WRITES, answer);
    println!("\"{said}\": read {read}, written {written}, synchronised {synchronised}, answered {answered}");
    assert!(synchronised < answered, "\"{said}\" is answered before it is safe");
}

#[test]
fn a_sender_is_told_accepted_only_after_the_message_is_on_the_disk() {
    let service = start("", &["anna", "berta"]);
    let mut anna = Client::sign_in(&service, "anna");
    let mut berta = Client::sign_in(&service, "berta");
    let windows = service.address("windows", "session");

    let trace = Trace::attach(&service);
    anna.send("berta", "m1", "by chat");
    anna.expect_accepted(2);
    expect_commit_before_answer(&trace.finish(), "by chat", "by chat", "<a ");
    berta.expect_message("by chat");

    let trace = Trace::attach(&service);
    net_send(&windows, "PRESS1", "berta", "by net send").expect("the message is taken");
    // The answer to a message of one block is a server message block of the same command (MS-MSRP 2.2.3.2).
    expect_commit_before_answer(&trace.finish(), "by net send", "by net send", "\\377SMB\\320");
    berta.expect_message("by net send");

    let trace = Trace::attach(&service);
    service.ok(&["send", "berta", "by command"]);
    expect_commit_before_answer(&trace.finish(), "by command", "by command", "HTTP/1.1 20");
    berta.expect_message("by command");
}

#[test]
fn an_alert_and_its_confirmation_are_on_the_disk_before_anybody_is_told_so() {
    let service = start("", &["anna"]);
    let mut anna = Client::sign_in(&service, "anna");

    let trace = Trace::attach(&service);
    let alert =
        service.json(&["alert", "send", "--to", "user:anna", "--choices", "Understood", "Fire drill"]);
    expect_commit_before_answer(&trace.finish(), "Fire drill", "Fire drill", "HTTP/1.1 20");

    anna.expect("the alert", |stanza| stanza.attribute("id") == alert["id"].as_str());
    let trace = Trace::attach(&service);
    anna.send("alerts", "c1", "Understood");
    anna.expect_accepted(2);
    expect_commit_before_answer(&trace.finish(), "Understood</body>", "Understood", "<a ");
}

#[test]
fn without_an_archive_a_message_that_its_recipient_has_is_never_written_to_the_disk() {
    let service = start("[archive]\nenabled = false", &["anna", "berta"]);
    let mut anna = Client::sign_in(&service, "anna");
    let mut berta = Client::sign_in(&service, "berta");

    let trace = Trace::attach(&service);
    anna.send("berta", "m1", "between us");
    berta.expect_message("between us");
    berta.acknowledge();
    anna.expect_accepted(2);
    let trace = trace.finish();

    let heard = trace.expect(0, &READS, "between us");
    let told = trace.expect(heard, &WRITES, "between us");
    let acknowledged = trace.expect(told, &READS, "<a ");
    let accepted = trace.expect(heard, &WRITES, "<a ");
    assert!(acknowledged < accepted, "accepted before the recipient has it");
    assert_eq!(trace.find(0, &["pwrite64", "pwritev"], "between us"), None, "it was stored");
}

#[test]
fn without_an_archive_a_message_that_nobody_acknowledges_is_stored_soon_and_survives_a_kill() {
    let mut service = start("[archive]\nenabled = false", &["anna", "berta"]);
    let mut anna = Client::sign_in(&service, "anna");
    let mut berta = Client::sign_in(&service, "berta");

    let trace = Trace::attach(&service);
    let sent = Instant::now();
    anna.send("berta", "m1", "are you there");
    berta.expect_message("are you there");
    anna.expect_accepted(2);
    assert!(sent.elapsed() >= Duration::from_millis(200), "the recipient was given no time to acknowledge");
    expect_commit_before_answer(&trace.finish(), "are you there", "are you there", "<a ");

    service.kill();
    service.launch();
    Client::sign_in(&service, "berta").expect_message("are you there");
}

#[test]
fn a_backup_made_under_load_holds_everything_that_was_accepted_before_it() {
    let mut random = Random::new();
    let service = Service::start(&load::options());
    load::add_people(&service);
    for name in ["otto", "sam-elsewhere"] {
        service.add_user(name, &Account::new(name).password);
    }
    let alert = service.json(&["alert", "send", "--to", "user:otto", "Read this"]);
    let load = Load::start(&service, &mut random);
    let before: Vec<String> = (1..=200).map(|number| format!("sam otto {number}")).collect();
    let mut sam = CountingClient::new(&service.address("xmpp", "starttls"), Account::new("sam-elsewhere"));
    for text in &before {
        sam.send(text, chat("otto", text, text));
    }
    wait::until("the messages to be accepted", || {
        sam.listen(Duration::from_millis(20));
        (sam.unacknowledged() == 0).then_some(())
    });
    let file = service.folder().join("backup");
    service.ok(&["backup", file.to_str().expect("a path")]);
    load.go_on(50);
    println!("while the backup was made: {}", load.finish().totals());

    let copy = Service::restore(&in_the_clear(""), &file);
    copy.ok(&["log", "verify"]);
    let id = alert["id"].as_str().expect("an id");
    let report = copy.json(&["alert", "report", id]);
    assert_eq!(report["counts"]["pending"], 1, "{report}");
    let mut otto = Client::sign_in(&copy, "otto");
    // The alert first, and then the messages in the order in which they were sent, and so each once.
    otto.expect("the alert", |stanza| stanza.attribute("id") == Some(id));
    for text in &before {
        otto.expect_message(text);
    }
}

#[test]
fn a_full_disk_is_said_to_the_sender_and_nothing_accepted_is_lost_by_it() {
    let mut options = in_the_clear("");
    options.disk_bytes = Some(8 << 20);
    let mut service = Service::start(&options);
    for name in ["anna", "berta"] {
        service.add_user(name, &Account::new(name).password);
    }
    let address = service.address("xmpp", "starttls");
    let mut anna = CountingClient::new(&address, Account::new("anna"));
    let mut accepted = Vec::new();
    let mut sent = 0;
    let mut send = |anna: &mut CountingClient, accepted: &mut Vec<String>| {
        sent += 1;
        let (id, text) = (format!("m{sent}"), format!("{sent} {}", "x".repeat(4_000)));
        anna.send(&id, chat("berta", &id, &text));
        let is_accepted = is_accepted(anna, &id);
        accepted.extend(is_accepted.then_some(text));
        is_accepted
    };
    for _ in 0..20 {
        assert!(send(&mut anna, &mut accepted), "there is room at first");
    }
    fill(&service.data());
    wait::until("a message to be refused", || (!send(&mut anna, &mut accepted)).then_some(()));
    // Whoever only looks is served still.
    service.ok(&["status"]);
    fs::remove_file(service.data().join("filler")).expect("room is made");
    wait::until("a message to be accepted again", || send(&mut anna, &mut accepted).then_some(()));

    service.kill();
    service.launch();
    let mut berta = Client::sign_in(&service, "berta");
    println!("{} accepted before, on and after a full disk", accepted.len());
    for text in &accepted {
        berta.expect_message(text);
    }
}

/// Whether a message is accepted; otherwise it is refused, and with the right words.
fn is_accepted(client: &mut CountingClient, id: &str) -> bool {
    let mut accepted = false;
    let mut over = false;
    wait::until("an answer to a message", || {
        for happened in client.listen(Duration::from_millis(20)) {
            match happened {
                Happened::Accepted(of) if of == id => (accepted, over) = (true, true),
                Happened::Stanza(stanza) if stanza.attribute("type") == Some("error") => {
                    let error = stanza.child("error", namespace::CLIENT).expect("an error");
                    assert!(
                        error.child("resource-constraint", namespace::STANZA_ERROR).is_some(),
                        "{error:?}"
                    );
                    over = true;
                }
                _ => {}
            }
        }
        over.then_some(())
    });
    accepted
}

/// Leaves no byte of the disk that a folder is on.
fn fill(folder: &Path) {
    use std::io::Write;
    let mut filler = fs::File::create(folder.join("filler")).expect("a file");
    for length in [65_536, 4_096, 1] {
        while filler.write_all(&vec![0; length]).is_ok() {}
    }
}
