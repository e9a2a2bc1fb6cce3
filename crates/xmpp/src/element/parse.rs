//! Parsing one whole document, and what an XML error means in XMPP.

use rxml::error::{EndOrError, Error};
use rxml::{Options, Parse, RawParser, WithOptions};

use super::{Assembled, Assembler, Element};
use crate::stream::{Limits, StreamCondition, StreamError};

/// How long a name or an attribute value may be, in bytes. Text may be longer: it comes in pieces of this size.
/// The parser reserves as much while it reads a stanza, and no longer.
pub(crate) const TOKEN_BYTES_MAX: usize = 16 * 1024;

impl Element {
    /// Parses a document of one element, as WebSocket frames (RFC 7395 §3.3) and stored stanzas are. An XML
    /// declaration may precede it; nothing may follow it but white space.
    ///
    /// # Errors
    /// The stream error that the same bytes would cause in a stream; `policy-violation` past a limit.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, StreamError> {
        if bytes.len() > limits.stanza_bytes_max {
            return Err(StreamError::new(StreamCondition::PolicyViolation)
                .with_text(format!("more than {} bytes", limits.stanza_bytes_max)));
        }
        let mut parser = new_parser();
        let mut assembler = Assembler::document();
        let mut input = bytes;
        let mut element = None;
        let mut before = input.len();
        loop {
            match parser.parse(&mut input, true) {
                Ok(Some(event)) => {
                    before = input.len();
                    if let Some(Assembled::Complete(complete)) = assembler.take(event, limits)? {
                        element = Some(complete);
                    }
                }
                Ok(None) => break,
                Err(EndOrError::NeedMoreData) => {
                    return Err(StreamError::new(StreamCondition::NotWellFormed));
                }
                Err(EndOrError::Error(error)) => return Err(condition_of(error, before - input.len())),
            }
        }
        element.ok_or_else(|| StreamError::new(StreamCondition::NotWellFormed))
    }
}

/// What rxml says of `<!` before anything but a comment or a CDATA section: the start of a document type or of
/// another declaration, which is restricted rather than malformed (RFC 6120 §11.1).
const DECLARATION: &str = "malformed cdata or comment section start";

/// What rxml says of an XML declaration that names another encoding than UTF-8 (RFC 6120 §4.9.3.22).
const OTHER_ENCODING: &str = "only utf-8 encoding is allowed";

/// A parser with our limit on tokens.
pub(crate) fn new_parser() -> RawParser {
    <RawParser as WithOptions>::with_options(Options {
        max_token_length: TOKEN_BYTES_MAX,
        ..Options::default()
    })
}

/// The stream error for an error of the parser (RFC 6120 §4.9.3, §11.1). `token_bytes` is how much was read
/// since the last event: a token that is too long is reported as restricted XML by the parser, and is a matter
/// of policy to us.
pub(crate) fn condition_of(error: Error, token_bytes: usize) -> StreamError {
    let condition = match error {
        Error::RestrictedXml(_) if token_bytes >= TOKEN_BYTES_MAX => StreamCondition::PolicyViolation,
        Error::RestrictedXml(OTHER_ENCODING) => StreamCondition::UnsupportedEncoding,
        Error::RestrictedXml(_) | Error::UndeclaredEntity => StreamCondition::RestrictedXml,
        Error::InvalidSyntax(DECLARATION) => StreamCondition::RestrictedXml,
        Error::InvalidUtf8Byte(_) => StreamCondition::UnsupportedEncoding,
        _ => StreamCondition::NotWellFormed,
    };
    StreamError::new(condition).with_text(error.to_string())
}
