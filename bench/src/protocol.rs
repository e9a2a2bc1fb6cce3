//! The few words of each protocol that the load needs.

use memchr::memmem;

/// A message of `number` to a person, with a body of 64 bytes.
pub(crate) fn message(xmpp: bool, domain: &str, to: &str, number: u64, out: &mut Vec<u8>) {
    let body = format!("{number:016}{}", "x".repeat(48));
    let text = if xmpp {
        format!("<message to='{to}@{domain}' type='chat' id='{number}'><body>{body}</body></message>")
    } else {
        format!("{to} {body}\n")
    };
    out.extend_from_slice(text.as_bytes());
}

/// Something that a server said and that the load has to deal with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A message of this number.
    Message(u64),
    /// A ping that wants an answer to its id.
    Ping(String),
    /// A question for how many stanzas came (XEP-0198).
    Ask,
    /// Anything else that counts as a stanza.
    Stanza,
    /// Anything else that does not.
    Other,
}

/// Takes the next complete element or line off the front of `input`: what it says, and how long it is.
pub(crate) fn next(xmpp: bool, input: &[u8]) -> Option<(Said, usize)> {
    if !xmpp {
        let end = memchr::memchr(b'\n', input)?;
        let number =
            input[..end].iter().position(|byte| *byte == b' ').and_then(|space| digits(&input[space + 1..]));
        return Some((number.map_or(Said::Other, Said::Message), end + 1));
    }
    let start = input.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let element = &input[start..];
    let (name, end) = element_end(element)?;
    let whole = &element[..end];
    let said = match name {
        b"message" => memmem::find(whole, b"<body>")
            .and_then(|at| digits(&whole[at + 6..]))
            .map_or(Said::Stanza, Said::Message),
        b"iq" if memmem::find(whole, b"urn:xmpp:ping").is_some() => {
            attribute(whole, b" id=").map_or(Said::Stanza, Said::Ping)
        }
        b"iq" | b"presence" => Said::Stanza,
        b"r" => Said::Ask,
        _ => Said::Other,
    };
    Some((said, start + end))
}

/// The name of the first element and where it ends. The load's servers nest no element in one of its own name.
fn element_end(input: &[u8]) -> Option<(&[u8], usize)> {
    let tag_end = memchr::memchr(b'>', input)?;
    let name_end = input.iter().position(|byte| matches!(byte, b' ' | b'>' | b'/'))?;
    let name = input.get(1..name_end.max(1)).unwrap_or_default();
    if input[tag_end - 1] == b'/' || input.starts_with(b"<?") || name == b"stream:stream" || name.is_empty() {
        return Some((name, tag_end + 1));
    }
    let close = [b"</", name, b">"].concat();
    let at = memmem::find(&input[tag_end..], &close)?;
    Some((name, tag_end + at + close.len()))
}

fn attribute(element: &[u8], name: &[u8]) -> Option<String> {
    let at = memmem::find(element, name)? + name.len();
    let quote = *element.get(at)?;
    let end = memchr::memchr(quote, &element[at + 1..])?;
    String::from_utf8(element[at + 1..at + 1 + end].to_vec()).ok()
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
        message(true, "x.internal", "u1", 42, &mut sent);
        assert_eq!(next(true, &sent), Some((Said::Message(42), sent.len())));
        assert_eq!(next(true, &sent[..sent.len() - 1]), None);
        let ping =
            b"<iq type='get' id='p1' from='x'><ping xmlns='urn:xmpp:ping'/></iq><r xmlns='urn:xmpp:sm:3'/>";
        let (said, length) = next(true, ping).unwrap();
        assert_eq!(said, Said::Ping("p1".to_owned()));
        assert_eq!(next(true, &ping[length..]).unwrap().0, Said::Ask);
        let mut line = Vec::new();
        message(false, "", "u1", 7, &mut line);
        assert_eq!(next(false, &line), Some((Said::Message(7), line.len())));
    }
}
