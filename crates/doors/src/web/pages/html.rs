//! A little HTML: what is put into it is text, and stays text.

use std::fmt::{self, Display, Write};

/// Text in a place where HTML expects text, or a value in quotation marks.
pub(in crate::web) struct Text<T>(pub(in crate::web) T);

impl<T: Display> Display for Text<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaped = Escaped(formatter);
        write!(escaped, "{}", self.0)
    }
}

struct Escaped<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in domain::displayable(text).chars() {
            match character {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                '\'' => self.0.write_str("&#39;")?,
                other => self.0.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A whole page. `body` is HTML.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <link rel=\"stylesheet\" href=\"/api/style.css\">\n<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n\
         {body}</body>\n</html>\n",
        Text(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_text() {
        let shown = Text("<script>\"&'\u{202e}\u{7}").to_string();
        assert_eq!(shown, "&lt;script&gt;&quot;&amp;&#39;");
        assert!(page("<b>", "<p>x</p>").contains("<title>&lt;b&gt;</title>"));
    }
}
