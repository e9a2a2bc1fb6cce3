//! One connection of somebody in a dialogue.

use std::{
    collections::VecDeque,
    fmt, io,
    time::{Duration, Instant},
};

use xmpp::{
    Element, namespace,
    stream::{Limits, StreamEvent, StreamReader},
};

use super::{pattern, transport::Transport};
use crate::DOMAIN;

/// How long something that is expected may take. What is never to come is not waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// What comes from the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A stream header, as an element without content, or a child of the stream.
    Element(Element),
    /// The end of the stream.
    Closed,
    /// The end of the connection.
    Gone,
}

/// A connection, and what it has heard that no step has taken yet.
pub(super) struct Client {
    transport: Option<Transport>,
    reader: StreamReader,
    unread: Vec<u8>,
    used: usize,
    /// What was read since the last event: a stream header is taken from it.
    current: Vec<u8>,
    heard: VecDeque<Event>,
    /// The full address, once it is bound.
    pub(super) address: Option<String>,
    /// Stanzas sent and received since counting was asked for and granted (XEP-0198 §4).
    pub(super) sent: u32,
    pub(super) received: u32,
    counting: bool,
    /// Whether the service's questions after its messages are answered, as any client does.
    pub(super) answers_pings: bool,
    /// Whether a message has come since the last question.
    is_unasked: bool,
    settled: u32,
    /// Everything that was said, for whoever has to read a failure.
    pub(super) transcript: Vec<String>,
}

impl Client {
    pub(super) fn new(transport: Transport) -> Self {
        Self {
            transport: Some(transport),
            reader: new_reader(),
            unread: Vec::new(),
            used: 0,
            current: Vec::new(),
            heard: VecDeque::new(),
            address: None,
            sent: 0,
            received: 0,
            counting: false,
            answers_pings: true,
            is_unasked: false,
            settled: 0,
            transcript: Vec::new(),
        }
    }

