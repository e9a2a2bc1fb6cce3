use std::{sync::Arc, time::Duration};

use domain::Address;
use hub::Session;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use xmpp::{
    Element,
    extension::client_state,
    namespace,
    negotiation::{Features, STARTTLS_FAILURE, STARTTLS_PROCEED, is_starttls},
    sasl,
    stream::{FOOTER, ResponseHeader, StreamCondition, StreamError, StreamEvent, StreamHeader},
};

use super::{
    attempt::Attempt,
    connection::Connection,
    establish::{establish, lose},
    input::InputEnd,
    phrases::Language,
    sasl2::{self, Completed},
    sign_in::{Step, mechanisms},
};

/// How often a client may try to sign in on one connection (RFC 6120 §6.4.5 asks for at least two more).
const ATTEMPTS_MAX: u32 = 5;

/// How a writing client is given before it is given up: what is written here is small.
const WRITE_MAX: Duration = Duration::from_secs(20);

/// For how long, and how often, what a refused client still sends is read.
const LINGER_MAX: Duration = Duration::from_millis(500);
const LINGER_READS_MAX: usize = 16;

/// What a negotiation came to.
pub(super) enum Negotiated {
    /// The client wants TLS, and was told to go on.
    StartTls,
    /// The client is signed in.
    Session {
        /// Its session.
        session: Arc<Session>,
        /// The language it wants to be spoken to in.
        language: Language,
    },
}

/// How a client has signed in.
enum SignedIn {
    /// It has not: it wants TLS first.
    StartTls,
    /// A new stream follows (RFC 6120 §6.4.6).
    Anew(Address),
    /// The stream goes on (XEP-0388).
    OnTheSameStream(Address),
    /// It has a session already (XEP-0386, XEP-0198).
    WithSession(Arc<Session>),
}

/// What happens after a stream's header.
enum Phase {
    /// Nobody has signed in.
    Anonymous,
    /// Somebody has, and has no session yet.
    Authenticated(Address),
    /// A session has begun with the sign-in.
    Bound {
        /// Whether stanzas are counted from the beginning.
        counting: bool,
    },
}

/// Leads a client from its first byte to a session, or to the point where the connection has to be encrypted. None
/// means that the connection is over. A client that says nothing costs little: what later steps need is allocated when
/// they come.
pub(super) async fn negotiate<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
) -> Option<Negotiated> {
    let language = open_stream(connection, stream, &Phase::Anonymous).await?;
    let (address, language) = match Box::pin(authenticate(connection, stream)).await? {
        SignedIn::StartTls => return Some(Negotiated::StartTls),
        SignedIn::Anew(address) => {
            connection.input.restart();
            let phase = Phase::Authenticated(address.clone());
            (address, open_stream(connection, stream, &phase).await?)
        }
        SignedIn::OnTheSameStream(address) => (address, language),
        SignedIn::WithSession(session) => return Some(Negotiated::Session { session, language }),
    };
    let session = Box::pin(establish(connection, stream, address)).await?;
    Some(Negotiated::Session { session, language })
}

/// Reads the client's stream header and answers with ours and the features of this phase.
async fn open_stream<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
    phase: &Phase,
) -> Option<Language> {
    let header = match connection.input.next(stream).await {
        Ok(StreamEvent::Opened(header)) => header,
        Ok(_) => return None,
        Err(InputEnd::Gone) => return None,
        Err(InputEnd::Wrong(error)) => {
            let mut out = Vec::new();
            write_header(connection, None, &mut out);
            return Box::pin(refuse(stream, out, &error)).await;
        }
    };
    let mut out = Vec::with_capacity(1_024);
    write_header(connection, Some(&header), &mut out);
    if header.to.as_ref().is_none_or(|to| to.as_str() != connection.door.hub.domain()) {
        let text = format!("this service answers for {}", connection.door.hub.domain());
        return refuse(stream, out, &StreamError::new(StreamCondition::HostUnknown).with_text(text)).await;
    }
    if let (Phase::Authenticated(own), Some(from)) = (phase, &header.from)
        && from.to_bare().as_str() != own.as_str()
    {
        let text = "the stream is not from who has signed in";
        return refuse(stream, out, &StreamError::new(StreamCondition::InvalidFrom).with_text(text)).await;
    }
    // Before the connection is encrypted nobody is sent away (RFC 6120 §4.9.3.19).
    if let (Some(host), true) = (&connection.door.settings.see_other_host, connection.bindings.is_some()) {
        return refuse(stream, out, &StreamError::see_other_host(host)).await;
    }
    features(connection, phase).write(&mut out);
    connection.opened = true;
    write(stream, &out).await?;
    Some(Language::of(header.lang.as_deref()))
}

