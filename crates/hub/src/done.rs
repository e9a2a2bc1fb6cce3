use std::sync::Arc;

use domain::{Message, Protocol};

use crate::{
    HubError, Item, RoomAnswer,
    messages::{Origin, Sent},
};

/// Who hears what became of a message, once.
pub(crate) enum Done {
    /// The session that it came from: its count of what is taken moves on, and a refusal is put into its outbox.
    Origin(Origin, Arc<Message>),
    /// The same for what is said in a room; who said it knows how to tell what became of it.
    Room(Origin, RoomAnswer),
    /// Somebody who waits.
    Call(Box<dyn FnOnce(Result<Sent, HubError>) + Send>),
}

impl Done {
    pub(crate) fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Origin(origin, _) | Self::Room(origin, _) => Some(origin),
            Self::Call(_) => None,
        }
    }

    pub(crate) fn tell(self, result: Result<Sent, HubError>) {
        let (origin, said) = match self {
            Self::Call(call) => return call(result),
            Self::Origin(origin, message) => {
                // A client of the event stream counts nothing that it sends, and is told of each by its own id.
                let is_told = origin.session.protocol() == Protocol::Web && message.sender_id.is_some();
                let item = match &result {
                    Err(error) => Some(Item::Refused { message, error: error.clone() }),
                    Ok(_) => is_told.then_some(Item::Accepted(message)),
                };
                (origin, item)
            }
            Self::Room(origin, answer) => (origin, answer(result.as_ref().map(drop))),
        };
        let Origin { session, number, .. } = origin;
        let stored = result.is_ok() && session.durable_stream().is_some();
        // The client hears of a refusal before it is counted.
        if let Some(item) = said {
            session.push(item);
        }
        if let Some(number) = session.finish(number, stored) {
            session.remember_received(number);
        }
    }
}