    /// Changes the socket, as for TLS; what was read before belongs to it no more.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(Transport) -> io::Result<Transport>,
    ) -> io::Result<()> {
        if let Some(transport) = self.transport.take() {
            self.transport = Some(change(transport)?);
        }
        self.reader.reset();
        self.unread.clear();
        self.used = 0;
        Ok(())
    }

    pub(super) fn transport(&self) -> Option<&Transport> {
        self.transport.as_ref()
    }

    /// Writes as it is. That nobody reads it any more is seen where an answer is expected.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.transcript.push(format!("→ {}", String::from_utf8_lossy(bytes)));
        self.count(bytes);
        if let Some(transport) = &mut self.transport {
            drop(transport.write(bytes));
        }
    }

    pub(super) fn write_stream_header(&mut self) {
        self.reader.reset();
        let header = format!(
            "<stream:stream xmlns='jabber:client' xmlns:stream='{}' to='{DOMAIN}' version='1.0'>",
            namespace::STREAM
        );
        self.write(header.as_bytes());
    }

    /// Loses the connection without a word.
    pub(super) fn drop_connection(&mut self) {
        self.transport = None;
        self.address = None;
    }

    /// The next thing that came; none where nothing comes in time.
    pub(super) fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.heard.pop_front() {
            return Some(event);
        }
        self.hear(Instant::now() + PATIENCE)
    }

    /// Writes a message to itself and takes it out again: who has it has been given everything that was kept, and is
    /// given what comes as it comes.
    pub(super) fn hear_oneself(&mut self) -> Result<(), String> {
        let to = self.address.clone().ok_or("only who is bound has an address")?;
        let message = format!(
            "<message to='{to}' type='chat' id='own'><body>own</body><no-permanent-store xmlns='urn:xmpp:hints'/>\
             <no-copy xmlns='urn:xmpp:hints'/><private xmlns='urn:xmpp:carbons:2'/></message>"
        );
        self.write(message.as_bytes());
        let until = Instant::now() + PATIENCE;
        loop {
            match self.hear(until).ok_or("one's own message did not come")? {
                Event::Element(element) if element.attribute("id") == Some("own") => break,
                event => self.heard.push_back(event),
            }
        }
        self.await_question()?;
        self.settle();
        Ok(())
    }

    /// Whether both sides count stanzas.
    pub(super) fn is_counting(&self) -> bool {
        self.counting
    }

    /// Waits for the service's question whether what it wrote has arrived, which is answered when it is read. What
    /// comes before it stays to be taken.
    pub(super) fn await_question(&mut self) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        while self.is_unasked {
            let event =
                self.hear(until).ok_or("the service does not ask whether its messages have arrived")?;
            self.heard.push_back(event);
        }
        Ok(())
    }

    /// What has come and was not taken.
    pub(super) fn heard(&mut self) -> &mut VecDeque<Event> {
        &mut self.heard
    }

    /// Waits until the service has dealt with everything that was said here before, and has said to this client what
    /// was ready. What comes meanwhile stays to be taken.
    pub(super) fn settle(&mut self) {
        if self.address.is_none() || self.transport.is_none() {
            return;
        }
        self.settled += 1;
        let id = format!("settle-{}", self.settled);
        self.write(
            format!("<iq type='get' id='{id}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>").as_bytes(),
        );
        let until = Instant::now() + PATIENCE;
        loop {
            match self.hear(until) {
                Some(Event::Element(element)) if element.attribute("id") == Some(&id) => return,
                Some(Event::Gone) => {
                    self.heard.push_back(Event::Gone);
                    return;
                }
                Some(event) => self.heard.push_back(event),
                None => {
                    self.transcript.push("(the service does not answer a ping)".to_owned());
                    return;
                }
            }
        }
    }

    /// Waits for an element on the way in, and passes over others.
    pub(super) fn await_element(
        &mut self,
        what: &str,
        wanted: impl Fn(&Element) -> bool,
    ) -> Result<Element, String> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.hear(until) {
                Some(Event::Element(element)) if wanted(&element) => return Ok(element),
                Some(Event::Element(_)) => {}
                Some(Event::Closed | Event::Gone) => return Err(format!("the stream ended before {what}")),
                None => return Err(format!("{what} did not come")),
            }
        }
    }

    /// Whether this is what every client gets or is asked and no dialogue needs to say, unless it wants to: the
    /// client's own presence, and the question after a message whether it has arrived.
    pub(super) fn is_usual(&self, event: &Event) -> bool {
        let Event::Element(element) = event else { return false };
        element.is("r", namespace::STREAM_MANAGEMENT)
            || element.is("presence", namespace::CLIENT)
                && element.attribute("from").is_some_and(|from| Some(from) == self.address.as_deref())
            || is_question(element)
    }

    fn hear(&mut self, until: Instant) -> Option<Event> {
        let event = self.read_event(until)?;
        match &event {
            Event::Element(element) => {
                self.transcript.push(format!("← {}", written(element)));
                if self.counting && is_stanza(element) {
                    self.received = self.received.wrapping_add(1);
                }
                if element.is("enabled", namespace::STREAM_MANAGEMENT) {
                    self.counting = true;
                }
                if element.is("resumed", namespace::STREAM_MANAGEMENT) {
                    self.counting = true;
                    // It is bound again; to what, the session before knows.
                    self.address.get_or_insert_default();
                }
                if let Some(address) = bound_address(element) {
                    self.address = Some(address);
                }
                if element.is("success", namespace::SASL) {
                    self.reader.reset();
                }
                self.is_unasked =
                    !is_question(element) && (self.is_unasked || element.is("message", namespace::CLIENT));
                if is_question(element) && self.answers_pings && !self.counting {
                    let id = element.attribute("id").unwrap_or_default();
                    self.write(format!("<iq type='result' id='{id}' to='{DOMAIN}'/>").as_bytes());
                }
            }
            Event::Closed => self.transcript.push("← </stream:stream>".to_owned()),
            Event::Gone => {
                self.is_unasked = false;
                self.transcript.push("← (the connection is closed)".to_owned());
                self.drop_connection();
            }
        }
        Some(event)
    }

    fn read_event(&mut self, until: Instant) -> Option<Event> {
        loop {
            let mut input = &self.unread[self.used..];
            let event = self.reader.read(&mut input);
            let end = self.unread.len() - input.len();
            self.current.extend_from_slice(&self.unread[self.used..end]);
            self.used = end;
            match event {
                Ok(Some(StreamEvent::Stanza(element))) => {
                    self.current.clear();
                    return Some(Event::Element(element));
                }
                Ok(Some(StreamEvent::Opened(_))) => {
                    let header = header(&std::mem::take(&mut self.current));
                    return Some(header.map_or(Event::Gone, Event::Element));
                }
                Ok(Some(StreamEvent::Closed)) => return Some(Event::Closed),
                Ok(None) => {}
                Err(error) => {
                    self.transcript.push(format!("(what came is not XMPP: {error})"));
                    return Some(Event::Gone);
                }
            }
            let transport = self.transport.as_mut()?;
            self.unread.resize(16_384, 0);
            self.used = self.unread.len();
            match transport.read(&mut self.unread, until) {
                Ok(None) => return None,
                Ok(Some(0)) | Err(_) => return Some(Event::Gone),
                Ok(Some(length)) => {
                    self.unread.truncate(length);
                    self.used = 0;
                }
            }
        }
    }

    /// Counts what goes out as XEP-0198 does, from where counting is asked for.
    fn count(&mut self, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let Ok(elements) = pattern::parse(text) else { return };
        for element in elements {
            if element.is("enable", namespace::STREAM_MANAGEMENT) {
                self.sent = 0;
            } else if is_stanza(&element) {
                self.sent = self.sent.wrapping_add(1);
            }
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(element) => formatter.write_str(&written(element)),
            Self::Closed => formatter.write_str("</stream:stream>"),
            Self::Gone => formatter.write_str("(the connection was closed)"),
        }
    }
}

