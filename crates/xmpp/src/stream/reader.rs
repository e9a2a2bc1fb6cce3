//! Reading a client's stream.

use rxml::error::EndOrError;
use rxml::{Parse, RawEvent, RawParser};

use super::{Limits, StreamCondition, StreamError, StreamHeader};
use crate::element::{Assembled, Assembler, Element, condition_of, new_parser};
use crate::scanner::{self, MessageScan};

/// What a stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// The stream's header came (RFC 6120 §4.2).
    Opened(StreamHeader),
    /// A complete child of the stream: a stanza, or an element of a negotiation. It carries the stream's
    /// `xml:lang` if it has none of its own (RFC 6120 §4.7.4).
    Stanza(Element),
    /// The stream was closed (RFC 6120 §4.4). What follows is ignored until [`StreamReader::reset`].
    Closed,
}

/// Turns the bytes of a client's stream into events.
///
/// Bytes are looked at once, whatever the pieces they come in. Between stanzas it holds next to no memory.
#[derive(Debug)]
pub struct StreamReader {
    /// None between stanzas, where any parser of a stream is as good as any other.
    parser: Option<Box<RawParser>>,
    /// Whether the root is called as streams are called nearly always (RFC 6120 §4.8.5).
    usual_root: bool,
    assembler: Assembler,
    limits: Limits,
    state: State,
    lang: Option<String>,
    /// Bytes of the stanza that is being read.
    stanza_bytes: usize,
    /// Bytes read since the parser last said anything.
    token_bytes: usize,
}

#[derive(Debug)]
enum State {
    /// Before the header, or between stanzas, with nothing of the next one seen.
    Between,
    /// Inside the header or a stanza.
    Inside,
    Closed,
    Failed(Box<StreamError>),
}

impl StreamReader {
    /// A reader that expects a stream header.
    pub fn new(limits: Limits) -> Self {
        Self {
            parser: None,
            usual_root: false,
            assembler: Assembler::stream(),
            limits,
            state: State::Between,
            lang: None,
            stanza_bytes: 0,
            token_bytes: 0,
        }
    }

    /// Expects a new stream header, as after STARTTLS and after SASL (RFC 6120 §4.3.3). Limits stay.
    ///
    /// After STARTTLS, whatever is left of the bytes that came before the handshake must be thrown away: they
    /// were not encrypted.
    pub fn reset(&mut self) {
        *self = Self::new(self.limits);
    }

