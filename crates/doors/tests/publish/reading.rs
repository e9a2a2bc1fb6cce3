//! Reading on and on: nothing is missed, nothing comes twice.

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::ServiceExt;

use crate::house::House;

const TOKEN: (&str, &str) = ("authorization", "Bearer plant-secret");

async fn publish(house: &House, text: &str) -> String {
    let answer = house.ask("POST", "/plant", &[TOKEN, ("tags", text)], text).await.expect(200).json();
    answer["id"].as_str().unwrap().to_owned()
}

fn messages(lines: &str) -> Vec<String> {
    let documents = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    documents.map(|document| document["message"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn poll(house: &House, query: &str) -> Vec<String> {
    let path = format!("/plant/json?poll=1&{query}");
    messages(&house.ask("GET", &path, &[TOKEN], "").await.expect(200).text)
}

/// A body that is read piece by piece.
struct Stream(Body);

impl Stream {
    async fn open(house: &House, path: &str) -> Self {
        let request = Request::builder().uri(path).header(TOKEN.0, TOKEN.1).body(Body::empty()).unwrap();
        let response = house.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        Self(response.into_body())
    }

    async fn next(&mut self) -> Option<String> {
        let frame = self.0.frame().await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    async fn next_json(&mut self) -> Value {
        serde_json::from_str(&self.next().await.unwrap()).unwrap()
    }
}

#[tokio::test]
async fn what_is_there_is_read_since_whenever_it_is_wanted() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(publish(&house, text).await);
        house.testkit.clock.advance(SignedDuration::from_secs(60));
    }
    assert_eq!(poll(&house, "").await, ["one", "two", "three"]);
    assert_eq!(poll(&house, "since=all").await, ["one", "two", "three"]);
    assert_eq!(poll(&house, &format!("since={}", ids[0])).await, ["two", "three"]);
    assert_eq!(poll(&house, &format!("since={}", ids[2])).await, Vec::<String>::new());
    assert_eq!(poll(&house, "since=130s").await, ["two", "three"]);
    let time = house.testkit.clock.now().as_second() - 61;
    assert_eq!(poll(&house, &format!("since={time}")).await, ["three"]);
    assert_eq!(poll(&house, "since=none").await, Vec::<String>::new());
    assert_eq!(poll(&house, "tags=two").await, ["two"]);
    assert_eq!(poll(&house, "priority=5").await, Vec::<String>::new());
    house.ask("GET", "/plant/json?since=yesterday", &[TOKEN], "").await.expect(400);
    let raw = house.ask("GET", "/plant/raw?poll=1", &[TOKEN], "").await.expect(200);
    assert_eq!(raw.text, "one\ntwo\nthree\n");
    let sse = house.ask("GET", "/plant/sse?poll=1", &[TOKEN], "").await.expect(200);
    assert_eq!(sse.headers["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(sse.text.matches("data: {").count(), 3);
}

#[tokio::test]
async fn a_reader_gets_the_past_and_then_what_comes_without_a_gap_also_after_it_was_slow() {
    let house = House::open().await;
    for number in 0..150 {
        publish(&house, &number.to_string()).await;
    }
    let mut stream = Stream::open(&house, "/plant/json?since=all").await;
    assert_eq!(stream.next_json().await["event"], "open");
    for number in 150..310 {
        publish(&house, &number.to_string()).await;
    }
    for number in 0..310 {
        assert_eq!(stream.next_json().await["message"], number.to_string());
    }
    let (next, _) = tokio::join!(stream.next_json(), publish(&house, "live"));
    assert_eq!(next["message"], "live");
    house.stop.cancel();
    assert_eq!(stream.next().await, None, "the stream ends with the service");
}

#[tokio::test]
async fn a_reader_of_two_topics_gets_both_and_no_third() {
    let house = House::open().await;
    let mut stream = Stream::open(&house, "/plant,coffee/json").await;
    assert_eq!(stream.next_json().await["topic"], "plant,coffee");
    let all = [("authorization", "Bearer all-secret")];
    for (topic, text) in [("disk", "full"), ("coffee", "ready"), ("plant", "hot")] {
        house.ask("POST", &format!("/{topic}"), &all, text).await.expect(200);
    }
    assert_eq!(stream.next_json().await["message"], "ready");
    assert_eq!(stream.next_json().await["message"], "hot");
    let many = vec!["plant"; 33].join(",");
    house.ask("GET", &format!("/{many}/json"), &[TOKEN], "").await.expect(400);
}

#[tokio::test]
async fn a_quiet_stream_shows_that_it_is_there() {
    let house = House::open().await;
    let mut stream = Stream::open(&house, "/plant/sse").await;
    assert!(stream.next().await.unwrap().starts_with("event: open\n"));
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    assert!(stream.next().await.unwrap().starts_with("event: keepalive\n"));
    // While the bytes are on their way, the clock that is held may go on to what else is due.
    assert!(began.elapsed().as_secs() >= 45);
}

/// A WebSocket client of a few lines: it reads what servers send, which is not masked (RFC 6455 §5.2).
struct Socket(TcpStream);

impl Socket {
    async fn open(house: &House, path: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a client that comes from outside")]
        let mut stream = TcpStream::connect(house.listen().await).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self(stream)
    }

    /// The kind of the next frame and what is in it.
    async fn next(&mut self) -> (u8, String) {
        let kind = self.0.read_u8().await.unwrap() & 0x0f;
        let length = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            short => usize::from(short),
        };
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).await.unwrap();
        (kind, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A frame as clients send them, masked with nothing.
    async fn say(&mut self, kind: u8, bytes: &[u8]) {
        let head = [0x80 | kind, 0x80 | u8::try_from(bytes.len()).unwrap(), 0, 0, 0, 0];
        self.0.write_all(&[&head, bytes].concat()).await.unwrap();
    }

    async fn next_json(&mut self) -> Value {
        let (kind, text) = self.next().await;
        assert_eq!(kind, 1, "a text frame");
        serde_json::from_str(&text).unwrap()
    }
}

#[tokio::test]
async fn both_websockets_carry_what_is_published_and_close_when_the_service_stops() {
    let house = House::open().await;
    let mut ntfy = Socket::open(&house, "/plant/ws?token=plant-secret").await;
    let mut gotify = Socket::open(&house, "/stream?token=plant-secret").await;
    assert_eq!(ntfy.next_json().await["event"], "open");
    publish(&house, "hot").await;
    assert_eq!(ntfy.next_json().await["message"], "hot");
    let message = gotify.next_json().await;
    assert_eq!((message["message"].as_str(), message["title"].as_str()), (Some("hot"), Some("plant")));
    house.stop.cancel();
    assert_eq!((ntfy.next().await.0, gotify.next().await.0), (8, 8), "both are closed in order");
}

#[tokio::test]
async fn whoever_may_read_no_more_is_told_nothing_more() {
    let house = House::open().await;
    let mut streams = Vec::new();
    for path in ["/plant/json", "/plant/sse", "/plant,disk/raw"] {
        let mut stream = Stream::open(&house, path).await;
        stream.next().await.unwrap();
        streams.push(stream);
    }
    publish(&house, "while they may").await;
    for stream in &mut streams {
        assert!(stream.next().await.unwrap().contains("while they may"));
    }
    house.revoked.store(true, std::sync::atomic::Ordering::Relaxed);
    publish(&house, "afterwards").await;
    for stream in &mut streams {
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn who_may_read_no_more_is_sent_away_also_where_nothing_is_published() {
    let house = House::open().await;
    let mut stream = Stream::open(&house, "/plant/json").await;
    stream.next().await.unwrap();
    house.revoked.store(true, std::sync::atomic::Ordering::Relaxed);
    tokio::time::pause();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_websocket_hears_what_its_client_says_and_ends_when_it_goes() {
    let house = House::open().await;
    for path in ["/coffee/ws", "/stream?token=plant-secret"] {
        let mut socket = Socket::open(&house, path).await;
        if path == "/coffee/ws" {
            assert_eq!(socket.next_json().await["event"], "open");
        }
        socket.say(0x9, b"there?").await;
        assert_eq!(socket.next().await, (0xA, "there?".to_owned()));
        socket.say(0x1, b"words that nobody reads").await;
        publish(&house, "hot").await;
        if path != "/coffee/ws" {
            assert_eq!(socket.next_json().await["message"], "hot");
        }
        socket.say(0x8, &1000_u16.to_be_bytes()).await;
        assert_eq!(socket.next().await.0, 0x8);
        assert!(socket.0.read_u8().await.is_err(), "the connection is over");
        let mut socket = Socket::open(&house, path).await;
        if path == "/coffee/ws" {
            assert_eq!(socket.next_json().await["event"], "open");
        }
        socket.0.write_all(&[0x81, 0x02, b'a', b'b']).await.unwrap();
        assert_eq!(socket.next().await.0, 0x8, "what is not masked cannot be read");
    }
}

#[tokio::test]
async fn a_websocket_ends_for_whoever_may_read_no_more() {
    let house = House::open().await;
    let mut ntfy = Socket::open(&house, "/plant/ws?token=plant-secret").await;
    let mut gotify = Socket::open(&house, "/stream?token=plant-secret").await;
    assert_eq!(ntfy.next_json().await["event"], "open");
    house.revoked.store(true, std::sync::atomic::Ordering::Relaxed);
    publish(&house, "afterwards").await;
    assert_eq!((ntfy.next().await.0, gotify.next().await.0), (8, 8));
}
