//! Somebody is away, and the service is killed while many write to them.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::{Account, Random, Service, ServiceOptions, XmppConnection, chat, full};
use xmpp::{Element, namespace};

/// How many people write.
const WRITERS: u64 = 12;

/// Signs somebody in who acknowledges nothing: what they were given is given to them again.
fn sign_in(address: &str, name: &str) -> XmppConnection {
    let mut connection = XmppConnection::sign_in(address, &Account::new(name)).expect("a session");
    connection.write("<presence/>").expect("presence is sent");
    connection
}

fn body(stanza: &Element) -> String {
    stanza.child("body", namespace::CLIENT).map(|body| body.text().into_owned()).unwrap_or_default()
}

/// The answers that came to somebody: which words came, under which ids.
#[derive(Default)]
struct Answers(BTreeMap<String, BTreeSet<String>>);

impl Answers {
    fn note(&mut self, stanza: &Element) {
        if stanza.child("headers", namespace::HEADERS).is_some() {
            let id = stanza.attribute("id").expect("an id").to_owned();
            self.0.entry(body(stanza)).or_default().insert(id);
        }
    }

    /// Takes note of what comes until `last` is among it.
    fn until(&mut self, connection: &mut XmppConnection, last: impl Fn(&Self, &Element) -> bool) {
        let noted = std::cell::RefCell::new(self);
        let is_last = |stanza: &Element| {
            let mut answers = noted.borrow_mut();
            answers.note(stanza);
            last(&answers, stanza)
        };
        connection.expect("the last answer", is_last).expect("the connection lives");
    }
}

#[test]
fn everybody_who_writes_is_told_once_though_the_service_is_killed_and_they_write_again() {
    let rounds = if full() { 20 } else { 4 };
    let mut random = Random::new();
    let mut service = Service::start(&ServiceOptions {
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        ..ServiceOptions::default()
    });
    let address = service.address("xmpp", "starttls");
    let names: Vec<String> = (0..WRITERS).map(|number| format!("writer{number}")).collect();
    for name in names.iter().map(String::as_str).chain(["anna"]) {
        service.add_user(name, &Account::new(name).password);
    }
    for round in 0..rounds {
        service.ok(&["away", &format!("absence {round}"), "--as", "anna"]);
        let hello = chat("anna", &format!("hello {round}"), "hello");
        let mut writers: Vec<XmppConnection> = names.iter().map(|name| sign_in(&address, name)).collect();
        for writer in &mut writers {
            writer.write(&hello).expect("a message");
        }
        // One has an answer, or nobody knows; how far the others are nobody knows either.
        if let Some(told) =
            usize::try_from(random.between(0, WRITERS * 2)).ok().and_then(|one| writers.get_mut(one))
        {
            let words = format!("Automatic reply: absence {round}");
            told.expect("an answer", |stanza| body(stanza) == words).expect("the connection lives");
        }
        service.kill();
        service.launch();
        // Nobody was told that the message was taken: they write it again under the same id, and then another.
        for name in &names {
            let mut writer = sign_in(&address, name);
            writer.write(&hello).expect("a message");
            writer.write(&chat("anna", &format!("again {round}"), "are you there?")).expect("a message");
            writer.pong("written").expect("it is read");
        }
    }
    for name in &names {
        let (mut writer, mut answers) = (sign_in(&address, name), Answers::default());
        answers.until(&mut writer, |answers, _| answers.0.len() == rounds);
        writer.write(&chat("anna", "last", "once more")).expect("a message");
        writer.write(&chat(name, "end", "the end")).expect("a message");
        answers.until(&mut writer, |_, stanza| body(stanza) == "the end");
        assert!(answers.0.values().all(|ids| ids.len() == 1), "{name} was told twice: {:?}", answers.0);
    }
}
