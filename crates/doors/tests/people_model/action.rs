//! What people and their clients do.

use super::random::Random;

pub(crate) const PEOPLE: usize = 20;
pub(crate) const DEVICES: usize = 3;

/// One device of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) person: usize,
    pub(crate) device: usize,
}

/// What is done. An action that makes no sense in the state of its moment is left out, so that any part of a list of
/// actions is a list of actions.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    SignIn {
        at: At,
        roster: bool,
        blocks: bool,
        carbons: bool,
    },
    Available {
        at: At,
        priority: i8,
    },
    Unavailable(At),
    SignOut(At),
    Cut(At),
    Resume(At),
    /// Nobody came back in time.
    Expire(At),
    Subscription {
        at: At,
        other: usize,
        action: Subscription,
    },
    PutContact {
        at: At,
        other: usize,
    },
    RemoveContact {
        at: At,
        other: usize,
    },
    Say(Vec<Saying>),
    Carbons {
        at: At,
        enabled: bool,
    },
    Block {
        at: At,
        other: usize,
    },
    Unblock {
        at: At,
        other: usize,
    },
    Looks {
        at: At,
        inactive: bool,
    },
    ReadArchive {
        at: At,
        with: Option<usize>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subscription {
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
}

/// A message that is sent.
#[derive(Clone, Debug)]
pub(crate) struct Saying {
    pub(crate) at: At,
    pub(crate) to: usize,
    /// To one of the recipient's devices, or to the person.
    pub(crate) device: Option<usize>,
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Chat,
    /// With a request for a receipt, as most clients send it.
    ChatWithReceipt,
    Normal,
    Headline,
    Typing,
    Receipt,
    Private,
    NotStored,
    NotArchived,
    /// What the person's last message with an id of its own was, once more and to the same person.
    Again,
}

impl Action {
    /// Whose action it is; of what several say at once, the first's.
    pub(crate) fn at(&self) -> At {
        match self {
            Self::SignIn { at, .. }
            | Self::Available { at, .. }
            | Self::Subscription { at, .. }
            | Self::PutContact { at, .. }
            | Self::RemoveContact { at, .. }
            | Self::Carbons { at, .. }
            | Self::Block { at, .. }
            | Self::Unblock { at, .. }
            | Self::Looks { at, .. }
            | Self::ReadArchive { at, .. }
            | Self::Unavailable(at)
            | Self::SignOut(at)
            | Self::Cut(at)
            | Self::Resume(at)
            | Self::Expire(at) => *at,
            Self::Say(sayings) => sayings[0].at,
        }
    }
}

impl Subscription {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Subscribed => "subscribed",
            Self::Unsubscribe => "unsubscribe",
            Self::Unsubscribed => "unsubscribed",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [Self::Subscribe, Self::Subscribed, Self::Unsubscribe, Self::Unsubscribed];
        all.into_iter().find(|action| action.name() == name)
    }
}

/// A list of actions; most devices begin signed in.
pub(crate) fn actions(random: &mut Random, count: usize) -> Vec<Action> {
    let mut actions = Vec::new();
    for person in 0..PEOPLE {
        for device in 0..DEVICES {
            if device == 0 || random.once_in(2) {
                let at = At { person, device };
                actions.push(sign_in(random, at));
                actions.push(available(random, at));
            }
        }
        if random.once_in(2) {
            befriend(random, person, &mut actions);
        }
    }
    while actions.len() < count {
        action(random, &mut actions);
    }
    actions
}

fn action(random: &mut Random, actions: &mut Vec<Action>) {
    let at = At { person: random.below(PEOPLE), device: random.below(DEVICES) };
    let other = near(random, at.person);
    let action = match random.below(100) {
        0..7 => sign_in(random, at),
        7..19 => available(random, at),
        19..23 => Action::Unavailable(at),
        23..27 => Action::SignOut(at),
        27..32 => Action::Cut(at),
        32..40 => Action::Resume(at),
        40..43 => Action::Expire(at),
        43..53 => {
            use Subscription::{Subscribe, Subscribed, Unsubscribe, Unsubscribed};
            let action =
                random.of(&[Subscribe, Subscribe, Subscribed, Subscribed, Unsubscribe, Unsubscribed]);
            Action::Subscription { at, other, action }
        }
        53..55 => Action::PutContact { at, other },
        55..57 => Action::RemoveContact { at, other },
        57..59 => return befriend(random, at.person, actions),
        59..62 => Action::Carbons { at, enabled: !random.once_in(3) },
        62..65 => Action::Block { at, other },
        65..69 => Action::Unblock { at, other },
        69..74 => Action::Looks { at, inactive: !random.once_in(3) },
        74..76 => Action::ReadArchive { at, with: random.once_in(2).then_some(other) },
        _ => Action::Say((0..=random.below(8)).map(|_| saying(random)).collect()),
    };
    actions.push(action);
}

fn sign_in(random: &mut Random, at: At) -> Action {
    let (roster, blocks, carbons) = (!random.once_in(4), random.once_in(2), !random.once_in(3));
    Action::SignIn { at, roster, blocks, carbons }
}

fn available(random: &mut Random, at: At) -> Action {
    Action::Available { at, priority: random.of(&[0, 0, 0, 5, 1, -1]) }
}

fn befriend(random: &mut Random, person: usize, actions: &mut Vec<Action>) {
    let other = near(random, person);
    let (one, another) = (At { person, device: 0 }, At { person: other, device: 0 });
    actions.push(Action::Subscription { at: one, other, action: Subscription::Subscribe });
    actions.push(Action::Subscription { at: another, other: person, action: Subscription::Subscribed });
}

fn saying(random: &mut Random) -> Saying {
    let at = At { person: random.below(PEOPLE), device: random.below(DEVICES) };
    let to = if random.once_in(12) { at.person } else { near(random, at.person) };
    let device = random.once_in(2).then(|| random.below(DEVICES));
    let what = match random.below(20) {
        0..6 => What::Chat,
        6..9 => What::ChatWithReceipt,
        9..11 => What::Normal,
        11 => What::Headline,
        12..15 => What::Typing,
        15 => What::Receipt,
        16 => What::Private,
        17 => What::NotStored,
        18 => What::NotArchived,
        _ => What::Again,
    };
    Saying { at, to, device, what }
}

/// People know those who sit near them, so that much happens between the same few.
fn near(random: &mut Random, person: usize) -> usize {
    (person + random.of(&[1, 2, PEOPLE - 1, PEOPLE - 2])) % PEOPLE
}
