use std::{collections::HashSet, sync::Arc};

use store::{Change, Deliverable, StoreError};

use crate::{Hub, HubError, Item, Session, directory::Receiving, messages::from_store, outbox::Slot};

const PAGE: usize = 50;

impl Hub {
    /// Gives a session everything that waits for its person, and then makes it live. Until then what comes for the
    /// person goes to the store, where the session finds it: so nothing comes out of order and nothing is missed.
    pub(crate) fn catch_up(&self, session: Arc<Session>) {
        self.spawn(|hub| async move {
            if let Err(error) = hub.bring_up_to_date(&session).await {
                tracing::warn!(%error, "a session could not be given what waits for it");
                session.close(crate::CloseReason::Overflow);
            }
        });
    }

    async fn bring_up_to_date(&self, session: &Arc<Session>) -> Result<(), HubError> {
        let mut given: HashSet<Deliverable> =
            session.outbox.remains().iter().filter_map(Item::deliverable).collect();
        let (mut after, since) = (0, self.environment.now());
        loop {
            let missed = self.directory.with(session.address(), |person| person.missed);
            self.store.settled().await?;
            // Alerts do not wait behind a long backlog.
            self.give_open_alerts(session).await?;
            loop {
                let page = self.store.pending(session.address(), after, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = *last;
                let fresh = page.into_iter().map(|(_, message)| message);
                let fresh = fresh.filter(|message| given.insert(Deliverable::Message(message.id)));
                self.give_durably(session, fresh.map(|message| from_store(message, since)).collect()).await;
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
