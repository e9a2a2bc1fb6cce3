use std::sync::Arc;

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep_until},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use xmpp::stream::{Limits, StreamCondition};

use super::{
    Encryption, XmppDoor,
    connection::Connection,
    input::Input,
    negotiation::{self, Negotiated},
    session,
};
use crate::{
    network::Admitted,
    tls::{channel_binding::channel_bindings, configuration::Application},
};

/// Serves one connection to its end.
pub(super) async fn serve(
    door: Arc<XmppDoor>,
    stream: TcpStream,
    admitted: Admitted,
    encryption: Encryption,
    stop: CancellationToken,
) {
    let Ok(peer) = stream.peer_addr() else { return };
    let patience = Patience { deadline: Instant::now() + door.settings.sign_in_deadline, stop };
    let limits =
        Limits { stanza_bytes_max: door.settings.stanza_bytes_before_sign_in_max, ..Limits::BEFORE_SIGN_IN };
    let connection =
        Connection { door, admitted, peer, input: Input::new(limits), bindings: None, opened: false };
    let served = match encryption {
        Encryption::Direct => {
            Box::pin(encrypted(connection, stream, Application::XmppClient, patience)).await
        }
        Encryption::StartTls => Box::pin(in_the_clear(connection, stream, patience)).await,
    };
    if served.is_none() {
        tracing::debug!(%peer, "a client did not finish signing in");
    }
}

/// How long a client may take to sign in: until a deadline, or until the service stops.
struct Patience {
    deadline: Instant,
    stop: CancellationToken,
}

impl Patience {
    async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, StreamCondition> {
        tokio::select! {
            done = work => Ok(done),
            () = sleep_until(self.deadline) => Err(StreamCondition::ConnectionTimeout),
            () = self.stop.cancelled() => Err(StreamCondition::SystemShutdown),
        }
    }

    /// Leads the client to a session; what takes too long is ended with a reason.
    async fn negotiate<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        connection: &mut Connection,
        stream: &mut S,
    ) -> Option<Negotiated> {
        match self.wait(negotiation::negotiate(connection, stream)).await {
            Ok(negotiated) => negotiated,
            Err(condition) => {
                negotiation::abandon(connection, stream, condition).await;
                None
            }
        }
    }
}

async fn in_the_clear(mut connection: Connection, mut stream: TcpStream, patience: Patience) -> Option<()> {
    let negotiated = patience.negotiate(&mut connection, &mut stream).await?;
    match negotiated {
        Negotiated::StartTls => {
            connection.input.restart_encrypted();
            Box::pin(encrypted(connection, stream, Application::Unnamed, patience)).await
        }
        other => {
            converse(connection, stream, other).await;
            Some(())
        }
    }
}

async fn encrypted(
    mut connection: Connection,
    stream: TcpStream,
    application: Application,
    patience: Patience,
) -> Option<()> {
    let loaded = connection.door.tls.current();
    let acceptor = TlsAcceptor::from(loaded.configuration(application));
    let handshake = patience.wait(acceptor.accept(stream)).await.ok()?;
    let mut stream = match handshake {
        Ok(stream) => Box::new(stream),
        Err(error) => {
            tracing::debug!(peer = %connection.peer, %error, "a TLS handshake failed");
            return None;
        }
    };
    connection.bindings = Some(channel_bindings(stream.get_ref().1, &loaded));
    connection.opened = false;
    let negotiated = patience.negotiate(&mut connection, &mut stream).await?;
    converse(connection, stream, negotiated).await;
    Some(())
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send>(
    mut connection: Connection,
    mut stream: S,
    negotiated: Negotiated,
) {
    let (session, language) = match negotiated {
        Negotiated::Session { session, language } => (session, language),
        // STARTTLS is offered only where the connection is not encrypted.
        Negotiated::StartTls => return drop(stream.shutdown().await),
    };
    connection.admitted.signed_in();
    let limits =
        Limits { stanza_bytes_max: connection.door.settings.stanza_bytes_max, ..Limits::AFTER_SIGN_IN };
    connection.input.set_limits(limits);
    // The place that the connection has among all connections is given back when it is over.
    let Connection { door, input, admitted: _admitted, bindings, .. } = connection;
    session::run(door, stream, input, session, language, bindings.is_some()).await;
}
