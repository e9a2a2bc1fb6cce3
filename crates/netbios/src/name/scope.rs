//! Names with their scope, as the name and datagram services write them (RFC 1001 §9, §14.2; RFC 1002 §4.1).

use std::fmt;

use thiserror::Error;

use super::{ENCODED_BYTES, ENCODED_BYTES_MAX, LETTERS, Name, NameDecodeError};

/// The two upper bits of a length byte that say that it is a pointer.
const POINTER: u8 = 0xc0;
const LABEL_BYTES_MAX: usize = 63;

/// Which names can see each other: those in the same scope. Nearly everybody uses none.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Scope {
    /// The labels with their length bytes, without the root.
    labels: Vec<u8>,
}

/// Why a text is no scope.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected a scope of labels with 1 to 63 letters, digits or hyphens and 221 bytes in all, got {0:?}")]
pub struct ScopeError(pub String);

/// A name and the scope it belongs to.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopedName {
    /// The name.
    pub name: Name,
    /// Its scope.
    pub scope: Scope,
}

impl Scope {
    /// No scope.
    pub const NONE: Self = Self { labels: Vec::new() };

    /// The scope that is written so, like `OFFICE.EXAMPLE`; the empty text is none.
    pub fn new(text: &str) -> Result<Self, ScopeError> {
        let mut labels = Vec::new();
        for label in text.split('.').filter(|_| !text.is_empty()) {
            let spelled =
                label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            if label.is_empty() || label.len() > LABEL_BYTES_MAX || !spelled {
                return Err(ScopeError(text.to_owned()));
            }
            labels.push(label.len() as u8);
            labels.extend(label.bytes());
        }
        if ENCODED_BYTES + labels.len() > ENCODED_BYTES_MAX {
            return Err(ScopeError(text.to_owned()));
        }
        Ok(Self { labels })
    }

    /// Whether it is the same scope; upper and lower case of ASCII do not matter (RFC 883).
    pub fn is_same(&self, other: &Self) -> bool {
        self.labels.eq_ignore_ascii_case(&other.labels)
    }
}

impl ScopedName {
    /// The name that stands at `start` of a packet, and where it ends. A pointer may lead to what came earlier in
    /// the packet.
    pub fn decode(packet: &[u8], start: usize) -> Result<(Self, usize), NameDecodeError> {
        let mut name = None;
        let mut labels = Vec::new();
        let mut position = start;
        // Each pointer must lead to before the last one, so that they come to an end.
        let mut before = start;
        let mut end = None;
        loop {
            let rest = packet.get(position..).unwrap_or_default();
            let (&length, rest) = rest.split_first().ok_or(NameDecodeError::Truncated)?;
            match length {
                0 => {
                    end.get_or_insert(position + 1);
                    break;
                }
                POINTER..=u8::MAX => {
                    let low = rest.first().ok_or(NameDecodeError::Truncated)?;
                    let target = usize::from(u16::from_be_bytes([length & !POINTER, *low]));
                    if target >= before {
                        return Err(NameDecodeError::PointerTarget(target));
                    }
                    end.get_or_insert(position + 2);
                    (before, position) = (target, target);
                }
                1..=63 => {
                    let label = rest.get(..usize::from(length)).ok_or(NameDecodeError::Truncated)?;
                    position += 1 + label.len();
                    if name.is_some() {
                        labels.push(length);
                        labels.extend(label);
                    } else if label.len() == LETTERS {
                        name = Some(Name::from_letters(label)?);
                    } else {
                        return Err(NameDecodeError::LabelLength(length));
                    }
                    if ENCODED_BYTES + labels.len() > ENCODED_BYTES_MAX {
                        return Err(NameDecodeError::TooLong);
                    }
                }
                _ => return Err(NameDecodeError::LabelLength(length)),
            }
        }
        let name = name.ok_or(NameDecodeError::LabelLength(0))?;
        Ok((Self { name, scope: Scope { labels } }, end.unwrap_or(position)))
    }

    /// Appends the name without any pointer.
    pub fn encode_to(&self, packet: &mut Vec<u8>) {
        packet.extend(&self.name.encode()[..=LETTERS]);
        packet.extend(&self.scope.labels);
        packet.push(0);
    }

