use std::sync::Arc;

use domain::{Address, Presence};
use store::Arrival;

use crate::{
    Hub, HubError, Item, PresenceNotice, Session,
    directory::{Receiving, Seat},
};

impl Hub {
    /// The session is available, or says something new about itself. Those who may see it are told, and so are the
    /// person's own sessions with this one among them; the first time, the session is told of the others and given
    /// everything that waited (RFC 6121 §4.2, §4.4).
    pub async fn set_presence(&self, session: &Arc<Session>, presence: Presence) -> Result<(), HubError> {
        let presence = Arc::new(presence);
        let before = self.with_seat(session, |seat| {
            let before = seat.presence.replace(presence.clone());
            // Who turns messages away and then takes them again has missed what came in between.
            if !presence.receives_messages() {
                seat.stop_receiving();
            }
            let behind = presence.receives_messages() && seat.receiving == Receiving::No;
            if behind {
                seat.receiving = Receiving::CatchingUp;
            }
            (before.is_some(), behind)
        });
        let Some((was_available, behind)) = before else { return Ok(()) };
        self.note_who_is_here();
        self.remember_presence(session, Some(&presence)).await?;
        let missed = self.directory.with(session.address(), |person| person.missed);
        let is_settled = self.store.is_settled();
        let Arrival { contacts, has_pending } = self.store.arrival(session.address()).await?;
        let watchers = contacts.iter().filter(|contact| contact.from).map(|contact| &contact.address);
        self.tell(watchers.chain([session.address()]), session, true, &presence);
        if !was_available {
            let watched = contacts.iter().filter(|contact| contact.to).map(|contact| &contact.address);
            self.show_presence_of(watched.chain([session.address()]), session);
            let asking = contacts.iter().filter(|contact| contact.asking);
            let own = session.address();
            for contact in
                asking.filter(|contact| self.check_not_blocked(own, &contact.address, None).is_ok())
            {
                self.show_request(&contact.address, session).await?;
            }
        }
        if behind {
            self.catch_up(session.clone(), (is_settled && !has_pending).then_some(missed));
        }
        Ok(())
    }

    /// The session stays connected and is no longer available (RFC 6121 §4.5).
    pub async fn clear_presence(&self, session: &Arc<Session>, farewell: Presence) {
        let left = self.with_seat(session, |seat| {
            seat.stop_receiving();
            seat.presence.take().is_some()
        });
        if let Err(error) = self.remember_presence(session, None).await {
            tracing::warn!(%error, "that a session is no longer available was not remembered");
        }
        self.leave_all_rooms(session, &farewell).await;
        let farewell = Arc::new(farewell);
        self.note_who_is_here();
        if left == Some(true) {
            session.push(Item::Presence(notice(session, false, farewell.clone())));
            self.presence_left(session, farewell).await;
        } else {
            self.directed_left(session, &farewell);
        }
    }

    /// Answers a client that asks for somebody's presence (RFC 6121 §4.3.2): with what it may see; where that is
    /// nobody, with "unavailable" and what they say while they are away; and for who does not let it see them, or does not exist, with "unsubscribed".
    pub async fn probe(
        &self,
        session: &Session,
        to: &Address,
        resource: Option<&str>,
    ) -> Result<(), HubError> {
        self.check_not_blocked(session.address(), to, resource)?;
        let own = to == session.address();
        let entry = self.store.contact(to, session.address()).await?;
        let sees_all = own || (self.account(to).is_some() && entry.is_some_and(|contact| contact.from));
        let sees = |seat: &Seat| {
            let directed = seat.session.directed.lock();
            sees_all && !self.is_hidden_from(&seat.session, session.address())
                || directed.includes_device(session.address(), session.resource())
        };
        let named = |seat: &Seat| resource.is_none_or(|resource| **seat.session.resource() == *resource);
        let mut seen = self.directory.available(to);
        seen.retain(|seat| named(seat) && sees(seat) && !self.are_apart(&seat.session, session));
        if seen.is_empty() && !sees_all {
            session.push(Item::Subscription {
                from: to.clone(),
                action: domain::SubscriptionAction::Unsubscribed,
                native: None,
            });
        } else if seen.is_empty() {
            session.push(Item::Presence(Arc::new(PresenceNotice {
                from: to.clone(),
                resource: resource.unwrap_or_default().into(),
                available: false,
                presence: self.words_of_absence(to).map_or_else(Arc::default, |text| {
                    Arc::new(Presence { text: Some(text), ..Presence::default() })
                }),
                to_session: false,
            })));
        }
        for seat in seen {
            let Some(presence) = seat.presence else { continue };
            session.push(Item::Presence(notice(&seat.session, true, presence)));
        }
        Ok(())
    }

