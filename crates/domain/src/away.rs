use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Address, Content, Message, MessageId, MessageKind, Presence, Sender, Show, displayable,
    unverified_address,
};

/// How many characters the words of an absence may have.
const TEXT_CHARS_MAX: usize = 1_000;

/// How long an absence may last.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366 * 10);

/// What is answered where the person has said nothing more.
const TEXT_DEFAULT: &str = "I am away.";

/// How many correspondents are told of one absence; those after them are told nothing.
pub const ANSWERS_MAX: usize = 10_000;

/// That a person is away, and what those who write are told. Said anew it is another absence, of which everybody may
/// be told once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// What those who write are told, at most 1,000 characters; may be empty.
    pub text: String,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// An answer that somebody is away, on its way to who wrote to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The id under which it is sent, and sent again if nobody knows whether it was.
    pub id: MessageId,
    /// Who is away.
    pub from: Address,
    /// Who wrote.
    pub to: Sender,
    /// What they are told.
    pub text: String,
    /// When they wrote.
    pub at: Timestamp,
}

/// Why an absence is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AbsenceError {
    /// Too many words.
    #[error("the text has {chars} characters: at most {TEXT_CHARS_MAX} are allowed")]
    Text {
        /// How many characters it has.
        chars: usize,
    },
    /// It would be over already.
    #[error("the absence would end at {until}, which has passed")]
    Over {
        /// When it would end.
        until: Timestamp,
    },
    /// It would last too long.
    #[error("an absence lasts ten years at most")]
    TooLong,
}

impl Absence {
    /// An absence that begins now, with its text stripped of what misleads.
    pub fn begin(text: &str, now: Timestamp, until: Option<Timestamp>) -> Result<Self, AbsenceError> {
        let text = displayable(text.trim()).into_owned();
        let chars = text.chars().count();
        if chars > TEXT_CHARS_MAX {
            return Err(AbsenceError::Text { chars });
        }
        match until {
            Some(until) if until <= now => return Err(AbsenceError::Over { until }),
            Some(until) if until.duration_since(now) > LONGEST => return Err(AbsenceError::TooLong),
            _ => {}
        }
        Ok(Self { text, since: now, until })
    }

    /// Whether the person is away then.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// What those who write are told.
    pub fn words(&self) -> &str {
        if self.text.is_empty() { TEXT_DEFAULT } else { &self.text }
    }

    /// Whether this message is one that its sender is told of the absence for, unless they were told before: words in
    /// a conversation that a person wrote, and somebody else. Whatever a program sent by itself is never answered, so
    /// that no two of them can talk to each other; nor is what the service says, what is for those alone who are here,
    /// or what nobody keeps.
    pub fn answers(&self, message: &Message, now: Timestamp) -> bool {
        let from_somebody_else = match &message.sender {
            Sender::Account { address } => *address != message.recipient,
            Sender::Unverified { .. } => true,
            Sender::Service => false,
        };
        let in_words = matches!(&message.content, Content::Text { body, .. } if !body.trim().is_empty());
        let in_conversation = matches!(message.kind, MessageKind::Chat | MessageKind::Normal);
        self.is_in_force(now) && from_somebody_else && in_words && in_conversation && !message.automatic
    }
}

/// As whom a sender is told of an absence once: their address; of an old protocol, the name they gave and the address
/// they came from. None for the service.
pub fn correspondent(sender: &Sender, domain: &str) -> Option<String> {
    match sender {
        Sender::Account { address } => Some(address.to_string()),
        Sender::Unverified { name, source, .. } => {
            let name =
                unverified_address(name, domain).map_or_else(|| domain.to_owned(), |name| name.to_string());
            Some(format!("{name}/{}", source.to_canonical()))
        }
        Sender::Service => None,
    }
}

/// What stands before an automatic answer, where a protocol has no other mark for it.
const AUTOMATIC: &str = "Automatic reply: ";

/// An automatic answer in words, for a protocol that has no mark for it.
pub fn automatic_text(words: &str) -> String {
    format!("{AUTOMATIC}{words}")
}

/// The words of a text of such a protocol, where it is marked as an automatic answer.
pub fn automatic_words(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix(AUTOMATIC.trim_end()).map(str::trim_start)
}

/// How a person is, all their sessions taken together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// How available; none where they have no session that is available.
    pub show: Option<Show>,
    /// Since when nobody has touched any of their devices, where all say so.
    pub idle_since: Option<Timestamp>,
    /// What they say.
    pub text: Option<String>,
}

/// How long nobody has to touch a device until its person counts as away.
const IDLE_IS_AWAY: SignedDuration = SignedDuration::from_mins(5);