/// An element as it stands in a dialogue.
pub(super) fn written(element: &Element) -> String {
    String::from_utf8_lossy(&element.to_bytes(namespace::CLIENT)).into_owned()
}

fn new_reader() -> StreamReader {
    StreamReader::new(Limits { stanza_bytes_max: 1 << 24, ..Limits::AFTER_SIGN_IN })
}

fn is_stanza(element: &Element) -> bool {
    element.namespace() == namespace::CLIENT && matches!(element.name(), "message" | "presence" | "iq")
}

/// A ping by which the service learns whether what it wrote before has arrived.
fn is_question(element: &Element) -> bool {
    element.is("iq", namespace::CLIENT)
        && element.attribute("type") == Some("get")
        && element.attribute("from") == Some(DOMAIN)
        && element.child("ping", "urn:xmpp:ping").is_some()
}

/// The full address that a client is given: by binding, or by signing in and binding in one (XEP-0386 §4).
fn bound_address(element: &Element) -> Option<String> {
    if let Some(bound) = element.child("bind", namespace::BIND) {
        return Some(bound.child("jid", namespace::BIND)?.text().into_owned());
    }
    let identifier = element.child("authorization-identifier", "urn:xmpp:sasl:2")?.text();
    identifier.contains('/').then(|| identifier.into_owned())
}

/// The start tag of a stream as an element of its own.
fn header(bytes: &[u8]) -> Option<Element> {
    let text = std::str::from_utf8(bytes).ok()?;
    let tag = &text[text.find("<stream:stream")?..];
    let closed = format!("{}/>", tag.trim_end().strip_suffix('>')?);
    Element::parse(closed.as_bytes(), &Limits::default()).ok()
}
