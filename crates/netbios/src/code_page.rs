//! OEM code pages: the bytes that messenger texts and NetBIOS names are written in.
//!
//! The messenger's wire says nothing about its character set. Windows senders write their OEM code page;
//! `smbclient` writes that too, but falls back to raw UTF-8 block by block when a character has no place in it.
//! So decoding looks at the bytes, and encoding replaces what the page lacks and says so.

mod decode;
mod double_byte;
mod transliterate;
mod windows_1252;

use std::fmt;
use std::str::FromStr;

use oem_cp::code_table::{DECODING_TABLE_CP_MAP, ENCODING_TABLE_CP_MAP};
use thiserror::Error;

use decode::LINE_BREAK;
use double_byte::DoubleByte;
pub(crate) use transliterate::composed;

/// A code page, by its Windows number. The default is 850, which Western European Windows uses.
///
/// Known are 437, 720, 737, 775, 850, 852, 855, 857, 858, 860 to 866, 869, 874 and 1252, in which every character is one
/// byte, and 932 (Japanese), 936 (simplified Chinese), 949 (Korean) and 950 (traditional Chinese), in which many are
/// two. The second of two is never a control character: line ends and NULs mean the same in all pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodePage(u16);

/// What [`CodePage::encode`] made of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded {
    /// The text in the code page, each line end as one 0x14.
    pub bytes: Vec<u8>,
    /// The characters that the page lacks and that were spelled differently or as `?`, each once, in order of
    /// appearance.
    pub replaced: Vec<char>,
}

/// A code page that this crate does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected the number of a known code page such as 437, 850, 866, 932 or 1252, got {0:?}")]
pub struct UnknownCodePage(pub String);

impl CodePage {
    /// Code page 850, Western European.
    pub const DEFAULT: Self = Self(850);

    /// The code page with this number.
    pub fn new(number: u16) -> Result<Self, UnknownCodePage> {
        let known = number == windows_1252::NUMBER
            || DoubleByte::new(number).is_some()
            || (DECODING_TABLE_CP_MAP.contains_key(&number) && ENCODING_TABLE_CP_MAP.contains_key(&number));
        if known { Ok(Self(number)) } else { Err(UnknownCodePage(number.to_string())) }
    }

    /// The Windows number of the page.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The text of one message that came in one piece. See [`CodePage::decode_blocks`].
    pub fn decode(self, bytes: &[u8]) -> String {
        self.decode_blocks(&[bytes])
    }

    /// The text of one message that came in blocks.
    ///
    /// Bytes that are valid UTF-8 and hold a character beyond ASCII are read as UTF-8: first the whole message is
    /// tried, then each block, joined with the following ones where a block ends inside a character. Everything else
    /// is read in this page, joined as well; bytes it does not define become U+FFFD.
    ///
    /// Two bytes that are one character of UTF-8 are often one or two of a page of double bytes, and three seldom are.
    /// Such a page reads what is valid both ways, unless there is a character of three bytes or more.
    ///
    /// A NUL that ends a block is dropped. 0x14, CR, LF, CRLF and LFCR each become one `\n`
    /// (MS-MSRP 2.2.3.1.1), and those that end the text are dropped. Other control characters stay.
    pub fn decode_blocks(self, blocks: &[&[u8]]) -> String {
        decode::text(self, blocks)
    }

    /// The text in this page, with each line end (`\n`, `\r`, `\r\n`, `\n\r`) as one 0x14 (MS-MSRP 2.2.3.1.1).
    ///
    /// A character that the page lacks is spelled with ones it has (`€` as `EUR`, `ł` as `l`), loses its accents,
    /// or becomes `?`; control characters except the tabulator become `?`. All of them are reported.
    pub fn encode(self, text: &str) -> Encoded {
        transliterate::text(self, text)
    }

    /// Appends the bytes of a character that the page has; whether it has it.
    pub(crate) fn push(self, character: char, bytes: &mut Vec<u8>) -> bool {
        if let (Some(page), false) = (DoubleByte::new(self.0), character.is_ascii()) {
            return page.push(character, bytes);
        }
        let byte = self.byte(character);
        bytes.extend(byte);
        byte.is_some()
    }

    /// The byte for a character of one byte.
    fn byte(self, character: char) -> Option<u8> {
        if character.is_ascii() {
            return u8::try_from(character).ok();
        }
        if self.0 == windows_1252::NUMBER {
            return windows_1252::byte(character);
        }
        ENCODING_TABLE_CP_MAP.get(&self.0)?.get(&character).copied()
    }

    /// Whether characters may have two bytes.
    fn is_double_byte(self) -> bool {
        DoubleByte::new(self.0).is_some()
    }

    /// How many of the bytes, at most so many, are whole characters. They begin with one. At least one byte is.
    pub(crate) fn whole_characters(self, bytes: &[u8], bytes_max: usize) -> usize {
        let most = bytes.len().min(bytes_max);
        match DoubleByte::new(self.0) {
            Some(page) => page.whole_characters(&bytes[..most]).max(1).min(bytes.len()),
            None => most,
        }
    }

    /// The bytes read in this page alone, without looking for UTF-8 or line ends.
    pub(crate) fn characters(self, bytes: &[u8]) -> String {
        if let Some(page) = DoubleByte::new(self.0) {
            return page.characters(bytes);
        }
        match DECODING_TABLE_CP_MAP.get(&self.0) {
            Some(table) => table.decode_string_lossy(bytes),
            None => bytes.iter().copied().map(windows_1252::character).collect(),
        }
    }
}

impl Default for CodePage {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for CodePage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl FromStr for CodePage {
    type Err = UnknownCodePage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.parse().map_err(|_| UnknownCodePage(text.to_owned()))?;
        Self::new(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_page_is_written_as_its_number() {
        for number in ["437", "850", "852", "858", "866", "932", "936", "949", "950", "1252"] {
            let page: CodePage = number.parse().unwrap();
            assert_eq!(page.to_string(), number);
        }
        assert_eq!("1361".parse::<CodePage>(), Err(UnknownCodePage("1361".into())));
        assert_eq!("cp850".parse::<CodePage>(), Err(UnknownCodePage("cp850".into())));
    }

    #[test]
    fn every_byte_that_a_page_defines_survives_the_way_there_and_back() {
        for number in [437, 850, 852, 858, 866, 874, 1252] {
            let page = CodePage::new(number).unwrap();
            for byte in 0..=u8::MAX {
                let character = page.characters(&[byte]).chars().next().unwrap();
                if character != char::REPLACEMENT_CHARACTER {
                    assert_eq!(page.byte(character), Some(byte), "page {number}, byte {byte:#x}");
                }
            }
        }
    }

    #[test]
    fn the_euro_sign_is_a_byte_where_the_page_has_one() {
        let with_euro = CodePage::new(858).unwrap();
        assert_eq!(with_euro.encode("5 €"), Encoded { bytes: b"5 \xd5".to_vec(), replaced: vec![] });
        let windows = CodePage::new(1252).unwrap();
        assert_eq!(windows.encode("5 €"), Encoded { bytes: b"5 \x80".to_vec(), replaced: vec![] });
    }
}
