//! Lists of contacts as RFC 6121 has them (§2, §3 and appendix A), as a table.

use super::action::Subscription;

/// One direction of presence between an owner and a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Half {
    #[default]
    No,
    Pending,
    Yes,
}

/// What an owner has on a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) listed: bool,
    pub(crate) name: Option<String>,
    /// The owner sees the contact, or has asked to.
    pub(crate) to: Half,
    /// The contact sees the owner, or has asked to.
    pub(crate) from: Half,
    pub(crate) approved: bool,
}

impl Entry {
    /// What the owner's clients are shown of it; none where it is not on the list.
    pub(crate) fn shown(&self) -> Option<Shown> {
        let subscription = match (self.to == Half::Yes, self.from == Half::Yes) {
            (false, false) => "none",
            (true, false) => "to",
            (false, true) => "from",
            (true, true) => "both",
        };
        let (name, approved) = (self.name.clone().unwrap_or_default(), self.approved);
        let asks = self.to == Half::Pending;
        self.listed.then(|| Shown { name, subscription: subscription.to_owned(), asks, approved })
    }

    /// The owner acts; whether the contact is to hear of it (appendix A.2).
    pub(crate) fn sends(&mut self, action: Subscription) -> bool {
        match (action, self.to, self.from) {
            (Subscription::Subscribe, to, _) => {
                self.listed = true;
                if to == Half::No {
                    self.to = Half::Pending;
                }
                true
            }
            (Subscription::Unsubscribe, ..) => {
                self.to = Half::No;
                true
            }
            (Subscription::Subscribed, _, Half::Pending) => {
                (self.from, self.listed) = (Half::Yes, true);
                true
            }
            (Subscription::Subscribed, _, Half::No) => {
                (self.approved, self.listed) = (true, true);
                false
            }
            (Subscription::Subscribed, _, Half::Yes) => false,
            (Subscription::Unsubscribed, _, from) => {
                (self.from, self.approved) = (Half::No, false);
                from != Half::No
            }
        }
    }

    /// The contact acts (appendix A.3).
    pub(crate) fn hears(&mut self, action: Subscription) -> Heard {
        match (action, self.to, self.from) {
            (Subscription::Subscribe, _, Half::Yes) => Heard::Answered,
            (Subscription::Subscribe, _, Half::No | Half::Pending) if self.approved => {
                self.from = Half::Yes;
                Heard::Answered
            }
            (Subscription::Subscribe, _, Half::No) => {
                self.from = Half::Pending;
                Heard::Told { ended: false }
            }
            (Subscription::Unsubscribe, _, from @ (Half::Yes | Half::Pending)) => {
                self.from = Half::No;
                Heard::Told { ended: from == Half::Yes }
            }
            (Subscription::Subscribed, Half::Pending, _) => {
                self.to = Half::Yes;
                Heard::Told { ended: false }
            }
            (Subscription::Unsubscribed, to @ (Half::Yes | Half::Pending), _) => {
                self.to = Half::No;
                Heard::Told { ended: to == Half::Yes }
            }
            _ => Heard::Nothing,
        }
    }
}

/// What follows where somebody is asked or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nobody is told.
    Nothing,
    /// The owner's clients are told; and whether somebody ceased to see somebody.
    Told { ended: bool },
    /// The answer was given before.
    Answered,
}

/// An entry as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) subscription: String,
    pub(crate) asks: bool,
    pub(crate) approved: bool,
}
