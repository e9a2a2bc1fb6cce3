//! Publishing.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::HeaderMap,
};
use domain::{Notice, Severity};
use jiff::Timestamp;

use super::{
    super::{Asked, Publishing, body},
    actions, delay,
    document::Message,
    error::NtfyError,
    fields::Fields,
    json, priority,
};

/// The most bytes of a message. What is longer would be a file to ntfy; files are not taken here.
const BODY_BYTES_MAX: usize = 16_384;

/// What a message without words says.
const NO_WORDS: &str = "triggered";

/// `POST /TOPIC` and `PUT /TOPIC`: the body is the message.
pub(super) async fn text(
    State(publishing): State<Arc<Publishing>>,
    Path(topic): Path<String>,
    request: Request,
) -> Result<(HeaderMap, Json<Message>), NtfyError> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    publishing.topic(&topic, &asked)?;
    let mut fields = Fields::of(&parts.headers, &asked.query)?;
    let message = body::text(body, BODY_BYTES_MAX).await?;
    match (&fields.message, message.is_empty()) {
        (Some(_), false) => {
            return Err(NtfyError::invalid(
                "the message stands in a header, so the body would be a file; files are not taken",
            ));
        }
        (Some(_), true) => {}
        (None, _) => fields.message = Some(message),
    }
    publish(&publishing, &topic, &asked, fields).await
}

/// `POST /`: the body is a document that names the topic. What it leaves out may stand in headers: apprise does so.
pub(super) async fn json(
    State(publishing): State<Arc<Publishing>>,
    request: Request,
) -> Result<(HeaderMap, Json<Message>), NtfyError> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    let (topic, fields) = json::read(&body::text(body, BODY_BYTES_MAX).await?)?;
    let fields = fields.or(Fields::of(&parts.headers, &asked.query)?);
    publish(&publishing, &topic, &asked, fields).await
}

/// `GET /TOPIC/publish`: everything stands in the query.
pub(super) async fn trigger(
    State(publishing): State<Arc<Publishing>>,
    Path(topic): Path<String>,
    request: Request,
) -> Result<(HeaderMap, Json<Message>), NtfyError> {
    let (parts, _) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    publishing.topic(&topic, &asked)?;
    let fields = Fields::of(&parts.headers, &asked.query)?;
    publish(&publishing, &topic, &asked, fields).await
}

async fn publish(
    publishing: &Publishing,
    topic: &str,
    asked: &Asked,
    fields: Fields,
) -> Result<(HeaderMap, Json<Message>), NtfyError> {
    let topic = publishing.topic(topic, asked)?;
    let notice = notice(fields, publishing.hub.environment().now())?;
    let published = publishing.publish(topic, asked, None, notice).await?;
    Ok((publishing.status_header(&published).await, Json(Message::of(published.publication()))))
}

/// What the fields say, in the words of the house.
fn notice(fields: Fields, now: Timestamp) -> Result<Notice, NtfyError> {
    if fields.email.is_some() || fields.call.is_some() {
        return Err(NtfyError::invalid("nothing leaves this network: there is no e-mail and no call"));
    }
    let severity = match fields.priority.as_deref().filter(|text| !text.is_empty()) {
        None => Severity::Minor,
        Some(text) => priority::number(text).and_then(priority::severity).ok_or_else(|| {
            NtfyError::invalid("the priority is 1 to 5, or one of min, low, default, high and max")
        })?,
    };
    let begins_at = match fields.delay.as_deref() {
        None | Some("") => None,
        Some(text) => Some(delay::moment(text, now).ok_or_else(|| {
            NtfyError::invalid("the delay is a Unix time or a duration such as 30m or 2 days, at most a year")
        })?),
    };
    let tags = fields.tags.unwrap_or_default();
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let present = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let links = fields.actions.as_deref().map(actions::links).transpose()?.unwrap_or_default();
    Ok(Notice {
        title: present(fields.title),
        message: present(fields.message).unwrap_or_else(|| NO_WORDS.to_owned()),
        severity,
        tags,
        link: present(fields.click),
        links,
        attachments: present(fields.attach).into_iter().collect(),
        begins_at,
        ..Notice::default()
    })
}

#[cfg(test)]
mod tests {
    use domain::NoticeLink;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_publication_says_what_its_fields_say() {
        let fields = Fields {
            message: some("hot"),
            title: some("Oven"),
            priority: some("high"),
            tags: some("fire, oven,"),
            delay: some("30m"),
            click: some("https://x/oven"),
            attach: some("https://x/oven.jpg"),
            actions: some("view, Camera, https://x/camera"),
            ..Fields::default()
        };
        let expected = Notice {
            title: some("Oven"),
            message: "hot".to_owned(),
            severity: Severity::Severe,
            tags: vec!["fire".to_owned(), "oven".to_owned()],
            link: some("https://x/oven"),
            links: vec![NoticeLink { title: "Camera".to_owned(), url: "https://x/camera".to_owned() }],
            attachments: vec!["https://x/oven.jpg".to_owned()],
            begins_at: Timestamp::from_second(1_800_001_800).ok(),
            ..Notice::default()
        };
        assert_eq!(notice(fields, now()), Ok(expected));
    }

    #[test]
    fn what_says_nothing_is_triggered_and_of_ordinary_priority() {
        let notice =
            notice(Fields { message: some(" "), title: some(""), ..Fields::default() }, now()).unwrap();
        assert_eq!((notice.message.as_str(), notice.title), ("triggered", None));
        assert_eq!(notice.severity, Severity::Minor);
    }

    #[test]
    fn what_cannot_be_done_is_refused_and_not_overlooked() {
        for wrong in [
            Fields { email: some("a@b"), ..Fields::default() },
            Fields { call: some("yes"), ..Fields::default() },
            Fields { priority: some("7"), ..Fields::default() },
            Fields { delay: some("tomorrow"), ..Fields::default() },
            Fields { actions: some("view, Camera"), ..Fields::default() },
        ] {
            assert!(notice(wrong.clone(), now()).is_err(), "{wrong:?}");
        }
    }
}
