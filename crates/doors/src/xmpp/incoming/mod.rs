//! What a signed-in client sends: one file for each kind of stanza, and one for each extension that is answered.

mod account;
mod archive;
mod blocking;
mod carbons;
mod commands;
pub(super) mod disco;
mod iq;
mod last_activity;
mod message;
mod own_id;
mod presence;
mod private_storage;
pub(super) mod quick;
mod registration;
mod rooms;
mod roster;
mod stream_management;
mod upload;
mod vcard;

use xmpp::{
    Element,
    extension::client_state::ClientState,
    jid::Jid,
    stanza::{Stanza, StanzaParseError},
    stream::{StreamCondition, StreamError},
    stream_management::Request as StreamRequest,
};

use super::conversation::Conversation;

/// How the conversation goes on.
pub(super) enum Next {
    /// As before.
    Listen,
    /// The client said goodbye.
    End,
    /// The connection is gone.
    Lost,
    /// The stream cannot go on.
    Wrong(Box<StreamError>),
}

impl From<StreamError> for Next {
    fn from(error: StreamError) -> Self {
        Self::Wrong(Box::new(error))
    }
}

/// Deals with one child of the stream.
pub(super) async fn stanza(conversation: &mut Conversation, element: Element) -> Next {
    match StreamRequest::parse(&element) {
        Ok(Some(request)) => return stream_management::handle(conversation, &request).await,
        Ok(None) => {}
        Err(error) => return error.into(),
    }
    if let Some(state) = ClientState::parse(&element) {
        conversation.session.set_inactive(state == ClientState::Inactive);
        return Next::Listen;
    }
    // Only a connection that still serves the session may count for it.
    let Some(number) = conversation.session.received(conversation.connection) else { return Next::Lost };
    let parsed = Stanza::parse(element);
    if let Some(from) = parsed.as_ref().ok().and_then(Stanza::from)
        && !is_own(conversation, from)
    {
        let text = "a client speaks for itself only";
        return StreamError::new(StreamCondition::InvalidFrom).with_text(text).into();
    }
    match parsed {
        Ok(Stanza::Message(message)) => message::handle(conversation, message, number).await,
        Ok(Stanza::Presence(presence)) => presence::handle(conversation, presence).await,
        Ok(Stanza::Iq(iq)) => iq::handle(conversation, iq).await,
        Err(StanzaParseError::Fatal(error)) => return error.into(),
        Err(StanzaParseError::Rejected(rejection)) => {
            if let Some(reply) = rejection.reply() {
                conversation.send(&reply);
            }
        }
        Err(_) => return StreamError::new(StreamCondition::UnsupportedStanzaType).into(),
    }
    Next::Listen
}

/// Whether an address is the session's own, with or without its resource (RFC 6120 §8.1.2.1).
fn is_own(conversation: &Conversation, from: &Jid) -> bool {
    let session = &conversation.session;
    let resource = from.resource().is_none_or(|resource| resource.as_str() == session.resource().as_ref());
    resource && from.to_bare().as_str() == session.address().as_str()
}
