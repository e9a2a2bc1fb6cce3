use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures_util::future::BoxFuture;
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
    next: Arc<Next>,
}

/// What is done by a connection's task once HTTP has given the connection up.
#[derive(Default)]
struct Next(Mutex<Option<BoxFuture<'static, ()>>>);

impl Arrived {
    pub(super) fn new(local: SocketAddr, secrecy: Secrecy, admitted: Admitted) -> Self {
        let source = admitted.address();
        Self { local, source, secrecy, admitted: Arc::new(Mutex::new(admitted)), next: Arc::default() }
    }

    /// The same, for the client that a proxy has forwarded.
    pub(super) fn forwarded_for(self, source: IpAddr) -> Self {
        Self { source, ..self }
    }

    /// Its client has proven who it is: it counts no longer among those of its address that have not.
    pub(crate) fn signed_in(&self) {
        self.admitted.lock().signed_in();
    }

    /// Has the connection's own task go on with this when the request is answered: what takes the connection over. It
    /// must not hold this value, which lives as long as the connection anyway.
    pub(crate) fn follow(&self, next: BoxFuture<'static, ()>) {
        *self.next.0.lock() = Some(next);
    }

    pub(super) fn take_next(&self) -> Option<BoxFuture<'static, ()>> {
        self.next.0.lock().take()
    }
}

impl std::fmt::Debug for Next {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Next")
    }
}
