//! The server's HTTP interface, as a program uses it that stays connected (RFC 9112).

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use memchr::memmem;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::connection::Connection;

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Where the interface is, and who asks.
#[derive(Clone, Debug, Args)]
pub(crate) struct Way {
    /// The address and port of the HTTP interface.
    #[arg(long, default_value = "127.0.0.1:8080")]
    api: SocketAddr,
    /// The file of the token that may send alerts and read their reports.
    #[arg(long)]
    token_file: PathBuf,
}

/// One connection, by which one thing after the other is asked.
pub(crate) struct Interface {
    connection: Connection,
    /// What is the same of each request.
    headers: String,
}

impl Interface {
    pub(crate) async fn open(way: &Way) -> anyhow::Result<Self> {
        ensure!(way.api.ip().is_loopback(), "{} is not on this machine: the load stays on it", way.api);
        let file = way.token_file.display();
        let token = fs::read_to_string(&way.token_file).with_context(|| format!("cannot read {file}"))?;
        let from = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let connection =
            Connection::open(from, way.api).await.with_context(|| format!("connecting to {}", way.api))?;
        let headers = format!("Host: {}\r\nAuthorization: Bearer {}\r\n", way.api, token.trim());
        Ok(Self { connection, headers })
    }

    /// Asks for a document; its bytes.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.ask("GET", path, "").await
    }

    /// Hands a document in; what is answered.
    pub(crate) async fn post(&mut self, path: &str, document: &Value) -> anyhow::Result<Value> {
        let answer = self.ask("POST", path, &document.to_string()).await?;
        serde_json::from_slice(&answer).with_context(|| format!("the answer to POST {path}"))
    }

    /// Changes to a WebSocket (RFC 6455 §4.1); the first that comes by it has been read.
    pub(crate) async fn listen(mut self, path: &str) -> anyhow::Result<Connection> {
        let headers = &self.headers;
        let request = format!(
            "GET /api/v1{path} HTTP/1.1\r\n{headers}Connection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        self.connection.write_all(request.as_bytes()).await?;
        let mut input = Vec::new();
        loop {
            // Behind the head comes a frame.
            if memmem::find(&input, b"\r\n\r\n").is_some_and(|end| input.len() > end + 4) {
                ensure!(input.starts_with(b"HTTP/1.1 101 "), "{path}: {}", String::from_utf8_lossy(&input));
                return Ok(self.connection);
            }
            ensure!(input.len() < ANSWER_BYTES_MAX, "the answer to {path} is too long");
            if self.connection.read_buf(&mut input).await? == 0 {
                bail!("the server closed the connection: {}", String::from_utf8_lossy(&input));
            }
        }
    }

    async fn ask(&mut self, method: &str, path: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let headers = &self.headers;
        let request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\n{headers}Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.connection.write_all(request.as_bytes()).await?;
        let mut input = Vec::with_capacity(1 << 16);
        loop {
            if let Some(answer) = Answer::read(&input)? {
                let body = input.split_off(answer.head_bytes);
                let said = String::from_utf8_lossy(&body);
                ensure!((200..300).contains(&answer.status), "{method} {path}: {} {said}", answer.status);
                return Ok(body);
            }
            ensure!(input.len() < ANSWER_BYTES_MAX, "the answer to {method} {path} is too long");
            if self.connection.read_buf(&mut input).await? == 0 {
                bail!("the server closed the connection before it answered {method} {path}");
            }
        }
    }
}

/// An answer that has come whole.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// Up to the body.
    head_bytes: usize,
}

impl Answer {
    /// None where more is to come.
    fn read(input: &[u8]) -> anyhow::Result<Option<Self>> {
        let Some(end) = memmem::find(input, b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&input[..end])?;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?;
        let length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("an answer without its length")?;
        let (head_bytes, body_bytes) = (end + 4, length.1.trim().parse::<usize>()?);
        let is_whole = input.len() >= head_bytes + body_bytes;
        Ok(is_whole.then_some(Self { status: status.parse()?, head_bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_has_come_whole() {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\nx: y\r\n\r\nbody";
        for end in 0..text.len() {
            assert_eq!(Answer::read(&text[..end]).unwrap(), None);
        }
        let answer = Answer::read(text).unwrap().unwrap();
        assert_eq!((answer.status, &text[answer.head_bytes..]), (201, &b"body"[..]));
        assert!(Answer::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
