use std::sync::Arc;

use hub::Session;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use xmpp::stream::{Limits, StreamCondition};

use super::{
    Encryption, XmppDoor,
    connection::Connection,
    conversation::Conversation,
    input::Input,
    link::Link,
    negotiation::{self, Negotiated},
    phrases::Language,
};
use crate::{
    network::Admitted,
    tls::{channel_binding::channel_bindings, configuration::Application},
    transport::{self, Transport},
};

/// Serves one connection to its end. What signing in needs is given back before the conversation begins.
pub(super) fn serve(
    door: Arc<XmppDoor>,
    stream: TcpStream,
    admitted: Admitted,
    encryption: Encryption,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send {
    let signing_in = Box::pin(sign_in(door, stream, admitted, encryption, stop));
    async move {
        if let Some(conversation) = signing_in.await {
            conversation.run().await;
        }
    }
}

async fn sign_in(
    door: Arc<XmppDoor>,
    stream: TcpStream,
    admitted: Admitted,
    encryption: Encryption,
    stop: CancellationToken,
) -> Option<Box<Conversation>> {
    let peer = stream.peer_addr().ok()?;
    let patience = Patience { deadline: Instant::now() + door.settings.sign_in_deadline, stop };
    let limits =
        Limits { stanza_bytes_max: door.settings.stanza_bytes_before_sign_in_max, ..Limits::BEFORE_SIGN_IN };
    let connection =
        Connection { door, admitted, peer, input: Input::new(limits), bindings: None, opened: false };
    let signed = match encryption {
        Encryption::Direct => {
            Box::pin(encrypted(connection, stream, Application::XmppClient, patience)).await
        }
        Encryption::StartTls => Box::pin(in_the_clear(connection, stream, patience)).await,
    };
    if signed.is_none() {
        tracing::debug!(%peer, "a client did not finish signing in");
    }
    signed.map(begin)
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
    async fn negotiate(&self, connection: &mut Connection, stream: &mut Transport) -> Option<Negotiated> {
        match self.wait(negotiation::negotiate(connection, stream)).await {
            Ok(negotiated) => negotiated,
            Err(condition) => {
                negotiation::abandon(connection, stream, condition).await;
                None
            }
        }
    }
}

async fn in_the_clear(mut connection: Connection, stream: TcpStream, patience: Patience) -> Option<Signed> {
    let mut transport = Transport::unencrypted(stream);
    match patience.negotiate(&mut connection, &mut transport).await? {
        Negotiated::StartTls => {
            connection.input.restart_encrypted();
            let stream = transport.into_stream()?;
            Box::pin(encrypted(connection, stream, Application::Unnamed, patience)).await
        }
        Negotiated::Session { session, language } => {
            Some(Signed { connection, transport, session, language })
        }
    }
}

async fn encrypted(
    mut connection: Connection,
    stream: TcpStream,
    application: Application,
    patience: Patience,
) -> Option<Signed> {
    let loaded = connection.door.tls.current();
    let configuration = loaded.configuration(application);
    let handshake = patience.wait(transport::accept(stream, &configuration)).await.ok()?;
    let (mut transport, exported) = match handshake {
        Ok(accepted) => accepted,
        Err(error) => {
            tracing::debug!(peer = %connection.peer, %error, "a TLS handshake failed");
            return None;
        }
    };
    connection.bindings = Some(channel_bindings(exported, &loaded));
    connection.opened = false;
    match patience.negotiate(&mut connection, &mut transport).await? {
        Negotiated::Session { session, language } => {
            Some(Signed { connection, transport, session, language })
        }
        // STARTTLS is offered only where the connection is not encrypted.
        Negotiated::StartTls => {
            drop(transport.shutdown().await);
            None
        }
    }
}

/// A client that has signed in.
struct Signed {
    connection: Connection,
    transport: Transport,
    session: Arc<Session>,
    language: Language,
}

fn begin(signed: Signed) -> Box<Conversation> {
    let Signed { mut connection, transport, session, language } = signed;
    connection.admitted.has_session();
    let limits =
        Limits { stanza_bytes_max: connection.door.settings.stanza_bytes_max, ..Limits::AFTER_SIGN_IN };
    connection.input.set_limits(limits);
    let Connection { door, input, admitted, bindings, .. } = connection;
    let (reading, writing) = transport.split();
    let link = Link::new(door, session, language, bindings.is_some(), writing);
    Box::new(Conversation::new(link, reading, input, admitted))
}
