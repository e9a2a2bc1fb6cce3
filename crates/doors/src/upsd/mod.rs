//! Asks Network UPS Tools how power supplies are (RFC 9271).

mod wire;

use std::{io, time::Duration};

use thiserror::Error;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{Instant, timeout_at},
};

pub use self::wire::Power;
use crate::network::{DialError, Gate};

/// The port of `upsd` (RFC 9271 §3.1).
pub const PORT: u16 = 3493;
/// How long all questions and their answers may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many power supplies are looked at.
const SUPPLIES_MAX: usize = 64;
/// How many bytes it may say to all questions.
const BYTES_MAX: u64 = 64 << 10;

/// A power supply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    /// What it is called.
    pub name: String,
    /// How it is.
    pub power: Power,
}

/// Why nothing is known of the power supplies.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UpsdError {
    /// Nobody can be asked.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The connection broke.
    #[error("the connection to upsd broke: {0}")]
    Broken(#[from] io::Error),
    /// It does not speak as it should.
    #[error("upsd answered \"{0}\"")]
    Answer(String),
    /// It took too long.
    #[error("upsd did not answer in time")]
    TooLate,
}

/// Asks for all power supplies that an `upsd` knows.
///
/// # Errors
/// It cannot be asked, or does not answer as it should.
pub async fn ask(gate: &Gate, host: &str, port: u16) -> Result<Vec<Supply>, UpsdError> {
    let deadline = Instant::now() + PATIENCE;
    let stream = gate.dial(host, port, deadline).await?;
    timeout_at(deadline, converse(stream)).await.map_err(|_| UpsdError::TooLate)?
}

async fn converse(stream: TcpStream) -> Result<Vec<Supply>, UpsdError> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader.take(BYTES_MAX));
    writer.write_all(b"LIST UPS\n").await?;
    let mut names = Vec::new();
    expect(&next_line(&mut reader).await?, "BEGIN LIST UPS")?;
    loop {
        let line = next_line(&mut reader).await?;
        if line == "END LIST UPS" {
            break;
        }
        let name = wire::supply(&line).ok_or_else(|| wrong(&line))?;
        if names.len() < SUPPLIES_MAX {
            names.push(name);
        }
    }
    let mut supplies = Vec::new();
    for name in names {
        writer.write_all(format!("GET VAR {name} ups.status\n").as_bytes()).await?;
        let line = next_line(&mut reader).await?;
        // A driver that says nothing is an error of its own (RFC 9271 §4.2.11), and of this supply alone.
        let power = if line.starts_with("ERR ") {
            Power::Unknown
        } else {
            wire::status(&line, &name).ok_or_else(|| wrong(&line))?
        };
        supplies.push(Supply { name, power });
    }
    // It may hang up before: all is known.
    drop(writer.write_all(b"LOGOUT\n").await);
    Ok(supplies)
}

async fn next_line(reader: &mut (impl AsyncBufReadExt + Unpin)) -> Result<String, UpsdError> {
    let mut line = String::new();
    match reader.read_line(&mut line).await? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

fn expect(line: &str, wanted: &str) -> Result<(), UpsdError> {
    if line == wanted { Ok(()) } else { Err(wrong(line)) }
}

fn wrong(line: &str) -> UpsdError {
    UpsdError::Answer(domain::displayable(line).chars().take(80).collect())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::network::GateLimits;

    /// What is heard from a peer that answers so, and says what it was asked.
    async fn heard(answers: &'static str) -> (Result<Vec<Supply>, UpsdError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let peer = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answers.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut asked = String::new();
            drop(stream.read_to_string(&mut asked).await);
            asked
        });
        let limits = GateLimits {
            connections_max: 1,
            connections_per_address_max: 1,
            connections_per_account_max: 1,
            sign_in_failures_per_minute_max: 1,
        };
        let gate = Gate::new(domain::AllowedNetworks::default(), limits);
        let supplies = ask(&gate, "127.0.0.1", port).await;
        (supplies, peer.await.unwrap())
    }

    #[tokio::test]
    async fn every_supply_is_asked_for_and_one_without_a_driver_spoils_nothing() {
        let answers = "BEGIN LIST UPS\nUPS rack \"Rack 1\"\nUPS desk \"\"\nEND LIST UPS\n\
                       VAR rack ups.status \"OB LB\"\nERR DRIVER-NOT-CONNECTED\n";
        let (supplies, asked) = heard(answers).await;
        let supply = |name: &str, power| Supply { name: name.to_owned(), power };
        assert_eq!(
            supplies.unwrap(),
            [supply("rack", Power::Battery { low: true }), supply("desk", Power::Unknown)]
        );
        assert_eq!(asked, "LIST UPS\nGET VAR rack ups.status\nGET VAR desk ups.status\nLOGOUT\n");
    }

    #[tokio::test]
    async fn what_is_no_upsd_is_an_error() {
        for answers in
            ["", "ERR ACCESS-DENIED\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "BEGIN LIST UPS\nUPS\n"]
        {
            assert!(heard(answers).await.0.is_err(), "{answers}");
        }
        let endless: &'static str =
            Box::leak(format!("BEGIN LIST UPS\n{}", "x".repeat(100_000)).into_boxed_str());
        assert!(heard(endless).await.0.is_err());
    }
}
