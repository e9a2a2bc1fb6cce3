use std::sync::Arc;

use domain::{Address, BlockList, Refusal, Sender, unverified_address};
use store::{Change, Outcome};

use crate::{Hub, HubError, Item, PresenceNotice, Session, directory::Seat, presence::notice};

/// How many JIDs one person may block.
const BLOCKS_MAX: usize = 1_000;

/// What became of somebody's list of blocked people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockChange {
    /// These are blocked now.
    Blocked(Vec<String>),
    /// These are blocked no longer; none means everybody.
    Unblocked(Vec<String>),
}

impl Hub {
    /// Whom a person has blocked, as JIDs. The session is told of changes from now on (XEP-0191 §3.2).
    pub fn blocked(&self, session: &Session) -> Arc<BlockList> {
        let before = self.with_seat(session, |seat| std::mem::replace(&mut seat.hears_blocks, true));
        if before == Some(false) {
            self.remember_wishes(session);
        }
        self.people.blocks(session.address()).unwrap_or_default()
    }

    /// The same, for who is not told of changes.
    pub fn blocks_of(&self, owner: &Address) -> Arc<BlockList> {
        self.people.blocks(owner).unwrap_or_default()
    }

    /// Blocks JIDs that the caller has normalised, at most 1,000 for one person (XEP-0191 §3.3). Who saw the person's
    /// presence and is blocked now sees them leave; from here on the person looks absent to them.
    pub async fn block(&self, owner: &Address, jids: Vec<String>) -> Result<(), HubError> {
        let change = Change::Block { owner: owner.clone(), jids: jids.clone(), limit: BLOCKS_MAX };
        if self.store.commit(vec![change]).await?.contains(&Outcome::Full) {
            return Err(HubError::TooManyBlocks { limit: BLOCKS_MAX });
        }
        let contacts = self.store.contacts(owner).await?;
        let (before, after) = self.people.change_blocks(owner, |list| list.with(&jids));
        for seat in self.directory.available(owner) {
            let gone = Item::Presence(notice(&seat.session, false, Arc::default()));
            let mut watchers: Vec<Address> = seat.session.directed.lock().people();
            let hidden = self.is_invisible(owner);
            let contacts = contacts.iter().filter(|contact| contact.from && !hidden);
            watchers.extend(contacts.map(|contact| contact.address.clone()));
            watchers.sort_unstable();
            watchers.dedup();
            for watcher in &watchers {
                self.for_changed(watcher, &after, &before, |watching| {
                    // Who has blocked the person saw them leave then.
                    if !self.blocks_session(watching.session.address(), &seat.session) {
                        watching.session.push(gone.clone());
                    }
                });
            }
        }
        self.tell_blocks(owner, BlockChange::Blocked(jids));
        Ok(())
    }

    /// Blocks these JIDs no longer; none means everybody (XEP-0191 §3.4, §3.5). Both see each other again as their
    /// lists of contacts allow.
    pub async fn unblock(&self, owner: &Address, jids: Vec<String>) -> Result<(), HubError> {
        self.store.commit(vec![Change::Unblock { owner: owner.clone(), jids: jids.clone() }]).await?;
        let without =
            |list: &BlockList| if jids.is_empty() { BlockList::default() } else { list.without(&jids) };
        let (before, after) = self.people.change_blocks(owner, without);
        let is_heard_again = |address: &str| before.blocks(address, None) && !after.blocks(address, None);
        for contact in self.store.contacts(owner).await? {
            if is_heard_again(contact.address.as_str()) {
                self.hear_what_was_unheard(owner, &contact).await?;
            }
        }
        let contacts = self.store.contacts(owner).await?;
        for seat in self.directory.available(owner) {
            let Some(presence) = seat.presence.clone() else { continue };
            let here = Item::Presence(notice(&seat.session, true, presence));
            for contact in &contacts {
                self.for_changed(&contact.address, &before, &after, |other| {
                    let hidden = self.is_hidden_from(&seat.session, &contact.address);
                    if contact.from && !hidden && !self.are_apart(&seat.session, &other.session) {
                        other.session.push(here.clone());
                    }
                });
                if contact.to && is_heard_again(contact.address.as_str()) {
                    self.show_anew(&contact.address, &seat.session);
                }
            }
        }
        self.tell_blocks(owner, BlockChange::Unblocked(jids));
        Ok(())
    }

    /// Whether a person has blocked somebody, so that nothing may go there (XEP-0191 §3.3).
    pub fn check_not_blocked(
        &self,
        owner: &Address,
        other: &Address,
        device: Option<&str>,
    ) -> Result<(), Refusal> {
        let blocked = owner != other
            && self.people.blocks(owner).is_some_and(|list| list.blocks(other.as_str(), device));
        if blocked { Err(Refusal::Blocked) } else { Ok(()) }
    }

    /// Whether a person has blocked a sender. Nobody blocks the service, or themselves.
    pub(crate) fn is_blocked_by(&self, owner: &Address, sender: &Sender, device: Option<&str>) -> bool {
        let Some(list) = self.people.blocks(owner) else { return false };
        match sender {
            Sender::Service => false,
            Sender::Account { address } => address != owner && list.blocks(address.as_str(), device),
            Sender::Unverified { name, source, .. } => {
                let source = crate::source_text(*source);
                let address = unverified_address(name, self.domain());
                address.is_some_and(|address| list.blocks(address.as_str(), Some(&source)))
            }
        }
    }

    /// Whether one of two people has blocked the other, so that neither of these sessions sees the other.
    pub(crate) fn are_apart(&self, one: &Session, other: &Session) -> bool {
        self.blocks_session(one.address(), other) || self.blocks_session(other.address(), one)
    }

    fn blocks_session(&self, owner: &Address, other: &Session) -> bool {
        owner != other.address()
            && self.people.blocks(owner).is_some_and(|list| matches_session(&list, other))
    }

    /// For each session of a person that the first list blocks and the second does not.
    fn for_changed(
        &self,
        person: &Address,
        blocking: &BlockList,
        not_blocking: &BlockList,
        act: impl Fn(&Seat),
    ) {
        for seat in self.directory.available(person) {
            if matches_session(blocking, &seat.session) && !matches_session(not_blocking, &seat.session) {
                act(&seat);
            }
        }
    }

    /// Tells a session how a person is now, also that they have left meanwhile.
    fn show_anew(&self, person: &Address, to: &Session) {
        let seats = self.directory.available(person);
        let sees = |seat: &&Seat| {
            !self.are_apart(&seat.session, to) && !self.is_hidden_from(&seat.session, to.address())
        };
        let visible: Vec<&Seat> = seats.iter().filter(sees).collect();
        if visible.is_empty() {
            to.push(Item::Presence(Arc::new(PresenceNotice {
                from: person.clone(),
                resource: Arc::default(),
                available: false,
                presence: Arc::default(),
                to_session: false,
            })));
        }
        for seat in visible {
            let Some(presence) = seat.presence.clone() else { continue };
            to.push(Item::Presence(notice(&seat.session, true, presence)));
        }
    }

    fn tell_blocks(&self, owner: &Address, change: BlockChange) {
        let change = Arc::new(change);
        let seats = self.directory.with(owner, |person| person.seats.clone());
        for seat in seats.iter().filter(|seat| seat.hears_blocks) {
            seat.session.push(Item::Blocks(change.clone()));
        }
    }
}

fn matches_session(list: &BlockList, session: &Session) -> bool {
    list.blocks(session.address().as_str(), Some(session.resource()))
}
