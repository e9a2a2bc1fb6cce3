use std::{net::IpAddr, sync::Arc};

use ::api::events::{Event, OpenEvents};
use domain::{Protocol, Token};
use hub::{Hub, Item, ProofMark, ResumeError, Session, SessionDraft, source_text};
use hyper::upgrade::OnUpgrade;
use store::StreamId;

use super::{Events, conversation::Conversation, rooms};
use crate::{
    api::{Peer, Problem},
    web,
};

/// The longest name of a device, in bytes.
const DEVICE_BYTES_MAX: usize = 100;

/// A session whose client is about to hear of it.
pub(crate) struct Opened {
    pub(super) session: Arc<Session>,
    /// The token by which it was opened.
    pub(super) token: Option<Arc<Token>>,
    /// What its client is told first.
    pub(super) ready: Event,
}

/// Opens a stream for whoever has proven themselves, or goes on with one of theirs.
pub(crate) async fn open(
    events: &Events,
    (peer, mark): (&Peer, ProofMark),
    source: IpAddr,
    query: OpenEvents,
) -> Result<Opened, Problem> {
    let hub = &events.hub;
    let account = peer.account().ok_or_else(|| Problem::forbidden("the event stream is somebody's own"))?;
    let token = match peer {
        Peer::Token { token, .. } => Some(token.clone()),
        _ => None,
    };
    if let Some(device) = &query.device
        && !((1..=DEVICE_BYTES_MAX).contains(&device.len()) && domain::displayable(device) == *device)
    {
        return Err(Problem::invalid(format!("the name of a device has 1 to {DEVICE_BYTES_MAX} bytes")));
    }
    let draft = SessionDraft {
        address: account.address.clone(),
        resource: query.device,
        protocol: Protocol::Web,
        source: source_text(source),
    };
    if let Some(stream) = query.resume
        && let Some(session) = resume(hub, draft.clone(), &stream, query.after.unwrap_or(0)).await?
    {
        check_proof(hub, &session, mark).await?;
        session.set_browser(peer.browser());
        // A service that was started anew has nobody in its rooms.
        rooms::enter_kept(hub, &session).await;
        let ready = ready(hub, &session, stream, true);
        return Ok(Opened { session, token, ready });
    }
    let session = hub.open_session(draft).await?;
    session.set_browser(peer.browser());
    check_proof(hub, &session, mark).await?;
    match begin(hub, &session).await {
        Ok(stream) => {
            let ready = ready(hub, &session, stream, false);
            Ok(Opened { session, token, ready })
        }
        Err(problem) => {
            hub.end_session(&session).await;
            Err(problem)
        }
    }
}

impl Opened {
    /// Serves the client by the connection that is given up for it.
    pub(crate) async fn serve(self, events: Arc<Events>, upgrade: OnUpgrade) {
        let directions = match upgrade.await {
            Ok(upgraded) => web::directions(upgraded).await,
            Err(error) => Err(std::io::Error::other(error)),
        };
        match directions {
            Ok(directions) => Conversation::new(events, self, directions).run().await,
            Err(error) => {
                tracing::debug!(%error, "a client was gone before it heard of its session");
                let connection = self.session.attach();
                events.hub.connection_lost(&self.session, connection).await;
            }
        }
    }
}

/// Sessions that are open when a password is changed end with it: one that is opened meanwhile does too.
async fn check_proof(hub: &Hub, session: &Arc<Session>, mark: ProofMark) -> Result<(), Problem> {
    if hub.proof_stands(session.address(), mark) {
        return Ok(());
    }
    hub.end_session(session).await;
    Err(Problem::not_proven("the password was changed, or the account was disabled: sign in again"))
}

/// Everything that is sent to the session counts from here on, and it hears of everything that clients can hear of.
async fn begin(hub: &Hub, session: &Arc<Session>) -> Result<String, Problem> {
    let mut stream = None;
    let nothing = |id| {
        stream = id;
        Item::Uncounted(bytes::Bytes::new())
    };
    hub.count_stanzas(session, true, nothing).await?;
    hub.set_interested(session);
    hub.set_carbons(session, true);
    hub.blocked(session);
    Ok(stream.map(|id: StreamId| id.to_string()).unwrap_or_default())
}

/// None where there is nothing to go on with.
async fn resume(
    hub: &Hub,
    draft: SessionDraft,
    stream: &str,
    after: u32,
) -> Result<Option<Arc<Session>>, Problem> {
    let Ok(id) = stream.parse() else { return Ok(None) };
    match hub.resume(draft, id, after).await {
        Ok(session) => Ok(Some(session)),
        Err(ResumeError::Unknown) => Ok(None),
        Err(ResumeError::Impossible { .. }) => {
            Err(Problem::invalid("there is nothing of this number: it was never sent, or is acknowledged"))
        }
        Err(ResumeError::Hub(error)) => Err(error.into()),
    }
}

fn ready(hub: &Hub, session: &Session, stream: String, resumed: bool) -> Event {
    Event::Ready {
        stream,
        resumed,
        address: session.address().clone(),
        device: session.resource().to_string(),
        resumable_seconds: hub.settings().resumption.as_secs(),
    }
}
