use std::{collections::HashSet, sync::Arc};

use domain::{
    Account, Address, Message, MessageId, RecipientView, Refusal, Route, Sender, may_message, route,
};
use smallvec::SmallVec;
use store::{Change, Keep, Outcome, StoreError, StreamId};
use tokio::sync::oneshot;

use crate::{
    Delivery, Hub, HubError, Item, Session,
    away::{Answered, Beside},
    carbons,
    carbons::copied_to,
    directory::{Receiving, Seat, Seats},
    done::Done,
    outbox::Slot,
    promise::Promise,
};

/// Where a message came from, so that its sender's count of what is taken moves with it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The sender's session.
    pub session: Arc<Session>,
    /// The number of the stanza.
    pub number: u32,
    /// Whether both people's other sessions may have copies (XEP-0280 §6.1).
    pub copied: bool,
    /// In whose archive it is to be: what [`Hub::keep`] said when it came, unless its sender asks that it be kept only
    /// until it is delivered (XEP-0334 §4.2).
    pub keep: Keep,
    /// Whether it holds words that its sender wants stored nowhere: who may know that nobody is there to be given them
    /// hears of it.
    pub now_or_never: bool,
}

/// What became of a message. In every case the sender may forget it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is the service's now.
    Accepted,
    /// It was the service's already: the same sender has sent the same words to the same person under the same id.
    Repeated,
}

/// A message in plain words, for who has no protocol of their own.
#[derive(Clone, Debug)]
pub struct MessageDraft {
    /// Who it is from.
    pub sender: Sender,
    /// What it says, misleading characters removed by the hub.
    pub text: String,
    /// The sender's own id.
    pub sender_id: Option<String>,
}

impl Hub {
    /// Takes a message for one person, or for one of their sessions. Returns when the sender may go on to its next
    /// message. When the message is taken for good the sender's count moves on; where it is refused, that is put into
    /// the sender's outbox. Messages are taken and delivered in the order of the calls.
    pub async fn send(&self, message: Arc<Message>, resource: Option<&str>, origin: Origin) {
        if self.is_for_old_machine(&message) {
            let done = begin(Done::Origin(origin, message.clone()));
            return self.answer_old_machine(message, resource, done).await;
        }
        let judged = self.judge(&message, resource, Some(origin.session.resource()));
        let done = Done::Origin(origin, message.clone());
        match judged {
            Ok(()) => self.take(message, resource, begin(done), Answered::Perhaps).await,
            Err(refusal) => done.tell(Err(refusal.into())),
        }
    }

    /// Gives something that nobody keeps, an error or what a room says, to the one session that it names, available or
    /// not (RFC 6121 §8.5.3.1). Where there is no such session nobody hears of it (§8.5.3.2.1): an answer would tell
    /// who is here.
    pub fn send_to_session(
        &self,
        message: &Arc<Message>,
        resource: &str,
        origin: &Origin,
    ) -> Result<(), HubError> {
        self.judge(message, Some(resource), Some(origin.session.resource()))?;
        let given = self.directory.with(&message.recipient, |person| {
            let named = person.seats.iter().find(|seat| **seat.session.resource() == *resource)?;
            let others = copied_to(person, &[named], message, Some(origin));
            named.session.outbox.push(Item::Message(Delivery::now(message)));
            for seat in others {
                seat.session.outbox.push(carbons::received(message, false));
            }
            Some(())
        });
        if given.is_some() {
            self.give_sent_copies(message, Some(origin));
        }
        Ok(())
    }

    /// Takes a message as [`send`](Self::send) does, where that goes without waiting; otherwise gives the sender back.
    pub fn send_now(
        &self,
        message: &Arc<Message>,
        resource: Option<&str>,
        origin: Origin,
    ) -> Result<(), Origin> {
        if self.is_for_old_machine(message) {
            return Err(origin);
        }
        // Whoever is answered is told so by the commit that takes the message.
        let stored = self.must_be_stored_first(message);
        let permit = if stored && message.is_durable() {
            match self.store.try_reserve() {
                Some(permit) => Some(permit),
                None => return Err(origin),
            }
        } else {
            None
        };
        let judged = self.judge(message, resource, Some(origin.session.resource()));
        let done = Done::Origin(origin, message.clone());
        if let Err(refusal) = judged {
            done.tell(Err(refusal.into()));
            return Ok(());
        }
        match permit {
            _ if self.keeps_back(message) => self.keep_from_recipient(message, done),
            _ if !message.is_durable() => {
                self.give_now(message, resource, done.origin());
                done.tell(Ok(Sent::Accepted));
            }
            Some(permit) => {
                let beside = Beside { owing: self.owe_answer(message), ..Beside::default() };
                self.store_then_give(message.clone(), resource, permit, begin(done), beside);
            }
            None => match self.give_unstored(message, resource, begin(done)) {
                Ok(()) => {}
                Err(Done::Origin(origin, _)) => return Err(origin),
                Err(_) => {}
            },
        }
        Ok(())
    }

