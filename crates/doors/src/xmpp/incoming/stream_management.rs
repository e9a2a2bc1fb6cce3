use bytes::Bytes;
use hub::Item;
use xmpp::{
    namespace,
    stanza::Condition,
    stream_management::{Counter, Request, Response},
};

use super::{super::conversation::Conversation, Next};

/// Counting and acknowledging (XEP-0198).
pub(super) async fn handle(conversation: &mut Conversation, request: &Request) -> Next {
    match request {
        Request::Enable { resume, .. } if !conversation.is_counting() => {
            let seconds =
                u32::try_from(conversation.door.hub.settings().resumption.as_secs()).unwrap_or(u32::MAX);
            let enabled = |id: Option<store::StreamId>| {
                let resumption = id.map(|id| (id.to_string(), seconds));
                uncounted(&Response::Enabled { resumption })
            };
            match conversation.door.hub.count_stanzas(&conversation.session, *resume, enabled).await {
                Ok(()) => conversation.start_counting(),
                Err(error) => {
                    tracing::warn!(%error, "a session could not be made resumable");
                    fail(conversation, Condition::InternalServerError);
                }
            }
        }
        Request::Enable { .. } | Request::Resume { .. } => fail(conversation, Condition::UnexpectedRequest),
        Request::AskAcknowledgement if conversation.is_counting() => {
            conversation.door.hub.want_acknowledgement(&conversation.session);
        }
        Request::Acknowledge { handled } if conversation.is_counting() => {
            let outbox = &conversation.session.outbox;
            let last = Counter::new(outbox.acknowledged_count());
            if let Err(error) = Counter::new(outbox.written_count()).acknowledged(last, *handled) {
                return Next::Wrong(Box::new(error.into()));
            }
            conversation.acknowledged(*handled);
        }
        Request::AskAcknowledgement | Request::Acknowledge { .. } => {
            fail(conversation, Condition::UnexpectedRequest);
        }
    }
    Next::Listen
}

fn fail(conversation: &Conversation, condition: Condition) {
    conversation.session.push(uncounted(&Response::Failed { condition, handled: None }));
}

fn uncounted(response: &Response) -> Item {
    Item::Uncounted(Bytes::from(response.to_element().to_bytes(namespace::CLIENT)))
}