    /// Sets limits for what is read from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Recognises an ordinary message at the start of `input` without taking it in: see
    /// [`scan`](scanner::scan). Whoever uses the message moves `input` behind it instead of reading it here.
    /// `None` also outside of a stream, and in the middle of a stanza.
    pub fn scan_message<'a>(&self, input: &'a [u8]) -> Option<MessageScan<'a>> {
        if !matches!(self.state, State::Between) || !self.assembler.is_open() {
            return None;
        }
        scanner::scan(input, &self.limits)
    }

    /// The stream's language, which stanzas without one have. Those that are read here carry it already.
    pub fn lang(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    /// Reads up to the next event and moves `input` behind it; what follows stays there, so that a restart
    /// loses nothing. `None` means that all of `input` was used and more is needed. White space between
    /// stanzas (RFC 6120 §4.6.1) is skipped, however much it is.
    ///
    /// # Errors
    /// Why the stream must end. The same error comes again until [`reset`](Self::reset).
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<StreamEvent>, StreamError> {
        let result = self.read_event(input);
        match &result {
            Ok(_) => {}
            Err(error) => {
                if !matches!(self.state, State::Failed(_)) {
                    self.parser = None;
                    self.assembler = Assembler::stream();
                    self.state = State::Failed(Box::new(error.clone()));
                }
            }
        }
        result
    }

    fn read_event(&mut self, input: &mut &[u8]) -> Result<Option<StreamEvent>, StreamError> {
        loop {
            match &self.state {
                State::Inside => {}
                State::Between => {
                    *input = skip_white_space(input);
                    match input.first() {
                        None => return Ok(None),
                        Some(b'<') => self.state = State::Inside,
                        Some(_) => return Err(self.stray_text()),
                    }
                }
                State::Closed => {
                    *input = &[];
                    return Ok(None);
                }
                State::Failed(error) => return Err((**error).clone()),
            }
            let Some(event) = self.parse(input)? else { return Ok(None) };
            let Some(assembled) = self.assembler.take(event, &self.limits)? else { continue };
            if let Some(event) = self.finish(assembled)? {
                return Ok(Some(event));
            }
        }
    }

    /// The parser's next event. It never sees more of a stanza than the limit allows.
    fn parse(&mut self, input: &mut &[u8]) -> Result<Option<RawEvent>, StreamError> {
        let allowed = self.limits.stanza_bytes_max.saturating_sub(self.stanza_bytes).min(input.len());
        let mut window = &input[..allowed];
        let parser = match &mut self.parser {
            Some(parser) => parser,
            none => none.insert(Box::new(if self.assembler.is_open() {
                parser_in_stream()
            } else {
                new_parser()
            })),
        };
        let result = parser.parse(&mut window, false);
        let read = allowed - window.len();
        *input = &input[read..];
        self.stanza_bytes += read;
        self.token_bytes += read;
        match result {
            Ok(event) => {
                self.token_bytes = 0;
                Ok(event)
            }
            Err(EndOrError::NeedMoreData) if input.is_empty() => Ok(None),
            Err(EndOrError::NeedMoreData) => Err(StreamError::new(StreamCondition::PolicyViolation)
                .with_text(format!("more than {} bytes", self.limits.stanza_bytes_max))),
            Err(EndOrError::Error(error)) => Err(condition_of(error, self.token_bytes)),
        }
    }

    fn finish(&mut self, assembled: Assembled) -> Result<Option<StreamEvent>, StreamError> {
        let event = match assembled {
            Assembled::Root(root) => {
                let header = StreamHeader::read(&root)?;
                self.usual_root = root.is_called(USUAL_ROOT);
                self.lang.clone_from(&header.lang);
                StreamEvent::Opened(header)
            }
            Assembled::Complete(mut element) => {
                if let (None, Some(lang)) = (element.lang(), &self.lang) {
                    element.set_lang(lang.as_str());
                }
                StreamEvent::Stanza(element)
            }
            Assembled::StrayText(text) if skip_white_space(text.as_bytes()).is_empty() => return Ok(None),
            Assembled::StrayText(_) => return Err(self.stray_text()),
            Assembled::RootClosed => {
                self.state = State::Closed;
                return Ok(Some(StreamEvent::Closed));
            }
        };
        self.state = State::Between;
        self.stanza_bytes = 0;
        Ok(Some(event))
    }

    /// Text where only elements may be.
    fn stray_text(&self) -> StreamError {
        let condition = if self.assembler.is_open() {
            StreamCondition::BadFormat
        } else {
            StreamCondition::NotWellFormed
        };
        StreamError::new(condition).with_text("text outside of a stanza")
    }

    /// Gives back the memory that nothing needs until more comes.
    pub fn release(&mut self) {
        if matches!(self.state, State::Between) && (self.usual_root || !self.assembler.is_open()) {
            self.parser = None;
        } else if let Some(parser) = &mut self.parser {
            parser.release_temporaries();
        }
        self.assembler.release();
    }
}

/// What a stream is called, with its prefix.
const USUAL_ROOT: (&str, &str) = ("stream", "stream");

/// A parser that has read the start of a stream of the usual name.
fn parser_in_stream() -> RawParser {
    let mut parser = new_parser();
    let mut start: &[u8] = b"<stream:stream>";
    loop {
        match parser.parse(&mut start, false) {
            Ok(Some(RawEvent::ElementHeadClose(_)) | None) | Err(_) => return parser,
            Ok(Some(_)) => {}
        }
    }
}

/// What follows leading white space as XML knows it (XML 1.0 §2.3), which is less than ASCII's.
fn skip_white_space(bytes: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    &bytes[bytes.iter().position(is_text).unwrap_or(bytes.len())..]
}
