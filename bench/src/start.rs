//! How long a server takes to start.

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    figures::{Figures, Outcome},
    meter,
};

/// Between two attempts.
const RETRY: Duration = Duration::from_millis(1);
/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What was needed to start is given back when nothing happens for a moment.
const SETTLE: Duration = Duration::from_secs(3);

/// A server is started, alone in its network namespace, and is to answer.
#[derive(Debug, Args)]
pub(crate) struct Start {
    /// Where it will be.
    #[arg(long)]
    server: SocketAddr,
    /// Its domain.
    #[arg(long, default_value = "bench.internal")]
    domain: String,
    /// The command that starts it.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

impl Start {
    pub(crate) async fn run(&self) -> anyhow::Result<Outcome> {
        let (program, arguments) = self.command.split_first().context("no command")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let began = Instant::now();
        let mut server = Started(command.spawn().with_context(|| format!("cannot start {program}"))?);
        while self.answer().await.is_err() {
            if let Some(status) = server.0.try_wait()? {
                bail!("the server ended with {status}");
            }
            if began.elapsed() > PATIENCE {
                bail!("the server does not answer");
            }
            tokio::time::sleep(RETRY).await;
        }
        let took = began.elapsed();
        tokio::time::sleep(SETTLE).await;
        let mut figures = Figures::default();
        figures.set("ready_milliseconds", took.as_secs_f64() * 1e3);
        figures.set("resident_bytes", meter::resident_bytes(&meter::neighbours()) as f64);
        Ok(Outcome::Measured(figures))
    }

    /// Opens a stream and reads what people could sign in with.
    async fn answer(&self) -> anyhow::Result<()> {
        #[expect(clippy::disallowed_methods, reason = "the load comes from outside of the service")]
        let mut stream = TcpStream::connect(self.server).await?;
        let header = format!(
            "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>",
            self.domain
        );
        stream.write_all(header.as_bytes()).await?;
        let mut input = Vec::new();
        while memchr::memmem::find(&input, b"</mechanisms>").is_none() {
            if stream.read_buf(&mut input).await? == 0 {
                bail!("the server closed the connection");
            }
        }
        Ok(())
    }
}

/// A server that ends with the measurement.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
