use std::{
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use domain::{Address, AlertId, MessageId, Presence, Protocol};
use store::{Change, Deliverable, StoreError, StreamId, StreamRecord};
use thiserror::Error;

use crate::{
    Hub, HubError, Item, Session, SessionDraft, directory::Seat, missed::Missed, outbox::Outbox,
    session::Stream,
};

/// Why a session cannot be resumed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResumeError {
    /// There is no such session of this person: it never was, it ended, or its time is over.
    #[error("there is no session to resume")]
    Unknown,
    /// The client says that it has received what was never sent.
    #[error("the client counts more stanzas than the {sent} that were sent to it")]
    Impossible {
        /// How many were sent.
        sent: u32,
    },
    /// The store cannot be asked now.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// How long resuming waits for messages of the broken connection that are on their way to the disk.
const SETTLE_MAX: Duration = Duration::from_secs(10);

impl Hub {
    /// From here on the session's stanzas are counted both ways; with `resume`, the session survives its connection
    /// and, where messages are archived, the process. `enabled` makes what tells the client so.
    pub async fn count_stanzas(
        &self,
        session: &Arc<Session>,
        resume: bool,
        enabled: impl FnOnce(Option<StreamId>) -> Item,
    ) -> Result<(), HubError> {
        let id =
            resume.then(|| StreamId(uuid::Builder::from_random_bytes(self.environment.random()).into_uuid()));
        let durable = self.settings.archive;
        if let Some(id) = id {
            if durable {
                let presence = self.with_seat(session, |seat| seat.presence.as_deref().cloned()).flatten();
                self.store.commit(vec![Change::OpenStream(self.record(session, id, 0, presence))]).await?;
            }
            session.set_stream(Stream { id, durable });
            self.remember_wishes(session);
            self.remember_rooms(session);
        }
        session.restore_received(0);
        session.outbox.count_from_here(enabled(id), 0);
        Ok(())
    }

    /// Seats the sessions of the process before, as they were: their people may come back to them, and until then
    /// look as they did.
    pub(crate) async fn seat_old_sessions(&self) -> Result<(), HubError> {
        let any_alert = !self.open_alerts.is_empty();
        for record in self.store.streams().await? {
            self.old_sessions.store(true, Ordering::Release);
            let StreamRecord { id, address, resource, presence, .. } = record;
            let draft =
                SessionDraft { address, resource: None, protocol: Protocol::Xmpp, source: String::new() };
            let outbox = Outbox::of_old_session(self.flusher.clone());
            let session = self.make_session(draft, resource.into(), outbox);
            session.set_stream(Stream { id, durable: true });
            if any_alert {
                // Of these it is to hear that they are answered elsewhere, or over.
                let given = self.store.stream_deliveries(id).await?;
                session.alerts_given.lock().extend(given.into_iter().filter_map(|(_, what)| alert_of(what)));
            }
            let seat = Seat {
                presence: presence.map(Arc::new),
                // Only the store knows what its client wished. Until it comes back, it may miss all of it.
                interested: true,
                carbons: true,
                hears_blocks: true,
                ..Seat::new(session.clone())
            };
            self.directory.with(session.address(), |person| person.seats.push(seat));
        }
        Ok(())
    }

    /// What a presence has to be known for after a restart. It is on its way to the disk when this returns, before
    /// whatever is acknowledged after it.
    pub(crate) async fn remember_presence(
        &self,
        session: &Session,
        presence: Option<&Presence>,
    ) -> Result<(), HubError> {
        if let Some(stream) = session.durable_stream() {
            let permit = self.store.reserve().await?;
            let change = Change::StreamPresence { stream, presence: presence.cloned() };
            self.store.submit(permit, vec![change], Box::new(warn_of_failure));
        }
        Ok(())
    }

    /// The connection is gone. A session that can be resumed waits for its client; another ends.
    pub async fn connection_lost(&self, session: &Arc<Session>, connection: crate::ConnectionId) {
        if !session.outbox.is_attached(connection) {
            return;
        }
        if !session.is_resumable() || session.outbox.closed().is_some() {
            return self.end_session(session).await;
        }
        session.outbox.detach();
        let (session, resumption) = (session.clone(), self.settings.resumption);
        self.spawn(|hub| async move {
            tokio::time::sleep(resumption).await;
            if session.outbox.is_attached(connection) {
                hub.end_session(&session).await;
            }
        });
    }

    /// Continues a session by its stream's id; `received` is how many stanzas the client has. What it lacks is written
    /// again.
    pub async fn resume(
        &self,
        draft: SessionDraft,
        id: StreamId,
        received: u32,
    ) -> Result<Arc<Session>, ResumeError> {
        let found = self.directory.with(&draft.address, |person| {
            let of_stream =
                |session: &Arc<Session>| session.stream.get().is_some_and(|stream| stream.id == id);
            person.seats.iter().map(|seat| &seat.session).find(|session| of_stream(session)).cloned()
        });
        match found {
            Some(old) if old.outbox.missed().is_some() => self.revive(&old, draft, id, received).await,
            // Somebody is continuing it at this moment.
            Some(session) if !session.outbox.was_attached() => Err(ResumeError::Unknown),
            // What waits for a client of another protocol is written in that.
            Some(session) if session.protocol() != draft.protocol => Err(ResumeError::Unknown),
            Some(session) => {
                let taken = self.take_over(&session, draft.source, received).await;
                if let Err((connection, error)) = taken {
                    // The old connection is over, and nobody has come in its place.
                    if let Some(connection) = connection {
                        self.connection_lost(&session, connection).await;
                    }
                    return Err(error);
                }
                Ok(session)
            }
            None => Err(ResumeError::Unknown),
        }
    }

    /// An error comes with the connection that was to take over, where the old one is over by then.
    async fn take_over(
        &self,
        session: &Arc<Session>,
        source: String,
        received: u32,
    ) -> Result<(), (Option<crate::ConnectionId>, ResumeError)> {
        if session.outbox.closed().is_some() {
            return Err((None, ResumeError::Unknown));
        }
        let impossible = || ResumeError::Impossible { sent: session.outbox.written_count() };
        // A count that cannot be right ends nothing that works.
        if !session.outbox.can_have(received) {
            return Err((None, impossible()));
        }
        // The old connection is over first, so that nothing more comes or goes by it.
        let connection = session.attach();
        if !session.outbox.can_have(received) {
            return Err((Some(connection), impossible()));
        }
        let settled = tokio::time::timeout(SETTLE_MAX, session.settled()).await;
        settled.map_err(|_| {
            let slow = StoreError::Unavailable { why: "the disk is too slow".to_owned() };
            (Some(connection), HubError::Store(slow).into())
        })?;
        self.acknowledge(session, received);
        session.outbox.rewind();
        session.moved_to(source);
        self.note_source(session);
        Ok(())
    }

    /// Continues a session of the process before this one.
    async fn revive(
        &self,
        old: &Arc<Session>,
        draft: SessionDraft,
        id: StreamId,
        received: u32,
    ) -> Result<Arc<Session>, ResumeError> {
        let record = self.store.stream(id).await.map_err(HubError::from)?;
        let record = record.filter(|record| record.address == draft.address).ok_or(ResumeError::Unknown)?;
        let given = self.store.stream_deliveries(id).await.map_err(HubError::from)?;
        let (has, lacks): (Vec<_>, Vec<_>) =
            given.into_iter().partition(|(position, _)| received.wrapping_sub(*position) < u32::MAX / 2);
        let session = self.make_session(draft, record.resource.as_str().into(), self.make_outbox());
        session.set_stream(Stream { id, durable: true });
        session.restore_received(record.received);
        let nothing = Item::Uncounted(bytes::Bytes::new());
        session.outbox.count_from_here(nothing, received);
        self.take_seat_of(old, &session).await?;
        // Half continued it would be nobody's: what fails from here on ends it, and the client begins anew.
        let unfinished = Unfinished { hub: self.this.clone(), session: Some(session.clone()) };
        let messages = has.iter().filter_map(|(_, what)| match what {
            Deliverable::Message(message) => Some(*message),
            Deliverable::Alert(_) => None,
        });
        let is_open_alert = |what: &Deliverable| match what {
            Deliverable::Alert(alert) => self.open_alerts.get(*alert).is_some(),
            Deliverable::Message(_) => false,
        };
        let known = has.iter().filter(|(_, what)| is_open_alert(what)).cloned().collect();
        let mut changes = vec![
            Change::CloseStream { stream: id },
            Change::OpenStream(self.record(&session, id, record.received, record.presence.clone())),
            Change::StreamDelivers { stream: id, deliveries: known },
            Change::Acknowledge { recipient: record.address.clone(), messages: messages.collect() },
        ];
        changes.extend(has.iter().filter_map(|(_, what)| match what {
            Deliverable::Alert(alert) => Some(self.alert_delivered(*alert, &session)),
            Deliverable::Message(_) => None,
        }));
        self.store.commit(changes).await.map_err(HubError::from)?;
        let again = self.deliverables(lacks.into_iter().map(|(_, what)| what).collect()).await?;
        self.mark_given(&session, has.into_iter().map(|(_, what)| what), &again);
        self.give_durably(&session, again).await;
        self.show_out_of_old_rooms(&session).await?;
        if let Some(presence) = record.presence {
            self.set_presence(&session, presence).await?;
        }
        unfinished.finish();
        Ok(session)
    }

    /// A session of the person has taken messages for good. Those of the process before that were to find what came since
    /// in the store do not find these any more.
    pub(crate) fn note_taken_elsewhere(&self, address: &Address, messages: &[MessageId]) {
        if !self.old_sessions.load(Ordering::Acquire) || messages.iter().all(|id| *id < self.first_message) {
            return;
        }
        self.directory.with(address, |person| {
            for missed in person.seats.iter().filter_map(|seat| seat.session.outbox.missed()) {
                missed.note_copy();
            }
        });
    }

    /// From one moment to the next what was noted as missed is given. It is refused where something was missed, and
    /// where somebody else was faster.
    async fn take_seat_of(&self, old: &Arc<Session>, session: &Arc<Session>) -> Result<(), ResumeError> {
        let next = self.seat_with_wishes(session).await?;
        let taken = self.directory.with(old.address(), |person| {
            let seat = person.seat(old.id())?;
            let missed = old.outbox.missed();
            let lacks = missed.is_some_and(|missed| missed.is_lacked(next.carbons, next.hears_blocks));
            if !lacks {
                for item in missed.into_iter().flat_map(Missed::left) {
                    session.push(item);
                }
                *seat = next;
            }
            Some(!lacks)
        });
        match taken {
            Some(true) => Ok(()),
            Some(false) => {
                self.end_session(old).await;
                Err(ResumeError::Unknown)
            }
            None => Err(ResumeError::Unknown),
        }
    }

    /// The items of what a stream was given and its client does not have.
    async fn deliverables(&self, what: Vec<Deliverable>) -> Result<Vec<Item>, HubError> {
        let mut items = Vec::with_capacity(what.len());
        for what in what {
            match what {
                Deliverable::Message(id) => {
                    let found = self.store.messages(&[id]).await?;
                    items.extend(self.stored_items(found, self.environment.now()).await?);
                }
                Deliverable::Alert(id) => items.extend(self.open_alerts.get(id).map(Item::Alert)),
            }
        }
        Ok(items)
    }

    fn mark_given(&self, session: &Session, has: impl Iterator<Item = Deliverable>, again: &[Item]) {
        let again = again.iter().filter_map(Item::deliverable);
        session.alerts_given.lock().extend(has.chain(again).filter_map(alert_of));
    }

    /// Ends sessions of the process before that nobody came back to in time. To be run once, beside the rest.
    pub async fn end_old_sessions(&self) {
        tokio::time::sleep(self.settings.resumption).await;
        for seat in self.directory.all().into_iter().filter(|seat| seat.session.outbox.missed().is_some()) {
            self.end_session(&seat.session).await;
        }
        self.old_sessions.store(false, Ordering::Release);
    }

    fn record(
        &self,
        session: &Session,
        id: StreamId,
        received: u32,
        presence: Option<Presence>,
    ) -> StreamRecord {
        let (address, resource): (Address, String) =
            (session.address().clone(), session.resource().to_string());
        StreamRecord { id, address, resource, received, presence, touched_at: self.environment.now() }
    }
}

/// A session that is being continued. Where that is not finished, also because whoever waits for it has gone, it ends.
struct Unfinished {
    hub: Weak<Hub>,
    session: Option<Arc<Session>>,
}

impl Unfinished {
    fn finish(mut self) {
        self.session = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let (Some(hub), Some(session)) = (self.hub.upgrade(), self.session.take()) {
            hub.spawn(|hub| async move { hub.end_session(&session).await });
        }
    }
}

fn alert_of(what: Deliverable) -> Option<AlertId> {
    match what {
        Deliverable::Alert(alert) => Some(alert),
        Deliverable::Message(_) => None,
    }
}

fn warn_of_failure<T>(result: Result<T, StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a presence was not remembered");
    }
}
