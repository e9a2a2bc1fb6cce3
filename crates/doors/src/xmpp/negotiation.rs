use std::{sync::Arc, time::Duration};

use domain::{Address, Protocol};
use hub::{HubError, ResumeError, Session, SessionDraft};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use xmpp::{
    Element,
    extension::{bind, client_state},
    jid::Jid,
    namespace,
    negotiation::{Features, STARTTLS_PROCEED, is_starttls},
    sasl,
    stanza::{Condition, Iq, IqKind, Stanza, StanzaError},
    stream::{FOOTER, ResponseHeader, StreamCondition, StreamError, StreamEvent, StreamHeader},
    stream_management::{Request as StreamRequest, Response as StreamResponse},
};

use super::{
    addresses::full_jid,
    connection::Connection,
    input::InputEnd,
    phrases::Language,
    sign_in::{SignIn, Step, mechanisms},
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

/// What happens after a stream's header.
enum Phase {
    /// Nobody has signed in.
    Anonymous,
    /// Somebody has, and has no session yet.
    Authenticated(Address),
}

/// Leads a client from its first byte to a session, or to the point where the connection has to be encrypted. None
/// means that the connection is over.
pub(super) async fn negotiate<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
) -> Option<Negotiated> {
    let mut phase = Phase::Anonymous;
    let mut attempts = 0;
    loop {
        let language = open_stream(connection, stream, &phase).await?;
        match phase {
            Phase::Anonymous => match authenticate(connection, stream, &mut attempts).await? {
                Some(address) => {
                    phase = Phase::Authenticated(address);
                    connection.input.restart();
                }
                None => return Some(Negotiated::StartTls),
            },
            Phase::Authenticated(address) => {
                let session = establish(connection, stream, address).await?;
                return Some(Negotiated::Session { session, language });
            }
        }
    }
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
            return refuse(stream, out, &error).await;
        }
    };
    let mut out = Vec::with_capacity(1_024);
    write_header(connection, Some(&header), &mut out);
    if header.to.as_ref().is_none_or(|to| to.as_str() != connection.door.hub.domain()) {
        let text = format!("this service answers for {}", connection.door.hub.domain());
        return refuse(stream, out, &StreamError::new(StreamCondition::HostUnknown).with_text(text)).await;
    }
    features(connection, phase).write(&mut out);
    connection.opened = true;
    write(stream, &out).await?;
    Some(Language::of(header.lang.as_deref()))
}

fn write_header(connection: &Connection, header: Option<&StreamHeader>, out: &mut Vec<u8>) {
    let id: String =
        connection.door.hub.environment().random::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
    let to = header.and_then(|header| header.from.as_ref()).map(Jid::as_str);
    let lang = Language::of(header.and_then(|header| header.lang.as_deref())).tag();
    ResponseHeader { from: connection.door.hub.domain(), to, id: &id, lang }.write(out);
}

fn features(connection: &Connection, phase: &Phase) -> Features {
    let settings = &connection.door.settings;
    match phase {
        Phase::Authenticated(_) => {
            let features = Features::new().bind().optional_session().stream_management();
            features.roster_versioning().subscription_preapproval().with(client_state::feature())
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
            match bindings {
                Some(bindings) => features.channel_bindings(bindings.types().map(|kind| kind.name())),
                None => features,
            }
        }
    }
}

/// Signs the client in; nothing where it wants TLS first.
async fn authenticate<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
    attempts: &mut u32,
) -> Option<Option<Address>> {
    let mut sign_in = SignIn::new();
    loop {
        let element = next_element(connection, stream).await?;
        if is_starttls(&element) && connection.bindings.is_none() {
            write(stream, STARTTLS_PROCEED).await?;
            return Some(None);
        }
        let request = match sasl::Request::parse(&element) {
            Ok(Some(request)) => request,
            Ok(None) => {
                let text = "sign in first";
                return refuse(
                    stream,
                    Vec::new(),
                    &StreamError::new(StreamCondition::NotAuthorized).with_text(text),
                )
                .await;
            }
            Err(failure) => {
                write_element(stream, &failure.to_element()).await?;
                continue;
            }
        };
        match sign_in.step(connection, request).await {
            Step::Challenge(data) => write_element(stream, &sasl::challenge(&data)).await?,
            Step::Success { address, data } => {
                write_element(stream, &sasl::success(data.as_deref())).await?;
                return Some(Some(address));
            }
            Step::Failure(failure) => {
                write_element(stream, &failure.to_element()).await?;
                *attempts += 1;
                if *attempts >= ATTEMPTS_MAX {
                    let text = "too many attempts to sign in";
                    let error = StreamError::new(StreamCondition::PolicyViolation).with_text(text);
                    return refuse(stream, Vec::new(), &error).await;
                }
            }
        }
    }
}

