use std::sync::Arc;

use domain::{Address, Protocol};
use hub::{HubError, ResumeError, Session, SessionDraft};
use tokio::io::{AsyncRead, AsyncWrite};
use xmpp::{
    Element,
    extension::bind,
    jid::Jid,
    negotiation::is_starttls,
    stanza::{Condition, Iq, IqKind, Stanza, StanzaError, StanzaParseError},
    stream::StreamError,
    stream_management::{Request as StreamRequest, Response as StreamResponse, WrongCount},
};

use super::{
    addresses::full_jid,
    connection::Connection,
    negotiation::{next_element, refuse, refuse_stanza, refuse_starttls, write_element},
};

/// Binds a session, or takes an earlier one up again.
pub(super) async fn establish<S: AsyncRead + AsyncWrite + Unpin>(
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
        if is_starttls(&element) {
            return refuse_starttls(stream).await;
        }
        let iq = match Stanza::parse(element) {
            Ok(Stanza::Iq(iq)) if is_for_own_server(connection, &iq, &address) => iq,
            Err(StanzaParseError::Rejected(rejection)) => {
                if let Some(reply) = rejection.reply() {
                    write_element(stream, &reply).await?;
                }
                continue;
            }
            _ => return refuse_stanza(stream, "bind a resource first").await,
        };
        match bind(connection, &iq, &address).await {
            Ok((session, result)) => {
                if write_element(stream, &result).await.is_none() {
                    lose(connection, &session).await;
                    return None;
                }
                return Some(session);
            }
            Err(error) => {
                let Some(reply) = iq.error(&error) else { continue };
                write_element(stream, &reply).await?;
            }
        }
    }
}

/// Before binding, a client may speak to its server and its account only (RFC 6120 §7.1).
fn is_for_own_server(connection: &Connection, iq: &Iq, own: &Address) -> bool {
    let is_own = |to: &Jid| to.as_str() == connection.door.hub.domain() || to.as_str() == own.as_str();
    iq.to.as_ref().is_none_or(is_own)
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
    match resumption(connection, address, previous, handled).await {
        (Ok(session), answer) => {
            let written = write_element(stream, &answer.to_element()).await;
            if let (None, Some(session)) = (written, &session) {
                lose(connection, session).await;
            }
            written.map(|()| session)
        }
        (Err(error), _) => refuse(stream, Vec::new(), &error).await,
    }
}

/// Takes a session up again, or says why not. The error is that of a client with which no stream can go on.
pub(super) async fn resumption(
    connection: &Connection,
    address: &Address,
    previous: &str,
    handled: u32,
) -> (Result<Option<Arc<Session>>, StreamError>, StreamResponse) {
    let draft = draft(connection, address, None);
    let resumed = match previous.parse() {
        Ok(id) => connection.door.hub.resume(draft, id, handled).await,
        Err(_) => Err(ResumeError::Unknown),
    };
    let failed = |condition| StreamResponse::Failed { condition, handled: None };
    match resumed {
        Ok(session) => {
            let handled = session.received_count();
            (Ok(Some(session)), StreamResponse::Resumed { previous: previous.to_owned(), handled })
        }
        Err(ResumeError::Unknown) => (Ok(None), failed(Condition::ItemNotFound)),
        Err(ResumeError::Impossible { sent }) => {
            (Err(WrongCount::TooHigh { handled, sent }.into()), failed(Condition::BadRequest))
        }
        Err(error) => {
            tracing::warn!(%error, "a session could not be resumed");
            (Ok(None), failed(Condition::InternalServerError))
        }
    }
}

/// The client was gone before it heard of its session.
pub(super) async fn lose(connection: &Connection, session: &Arc<Session>) {
    let lost = session.attach();
    connection.door.hub.connection_lost(session, lost).await;
}

/// What is known of a session that is about to begin.
pub(super) fn draft(connection: &Connection, address: &Address, resource: Option<String>) -> SessionDraft {
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