    /// Whether a message is given only after its commit: where it is kept, where the commit carries an answer, and where
    /// an unproven one is known again by its id, which nobody keeps for it but the store.
    fn must_be_stored_first(&self, message: &Message) -> bool {
        let known_again = message.sender_id.is_some() && matches!(message.sender, Sender::Unverified { .. });
        self.settings.archive || known_again || self.is_away(&message.recipient)
    }

    /// Takes a message that policy lets pass.
    pub(crate) async fn take(
        &self,
        message: Arc<Message>,
        resource: Option<&str>,
        done: Done,
        answered: Answered,
    ) {
        if self.keeps_back(&message) {
            return self.keep_from_recipient(&message, done);
        }
        self.answers.hear(&message, self.domain());
        if !message.is_durable() {
            if let Some(error) = self.nobody_is_here(&message, resource, done.origin()).await {
                return done.tell(Err(error));
            }
            self.give_now(&message, resource, done.origin());
            return done.tell(Ok(Sent::Accepted));
        }
        let done = if self.must_be_stored_first(&message) {
            done
        } else {
            match self.give_unstored(&message, resource, done) {
                Ok(()) => return,
                Err(done) => done,
            }
        };
        match self.store.reserve().await {
            Ok(permit) => {
                let owing = match answered {
                    Answered::Perhaps => self.owe_answer(&message),
                    Answered::Never => None,
                };
                let beside = Beside { owing, ..Beside::default() };
                self.store_then_give(message, resource, permit, done, beside);
            }
            Err(error) => done.tell(Err(error.into())),
        }
    }

