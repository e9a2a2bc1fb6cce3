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
                HubError::Notice(_) | HubError::Alert(_) => StatusCode::BAD_REQUEST,
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
            NotProven::Unavailable(why) => Self::Hub(StoreError::Unavailable { why }.into()),
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (status, detail) = (denied.status(), denied.sentence());
        let (word, title) = match status {
            StatusCode::UNAUTHORIZED => ("not-proven", "Nobody has proven who asks"),
            StatusCode::FORBIDDEN => ("forbidden", "This may not be done"),
            StatusCode::NOT_FOUND => ("not-found", "This does not exist"),
            StatusCode::TOO_MANY_REQUESTS => ("too-many", "There are too many requests"),
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "The request is too large"),
            StatusCode::REQUEST_TIMEOUT => ("timeout", "The request came too slowly"),
            StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "The service cannot do this now"),
            status if status.is_client_error() => ("invalid", "The request is wrong"),
            _ => ("internal", "The service is at fault"),
        };
        Self::new((word, title, status), detail)
    }
}
