//! Escaping of character data and attribute values (XML 1.0 §2.2, §2.4, §2.11, §3.3.3).

/// Writes `text` as character data. `>` is always escaped, so that `]]>` cannot appear; a carriage return is
/// written as a reference, because a parser would turn it into a line feed.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    write(out, text, |character| match character {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// Writes `value` for use between apostrophes. Tabs and line ends are written as references, because a parser
/// would turn them into spaces.
pub(crate) fn write_attribute(out: &mut Vec<u8>, value: &str) {
    write(out, value, |character| match character {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\'' => Some("&apos;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    });
}

/// The bytes that may have to be replaced; most texts have none.
const LOOKED_AT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < b' ' as usize {
        table[byte] = true;
        byte += 1;
    }
    let marked = [b'&', b'<', b'>', b'\'', 0xEF];
    let mut index = 0;
    while index < marked.len() {
        table[marked[index] as usize] = true;
        index += 1;
    }
    table
};

/// Copies `text`, replacing what `escape` names, and what no XML document can hold by U+FFFD.
fn write(out: &mut Vec<u8>, text: &str, escape: impl Fn(u8) -> Option<&'static str>) {
    let bytes = text.as_bytes();
    let Some(first) = bytes.iter().position(|byte| LOOKED_AT[usize::from(*byte)]) else {
        return out.extend_from_slice(bytes);
    };
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(first) {
        let (replacement, length) = match escape(byte) {
            Some(reference) => (reference, 1),
            None if byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') => ("\u{FFFD}", 1),
            // U+FFFE and U+FFFF, the only characters above the controls that XML 1.0 §2.2 leaves out.
            None if byte == 0xEF && matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => {
                ("\u{FFFD}", 3)
            }
            None => continue,
        };
        out.extend_from_slice(&bytes[copied..at]);
        out.extend_from_slice(replacement.as_bytes());
        copied = at + length;
    }
    out.extend_from_slice(&bytes[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        let mut out = Vec::new();
        write_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    fn attribute(value: &str) -> String {
        let mut out = Vec::new();
        write_attribute(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn markup_in_text_becomes_references() {
        assert_eq!(text("a<b>&c ]]> \"'"), "a&lt;b&gt;&amp;c ]]&gt; \"'");
    }

    #[test]
    fn line_ends_survive_normalisation() {
        assert_eq!(text("a\r\nb\tc"), "a&#13;\nb\tc");
        assert_eq!(attribute("a\r\nb\tc'"), "a&#13;&#10;b&#9;c&apos;");
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(text("a\u{0}b\u{1B}c\u{FFFE}d\u{FFFF}"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}");
        assert_eq!(text("\u{7F}\u{FFFD}\u{1F600}"), "\u{7F}\u{FFFD}\u{1F600}");
    }
}