fn write_header(connection: &Connection, header: Option<&StreamHeader>, out: &mut Vec<u8>) {
    let id: String =
        connection.door.hub.environment().random::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
    let to = header.and_then(|header| header.from.as_ref()).map(|from| from.to_bare().to_string());
    let lang = Language::of(header.and_then(|header| header.lang.as_deref())).tag();
    ResponseHeader { from: connection.door.hub.domain(), to: to.as_deref(), id: &id, lang }.write(out);
}

fn features(connection: &Connection, phase: &Phase) -> Features {
    let settings = &connection.door.settings;
    match phase {
        Phase::Bound { counting: true } => for_session(connection, Features::new()),
        Phase::Bound { counting: false } => for_session(connection, Features::new().stream_management()),
        Phase::Authenticated(_) => {
            for_session(connection, Features::new().bind().optional_session().stream_management())
        }
        Phase::Anonymous => {
            let bindings = connection.bindings.as_ref();
            let offered = mechanisms(connection);
            let features = Features::new();
            let features =
                if bindings.is_none() { features.starttls(settings.require_tls) } else { features };
            let features = if offered.is_empty() {
                features
            } else {
                features.mechanisms(offered.iter().map(|one| one.name()))
            };
            let features = match sasl2::feature(connection) {
                Some(feature) => features.with(feature),
                None => features,
            };
            match bindings {
                Some(bindings) => features.channel_bindings(bindings.types().map(|kind| kind.name())),
                None => features,
            }
        }
    }
}

/// What a session can be used for, without anything to be negotiated.
fn for_session(connection: &Connection, features: Features) -> Features {
    let features = features.roster_versioning().subscription_preapproval().with(client_state::feature());
    features.with(connection.door.capabilities.announcement())
}

/// Signs the client in, by SASL as RFC 6120 has it or by SASL 2; or begins with TLS.
async fn authenticate<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
) -> Option<SignedIn> {
    for _ in 0..ATTEMPTS_MAX {
        let mut attempt = Attempt::new();
        loop {
            let element = next_element(connection, stream).await?;
            if is_starttls(&element) {
                if connection.bindings.is_some() {
                    return refuse_starttls(stream).await;
                }
                write(stream, STARTTLS_PROCEED).await?;
                return Some(SignedIn::StartTls);
            }
            let Some(step) = attempt.step(connection, &element).await else {
                return refuse_stanza(stream, "sign in first").await;
            };
            // A client that does without TLS where it may is sent away before it shows a password.
            if let (Some(host), false) =
                (&connection.door.settings.see_other_host, connection.door.settings.require_tls)
            {
                return refuse(stream, Vec::new(), &StreamError::see_other_host(host)).await;
            }
            match step {
                Step::Challenge(data) => write_element(stream, &attempt.challenge(&data)).await?,
                Step::Success { address, data, renew } => {
                    let Some(inline) = attempt.inline() else {
                        write_element(stream, &sasl::success(data.as_deref())).await?;
                        return Some(SignedIn::Anew(address));
                    };
                    let completed =
                        sasl2::complete(connection, address, data.as_deref(), inline, renew).await;
                    return begin(connection, stream, completed).await;
                }
                Step::Failure(failure) => {
                    write_element(stream, &attempt.failure(&failure)).await?;
                    break;
                }
            }
        }
    }
    let text = "too many attempts to sign in";
    let error = StreamError::new(StreamCondition::PolicyViolation).with_text(text);
    refuse(stream, Vec::new(), &error).await
}