    /// Sends a message and waits until it is taken for good.
    pub async fn send_and_wait(&self, message: Message) -> Result<Sent, HubError> {
        let (sender, receiver) = oneshot::channel();
        let message = Arc::new(message);
        let done = Done::Call(Box::new(move |result| drop(sender.send(result))));
        if self.is_for_old_machine(&message) {
            self.answer_old_machine(message, None, done).await;
        } else {
            self.judge(&message, None, None)?;
            self.take(message, None, done, Answered::Perhaps).await;
        }
        receiver.await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// The person that a NetBIOS name means to an unverified sender, if policy lets it reach them now.
    pub fn reachable_by_netbios(&self, spelling: &str, sender: &Sender) -> Option<Address> {
        let account = self.people.by_netbios(spelling)?;
        may_message(sender, self.view(&account, sender, false)).ok()?;
        Some(account.address.clone())
    }

    /// A session of the recipient has everything written to it up to this number.
    pub fn acknowledge(&self, session: &Session, position: u32) {
        let acknowledged = session.outbox.acknowledge(position);
        if acknowledged.is_empty() {
            return;
        }
        let mut changes = Vec::new();
        let mut messages = Vec::new();
        for item in acknowledged.iter().filter(|item| item.stored) {
            match item.what {
                store::Deliverable::Message(id) => messages.push(id),
                store::Deliverable::Alert(alert) => changes.push(self.alert_delivered(alert, session)),
            }
        }
        if !messages.is_empty() {
            self.note_taken_elsewhere(session.address(), &messages);
            changes.push(Change::Acknowledge { recipient: session.address().clone(), messages });
        }
        if let Some(stream) = session.durable_stream() {
            // That an alert was given stays known, so that it is not given again after a restart.
            let messages =
                acknowledged.iter().filter(|item| matches!(item.what, store::Deliverable::Message(_)));
            let positions = messages.map(|item| item.position).collect();
            changes.push(Change::StreamAcknowledged { stream, positions });
        }
        if !changes.is_empty() {
            self.commit_later(changes);
        }
    }

    /// What a session was given and never acknowledged goes to the person's other sessions, unless they were given
    /// it too. Without another session it waits in the store.
    pub(crate) async fn hand_over(&self, session: &Session) -> Result<(), HubError> {
        let mut left: Vec<Delivery> =
            session.outbox.remains().into_iter().filter_map(durable_message).collect();
        // A session that catches up has passed over what this one alone was to have.
        self.directory.with(session.address(), |person| person.missed += 1);
        let seats = self.directory.available(session.address());
        let seats: Vec<&Seat> = seats.iter().filter(|seat| seat.takes_messages()).collect();
        if left.is_empty() || seats.is_empty() {
            return Ok(());
        }
        self.store.settled().await?;
        let pending = self.pending_ids(session.address()).await?;
        left.retain(|delivery| match &delivery.promise {
            Some(promise) => !promise.is_kept(),
            None => pending.contains(&delivery.message.id),
        });
        for seat in seats {
            let given = seat.session.outbox.remains();
            let given: HashSet<_> = given.iter().filter_map(Item::deliverable).collect();
            let lacks =
                |delivery: &&Delivery| !given.contains(&store::Deliverable::Message(delivery.message.id));
            let again = left
                .iter()
                .filter(lacks)
                .map(|delivery| Item::Message(Delivery { late: true, ..delivery.clone() }));
            self.give_durably(&seat.session, again.collect()).await;
        }
        Ok(())
    }

    async fn pending_ids(&self, address: &Address) -> Result<HashSet<MessageId>, HubError> {
        let (mut ids, mut after) = (HashSet::new(), 0);
        loop {
            let page = self.store.pending(address, after, 500).await?;
            let Some((last, _)) = page.last() else { return Ok(ids) };
            after = *last;
            ids.extend(page.iter().map(|(_, message)| message.id));
        }
    }

    /// Policy's word on a message for a person or a device of theirs, from a device of its sender's.
    pub(crate) fn judge(
        &self,
        message: &Message,
        resource: Option<&str>,
        device: Option<&str>,
    ) -> Result<(), Refusal> {
        let judged = self.ask_policy(message, resource, device);
        self.count_judged(judged.is_ok());
        judged
    }

    /// Counts a message that policy has spoken of.
    pub(crate) fn count_judged(&self, allowed: bool) {
        let counters = &self.counters;
        if allowed { &counters.messages_allowed } else { &counters.messages_refused }.count();
    }

    fn ask_policy(
        &self,
        message: &Message,
        resource: Option<&str>,
        device: Option<&str>,
    ) -> Result<(), Refusal> {
        if let Some(sender) = message.sender.account() {
            self.check_not_blocked(sender, &message.recipient, resource)?;
        }
        let account = self.people.account(&message.recipient).ok_or(Refusal::NoSuchRecipient)?;
        may_message(&message.sender, self.view_from(&account, &message.sender, device, false))
    }

    pub(crate) fn view<'a>(
        &self,
        account: &'a Account,
        sender: &Sender,
        appointed: bool,
    ) -> RecipientView<'a> {
        self.view_from(account, sender, None, appointed)
    }

    fn view_from<'a>(
        &self,
        account: &'a Account,
        sender: &Sender,
        device: Option<&str>,
        appointed: bool,
    ) -> RecipientView<'a> {
        // It is asked of strangers alone.
        let reachable_now =
            matches!(sender, Sender::Unverified { .. }) && self.is_reachable(&account.address);
        let blocks_sender =
            self.settings.strangers.blocks(sender) || self.is_blocked_by(&account.address, sender, device);
        let is_quiet = !appointed && self.keeps_quiet(sender);
        let admits_sender = !is_quiet && self.admits(&account.address, sender);
        RecipientView { account: Some(account), reachable_now, appointed, blocks_sender, admits_sender }
    }

    /// Whether a sender whom nobody has proven is not to disturb people now.
    pub fn keeps_quiet(&self, sender: &Sender) -> bool {
        self.settings.strangers.keeps_quiet(sender, self.time_of_day())
    }

    fn time_of_day(&self) -> jiff::civil::Time {
        self.settings.time_zone.to_datetime(self.environment.now()).time()
    }

    fn is_reachable(&self, address: &Address) -> bool {
        self.directory.with(address, |person| {
            person
                .seats
                .iter()
                .any(|seat| seat.presence.as_ref().is_some_and(|presence| presence.receives_messages()))
        })
    }

    /// What nobody keeps goes to who is here.
    fn give_now(&self, message: &Arc<Message>, resource: Option<&str>, origin: Option<&Origin>) {
        self.give_sent_copies(message, origin);
        self.directory.with(&message.recipient, |person| {
            let seats = targets(&person.seats, message, resource);
            for seat in &seats {
                seat.session.outbox.push(Item::Message(Delivery::now(message)));
            }
            for seat in copied_to(person, &seats, message, origin) {
                seat.session.outbox.push(carbons::received(message, false));
            }
        });
    }

    /// Why words are refused that nobody could be given and nobody keeps. Only who sees the recipient's presence is told,
    /// and knows it already.
    async fn nobody_is_here(
        &self,
        message: &Message,
        resource: Option<&str>,
        origin: Option<&Origin>,
    ) -> Option<HubError> {
        let sender = &origin.filter(|origin| origin.now_or_never)?.session;
        let recipient = &message.recipient;
        let is_here =
            self.directory.with(recipient, |person| !targets(&person.seats, message, resource).is_empty());
        let is_told = !is_here && self.check_profile(sender, recipient).await.is_ok();
        is_told.then_some(HubError::Refused(Refusal::NoSuchRecipient))
    }

    /// Places are kept in the recipients' outboxes, the message is committed with them, and then they are released:
    /// the order of the store is the order of delivery. `beside` is what is committed with it.
    pub(crate) fn store_then_give(
        &self,
        message: Arc<Message>,
        resource: Option<&str>,
        permit: store::Permit,
        done: Done,
        beside: Beside,
    ) {
        let recipient = message.recipient.clone();
        let Beside { changes: remembered, owing } = beside;
        let keep = done.origin().map_or_else(|| self.keep_plain(&message), |origin| origin.keep);
        let copies = self.reserve_sent_copies(&message, keep.sender, done.origin());
        self.directory.with(&recipient, |person| {
            person.missed += 1;
            let seats = targets(&person.seats, &message, resource);
            let others = copied_to(person, &seats, &message, done.origin());
            let delivery = Delivery {
                archived: keep.recipient,
                ..delivery(&message, &seats, &others, resource, done.origin())
            };
            let mut slots = reserve(&seats, || Item::Message(delivery.clone()));
            let deliveries = positions(&slots);
            slots.extend(reserve(&others, || carbons::received(&message, keep.recipient)));
            slots.extend(copies);
            let cause = message.id;
            let mut changes = self.acceptance(message, keep, deliveries, done.origin());
            changes.extend(remembered);
            changes.extend(owing.as_ref().map(|owing| owing.change(cause)));
            let to = recipient.clone();
            let finish = move |result: Result<Vec<Outcome>, StoreError>| {
                if let Some(owing) = owing {
                    owing.settle(&result);
                }
                let result = sent(result, &to);
                for (session, slot) in slots {
                    match result {
                        Ok(Sent::Accepted) => session.outbox.release(slot),
                        _ => session.outbox.cancel(slot),
                    }
                }
                done.tell(result);
            };
            self.store.submit(permit, changes, Box::new(finish));
        });
    }

    /// Whoever is here gets the message at once; it is stored only if no client of theirs acknowledges it soon. Where
    /// nobody is here it has to be stored, so that a session that signs in finds it: then who is to hear of it is
    /// given back.
    fn give_unstored(&self, message: &Arc<Message>, resource: Option<&str>, done: Done) -> Result<(), Done> {
        let origin = done.origin().cloned();
        let promise = self.directory.with(&message.recipient, |person| {
            let seats = targets(&person.seats, message, resource);
            if seats.is_empty() {
                return Err(done);
            }
            person.missed += 1;
            let others = copied_to(person, &seats, message, done.origin());
            let delivery = delivery(message, &seats, &others, resource, done.origin());
            let promise = Arc::new(Promise::new(message.clone(), done));
            let delivery = Delivery { promise: Some(promise.clone()), ..delivery };
            let give = |seat: &&&Seat| seat.session.outbox.push(Item::Message(delivery.clone()));
            if seats.iter().filter(give).count() == 0 {
                return promise.withdraw().map_or(Ok(promise), Err);
            }
            for seat in others {
                seat.session.outbox.push(carbons::received(message, false));
            }
            Ok(promise)
        })?;
        self.give_sent_copies(message, origin.as_ref());
        self.unstored.put(promise);
        Ok(())
    }

    /// Stores a message that was given and that nobody has acknowledged.
    pub(crate) fn commit_message(&self, message: Arc<Message>, permit: store::Permit, done: Done) {
        let recipient = message.recipient.clone();
        let changes = self.acceptance(message, Keep::NOBODY, Vec::new(), done.origin());
        self.store.submit(permit, changes, Box::new(move |result| done.tell(sent(result, &recipient))));
    }

    fn acceptance(
        &self,
        message: Arc<Message>,
        keep: Keep,
        deliveries: Vec<(StreamId, u32)>,
        origin: Option<&Origin>,
    ) -> Vec<Change> {
        let limit = self.settings.pending_max;
        let mut changes = vec![Change::AcceptMessage { message, keep, deliveries, limit }];
        changes.extend(origin.and_then(Origin::counted));
        changes
    }
}

