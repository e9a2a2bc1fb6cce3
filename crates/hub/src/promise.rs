use std::fmt;

use parking_lot::Mutex;

/// A message that was given to its recipient before it was stored. Either the recipient's client acknowledges it
/// soon, and then it is never stored; or it is claimed for the store, and an acknowledgement that comes later has to
/// be told to the store.
pub(crate) struct Promise {
    state: Mutex<State>,
}

enum State {
    Open(Box<dyn FnOnce() + Send>),
    Acknowledged,
    Claimed,
}

impl Promise {
    /// `kept` is called when a client acknowledges the message in time.
    pub(crate) fn new(kept: impl FnOnce() + Send + 'static) -> Self {
        Self { state: Mutex::new(State::Open(Box::new(kept))) }
    }

    /// A client has the message. Says whether the store must be told.
    pub(crate) fn acknowledge(&self) -> bool {
        let mut state = self.state.lock();
        match std::mem::replace(&mut *state, State::Acknowledged) {
            State::Open(kept) => {
                drop(state);
                kept();
                false
            }
            State::Acknowledged => false,
            State::Claimed => {
                *state = State::Claimed;
                true
            }
        }
    }

    /// Whether a client has the message, and nothing more is to be done with it.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(*self.state.lock(), State::Acknowledged)
    }

    /// Claims the message for the store by `submit`, unless a client has it already. An acknowledgement that comes
    /// meanwhile waits, so that the store hears of the message first.
    pub(crate) fn claim(&self, submit: impl FnOnce()) {
        let mut state = self.state.lock();
        if matches!(*state, State::Open(_)) {
            *state = State::Claimed;
            submit();
        }
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Promise")
    }
}
