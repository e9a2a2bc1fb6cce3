//! Long texts in several messages: the boxes of old machines cut what is longer off, or do not take it.

use netbios::{code_page::CodePage, sender::SendError};

use super::delivery::Failure;

/// How long one message is, in bytes of the machine's code page: `smbclient` sends 1,600, LinPopUp shows 1,500.
const PART_BYTES_MAX: usize = 1_500;
/// How many messages one text may become.
const PARTS_MAX: usize = 12;
/// What stands before each part at most: `(12/12) `.
const NUMBER_BYTES: usize = 8;

/// The text as it is, or cut between words into numbered parts.
pub(super) fn parts(text: &str, page: CodePage) -> Result<Vec<String>, Failure> {
    let length = |text: &str| page.encode(text).bytes.len();
    let got = length(text);
    if got <= PART_BYTES_MAX {
        return Ok(vec![text.to_owned()]);
    }
    let mut parts = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        for piece in pieces(word, &length) {
            // A space at the end of a part is not shown.
            if used + length(piece.trim_end()) > PART_BYTES_MAX - NUMBER_BYTES {
                parts.push(String::new());
                used = 0;
            }
            used += length(piece);
            if let Some(part) = parts.last_mut() {
                part.push_str(piece);
            }
        }
    }
    if parts.len() > PARTS_MAX {
        let max = PARTS_MAX * (PART_BYTES_MAX - NUMBER_BYTES);
        return Err(Failure::Send(SendError::TextTooLong { max, got }));
    }
    let count = parts.len();
    let numbered = |(index, part): (usize, &String)| format!("({}/{count}) {}", index + 1, part.trim_end());
    Ok(parts.iter().enumerate().map(numbered).collect())
}

/// A word that is longer than a part is cut within.
fn pieces<'a>(mut word: &'a str, length: &impl Fn(&str) -> usize) -> Vec<&'a str> {
    // No character is spelt with more bytes.
    const CHARACTER_BYTES_MAX: usize = 8;
    let mut pieces = Vec::new();
    while length(word) > PART_BYTES_MAX - NUMBER_BYTES {
        let characters = (PART_BYTES_MAX - NUMBER_BYTES) / CHARACTER_BYTES_MAX;
        let Some((cut, _)) = word.char_indices().nth(characters) else { break };
        let (piece, rest) = word.split_at(cut);
        pieces.push(piece);
        word = rest;
    }
    pieces.push(word);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(part: &str, page: u16) -> usize {
        CodePage::new(page).unwrap().encode(part).bytes.len()
    }

    fn cut(text: &str, page: u16) -> Vec<String> {
        let parts = parts(text, CodePage::new(page).unwrap()).unwrap();
        for part in &parts {
            assert!(bytes(part, page) <= PART_BYTES_MAX, "{part}");
        }
        parts
    }

    /// What was said, without the numbers.
    fn said(parts: &[String]) -> String {
        let bare = |part: &String| part.split_once(") ").unwrap().1.to_owned();
        parts.iter().map(bare).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_fits_is_sent_as_it_is() {
        for text in ["", "hello", &"x".repeat(1_500), &"é".repeat(1_500)] {
            assert_eq!(cut(text, 850), [text]);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_words_and_numbered() {
        let text = "paper is empty ".repeat(300);
        let parts = cut(&text, 850);
        assert_eq!(parts.len(), 4);
        assert!(parts[0].starts_with("(1/4) paper is") && parts[3].starts_with("(4/4) "));
        assert!(parts[0].len() > 1_480);
        assert_eq!(said(&parts), text.trim_end());
    }

    #[test]
    fn a_word_without_an_end_and_characters_of_two_bytes_are_cut_all_the_same() {
        let parts = cut(&"x".repeat(4_000), 850);
        assert_eq!(said(&parts).replace(' ', "").len(), 4_000);
        let japanese = "漢字".repeat(2_000);
        assert_eq!(said(&cut(&japanese, 932)).replace(' ', ""), japanese);
        let lines = format!("{}\n\nend", "a line\n".repeat(400));
        assert!(cut(&lines, 850).last().unwrap().ends_with("\n\nend"));
    }

    #[test]
    fn a_text_of_too_many_parts_is_refused_whole() {
        let max = 17_904;
        let error = parts(&"word ".repeat(4_000), CodePage::DEFAULT).unwrap_err();
        assert_eq!(error, Failure::Send(SendError::TextTooLong { max, got: 20_000 }));
    }
}
