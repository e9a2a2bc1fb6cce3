//! Stream management (XEP-0198, `urn:xmpp:sm:3`): acknowledged stanzas and streams that survive a connection.

use crate::element::Element;
use crate::namespace;
use crate::stanza::Condition;
use crate::stream::{StreamCondition, StreamError};

/// How long the id of a stream to resume may be, in bytes (XEP-0198 §3).
pub const ID_BYTES_MAX: usize = 4_000;

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Begin to count (§3).
    Enable {
        /// The stream should be resumable.
        resume: bool,
        /// For how many seconds at most, if the client prefers.
        max_seconds: Option<u32>,
    },
    /// Take an earlier stream up again (§5).
    Resume {
        /// That stream's id.
        previous: String,
        /// The last stanza of ours that the client handled.
        handled: u32,
    },
    /// How many stanzas were handled? (§4)
    AskAcknowledgement,
    /// So many stanzas were handled (§4).
    Acknowledge {
        /// The number, modulo 2^32.
        handled: u32,
    },
}

impl Request {
    /// Reads an element of the stream-management namespace; `None` for any other.
    ///
    /// # Errors
    /// `bad-format` for what is malformed, or not a client's to send.
    pub fn parse(element: &Element) -> Result<Option<Self>, StreamError> {
        if element.namespace() != namespace::STREAM_MANAGEMENT {
            return Ok(None);
        }
        let number = |name: &str| element.attribute(name).and_then(|value| value.trim().parse::<u32>().ok());
        let malformed = |text: &str| StreamError::new(StreamCondition::BadFormat).with_text(text);
        let handled = || number("h").ok_or_else(|| malformed("h must be a number below 2^32"));
        match element.name() {
            "enable" => Ok(Some(Self::Enable {
                resume: matches!(element.attribute("resume"), Some("true" | "1")),
                max_seconds: number("max"),
            })),
            "resume" => {
                let previous = element.attribute("previd").filter(|id| id.len() <= ID_BYTES_MAX);
                let previous = previous.ok_or_else(|| malformed("previd must be an id"))?.to_owned();
                Ok(Some(Self::Resume { previous, handled: handled()? }))
            }
            "r" => Ok(Some(Self::AskAcknowledgement)),
            "a" => Ok(Some(Self::Acknowledge { handled: handled()? })),
            _ => Err(malformed("expected enable, resume, r or a")),
        }
    }
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// Counting begins with the next stanza (§3).
    Enabled {
        /// The stream's id if it can be resumed, and for how many seconds.
        resumption: Option<(String, u32)>,
    },
    /// The earlier stream goes on (§5).
    Resumed {
        /// Its id.
        previous: String,
        /// How many of the client's stanzas were handled in it.
        handled: u32,
    },
    /// Neither.
    Failed {
        /// Why: `item-not-found` for a stream that is not known, `unexpected-request` for one out of turn.
        condition: Condition,
        /// How many of the client's stanzas were handled in the stream it named, where that is still known.
        handled: Option<u32>,
    },
    /// How many stanzas were handled?
    AskAcknowledgement,
    /// So many stanzas were handled.
    Acknowledge {
        /// The number, modulo 2^32.
        handled: u32,
    },
}

impl Response {
    /// The element to send.
    pub fn to_element(&self) -> Element {
        let new = |name| Element::new(name, namespace::STREAM_MANAGEMENT);
        match self {
            Self::Enabled { resumption: None } => new("enabled"),
            Self::Enabled { resumption: Some((id, seconds)) } => new("enabled")
                .with_attribute("id", id.as_str())
                .with_attribute("resume", "true")
                .with_attribute("max", seconds.to_string()),
            Self::Resumed { previous, handled } => new("resumed")
                .with_attribute("previd", previous.as_str())
                .with_attribute("h", handled.to_string()),
            Self::Failed { condition, handled } => new("failed")
                .with_optional_attribute("h", handled.map(|handled| handled.to_string()))
                .with_child(Element::new(condition.as_str(), namespace::STANZA_ERROR)),
            Self::AskAcknowledgement => new("r"),
            Self::Acknowledge { handled } => new("a").with_attribute("h", handled.to_string()),
        }
    }
}

/// A count of stanzas modulo 2^32 (XEP-0198 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counter(u32);

impl Counter {
    /// A counter at that value; zero when counting begins.
    pub const fn new(value: u32) -> Self {
        Self(value)
    }

    /// The value.
    pub const fn value(self) -> u32 {
        self.0
    }

    /// Counts one more stanza.
    pub fn advance(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }

    /// With this counter at what was sent and `last` at what was acknowledged before: how many stanzas an
    /// acknowledgement of `handled` adds.
    ///
    /// # Errors
    /// [`WrongCount`] if more was acknowledged than sent, or less than before.
    pub fn acknowledged(self, last: Self, handled: u32) -> Result<u32, WrongCount> {
        let newly = handled.wrapping_sub(last.0);
        let outstanding = self.0.wrapping_sub(last.0);
        if newly <= outstanding {
            return Ok(newly);
        }
        // Numbers wrap: what lies less than half of them behind is before.
        if last.0.wrapping_sub(handled) < u32::MAX / 2 {
            Err(WrongCount::Less { handled, before: last.0 })
        } else {
            Err(WrongCount::TooHigh { handled, sent: self.0 })
        }
    }
}

