//! Lists of names in one text: white space between them, quotation marks around those that have some inside
//! (CAP 1.2 §3.2.1, `addresses` and `incidents`).

/// The names. None where a quotation mark is not closed, or stands inside a name.
pub(crate) fn read(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len())),
        };
        if name.is_empty() || name.contains('"') || after.starts_with(|c: char| !c.is_ascii_whitespace()) {
            return None;
        }
        names.push(name.to_owned());
        rest = after.trim_ascii_start();
    }
    Some(names)
}

/// The text for names, none of which is empty or has a quotation mark.
pub(crate) fn write(names: &[String]) -> String {
    let quoted = |name: &String| match name.contains(|c: char| c.is_ascii_whitespace()) {
        true => format!("\"{name}\""),
        false => name.clone(),
    };
    names.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_stand_in_quotation_marks() {
        let names = ["gate".to_owned(), "control room 2".to_owned()];
        assert_eq!(write(&names), "gate \"control room 2\"");
        assert_eq!(read(" gate\n\"control room 2\" ").unwrap(), names);
        for wrong in ["\"open", "a\"b", "\"a\"b", "\"\""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
