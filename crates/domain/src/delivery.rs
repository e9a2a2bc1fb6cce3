use crate::{Content, MessageKind};

/// To which of a person's devices a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the device that it names, available or not.
    Device,
    /// To the person: every device that takes messages, now or later.
    Person,
    /// To nobody, and nobody hears of it.
    Nobody,
    /// To nobody, and its sender is told.
    Refused,
}

/// Decides for a message to a person who exists (RFC 6121 §8.5.2 and §8.5.3). `device` is none where the message names
/// none, and otherwise says whether the one that it names is connected.
pub fn route(kind: MessageKind, content: &Content, device: Option<bool>) -> Route {
    match (device, kind) {
        (None, _) => Route::Person,
        (Some(true), _) => Route::Device,
        // §8.5.3.2.1: part of a conversation goes on wherever the person is now.
        (Some(false), MessageKind::Chat) => Route::Person,
        // So is a receipt, which many clients send as a single message: its reader would never hear of it.
        (Some(false), MessageKind::Normal) if matches!(content, Content::Receipt { .. }) => Route::Person,
        (Some(false), MessageKind::Normal) => Route::Refused,
        (Some(false), MessageKind::Headline) => Route::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: Content = Content::Other;

    #[test]
    fn a_receipt_finds_who_has_left_their_device() {
        let receipt = Content::Receipt { of: "1".to_owned(), seen: true };
        assert_eq!(route(MessageKind::Normal, &receipt, Some(false)), Route::Person);
        assert_eq!(route(MessageKind::Normal, &receipt, Some(true)), Route::Device);
        assert_eq!(route(MessageKind::Headline, &receipt, Some(false)), Route::Nobody);
    }

    #[test]
    fn what_names_a_device_that_is_gone_follows_its_kind() {
        assert_eq!(route(MessageKind::Chat, &OTHER, Some(false)), Route::Person);
        assert_eq!(route(MessageKind::Normal, &OTHER, Some(false)), Route::Refused);
        assert_eq!(route(MessageKind::Headline, &OTHER, Some(false)), Route::Nobody);
    }

    #[test]
    fn every_kind_goes_to_the_device_that_it_names_and_else_to_the_person() {
        for kind in [MessageKind::Chat, MessageKind::Normal, MessageKind::Headline] {
            assert_eq!(route(kind, &OTHER, Some(true)), Route::Device);
            assert_eq!(route(kind, &OTHER, None), Route::Person);
        }
    }
}
