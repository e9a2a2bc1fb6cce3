//! The code pages of East Asia, in which many characters are two bytes: a leading one beyond ASCII, and a trailing one
//! that is never below 0x40.
//!
//! What browsers call `shift_jis` and `euc-kr` is what Windows calls 932, with the rows of NEC and IBM, and 949. `gbk`
//! and `big5` hold a few characters that 936 and 950 lack.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS};

/// A page that has characters of two bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct DoubleByte {
    encoding: &'static Encoding,
    /// Whether a byte is the first of two.
    is_leading: fn(u8) -> bool,
}

/// A byte that is nothing in any of these pages.
const NOTHING: u8 = 0xff;
const TRAILING_MIN: u8 = 0x40;

impl DoubleByte {
    /// The page of that number, if it is one of these.
    pub(super) fn new(number: u16) -> Option<Self> {
        // In 932 the letters of half the width, one byte each, are between the leading bytes.
        let japanese: fn(u8) -> bool = |byte| matches!(byte, 0x81..=0x9f | 0xe0..=0xfc);
        let other: fn(u8) -> bool = |byte| matches!(byte, 0x81..=0xfe);
        let (encoding, is_leading) = match number {
            932 => (SHIFT_JIS, japanese),
            936 => (GBK, other),
            949 => (EUC_KR, other),
            950 => (BIG5, other),
            _ => return None,
        };
        Some(Self { encoding, is_leading })
    }

    /// The bytes as text. What is no character becomes U+FFFD, and ASCII that follows half of one is not lost.
    pub(super) fn characters(self, bytes: &[u8]) -> String {
        // `gbk` has characters of four bytes as well, with digits in them, which the page has not.
        let mut bytes = bytes.to_vec();
        let mut place = 0;
        while let Some(byte) = bytes.get(place).copied() {
            let length = self.length(byte);
            if length == 2 && bytes.get(place + 1).is_none_or(|trailing| *trailing < TRAILING_MIN) {
                bytes[place] = NOTHING;
                place += 1;
            } else {
                place += length;
            }
        }
        self.encoding.decode_without_bom_handling(&bytes).0.into_owned()
    }

    /// Appends the bytes of a character, if the page has it.
    pub(super) fn push(self, character: char, bytes: &mut Vec<u8>) -> bool {
        let mut buffer = [0; 4];
        let (encoded, _, lacks) = self.encoding.encode(character.encode_utf8(&mut buffer));
        if !lacks {
            bytes.extend_from_slice(&encoded);
        }
        !lacks
    }

    /// How many of the first bytes are whole characters.
    pub(super) fn whole_characters(self, bytes: &[u8]) -> usize {
        let mut end = 0;
        while let Some(next) = bytes.get(end).map(|byte| end + self.length(*byte))
            && next <= bytes.len()
        {
            end = next;
        }
        end
    }

    fn length(self, byte: u8) -> usize {
        if (self.is_leading)(byte) { 2 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use crate::code_page::{CodePage, Encoded};
    use crate::name::{Name, NameError, Suffix};

    fn page(number: u16) -> CodePage {
        CodePage::new(number).unwrap()
    }

    #[test]
    fn texts_are_written_as_windows_writes_them_and_read_again() {
        for (number, text, bytes) in [
            (932, "日本語ｶﾅ\\", &b"\x93\xfa\x96\x7b\x8c\xea\xb6\xc5\\"[..]),
            // A row of NEC, and one of IBM.
            (932, "①㈱髙", b"\x87\x40\x87\x8a\xfb\xfc"),
            (936, "中文", b"\xd6\xd0\xce\xc4"),
            (949, "한국어똠", b"\xc7\xd1\xb1\xb9\xbe\xee\x8c\x63"),
            (950, "繁體", b"\xc1\x63\xc5\xe9"),
            // Normalization would make another character of these.
            (932, "\u{fa1e}", b"\xfb\x92"),
            (949, "\u{f900}", b"\xcb\xd0"),
        ] {
            let encoded = page(number).encode(text);
            assert_eq!(encoded, Encoded { bytes: bytes.to_vec(), replaced: vec![] }, "{number}");
            assert_eq!(page(number).decode(bytes), text, "{number}");
        }
        // The rows of NEC that IBM repeats are read.
        assert_eq!(page(932).decode(b"\xed\x40"), "纊");
    }

    #[test]
    fn every_character_of_two_bytes_survives_and_none_is_a_line_end() {
        for number in [932, 936, 949, 950] {
            let page = page(number);
            for (leading, trailing) in
                (0x81..=0xfe).flat_map(|leading| (0..=0xff).map(move |low| (leading, low)))
            {
                let text = page.characters(&[leading, trailing]);
                let mut characters = text.chars();
                let (Some(character), None) = (characters.next(), characters.next()) else { continue };
                assert!(trailing >= 0x40, "{number}: {leading:#x} {trailing:#x}");
                let mut bytes = Vec::new();
                if page.push(character, &mut bytes) {
                    assert_eq!(page.characters(&bytes), text, "{number}");
                    assert_eq!(page.whole_characters(&bytes, 9), bytes.len(), "{number}");
                }
            }
            assert_eq!(page.decode(b"a\x14b\x93\x14c"), "a\nb\u{fffd}\nc");
        }
    }

    #[test]
    fn a_character_that_two_blocks_share_is_whole_again() {
        assert_eq!(page(932).decode_blocks(&[b"\x93\xfa\x96", b"\x7b\x14", b"abc"]), "日本\nabc");
    }

    #[test]
    fn utf_8_is_told_from_a_page_of_double_bytes_by_characters_of_three_bytes() {
        assert_eq!(page(932).decode("日本 é".as_bytes()), "日本 é");
        assert_eq!(page(932).decode(b"\xc3\xbd"), "ﾃｽ", "which would be a letter with an accent");
        assert_eq!(page(936).decode(b"\xc1\xaa\xcd\xa8"), "联通");
        assert_eq!(page(850).decode("é".as_bytes()), "é");
        // What the page does not define was not written in it.
        assert_eq!(page(949).decode(b"\xdf\x80"), "\u{7c0}");
    }

    #[test]
    fn what_the_page_lacks_is_spelled() {
        let encoded = page(932).encode("é 5 € 〜");
        assert_eq!(encoded.bytes, b"e 5 EUR \x81\x60");
        assert_eq!(encoded.replaced, ['é', '€', '〜']);
    }

    #[test]
    fn names_have_fifteen_bytes_of_whole_characters_in_upper_case() {
        let name = |text: &str| Name::new(text, Suffix::MESSENGER, page(932));
        assert_eq!(name("ａbｃ").unwrap().text(page(932)), "ＡBＣ");
        assert_eq!(name("日本日本日本日a").unwrap().text_bytes().len(), 15);
        assert_eq!(name("日本日本日本日本"), Err(NameError::TooLong(16)));
        assert_eq!(name("日本한"), Err(NameError::Character('한')));
    }
}
