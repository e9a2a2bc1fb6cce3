//! Bytes, names, values and texts: the grammar below elements.

/// The predefined references, without their `&` (XML 1.0 §4.6).
pub(super) const REFERENCES: [(&str, char); 5] =
    [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("apos;", '\'')];

/// How long a value is at most; the parser's limit on tokens is far above it.
const VALUE_BYTES_MAX: usize = 1023;
/// How long a name is at most.
const NAME_BYTES_MAX: usize = 64;

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// How much is scanned at most, so that a [`Span`] stays small.
pub(super) const BYTES_MAX: usize = u32::MAX as usize;

/// A place in what is scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Places are at most [`BYTES_MAX`].
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }
}

/// Character data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    pub(super) span: Span,
    pub(super) has_references: bool,
}

impl Text {
    pub(super) fn is_empty(self) -> bool {
        self.span.start == self.span.end
    }
}

/// Reads forward through the bytes. Everything it yields is well-formed, but for what only the whole can show:
/// that it is UTF-8 and holds neither U+FFFE nor U+FFFF.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn get(&self, span: Span) -> &'a [u8] {
        self.bytes.get(span.start()..span.end()).unwrap_or_default()
    }

    /// The next byte, which stays the next one.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether `</` is next.
    pub(super) fn is_at_end_tag(&self) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"</"))
    }

    /// Moves behind `expected`, if it is next.
    pub(super) fn expect(&mut self, expected: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(expected).then(|| self.at += expected.len())
    }

    /// A name of ASCII letters, digits, `-`, `.` and `_` (XML 1.0 §2.3 holds more).
    pub(super) fn name(&mut self) -> Option<Span> {
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        if !rest.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_') {
            return None;
        }
        let length = rest.iter().position(|byte| !IS_NAME[usize::from(*byte)])?;
        self.at += length;
        (length <= NAME_BYTES_MAX).then_some(Span::new(start, self.at))
    }

    /// `=`, then a value in quotes without references or anything that the parser would normalise.
    pub(super) fn value(&mut self) -> Option<Span> {
        let quote = match self.bytes.get(self.at..self.at + 2)? {
            b"='" => b'\'',
            b"=\"" => b'"',
            _ => return None,
        };
        let start = self.at + 2;
        let end = self.plain_up_to(start, quote)?;
        self.at = end + 1;
        (self.bytes[end] == quote && end - start <= VALUE_BYTES_MAX).then_some(Span::new(start, end))
    }

    /// Character data up to the next `<`.
    pub(super) fn text(&mut self) -> Option<Text> {
        let start = self.at;
        let mut has_references = false;
        loop {
            self.at = self.plain_up_to(self.at, b'<')?;
            match self.bytes[self.at] {
                b'<' => return Some(Text { span: Span::new(start, self.at), has_references }),
                b'\n' | b'\t' => self.at += 1,
                b'&' => {
                    has_references = true;
                    self.at += 1;
                    REFERENCES.iter().find_map(|(name, _)| self.expect(name.as_bytes()))?;
                }
                _ => return None,
            }
        }
    }

    /// Where the next `end`, `<`, `>`, `&` or control character is, from `at` on.
    fn plain_up_to(&self, mut at: usize, end: u8) -> Option<usize> {
        while let Some(word) = self.bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
            let found = special_bytes(u64::from_le_bytes(word), end);
            if found != 0 {
                return Some(at + found.trailing_zeros() as usize / 8);
            }
            at += 8;
        }
        let rest = self.bytes.get(at..)?;
        let is_special = |byte: &u8| *byte < b' ' || matches!(*byte, b'<' | b'>' | b'&') || *byte == end;
        rest.iter().position(is_special).map(|length| at + length)
    }
}

/// The high bit of each byte that is `end`, `<`, `>`, `&` or a control character. Bits above the lowest may be
/// wrong, because subtraction borrows; the lowest never is.
fn special_bytes(word: u64, end: u8) -> u64 {
    let equal = |word: u64, byte: u8| {
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference
    };
    let control = word.wrapping_sub(ONES * u64::from(b' ')) & !word;
    // `<` and `>` differ in one bit.
    let angle = equal(word | (ONES * u64::from(b'<' ^ b'>')), b'<' | b'>');
    (control | angle | equal(word, b'&') | equal(word, end)) & HIGH_BITS
}

/// Which bytes a name may have after its first.
static IS_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric() || matches!(character, b'-' | b'.' | b'_');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_bytes_are_found_wherever_they_are() {
        for end in [b'<', b'\'', b'"'] {
            for special in 0..=u8::MAX {
                let is_special = special < b' ' || matches!(special, b'<' | b'>' | b'&') || special == end;
                for filler in [b' ', b'=', b'?', b'%', b'~', 0x7F, 0x80, 0xFF] {
                    for at in 0..20 {
                        let mut bytes = [filler; 20];
                        bytes[at] = special;
                        let found = Cursor::new(&bytes).plain_up_to(0, end);
                        assert_eq!(found, is_special.then_some(at), "{special:#x} {filler:#x} {at}");
                    }
                }
            }
        }
    }
}
