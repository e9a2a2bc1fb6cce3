//! From text to bytes: what to write for a character that the code page lacks.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};

use super::{CodePage, Encoded, LINE_BREAK};

/// What is written when nothing better is known.
const UNKNOWN: u8 = b'?';

/// The text with accents that stand for themselves joined to their letters: together they may have a byte of their own.
/// Nothing else is changed, as some pages tell characters apart that normalization makes one.
pub(crate) fn composed(text: &str) -> impl Iterator<Item = char> {
    let mut characters = text.chars().peekable();
    std::iter::from_fn(move || {
        let mut character = characters.next()?;
        while let Some(both) = characters.peek().and_then(|mark| compose(character, *mark)) {
            character = both;
            characters.next();
        }
        Some(character)
    })
}

pub(super) fn text(page: CodePage, text: &str) -> Encoded {
    let mut encoded = Encoded::default();
    let mut characters = composed(text).peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\r' => {
                characters.next_if_eq(if character == '\n' { &'\r' } else { &'\n' });
                encoded.bytes.push(LINE_BREAK);
            }
            _ => push(page, character, &mut encoded),
        }
    }
    encoded
}

fn push(page: CodePage, character: char, encoded: &mut Encoded) {
    let may = !character.is_control() || character == '\t';
    if may && page.push(character, &mut encoded.bytes) {
        return;
    }
    if !encoded.replaced.contains(&character) {
        encoded.replaced.push(character);
    }
    match replacement(page, character) {
        Some(bytes) => encoded.bytes.extend(bytes),
        None => encoded.bytes.push(UNKNOWN),
    }
}

fn replacement(page: CodePage, character: char) -> Option<Vec<u8>> {
    if let Some(spelling) = spelling(character) {
        return spelled(page, spelling);
    }
    if is_combining_mark(character) {
        return Some(Vec::new());
    }
    let letters = std::iter::once(character).nfd().filter(|part| !is_combining_mark(*part));
    letters
        .map(|letter| {
            // Already decomposed, so at most one more step: ǿ is ø with an accent, and ø is spelled o.
            if letter == character {
                return None;
            }
            let mut bytes = Vec::new();
            if page.push(letter, &mut bytes) { Some(bytes) } else { spelled(page, spelling(letter)?) }
        })
        .collect::<Option<Vec<Vec<u8>>>>()
        .map(|parts| parts.concat())
}

fn spelled(page: CodePage, spelling: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    spelling.chars().all(|character| page.push(character, &mut bytes)).then_some(bytes)
}

/// How a character is spelled in ASCII, where dropping an accent is not the answer, or in code page 932.
fn spelling(character: char) -> Option<&'static str> {
    Some(match character {
        '€' => "EUR",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => "\"",
        '‘' | '’' | '‚' | '‛' | '′' | '‹' | '›' => "'",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => "-",
        '…' => "...",
        '•' | '·' => "*",
        '→' => "->",
        '←' => "<-",
        '×' => "x",
        '÷' => "/",
        '©' => "(C)",
        '®' => "(R)",
        '™' => "(TM)",
        'ß' => "ss",
        'ẞ' => "SS",
        'Æ' => "AE",
        'æ' => "ae",
        'Œ' => "OE",
        'œ' => "oe",
        'Ø' => "O",
        'ø' => "o",
        'Ð' | 'Đ' => "D",
        'ð' | 'đ' => "d",
        'Þ' => "Th",
        'þ' => "th",
        'Ł' => "L",
        'ł' => "l",
        'ı' => "i",
        'ƒ' => "f",
        // Windows reads the same bytes as these where others read those.
        '〜' => "～",
        '‖' => "∥",
        '¢' => "￠",
        '£' => "￡",
        '¬' => "￢",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => " ",
        // Invisible: soft hyphen, zero-width space and joiners, variation selectors, byte order mark.
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str) -> Encoded {
        CodePage::default().encode(text)
    }

    #[test]
    fn what_the_page_has_is_written_without_replacement() {
        let encoded = encode("Grüße an Jürgen: ÄÖÜß é £ ½ ░");
        assert_eq!(encoded.bytes, b"Gr\x81\xe1e an J\x81rgen: \x8e\x99\x9a\xe1 \x82 \x9c \xab \xb0");
        assert_eq!(encoded.replaced, []);
    }

    #[test]
    fn what_the_page_lacks_is_spelled_and_told_once() {
        let encoded = encode("“5 €” – 10 €…");
        assert_eq!(encoded.bytes, b"\"5 EUR\" - 10 EUR...");
        assert_eq!(encoded.replaced, ['“', '€', '”', '–', '…']);
    }

    #[test]
    fn accents_that_the_page_lacks_are_dropped() {
        assert_eq!(
            encode("Dvořák, Wałęsa, ǿ, Ậ"),
            Encoded {
                bytes: b"Dvor\xa0k, Walesa, \x9b, A".to_vec(),
                replaced: vec!['ř', 'ł', 'ę', 'ǿ', 'Ậ'],
            }
        );
        assert_eq!(CodePage::new(437).unwrap().encode("ǿ").bytes, b"o");
    }

    #[test]
    fn a_letter_with_a_separate_accent_is_the_letter_that_the_page_has() {
        assert_eq!(encode("u\u{308}"), Encoded { bytes: b"\x81".to_vec(), replaced: vec![] });
    }

    #[test]
    fn what_cannot_be_spelled_is_a_question_mark() {
        assert_eq!(
            encode("日本 ☃ 😀"),
            Encoded { bytes: b"?? ? ?".to_vec(), replaced: vec!['日', '本', '☃', '😀'] }
        );
    }

    #[test]
    fn control_characters_cannot_be_smuggled_in() {
        assert_eq!(
            encode("a\0b\x14c\x1bd\te"),
            Encoded { bytes: b"a?b?c?d\te".to_vec(), replaced: vec!['\0', '\x14', '\x1b'] }
        );
    }

    #[test]
    fn every_line_end_is_one_byte() {
        assert_eq!(encode("a\nb\r\nc\n\rd\re\n\nf").bytes, b"a\x14b\x14c\x14d\x14e\x14\x14f");
    }

    #[test]
    fn cyrillic_goes_through_its_own_page() {
        let page = CodePage::new(866).unwrap();
        let encoded = page.encode("Привет");
        assert_eq!(encoded.replaced, []);
        assert_eq!(page.decode(&encoded.bytes), "Привет");
    }
}