/// A client acknowledged what cannot be. The stream must end (XEP-0198 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongCount {
    /// What it was not sent.
    #[error("acknowledged {handled} stanzas of {sent} sent")]
    TooHigh {
        /// What was acknowledged.
        handled: u32,
        /// What was sent.
        sent: u32,
    },
    /// Less than before.
    #[error("acknowledged {handled} stanzas after {before}")]
    Less {
        /// What was acknowledged.
        handled: u32,
        /// What was acknowledged before.
        before: u32,
    },
}

impl From<WrongCount> for StreamError {
    fn from(error: WrongCount) -> Self {
        let stream_error = Self::new(StreamCondition::UndefinedCondition).with_text(error.to_string());
        match error {
            WrongCount::TooHigh { handled, sent } => stream_error.with_detail(
                Element::new("handled-count-too-high", namespace::STREAM_MANAGEMENT)
                    .with_attribute("h", handled.to_string())
                    .with_attribute("send-count", sent.to_string()),
            ),
            WrongCount::Less { .. } => stream_error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Limits;

    fn parse(start: &str) -> Result<Option<Request>, StreamCondition> {
        let source = format!("<{start} xmlns='urn:xmpp:sm:3'/>");
        let element = Element::parse(source.as_bytes(), &Limits::default()).unwrap();
        Request::parse(&element).map_err(|error| error.condition)
    }

    fn written(response: &Response) -> String {
        String::from_utf8(response.to_element().to_bytes(namespace::STREAM_MANAGEMENT)).unwrap()
    }

    #[test]
    fn requests_are_read() {
        assert_eq!(parse("enable"), Ok(Some(Request::Enable { resume: false, max_seconds: None })));
        assert_eq!(
            parse("enable resume='true' max='300'"),
            Ok(Some(Request::Enable { resume: true, max_seconds: Some(300) }))
        );
        assert_eq!(
            parse("resume previd='x' h='4294967295'"),
            Ok(Some(Request::Resume { previous: "x".into(), handled: u32::MAX }))
        );
        assert_eq!(parse("r"), Ok(Some(Request::AskAcknowledgement)));
        assert_eq!(parse("a h='0'"), Ok(Some(Request::Acknowledge { handled: 0 })));
    }

    #[test]
    fn malformed_requests_end_the_stream() {
        for malformed in ["a", "a h='4294967296'", "a h='-1'", "resume h='1'", "resume previd='x'", "enabled"]
        {
            assert_eq!(parse(malformed), Err(StreamCondition::BadFormat), "{malformed}");
        }
        let long = format!("resume h='1' previd='{}'", "x".repeat(ID_BYTES_MAX + 1));
        assert_eq!(parse(&long), Err(StreamCondition::BadFormat));
    }

    #[test]
    fn responses_are_written() {
        let enabled = Response::Enabled { resumption: Some(("x".into(), 600)) };
        assert_eq!(written(&enabled), "<enabled id='x' resume='true' max='600'/>");
        assert_eq!(written(&Response::Enabled { resumption: None }), "<enabled/>");
        assert_eq!(
            written(&Response::Resumed { previous: "x".into(), handled: 3 }),
            "<resumed previd='x' h='3'/>"
        );
        assert_eq!(
            written(&Response::Failed { condition: Condition::ItemNotFound, handled: Some(7) }),
            "<failed h='7'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
        );
        assert_eq!(written(&Response::AskAcknowledgement), "<r/>");
        assert_eq!(written(&Response::Acknowledge { handled: 9 }), "<a h='9'/>");
    }

    #[test]
    fn counting_goes_on_past_two_to_the_thirty_second() {
        let mut sent = Counter::new(u32::MAX - 1);
        let last = sent;
        for _ in 0..3 {
            sent.advance();
        }
        assert_eq!(sent.value(), 1);
        assert_eq!(sent.acknowledged(last, u32::MAX), Ok(1));
        assert_eq!(sent.acknowledged(last, 1), Ok(3));
        assert_eq!(sent.acknowledged(last, last.value()), Ok(0));
        assert_eq!(sent.acknowledged(last, 2), Err(WrongCount::TooHigh { handled: 2, sent: 1 }));
    }

    #[test]
    fn acknowledging_less_than_before_is_refused() {
        let sent = Counter::new(10);
        assert_eq!(sent.acknowledged(Counter::new(5), 4), Err(WrongCount::Less { handled: 4, before: 5 }));
        assert_eq!(
            sent.acknowledged(Counter::new(5), 11),
            Err(WrongCount::TooHigh { handled: 11, sent: 10 })
        );
    }
}
