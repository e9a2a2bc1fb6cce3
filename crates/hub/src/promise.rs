use std::{fmt, sync::Arc};

use domain::Message;
use parking_lot::Mutex;

use crate::{done::Done, messages::Sent};

/// A message that was given to its recipient before it was stored. Either the recipient's client acknowledges it
/// soon, and then it is never stored; or it is claimed for the store, and an acknowledgement that comes later has to
/// be told to the store.
pub(crate) struct Promise {
    state: Mutex<State>,
}

enum State {
    /// The message is held no longer than it may have to be stored.
    Open(Arc<Message>, Done),
    Acknowledged,
    Claimed,
}

impl Promise {
    /// `done` hears when a client acknowledges the message in time, or else what storing it came to.
    pub(crate) fn new(message: Arc<Message>, done: Done) -> Self {
        Self { state: Mutex::new(State::Open(message, done)) }
    }

    /// A client has the message. Says whether the store must be told.
    pub(crate) fn acknowledge(&self) -> bool {
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, State::Acknowledged) {
            State::Open(_, done) => {
                drop(state);
                done.tell(Ok(Sent::Accepted));
                false
            }
            State::Acknowledged => false,
            State::Claimed => {
                *state = State::Claimed;
                true
            }
        }
    }

    /// Takes the message back that nobody was given.
    pub(crate) fn withdraw(&self) -> Option<Done> {
        match std::mem::replace(&mut *self.state.lock(), State::Acknowledged) {
            State::Open(_, done) => Some(done),
            State::Acknowledged | State::Claimed => None,
        }
    }

    /// Whether a client has the message, and nothing more is to be done with it.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(*self.state.lock(), State::Acknowledged)
    }

    /// Claims the message for the store by `submit`, unless a client has it already. An acknowledgement that comes
    /// meanwhile waits, so that the store hears of the message first.
    pub(crate) fn claim(&self, submit: impl FnOnce(Arc<Message>, Done)) {
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, State::Claimed) {
            State::Open(message, done) => submit(message, done),
            other => *state = other,
        }
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Promise")
    }
}