impl Origin {
    /// That the sender's count of what is taken has moved, where it is to survive a crash.
    pub(crate) fn counted(&self) -> Option<Change> {
        let stream = self.session.durable_stream()?;
        Some(Change::StreamReceived { stream, received: self.number })
    }
}

/// Counts the message among what its sender's session is waiting for.
pub(crate) fn begin(done: Done) -> Done {
    if let Some(Origin { session, number, .. }) = done.origin() {
        session.begin(*number);
    }
    done
}

/// Places that are kept, mostly one.
pub(crate) type Slots = SmallVec<[(Arc<Session>, Slot); 2]>;

/// The sessions that a message goes to (RFC 6121 §8.5).
fn targets<'a>(seats: &'a [Seat], message: &Message, resource: Option<&str>) -> Seats<'a> {
    let named =
        resource.and_then(|resource| seats.iter().find(|seat| **seat.session.resource() == *resource));
    match (route(message.kind, resource.map(|_| named.is_some())), named) {
        (Route::Device, Some(seat)) => {
            // One that is catching up is given it with the rest.
            let takes =
                seat.receiving == Receiving::Live || !message.is_durable() || !seat.takes_messages_later();
            return takes.then_some(seat).into_iter().collect();
        }
        (Route::Nobody, _) => return Seats::new(),
        (Route::Device | Route::Person, _) => {}
    }
    // What is not kept cannot be caught up with: it goes to who is here, whatever else they are being given.
    let durable = message.is_durable();
    let takes = |seat: &&Seat| if durable { seat.takes_messages() } else { seat.takes_messages_later() };
    seats.iter().filter(takes).collect()
}

