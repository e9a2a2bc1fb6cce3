//! What stands behind `$` in a dialogue.

use std::collections::BTreeMap;

use auth::{
    ChannelBindings,
    ht::{HtMechanism, InitiatorMessage, Token},
};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::DOMAIN;

/// The people of one dialogue and what was captured in it.
#[derive(Clone, Debug)]
pub(super) struct Variables {
    /// Added to each name, so that dialogues which share a service do not meet.
    suffix: String,
    captured: BTreeMap<String, String>,
}

impl Variables {
    pub(super) fn new(suffix: &str) -> Self {
        Self { suffix: suffix.to_owned(), captured: BTreeMap::new() }
    }

    /// The name that a person of this dialogue has on the service.
    pub(super) fn name(&self, person: &str) -> String {
        format!("{person}{}", self.suffix)
    }

    /// The bare address of a person.
    pub(super) fn address(&self, person: &str) -> String {
        format!("{}@{DOMAIN}", self.name(person))
    }

    pub(super) fn password(&self, person: &str) -> String {
        format!("password of {}", self.name(person))
    }

    pub(super) fn capture(&mut self, name: &str, value: &str) {
        self.captured.insert(name.to_owned(), value.to_owned());
    }

    /// Replaces what stands behind each `$`:
    ///
    /// - `$domain`; `$alice`, her bare address; `$alice.name`, in capitals `$alice.NAME`, `$alice.password`
    /// - `$sent`, `$received`: how many stanzas were sent and received since they are counted
    /// - `$anything` that was captured by `$anything:=`, which itself stays as it is
    /// - `$base64{text}` with `\0` for a zero byte, `$repeat{number|text}`, and `$ht{name|token}`: what a client sends
    ///   that signs in with a token (HT-SHA-256-NONE)
    ///
    /// An error says what is none of these.
    pub(super) fn fill(&self, text: &str, sent: u32, received: u32) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let end = after.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            rest = behind;
            match name {
                "" => filled.push('$'),
                _ if behind.starts_with(":=") => filled.push_str(&format!("${name}")),
                "domain" => filled.push_str(DOMAIN),
                "sent" => filled.push_str(&sent.to_string()),
                "received" => filled.push_str(&received.to_string()),
                "base64" | "repeat" | "ht" => {
                    let (argument, behind) = argument(name, behind)?;
                    rest = behind;
                    let argument = self.fill(argument, sent, received)?;
                    filled.push_str(&match name {
                        "base64" => base64(&argument),
                        "ht" => ht(&argument)?,
                        _ => repeat(&argument)?,
                    });
                }
                name => match self.captured.get(name) {
                    Some(value) => filled.push_str(value),
                    // It is captured where this is compared with what comes.
                    None if text.contains(&format!("${name}:=")) => filled.push_str(&format!("${name}")),
                    None => rest = self.person(name, behind, &mut filled),
                },
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn person<'a>(&self, name: &str, behind: &'a str, filled: &mut String) -> &'a str {
        if let Some(behind) = behind.strip_prefix(".name") {
            filled.push_str(&self.name(name));
            return behind;
        }
        if let Some(behind) = behind.strip_prefix(".NAME") {
            filled.push_str(&self.name(name).to_uppercase());
            return behind;
        }
        if let Some(behind) = behind.strip_prefix(".password") {
            filled.push_str(&self.password(name));
            return behind;
        }
        filled.push_str(&self.address(name));
        behind
    }
}

/// What stands between the braces, and what follows them. Braces nest.
fn argument<'a>(name: &str, behind: &'a str) -> Result<(&'a str, &'a str), String> {
    let inside = behind.strip_prefix('{').ok_or(format!("${name} wants braces"))?;
    let mut depth = 1;
    for (position, letter) in inside.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&inside[..position], &inside[position + 1..]));
        }
    }
    Err(format!("${name} has no end"))
}

fn base64(text: &str) -> String {
    BASE64_STANDARD.encode(text.replace("\\0", "\0"))
}

fn repeat(argument: &str) -> Result<String, String> {
    let (number, text) = argument.split_once('|').ok_or("expected $repeat{number|text}")?;
    let number: usize = number.parse().map_err(|_| format!("no number: {number}"))?;
    Ok(text.repeat(number))
}

fn ht(argument: &str) -> Result<String, String> {
    let (name, token) = argument.split_once('|').ok_or("expected $ht{name|token}")?;
    let token = Token::from_text(token);
    let message = InitiatorMessage::make(name, &token, HtMechanism::None, &ChannelBindings::default());
    Ok(BASE64_STANDARD.encode(message.ok_or("this mechanism binds to nothing")?))
}

/// What escapes in raw bytes mean: `\n`, `\r`, `\t`, `\\` and `\x00` to `\xff`.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'\\') => b'\\',
            Some(b'x') => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = String::from_utf8_lossy(&digits).into_owned();
                u8::from_str_radix(&digits, 16).map_err(|_| format!("no byte: \\x{digits}"))?
            }
            _ => return Err("expected \\n, \\r, \\t, \\\\ or \\x and two digits".to_owned()),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        let mut variables = Variables::new("-7");
        variables.capture("id", "x1");
        variables.fill(text, 3, 4).unwrap()
    }

    #[test]
    fn people_captures_and_counts_are_filled_in() {
        assert_eq!(filled("to='$bob/desk' id='$id'"), "to='bob-7@office.internal/desk' id='x1'");
        assert_eq!(filled("$alice.name $domain $sent $received"), "alice-7 office.internal 3 4");
        assert_eq!(filled("id='$other:='"), "id='$other:='");
    }

    #[test]
    fn functions_take_what_stands_in_braces() {
        assert_eq!(filled("$repeat{3|ab}$base64{\\0a\\0b}"), "abababAGEAYg==");
        assert!(Variables::new("").fill("$repeat{x|y}", 0, 0).is_err());
        assert!(Variables::new("").fill("$base64{x", 0, 0).is_err());
    }

    #[test]
    fn raw_bytes_can_be_any() {
        assert_eq!(unescape("a\\xff\\n\\\\").unwrap(), b"a\xff\n\\");
        assert!(unescape("\\q").is_err());
    }
}
