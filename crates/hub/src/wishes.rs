use std::sync::Arc;

use store::Change;

use crate::{Hub, HubError, Session, directory::Seat};

/// How many bytes of data an account may have for what its clients want to be remembered.
const DATA_BYTES_MAX: usize = 1 << 20;

/// What a client has asked for that resuming restores (XEP-0198 §5), in a new process too.
impl Hub {
    /// Remembers it, where the session survives the process.
    pub(crate) fn remember_wishes(&self, session: &Session) {
        let wishes = self.with_seat(session, |seat| written(seat)).unwrap_or_default();
        if let Some(change) = change(session, Some(wishes)) {
            self.commit_later(vec![change]);
        }
    }

    /// The session is over.
    pub(crate) fn forget_wishes(&self, session: &Session, seat: &Seat) {
        let change = change(session, None).filter(|_| !written(seat).is_empty());
        if let Some(change) = change.filter(|_| self.account(session.address()).is_some()) {
            self.commit_later(vec![change]);
        }
    }

    /// The seat of a session that continues one of the process before, as its client has wished.
    pub(crate) async fn seat_with_wishes(&self, session: &Arc<Session>) -> Result<Seat, HubError> {
        let wishes = match key(session) {
            Some(key) => self.store.datum(session.address(), &key).await?.unwrap_or_default(),
            None => Vec::new(),
        };
        Ok(Seat {
            // A client that continues asks for nothing that it has: it has the list of contacts.
            interested: true,
            carbons: wishes.contains(&CARBONS),
            hears_blocks: wishes.contains(&BLOCKS),
            ..Seat::new(session.clone())
        })
    }
}

const CARBONS: u8 = b'c';
const BLOCKS: u8 = b'b';

fn written(seat: &Seat) -> Vec<u8> {
    let wishes = [(seat.carbons, CARBONS), (seat.hears_blocks, BLOCKS)];
    wishes.into_iter().filter_map(|(wanted, letter)| wanted.then_some(letter)).collect()
}

fn change(session: &Session, wishes: Option<Vec<u8>>) -> Option<Change> {
    let value = wishes.filter(|wishes| !wishes.is_empty());
    let owner = session.address().clone();
    Some(Change::SetDatum { owner, key: key(session)?, value, bytes_max: DATA_BYTES_MAX })
}

fn key(session: &Session) -> Option<String> {
    session.durable_stream().map(|stream| format!("session-wishes:{stream}"))
}