/// How a person is who says so by these sessions, and by an absence. Who says to be away is; busy is busy, however
/// long nobody has touched anything; and where every device that is there is idle for five minutes or says to be away,
/// so is the person.
pub fn standing(absence: Option<&Absence>, sessions: &[&Presence], now: Timestamp) -> Standing {
    let absence = absence.filter(|absence| absence.is_in_force(now));
    let liveliest = sessions.iter().min_by_key(|session| rank(session, now));
    let idle_since = sessions.iter().map(|session| session.idle_since).max().flatten();
    let idle_since = idle_since.filter(|_| sessions.iter().all(|session| session.idle_since.is_some()));
    let show = liveliest.map(|session| match session.show {
        Show::Available | Show::Chat if is_idle(session, now) => Show::Away,
        show => show,
    });
    let show = match (show, absence) {
        (Some(Show::Available | Show::Chat | Show::Away), Some(_)) => Some(Show::ExtendedAway),
        (show, _) => show,
    };
    let text = match absence {
        Some(absence) => Some(absence.words().to_owned()),
        None => liveliest.and_then(|session| session.text.clone()),
    };
    Standing { show, idle_since, text }
}

fn is_idle(session: &Presence, now: Timestamp) -> bool {
    session.idle_since.is_some_and(|since| now.duration_since(since) >= IDLE_IS_AWAY)
}

