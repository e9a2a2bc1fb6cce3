use std::{
    cell::RefCell,
    io::{Error, ErrorKind, Read, Result, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use socket2::{Domain, Socket, Type};
use xmpp::{
    Element, namespace,
    stream::{Limits, StreamEvent, StreamReader},
};

use crate::{DOMAIN, wait::PATIENCE};

/// Who signs in, and as which device.
#[derive(Clone, Debug)]
pub struct Account {
    /// The name before the @.
    pub name: String,
    /// The password.
    pub password: String,
    /// The resource that is asked for.
    pub resource: String,
}

/// One connection of an XMPP client without TLS, and without any habit of its own: what is written and what comes is
/// the test's to decide.
#[derive(Debug)]
pub struct XmppConnection {
    socket: TcpStream,
    reader: StreamReader,
    unread: Vec<u8>,
    used: usize,
    answers_pings: bool,
}

/// A chat message as a stanza.
pub fn chat(to: &str, id: &str, body: &str) -> String {
    format!(
        "<message to='{to}@{DOMAIN}' type='chat' id='{id}'><body>{body}</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>"
    )
}

impl Account {
    /// An account whose password is made of its name.
    pub fn new(name: &str) -> Self {
        let (password, resource) = (format!("password of {name}"), "load".to_owned());
        Self { name: name.to_owned(), password, resource }
    }
}

impl XmppConnection {
    /// Connects and reads the service's features.
    pub fn open(address: &str) -> Result<Self> {
        Self::begin(TcpStream::connect(address)?)
    }

    /// The same, from an address of this machine.
    pub fn open_from(source: IpAddr, address: &str) -> Result<Self> {
        Self::begin(connect_from(source, address)?)
    }

    /// The same, by a socket that is connected already.
    pub fn begin(socket: TcpStream) -> Result<Self> {
        let mut connection = Self::over(socket)?;
        connection.open_stream()?;
        Ok(connection)
    }

    fn over(socket: TcpStream) -> Result<Self> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let limits = Limits { stanza_bytes_max: 1 << 24, ..Limits::AFTER_SIGN_IN };
        let reader = StreamReader::new(limits);
        Ok(Self { socket, reader, unread: Vec::new(), used: 0, answers_pings: false })
    }

    /// Connects, signs in and binds.
    pub fn sign_in(address: &str, account: &Account) -> Result<Self> {
        let mut connection = Self::authenticated(address, account)?;
        connection.bind(account)?;
        Ok(connection)
    }

    /// The same, by a socket that is connected already.
    pub fn sign_in_over(socket: TcpStream, account: &Account) -> Result<Self> {
        let mut connection = Self::begin(socket)?;
        connection.prove(account)?;
        connection.bind(account)?;
        Ok(connection)
    }

    /// Connects and signs in, without binding.
    pub fn authenticated(address: &str, account: &Account) -> Result<Self> {
        let mut connection = Self::open(address)?;
        connection.prove(account)?;
        Ok(connection)
    }

    fn prove(&mut self, account: &Account) -> Result<()> {
        let answer = self.authenticate(account)?;
        if answer.name() != "success" {
            return Err(Error::other(format!("{} cannot sign in: {answer:?}", account.name)));
        }
        self.reader.reset();
        self.open_stream()
    }

    /// Says the password (SASL PLAIN) and returns the answer.
    pub fn authenticate(&mut self, account: &Account) -> Result<Element> {
        let Account { name, password, .. } = account;
        let secret = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
        self.write(&format!("<auth xmlns='{}' mechanism='PLAIN'>{secret}</auth>", namespace::SASL))?;
        self.expect("the answer to a password", |element| element.namespace() == namespace::SASL)
    }

    /// Binds the account's resource.
    pub fn bind(&mut self, account: &Account) -> Result<()> {
        let resource = &account.resource;
        self.write(&format!(
            "<iq type='set' id='bind'><bind xmlns='{}'><resource>{resource}</resource></bind></iq>",
            namespace::BIND
        ))?;
        let answer = self.expect("a resource", |element| element.attribute("id") == Some("bind"))?;
        match answer.attribute("type") {
            Some("result") => Ok(()),
            _ => Err(Error::other(format!("{} cannot bind: {answer:?}", account.name))),
        }
    }

    /// Counts stanzas from here on (XEP-0198), and returns what the session can be resumed by.
    pub fn count(&mut self) -> Result<String> {
        self.write(&format!("<enable xmlns='{}' resume='true'/>", namespace::STREAM_MANAGEMENT))?;
        let enabled = self.expect("counting to be enabled", |element| {
            element.is("enabled", namespace::STREAM_MANAGEMENT)
                || element.is("failed", namespace::STREAM_MANAGEMENT)
        })?;
        enabled
            .attribute("id")
            .map(str::to_owned)
            .ok_or_else(|| Error::other(format!("no resumption: {enabled:?}")))
    }

    /// Asks the service for an answer and waits for it: everything that was written before has been read then, and
    /// everything that was said before has come.
    pub fn pong(&mut self, id: &str) -> Result<()> {
        self.write(&format!(
            "<iq type='get' id='{id}' to='{DOMAIN}'><ping xmlns='{}'/></iq>",
            namespace::PING
        ))?;
        let is_answer = |element: &Element| element.name() == "iq" && element.attribute("id") == Some(id);
        self.expect("the answer to a ping", is_answer).map(drop)
    }

    /// The same; returns what was said before the answer, as XML. Pings of the service's are passed over.
    pub fn answers_before_pong(&mut self, id: &str) -> Result<Vec<String>> {
        self.write(&format!(
            "<iq type='get' id='{id}' to='{DOMAIN}'><ping xmlns='{}'/></iq>",
            namespace::PING
        ))?;
        let said = RefCell::new(Vec::new());
        self.expect("the answer to a ping", |element| {
            let is_answer = element.name() == "iq" && element.attribute("id") == Some(id);
            if !is_answer
                && element
                    .child("ping", namespace::PING)
                    .is_none_or(|_| element.attribute("type") != Some("get"))
            {
                let bytes = element.to_bytes(namespace::CLIENT);
                said.borrow_mut().push(String::from_utf8_lossy(&bytes).into_owned());
            }
            is_answer
        })?;
        Ok(said.into_inner())
    }

    /// From here on the service's pings are answered when they are heard.
    pub fn answer_pings(&mut self) {
        self.answers_pings = true;
    }

    /// Writes as it is.
    pub fn write(&mut self, xml: &str) -> Result<()> {
        self.socket.write_all(xml.as_bytes())
    }

    /// The next child of the stream, if one comes in this time. An error means that the stream is over.
    pub fn hear(&mut self, wait: Duration) -> Result<Option<Element>> {
        let end = Instant::now() + wait;
        loop {
            match self.read_event(end)? {
                Some(StreamEvent::Stanza(element)) => {
                    if self.answers_pings && element.child("ping", namespace::PING).is_some() {
                        let id = element.attribute("id").unwrap_or_default();
                        self.write(&format!("<iq type='result' id='{id}'/>"))?;
                    }
                    return Ok(Some(element));
                }
                Some(StreamEvent::Opened(_)) => {}
                Some(StreamEvent::Closed) => return Err(ErrorKind::UnexpectedEof.into()),
                None => return Ok(None),
            }
        }
    }

    /// Waits for a child of the stream, and passes over others.
    pub fn expect(&mut self, what: &str, wanted: impl Fn(&Element) -> bool) -> Result<Element> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.hear(end.saturating_duration_since(Instant::now()))? {
                Some(element) if wanted(&element) => return Ok(element),
                Some(_) => {}
                None => panic!("gave up waiting for {what}"),
            }
        }
    }

    /// Waits until the service has closed the connection, and returns the last thing that it said.
    pub fn expect_end(&mut self) -> Option<Element> {
        let end = Instant::now() + PATIENCE;
        let mut last = None;
        loop {
            match self.hear(end.saturating_duration_since(Instant::now())) {
                Ok(Some(element)) => last = Some(element),
                Ok(None) => panic!("gave up waiting for the end of the connection"),
                Err(_) => return last,
            }
        }
    }

    /// Where what was sent is no stream: connects, writes that, and returns the stream error that follows.
    pub fn refused(address: &str, bytes: &[u8]) -> Result<Option<Element>> {
        let mut connection = Self::over(TcpStream::connect(address)?)?;
        connection.socket.write_all(bytes)?;
        Ok(connection.expect_end())
    }

    /// The socket itself.
    pub fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    fn open_stream(&mut self) -> Result<()> {
        self.write(&format!(
            "<stream:stream xmlns='jabber:client' xmlns:stream='{}' to='{DOMAIN}' version='1.0'>",
            namespace::STREAM
        ))?;
        self.expect("the features", |element| element.is("features", namespace::STREAM)).map(drop)
    }

    fn read_event(&mut self, end: Instant) -> Result<Option<StreamEvent>> {
        loop {
            let mut input = &self.unread[self.used..];
            let event = self.reader.read(&mut input);
            self.used = self.unread.len() - input.len();
            if let Some(event) = event.map_err(|error| Error::other(format!("{error:?}")))? {
                return Ok(Some(event));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.socket.set_read_timeout(Some(left))?;
            self.unread.resize(16_384, 0);
            self.used = self.unread.len();
            match self.socket.read(&mut self.unread) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => {
                    self.unread.truncate(length);
                    self.used = 0;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Connects from an address of this machine.
pub fn connect_from(source: IpAddr, address: &str) -> Result<TcpStream> {
    let address: SocketAddr = address.parse().map_err(Error::other)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect(&address.into())?;
    Ok(socket.into())
}
