use std::{
    io::ErrorKind,
    net::TcpStream,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tungstenite::{
    Error, Message, WebSocket,
    client::IntoClientRequest,
    http::{HeaderValue, header::AUTHORIZATION},
};

use crate::{Account, DOMAIN, wait::PATIENCE};

/// A client of the event stream, as exactly as its documentation says: it comes back with the number of the last event
/// that it has, and says again what it was not told is taken.
#[derive(Debug)]
pub struct Browser {
    address: String,
    account: Account,
    socket: Option<WebSocket<TcpStream>>,
    stream: Option<String>,
    seq: u64,
    /// What was said under an id and is not taken.
    waiting: Vec<(String, Value)>,
    resumed: u32,
    begun: u32,
}

/// Between two attempts to connect the processor belongs to the service that starts.
const PAUSE: Duration = Duration::from_millis(20);

impl Browser {
    /// A client that connects when it is first listened to. `address` is that of the plain listener of the web door.
    pub fn new(address: &str, account: Account) -> Self {
        Self {
            address: address.to_owned(),
            account,
            socket: None,
            stream: None,
            seq: 0,
            waiting: Vec::new(),
            resumed: 0,
            begun: 0,
        }
    }

    /// Says something now; what has an id also by each later connection, until it is taken.
    pub fn say(&mut self, said: Value) {
        self.write(&said);
        if said["type"] == "message" {
            self.waiting.push((said["id"].as_str().expect("an id").to_owned(), said));
        }
    }

    /// Words to a person.
    pub fn chat(&mut self, to: &str, id: &str, text: &str) {
        self.say(json!({ "type": "message", "id": id, "to": to, "text": text }));
    }

    /// How much it has said that is not taken.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How often it has gone on with its stream, and how often it has begun one.
    pub fn connections(&self) -> (u32, u32) {
        (self.resumed, self.begun)
    }

    /// The next event that is wanted; what comes before is passed over.
    pub fn expect(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(event) = self.listen(Duration::from_millis(200)).filter(&wanted) {
                return event;
            }
        }
        panic!("{} gave up waiting for {what}", self.account.name)
    }

    /// The next event that comes within this time; connects first where there is no connection.
    pub fn listen(&mut self, wait: Duration) -> Option<Value> {
        let Some(mut socket) = self.socket.take() else {
            self.connect();
            return None;
        };
        drop(socket.get_ref().set_read_timeout(Some(wait)));
        match socket.read() {
            Ok(Message::Text(text)) => {
                self.socket = Some(socket);
                let event: Value = serde_json::from_str(text.as_str()).expect("an event");
                self.hear(&event);
                Some(event)
            }
            Ok(Message::Close(_)) => None,
            Ok(_) => {
                self.socket = Some(socket);
                None
            }
            Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                self.socket = Some(socket);
                None
            }
            Err(_) => None,
        }
    }

    fn hear(&mut self, event: &Value) {
        if let Some(seq) = event["seq"].as_u64() {
            assert_eq!(seq, self.seq + 1, "{}: an event is missing or doubled: {event}", self.account.name);
            self.seq = seq;
            self.write(&json!({ "type": "ack", "seq": seq }));
        }
        if event["type"] == "accepted" {
            self.waiting.retain(|(id, _)| event["id"] != *id);
        }
    }

    fn connect(&mut self) {
        let Ok((socket, ready)) = self.open() else { return std::thread::park_timeout(PAUSE) };
        self.socket = Some(socket);
        self.stream = ready["stream"].as_str().map(str::to_owned);
        if ready["resumed"] == true {
            self.resumed += 1;
        } else {
            self.begun += 1;
            self.seq = 0;
            self.write(&json!({ "type": "presence", "show": "available", "id": "presence" }));
        }
        for (_, said) in self.waiting.clone() {
            self.write(&said);
        }
    }

    fn open(&self) -> Result<(WebSocket<TcpStream>, Value), Box<dyn std::error::Error>> {
        let resume = self.stream.as_ref().map(|stream| format!("&resume={stream}&after={}", self.seq));
        let (device, resume) = (&self.account.resource, resume.unwrap_or_default());
        let mut request =
            format!("ws://{DOMAIN}/api/v1/events?device={device}{resume}").into_client_request()?;
        let Account { name, password, .. } = &self.account;
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")));
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&basic)?);
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (mut socket, _) =
            tungstenite::client::client(request, stream).map_err(|error| error.to_string())?;
        let ready = serde_json::from_str(socket.read()?.to_text()?)?;
        Ok((socket, ready))
    }

    /// Writes where there is a connection. Where that fails, what matters is written again by the next one.
    fn write(&mut self, said: &Value) {
        if let Some(socket) = &mut self.socket {
            drop(socket.send(Message::text(said.to_string())));
        }
    }
}
