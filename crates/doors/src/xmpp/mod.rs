//! The door by which XMPP clients come in (RFC 6120, RFC 6121), with STARTTLS or direct TLS.

mod addresses;
mod alert;
mod attempt;
mod capabilities;
mod connection;
mod conversation;
mod establish;
mod incoming;
mod input;
mod link;
mod negotiation;
mod outgoing;
mod outgoing_rooms;
mod phrases;
mod refused;
mod sasl2;
mod serving;
mod session;
mod sign_in;
mod translated;
mod watch;

use std::{sync::Arc, time::Duration};

use hub::Hub;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::capabilities::Capabilities;
use crate::{
    network::{self, Admitted, Gate, Listener},
    tls::configuration::Tls,
};

/// What the door has to know from the configuration.
#[derive(Clone, Debug)]
pub struct XmppSettings {
    /// Nobody signs in before the connection is encrypted.
    pub require_tls: bool,
    /// A password may be sent in the clear: for tests.
    pub allow_plain_without_tls: bool,
    /// Bytes of one stanza, after signing in.
    pub stanza_bytes_max: usize,
    /// Bytes of one stanza, before.
    pub stanza_bytes_before_sign_in_max: usize,
    /// How long signing in may take.
    pub sign_in_deadline: Duration,
    /// How many stanzas a session may send in a second in the long run; 0 is no limit.
    pub stanzas_per_second_max: u32,
    /// How long a token that a client signs in with can be used (XEP-0484); none where no tokens are given.
    pub token_lifetime: Option<SignedDuration>,
    /// Whom to turn to about the service: URIs by what they are for, in the words of XEP-0157.
    pub contact_addresses: Vec<(String, Vec<String>)>,
    /// Where every client is sent instead of being served: a host and, if it is not the usual one, a port.
    pub see_other_host: Option<String>,
}

impl Default for XmppSettings {
    /// TLS before anything else, 256 KiB a stanza (10 KiB before signing in), half a minute to sign in, any pace,
    /// tokens for 14 days.
    fn default() -> Self {
        Self {
            require_tls: true,
            allow_plain_without_tls: false,
            stanza_bytes_max: 256 * 1_024,
            stanza_bytes_before_sign_in_max: 10 * 1_024,
            sign_in_deadline: Duration::from_secs(30),
            stanzas_per_second_max: 0,
            token_lifetime: Some(SignedDuration::from_hours(14 * 24)),
            contact_addresses: Vec::new(),
            see_other_host: None,
        }
    }
}

/// How a listener's connections become encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// The client asks for it (RFC 6120 §5).
    StartTls,
    /// From the first byte (XEP-0368).
    Direct,
}

/// The door.
pub struct XmppDoor {
    hub: Arc<Hub>,
    tls: Arc<Tls>,
    gate: Arc<Gate>,
    settings: XmppSettings,
    /// What stands behind the decoys that people who do not exist have for password records.
    decoy_secret: [u8; 32],
    started_at: Timestamp,
    watch: watch::Watch,
    capabilities: Capabilities,
}

impl XmppDoor {
    /// A door to the hub. What it does beside its connections, it does on the runtime that this is called in.
    pub fn new(hub: Arc<Hub>, tls: Arc<Tls>, gate: Arc<Gate>, settings: XmppSettings) -> Arc<Self> {
        let decoy_secret = crate::password::decoy_secret(&hub);
        let watch = watch::Watch::start(hub.settings().archive);
        let started_at = hub.environment().now();
        let capabilities = Capabilities::of(&incoming::disco::service_info(&settings));
        Arc::new(Self { hub, tls, gate, settings, decoy_secret, started_at, watch, capabilities })
    }

    /// Lets clients in until `stop`; each connection is one of `tasks`.
    pub async fn serve(
        self: Arc<Self>,
        listener: Listener,
        encryption: Encryption,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let (gate, stopping) = (self.gate.clone(), stop.clone());
        let handler = move |stream: TcpStream, admitted: Admitted| {
            let (door, stop) = (self.clone(), stopping.clone());
            async move { serving::serve(door, stream, admitted, encryption, stop).await }
        };
        network::serve(listener, gate, tasks, stop, handler).await;
    }
}

impl std::fmt::Debug for XmppDoor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("XmppDoor").field("settings", &self.settings).finish_non_exhaustive()
    }
}
