//! Reading.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    response::Response,
};
use domain::TopicName;
use serde_json::{Value, json};
use store::PublicationQuery;

use super::{
    super::{
        Asked, Denied, Publishing,
        follow::{Follower, Next, Start},
        stream::{self, Words},
    },
    document::{Application, Message, Page, Paging, application_id},
    error::GotifyError,
};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 200;

/// `GET /message`: a page of what was published to the topics that they may read.
pub(super) async fn messages(
    State(publishing): State<Arc<Publishing>>,
    request: Request,
) -> Result<Json<Page>, GotifyError> {
    let asked = proven(&publishing, request).await?;
    let topics = publishing.readable(&asked);
    page(&publishing, &asked, topics, "/message").await
}

/// `GET /application/ID/message`: the same of one of them.
pub(super) async fn messages_of_application(
    State(publishing): State<Arc<Publishing>>,
    Path(id): Path<u32>,
    request: Request,
) -> Result<Json<Page>, GotifyError> {
    let asked = proven(&publishing, request).await?;
    let mut topics = publishing.readable(&asked);
    topics.retain(|topic| application_id(topic) == id);
    if topics.is_empty() {
        return Err(Denied::NotFound(format!("there is no application {id}")).into());
    }
    page(&publishing, &asked, topics, &format!("/application/{id}/message")).await
}

/// `GET /application`: the topics that they may read.
pub(super) async fn applications(
    State(publishing): State<Arc<Publishing>>,
    request: Request,
) -> Result<Json<Vec<Application>>, GotifyError> {
    let asked = proven(&publishing, request).await?;
    let topics = publishing.topics.iter().filter(|topic| Publishing::may_read(topic, asked.caller.as_ref()));
    Ok(Json(topics.map(Application::of).collect()))
}

/// `GET /current/user`: who they are.
pub(super) async fn user(
    State(publishing): State<Arc<Publishing>>,
    request: Request,
) -> Result<Json<Value>, GotifyError> {
    let asked = proven(&publishing, request).await?;
    let caller = asked.caller.ok_or_else(Denied::not_proven)?;
    Ok(Json(json!({ "id": 1, "name": caller.address().as_str(), "admin": false })))
}

/// `GET /version`: which program this is. Its number is ours, not Gotify's.
pub(super) async fn version() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "commit": "messngr", "buildDate": "" }))
}

/// `GET /stream`: a WebSocket, with a frame for each message from now on.
pub(super) async fn read_on(
    State(publishing): State<Arc<Publishing>>,
    request: Request,
) -> Result<Response, GotifyError> {
    let (mut parts, _) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    if asked.caller.is_none() {
        return Err(Denied::not_proven().into());
    }
    let topics = publishing.readable(&asked);
    let follower = Follower::new(&publishing, &asked, topics, Start::Now).await.map_err(Denied::from)?;
    Ok(stream::tell(&mut parts, Messages(follower))?)
}

struct Messages(Follower);

impl Words for Messages {
    async fn next(&mut self) -> Option<String> {
        loop {
            match self.0.next().await {
                Next::Publication(publication) => {
                    return Some(serde_json::to_string(&Message::of(&publication)).unwrap_or_default());
                }
                // That the connection is still there, its pings say.
                Next::Keepalive => {}
                Next::End => return None,
            }
        }
    }
}

async fn proven(publishing: &Publishing, request: Request) -> Result<Asked, Denied> {
    let asked = Asked::of(publishing, &request.into_parts().0).await?;
    if asked.caller.is_some() { Ok(asked) } else { Err(Denied::not_proven()) }
}

async fn page(
    publishing: &Publishing,
    asked: &Asked,
    topics: Vec<TopicName>,
    path: &str,
) -> Result<Json<Page>, GotifyError> {
    let number = |name: &str| match asked.parameter(&[name]) {
        None => Ok(None),
        Some(text) => {
            text.parse::<i64>().map(Some).map_err(|_| Denied::invalid(format!("{name} is a whole number")))
        }
    };
    let limit = match number("limit")? {
        None => LIMIT_DEFAULT,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| Denied::invalid(format!("limit is 1 to {LIMIT_MAX}")))?,
    };
    let before = number("since")?.filter(|since| *since > 0).unwrap_or(i64::MAX);
    // One more than is shown says whether there is more.
    let query = PublicationQuery { before, newest_first: true, ..PublicationQuery::all(topics, limit + 1) };
    let mut found = publishing.hub.publications(query).await.map_err(Denied::from)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let since = found.last().filter(|_| more).map_or(0, |last| last.sequence);
    let next = more.then(|| format!("{path}?limit={limit}&since={since}"));
    let messages: Vec<Message> = found.iter().map(Message::of).collect();
    Ok(Json(Page { paging: Paging { size: messages.len(), limit, since, next }, messages }))
}
