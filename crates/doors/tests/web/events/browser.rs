use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use testkit::DOMAIN;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header::AUTHORIZATION},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::house::House;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of the event stream.
pub(super) struct Browser {
    socket: WebSocketStream<TcpStream>,
    /// What the first event has said.
    pub(super) ready: Value,
    /// The number of the last event that had one.
    pub(super) seq: u64,
}

/// What `Authorization` says for a name and a password.
pub(super) fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// Opens a stream; the status of the answer where it is refused.
pub(super) async fn open(house: &House, query: &str, authorization: Option<&str>) -> Result<Browser, u16> {
    let stream = house.connect_plain().await.into_stream();
    let mut request = format!("ws://{DOMAIN}/api/v1/events?{query}").into_client_request().unwrap();
    if let Some(value) = authorization {
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    }
    match client_async(request, stream).await {
        Ok((socket, answer)) => {
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            let mut browser = Browser { socket, ready: Value::Null, seq: 0 };
            browser.ready = browser.next().await;
            assert_eq!(browser.ready["type"], "ready");
            Ok(browser)
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Browser {
    /// Somebody who is there, by a device of this name, and hears everything.
    pub(super) async fn sign_in(house: &House, name: &str, device: &str) -> Self {
        let mut browser = Self::connect(house, name, &format!("device={device}")).await;
        browser.say(json!({ "type": "presence", "show": "available", "id": "here" })).await;
        browser.expect(|event| event["type"] == "done" && event["id"] == "here").await;
        let receives = async {
            let is_own = |view: &hub::SessionView| view.resource == device && view.receives;
            while !house.house.hub.sessions().iter().any(is_own) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, receives).await.unwrap();
        browser
    }

    pub(super) async fn connect(house: &House, name: &str, query: &str) -> Self {
        let password = if name == "anna" { "geheim:ü" } else { "secret" };
        open(house, query, Some(&basic(name, password))).await.unwrap()
    }

    pub(super) async fn say(&mut self, said: Value) {
        self.say_text(&said.to_string()).await;
    }

    pub(super) async fn say_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    pub(super) async fn send(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next event.
    pub(super) async fn next(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap();
            match message.unwrap().unwrap() {
                Message::Text(text) => {
                    let event: Value = serde_json::from_str(text.as_str()).unwrap();
                    if let Some(seq) = event["seq"].as_u64() {
                        self.seq = seq;
                    }
                    return event;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("no event: {other:?}"),
            }
        }
    }

    /// The next event that is wanted; what comes before is passed over.
    pub(super) async fn expect(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await;
            if wanted(&event) {
                return event;
            }
        }
    }

    /// The next message with words.
    pub(super) async fn words(&mut self) -> Value {
        self.expect(|event| event["type"] == "message" && event["content"] == "text").await
    }

    /// Says words and waits until they are taken.
    pub(super) async fn tell(&mut self, to: &str, id: &str, text: &str) -> Value {
        self.say(json!({ "type": "message", "id": id, "to": to, "text": text })).await;
        self.expect(|event| event["type"] == "accepted" && event["id"] == id).await
    }

    pub(super) async fn acknowledge(&mut self) {
        self.say(json!({ "type": "ack", "seq": self.seq })).await;
    }

    /// The answer to a ping, with which everything that was said before is dealt with.
    pub(super) async fn settle(&mut self) {
        self.send(Message::Ping(b"?".as_slice().into())).await;
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap() {
                Message::Pong(said) => return assert_eq!(&said[..], b"?"),
                Message::Text(_) => {}
                other => panic!("no pong: {other:?}"),
            }
        }
    }

    /// Says goodbye with this code, and waits until the connection is closed.
    pub(super) async fn leave(mut self, code: CloseCode) {
        self.socket.close(Some(CloseFrame { code, reason: "".into() })).await.unwrap();
        while let Some(Ok(_)) = self.socket.next().await {}
    }

    /// The code that the service closes with.
    pub(super) async fn close_code(&mut self) -> u16 {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    }

    /// Whether nothing has come that was not taken.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.socket.next().now_or_never().is_none()
    }
}
