use std::borrow::Cow;

/// The text as it may be shown in a terminal, a log or a window: control characters other than line feed and tab
/// are removed, and so are the characters that reorder what stands around them (UAX #9 overrides, embeddings and
/// isolates), because both let a stranger write as somebody else.
pub fn displayable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_misleading) {
        Cow::Owned(text.chars().filter(|character| !is_misleading(*character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn is_misleading(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_and_direction_controls_are_removed_and_the_rest_stays() {
        assert_eq!(displayable("a\u{1b}[31mb\u{202e}c\u{7}\r\n\td"), "a[31mbc\n\td");
        assert!(matches!(displayable("Grüße, 日本\nzweite Zeile"), Cow::Borrowed(_)));
    }
}
