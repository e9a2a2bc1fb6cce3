use std::io::{self, IsTerminal};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the administrator, or the system, asks of the running service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// End (SIGTERM, SIGINT; SIGHUP where the terminal that the service was started at has gone away).
    Stop,
    /// Read the configuration and the certificates again (SIGHUP).
    Reload,
}

/// The signals by which the service is asked. From when this is made, they do nothing by themselves.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    at_terminal: bool,
}

impl Signals {
    /// Listens for them.
    ///
    /// # Errors
    /// The system does not let it.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            at_terminal: io::stderr().is_terminal(),
        })
    }

    /// What is asked next.
    pub(crate) async fn next(&mut self) -> Request {
        tokio::select! {
            _ = self.terminate.recv() => Request::Stop,
            _ = self.interrupt.recv() => Request::Stop,
            _ = self.hangup.recv() => {
                // A terminal that was closed is no terminal any more.
                let closed = self.at_terminal && !io::stderr().is_terminal();
                if closed { Request::Stop } else { Request::Reload }
            }
        }
    }

    /// Waits until stopping is asked for, whatever else is.
    pub(crate) async fn stop(&mut self) {
        while self.next().await != Request::Stop {}
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    #[tokio::test]
    async fn a_hangup_asks_for_the_configuration_and_the_others_for_the_end() {
        let mut signals = Signals::listen().unwrap();
        signals.at_terminal = false;
        for (signal, request) in
            [(Signal::HUP, Request::Reload), (Signal::TERM, Request::Stop), (Signal::INT, Request::Stop)]
        {
            kill_process(getpid(), signal).unwrap();
            assert_eq!(signals.next().await, request);
        }
        kill_process(getpid(), Signal::HUP).unwrap();
        kill_process(getpid(), Signal::TERM).unwrap();
        signals.stop().await;
    }
}
