//! NetBIOS names and their first-level encoding (RFC 1001 §14.1, RFC 1002 §4.1).

mod scope;

use std::fmt;

use thiserror::Error;

use crate::code_page::{CodePage, composed};

pub use scope::{Scope, ScopeError, ScopedName};

/// The text of a name is at most this many bytes in the OEM code page.
pub const TEXT_BYTES_MAX: usize = 15;

/// Length of an encoded name without scope: length byte, 32 letters, root label.
pub const ENCODED_BYTES: usize = 34;

/// Longest encoded name with scope (RFC 1002 §4.1: names follow RFC 883 and have at most 255 bytes).
pub const ENCODED_BYTES_MAX: usize = 255;

const LETTERS: usize = 32;

/// The kind of service that a name stands for: its sixteenth byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Suffix(pub u8);

impl Suffix {
    /// A computer, `<00>`.
    pub const WORKSTATION: Self = Self(0x00);
    /// Whoever receives messages under the name: a computer, a signed-in user or an alias, `<03>`.
    pub const MESSENGER: Self = Self(0x03);
    /// A file server, `<20>`.
    pub const SERVER: Self = Self(0x20);
}

/// A NetBIOS name: 15 bytes of upper-case OEM text, padded with spaces, and a suffix.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    bytes: [u8; 16],
}

/// Why a text is no NetBIOS name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing but spaces.
    #[error("expected a name of 1 to {TEXT_BYTES_MAX} bytes, got an empty one")]
    Empty,
    /// More bytes than a name holds.
    #[error("expected a name of at most {TEXT_BYTES_MAX} bytes, got {0}")]
    TooLong(usize),
    /// A character that the code page lacks, or a control character.
    #[error("expected a name that the code page can spell, got {0:?}")]
    Character(char),
}

/// Why bytes are no first-level encoded name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameDecodeError {
    /// The bytes end before the name does.
    #[error("expected an encoded name, got only the beginning of one")]
    Truncated,
    /// The first label is not the 32 letters of a NetBIOS name.
    #[error("expected a label of {LETTERS} letters, got one of {0}")]
    LabelLength(u8),
    /// A pointer, which only packets of the name and datagram services may hold.
    #[error("expected a label, got a pointer")]
    Pointer,
    /// A byte that is no letter from `A` to `P`.
    #[error("expected a letter from A to P, got byte {0:#04x}")]
    Letter(u8),
    /// A pointer to bytes that do not come before it.
    #[error("expected a pointer to an earlier name, got one to offset {0}")]
    PointerTarget(usize),
    /// Name and scope are longer than 255 bytes.
    #[error("expected at most {ENCODED_BYTES_MAX} bytes of name and scope, got more")]
    TooLong,
}

impl Name {
    /// Whoever hears it: the name that queries for anybody, and for the names of a node, ask for. It is padded with
    /// NUL, belongs to nobody and cannot be registered.
    pub const ANY: Self = Self { bytes: *b"*\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" };

    /// The name of no server in particular: whoever listens at the address (`*SMBSERVER<20>`).
    pub const SMB_SERVER: Self = Self { bytes: *b"*SMBSERVER      " };

    /// The name with this text, upper-cased where the code page has the upper-case letter. Spaces at the end do not
    /// count.
    pub fn new(text: &str, suffix: Suffix, code_page: CodePage) -> Result<Self, NameError> {
        let mut encoded = Vec::with_capacity(TEXT_BYTES_MAX);
        for character in composed(text.trim_end_matches(' ')) {
            if !push_upper_case(character, code_page, &mut encoded) {
                return Err(NameError::Character(character));
            }
        }
        if encoded.is_empty() {
            return Err(NameError::Empty);
        }
        let mut bytes = [b' '; 16];
        let text =
            bytes[..TEXT_BYTES_MAX].get_mut(..encoded.len()).ok_or(NameError::TooLong(encoded.len()))?;
        text.copy_from_slice(&encoded);
        bytes[TEXT_BYTES_MAX] = suffix.0;
        Ok(Self { bytes })
    }

    /// The name as it stands in memory: 15 padded bytes and the suffix.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes }
    }

    /// The 15 padded bytes and the suffix.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// The text in the code page without its padding of spaces or, as in `*`, NULs.
    pub fn text_bytes(&self) -> &[u8] {
        let text = &self.bytes[..TEXT_BYTES_MAX];
        let end = text.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
        &text[..end]
    }

    /// The text without its padding, for people.
    pub fn text(&self, code_page: CodePage) -> String {
        code_page.characters(self.text_bytes())
    }

    /// What the name stands for.
    pub fn suffix(&self) -> Suffix {
        Suffix(self.bytes[TEXT_BYTES_MAX])
    }

    /// First-level encoding without scope (RFC 1001 §14.1).
    pub fn encode(&self) -> [u8; ENCODED_BYTES] {
        let mut encoded = [0; ENCODED_BYTES];
        encoded[0] = 0x20;
        for (letters, byte) in encoded[1..=LETTERS].chunks_exact_mut(2).zip(self.bytes) {
            letters[0] = b'A' + (byte >> 4);
            letters[1] = b'A' + (byte & 0x0f);
        }
        encoded
    }

    /// The name that `bytes` begin with, and the bytes after it. A scope is skipped (RFC 1002 §4.1).
    pub fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), NameDecodeError> {
        let (&length, rest) = bytes.split_first().ok_or(NameDecodeError::Truncated)?;
        let length = label_length(length)?;
        if length != LETTERS {
            return Err(NameDecodeError::LabelLength(bytes[0]));
        }
        let (letters, rest) = rest.split_at_checked(LETTERS).ok_or(NameDecodeError::Truncated)?;
        let name = Self::from_letters(letters)?;
        let rest = skip_scope(rest, ENCODED_BYTES_MAX - 1 - LETTERS)?;
        Ok((name, rest))
    }

    /// The name in the 32 letters of its label.
    fn from_letters(letters: &[u8]) -> Result<Self, NameDecodeError> {
        let mut name = Self { bytes: [0; 16] };
        for (byte, pair) in name.bytes.iter_mut().zip(letters.chunks_exact(2)) {
            *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
        }
        Ok(name)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}<{:02X}>", self.text_bytes().escape_ascii(), self.suffix().0)
    }
}

