//! Forms as `curl -F` sends them (RFC 7578): only fields of text, and the whole of it in memory.

/// The most fields of a form.
const FIELDS_MAX: usize = 64;

/// The boundary that a content type names, if it is that of such a form.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let mut parts = content_type.split(';');
    if !parts.next()?.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parts.find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    (1..=70).contains(&value.len()).then_some(value)
}

/// The fields, in their order. None where it is no such form, or has more than 64 fields or one that is not UTF-8.
pub(super) fn fields(body: &[u8], boundary: &str) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter may stand at the very beginning (RFC 2046 §5.1.1).
    let mut rest = match text.strip_prefix(&delimiter[2..]) {
        Some(rest) => rest,
        None => text.split_once(&delimiter)?.1,
    };
    let mut fields = Vec::new();
    loop {
        if rest.starts_with("--") {
            return Some(fields);
        }
        let (part, after) =
            rest.trim_start_matches([' ', '\t']).strip_prefix("\r\n")?.split_once(&delimiter)?;
        let (head, value) = part.split_once("\r\n\r\n")?;
        if fields.len() == FIELDS_MAX {
            return None;
        }
        fields.push((name(head)?, value.to_owned()));
        rest = after;
    }
}

/// The name in a part's `Content-Disposition`.
fn name(head: &str) -> Option<String> {
    let line = head.lines().find(|line| {
        line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
    })?;
    let value = line.split(';').find_map(|part| part.trim().strip_prefix("name="))?;
    Some(value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "--xyz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nDisk full\r\n--xyz\r\n\
                        content-disposition: form-data; name=\"message\"\r\nContent-Type: text/plain\r\n\r\n\
                        host a\r\n\r\nhost b\r\n--xyz--\r\n";

    #[test]
    fn a_form_of_curl_is_read() {
        assert_eq!(boundary("multipart/form-data; boundary=xyz"), Some("xyz"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"x z\""), Some("x z"));
        assert_eq!(boundary("application/json; boundary=xyz"), None);
        assert_eq!(boundary("multipart/form-data"), None);
        let expected = [("title", "Disk full"), ("message", "host a\r\n\r\nhost b")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fields(FORM.as_bytes(), "xyz").unwrap(), expected);
        assert_eq!(fields(format!("preamble\r\n{FORM}").as_bytes(), "xyz").unwrap(), expected);
    }

    #[test]
    fn what_breaks_off_or_has_too_much_is_no_form() {
        for end in 0..FORM.len() - 4 {
            assert_eq!(fields(&FORM.as_bytes()[..end], "xyz"), None, "{end}");
        }
        let part = "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--xyz";
        assert!(fields(format!("--xyz{}--", part.repeat(64)).as_bytes(), "xyz").is_some());
        assert_eq!(fields(format!("--xyz{}--", part.repeat(65)).as_bytes(), "xyz"), None);
        assert_eq!(
            fields(b"--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--xyz--", "xyz"),
            None
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_every_form_reads_back(bytes in prop::collection::vec(any::<u8>(), 0..200), value in "[ -~\r\n]{0,40}") {
            fields(&bytes, "xyz");
            prop_assume!(!value.contains("--xyz"));
            let form = format!("--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{value}\r\n--xyz--\r\n");
            prop_assert_eq!(fields(form.as_bytes(), "xyz"), Some(vec![("a".to_owned(), value)]));
        }
    }
}
