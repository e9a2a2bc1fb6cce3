use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use domain::Address;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::Secrecy;
use crate::network::{Admitted, Refusal};

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
    /// Whether a proxy has forwarded it, with requests of others on the same connection.
    forwarded: bool,
    admitted: Arc<Mutex<Admitted>>,
    next: Arc<Next>,
}

/// What is done by a connection's task once HTTP has given the connection up.
#[derive(Default)]
struct Next(Mutex<Option<BoxFuture<'static, ()>>>);

impl Arrived {
    pub(super) fn new(local: SocketAddr, secrecy: Secrecy, admitted: Admitted) -> Self {
        let source = admitted.address();
        let (admitted, next) = (Arc::new(Mutex::new(admitted)), Arc::default());
        Self { local, source, secrecy, forwarded: false, admitted, next }
    }

    /// The same, for the client that a proxy has forwarded.
    pub(super) fn forwarded_for(self, source: IpAddr) -> Self {
        Self { source, forwarded: true, ..self }
    }

    /// Its client has proven that it is this account: it counts no longer among those of its address that have not.
    ///
    /// # Errors
    /// The account has as many connections as it may. A proxy's connections are nobody's.
    pub(crate) fn signed_in(&self, account: &Address) -> Result<(), Refusal> {
        let mut admitted = self.admitted.lock();
        if self.forwarded {
            admitted.has_session();
            return Ok(());
        }
        admitted.signed_in(account.as_str())
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
