use std::{net::SocketAddr, sync::Arc};

use auth::ChannelBindings;

use super::{XmppDoor, input::Input};
use crate::network::Admitted;

/// A connection while its client signs in.
pub(super) struct Connection {
    pub(super) door: Arc<XmppDoor>,
    pub(super) admitted: Admitted,
    pub(super) peer: SocketAddr,
    pub(super) input: Input,
    /// What is known of the encryption; none where there is none yet.
    pub(super) bindings: Option<ChannelBindings>,
    /// Whether our stream header was sent since the last restart.
    pub(super) opened: bool,
}
