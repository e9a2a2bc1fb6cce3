use xmpp::extension::carbons::Request;

use super::super::conversation::Conversation;

/// Copies of what the person's other sessions send and get, or no more of them (XEP-0280 §4, §5).
pub(super) fn handle(conversation: &Conversation, request: Request) {
    conversation.door.hub.set_carbons(&conversation.session, request == Request::Enable);
}
