use std::sync::{Arc, atomic::Ordering};

use domain::{Address, BrowserSessionId, Protocol, Show, alerter::ConditionKind};
use jiff::Timestamp;
use serde::Serialize;

use crate::{CloseReason, Hub, HubError, Item, Outbox, Session, SessionDraft, SessionId, directory::Seat};

/// A session as an administrator sees it.
#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    /// Whose.
    pub address: Address,
    /// Its name.
    pub resource: String,
    /// By which protocol; none where the service was started anew since, and its client has not come back.
    pub protocol: Option<Protocol>,
    /// From which network address; empty where that is not known.
    pub source: String,
    /// Whether its client is connected. Otherwise it has lost its connection, and can resume the session.
    pub connected: bool,
    /// Since when.
    pub since: Timestamp,
    /// How available; none where it is connected and says nothing.
    pub show: Option<Show>,
    /// The status text.
    pub text: Option<String>,
    /// Whether it is given messages as they come: it is available to them, and has everything that waited.
    pub receives: bool,
    /// The browser by whose sign-in it was opened.
    pub browser: Option<BrowserSessionId>,
}

const RESOURCE_BYTES_MAX: usize = 1_023;

impl Hub {
    /// Signs a person in whose identity the door has proven. A session of the same name is replaced by this one
    /// (RFC 6120 §7.7.2.2: the older loses, so that a client that lost its connection gets its name back).
    pub async fn open_session(&self, draft: SessionDraft) -> Result<Arc<Session>, HubError> {
        let account = self.people.account(&draft.address).filter(|account| !account.disabled);
        account.ok_or(domain::Refusal::Sender)?;
        let resource: Arc<str> = match draft.resource.as_deref() {
            Some(wanted) if (1..=RESOURCE_BYTES_MAX).contains(&wanted.len()) => wanted.into(),
            _ => self.environment.message_id().to_string().into(),
        };
        if let Some(older) = self.session_named(&draft.address, &resource) {
            older.close(CloseReason::Replaced);
            self.end_session(&older).await;
        }
        self.make_room(&draft.address).await?;
        let session = self.seat(draft, resource);
        self.note_source(&session);
        Ok(session)
    }

    /// Ends a session for good: others see it leave, and what it was given and did not acknowledge goes to the
    /// person's other sessions or waits in the store.
    pub async fn end_session(&self, session: &Arc<Session>) {
        let seat = self.unseat(session);
        let Some(seat) = seat else { return };
        session.close(CloseReason::Ended);
        self.note_who_is_here();
        self.leave_all_rooms(session, &domain::Presence::default()).await;
        self.forget_old_rooms(session);
        self.forget_wishes(session, &seat);
        if let Some(stream) = session.durable_stream() {
            self.commit_later(vec![store::Change::CloseStream { stream }]);
        }
        if seat.presence.is_some() {
            self.presence_left(session, Arc::default()).await;
        } else if !session.directed.lock().is_empty() {
            self.directed_left(session, &Arc::default());
        }
        if let Err(error) = self.hand_over(session).await {
            tracing::warn!(%error, "what a session left unread waits for the next sign-in");
        }
    }

    /// A session by its name.
    pub fn session_named(&self, address: &Address, resource: &str) -> Option<Arc<Session>> {
        let named = |seat: &&Seat| *seat.session.resource().as_ref() == *resource;
        self.directory
            .with(address, |person| person.seats.iter().find(named).map(|seat| seat.session.clone()))
    }

    /// The session's client wants to hear of changes to the contact list.
    pub fn set_interested(&self, session: &Session) {
        self.with_seat(session, |seat| seat.interested = true);
    }

    /// Everyone's sessions, by address and name.
    pub fn sessions(&self) -> Vec<SessionView> {
        let mut views: Vec<SessionView> = self.directory.all().into_iter().map(view).collect();
        views.sort_unstable_by(|one, other| {
            (&one.address, &one.resource).cmp(&(&other.address, &other.resource))
        });
        views
    }

    /// One person's sessions, by name.
    pub fn sessions_of(&self, address: &Address) -> Vec<SessionView> {
        let seats = self.directory.with(address, |person| person.seats.clone());
        let mut views: Vec<SessionView> = seats.into_iter().map(view).collect();
        views.sort_unstable_by(|one, other| one.resource.cmp(&other.resource));
        views
    }

    /// Signs one of a person's sessions out, by its name. False where there is none.
    pub async fn sign_out(&self, address: &Address, resource: &str) -> bool {
        let Some(session) = self.session_named(address, resource) else { return false };
        session.close(CloseReason::NotAuthorized);
        self.end_session(&session).await;
        true
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.directory.count()
    }

    /// Closes every session of a person.
    pub(crate) fn close_sessions(&self, address: &Address, reason: CloseReason) {
        self.close_sessions_where(address, reason, |_| true);
    }

