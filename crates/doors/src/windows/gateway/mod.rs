//! The way out to machines that take messenger messages.

mod call;
mod delivery;
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

use self::{delivery::Failure, way::Way};
use super::{Datagrams, Names};
use crate::network::{DialError, Gate};

/// How long a message may take, over all attempts.
const DEADLINE: Duration = Duration::from_secs(30);

/// Sends messages to machines as NET SEND does, by the ways that their receivers understand.
///
/// The machine's name is called on port 139. Where nobody answers to it, whoever listens there is called; where the
/// port is closed and none was asked for, 445 is tried; and a message of one block that the machine hangs up on is
/// sent in several. Only addresses inside the allowed networks are connected to.
#[derive(Debug)]
pub struct WindowsGateway {
    gate: Arc<Gate>,
    code_page: CodePage,
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
    /// A gateway whose machines read this code page.
    pub fn new(gate: Arc<Gate>, code_page: CodePage, hub: Weak<Hub>) -> Arc<Self> {
        Arc::new(Self { gate, code_page, hub, network: OnceLock::new() })
    }

    /// From now on machines are found by the name service, and whole groups are reached by datagrams, where there are
    /// such ways. Only the first call counts.
    pub fn set_network(&self, names: Option<Names>, datagrams: Option<Datagrams>) {
        drop(self.network.set(Network { names, datagrams }));
    }

    /// What is left where no session can be had: a call.
    async fn after_all(
        &self,
        failure: &Failure,
        message: &ComputerMessage,
        deadline: Instant,
    ) -> Result<Vec<char>, String> {
        let refused = matches!(failure, Failure::Dial(DialError::Refused { .. }));
        if refused && message.computer.port.is_none() {
            match self.call(message, deadline).await {
                Some(Ok(replaced)) => return Ok(replaced),
                Some(Err(error)) => {
                    return Err(format!(
                        "{} was called, and {error}",
                        domain::displayable(&message.computer.host)
                    ));
                }
                None => {}
            }
        }
        Err(words::failure(failure, message, self.code_page))
    }

    /// The same message for the address of its machine, where that is called by its NetBIOS name. Other names are those
    /// of the domain name system.
    async fn located(&self, mut message: ComputerMessage) -> Result<ComputerMessage, String> {
        let host = message.computer.host.clone();
        let names = self.network.get().and_then(|network| network.names.as_ref());
        let (Some(names), true) = (names, is_netbios_name(&host)) else { return Ok(message) };
        match names.find(&host).await.first() {
            Some(address) => message.computer.host = address.to_string(),
            // The old text, and the number that NET HELPMSG explains.
            None if host.eq_ignore_ascii_case(&message.computer.name) => {
                return Err(format!(
                    "the message alias {} could not be found on the network (2273)",
                    domain::displayable(&message.computer.name)
                ));
            }
            None => {}
        }
        Ok(message)
    }
}

#[async_trait]
impl ComputerGateway for WindowsGateway {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        let deadline = Instant::now() + DEADLINE;
        let message = self.located(message).await?;
        let mut way = Way::first(&message.computer);
        loop {
            match self.deliver(&way, &message, deadline).await {
                Ok(sent) => return Ok(sent.replaced),
                Err(failure) => match way.after(&failure) {
                    Some(next) => way = next,
                    None => return self.after_all(&failure, &message, deadline).await,
                },
            }
        }
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
