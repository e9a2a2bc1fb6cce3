//! A message as it comes in: JSON, or a form of either kind.

use axum::http::{HeaderMap, header};
use domain::{Notice, Severity};
use serde::Deserialize;
use serde_json::Value;

use super::super::{Denied, asked::parameters, multipart};

/// The document; forms have the same fields but for `extras`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Document {
    title: Option<String>,
    message: Option<String>,
    priority: Option<Value>,
    extras: Option<Value>,
}

/// Gotify's priorities run from 0 up to 10; the first of these that is not less says how much something matters.
const SEVERITIES: [(i64, Severity); 4] =
    [(3, Severity::Information), (5, Severity::Minor), (7, Severity::Moderate), (9, Severity::Severe)];

/// What Gotify takes a message to be that says nothing else.
const PRIORITY_DEFAULT: i64 = 0;

/// How much something of this priority matters.
fn severity(priority: i64) -> Severity {
    let found = SEVERITIES.iter().find(|(up_to, _)| priority <= *up_to);
    found.map_or(Severity::Extreme, |(_, severity)| *severity)
}

/// The priority of what matters so much.
pub(super) fn priority(severity: Severity) -> i64 {
    match severity {
        Severity::Information => 2,
        Severity::Minor => 5,
        Severity::Moderate => 7,
        Severity::Severe => 9,
        Severity::Extreme => 10,
    }
}

/// What a message says, in the words of the house.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Notice, Denied> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let plain = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let document = match (plain.as_str(), multipart::boundary(kind)) {
        ("application/json", _) => serde_json::from_slice(body)
            .map_err(|error| Denied::invalid(format!("the body is not a message in JSON: {error}")))?,
        (_, Some(boundary)) => of_fields(multipart::fields(body, boundary).ok_or_else(|| {
            Denied::invalid("the body is not a form: fields of text in UTF-8, at most 64 of them")
        })?),
        ("application/x-www-form-urlencoded", None) => of_fields(parameters(body)),
        _ => return Err(Denied::invalid("a message is JSON or a form: say which in Content-Type")),
    };
    notice(document)
}

fn of_fields(fields: Vec<(String, String)>) -> Document {
    let mut document = Document::default();
    for (name, value) in fields {
        match name.as_str() {
            "title" => document.title = Some(value),
            "message" => document.message = Some(value),
            "priority" => document.priority = Some(Value::String(value)),
            _ => {}
        }
    }
    document
}

fn notice(document: Document) -> Result<Notice, Denied> {
    let message = document.message.filter(|message| !message.trim().is_empty());
    let message = message.ok_or_else(|| Denied::invalid("the message is missing"))?;
    let priority = match document.priority {
        None | Some(Value::Null) => Some(PRIORITY_DEFAULT),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) if text.trim().is_empty() => Some(PRIORITY_DEFAULT),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let priority = priority.ok_or_else(|| Denied::invalid("the priority is a whole number, 0 to 10"))?;
    let link = document.extras.as_ref().and_then(|extras| extras.pointer("/client::notification/click/url"));
    Ok(Notice {
        title: document.title.filter(|title| !title.trim().is_empty()),
        message,
        severity: severity(priority),
        link: link.and_then(Value::as_str).map(str::to_owned),
        ..Notice::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &str) -> Result<Notice, Denied> {
        let headers = [(header::CONTENT_TYPE, kind.parse().unwrap())];
        super::read(&headers.into_iter().collect(), body.as_bytes())
    }

    #[test]
    fn a_message_is_the_same_in_json_and_in_both_forms() {
        let json = r#"{"title":"Oven","message":"hot & dry","priority":8,"unknown":1}"#;
        let form = "title=Oven&message=hot+%26+dry&priority=8&unknown=1";
        let parts = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nOven\r\n\
                     --b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhot & dry\r\n\
                     --b\r\nContent-Disposition: form-data; name=\"priority\"\r\n\r\n8\r\n--b--\r\n";
        let expected = Notice {
            title: Some("Oven".to_owned()),
            message: "hot & dry".to_owned(),
            severity: Severity::Severe,
            ..Notice::default()
        };
        assert_eq!(read("application/json; charset=utf-8", json).unwrap(), expected);
        assert_eq!(read("application/x-www-form-urlencoded", form).unwrap(), expected);
        assert_eq!(read("multipart/form-data; boundary=b", parts).unwrap(), expected);
    }

    #[test]
    fn a_click_leads_where_it_would_in_gotifys_client() {
        let json = r#"{"message":"x","extras":{"client::notification":{"click":{"url":"https://x"}}}}"#;
        assert_eq!(read("application/json", json).unwrap().link.as_deref(), Some("https://x"));
    }

    #[test]
    fn what_has_no_message_or_is_of_another_kind_is_refused() {
        for (kind, body) in [
            ("application/json", "{}"),
            ("application/json", r#"{"message":" "}"#),
            ("application/json", r#"{"message":"x","priority":"high"}"#),
            ("application/json", r#"{"message":"x","priority":1.5}"#),
            ("application/json", "message=x"),
            ("text/plain", "message=x"),
            ("multipart/form-data; boundary=b", "message=x"),
            ("multipart/form-data", "message=x"),
        ] {
            assert!(read(kind, body).is_err(), "{kind} {body}");
        }
    }

    #[test]
    fn more_priority_is_never_less_severe_and_what_is_severe_comes_back_as_it_went() {
        assert!((-5..20).map(severity).is_sorted());
        assert_eq!(
            [0, 3, 4, 5, 6, 8, 10].map(severity),
            [
                Severity::Information,
                Severity::Information,
                Severity::Minor,
                Severity::Minor,
                Severity::Moderate,
                Severity::Severe,
                Severity::Extreme,
            ]
        );
        for each in Severity::ALL {
            assert_eq!(severity(priority(each)), each);
        }
    }
}
