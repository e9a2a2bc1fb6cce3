use std::sync::Arc;

use auth::ht::{HtMechanism, InitiatorMessage};
use domain::{Address, MessageId};
use hub::{HubError, Item, Session, TokenError, TokenUse};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use xmpp::{
    Element,
    extension::{archive, bind2, fast, sasl2},
    jid::ResourcePart,
    namespace,
    sasl::{Failure, FailureCondition},
    stanza::Condition,
    stream_management::Response as StreamResponse,
};

use super::{
    addresses::full_jid,
    connection::Connection,
    establish::{draft, resumption},
    outgoing,
    sign_in::{Step, failed, mechanisms},
};

/// What a session can begin with (XEP-0386 §2.1).
const BIND_FEATURES: [&str; 3] = [namespace::CARBONS, namespace::CLIENT_STATE, namespace::STREAM_MANAGEMENT];

/// What came of an authentication that succeeded.
pub(super) struct Completed {
    /// What the client is told.
    pub(super) success: Element,
    /// Who signed in.
    pub(super) address: Address,
    /// Their session, where the client wanted one at once.
    pub(super) session: Option<Arc<Session>>,
}

/// The offer of SASL 2 with what can follow at once; none where it cannot be used: a token, and a session that begins
/// unasked, are for encrypted connections only.
pub(super) fn feature(connection: &Connection) -> Option<Element> {
    let bindings = connection.bindings.as_ref()?;
    let stream_management = Element::new("sm", namespace::STREAM_MANAGEMENT);
    let tokens = connection
        .door
        .settings
        .token_lifetime
        .map(|_| fast::feature(HtMechanism::offered(bindings).map(HtMechanism::name)));
    let inline = [bind2::feature(BIND_FEATURES), stream_management].into_iter().chain(tokens);
    Some(sasl2::feature(mechanisms(connection).iter().map(|one| one.name()), inline))
}

/// Judges a token, where the client signs in by one (XEP-0484 §3.4).
pub(super) async fn by_token(connection: &Connection, authenticate: &sasl2::Authenticate) -> Step {
    judge_token(connection, authenticate).await.unwrap_or_else(Step::Failure)
}

async fn judge_token(connection: &Connection, authenticate: &sasl2::Authenticate) -> Result<Step, Failure> {
    let (door, peer) = (&connection.door, connection.peer.ip());
    if !door.gate.may_try(peer) {
        return Err(FailureCondition::TemporaryAuthFailure.into());
    }
    let bindings = connection.bindings.as_ref().filter(|_| door.settings.token_lifetime.is_some());
    let bindings = bindings.ok_or(FailureCondition::InvalidMechanism)?;
    let mechanism: HtMechanism =
        authenticate.mechanism.parse().map_err(|_| FailureCondition::InvalidMechanism)?;
    let inline = &authenticate.inline;
    let (Some(used), Some(client)) = (inline.fast, &inline.client_id) else {
        return Err(FailureCondition::MalformedRequest.into());
    };
    let message = authenticate.initial.as_deref().map(InitiatorMessage::parse).and_then(Result::ok);
    let message = message.ok_or(FailureCondition::MalformedRequest)?;
    let how = TokenUse { client, mechanism, bindings, count: used.count, invalidate: used.invalidate };
    let Ok(address) = Address::new(message.username(), door.hub.domain()) else {
        failed(connection, None);
        return Err(FailureCondition::NotAuthorized.into());
    };
    match door.hub.accept_token(&address, &message, how).await {
        Ok(accepted) => {
            let renew = accepted.is_old.then_some(mechanism);
            Ok(Step::Success { address, data: Some(accepted.answer), renew })
        }
        Err(TokenError::Expired) => Err(FailureCondition::CredentialsExpired.into()),
        Err(TokenError::Hub(error)) => {
            tracing::warn!(%error, "a token could not be judged");
            Err(FailureCondition::TemporaryAuthFailure.into())
        }
        Err(TokenError::Wrong) => {
            failed(connection, Some(address.name()));
            Err(FailureCondition::NotAuthorized.into())
        }
    }
}

/// Does what was to follow: an earlier session goes on, or a new one begins; a token is given.
pub(super) async fn complete(
    connection: &Connection,
    address: Address,
    data: Option<&[u8]>,
    inline: sasl2::Inline,
    renew: Option<HtMechanism>,
) -> Completed {
    let mut answers = Vec::new();
    let mut session = None;
    if let Some((previous, handled)) = &inline.resume {
        let (resumed, answer) = resumption(connection, &address, previous, *handled).await;
        session = resumed.ok().flatten();
        answers.push(answer.to_element());
    }
    if let (None, Some(request)) = (&session, &inline.bind)
        && let Some((bound, answer)) = bind(connection, &address, inline.client_id.as_deref(), request).await
    {
        session = Some(bound);
        answers.push(answer);
    }
    answers.extend(token(connection, &address, &inline, renew).await);
    let full = session.as_deref().and_then(full_jid).map(|full| full.to_string());
    let success = sasl2::success(data, full.as_deref().unwrap_or(address.as_str()), answers);
    Completed { success, address, session }
}

