use domain::{Message, Refusal};
use hub::HubError;
use xmpp::{
    Element,
    extension::blocking,
    native,
    stanza::{Condition, StanzaError},
};

/// The answer to a message that was not taken (RFC 6120 §8.3), made from the bytes that came; none where it may not be
/// answered.
pub(super) fn answer(message: &Message, error: &HubError) -> Option<Element> {
    let native = message.native.as_ref()?;
    error_of(error).reply_to(&native::envelope(&native.bytes)?)
}

fn error_of(error: &HubError) -> StanzaError {
    match error {
        HubError::Refused(Refusal::Blocked) => blocking::refusal(),
        // The machine has no secrets from who was written to from there.
        HubError::Refused(Refusal::NeverWrote) => worded(Condition::ItemNotFound, error),
        HubError::Refused(Refusal::BlockedMachine) => worded(Condition::NotAllowed, error),
        HubError::OnlyWords | HubError::TooLongForMachine { .. } => worded(Condition::NotAcceptable, error),
        HubError::NoGateway => StanzaError::new(Condition::ServiceUnavailable)
            .with_text("messages to old machines are switched off here"),
        HubError::Refused(_) => Condition::ServiceUnavailable.into(),
        HubError::Full { .. } => worded(Condition::ResourceConstraint, error),
        other => {
            tracing::warn!(error = %other, "a message was not taken");
            StanzaError::new(Condition::ResourceConstraint)
                .with_text("the service cannot store this now; try again")
        }
    }
}

fn worded(condition: Condition, error: &HubError) -> StanzaError {
    StanzaError::new(condition).with_text(error.to_string())
}