/// A message for these sessions, of which those others are given copies.
fn delivery(
    message: &Arc<Message>,
    seats: &[&Seat],
    others: &[&Seat],
    resource: Option<&str>,
    origin: Option<&Origin>,
) -> Delivery {
    let is_named = |seat: &&Seat| resource.is_some_and(|resource| **seat.session.resource() == *resource);
    Delivery {
        alone: !carbons::is_copied(origin) && seats.iter().all(is_named),
        copied_to: (!others.is_empty()).then(|| others.iter().map(|seat| seat.session.id()).collect()),
        ..Delivery::now(message)
    }
}

fn reserve(seats: &[&Seat], item: impl Fn() -> Item) -> Slots {
    let place = |seat: &&Seat| seat.session.outbox.reserve(item()).map(|slot| (seat.session.clone(), slot));
    seats.iter().filter_map(place).collect()
}

fn positions(slots: &[(Arc<Session>, Slot)]) -> Vec<(StreamId, u32)> {
    slots.iter().filter_map(|(session, slot)| Some((session.durable_stream()?, slot.position))).collect()
}

pub(crate) fn sent(result: Result<Vec<Outcome>, StoreError>, recipient: &Address) -> Result<Sent, HubError> {
    match result?.first() {
        Some(Outcome::Repeated) => Ok(Sent::Repeated),
        Some(Outcome::Full) => Err(HubError::Full { recipient: recipient.to_string() }),
        _ => Ok(Sent::Accepted),
    }
}

fn durable_message(item: Item) -> Option<Delivery> {
    match item {
        Item::Message(delivery) if delivery.message.is_durable() => Some(delivery),
        _ => None,
    }
}
