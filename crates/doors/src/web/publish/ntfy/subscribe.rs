//! Reading one or more topics, from the past into the future.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream::unfold;
use serde_json::json;

use super::{
    super::{
        Asked, Denied, Publishing,
        follow::{Follower, Next, Start},
        stream::{self, Words},
    },
    document::Message,
    error::NtfyError,
    selection::{Selection, Since},
};

/// The most topics that one reader reads at once.
const TOPICS_MAX: usize = 32;

/// `GET /TOPIC/json`: a document a line.
pub(super) async fn json(
    State(publishing): State<Arc<Publishing>>,
    Path(topics): Path<String>,
    request: Request,
) -> Result<Response, NtfyError> {
    let line = |message: &Message| format!("{}\n", message.to_json());
    stream_of(&publishing, topics, request, "application/x-ndjson; charset=utf-8", line).await
}

/// `GET /TOPIC/sse`: events of the server, as browsers read them.
pub(super) async fn sse(
    State(publishing): State<Arc<Publishing>>,
    Path(topics): Path<String>,
    request: Request,
) -> Result<Response, NtfyError> {
    stream_of(&publishing, topics, request, "text/event-stream; charset=utf-8", Message::to_sse).await
}

/// `GET /TOPIC/raw`: the words alone, a message a line.
pub(super) async fn raw(
    State(publishing): State<Arc<Publishing>>,
    Path(topics): Path<String>,
    request: Request,
) -> Result<Response, NtfyError> {
    stream_of(&publishing, topics, request, "text/plain; charset=utf-8", Message::to_raw).await
}

/// `GET /TOPIC/ws`: a document a frame.
pub(super) async fn ws(
    State(publishing): State<Arc<Publishing>>,
    Path(topics): Path<String>,
    request: Request,
) -> Result<Response, NtfyError> {
    let (mut parts, _) = request.into_parts();
    let asked = Asked::of(&publishing, &parts).await?;
    let reading = Reading::begin(&publishing, topics, &asked).await?;
    Ok(stream::tell(&mut parts, reading)?)
}

/// `GET /TOPIC/auth`: whether they may read it.
pub(super) async fn auth(
    State(publishing): State<Arc<Publishing>>,
    Path(topics): Path<String>,
    request: Request,
) -> Result<Response, NtfyError> {
    let asked = Asked::of(&publishing, &request.into_parts().0).await?;
    for name in names(&topics)? {
        Publishing::check_reader(publishing.topic(name, &asked)?, &asked)?;
    }
    Ok(Json(json!({ "success": true })).into_response())
}

async fn stream_of(
    publishing: &Arc<Publishing>,
    topics: String,
    request: Request,
    kind: &'static str,
    line: fn(&Message) -> String,
) -> Result<Response, NtfyError> {
    let asked = Asked::of(publishing, &request.into_parts().0).await?;
    let reading = Reading::begin(publishing, topics, &asked).await?;
    let lines = unfold(reading, move |mut reading| async move {
        let message = reading.next().await?;
        Some((Ok::<Bytes, std::convert::Infallible>(line(&message).into()), reading))
    });
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn names(topics: &str) -> Result<Vec<&str>, NtfyError> {
    let names: Vec<&str> = topics.split(',').collect();
    if names.len() > TOPICS_MAX {
        return Err(NtfyError::invalid(format!("at most {TOPICS_MAX} topics are read at once")));
    }
    Ok(names)
}

impl Words for Reading {
    async fn next(&mut self) -> Option<String> {
        Reading::next(self).await.map(|message| message.to_json())
    }
}

/// A reader, and what it was told already.
struct Reading {
    publishing: Arc<Publishing>,
    follower: Follower,
    selection: Selection,
    topics: String,
    opened: bool,
}

impl Reading {
    async fn begin(publishing: &Arc<Publishing>, topics: String, asked: &Asked) -> Result<Self, NtfyError> {
        let mut read = Vec::new();
        for name in names(&topics)? {
            let topic = publishing.topic(name, asked)?;
            Publishing::check_reader(topic, asked)?;
            read.push(topic.name.clone());
        }
        let selection = Selection::of(asked, publishing.hub.environment().now())?;
        let start = match selection.since {
            Since::Nothing => Start::Now,
            Since::All => Start::After(0),
            Since::Time(time) => Start::At(time),
            // What is not known any more was before everything that is.
            Since::After(id) => {
                let known = publishing.hub.publication_of(id).await.map_err(Denied::from)?;
                Start::After(known.map_or(0, |publication| publication.sequence))
            }
        };
        let mut follower = Follower::new(publishing, asked, read, start).await.map_err(Denied::from)?;
        if selection.scheduled && selection.since != Since::Nothing {
            follower.with_scheduled().await.map_err(Denied::from)?;
        }
        Ok(Self { publishing: publishing.clone(), follower, selection, topics, opened: false })
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Message> {
        if !self.opened && !self.selection.poll {
            self.opened = true;
            return Some(self.about("open"));
        }
        loop {
            let publication = match self.selection.poll {
                true => self.follower.next_there().await.ok().flatten()?,
                false => match self.follower.next().await {
                    Next::Publication(publication) => *publication,
                    Next::Keepalive => return Some(self.about("keepalive")),
                    Next::End => return None,
                },
            };
            let message = Message::of(&publication);
            if self.selection.wants(&message) {
                return Some(message);
            }
        }
    }

    fn about(&self, event: &'static str) -> Message {
        let environment = self.publishing.hub.environment();
        Message::about(event, &self.topics, environment.now(), environment.random())
    }
}
