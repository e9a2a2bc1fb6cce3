//! Reading on by a WebSocket: what is published goes out, and the client's own words are heard only to know that it is
//! there and when it goes.

use std::{io, pin::pin, time::Duration};

use axum::{http::request::Parts, response::Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use websocket::{Reader, Received, WebSocketError};

use super::{Denied, follow::KEEPALIVE};
use crate::{
    pace::Pace,
    web::{Arrived, WebSocket},
};

/// The most bytes of what a client says; nothing of it is of interest.
const SAID_BYTES_MAX: usize = 4_096;

/// How often a client may say something within a second, and how much at once; so many bytes count as once.
const SAID_PER_SECOND_MAX: u32 = 20;
const SAID_AT_ONCE_MAX: u32 = 100;
const CHARGED_BYTES: usize = 256;

/// How long the end may take to be written.
const FAREWELL_MAX: Duration = Duration::from_secs(5);

/// What a reader is told.
pub(super) trait Words: Send + 'static {
    /// The next of it, when it comes; none at the end.
    fn next(&mut self) -> impl Future<Output = Option<String>> + Send;
}

/// Gives a reader's connection up for a WebSocket by which it is told these words.
pub(super) fn tell(parts: &mut Parts, words: impl Words) -> Result<Response, Denied> {
    let socket = WebSocket::of(parts)
        .map_err(|problem| Denied::invalid(format!("this path is for WebSockets: {}", problem.detail)))?;
    let (upgrade, answer) = socket.accept();
    // The connection counts at the gate until nothing holds this any more.
    let arrived = parts.extensions.get::<Arrived>().cloned();
    tokio::spawn(serve(upgrade, arrived, words));
    Ok(answer)
}

async fn serve(upgrade: OnUpgrade, arrived: Option<Arrived>, words: impl Words) {
    match upgrade.await {
        Ok(upgraded) => {
            let (reading, writing) = split(TokioIo::new(upgraded));
            if let Err(error) = Stream::new(reading, writing).run(words).await {
                tracing::debug!(%error, "a reader's connection broke off");
            }
        }
        Err(error) => tracing::debug!(%error, "a reader was gone before anything was said"),
    }
    drop(arrived);
}

struct Stream<R, W> {
    heard: Heard<R>,
    writing: W,
}

/// What comes from the client.
struct Heard<R> {
    reading: R,
    reader: Reader,
    pace: Pace,
    /// Until when nothing more is read of a client that says too much.
    held: Option<Instant>,
}

/// Why a connection ends.
enum End {
    /// There is nothing more to say.
    Said,
    /// The client goes.
    Gone,
    /// What it says cannot be read.
    Unreadable(WebSocketError),
    /// It has not answered.
    Silent,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Stream<R, W> {
    fn new(reading: R, writing: W) -> Self {
        let pace = Pace::new(SAID_PER_SECOND_MAX, SAID_AT_ONCE_MAX);
        let heard = Heard { reading, reader: Reader::new(SAID_BYTES_MAX), pace, held: None };
        Self { heard, writing }
    }

    async fn run(mut self, words: impl Words) -> io::Result<()> {
        let end = self.talk(words).await?;
        let mut close = Vec::new();
        match end {
            End::Said => websocket::write_close(1001, "", &mut close),
            End::Gone => websocket::write_close(1000, "", &mut close),
            End::Silent => websocket::write_close(1001, "no answer for long", &mut close),
            End::Unreadable(error) => {
                websocket::write_close(error.close_code(), &error.to_string(), &mut close);
            }
        }
        let farewell = async {
            self.writing.write_all(&close).await?;
            self.writing.shutdown().await
        };
        timeout(FAREWELL_MAX, farewell).await.unwrap_or(Ok(()))
    }

    async fn talk(&mut self, mut words: impl Words) -> io::Result<End> {
        let mut pings = interval_at(Instant::now() + KEEPALIVE, KEEPALIVE);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut answered = true;
        loop {
            // What is about to be said is not lost by what is heard meanwhile.
            let mut next = pin!(words.next());
            let said = loop {
                let mut out = Vec::new();
                tokio::select! {
                    said = &mut next => break said,
                    heard = self.heard.next() => match heard {
                        Ok(Some(Received::Ping(said))) => {
                            answered = true;
                            websocket::write_pong(&said, &mut out);
                        }
                        Ok(Some(Received::Pong | Received::Text(_))) => answered = true,
                        Ok(Some(Received::Close(_)) | None) => return Ok(End::Gone),
                        Err(error) => return Ok(End::Unreadable(error)),
                    },
                    _ = pings.tick() => {
                        if !std::mem::replace(&mut answered, false) {
                            return Ok(End::Silent);
                        }
                        websocket::write_ping(&mut out);
                    }
                }
                self.write(&out).await?;
            };
            let Some(said) = said else { return Ok(End::Said) };
            let mut out = Vec::new();
            websocket::write_text(said.as_bytes(), &mut out);
            self.write(&out).await?;
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writing.write_all(bytes).await?;
        self.writing.flush().await
    }
}

impl<R: AsyncRead + Unpin> Heard<R> {
    /// The next that the client says; none where it is gone. Nothing is lost where it is not waited for.
    async fn next(&mut self) -> Result<Option<Received>, WebSocketError> {
        loop {
            if let Some(until) = self.held {
                sleep_until(until).await;
                self.held = None;
            }
            if let Some(received) = self.reader.read()? {
                self.held = self.pace.take(Instant::now(), 1);
                return Ok(Some(received));
            }
            let mut bytes = [0; 512];
            match self.reading.read(&mut bytes).await {
                Ok(0) | Err(_) => return Ok(None),
                Ok(count) => {
                    self.reader.push(&bytes[..count]);
                    let charged = u32::try_from(count / CHARGED_BYTES).unwrap_or(u32::MAX);
                    self.held = self.pace.take(Instant::now(), charged.max(1));
                }
            }
        }
    }
}
