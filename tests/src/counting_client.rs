use std::{
    collections::{HashSet, VecDeque},
    io::{Error, Result},
    time::Duration,
};

use xmpp::{Element, namespace};

use crate::{Account, XmppConnection};

/// A client that counts stanzas and resumes its session (XEP-0198), as exactly as the specification says: it forgets
/// nothing that is not acknowledged, and sends nothing again that is.
#[derive(Debug)]
pub struct CountingClient {
    address: String,
    account: Account,
    connection: Option<XmppConnection>,
    /// What the session can be resumed by.
    previous: Option<String>,
    /// How many of the service's stanzas have come.
    handled: u32,
    /// How many of its own stanzas the service has acknowledged.
    acknowledged: u32,
    /// What was sent and is not acknowledged.
    waiting: VecDeque<Sent>,
    refused: HashSet<String>,
    resumed: u32,
    bound: u32,
}

#[derive(Debug)]
struct Sent {
    id: Option<String>,
    stanza: String,
}

/// What came of listening.
#[derive(Debug)]
pub enum Happened {
    /// A message, presence or query. It is counted once this was returned.
    Stanza(Element),
    /// What was sent with this id is the service's now.
    Accepted(String),
    /// What was sent with this id was answered with an error.
    Refused(String),
}

const PRESENCE: &str = "<presence/>";
const ASK: &str = "<r xmlns='urn:xmpp:sm:3'/>";

/// Between two attempts to connect the processor belongs to the service that starts.
const PAUSE: Duration = Duration::from_millis(20);

impl CountingClient {
    /// A client that connects when it is first listened to.
    pub fn new(address: &str, account: Account) -> Self {
        Self {
            address: address.to_owned(),
            account,
            connection: None,
            previous: None,
            handled: 0,
            acknowledged: 0,
            waiting: VecDeque::new(),
            refused: HashSet::new(),
            resumed: 0,
            bound: 0,
        }
    }

    /// Sends a stanza now, or as soon as there is a connection.
    pub fn send(&mut self, id: &str, stanza: String) {
        self.write(&format!("{stanza}{ASK}"));
        self.waiting.push_back(Sent { id: Some(id.to_owned()), stanza });
    }

    /// How much it has sent that is not acknowledged.
    pub fn unacknowledged(&self) -> usize {
        self.waiting.iter().filter(|sent| sent.id.is_some()).count()
    }

    /// How often it has resumed its session.
    pub fn resumed(&self) -> u32 {
        self.resumed
    }

    /// How often it has begun a new session.
    pub fn bound(&self) -> u32 {
        self.bound
    }

    /// Listens for at most this long, and connects first where there is no connection.
    pub fn listen(&mut self, wait: Duration) -> Vec<Happened> {
        let mut happened = Vec::new();
        let Some(mut connection) = self.connection.take() else {
            match self.connect(&mut happened) {
                Ok(connection) => self.connection = Some(connection),
                Err(_) => std::thread::park_timeout(PAUSE),
            }
            return happened;
        };
        let Ok(heard) = connection.hear(wait) else { return happened };
        self.connection = Some(connection);
        if let Some(element) = heard {
            self.hear(element, &mut happened);
        }
        happened
    }

    fn hear(&mut self, element: Element, happened: &mut Vec<Happened>) {
        if element.namespace() == namespace::STREAM_MANAGEMENT {
            match element.name() {
                "r" => self.acknowledge(),
                "a" => self.accepted(handled(&element), happened),
                _ => panic!("{} cannot count any more: {element:?}", self.account.name),
            }
            return;
        }
        if element.namespace() == namespace::STREAM {
            // An error of the stream: the connection is about to end.
            return;
        }
        self.handled = self.handled.wrapping_add(1);
        if element.attribute("type") == Some("error")
            && let Some(id) = element.attribute("id")
            && self.waiting.iter().any(|sent| sent.id.as_deref() == Some(id))
        {
            self.refused.insert(id.to_owned());
            happened.push(Happened::Refused(id.to_owned()));
        }
        happened.push(Happened::Stanza(element));
    }

    /// Says how many stanzas have come.
    fn acknowledge(&mut self) {
        self.write(&format!("<a xmlns='{}' h='{}'/>", namespace::STREAM_MANAGEMENT, self.handled));
    }

    /// Forgets what the service has.
    fn accepted(&mut self, handled: u32, happened: &mut Vec<Happened>) {
        let newly = handled.wrapping_sub(self.acknowledged) as usize;
        let waiting = self.waiting.len();
        assert!(newly <= waiting, "{}: {newly} are acknowledged of {waiting} sent", self.account.name);
        self.acknowledged = handled;
        for sent in self.waiting.drain(..newly) {
            happened.extend(sent.id.filter(|id| !self.refused.remove(id)).map(Happened::Accepted));
        }
    }

    fn connect(&mut self, happened: &mut Vec<Happened>) -> Result<XmppConnection> {
        let mut connection = XmppConnection::authenticated(&self.address, &self.account)?;
        if !self.resume(&mut connection, happened)? {
            connection.bind(&self.account)?;
            self.previous = Some(connection.count()?);
            (self.handled, self.acknowledged) = (0, 0);
            self.waiting.retain(|sent| sent.id.is_some());
            self.waiting.push_front(Sent { id: None, stanza: PRESENCE.to_owned() });
            self.bound += 1;
        }
        for sent in &self.waiting {
            connection.write(&sent.stanza)?;
        }
        connection.write(ASK)?;
        Ok(connection)
    }

    fn resume(&mut self, connection: &mut XmppConnection, happened: &mut Vec<Happened>) -> Result<bool> {
        let Some(previous) = &self.previous else { return Ok(false) };
        let namespace = namespace::STREAM_MANAGEMENT;
        let handled_by_us = self.handled;
        connection
            .write(&format!("<resume xmlns='{namespace}' h='{handled_by_us}' previd='{previous}'/>"))?;
        let answer = connection.expect("the answer to a resumption", |element| {
            element.is("resumed", namespace) || element.is("failed", namespace) || element.name() == "error"
        })?;
        match answer.name() {
            "resumed" => {
                self.resumed += 1;
                self.accepted(handled(&answer), happened);
                Ok(true)
            }
            "failed" => {
                self.previous = None;
                Ok(false)
            }
            _ => Err(Error::other(format!("{} cannot resume: {answer:?}", self.account.name))),
        }
    }

    /// Writes where there is a connection. Where that fails, what came before the break is still to be read; what
    /// matters is written again by the next connection.
    fn write(&mut self, xml: &str) {
        if let Some(connection) = &mut self.connection {
            drop(connection.write(xml));
        }
    }
}

fn handled(element: &Element) -> u32 {
    element.attribute("h").and_then(|handled| handled.parse().ok()).expect("a number of stanzas")
}