/// Begins a session (XEP-0386 §2.2). Where that cannot be, the client is signed in without one, and learns why when it
/// binds in the old way.
async fn bind(
    connection: &Connection,
    address: &Address,
    client: Option<&str>,
    request: &bind2::Request,
) -> Option<(Arc<Session>, Element)> {
    let resource = resource(connection, address, client, request.tag.as_deref());
    let hub = &connection.door.hub;
    let session = match hub.open_session(draft(connection, address, Some(resource))).await {
        Ok(session) => session,
        Err(error) => {
            tracing::debug!(%error, "a session could not begin with the sign-in");
            return None;
        }
    };
    if request.carbons {
        hub.set_carbons(&session, true);
    }
    if let Some(inactive) = request.inactive {
        session.set_inactive(inactive);
    }
    let mut answers = Vec::from_iter(archive_metadata(connection, address).await);
    if let Some(resume) = request.count {
        answers.push(count_stanzas(connection, &session, resume).await.to_element());
    }
    Some((session, bind2::bound(answers)))
}

/// Both ends of the person's archive as the session begins: what comes later, the client gets as it comes.
async fn archive_metadata(connection: &Connection, address: &Address) -> Option<Element> {
    let hub = &connection.door.hub;
    if !hub.settings().archive {
        return None;
    }
    match hub.store().archive_bounds(address).await {
        Ok(bounds) => {
            let end = |(id, at): (MessageId, Timestamp)| (id.to_string(), outgoing::stamp(at));
            Some(archive::metadata(bounds.map(|(first, last)| (end(first), end(last)))))
        }
        Err(error) => {
            tracing::warn!(%error, "the ends of an archive could not be told");
            None
        }
    }
}

/// The client's own name, and behind it what is always the same for the same client, so that a client that comes back
/// takes the place of what is left of it. The client's id cannot be read from it.
fn resource(connection: &Connection, address: &Address, client: Option<&str>, tag: Option<&str>) -> String {
    let door = &connection.door;
    let random: [u8; 16] = door.hub.environment().random();
    let mut hasher = Sha256::new();
    hasher.update(door.decoy_secret);
    hasher.update(address.as_str());
    hasher.update(b"\0");
    hasher.update(client.map_or(&random[..], str::as_bytes));
    let generated: String = hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let named = tag.map(|tag| format!("{tag}/{generated}"));
    named
        .filter(|named| ResourcePart::new(named).is_ok_and(|part| part.as_str() == named))
        .unwrap_or(generated)
}

async fn count_stanzas(connection: &Connection, session: &Arc<Session>, resume: bool) -> StreamResponse {
    let hub = &connection.door.hub;
    let mut stream = None;
    let enabled = |id: Option<store::StreamId>| {
        stream = id;
        // The client is told within the success, and nothing more.
        Item::Uncounted(bytes::Bytes::new())
    };
    match hub.count_stanzas(session, resume, enabled).await {
        Ok(()) => {
            let seconds = u32::try_from(hub.settings().resumption.as_secs()).unwrap_or(u32::MAX);
            StreamResponse::Enabled { resumption: stream.map(|id| (id.to_string(), seconds)) }
        }
        Err(error) => {
            tracing::warn!(%error, "a session could not be made resumable");
            StreamResponse::Failed { condition: Condition::InternalServerError, handled: None }
        }
    }
}

/// A token for the next time, where the client wants one or its own is old (XEP-0484 §3.3, §3.5). Without one, the
/// client signs in by its password again.
async fn token(
    connection: &Connection,
    address: &Address,
    inline: &sasl2::Inline,
    renew: Option<HtMechanism>,
) -> Option<Element> {
    let wanted = inline.token_for.as_deref().and_then(|name| name.parse().ok());
    let mechanism = wanted.or(renew)?;
    let (bindings, client) = (connection.bindings.as_ref()?, inline.client_id.as_deref()?);
    let lifetime = connection.door.settings.token_lifetime?;
    if !HtMechanism::offered(bindings).any(|offered| offered == mechanism) {
        return None;
    }
    let issued = connection.door.hub.issue_token(address, client, mechanism, lifetime).await;
    match issued {
        Ok(issued) => {
            let expiry = issued.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            Some(fast::token(issued.token.as_str(), &expiry))
        }
        Err(error @ (HubError::TooMuchData { .. } | HubError::Busy)) => {
            tracing::debug!(%error, "a token was not given");
            None
        }
        Err(error) => {
            tracing::warn!(%error, "a token could not be given");
            None
        }
    }
}
