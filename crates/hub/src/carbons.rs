use std::sync::Arc;

use domain::{Address, Content, Message, MessageId, MessageKind, Sender};

use crate::{
    CarbonDirection, Hub, Item, Origin, Session,
    directory::{Person, Receiving, Seat, Seats},
    messages::Slots,
};

impl Hub {
    /// Says whether a session is given copies of what its person's other sessions send and get (XEP-0280). It may be
    /// said as often as one likes.
    pub fn set_carbons(&self, session: &Session, enabled: bool) {
        let before = self.with_seat(session, |seat| std::mem::replace(&mut seat.carbons, enabled));
        if before == Some(!enabled) {
            self.remember_wishes(session);
        }
    }

    /// Keeps places for copies in the sender's other sessions (XEP-0280 §8).
    pub(crate) fn reserve_sent_copies(
        &self,
        message: &Arc<Message>,
        archived: bool,
        origin: Option<&Origin>,
    ) -> Slots {
        self.for_senders_others(message, archived, origin, |seat, item| {
            seat.session.outbox.reserve(item).map(|slot| (seat.session.clone(), slot))
        })
    }

    /// Tells a person's other sessions of the same protocol up to where they have read what is in a room or from a sender
    /// that is no account: nobody else is told there.
    pub fn tell_read(&self, session: &Session, with: &Address, message: MessageId) {
        let (id, accepted_at) = self.environment.message_id_and_time();
        let receipt = Arc::new(Message {
            id,
            sender: Sender::Account { address: session.address().clone() },
            recipient: with.clone(),
            kind: MessageKind::Chat,
            content: Content::Receipt { of: message.to_string(), seen: true },
            automatic: true,
            native: None,
            sender_id: None,
            accepted_at,
        });
        self.directory.with(session.address(), |person| {
            let is_told = |seat: &&Seat| {
                let other = &seat.session;
                seat.carbons && other.id() != session.id() && other.protocol() == session.protocol()
            };
            for seat in person.seats.iter().filter(is_told) {
                seat.session.outbox.push(carbon(&receipt, CarbonDirection::Sent, false));
            }
        });
    }

    /// Gives copies of what nobody keeps to the sender's other sessions at once.
    pub(crate) fn give_sent_copies(&self, message: &Arc<Message>, origin: Option<&Origin>) {
        let push = |seat: &Seat, item| seat.session.outbox.push(item).then_some(());
        let _given: () = self.for_senders_others(message, false, origin, push);
    }

    fn for_senders_others<T, C: Default + FromIterator<T>>(
        &self,
        message: &Arc<Message>,
        archived: bool,
        origin: Option<&Origin>,
        give: impl Fn(&Seat, Item) -> Option<T>,
    ) -> C {
        // Who writes to themselves has all their sessions among the recipient's.
        let sender = message.sender.account().filter(|sender| **sender != message.recipient);
        let Some(sender) = sender.filter(|_| is_copied(origin)) else { return C::default() };
        self.directory.with(sender, |person| {
            let others = person.seats.iter().filter(|seat| seat.carbons && !is_origin(seat, origin));
            others.filter_map(|seat| give(seat, carbon(message, CarbonDirection::Sent, archived))).collect()
        })
    }
}

/// The sessions of the recipient that get a copy, because they do not get the message itself (XEP-0280 §7).
pub(crate) fn copied_to<'a>(
    person: &'a Person,
    given: &[&Seat],
    message: &Message,
    origin: Option<&Origin>,
) -> Seats<'a> {
    if !is_copied(origin) {
        return Seats::new();
    }
    let gets_it = |seat: &Seat| given.iter().any(|given| given.session.id() == seat.session.id());
    // One that is catching up finds the message in the store, and so does one of the process before whose client comes
    // back while nobody has it.
    let finds_it = |seat: &Seat| {
        let looks = seat.receiving == Receiving::CatchingUp
            || given.is_empty() && seat.session.outbox.missed().is_some();
        message.is_durable() && looks && seat.takes_messages_later()
    };
    let others = person.seats.iter().filter(|seat| seat.carbons && !is_origin(seat, origin));
    others.filter(|seat| !gets_it(seat) && !finds_it(seat)).collect()
}

/// A copy of a message that was received.
pub(crate) fn received(message: &Arc<Message>, archived: bool) -> Item {
    carbon(message, CarbonDirection::Received, archived)
}

fn carbon(message: &Arc<Message>, direction: CarbonDirection, archived: bool) -> Item {
    Item::Carbon { message: message.clone(), direction, archived }
}

/// What comes without a session's word on it is plain conversation.
pub(crate) fn is_copied(origin: Option<&Origin>) -> bool {
    origin.is_none_or(|origin| origin.copied)
}

fn is_origin(seat: &Seat, origin: Option<&Origin>) -> bool {
    origin.is_some_and(|origin| origin.session.id() == seat.session.id())
}