    /// Whether `asker` may know of `session`: it is their own, or they see its presence.
    pub(crate) async fn is_visible_to(&self, session: &Session, asker: &Address) -> Result<bool, HubError> {
        if session.directed.lock().includes(asker) {
            return Ok(true);
        }
        if self.is_hidden_from(session, asker) {
            return Ok(false);
        }
        let contact = self.store.contact(session.address(), asker).await?;
        Ok(contact.is_some_and(|contact| contact.from))
    }

    /// Gives bytes of a session's own protocol, a query or an answer, to one session of another person, if policy lets
    /// it pass.
    pub async fn relay(
        &self,
        from: &Session,
        to: &Address,
        resource: &str,
        bytes: bytes::Bytes,
        is_answer: bool,
    ) -> Result<(), HubError> {
        let target = self.session_named(to, resource).filter(|target| target.protocol() == from.protocol());
        let target = target.filter(|target| !self.are_apart(target, from));
        let target = target.ok_or(domain::Refusal::NoSuchRecipient)?;
        let same_person = to == from.address();
        let sees_presence = same_person || self.is_visible_to(&target, from.address()).await?;
        let is_seen = is_answer && !sees_presence && self.is_visible_to(from, to).await?;
        domain::may_relay(domain::RelayView { is_answer, sees_presence, is_seen, same_person })?;
        if target.push(Item::Native(bytes)) { Ok(()) } else { Err(domain::Refusal::NoSuchRecipient.into()) }
    }

    /// Tells `to` of all available sessions of `from`, or that they are gone.
    pub(crate) fn show_sessions(&self, from: &Address, to: &Address, visible: bool) {
        for seat in self.directory.available(from) {
            let Some(presence) = seat.presence.clone() else { continue };
            let presence = if visible { presence } else { Arc::default() };
            self.tell([to].into_iter(), &seat.session, visible, &presence);
        }
    }

    /// A session is no longer available, or gone: everyone who saw it is told (RFC 6121 §4.5.2, §4.6.3).
    pub(crate) async fn presence_left(&self, session: &Arc<Session>, farewell: Arc<Presence>) {
        let contacts = self.store.contacts(session.address()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "nobody could be told that a session left");
            Vec::new()
        });
        let hidden = self.is_invisible(session.address());
        let watchers = contacts.into_iter().filter(|contact| contact.from && !hidden);
        let watchers = watchers.map(|contact| contact.address);
        let watchers: Vec<Address> = watchers.chain([session.address().clone()]).collect();
        self.tell(watchers.iter(), session, false, &farewell);
        let shown = session.directed.lock().take();
        for (to, resource) in shown.into_iter().filter(|(to, _)| !watchers.contains(to)) {
            self.show_directed(session, &to, resource.as_deref(), false, farewell.clone());
        }
        if !hidden {
            self.remember_leaving(session, &farewell).await;
        }
    }

    /// The same for a session that was never available and has shown itself to some.
    pub(crate) fn directed_left(&self, session: &Session, farewell: &Arc<Presence>) {
        let shown = session.directed.lock().take();
        for (to, resource) in shown {
            self.show_directed(session, &to, resource.as_deref(), false, farewell.clone());
        }
    }

    /// Tells everybody who sees a person's presence of all their sessions that are available, or that they are gone.
    pub(crate) async fn show_to_watchers(&self, person: &Address, visible: bool) -> Result<(), HubError> {
        for contact in self.store.contacts(person).await?.iter().filter(|contact| contact.from) {
            self.show_sessions(person, &contact.address, visible);
        }
        Ok(())
    }

    /// Tells people of a session, but for those whom its person has blocked and who have blocked its person, and
    /// nobody else where its person is invisible.
    fn tell<'a>(
        &self,
        whom: impl Iterator<Item = &'a Address>,
        session: &Session,
        available: bool,
        presence: &Arc<Presence>,
    ) {
        let notice = notice(session, available, presence.clone());
        for address in whom {
            let mut seats = self.directory.available(address);
            seats.retain(|seat| {
                !self.are_apart(session, &seat.session) && !self.is_hidden_from(session, address)
            });
            for seat in seats {
                seat.session.push(Item::Presence(notice.clone()));
            }
        }
    }

    fn show_presence_of<'a>(&self, whom: impl Iterator<Item = &'a Address>, to: &Session) {
        for address in whom {
            for seat in self.directory.available(address) {
                let Some(presence) = seat.presence else { continue };
                let hidden =
                    self.are_apart(&seat.session, to) || self.is_hidden_from(&seat.session, to.address());
                if seat.session.id() != to.id() && !hidden {
                    to.push(Item::Presence(notice(&seat.session, true, presence)));
                }
            }
        }
    }
}

pub(crate) fn notice(session: &Session, available: bool, presence: Arc<Presence>) -> Arc<PresenceNotice> {
    Arc::new(PresenceNotice {
        from: session.address().clone(),
        resource: session.resource().clone(),
        available,
        presence,
        to_session: false,
    })
}
