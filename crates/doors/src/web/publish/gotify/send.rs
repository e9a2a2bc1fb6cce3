//! Publishing.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, request::Parts},
};
use domain::Topic;

use super::{
    super::{Asked, Denied, Publishing, body},
    document::Message,
    error::GotifyError,
    form,
};

/// The most bytes of a message.
const BODY_BYTES_MAX: usize = 32_768;

/// `POST /message`: to the topic of the token.
pub(super) async fn to_own_topic(
    State(publishing): State<Arc<Publishing>>,
    request: Request,
) -> Result<(HeaderMap, Json<Message>), GotifyError> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    let topic = own_topic(&publishing.topics, &asked)?;
    send(&publishing, topic, &asked, &parts, body).await
}

/// `POST /TOPIC/message`.
pub(super) async fn to_topic(
    State(publishing): State<Arc<Publishing>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<(HeaderMap, Json<Message>), GotifyError> {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    let topic = publishing.topic(&name, &asked)?;
    send(&publishing, topic, &asked, &parts, body).await
}

async fn send(
    publishing: &Publishing,
    topic: &Topic,
    asked: &Asked,
    parts: &Parts,
    body: axum::body::Body,
) -> Result<(HeaderMap, Json<Message>), GotifyError> {
    let notice = form::read(&parts.headers, &body::whole(body, BODY_BYTES_MAX).await?)?;
    let published = publishing.publish(topic, asked, None, notice).await?;
    Ok((publishing.status_header(&published).await, Json(Message::of(published.publication()))))
}

/// The topic that is called as the token is; else the only one that it may publish to.
fn own_topic<'a>(topics: &'a [Topic], asked: &Asked) -> Result<&'a Topic, Denied> {
    let caller = asked.caller.as_ref().ok_or_else(Denied::not_proven)?;
    let may: Vec<&Topic> = topics.iter().filter(|topic| caller.may_publish_to(&topic.audience)).collect();
    let named = may.iter().find(|topic| Some(topic.name.as_str()) == caller.token_name());
    match (named, may.as_slice()) {
        (Some(topic), _) => Ok(topic),
        (None, [only]) => Ok(only),
        (None, []) => Err(Denied::Forbidden("this token may publish to no topic".to_owned())),
        (None, _) => Err(Denied::invalid(
            "this token may publish to several topics: give it the name of one, or post to /TOPIC/message",
        )),
    }
}