    /// Closes every session of a person but those that were opened by this browser.
    pub(crate) fn close_sessions_except(
        &self,
        address: &Address,
        reason: CloseReason,
        browser: Option<BrowserSessionId>,
    ) {
        self.close_sessions_where(address, reason, |other| other.is_none() || other != browser);
    }

    /// Closes the sessions of a person that were opened by such a browser, or by none.
    pub(crate) fn close_sessions_where(
        &self,
        address: &Address,
        reason: CloseReason,
        which: impl Fn(Option<BrowserSessionId>) -> bool,
    ) {
        self.directory.with(address, |person| {
            for seat in person.seats.iter().filter(|seat| which(seat.session.browser())) {
                seat.session.close(reason);
            }
        });
    }

    /// Closes every session because the service stops. What they have not acknowledged waits in the store.
    pub fn close_all_sessions(&self) {
        for seat in self.directory.all() {
            seat.session.close(CloseReason::Shutdown);
        }
    }

    /// The client asks how much of what it sent is taken for good: it is told as soon as everything is.
    pub fn want_acknowledgement(&self, session: &Arc<Session>) {
        if let Some(number) = session.want_acknowledgement() {
            self.remember_received(session.clone(), number);
        }
    }

    pub(crate) fn remember_received(&self, session: Arc<Session>, number: u32) {
        let Some(stream) = session.durable_stream() else { return session.remembered(number) };
        self.spawn(|hub| async move {
            match hub.store.commit(vec![store::Change::StreamReceived { stream, received: number }]).await {
                Ok(_) => session.remembered(number),
                // The client is not told, so it sends again what it was not told of when it comes back.
                Err(error) => tracing::warn!(%error, "a stream's counter was not remembered"),
            }
        });
    }

    pub(crate) fn seat(&self, draft: SessionDraft, resource: Arc<str>) -> Arc<Session> {
        let session = self.make_session(draft, resource, self.make_outbox());
        self.directory.with(session.address(), |person| person.seats.push(Seat::new(session.clone())));
        session
    }

    /// One that has no seat yet.
    pub(crate) fn make_session(
        &self,
        draft: SessionDraft,
        resource: Arc<str>,
        outbox: Outbox,
    ) -> Arc<Session> {
        let id = SessionId(self.next_session.fetch_add(1, Ordering::Relaxed));
        Arc::new(Session::new(id, draft, resource, self.environment.now(), outbox, self.this.clone()))
    }

    pub(crate) fn make_outbox(&self) -> Outbox {
        Outbox::new(self.settings.outbox_bytes_max, self.flusher.clone())
    }

    /// Sees to it that a person may have one more session: where there are too many, the oldest that lost its client
    /// ends.
    async fn make_room(&self, address: &Address) -> Result<(), HubError> {
        let limit = self.settings.sessions_max;
        let (count, broken) = self.directory.with(address, |person| {
            let broken = person.seats.iter().find(|seat| !seat.session.outbox.is_served());
            (person.seats.len(), broken.map(|seat| seat.session.clone()))
        });
        match broken {
            _ if count < limit => Ok(()),
            Some(broken) => {
                self.end_session(&broken).await;
                Ok(())
            }
            None => {
                self.condition_happened(ConditionKind::SessionLimit, address.as_str());
                Err(HubError::TooManySessions { address: address.to_string(), limit })
            }
        }
    }

    pub(crate) fn unseat(&self, session: &Session) -> Option<Seat> {
        self.directory.with(session.address(), |person| {
            let index = person.seats.iter().position(|seat| seat.session.id() == session.id())?;
            Some(person.seats.remove(index))
        })
    }

    pub(crate) fn with_seat<T>(&self, session: &Session, act: impl FnOnce(&mut Seat) -> T) -> Option<T> {
        self.directory.with(session.address(), |person| person.seat(session.id()).map(act))
    }

    /// Tells the person's clients that have asked for the list of contacts.
    pub(crate) fn tell_interested(&self, address: &Address, item: &Item) {
        let seats = self.directory.with(address, |person| person.seats.clone());
        for seat in seats.iter().filter(|seat| seat.interested) {
            seat.session.push(item.clone());
        }
    }
}

fn view(seat: Seat) -> SessionView {
    let receives = seat.takes_messages();
    let session = seat.session;
    let connected = session.outbox.is_served();
    SessionView {
        address: session.address().clone(),
        resource: session.resource().to_string(),
        // What is restored after a start knows neither.
        protocol: Some(session.protocol()).filter(|_| connected || !session.source().is_empty()),
        source: session.source(),
        connected,
        browser: session.browser(),
        since: session.since(),
        show: seat.presence.as_ref().map(|presence| presence.show),
        text: seat.presence.and_then(|presence| presence.text.clone()),
        receives,
    }
}