/// Binds a session, or takes an earlier one up again.
async fn establish<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &mut Connection,
    stream: &mut S,
    address: Address,
) -> Option<Arc<Session>> {
    loop {
        let element = next_element(connection, stream).await?;
        match StreamRequest::parse(&element) {
            Ok(Some(StreamRequest::Resume { previous, handled })) => {
                match resume(connection, stream, &address, &previous, handled).await? {
                    Some(session) => return Some(session),
                    None => continue,
                }
            }
            Ok(Some(_)) => {
                let failed =
                    StreamResponse::Failed { condition: Condition::UnexpectedRequest, handled: None };
                write_element(stream, &failed.to_element()).await?;
                continue;
            }
            Ok(None) => {}
            Err(error) => return refuse(stream, Vec::new(), &error).await,
        }
        let Ok(Stanza::Iq(iq)) = Stanza::parse(element) else {
            let text = "bind a resource first";
            return refuse(
                stream,
                Vec::new(),
                &StreamError::new(StreamCondition::NotAuthorized).with_text(text),
            )
            .await;
        };
        match bind(connection, &iq, &address).await {
            Ok((session, result)) => {
                write_element(stream, &result).await?;
                return Some(session);
            }
            Err(error) => {
                let Some(reply) = iq.error(&error) else { continue };
                write_element(stream, &reply).await?;
            }
        }
    }
}

async fn bind(
    connection: &Connection,
    iq: &Iq,
    address: &Address,
) -> Result<(Arc<Session>, Element), StanzaError> {
    let payload = iq.payload().filter(|_| iq.kind == IqKind::Set);
    let request = payload.map(bind::Request::parse).transpose()?.flatten();
    let request = request.ok_or(StanzaError::new(Condition::NotAllowed))?;
    let resource = request.resource.map(|resource| resource.to_string());
    let draft = draft(connection, address, resource);
    let session = connection.door.hub.open_session(draft).await.map_err(|error| unavailable(&error))?;
    let full = full_jid(&session).ok_or(StanzaError::new(Condition::BadRequest))?;
    Ok((session, iq.result(Some(bind::result(&full)))))
}

/// Takes a session up again; nothing where the client may bind a new one instead (XEP-0198 §5).
async fn resume<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &Connection,
    stream: &mut S,
    address: &Address,
    previous: &str,
    handled: u32,
) -> Option<Option<Arc<Session>>> {
    let draft = draft(connection, address, None);
    let resumed = match previous.parse() {
        Ok(id) => connection.door.hub.resume(draft, id, handled).await,
        Err(_) => Err(ResumeError::Unknown),
    };
    match resumed {
        Ok(session) => {
            let resumed =
                StreamResponse::Resumed { previous: previous.to_owned(), handled: session.received_count() };
            write_element(stream, &resumed.to_element()).await?;
            Some(Some(session))
        }
        Err(ResumeError::Unknown) => {
            let failed = StreamResponse::Failed { condition: Condition::ItemNotFound, handled: None };
            write_element(stream, &failed.to_element()).await?;
            Some(None)
        }
        Err(ResumeError::Impossible) => {
            let text = "more stanzas are acknowledged than were sent";
            refuse(stream, Vec::new(), &StreamError::new(StreamCondition::UndefinedCondition).with_text(text))
                .await
        }
        Err(error) => {
            tracing::warn!(%error, "a session could not be resumed");
            let failed = StreamResponse::Failed { condition: Condition::InternalServerError, handled: None };
            write_element(stream, &failed.to_element()).await?;
            Some(None)
        }
    }
}

fn draft(connection: &Connection, address: &Address, resource: Option<String>) -> SessionDraft {
    let source = hub::source_text(connection.peer.ip());
    SessionDraft { address: address.clone(), resource, protocol: Protocol::Xmpp, source }
}

fn unavailable(error: &HubError) -> StanzaError {
    let condition = match error {
        HubError::TooManySessions { .. } => Condition::ResourceConstraint,
        _ => Condition::NotAllowed,
    };
    StanzaError::new(condition).with_text(error.to_string())
}

async fn next_element<S: AsyncRead + AsyncWrite + Unpin>(
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

async fn write_element<S: AsyncWrite + Unpin>(stream: &mut S, element: &Element) -> Option<()> {
    write(stream, &element.to_bytes(namespace::CLIENT)).await
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Option<()> {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    tokio::time::timeout(WRITE_MAX, writing).await.ok()?.ok()
}
