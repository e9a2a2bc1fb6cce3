//! What is accepted is on the disk, or with the recipient.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use end_to_end::{
    Account, CountingClient, DOMAIN, Happened, Random, Service, ServiceOptions, Trace, TraceLines,
    XmppConnection, chat,
    load::{self, Load},
    net_send, wait,
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

/// A client that is there and counts stanzas, and does nothing by itself.
fn counting(service: &Service, name: &str) -> XmppConnection {
    let address = service.address("xmpp", "starttls");
    let mut connection = XmppConnection::sign_in(&address, &Account::new(name)).expect("a session");
    connection.count().expect("counting");
    connection.write(&format!("<presence/>{ASK}")).expect("presence is sent");
    expect_acknowledgement(&mut connection, 1);
    connection
}

fn expect_acknowledgement(connection: &mut XmppConnection, handled: u32) {
    let wanted = |element: &Element| {
        element.is("a", namespace::STREAM_MANAGEMENT)
            && element.attribute("h") == Some(handled.to_string().as_str())
    };
    connection.expect("an acknowledgement", wanted).expect("the connection lives");
}

fn body(stanza: &Element) -> Option<String> {
    Some(stanza.child("body", namespace::CLIENT)?.text().lines().last()?.to_owned())
}

fn expect_message(connection: &mut XmppConnection, text: &str) {
    let wanted = |stanza: &Element| body(stanza).as_deref() == Some(text);
    connection.expect(&format!("the message \"{text}\""), wanted).expect("the connection lives");
}

/// That what a peer said with this text in it was written to the store and synchronised before it was answered.
fn expect_commit_before_answer(trace: &TraceLines, text: &str, answer: &str) {
    let read = trace.expect(0, &READS, text);
    let written = trace.expect(read, &["pwrite64", "pwritev", "write"], text);
    let synchronised = trace.expect_sync(written, LOG);
    let answered = trace.expect(read, &WRITES, answer);
    assert!(written < synchronised && synchronised < answered, "{text} is answered before it is safe");
}

#[test]
fn a_sender_is_told_accepted_only_after_the_message_is_on_the_disk() {
    let service = start("", &["anna", "berta"]);
    let mut anna = counting(&service, "anna");
    let mut berta = counting(&service, "berta");
    let windows = service.address("windows", "session");

    let trace = Trace::attach(&service);
    anna.write(&format!("{}{ASK}", chat("berta", "m1", "by chat"))).expect("the message is sent");
    expect_acknowledgement(&mut anna, 2);
    expect_message(&mut berta, "by chat");
    let trace = trace.finish();
    expect_commit_before_answer(&trace, "by chat", "<a ");

    let trace = Trace::attach(&service);
    net_send(&windows, "PRESS1", "berta", "by net send").expect("the message is taken");
    let trace = trace.finish();
    // The answer to SMBsendstrt and its kin carries 0xFF, "SMB", and 0xD0: the command it answers.
    expect_commit_before_answer(&trace, "by net send", "\\377SMB\\320");

    let trace = Trace::attach(&service);
    service.ok(&["send", "berta", "by command"]);
    let trace = trace.finish();
    expect_commit_before_answer(&trace, "by command", "HTTP/1.1 20");

    let trace = Trace::attach(&service);
    let alert = service.json(&["alert", "send", "--to", "user:anna", "--choices", "Understood", "Fire drill"]);
    expect_alert_and_confirm(&mut anna, alert["id"].as_str().expect("an id"));
    let trace = trace.finish();
    expect_commit_before_answer(&trace, "Fire drill", "HTTP/1.1 20");
    expect_commit_before_answer(&trace, "Understood</body>", "<a ");
}

fn expect_alert_and_confirm(connection: &mut XmppConnection, id: &str) {
    let wanted = |stanza: &Element| stanza.attribute("id") == Some(id);
    connection.expect("the alert", wanted).expect("the connection lives");
    connection.write(&format!("{}{ASK}", chat("alerts", "c1", "Understood"))).expect("the answer is sent");
    expect_acknowledgement(connection, 3);
}

#[test]
fn without_an_archive_a_message_that_its_recipient_has_is_never_written_to_the_disk() {
    let service = start("[archive]\nenabled = false", &["anna", "berta"]);
    let mut anna = counting(&service, "anna");
    let mut berta = counting(&service, "berta");

    let trace = Trace::attach(&service);
    anna.write(&format!("{}{ASK}", chat("berta", "m1", "between us"))).expect("the message is sent");
    let mut came = 0;
    answer_counts(&mut berta, &mut came, "between us");
    expect_acknowledgement(&mut anna, 2);
    let trace = trace.finish();

    let heard = trace.expect(0, &READS, "between us");
    let told = trace.expect(heard, &WRITES, "between us");
    let acknowledged = trace.expect(told, &READS, "<a ");
    let accepted = trace.expect(heard, &WRITES, "<a ");
    assert!(told < acknowledged && acknowledged < accepted, "accepted before the recipient has it");
    assert_eq!(trace.find(0, &["pwrite64", "pwritev"], "between us"), None, "it was stored");
}

