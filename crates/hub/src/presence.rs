use std::sync::Arc;

use domain::{Address, Presence};

use crate::{Hub, HubError, Item, PresenceNotice, Session, directory::Receiving};

impl Hub {
    /// The session is available, or says something new about itself. Those who may see it are told; the first time,
    /// the session is told of the others and given everything that waited (RFC 6121 §4.2, §4.4).
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
        self.remember_presence(session, Some(&presence)).await?;
        let contacts = self.store.contacts(session.address()).await?;
        let watchers = contacts.iter().filter(|contact| contact.from).map(|contact| &contact.address);
        self.tell(watchers.chain([session.address()]), &notice(session, true, presence.clone()), session);
        if !was_available {
            let watched = contacts.iter().filter(|contact| contact.to).map(|contact| &contact.address);
            self.show_presence_of(watched.chain([session.address()]), session);
            for contact in contacts.iter().filter(|contact| contact.asking) {
                let action = domain::SubscriptionAction::Subscribe;
                session.push(Item::Subscription { from: contact.address.clone(), action });
            }
        }
        if behind {
            self.catch_up(session.clone());
        }
        Ok(())
    }

    /// The session stays connected and is no longer available.
    pub async fn clear_presence(&self, session: &Arc<Session>, farewell: Presence) {
        let left = self.with_seat(session, |seat| {
            seat.stop_receiving();
            seat.presence.take().is_some()
        });
        if let Err(error) = self.remember_presence(session, None).await {
            tracing::warn!(%error, "that a session is no longer available was not remembered");
        }
        if left == Some(true) {
            self.presence_left(session, Arc::new(farewell)).await;
        }
    }

    /// Shows this session's presence to one person, whatever the contact lists say, until it leaves or takes it back.
    pub fn direct_presence(&self, session: &Session, to: &Address, available: bool, presence: Presence) {
        let news = {
            let mut directed = session.directed.lock();
            if available { directed.insert(to.clone()) || directed.contains(to) } else { directed.remove(to) }
        };
        if news {
            self.tell([to].into_iter(), &notice(session, available, Arc::new(presence)), session);
        }
    }

    /// Whether `asker` may know of `session`: it is their own, or they see its presence.
    pub(crate) async fn is_visible_to(&self, session: &Session, asker: &Address) -> Result<bool, HubError> {
        if session.directed.lock().contains(asker) {
            return Ok(true);
        }
        let contact = self.store.contact(session.address(), asker).await?;
        Ok(contact.is_some_and(|contact| contact.from))
    }

    /// Gives bytes of a session's own protocol to one session of another person, if the asker may know of it.
    pub async fn relay(
        &self,
        from: &Session,
        to: &Address,
        resource: &str,
        bytes: bytes::Bytes,
    ) -> Result<(), HubError> {
        let target = self.session_named(to, resource).filter(|target| target.protocol() == from.protocol());
        let target = target.ok_or(domain::Refusal::NoSuchRecipient)?;
        let same_person = to == from.address();
        // Whoever was shown the asker's presence may answer it.
        let sees = same_person
            || self.is_visible_to(&target, from.address()).await?
            || from.directed.lock().contains(to);
        domain::may_relay(sees, same_person)?;
        if target.push(Item::Native(bytes)) { Ok(()) } else { Err(domain::Refusal::NoSuchRecipient.into()) }
    }

    /// Tells `to` of all available sessions of `from`, or that they are gone.
    pub(crate) fn show_sessions(&self, from: &Address, to: &Address, visible: bool) {
        for seat in self.directory.available(from) {
            let Some(presence) = seat.presence.clone() else { continue };
            let presence = if visible { presence } else { Arc::default() };
            self.tell([to].into_iter(), &notice(&seat.session, visible, presence), &seat.session);
        }
    }

    pub(crate) async fn presence_left(&self, session: &Arc<Session>, farewell: Arc<Presence>) {
        self.remember_leaving(session, &farewell);
        let contacts = self.store.contacts(session.address()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "nobody could be told that a session left");
            Vec::new()
        });
        let directed = std::mem::take(&mut *session.directed.lock());
        let watchers = contacts.into_iter().filter(|contact| contact.from).map(|contact| contact.address);
        let mut watchers: Vec<Address> =
            watchers.chain(directed).chain([session.address().clone()]).collect();
        watchers.sort_unstable();
        watchers.dedup();
        self.tell(watchers.iter(), &notice(session, false, farewell), session);
    }

    fn tell<'a>(
        &self,
        whom: impl Iterator<Item = &'a Address>,
        notice: &Arc<PresenceNotice>,
        from: &Session,
    ) {
        for address in whom {
            let seats = self.directory.available(address);
            for seat in seats.iter().filter(|seat| seat.session.id() != from.id()) {
                seat.session.push(Item::Presence(notice.clone()));
            }
        }
    }

    fn show_presence_of<'a>(&self, whom: impl Iterator<Item = &'a Address>, to: &Session) {
        for address in whom {
            for seat in self.directory.available(address) {
                let Some(presence) = seat.presence else { continue };
                if seat.session.id() != to.id() {
                    to.push(Item::Presence(notice(&seat.session, true, presence)));
                }
            }
        }
    }
}

fn notice(session: &Session, available: bool, presence: Arc<Presence>) -> Arc<PresenceNotice> {
    Arc::new(PresenceNotice {
        from: session.address().clone(),
        resource: session.resource().clone(),
        available,
        presence,
    })
}