/// Which of a person's sessions speaks for them: the lower, the rather.
fn rank(session: &Presence, now: Timestamp) -> u8 {
    match session.show {
        Show::Busy => 0,
        Show::Chat | Show::Available if is_idle(session, now) => 3,
        Show::Chat => 1,
        Show::Available => 2,
        Show::Away => 4,
        Show::ExtendedAway => 5,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Protocol;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn absence() -> Absence {
        Absence::begin("on leave", at(100), Some(at(200))).unwrap()
    }

    fn address(name: &str) -> Address {
        Address::new(name, "x.internal").unwrap()
    }

    fn message(sender: Sender) -> Message {
        Message {
            id: MessageId::new(at(0), [1; 10]),
            sender,
            recipient: address("anna"),
            kind: MessageKind::Chat,
            content: Content::Text { body: "hello".into(), subject: None },
            automatic: false,
            native: None,
            sender_id: None,
            accepted_at: at(0),
        }
    }

    fn stranger(name: &str, last: u8) -> Sender {
        Sender::Unverified { name: name.into(), source: [10, 0, 0, last].into(), protocol: Protocol::Windows }
    }

    fn account(name: &str) -> Sender {
        Sender::Account { address: address(name) }
    }

    #[test]
    fn words_of_somebody_else_are_answered_while_the_absence_lasts() {
        for sender in [account("bert"), stranger("WS7", 7)] {
            let message = message(sender);
            assert!(absence().answers(&message, at(199)));
            assert!(!absence().answers(&message, at(200)));
        }
    }

    #[test]
    fn nothing_is_answered_that_a_program_sent_or_that_is_no_conversation() {
        let bert = || message(account("bert"));
        for (why, message) in [
            ("oneself", message(account("anna"))),
            ("the service", message(Sender::Service)),
            ("automatic", Message { automatic: true, ..bert() }),
            ("headline", Message { kind: MessageKind::Headline, ..bert() }),
            ("typing", Message { content: Content::Typing { composing: true }, ..bert() }),
            ("fleeting", Message { content: Content::Fleeting, ..bert() }),
            ("receipt", Message { content: Content::Receipt { of: "1".into(), seen: true }, ..bert() }),
            ("reaction", Message { content: Content::Other, ..bert() }),
            ("empty", Message { content: Content::Text { body: " ".into(), subject: None }, ..bert() }),
        ] {
            assert!(!absence().answers(&message, at(150)), "{why}");
        }
    }

    #[test]
    fn an_absence_has_words_and_an_end_to_come() {
        assert_eq!(absence().words(), "on leave");
        assert_eq!(Absence::begin(" \n", at(0), None).unwrap().words(), TEXT_DEFAULT);
        assert_eq!(Absence::begin("a\u{202e}b", at(0), None).unwrap().text, "ab");
        assert_eq!(Absence::begin("x", at(9), Some(at(9))), Err(AbsenceError::Over { until: at(9) }));
        assert_eq!(Absence::begin(&"x".repeat(1_001), at(0), None), Err(AbsenceError::Text { chars: 1_001 }));
        assert_eq!(Absence::begin("x", at(0), Some(at(400_000_000))), Err(AbsenceError::TooLong));
    }

    #[test]
    fn who_gives_another_name_or_comes_from_elsewhere_is_another_correspondent() {
        let of = |sender: &Sender| correspondent(sender, "x.internal").unwrap();
        assert_eq!(of(&account("bert")), "bert@x.internal");
        assert_eq!(of(&stranger("WS7", 7)), "ws7@windows.x.internal/10.0.0.7");
        assert_ne!(of(&stranger("WS7", 7)), of(&stranger("WS7", 8)));
        assert_ne!(of(&stranger("WS7", 7)), of(&stranger("WS8", 7)));
        assert_eq!(correspondent(&Sender::Service, "x.internal"), None);
    }

    #[test]
    fn the_mark_of_an_automatic_answer_is_read_as_it_was_written() {
        for words in ["", "on leave"] {
            assert_eq!(automatic_words(&automatic_text(words)), Some(words));
        }
        assert_eq!(automatic_words("An Automatic reply: no"), None);
    }

    fn saying(show: Show, idle_since: Option<i64>) -> Presence {
        Presence { show, idle_since: idle_since.map(at), ..Presence::default() }
    }

    fn shown(absence: Option<&Absence>, sessions: &[Presence]) -> Option<Show> {
        standing(absence, &sessions.iter().collect::<Vec<_>>(), at(1_000)).show
    }

    #[test]
    fn a_person_is_away_when_every_device_is_idle_and_not_before() {
        let (idle, just_idle) = (saying(Show::Available, Some(100)), saying(Show::Available, Some(990)));
        assert_eq!(shown(None, &[]), None);
        assert_eq!(shown(None, std::slice::from_ref(&idle)), Some(Show::Away));
        assert_eq!(shown(None, std::slice::from_ref(&just_idle)), Some(Show::Available));
        assert_eq!(shown(None, &[idle.clone(), saying(Show::Available, None)]), Some(Show::Available));
        assert_eq!(shown(None, &[idle.clone(), saying(Show::ExtendedAway, None)]), Some(Show::Away));
        assert_eq!(shown(None, &[idle, saying(Show::Busy, Some(100))]), Some(Show::Busy));
    }

    #[test]
    fn an_absence_shows_but_makes_nobody_appear_and_no_busy_person_free() {
        let absence = Absence::begin("on leave", at(900), None).unwrap();
        assert_eq!(shown(Some(&absence), &[]), None);
        assert_eq!(shown(Some(&absence), &[saying(Show::Available, None)]), Some(Show::ExtendedAway));
        assert_eq!(shown(Some(&absence), &[saying(Show::Busy, None)]), Some(Show::Busy));
        assert_eq!(standing(Some(&absence), &[], at(1_000)).text.as_deref(), Some("on leave"));
        let over = Absence { until: Some(at(950)), ..absence };
        assert_eq!(shown(Some(&over), &[saying(Show::Available, None)]), Some(Show::Available));
    }

    /// What two people, or programs, do to each other who answer as long as the rule lets them.
    fn conversation(first: Message, both: [&Absence; 2], now: Timestamp) -> usize {
        let mut told: [Vec<String>; 2] = Default::default();
        let (mut message, mut count, mut turn) = (first, 0, 0);
        loop {
            let from = correspondent(&message.sender, "x.internal").unwrap_or_default();
            if !both[turn].answers(&message, now) || told[turn].contains(&from) {
                return count;
            }
            told[turn].push(from);
            count += 1;
            assert!(count < 10, "they never stop");
            let Sender::Account { address } = &message.sender else { return count };
            // A protocol on the way may have lost that it is automatic.
            message = Message {
                sender: Sender::Account { address: message.recipient.clone() },
                recipient: address.clone(),
                automatic: false,
                ..message
            };
            turn = 1 - turn;
        }
    }

    proptest! {
        #[test]
        fn two_who_are_away_stop_also_where_no_mark_reaches_the_other(body in ".{0,20}", until in 151..400i64) {
            let content = Content::Text { body, subject: None };
            let first = Message { content, ..message(account("bert")) };
            let other = Absence::begin("gone", at(120), Some(at(until))).unwrap();
            prop_assert!(conversation(first, [&absence(), &other], at(150)) <= 2);
        }

        #[test]
        fn what_is_automatic_is_never_answered(body in ".{0,20}", now in 0..400i64) {
            let content = Content::Text { body, subject: None };
            let message = Message { content, automatic: true, ..message(account("bert")) };
            prop_assert!(!absence().answers(&message, at(now)));
        }

        #[test]
        fn a_name_is_one_correspondent_however_strange(name in ".{0,70}") {
            let of = || correspondent(&stranger(&name, 7), "x.internal");
            prop_assert!(of().is_some_and(|text| text.ends_with("/10.0.0.7")) && of() == of());
        }
    }
}