/// Counts what comes and says so when asked, until the message has been acknowledged.
fn answer_counts(connection: &mut XmppConnection, came: &mut u32, text: &str) {
    let mut has_come = false;
    loop {
        let element = connection.hear(wait::PATIENCE).expect("the connection lives").expect("the message comes");
        if !element.is("r", namespace::STREAM_MANAGEMENT) {
            *came += 1;
            has_come |= body(&element).as_deref() == Some(text);
            continue;
        }
        let answer = format!("<a xmlns='{}' h='{came}'/>", namespace::STREAM_MANAGEMENT);
        connection.write(&answer).expect("the connection lives");
        if has_come {
            return;
        }
    }
}

#[test]
fn without_an_archive_a_message_that_nobody_acknowledges_is_stored_soon_and_survives_a_kill() {
    let mut service = start("[archive]\nenabled = false", &["anna", "berta"]);
    let mut anna = counting(&service, "anna");
    let mut berta = counting(&service, "berta");

    let trace = Trace::attach(&service);
    let sent = Instant::now();
    anna.write(&format!("{}{ASK}", chat("berta", "m1", "are you there"))).expect("the message is sent");
    expect_message(&mut berta, "are you there");
    expect_acknowledgement(&mut anna, 2);
    assert!(sent.elapsed() >= Duration::from_millis(200), "it was stored at once");
    let trace = trace.finish();
    expect_commit_before_answer(&trace, "are you there", "<a ");

    service.kill();
    service.launch();
    expect_message(&mut counting(&service, "berta"), "are you there");
}

#[test]
fn a_backup_made_under_load_holds_everything_that_was_accepted_before_it() {
    let mut random = Random::new();
    let service = Service::start(&load::options());
    load::add_people(&service);
    service.add_user("otto", &Account::new("otto").password);
    service.ok(&["send", "otto", "it waits for you"]);
    let alert = service.json(&["alert", "send", "--to", "user:otto", "Read this"]);
    let load = Load::start(&service, &mut random);
    load.go_on(200);
    let before = load.ledger().accepted_texts();
    let file = service.folder().join("backup");
    service.ok(&["backup", file.to_str().expect("a path")]);
    load.go_on(50);
    let ledger = load.finish();
    println!("{} accepted before the backup, {} in all", before.len(), ledger.accepted_count());

    let copy = Service::restore(&in_the_clear(""), &file);
    copy.ok(&["log", "verify"]);
    let report = copy.json(&["alert", "report", alert["id"].as_str().expect("an id")]);
    assert_eq!(report["counts"]["pending"], 1, "{report}");
    let mut otto = counting(&copy, "otto");
    expect_message(&mut otto, "it waits for you");
    expect_everything(&copy, &before);
}

/// Every one of these messages is in the store of a service: pending still, or archived because it was acknowledged.
fn expect_everything(service: &Service, texts: &std::collections::BTreeSet<String>) {
    assert!(!texts.is_empty(), "nothing was accepted before");
    let database = rusqlite::Connection::open(service.data().join("messngr.db")).expect("the database");
    let mut statement = database.prepare("SELECT content FROM messages").expect("a table of messages");
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
    let contents: Vec<String> =
        rows.map(|row| String::from_utf8_lossy(&row.expect("a row")).into_owned()).collect();
    let lacking: Vec<&String> =
        texts.iter().filter(|text| !contents.iter().any(|content| content.contains(*text))).collect();
    assert_eq!(lacking, Vec::<&String>::new(), "accepted before the backup and not in it");
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
        let text = format!("anna berta {sent} {}", "x".repeat(4_000));
        anna.send(&text, chat("berta", &format!("m{sent}"), &text));
        let said = said(anna, &text);
        accepted.extend(said.then_some(text));
        said
    };
    assert!(send(&mut anna, &mut accepted), "there is room at first");
    fill(&service.data());
    wait::until("a message to be refused", || (!send(&mut anna, &mut accepted)).then_some(()));
    // Whoever only looks is served still.
    service.ok(&["status"]);
    fs::remove_file(service.data().join("filler")).expect("room is made");
    wait::until("a message to be accepted again", || send(&mut anna, &mut accepted).then_some(()));

    service.kill();
    service.launch();
    let mut berta = XmppConnection::sign_in(&address, &Account::new("berta")).expect("a session");
    berta.count().expect("counting");
    berta.write("<presence/>").expect("presence is sent");
    println!("{} accepted around a full disk", accepted.len());
    for text in &accepted {
        expect_message(&mut berta, text);
    }
}

/// Whether a message is accepted; otherwise it is refused, and with the right words.
fn said(client: &mut CountingClient, id: &str) -> bool {
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
