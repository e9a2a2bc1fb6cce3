//! Buttons: ntfy's `Actions`, as JSON or in its short form. Those that open a page are links; the others are for ntfy's
//! own clients. Facts: <https://docs.ntfy.sh/publish/#action-buttons>.

use domain::NoticeLink;
use serde_json::{Map, Value};

use super::error::NtfyError;

/// The button that opens a page.
const VIEW: &str = "view";

/// The most buttons of a message.
const ACTIONS_MAX: usize = 3;

/// What the fields of a button are called where the short form leaves their names out.
const PLACES: [&str; 3] = ["action", "label", "url"];

/// The pages that the buttons open, in their order.
pub(super) fn links(text: &str) -> Result<Vec<NoticeLink>, NtfyError> {
    let text = text.trim();
    let actions = if text.starts_with('[') { in_json(text)? } else { in_short(text)? };
    if actions.len() > ACTIONS_MAX {
        return Err(NtfyError::invalid(format!("a message has at most {ACTIONS_MAX} actions")));
    }
    actions.iter().filter(|action| field(action, "action") == Some(VIEW)).map(link).collect()
}

type Action = Map<String, Value>;

fn field<'a>(action: &'a Action, name: &str) -> Option<&'a str> {
    action.get(name).and_then(Value::as_str)
}

fn link(action: &Action) -> Result<NoticeLink, NtfyError> {
    let given = |name| field(action, name).map(str::trim).filter(|text| !text.is_empty());
    match (given("label"), given("url")) {
        (Some(title), Some(url)) => Ok(NoticeLink { title: title.to_owned(), url: url.to_owned() }),
        _ => Err(NtfyError::invalid("the action view has a label and a url")),
    }
}

fn in_json(text: &str) -> Result<Vec<Action>, NtfyError> {
    serde_json::from_str(text).map_err(|error| {
        NtfyError::invalid(format!("the actions are not a list of objects in JSON: {error}"))
    })
}

/// `view, Open the door, https://door.internal; http, …`: fields with or without names, in quotation marks where they
/// hold a comma or a semicolon.
fn in_short(text: &str) -> Result<Vec<Action>, NtfyError> {
    let actions = split(text, ';')?;
    let actions = actions.into_iter().filter(|action| !action.is_empty());
    actions
        .map(|action| {
            let parts = split(action, ',')?;
            let fields = parts.into_iter().enumerate().filter(|(_, part)| !part.is_empty());
            Ok(fields.filter_map(|(place, part)| named(place, part)).collect())
        })
        .collect()
}

/// The name and the value of a field. What stands further back without a name says nothing.
fn named(place: usize, part: &str) -> Option<(String, Value)> {
    let name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let (name, value) = match part.split_once('=') {
        // An address may hold such a sign too; a name holds no colon or slash.
        Some((before, value)) if !before.is_empty() && name(before.trim()) => (before.trim(), value.trim()),
        _ => (*PLACES.get(place)?, part),
    };
    let quote = value.chars().next().filter(|first| ['"', '\''].contains(first));
    let inside = quote.and_then(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    Some((name.to_ascii_lowercase(), inside.unwrap_or(value).into()))
}

/// The parts between separators that stand outside quotation marks, without the space around them. A mark opens only
/// where a value begins, so that an apostrophe inside words is one.
fn split(text: &str, separator: char) -> Result<Vec<&str>, NtfyError> {
    let (mut parts, mut begin, mut open, mut fresh) = (Vec::new(), 0, None, true);
    for (at, character) in text.char_indices() {
        match open {
            Some(quote) if character == quote => open = None,
            Some(_) => {}
            None if fresh && ['"', '\''].contains(&character) => open = Some(character),
            None if character == separator => {
                parts.push(text[begin..at].trim());
                begin = at + character.len_utf8();
            }
            None => {}
        }
        fresh = [',', ';', '='].contains(&character) || fresh && character.is_whitespace();
    }
    if open.is_some() {
        return Err(NtfyError::invalid("a quotation mark in the actions is not closed"));
    }
    parts.push(text[begin..].trim());
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        links(text).unwrap().into_iter().map(|link| (link.title, link.url)).collect()
    }

    #[test]
    fn pages_are_found_in_every_form_and_other_buttons_left_to_others() {
        let expected = [("Open portal".to_owned(), "https://x.internal/?a=1".to_owned())];
        for text in [
            "view, Open portal, https://x.internal/?a=1",
            "view, Open portal, https://x.internal/?a=1, clear=true",
            "action=view, label=Open portal, url=https://x.internal/?a=1",
            "http, Close, https://x/close, method=PUT; view, 'Open portal', \"https://x.internal/?a=1\"",
            r#"[{"action":"broadcast","label":"x"},{"action":"view","label":"Open portal","url":"https://x.internal/?a=1","clear":true}]"#,
        ] {
            assert_eq!(pairs(text), expected, "{text}");
        }
        let odd = pairs("view, \"Halt; now, it's time\", https://x; view, Don't, https://y");
        assert_eq!(odd[0].0, "Halt; now, it's time");
        assert_eq!(odd[1], ("Don't".to_owned(), "https://y".to_owned()));
        assert!(pairs("").is_empty() && pairs("http, a, b").is_empty());
    }

    #[test]
    fn what_is_half_a_button_or_too_many_is_refused() {
        for wrong in ["view", "view, x", "view, 'x, https://x", "[1]", "[{\"action\":\"view\"}]", "a;a;a;a"] {
            assert!(links(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z,;='\" é\\[\\]{}]{0,60}") {
            drop(links(&text));
        }
    }
}
