//! People who mean no harm, while somebody else does.

use std::time::{Duration, Instant};

use xmpp::{Element, namespace};

use crate::{Account, Service, ServiceOptions, XmppConnection, chat};

/// How long a chat may take while somebody does harm.
const CHAT_MAX: Duration = Duration::from_secs(1);

/// A service with these limits for anna, berta and mallory, who may sign in without TLS. The Windows door is open.
pub fn start_for_friends(limits: &str) -> Service {
    let service = Service::start(&ServiceOptions {
        configuration: format!("[limits]\n{limits}\n"),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        windows: true,
        ..ServiceOptions::default()
    });
    for name in ["anna", "berta", "mallory"] {
        service.add_user(name, &Account::new(name).password);
    }
    service
}

/// Signs somebody in, who is available then and answers pings.
pub fn sign_in(service: &Service, name: &str) -> XmppConnection {
    sign_in_at(&service.address("xmpp", "starttls"), &Account::new(name))
}

/// The same, as this device.
pub fn sign_in_at(address: &str, account: &Account) -> XmppConnection {
    let mut connection = XmppConnection::sign_in(address, account).expect("a session");
    connection.answer_pings();
    connection.write("<presence/>").expect("presence is sent");
    connection.pong("available").expect("the presence is taken");
    connection
}

/// Anna and berta, who mean no harm.
#[derive(Debug)]
pub struct Friends {
    /// One of them.
    pub anna: XmppConnection,
    /// The other.
    pub berta: XmppConnection,
    number: u32,
}

impl Friends {
    /// Signs both in.
    pub fn sign_in(service: &Service) -> Self {
        Self { anna: sign_in(service, "anna"), berta: sign_in(service, "berta"), number: 0 }
    }

    /// A word and its answer, with nothing to wait for. Returns how long it took.
    pub fn chat(&mut self) -> Duration {
        self.number += 1;
        let begun = Instant::now();
        let text = format!("hello {}", self.number);
        self.anna.write(&chat("berta", &text, &text)).expect("a word");
        expect_message(&mut self.berta, &text);
        self.berta.write(&chat("anna", &text, &text)).expect("an answer");
        expect_message(&mut self.anna, &text);
        let taken = begun.elapsed();
        assert!(taken < CHAT_MAX, "a word and its answer took {taken:?}");
        taken
    }
}

/// Waits for a message whose text ends so.
pub fn expect_message(connection: &mut XmppConnection, text: &str) {
    let has = |stanza: &Element| {
        stanza.child("body", namespace::CLIENT).is_some_and(|body| body.text().ends_with(text))
    };
    connection.expect(&format!("the message \"{text}\""), has).expect("the connection lives");
}

/// The condition of a stream error.
pub fn stream_condition(error: &Element) -> Option<&str> {
    error.children().find(|child| child.namespace() == namespace::STREAM_ERROR).map(Element::name)
}
