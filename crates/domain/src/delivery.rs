use crate::MessageKind;

/// To which of a person's devices a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the device that it names, available or not.
    Device,
    /// To the person: every device that takes messages, now or later.
    Person,
    /// To nobody, and nobody hears of it.
    Nobody,
}

/// Decides for a message to a person who exists (RFC 6121 §8.5.2 and §8.5.3). `device` is none where the message names
/// none, and otherwise says whether the one that it names is connected. The sender hears the same either way: otherwise
/// anybody could find out who is here by naming devices.
pub fn route(kind: MessageKind, device: Option<bool>) -> Route {
    match (device, kind) {
        (None, _) => Route::Person,
        (Some(true), _) => Route::Device,
        // §8.5.3.2.1: part of a conversation goes on wherever the person is now. So does a single message, which the
        // RFC would have dropped or refused: the one loses what was accepted, the other tells who is here.
        (Some(false), MessageKind::Chat | MessageKind::Normal) => Route::Person,
        (Some(false), MessageKind::Headline) => Route::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_device_that_is_gone_follows_its_kind() {
        assert_eq!(route(MessageKind::Chat, Some(false)), Route::Person);
        assert_eq!(route(MessageKind::Normal, Some(false)), Route::Person);
        assert_eq!(route(MessageKind::Headline, Some(false)), Route::Nobody);
    }

    #[test]
    fn every_kind_goes_to_the_device_that_it_names_and_else_to_the_person() {
        for kind in [MessageKind::Chat, MessageKind::Normal, MessageKind::Headline] {
            assert_eq!(route(kind, Some(true)), Route::Device);
            assert_eq!(route(kind, None), Route::Person);
        }
    }
}
