//! A publication as one JSON document.

use serde::Deserialize;
use serde_json::Value;

use super::{error::NtfyError, fields::Fields};

/// The document. What it does not name here is for clients of other kinds, such as icons.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    topic: Option<String>,
    message: Option<String>,
    title: Option<String>,
    priority: Option<Value>,
    tags: Option<Value>,
    delay: Option<Value>,
    click: Option<String>,
    attach: Option<String>,
    filename: Option<String>,
    actions: Option<Value>,
    email: Option<String>,
    call: Option<Value>,
}

/// The topic, and the same fields that headers would have.
pub(super) fn read(text: &str) -> Result<(String, Fields), NtfyError> {
    let document: Document = serde_json::from_str(text)
        .map_err(|error| NtfyError::invalid(format!("the body is not a publication in JSON: {error}")))?;
    let topic = document.topic.ok_or_else(|| NtfyError::invalid("the publication names no topic"))?;
    let fields = Fields {
        message: document.message,
        title: document.title,
        priority: word("priority", document.priority)?,
        tags: match document.tags {
            Some(Value::Array(tags)) => {
                let tags = tags.into_iter().map(|tag| Ok(word("tags", Some(tag))?.unwrap_or_default()));
                Some(tags.collect::<Result<Vec<String>, NtfyError>>()?.join(","))
            }
            other => word("tags", other)?,
        },
        delay: word("delay", document.delay)?,
        click: document.click,
        attach: document.attach,
        filename: document.filename,
        actions: match document.actions {
            Some(actions @ Value::Array(_)) => Some(actions.to_string()),
            other => word("actions", other)?,
        },
        email: document.email,
        call: word("call", document.call)?,
    };
    Ok((topic, fields))
}

/// A text, or a number as a text.
fn word(name: &str, value: Option<Value>) -> Result<Option<String>, NtfyError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(NtfyError::invalid(format!("\"{name}\" is not a text or a number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_the_same_as_headers_would() {
        let text = r#"{"topic":"plant","message":"hot","title":"Oven","tags":["fire","oven"],"priority":4,
                       "click":"https://x","delay":"30m","actions":[{"action":"view"}],"markdown":true}"#;
        let (topic, fields) = read(text).unwrap();
        assert_eq!(topic, "plant");
        let expected = Fields {
            message: Some("hot".to_owned()),
            title: Some("Oven".to_owned()),
            tags: Some("fire,oven".to_owned()),
            priority: Some("4".to_owned()),
            click: Some("https://x".to_owned()),
            delay: Some("30m".to_owned()),
            actions: Some(r#"[{"action":"view"}]"#.to_owned()),
            ..Fields::default()
        };
        assert_eq!(fields, expected);
        assert_eq!(
            read(r#"{"topic":"a","priority":"high","tags":null}"#).unwrap().1.priority.as_deref(),
            Some("high")
        );
    }

    #[test]
    fn a_document_without_a_topic_or_with_other_types_is_refused() {
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"topic":7}"#,
            r#"{"topic":"a","priority":{}}"#,
            r#"{"topic":"a","tags":[[]]}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
