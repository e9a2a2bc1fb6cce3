//! The way out to machines that take messenger messages.

mod call;
mod delivery;
mod parts;
mod way;
mod words;

use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use async_trait::async_trait;
use hub::{ComputerGateway, ComputerMessage, GroupMessage, GroupSent, Hub};
use netbios::code_page::CodePage;
use tokio::time::Instant;

use self::{delivery::Failure, parts::parts, way::Way};
use super::{CodePages, Datagrams, Names};
use crate::network::{self, DialError, Gate};

/// How long a message may take, over all attempts, once its machine is found.
const DEADLINE: Duration = Duration::from_secs(30);
/// How many addresses of one NetBIOS name are tried.
const ADDRESSES_MAX: usize = 4;

/// Sends messages to machines as NET SEND does, by the ways that their receivers understand.
///
/// A machine is found by the name service, else by the domain name system. Its name is called on port 139. Where nobody
/// answers to it, whoever listens there is called; where the port is closed and none was asked for, 445 is tried, and
/// after it a remote procedure call; and a message of one block that the machine hangs up on is sent in several. Only
/// addresses inside the allowed networks are connected to. A long text is sent in several messages.
#[derive(Debug)]
pub struct WindowsGateway {
    gate: Arc<Gate>,
    code_pages: CodePages,
    hub: Weak<Hub>,
    network: OnceLock<Network>,
}

/// What the gateway has of the network beside connections.
#[derive(Debug, Default)]
struct Network {
    names: Option<Names>,
    datagrams: Option<Datagrams>,
}

impl WindowsGateway {
    /// A gateway whose machines read these code pages.
    pub fn new(gate: Arc<Gate>, code_pages: CodePages, hub: Weak<Hub>) -> Arc<Self> {
        Arc::new(Self { gate, code_pages, hub, network: OnceLock::new() })
    }

    /// From now on machines are found by the name service, and whole groups are reached by datagrams, where there are
    /// such ways. Only the first call counts.
    pub fn set_network(&self, names: Option<Names>, datagrams: Option<Datagrams>) {
        drop(self.network.set(Network { names, datagrams }));
    }

    /// Sends a text to a machine, part by part where it is long. The number with a failure says how many parts have
    /// arrived, and of how many.
    async fn send_parts(
        &self,
        message: &mut ComputerMessage,
        page: CodePage,
        deadline: Instant,
    ) -> Result<Vec<char>, (Failure, [usize; 2])> {
        let parts = parts(&message.text, page).map_err(|failure| (failure, [0, 1]))?;
        let count = parts.len();
        let mut replaced = Vec::new();
        for (arrived, part) in parts.into_iter().enumerate() {
            message.text = part;
            let sent = self.send_to_host(message, network::share(deadline, count - arrived)).await;
            for character in sent.map_err(|failure| (failure, [arrived, count]))? {
                if !replaced.contains(&character) {
                    replaced.push(character);
                }
            }
        }
        Ok(replaced)
    }

    /// Sends a message by the ways that are left, one after the other.
    async fn send_to_host(&self, message: &ComputerMessage, deadline: Instant) -> Result<Vec<char>, Failure> {
        let mut way = Way::first(&message.computer);
        loop {
            let failure = match self.deliver(&way, message, deadline).await {
                Ok(sent) => return Ok(sent.replaced),
                Err(failure) => failure,
            };
            match way.after(&failure) {
                Some(next) => way = next,
                None => return self.after_all(failure, message, deadline).await,
            }
        }
    }

    /// What is left where no session can be had: a call.
    async fn after_all(
        &self,
        failure: Failure,
        message: &ComputerMessage,
        deadline: Instant,
    ) -> Result<Vec<char>, Failure> {
        match &failure {
            Failure::Dial(DialError::Refused { address }) if message.computer.port.is_none() => {
                let called = self.call(message, address.ip(), deadline).await;
                called.unwrap_or(Err(failure))
            }
            _ => Err(failure),
        }
    }

    /// The addresses of a machine that the name service knows. Where it knows none, the host is what was written, whose
    /// address the domain name system may know.
    async fn hosts(&self, message: &ComputerMessage) -> Vec<String> {
        let host = &message.computer.host;
        let names = self.network.get().and_then(|network| network.names.as_ref());
        let found = match names {
            // The name service has a time limit of its own.
            Some(names) if is_netbios_name(host) => names.find(host).await,
            _ => Vec::new(),
        };
        match found.as_slice() {
            [] => vec![host.clone()],
            found => found.iter().take(ADDRESSES_MAX).map(ToString::to_string).collect(),
        }
    }
}

#[async_trait]
impl ComputerGateway for WindowsGateway {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        let hosts = self.hosts(&message).await;
        let deadline = Instant::now() + DEADLINE;
        let mut last = String::new();
        for (tried, host) in hosts.iter().enumerate() {
            let mut message = message.clone();
            message.computer.host.clone_from(host);
            let page = self.code_pages.of_host(host);
            let deadline = network::share(deadline, hosts.len() - tried);
            match self.send_parts(&mut message, page, deadline).await {
                Ok(replaced) => return Ok(replaced),
                // Only where nothing was said is the next address asked: nobody sees a message twice.
                Err((failure @ Failure::Dial(_), [0, _])) => last = words::failure(&failure, &message, page),
                Err((failure, arrived)) => {
                    return Err(words::after_parts(arrived, words::failure(&failure, &message, page)));
                }
            }
        }
        Err(last)
    }

    async fn send_to_group(&self, message: GroupMessage) -> Result<GroupSent, String> {
        match self.network.get().and_then(|network| network.datagrams.as_ref()) {
            Some(datagrams) => datagrams.send(&message).await,
            None => {
                Err("nothing can be sent to whole groups: set `datagram_listen` in [doors.windows]"
                    .to_owned())
            }
        }
    }
}

/// Whether a host could be one that only the name service knows.
fn is_netbios_name(host: &str) -> bool {
    host.len() <= 15 && !host.contains(['.', ':'])
}