/// Tells a client that it is signed in, and what it can do next on the same stream (XEP-0388 §2.3.3).
async fn begin<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &Connection,
    stream: &mut S,
    completed: sasl2::Completed,
) -> Option<SignedIn> {
    let Completed { success, address, session } = completed;
    let phase = match &session {
        Some(session) => Phase::Bound { counting: session.outbox.is_counting() },
        None => Phase::Authenticated(address.clone()),
    };
    let mut out = success.to_bytes(namespace::CLIENT);
    features(connection, &phase).write(&mut out);
    if write(stream, &out).await.is_none() {
        if let Some(session) = session {
            lose(connection, &session).await;
        }
        return None;
    }
    Some(match session {
        Some(session) => SignedIn::WithSession(session),
        None => SignedIn::OnTheSameStream(address),
    })
}

/// Refuses what may not be sent yet (RFC 6120 §4.9.3.12).
pub(super) async fn refuse_stanza<S: AsyncRead + AsyncWrite + Unpin, T>(
    stream: &mut S,
    text: &str,
) -> Option<T> {
    refuse(stream, Vec::new(), &StreamError::new(StreamCondition::NotAuthorized).with_text(text)).await
}

/// Refuses TLS inside TLS, or after signing in, where it was not offered (RFC 6120 §5.4.2.2).
pub(super) async fn refuse_starttls<S: AsyncRead + AsyncWrite + Unpin, T>(stream: &mut S) -> Option<T> {
    end(stream, [STARTTLS_FAILURE, FOOTER].concat()).await
}

/// The next child of the stream; none where the connection is over.
pub(super) async fn next_element<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
) -> Option<Element> {
    match connection.input.next(stream).await {
        Ok(StreamEvent::Stanza(element)) => Some(element),
        Ok(StreamEvent::Closed) => {
            write(stream, FOOTER).await?;
            drop(tokio::time::timeout(WRITE_MAX, stream.shutdown()).await);
            None
        }
        Ok(StreamEvent::Opened(_)) | Err(InputEnd::Gone) => None,
        Err(InputEnd::Wrong(error)) => refuse(stream, Vec::new(), &error).await,
    }
}

/// Says why the stream is over, and ends it (RFC 6120 §4.9.1.1).
pub(super) async fn refuse<S: AsyncRead + AsyncWrite + Unpin, T>(
    stream: &mut S,
    mut out: Vec<u8>,
    error: &StreamError,
) -> Option<T> {
    error.write(&mut out);
    out.extend_from_slice(FOOTER);
    end(stream, out).await
}

/// Says the last of a connection, and closes it.
async fn end<S: AsyncRead + AsyncWrite + Unpin, T>(stream: &mut S, out: Vec<u8>) -> Option<T> {
    write(stream, &out).await?;
    drop(tokio::time::timeout(WRITE_MAX, stream.shutdown()).await);
    drop(tokio::time::timeout(LINGER_MAX, discard(stream)).await);
    None
}

/// Ends a negotiation from our side, whatever the client is at.
pub(super) async fn abandon<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &Connection,
    stream: &mut S,
    condition: StreamCondition,
) -> Option<()> {
    let mut out = Vec::new();
    if !connection.opened {
        write_header(connection, None, &mut out);
    }
    refuse(stream, out, &StreamError::new(condition)).await
}

/// Reads what the client still sends: to close a connection with something unread in it is to reset it, and the
/// client would not read why.
async fn discard<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut buffer = vec![0; 4_096];
    for _ in 0..LINGER_READS_MAX {
        if !matches!(stream.read(&mut buffer).await, Ok(1..)) {
            return;
        }
    }
}

/// Writes one child of the stream; none where the client does not take it.
pub(super) async fn write_element<S: AsyncWrite + Unpin>(stream: &mut S, element: &Element) -> Option<()> {
    write(stream, &element.to_bytes(namespace::CLIENT)).await
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Option<()> {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    tokio::time::timeout(WRITE_MAX, writing).await.ok()?.ok()
}
