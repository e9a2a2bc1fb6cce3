//! From bytes to text: which character set it is, and where the lines end.

use super::CodePage;

/// The byte that stands for a line end in a messenger text (MS-MSRP 2.2.3.1.1).
pub(super) const LINE_BREAK: u8 = 0x14;

pub(super) fn text(page: CodePage, blocks: &[&[u8]]) -> String {
    let blocks: Vec<&[u8]> = blocks.iter().map(|block| block.strip_suffix(b"\0").unwrap_or(block)).collect();
    let mut lines = unify_line_ends(&characters(page, &blocks));
    lines.truncate(lines.trim_end_matches('\n').len());
    lines
}

fn characters(page: CodePage, blocks: &[&[u8]]) -> String {
    let whole = blocks.concat();
    if let Some(text) = utf8(page, &whole) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(whole.len());
    // What was not read yet of the page, whose characters may be cut by blocks too.
    let mut of_page = Vec::new();
    let mut rest = blocks;
    while let Some((first, following)) = rest.split_first() {
        match utf8_run(page, rest) {
            Some((run, count)) => {
                text.push_str(&page.characters(&std::mem::take(&mut of_page)));
                text.push_str(&run);
                rest = &rest[count..];
            }
            None => {
                of_page.extend_from_slice(first);
                rest = following;
            }
        }
    }
    text + &page.characters(&of_page)
}

/// The bytes as UTF-8, if that is what they are; see [`CodePage::decode_blocks`].
fn utf8(page: CodePage, bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let sure = !page.is_double_byte() || text.chars().any(|character| character.len_utf8() > 2);
    // Nearly all of ASCII reads the same either way.
    (sure || page.characters(bytes).contains(char::REPLACEMENT_CHARACTER)).then_some(text)
}

/// The shortest run of blocks from the first on that is UTF-8, and how many blocks it spans. A run goes on only
/// while it ends inside a character that the next block may complete.
fn utf8_run(page: CodePage, blocks: &[&[u8]]) -> Option<(String, usize)> {
    let mut run = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        run.extend_from_slice(block);
        match std::str::from_utf8(&run) {
            Ok(text) if !text.is_ascii() => {
                return utf8(page, &run).map(|text| (text.to_owned(), index + 1));
            }
            Err(error) if error.error_len().is_none() => {}
            _ => return None,
        }
    }
    None
}

fn unify_line_ends(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let partner = match character {
            '\r' => '\n',
            '\n' => '\r',
            _ if character == char::from(LINE_BREAK) => {
                lines.push('\n');
                continue;
            }
            _ => {
                lines.push(character);
                continue;
            }
        };
        characters.next_if_eq(&partner);
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(blocks: &[&[u8]]) -> String {
        CodePage::default().decode_blocks(blocks)
    }

    #[test]
    fn oem_bytes_are_read_in_the_code_page() {
        assert_eq!(
            decode(&[b"Gr\x81\xe1e an J\x81rgen: \x8e\x99\x9a\xe1 \x82 \x9c \xab \xb0"]),
            "Grüße an Jürgen: ÄÖÜß é £ ½ ░"
        );
    }

    #[test]
    fn a_message_of_utf_8_is_read_as_utf_8() {
        assert_eq!(decode(&["Grüße € 日本".as_bytes()]), "Grüße € 日本");
    }

    #[test]
    fn a_character_that_two_blocks_share_is_whole_again() {
        assert_eq!(decode(&[b"Preis: 5 \xe2\x82", b"\xac brutto"]), "Preis: 5 € brutto");
    }

    #[test]
    fn utf_8_and_oem_blocks_may_mix_in_one_message() {
        let blocks: [&[u8]; 4] = [b"Gr\x81\xe1e ", b"5 \xe2\x82", b"\xac", b" f\x81r dich"];
        assert_eq!(decode(&blocks), "Grüße 5 € für dich");
    }

    #[test]
    fn a_block_that_only_begins_like_utf_8_is_oem() {
        assert_eq!(decode(&[b"abc\xe2\x82"]), "abcÔé");
        assert_eq!(decode(&[b"abc\xe2\x82", b"\x81"]), "abc\u{2081}");
        assert_eq!(decode(&[b"abc\xe2\x82", b"def\x81"]), "abcÔédefü");
    }

    #[test]
    fn all_spellings_of_a_line_end_are_one_line_end() {
        assert_eq!(decode(&[b"a\x14b\r\nc\n\rd\re\nf"]), "a\nb\nc\nd\ne\nf");
        assert_eq!(decode(&[b"a\r\n\r\nb\x14\x14c"]), "a\n\nb\n\nc");
    }

    #[test]
    fn a_line_end_that_two_blocks_share_is_one_line_end() {
        assert_eq!(decode(&[b"a\r", b"\nb"]), "a\nb");
    }

    #[test]
    fn the_terminator_and_the_line_ends_before_it_are_dropped() {
        assert_eq!(decode(&[b"text\0"]), "text");
        assert_eq!(decode(&[b"text\r\n\x14\0"]), "text");
        assert_eq!(decode(&[b"one \0", b"two\0"]), "one two");
        assert_eq!(decode(&[b"\r\n"]), "");
        assert_eq!(decode(&[]), "");
    }
}
