use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use parking_lot::Mutex;

use super::Secrecy;
use crate::network::Admitted;

/// How a request has come. It is among the extensions of every request at this door. The connection counts at the gate
/// until nothing holds this any more: whoever takes a connection over (an upgrade) keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    /// The address of ours that the client reached: it can reach the other doors there too.
    pub(crate) local: SocketAddr,
    /// The client's address.
    pub(crate) source: IpAddr,
    /// Who can hear it.
    pub(crate) secrecy: Secrecy,
    admitted: Arc<Mutex<Admitted>>,
}

impl Arrived {
    pub(super) fn new(local: SocketAddr, secrecy: Secrecy, admitted: Admitted) -> Self {
        let source = admitted.address();
        Self { local, source, secrecy, admitted: Arc::new(Mutex::new(admitted)) }
    }

    /// Its client has proven who it is: it counts no longer among those of its address that have not.
    pub(super) fn signed_in(&self) {
        self.admitted.lock().signed_in();
    }
}