/// Appends a character in upper case, or as it is where the page has no upper case of it; whether it can.
fn push_upper_case(character: char, code_page: CodePage, bytes: &mut Vec<u8>) -> bool {
    if character.is_control() {
        return false;
    }
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => code_page.push(single, bytes) || code_page.push(character, bytes),
        _ => code_page.push(character, bytes),
    }
}

fn skip_scope(mut bytes: &[u8], mut left: usize) -> Result<&[u8], NameDecodeError> {
    loop {
        let (&length, rest) = bytes.split_first().ok_or(NameDecodeError::Truncated)?;
        let length = label_length(length)?;
        left = left.checked_sub(1 + length).ok_or(NameDecodeError::TooLong)?;
        bytes = rest.get(length..).ok_or(NameDecodeError::Truncated)?;
        if length == 0 {
            return Ok(bytes);
        }
    }
}

fn label_length(byte: u8) -> Result<usize, NameDecodeError> {
    match byte {
        0..=63 => Ok(usize::from(byte)),
        0xc0..=0xff => Err(NameDecodeError::Pointer),
        _ => Err(NameDecodeError::LabelLength(byte)),
    }
}

fn nibble(letter: u8) -> Result<u8, NameDecodeError> {
    match letter {
        b'A'..=b'P' => Ok(letter - b'A'),
        _ => Err(NameDecodeError::Letter(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: CodePage = CodePage::DEFAULT;

    #[test]
    fn the_golden_name_is_encoded_as_captured() {
        let name = Name::new("srv2", Suffix::MESSENGER, PAGE).unwrap();
        assert_eq!(&name.encode(), b"\x20FDFCFGDCCACACACACACACACACACACAAD\0");
        assert_eq!(Name::decode(&name.encode()), Ok((name, &[][..])));
        assert_eq!(format!("{name:?}"), "SRV2<03>");
    }

    #[test]
    fn letters_of_the_code_page_are_upper_cased() {
        let name = Name::new("jürgen straße", Suffix::MESSENGER, PAGE).unwrap();
        assert_eq!(name.text(PAGE), "JÜRGEN STRAßE");
        assert_eq!(name.text_bytes(), b"J\x9aRGEN STRA\xe1E");
        assert_eq!(Name::new("ju\u{308}rgen straße", Suffix::MESSENGER, PAGE), Ok(name));
    }

    #[test]
    fn the_wildcard_is_padded_with_nul() {
        let name = Name::ANY;
        assert!(name.encode().starts_with(b"\x20CKAAAA"));
        assert_eq!(name.text(PAGE), "*");
    }

    #[test]
    fn the_server_name_for_every_server_has_the_server_suffix() {
        assert_eq!(Name::SMB_SERVER, Name::new("*SMBSERVER", Suffix::SERVER, PAGE).unwrap());
    }

    #[test]
    fn texts_that_are_no_names_are_refused() {
        let refusal = |text| Name::new(text, Suffix::MESSENGER, PAGE).unwrap_err();
        assert_eq!(refusal(""), NameError::Empty);
        assert_eq!(refusal("   "), NameError::Empty);
        assert_eq!(refusal("SIXTEEN-LETTERS!"), NameError::TooLong(16));
        assert_eq!(refusal("日本"), NameError::Character('日'));
        assert_eq!(refusal("A\0"), NameError::Character('\0'));
    }

    #[test]
    fn a_scope_is_skipped_and_the_rest_handed_back() {
        let mut bytes = Name::SMB_SERVER.encode()[..33].to_vec();
        bytes.extend(b"\x07NETBIOS\x03COM\0rest");
        assert_eq!(Name::decode(&bytes), Ok((Name::SMB_SERVER, &b"rest"[..])));
    }

    #[test]
    fn bytes_that_are_no_names_are_refused() {
        let mut pointer = Name::SMB_SERVER.encode();
        pointer[33] = 0xc0;
        assert_eq!(Name::decode(&pointer), Err(NameDecodeError::Pointer));
        assert_eq!(Name::decode(b"\xc0\x0c"), Err(NameDecodeError::Pointer));
        assert_eq!(Name::decode(b"\x1fAAAA"), Err(NameDecodeError::LabelLength(0x1f)));
        assert_eq!(Name::decode(&[0x80]), Err(NameDecodeError::LabelLength(0x80)));
        let mut letter = Name::SMB_SERVER.encode();
        letter[5] = b'Q';
        assert_eq!(Name::decode(&letter), Err(NameDecodeError::Letter(b'Q')));
        for length in 0..ENCODED_BYTES {
            assert_eq!(Name::decode(&Name::SMB_SERVER.encode()[..length]), Err(NameDecodeError::Truncated));
        }
    }

    #[test]
    fn a_scope_longer_than_any_name_is_refused() {
        let mut bytes = Name::SMB_SERVER.encode()[..33].to_vec();
        for _ in 0..4 {
            bytes.push(63);
            bytes.extend([b'A'; 63]);
        }
        bytes.push(0);
        assert_eq!(Name::decode(&bytes), Err(NameDecodeError::TooLong));
    }
}
