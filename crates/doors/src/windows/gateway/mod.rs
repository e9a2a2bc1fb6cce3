//! The way out to machines that take messenger messages.

mod delivery;
mod way;
mod words;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hub::{ComputerGateway, ComputerMessage, GroupMessage, GroupSent};
use netbios::code_page::CodePage;
use tokio::time::Instant;

use self::way::Way;
use crate::network::Gate;

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
}

impl WindowsGateway {
    /// A gateway whose machines read this code page.
    pub fn new(gate: Arc<Gate>, code_page: CodePage) -> Arc<Self> {
        Arc::new(Self { gate, code_page })
    }
}

#[async_trait]
impl ComputerGateway for WindowsGateway {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        let deadline = Instant::now() + DEADLINE;
        let mut way = Way::first(&message.computer);
        loop {
            match self.deliver(&way, &message, deadline).await {
                Ok(sent) => return Ok(sent.replaced),
                Err(failure) => match way.after(&failure) {
                    Some(next) => way = next,
                    None => return Err(words::failure(&failure, &message, self.code_page)),
                },
            }
        }
    }

    async fn send_to_group(&self, _: GroupMessage) -> Result<GroupSent, String> {
        Err("datagrams are not sent: set `datagram_listen` in [doors.windows]".to_owned())
    }
}
