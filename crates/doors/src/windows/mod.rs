//! The door for the Windows Messenger Service: NET SEND, WinPopup and `smbclient -M` come in by NetBIOS sessions on
//! TCP port 139 (RFC 1002 §4.3, MS-MSRP 2.2.3) or, without them, on port 445, and messages go out to such machines by [`WindowsGateway`].
//!
//! The protocol proves nothing and encrypts nothing: every sender is unverified. A final answer is given after the
//! message is the service's; whoever cannot be reached, for whatever reason, is answered for in the same bytes.

mod budget;
mod calls;
mod code_pages;
mod connection;
mod datagrams;
mod gateway;
mod message_names;
mod names;
mod popup;
mod recipient;
mod refused;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use hub::Hub;
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::budget::Budget;
use crate::network::{self, Admitted, Cause, Gate, Listener, PerMinute};

pub use code_pages::{CodePages, NetworkCodePage, NetworkCodePageError};
pub use datagrams::Datagrams;
pub use gateway::WindowsGateway;
pub use message_names::serve_message_names;
pub use names::{NameSettings, Names};
pub use netbios::{
    code_page::{CodePage, UnknownCodePage},
    name_service::NodeType,
    receiver::Limits,
    session::Framing,
};
pub use popup::{POPUP_BYTES_MAX, PopupError, PopupFile, PopupId, PopupMessage, PopupSpool};

/// What the door has to know from the configuration.
#[derive(Clone, Debug)]
pub struct WindowsSettings {
    /// The machine's domain or workgroup: what is sent to all of it is for everybody who is signed in.
    pub workgroup: String,
    /// How its names are claimed and found, which its datagrams tell.
    pub node_type: NodeType,
    /// The code pages of texts and names that are not UTF-8.
    pub code_pages: CodePages,
    /// What one connection may take, and how long.
    pub limits: Limits,
    /// How many messages one address may send within a minute; the next are refused for want of room.
    pub messages_per_minute_max: u32,
    /// How many all addresses together may send within a minute.
    pub messages_of_all_per_minute_max: u32,
}

/// The door.
pub struct WindowsDoor {
    hub: Arc<Hub>,
    gate: Arc<Gate>,
    settings: WindowsSettings,
    messages: Budget,
    /// An administrator reads of what is refused once a minute.
    told: PerMinute,
}

impl WindowsDoor {
    /// A door to the hub.
    pub fn new(hub: Arc<Hub>, gate: Arc<Gate>, settings: WindowsSettings) -> Arc<Self> {
        let each = || gate.counter(Cause::Messages, settings.messages_per_minute_max);
        let messages = Budget::new([each(), each()], settings.messages_of_all_per_minute_max);
        Arc::new(Self { hub, gate, settings, messages, told: PerMinute::new(1) })
    }

    /// Takes messages in this framing until `stop`; each connection is one of `tasks`. A message that is complete by then
    /// is still answered.
    pub async fn serve(
        self: Arc<Self>,
        listener: Listener,
        framing: Framing,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let gate = self.gate.clone();
        let stopped = stop.clone();
        let handler = move |stream: TcpStream, admitted: Admitted| {
            let (door, stop) = (self.clone(), stopped.clone());
            connection::serve(door, stream, admitted, framing, stop)
        };
        network::serve(listener, gate, tasks, stop, handler).await;
    }
}

/// Waits until a moment; without one, for ever.
async fn until(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl fmt::Debug for WindowsDoor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WindowsDoor").field("settings", &self.settings).finish_non_exhaustive()
    }
}
