//! Whether what came is what was expected.

use xmpp::{Element, namespace, stream::Limits};

use super::variables::Variables;

/// What a session is expected to receive: elements, variables already filled in.
///
/// - An attribute that is named must be there with its value: `*` is any value, `text*` any that begins so, `-` says
///   that the attribute must not be there, and `$name:=` keeps the value as `$name`.
/// - A stanza without `type` expects none.
/// - Text means the same as a value; where an element has none in the pattern, any will do.
/// - Each child must be there, in any order. `<not>…</not>` names children that must not be there, and
///   `<nothing-else/>` says that there are no further ones.
pub(super) fn parse(text: &str) -> Result<Vec<Element>, String> {
    let limits = Limits { stanza_bytes_max: 1 << 24, ..Limits::AFTER_SIGN_IN };
    let document =
        format!("<x xmlns='{}' xmlns:stream='{}'>{text}</x>", namespace::CLIENT, namespace::STREAM);
    let root = Element::parse(document.as_bytes(), &limits)
        .map_err(|error| format!("what is expected is not XML: {error}"))?;
    Ok(root.children().cloned().collect())
}

/// Compares, and keeps what is captured where it matches. An error says what the difference is.
pub(super) fn compare(expected: &Element, actual: &Element, variables: &mut Variables) -> Result<(), String> {
    let is_stanza = matches!(expected.name(), "message" | "presence" | "iq");
    let same = expected.is(actual.name(), actual.namespace().as_str());
    if same && is_stanza && expected.attribute("type").is_none() {
        let kind = actual.attribute("type");
        if kind.is_some_and(|kind| expected.name() != "message" || kind != "normal") {
            return Err(format!("a {} of type {:?}", actual.name(), kind.unwrap_or_default()));
        }
    }
    let mut captured = variables.clone();
    element(expected, actual, &mut captured)?;
    *variables = captured;
    Ok(())
}

fn element(expected: &Element, actual: &Element, variables: &mut Variables) -> Result<(), String> {
    let name = expected.name();
    if !expected.is(actual.name(), actual.namespace().as_str()) {
        return Err(format!(
            "<{} xmlns='{}'> instead of <{name} xmlns='{}'>",
            actual.name(),
            actual.namespace().as_str(),
            expected.namespace().as_str()
        ));
    }
    for attribute in expected.attributes() {
        let came = actual.attribute_in(attribute.name(), attribute.namespace());
        value(attribute.value(), came, variables)
            .map_err(|difference| format!("{} of <{name}>: {difference}", attribute.name()))?;
    }
    let text = expected.text();
    let text = text.trim();
    if !text.is_empty() {
        let came = actual.text();
        value(text, Some(&came).filter(|came| !came.is_empty()).map(AsRef::as_ref), variables)
            .map_err(|difference| format!("text of <{name}>: {difference}"))?;
    }
    children(expected, actual, variables)
}

fn value(expected: &str, actual: Option<&str>, variables: &mut Variables) -> Result<(), String> {
    let Some(actual) = actual else {
        return if expected == "-" { Ok(()) } else { Err("is missing".to_owned()) };
    };
    if expected == "-" {
        return Err(format!("is {actual:?} and should not be there"));
    }
    if let Some(name) = expected.strip_prefix('$').and_then(|rest| rest.strip_suffix(":=")) {
        variables.capture(name, actual);
        return Ok(());
    }
    let expected = &variables.fill(expected, 0, 0)?;
    let matches = match expected.strip_suffix('*') {
        Some(beginning) => actual.starts_with(beginning),
        None => actual == expected,
    };
    if matches { Ok(()) } else { Err(format!("is {actual:?} instead of {expected:?}")) }
}

fn children(expected: &Element, actual: &Element, variables: &mut Variables) -> Result<(), String> {
    let mut left: Vec<&Element> = actual.children().collect();
    let mut nothing_else = false;
    for child in expected.children() {
        match child.name() {
            "not" => {
                for unwanted in child.children() {
                    let is_there = |came: &&Element| element(unwanted, came, &mut variables.clone()).is_ok();
                    if actual.children().any(|came| is_there(&came)) {
                        return Err(format!("<{}> has a <{}>", actual.name(), unwanted.name()));
                    }
                }
            }
            "nothing-else" => nothing_else = true,
            _ => {
                let mut why = format!("<{}> has no <{}>", actual.name(), child.name());
                let found = left.iter().position(|came| {
                    let mut captured = variables.clone();
                    match element(child, came, &mut captured) {
                        Ok(()) => {
                            *variables = captured;
                            true
                        }
                        Err(difference) => {
                            if came.name() == child.name() {
                                why = difference;
                            }
                            false
                        }
                    }
                });
                left.remove(found.ok_or(why)?);
            }
        }
    }
    match left.first() {
        Some(extra) if nothing_else => Err(format!("<{}> also has a <{}>", actual.name(), extra.name())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expected: &str, actual: &str) -> Result<Variables, String> {
        let mut variables = Variables::new("");
        compare(&parse(expected).unwrap()[0], &parse(actual).unwrap()[0], &mut variables)?;
        Ok(variables)
    }

    #[test]
    fn what_is_expected_must_be_there_and_more_may_be() {
        let actual = "<message from='a' id='1'><body>hello</body><x xmlns='urn:x'/></message>";
        for same in [
            "<message id='1'/>",
            "<message><body>hello</body></message>",
            "<message id='*'><x xmlns='urn:x'/></message>",
            "<message><body>he*</body></message>",
            "<message to='-'/>",
        ] {
            assert!(matches(same, actual).is_ok(), "{same}");
        }
        for other in [
            "<message id='2'/>",
            "<message to='*'/>",
            "<message from='-'/>",
            "<message><body>hallo</body></message>",
            "<message><body>h</body></message>",
            "<message><x/></message>",
            "<message><body/><body/></message>",
            "<message type='chat'/>",
            "<presence/>",
            "<message xmlns='jabber:server'/>",
            "<message><body/><nothing-else/></message>",
            "<message><not><body>hello</body></not></message>",
        ] {
            assert!(matches(other, actual).is_err(), "{other}");
        }
        assert!(matches("<message><not><body>hallo</body></not></message>", actual).is_ok());
    }

    #[test]
    fn a_stanza_of_a_type_is_not_one_without() {
        assert!(matches("<presence/>", "<presence type='unavailable'/>").is_err());
        assert!(matches("<message/>", "<message type='normal'/>").is_ok());
        assert!(matches("<message/>", "<message type='error'/>").is_err());
    }

    #[test]
    fn a_value_is_kept_only_where_everything_matches() {
        let variables = matches("<iq type='set' id='$id:='/>", "<iq type='set' id='7'/>").unwrap();
        assert_eq!(variables.fill("$id", 0, 0).unwrap(), "7");
        let twice = "<iq type='set' id='$id:='><x xmlns='urn:x' of='$id'/></iq>";
        assert!(matches(twice, "<iq type='set' id='7'><x xmlns='urn:x' of='7'/></iq>").is_ok());
        assert!(matches(twice, "<iq type='set' id='7'><x xmlns='urn:x' of='8'/></iq>").is_err());
        assert_eq!(
            matches("<iq type='set' id='$id:=' to='x'/>", "<iq type='set' id='7'/>").unwrap_err(),
            "to of <iq>: is missing"
        );
    }
}
