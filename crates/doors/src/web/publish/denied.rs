use axum::http::StatusCode;
use domain::Refusal;
use hub::HubError;
use store::StoreError;

use super::NotProven;
use crate::api::Problem;

/// Why a publisher or a reader does not get what they ask for. Each interface says it in its own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// Nobody has proven who asks.
    NotProven(String),
    /// They may not.
    Forbidden(String),
    /// There is no such topic.
    NoTopic(String),
    /// There is no such thing in the topic.
    NotFound(String),
    /// They come too often.
    TooOften,
    /// The request has more bytes than this.
    TooLarge(usize),
    /// The request did not come in time.
    TooSlow,
    /// The request is wrong.
    Invalid(String),
    /// The hub says no.
    Hub(HubError),
}

impl Denied {
    pub(super) fn not_proven() -> Self {
        Self::NotProven("show a token: `messngr token add` makes one".to_owned())
    }

    pub(super) fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid(sentence.into())
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NotProven(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NoTopic(_) | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Hub(error) => match error {
                HubError::Notice(_) | HubError::Alert(_) | HubError::NotLater => StatusCode::BAD_REQUEST,
                HubError::Refused(Refusal::NotAdministrator | Refusal::Sender) | HubError::NotOpen { .. } => {
                    StatusCode::FORBIDDEN
                }
                HubError::NobodyThere { .. } => StatusCode::UNPROCESSABLE_ENTITY,
                HubError::Store(StoreError::Unavailable { .. } | StoreError::Closed) => {
                    StatusCode::SERVICE_UNAVAILABLE
                }
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    pub(super) fn sentence(&self) -> String {
        match self {
            Self::NotProven(sentence)
            | Self::Forbidden(sentence)
            | Self::NotFound(sentence)
            | Self::Invalid(sentence) => sentence.clone(),
            Self::NoTopic(name) => {
                format!("there is no topic \"{name}\": topics are configured, in [publish.topics]")
            }
            Self::TooOften => "too many requests within a minute: wait a little".to_owned(),
            Self::TooLarge(bytes) => format!("a request has at most {bytes} bytes here; files are not taken"),
            Self::TooSlow => "the request came too slowly".to_owned(),
            Self::Hub(error) => error.to_string(),
        }
    }
}

impl From<HubError> for Denied {
    fn from(error: HubError) -> Self {
        Self::Hub(error)
    }
}

impl From<NotProven> for Denied {
    fn from(error: NotProven) -> Self {
        match error {
            NotProven::Wrong(sentence) => Self::NotProven(sentence),
            NotProven::TooOften => Self::TooOften,
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let status = denied.status();
        let detail = denied.sentence();
        let (word, title) = match &denied {
            Denied::Hub(error) => return Self { status: status.as_u16(), ..Self::from(error.clone()) },
            Denied::NotProven(_) => ("not-proven", "Nobody has proven who asks"),
            Denied::Forbidden(_) => ("forbidden", "This may not be done"),
            Denied::NoTopic(_) | Denied::NotFound(_) => ("not-found", "This does not exist"),
            Denied::TooOften => ("too-many", "There are too many requests"),
            Denied::TooLarge(_) => ("too-large", "The request is too large"),
            Denied::TooSlow => ("timeout", "The request came too slowly"),
            Denied::Invalid(_) => ("invalid", "The request is wrong"),
        };
        Self {
            kind: format!("urn:messngr:problem:{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
        }
    }
}
