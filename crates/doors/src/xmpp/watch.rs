use std::{sync::Weak, time::Duration};

use super::link::Link;
use crate::line::{Line, Looked};

/// How long after writing something that must arrive the client is asked whether it has, so that one question serves
/// for many messages. Without an archive the answer is waited for, and has to come before the message is stored.
const ASK_AFTER: Duration = Duration::from_millis(100);
const ASK_AFTER_UNSTORED: Duration = Duration::from_millis(40);

/// How often each connection is looked at.
const ROUND: Duration = Duration::from_secs(15);

/// What connections have to do later.
pub(super) struct Watch {
    questions: Line<Link>,
    rounds: Line<Link>,
}

impl Watch {
    /// Begins on the runtime that this is called in.
    pub(super) fn start(archive: bool) -> Self {
        let ask_after = if archive { ASK_AFTER } else { ASK_AFTER_UNSTORED };
        let ask = |link: &Link| {
            link.ask();
            Looked::Over
        };
        Self { questions: Line::start(ask_after, ask), rounds: Line::start(ROUND, Link::look) }
    }

    /// Has a connection ask its client before long.
    pub(super) fn ask(&self, link: Weak<Link>) {
        self.questions.put(link);
    }

    /// Has a connection looked at from time to time.
    pub(super) fn look_at(&self, link: Weak<Link>) {
        self.rounds.put(link);
    }
}
