//! What a request to publish says beside its body, in headers or in the query.

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::error::NtfyError;

/// What can be said, by the names it has: the first is the usual one. The header comes first, with or without `X-`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) message: Option<String>,
    pub(super) title: Option<String>,
    pub(super) priority: Option<String>,
    pub(super) tags: Option<String>,
    pub(super) delay: Option<String>,
    pub(super) click: Option<String>,
    pub(super) attach: Option<String>,
    pub(super) filename: Option<String>,
    pub(super) actions: Option<String>,
    pub(super) email: Option<String>,
    pub(super) call: Option<String>,
}

impl Fields {
    pub(super) fn of(headers: &HeaderMap, query: &[(String, String)]) -> Result<Self, NtfyError> {
        let field = |names: &[&str]| field(headers, query, names);
        Ok(Self {
            message: field(&["message", "m"])?,
            title: field(&["title", "ti", "t"])?,
            priority: field(&["priority", "prio", "p"])?,
            tags: field(&["tags", "tag", "ta"])?,
            delay: field(&["delay", "at", "in"])?,
            click: field(&["click"])?,
            attach: field(&["attach", "a"])?,
            filename: field(&["filename", "file", "f"])?,
            actions: field(&["actions", "action"])?,
            email: field(&["email", "e-mail", "mail", "e"])?,
            call: field(&["call"])?,
        })
    }

    /// These, and what `others` say where these say nothing.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            message: self.message.or(others.message),
            title: self.title.or(others.title),
            priority: self.priority.or(others.priority),
            tags: self.tags.or(others.tags),
            delay: self.delay.or(others.delay),
            click: self.click.or(others.click),
            attach: self.attach.or(others.attach),
            filename: self.filename.or(others.filename),
            actions: self.actions.or(others.actions),
            email: self.email.or(others.email),
            call: self.call.or(others.call),
        }
    }
}

fn field(
    headers: &HeaderMap,
    query: &[(String, String)],
    names: &[&str],
) -> Result<Option<String>, NtfyError> {
    let header =
        names.iter().find_map(|name| headers.get(format!("x-{name}")).or_else(|| headers.get(*name)));
    if let Some(value) = header {
        let text = std::str::from_utf8(value.as_bytes());
        let text = text.map_err(|_| NtfyError::invalid(format!("the header {} is not UTF-8", names[0])))?;
        return Ok(Some(decoded(text.trim())));
    }
    let known = |name: &str| {
        let name = name.to_ascii_lowercase();
        names.contains(&name.strip_prefix("x-").unwrap_or(&name))
    };
    Ok(query.iter().find(|(name, _)| known(name)).map(|(_, value)| value.trim().to_owned()))
}

/// A header that is written in encoded words (RFC 2047 §2), in UTF-8; any other as it stands.
fn decoded(text: &str) -> String {
    let words: Option<Vec<String>> = text.split_ascii_whitespace().map(word).collect();
    match words {
        Some(words) if !words.is_empty() => words.concat(),
        _ => text.to_owned(),
    }
}

fn word(text: &str) -> Option<String> {
    let inside = text.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inside.splitn(3, '?');
    let (charset, encoding, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(encoded).ok()?,
        "Q" | "q" => quoted(encoded)?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

/// RFC 2047 §4.2.
fn quoted(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'_' => bytes.push(b' '),
            b'=' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                bytes.push(u8::try_from(16 * high + low).ok()?);
            }
            other => bytes.push(other),
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn fields(headers: &[(&'static str, &[u8])], query: &[(&str, &str)]) -> Fields {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_bytes(value).unwrap()));
        let query: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Fields::of(&headers.collect(), &query).unwrap()
    }

    #[test]
    fn every_name_of_a_field_is_understood_as_header_and_as_parameter() {
        let title = Some("Disk".to_owned());
        for name in ["X-Title", "title", "ti", "t", "X-T"] {
            assert_eq!(fields(&[(name, b"Disk")], &[]).title, title, "{name}");
            assert_eq!(fields(&[], &[(name, "Disk")]).title, title, "{name}");
        }
        for name in ["X-Delay", "at", "In"] {
            assert_eq!(fields(&[(name, b"5m")], &[]).delay, Some("5m".to_owned()), "{name}");
        }
        let both = fields(&[("Priority", b"5")], &[("p", "1"), ("ta", "a,b")]);
        assert_eq!((both.priority.as_deref(), both.tags.as_deref()), (Some("5"), Some("a,b")));
        assert_eq!(fields(&[("accept", b"x")], &[("nothing", "x")]), Fields::default());
    }

    #[test]
    fn titles_beyond_ascii_come_as_utf_8_or_in_encoded_words() {
        for written in ["Über 80 °C", "=?UTF-8?B?w5xiZXIgODAgwrBD?=", "=?utf-8?q?=C3=9Cber_80_=C2=B0C?="] {
            let found = fields(&[("title", written.as_bytes())], &[]).title;
            assert_eq!(found.as_deref(), Some("Über 80 °C"), "{written}");
        }
        for kept in ["=?latin1?q?=DC?=", "=?UTF-8?B?%%?=", "=?UTF-8?q?=C?=", "=?", "a =?UTF-8?B?YQ==?="] {
            assert_eq!(fields(&[("title", kept.as_bytes())], &[]).title.as_deref(), Some(kept));
        }
        let headers = [("title".parse().unwrap(), HeaderValue::from_bytes(b"\xff").unwrap())];
        assert!(Fields::of(&headers.into_iter().collect(), &[]).is_err());
    }
}
