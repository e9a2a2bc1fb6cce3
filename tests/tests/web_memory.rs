//! What a browser costs that only listens.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use end_to_end::{Account, DOMAIN, Service, ServiceOptions};

const SESSIONS: u64 = 500;

/// The budget of a browser's session. The program of the tests is not optimised, and needs no less.
const BYTES_MAX: u64 = 14 * 1_024;

/// A stream that was opened: its first event has come.
fn open(address: &str, token: &str, device: u64) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the door listens");
    let request = format!(
        "GET /api/v1/events?device=page-{device} HTTP/1.1\r\nHost: {DOMAIN}\r\nAuthorization: Bearer {token}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the door reads");
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("an answer");
    assert!(line.starts_with("HTTP/1.1 101 "), "{line}");
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("a head");
    }
    let mut head = [0; 2];
    reader.read_exact(&mut head).expect("a frame");
    assert_eq!(head[0], 0x81, "a text");
    drop(reader);
    stream
}

#[test]
fn a_browser_that_only_listens_takes_little_memory() {
    let options = ServiceOptions {
        configuration: "[limits]\nsessions_per_account_max = 1000\nconnections_per_account_max = 1000"
            .to_owned(),
        ..ServiceOptions::default()
    };
    let service = Service::start(&options);
    service.add_user("anna", &Account::new("anna").password);
    let token = service.json(&["token", "add", "pages", "--scope", "chat", "--as", "anna"]);
    let token = token["secret"].as_str().expect("a secret");
    let address = service.address("web", "http");
    // What the first ones need, all have.
    let mut streams: Vec<TcpStream> = (0..50).map(|device| open(&address, token, device)).collect();
    let before = service.memory();
    streams.extend((50..50 + SESSIONS).map(|device| open(&address, token, device)));
    let each = service.memory().saturating_sub(before) / SESSIONS;
    println!("{each} bytes for each session");
    assert!(each <= BYTES_MAX, "{each} bytes for each session");
}
