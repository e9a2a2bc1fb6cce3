//! The few words of each protocol that the load needs.

use std::io::Write as _;

use memchr::memmem;

/// A body has 64 bytes: 16 digits and these.
const FILLING: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// Writes a message of `number` to an address (XMPP) or a name (the relay), with a body of 64 bytes.
pub(crate) fn message(xmpp: bool, to: &str, number: u64, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _always = if xmpp {
        write!(
            out,
            "<message to='{to}' type='chat' id='{number}'><body>{number:016}{FILLING}</body></message>"
        )
    } else {
        writeln!(out, "{to} {number:016}{FILLING}")
    };
}

/// Something that a server said and that the load has to deal with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A message of this number.
    Message(u64),
    /// A message whose body is not a number.
    Text,
    /// Presence of any kind.
    Presence,
    /// A ping that wants an answer to its id.
    Ping(String),
    /// The answer to a query, or another query.
    Answer,
    /// A question for how many stanzas came (XEP-0198).
    Ask,
    /// Anything else; it does not count as a stanza.
    Other,
}

impl Said {
    /// Whether it counts as a stanza (XEP-0198 §4).
    pub(crate) fn is_stanza(&self) -> bool {
        !matches!(self, Self::Ask | Self::Other)
    }
}

/// Takes the next complete element or line off the front of `input`: what it says, and how long it is.
pub(crate) fn next(xmpp: bool, input: &[u8]) -> Option<(Said, usize)> {
    if !xmpp {
        let end = memchr::memchr(b'\n', input)?;
        let number = memchr::memchr(b' ', &input[..end]).and_then(|space| digits(&input[space + 1..]));
        return Some((number.map_or(Said::Text, Said::Message), end + 1));
    }
    let start = input.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let element = &input[start..];
    let (name, end) = element_end(element)?;
    let whole = &element[..end];
    let said = match name {
        b"message" => memmem::find(whole, b"<body>")
            .and_then(|at| number(&whole[at + 6..]))
            .map_or(Said::Text, Said::Message),
        b"iq" if memmem::find(whole, b"urn:xmpp:ping").is_some() => {
            attribute(whole, b" id=").map_or(Said::Answer, |id| Said::Ping(id.to_owned()))
        }
        b"iq" => Said::Answer,
        b"presence" => Said::Presence,
        b"r" => Said::Ask,
        _ => Said::Other,
    };
    Some((said, start + end))
}

/// The value of an attribute, named with a space before and the equals sign after it, where it first stands.
pub(crate) fn attribute<'a>(element: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let at = memmem::find(element, name)? + name.len();
    let quote = *element.get(at)?;
    let end = memchr::memchr(quote, &element[at + 1..])?;
    std::str::from_utf8(&element[at + 1..at + 1 + end]).ok()
}

/// The number of the person that an element is from, if it is from a person.
pub(crate) fn sender(element: &[u8]) -> Option<usize> {
    attribute(element, b" from=")?.strip_prefix('u')?.split('@').next()?.parse().ok()
}

/// The name of the first element and where it ends. What opens or closes a stream is an element by itself.
fn element_end(input: &[u8]) -> Option<(&[u8], usize)> {
    let mut end = memchr::memchr(b'>', input)? + 1;
    let name_end = input.iter().position(|byte| matches!(byte, b' ' | b'>' | b'/'))?;
    let name = input.get(1..name_end).unwrap_or_default();
    let alone = input.starts_with(b"<?") || name == b"stream:stream" || name.is_empty();
    if alone || input[end - 2] == b'/' {
        return Some((name, end));
    }
    let mut depth = 1_usize;
    while depth > 0 {
        let open = end + memchr::memchr(b'<', &input[end..])?;
        end = open + memchr::memchr(b'>', &input[open..])? + 1;
        if input[open + 1] == b'/' {
            depth -= 1;
        } else if input[end - 2] != b'/' {
            depth += 1;
        }
    }
    Some((name, end))
}

/// The number with which a body begins. A message whose sender is not proven says on a first line who it is from.
fn number(body: &[u8]) -> Option<u64> {
    digits(body).or_else(|| digits(&body[memchr::memchr(b'\n', body)? + 1..]))
}

fn digits(input: &[u8]) -> Option<u64> {
    std::str::from_utf8(input.get(..16)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_taken_apart() {
        let mut sent = Vec::new();
        message(true, "u1@x.internal", 42, &mut sent);
        assert_eq!(next(true, &sent), Some((Said::Message(42), sent.len())));
        assert_eq!(next(true, &sent[..sent.len() - 1]), None);
        let unproven =
            b"<message from='PC1@x'><body>PC1 (Windows):\n0000000000000042 the canteen</body></message>";
        assert_eq!(next(true, unproven), Some((Said::Message(42), unproven.len())));
        let ping =
            b"<iq type='get' id='p1' from='x'><ping xmlns='urn:xmpp:ping'/></iq><r xmlns='urn:xmpp:sm:3'/>";
        let (said, length) = next(true, ping).unwrap();
        assert_eq!(said, Said::Ping("p1".to_owned()));
        assert_eq!(next(true, &ping[length..]).unwrap().0, Said::Ask);
        let mut line = Vec::new();
        message(false, "u1", 7, &mut line);
        assert_eq!(next(false, &line), Some((Said::Message(7), line.len())));
        assert_eq!(next(false, b"* alert\n"), Some((Said::Text, 8)));
    }

    #[test]
    fn a_message_from_the_archive_holds_a_message() {
        let found = b"<message><result><forwarded><message from='a'><body>b</body><x/></message></forwarded></result></message>";
        assert_eq!(next(true, found), Some((Said::Text, found.len())));
        assert_eq!(next(true, &found[..found.len() - 10]), None);
    }

    #[test]
    fn presence_says_whose_it_is() {
        let presence = b" <presence to='u1@x' from=\"u417@x.internal/bench\"><c/></presence>";
        assert_eq!(next(true, presence), Some((Said::Presence, presence.len())));
        assert_eq!(sender(presence), Some(417));
        assert_eq!(sender(b"<presence from='x.internal'/>"), None);
    }
}
