use std::{collections::HashSet, sync::Arc};

use domain::{Message, MessageId};
use jiff::Timestamp;
use store::{Change, Deliverable, StoreError};

use crate::{Delivery, Hub, HubError, Item, Session, directory::Receiving, outbox::Slot};

const PAGE: usize = 50;

impl Hub {
    /// Gives a session everything that waits for its person, and then makes it live. Until then what comes for the
    /// person goes to the store, where the session finds it: so nothing comes out of order and nothing is missed.
    ///
    /// `nothing_until` is [`Person::missed`](crate::directory::Person::missed) from before it was seen that nothing
    /// waits, where that was seen: then there is nothing to read.
    pub(crate) fn catch_up(&self, session: Arc<Session>, nothing_until: Option<u64>) {
        self.spawn(move |hub| async move {
            if let Err(error) = hub.bring_up_to_date(&session, nothing_until).await {
                tracing::warn!(%error, "a session could not be given what waits for it");
                session.close(crate::CloseReason::Overflow);
            }
        });
    }

    async fn bring_up_to_date(
        &self,
        session: &Arc<Session>,
        mut nothing_until: Option<u64>,
    ) -> Result<(), HubError> {
        let mut given: HashSet<Deliverable> =
            session.outbox.remains().iter().filter_map(Item::deliverable).collect();
        let (mut after, since) = (0, self.environment.now());
        let mut passed_over = None;
        loop {
            let known = nothing_until.take();
            let missed =
                known.unwrap_or_else(|| self.directory.with(session.address(), |person| person.missed));
            if known.is_none() {
                self.store.settled().await?;
            }
            // Alerts do not wait behind a long backlog.
            self.give_open_alerts(session).await?;
            // What was left to another session may be this one's now.
            if let Some(first) = passed_over.take() {
                after = after.min(first - 1);
            }
            while known.is_none() {
                // What the other session acknowledges while this reads was its own all the same.
                let mut others = self.left_to_others(session);
                let page = self.store.pending(session.address(), after, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = *last;
                others.extend(self.left_to_others(session));
                let (left, mut fresh): (Vec<_>, Vec<_>) =
                    page.into_iter().partition(|(_, message)| others.contains(&message.id));
                passed_over = passed_over.or(left.first().map(|(place, _)| *place));
                fresh.retain(|(_, message)| given.insert(Deliverable::Message(message.id)));
                let fresh = fresh.into_iter().map(|(_, message)| message).collect();
                let items = self.stored_items(fresh, since).await?;
                self.give_durably(session, items).await;
                session.outbox.room().await;
                if session.outbox.closed().is_some() {
                    return Ok(());
                }
            }
            let done = self.directory.with(session.address(), |person| {
                let up_to_date = person.missed == missed;
                let Some(seat) = person.seat(session.id()) else { return true };
                match (seat.takes_messages_later(), up_to_date) {
                    (false, _) => seat.receiving = Receiving::No,
                    (true, true) => seat.receiving = Receiving::Live,
                    (true, false) => return false,
                }
                true
            });
            if done {
                return Ok(());
            }
        }
    }

    /// What other sessions of the person have been given and may still acknowledge, and this one is not to be given: what
    /// is for such a session alone, and what this one has a copy of.
    fn left_to_others(&self, session: &Session) -> HashSet<MessageId> {
        let mut left = HashSet::new();
        let others: Vec<Arc<Session>> = self.directory.with(session.address(), |person| {
            let others = person.seats.iter().filter(|seat| seat.session.id() != session.id());
            others.map(|seat| seat.session.clone()).collect()
        });
        for other in others {
            other.outbox.look(|item| {
                let Item::Message(delivery) = item else { return };
                let is_copied = |to: &Arc<[_]>| to.contains(&session.id());
                if delivery.alone || delivery.copied_to.as_ref().is_some_and(is_copied) {
                    left.insert(delivery.message.id);
                }
            });
        }
        left
    }

    /// Messages out of the store, for a session that takes messages since `since`: what was taken before then is late.
    pub(crate) async fn stored_items(
        &self,
        messages: Vec<Arc<Message>>,
        since: Timestamp,
    ) -> Result<Vec<Item>, HubError> {
        let mut archived = Vec::new();
        // Where there are bytes of its protocol, they have the id or do not have it.
        if let Some(plain) = messages.iter().find(|message| message.native.is_none()) {
            let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
            archived = self.store.archived(&plain.recipient, &ids).await?;
        }
        let item = |message: Arc<Message>| {
            let (late, archived) = (message.accepted_at < since, archived.contains(&message.id));
            Item::Message(Delivery { late, archived, ..Delivery::now(&message) })
        };
        Ok(messages.into_iter().map(item).collect())
    }

    /// Gives durable items to a session. Where the session survives the process, their places are remembered first,
    /// so that a client that resumes gets none of them twice.
    pub(crate) async fn give_durably(&self, session: &Arc<Session>, items: Vec<Item>) {
        let Some(stream) = session.durable_stream() else {
            for item in items {
                session.outbox.push(item);
            }
            return;
        };
        let mut slots: Vec<Slot> = Vec::with_capacity(items.len());
        let mut deliveries = Vec::with_capacity(items.len());
        for item in items {
            let what = item.deliverable();
            let Some(slot) = session.outbox.reserve(item) else { break };
            slots.push(slot);
            deliveries.extend(what.map(|what| (slot.position, what)));
        }
        if slots.is_empty() {
            return;
        }
        let result = self.store.commit(vec![Change::StreamDelivers { stream, deliveries }]).await;
        settle(session, &slots, &result);
    }
}

fn settle<T>(session: &Session, slots: &[Slot], result: &Result<T, StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "what waits for a session could not be given to it now");
    }
    for slot in slots {
        match result {
            Ok(_) => session.outbox.release(*slot),
            Err(_) => session.outbox.cancel(*slot),
        }
    }
}
