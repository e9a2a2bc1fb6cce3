use std::sync::Arc;

use domain::{Message, Protocol};

use crate::{
    HubError, Item,
    messages::{Origin, Sent},
};

/// Who hears what became of a message, once.
pub(crate) enum Done {
    /// The session that it came from: its count of what is taken moves on, and a refusal is put into its outbox.
    Origin(Origin, Arc<Message>),
    /// Somebody who waits.
    Call(Box<dyn FnOnce(Result<Sent, HubError>) + Send>),
}

impl Done {
    pub(crate) fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Origin(origin, _) => Some(origin),
            Self::Call(_) => None,
        }
    }

    pub(crate) fn tell(self, result: Result<Sent, HubError>) {
        match self {
            Self::Call(call) => call(result),
            Self::Origin(Origin { session, number, .. }, message) => {
                let stored = result.is_ok() && session.durable_stream().is_some();
                // The client hears of a refusal before it is counted.
                match result {
                    Err(error) => {
                        session.push(Item::Refused { message, error });
                    }
                    // It counts nothing that it sends, and is told of each by its own id.
                    Ok(_) if session.protocol() == Protocol::Web && message.sender_id.is_some() => {
                        session.push(Item::Accepted(message));
                    }
                    Ok(_) => {}
                }
                if let Some(number) = session.finish(number, stored) {
                    session.remember_received(number);
                }
            }
        }
    }
}