    /// Whether it is the same name in the same scope.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.scope.is_same(&other.scope)
    }
}

impl From<Name> for ScopedName {
    fn from(name: Name) -> Self {
        Self { name, scope: Scope::NONE }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.labels.as_slice();
        let mut dot = "";
        while let Some((&length, following)) = rest.split_first() {
            let (label, following) = following.split_at(usize::from(length).min(following.len()));
            write!(formatter, "{dot}{}", label.escape_ascii())?;
            (rest, dot) = (following, ".");
        }
        Ok(())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Debug for ScopedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.name)?;
        if self.scope == Scope::NONE { Ok(()) } else { write!(formatter, ".{}", self.scope) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> ScopedName {
        ScopedName { name: Name::SMB_SERVER, scope: Scope::new("OFFICE.EXAMPLE").unwrap() }
    }

    fn encoded(name: &ScopedName) -> Vec<u8> {
        let mut bytes = Vec::new();
        name.encode_to(&mut bytes);
        bytes
    }

    #[test]
    fn a_scope_is_kept() {
        let bytes = encoded(&office());
        assert!(bytes.ends_with(b"\x06OFFICE\x07EXAMPLE\0"));
        assert_eq!(ScopedName::decode(&bytes, 0), Ok((office(), bytes.len())));
        assert_eq!(format!("{:?}", office()), "*SMBSERVER<20>.OFFICE.EXAMPLE");
        assert!(office().scope.is_same(&Scope::new("office.example").unwrap()));
        assert!(!office().is_same(&Name::SMB_SERVER.into()));
    }

    #[test]
    fn pointers_lead_to_whole_names_and_to_scopes() {
        let mut packet = encoded(&office());
        let whole = packet.len();
        packet.extend(b"\xc0\x00");
        let scope = packet.len();
        packet.extend(&Name::ANY.encode()[..33]);
        packet.extend(b"\xc0\x21rest");
        assert_eq!(ScopedName::decode(&packet, whole), Ok((office(), whole + 2)));
        let any = ScopedName { name: Name::ANY, ..office() };
        assert_eq!(ScopedName::decode(&packet, scope), Ok((any, packet.len() - 4)));
    }

    #[test]
    fn pointers_that_lead_forwards_or_in_circles_are_refused() {
        let refusal = |packet: &[u8], start| ScopedName::decode(packet, start).unwrap_err();
        assert_eq!(refusal(b"\xc0\x00", 0), NameDecodeError::PointerTarget(0));
        assert_eq!(refusal(b"\xc0\x02\xc0\x00", 0), NameDecodeError::PointerTarget(2));
        assert_eq!(refusal(b"\xc0\x02\xc0\x00", 2), NameDecodeError::PointerTarget(2));
        assert_eq!(refusal(b"\xc0", 0), NameDecodeError::Truncated);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let whole = encoded(&office());
        for length in 0..whole.len() {
            assert_eq!(ScopedName::decode(&whole[..length], 0), Err(NameDecodeError::Truncated));
        }
        assert_eq!(ScopedName::decode(&whole, whole.len() + 9), Err(NameDecodeError::Truncated));
        assert_eq!(ScopedName::decode(b"\0", 0), Err(NameDecodeError::LabelLength(0)));
        assert_eq!(ScopedName::decode(b"\x01A\0", 0), Err(NameDecodeError::LabelLength(1)));
        assert_eq!(ScopedName::decode(b"\x80", 0), Err(NameDecodeError::LabelLength(0x80)));
        let long = [&Name::ANY.encode()[..33], &[&[63][..], &[b'A'; 63]].concat().repeat(4), &[0]].concat();
        assert_eq!(ScopedName::decode(&long, 0), Err(NameDecodeError::TooLong));
    }

    #[test]
    fn texts_that_are_no_scopes_are_refused() {
        assert_eq!(Scope::new(""), Ok(Scope::NONE));
        for text in [".", "A..B", "A B", "ÄÖ", &"A".repeat(64), &["A"; 120].join(".")] {
            assert_eq!(Scope::new(text), Err(ScopeError(text.to_owned())));
        }
        assert!(Scope::new(&"A".repeat(63)).is_ok());
    }
}
