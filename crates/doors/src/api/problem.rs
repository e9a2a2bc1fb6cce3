//! What a request that was not done is answered with (RFC 9457).

use std::ops::Deref;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{MessageNameError, Need, Refusal, room::RoomRefusal};
use hub::{FileError, HubError};
use serde::{Deserialize, Serialize};
use store::StoreError;

/// A problem details object (RFC 9457 §3), to be answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problem(::api::Problem);

/// The kinds of problem: word, words, status.
pub(crate) type Kind = (&'static str, &'static str, StatusCode);

const UNAUTHORIZED: Kind = ("unauthorized", "It is not known who asks", StatusCode::UNAUTHORIZED);
const FORBIDDEN: Kind = ("forbidden", "This may not be done", StatusCode::FORBIDDEN);
const NOT_FOUND: Kind = ("not-found", "This does not exist", StatusCode::NOT_FOUND);
const METHOD: Kind = ("method", "This cannot be done here", StatusCode::METHOD_NOT_ALLOWED);
const TOO_MANY: Kind = ("too-many", "This was asked too often", StatusCode::TOO_MANY_REQUESTS);
const TIMEOUT: Kind = ("timeout", "The request came too slowly", StatusCode::REQUEST_TIMEOUT);
const CONFLICT: Kind = ("conflict", "This cannot be done any more, or again", StatusCode::CONFLICT);
const CHANGED: Kind = ("changed", "This has been changed since", StatusCode::PRECONDITION_FAILED);
const TOO_LARGE: Kind = ("too-large", "The request is too large", StatusCode::PAYLOAD_TOO_LARGE);
const NOT_JSON: Kind = ("not-json", "JSON is expected", StatusCode::UNSUPPORTED_MEDIA_TYPE);
const INVALID: Kind = ("invalid", "The request is wrong", StatusCode::UNPROCESSABLE_ENTITY);
const MISDIRECTED: Kind = ("misdirected", "This service is not called so", StatusCode::MISDIRECTED_REQUEST);
const UPGRADE: Kind = ("upgrade", "Another protocol is spoken here", StatusCode::UPGRADE_REQUIRED);
const INTERNAL: Kind = ("internal", "The service is at fault", StatusCode::INTERNAL_SERVER_ERROR);
const UNREACHABLE: Kind = ("unreachable", "The computer has not taken it", StatusCode::BAD_GATEWAY);
const UNAVAILABLE: Kind = ("unavailable", "The service cannot do this now", StatusCode::SERVICE_UNAVAILABLE);
const FULL: Kind = ("full", "There is no more room", StatusCode::INSUFFICIENT_STORAGE);

impl Problem {
    pub(crate) fn new((word, title, status): Kind, detail: impl Into<String>) -> Self {
        Self(::api::Problem {
            kind: format!("urn:messngr:problem:{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            missing_scope: None,
            retry_after_seconds: None,
        })
    }

    /// Nobody has said who they are.
    pub(crate) fn unknown_caller() -> Self {
        let detail = "say who you are: Authorization: Bearer TOKEN (`messngr token add` makes one), or Basic with your \
                      name and password";
        Self::new(UNAUTHORIZED, detail)
    }

    /// Somebody has said who they are, and it is not proven.
    pub(crate) fn not_proven(detail: impl Into<String>) -> Self {
        Self::new(UNAUTHORIZED, detail)
    }

    /// Whoever asks is known and lacks the scope for it.
    pub(crate) fn missing_scope(need: Need<'_>) -> Self {
        let scope = need.missing();
        let detail = format!("this needs the scope \"{scope}\", which you do not have");
        Self(::api::Problem { missing_scope: Some(scope), ..Self::new(FORBIDDEN, detail).0 })
    }

    /// The address has shown too many wrong passwords.
    pub(crate) fn too_many_failures() -> Self {
        Self::new(TOO_MANY, "too many failed attempts to sign in from this address; wait a minute").after(60)
    }

    /// Whoever asks has asked too much.
    pub(crate) fn too_often(requests_max: u32, seconds: u64) -> Self {
        Self::new(TOO_MANY, format!("you may ask {requests_max} times within a minute")).after(seconds)
    }

    /// The same, and that it may be tried again after so many seconds.
    fn after(self, seconds: u64) -> Self {
        Self(::api::Problem { retry_after_seconds: Some(seconds), ..self.0 })
    }

    /// The request is for somebody else, or comes from a page of somebody else's.
    pub(crate) fn misdirected(detail: impl Into<String>) -> Self {
        Self::new(MISDIRECTED, detail)
    }

    /// Who asks may not do this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(FORBIDDEN, detail)
    }

    /// Something in the request is not as it has to be.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(INVALID, detail)
    }

    /// The request's body is larger than allowed.
    pub(super) fn too_large(bytes_max: usize) -> Self {
        Self::new(TOO_LARGE, format!("a request has at most {bytes_max} bytes"))
    }

    /// The request did not come in time.
    pub(super) fn too_slow(seconds_max: u64) -> Self {
        Self::new(TIMEOUT, format!("a request has to come within {seconds_max} seconds"))
    }

    /// The body is of another media type.
    pub(super) fn not_json() -> Self {
        Self::new(NOT_JSON, "send the request as Content-Type: application/json")
    }

    /// This cannot be done as things are.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(CONFLICT, detail)
    }

    /// There is no such thing.
    pub(super) fn missing(detail: impl Into<String>) -> Self {
        Self::new(NOT_FOUND, detail)
    }

    /// What is asked for is a WebSocket, and the request is not for one.
    pub(crate) fn not_a_web_socket() -> Self {
        let detail = "this is a WebSocket: ask for it with Connection: Upgrade, Upgrade: websocket and \
                      Sec-WebSocket-Version: 13";
        Self::new(UPGRADE, detail)
    }

    /// The service cannot do it now.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(UNAVAILABLE, detail)
    }
}

impl Deref for Problem {
    type Target = ::api::Problem;

    fn deref(&self) -> &::api::Problem {
        &self.0
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut answer = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = answer.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: one challenge for each way.
            for challenge in ["Bearer realm=\"messngr\"", "Basic realm=\"messngr\", charset=\"UTF-8\""] {
                headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
        }
        if status == StatusCode::UPGRADE_REQUIRED {
            // RFC 9110 §15.5.22.
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

impl From<HubError> for Problem {
    fn from(error: HubError) -> Self {
        let kind = match &error {
            HubError::Store(store) => of_store(store),
            HubError::Refused(Refusal::NoSuchRecipient | Refusal::NeverWrote) => NOT_FOUND,
            HubError::Refused(_) | HubError::WrongPassword => FORBIDDEN,
            HubError::File(file) => of_file(file),
            HubError::Room(refusal) => of_room(refusal),
            HubError::Nickname(_) => INVALID,
            HubError::Address(_)
            | HubError::Audience(_)
            | HubError::Alert(_)
            | HubError::Condition(_)
            | HubError::GroupName(_)
            | HubError::Password { .. }
            | HubError::Absence(_)
            | HubError::ReservedName { .. }
            | HubError::Foreign { .. }
            | HubError::NobodyThere { .. }
            | HubError::TooManySets { .. }
            | HubError::TokenAboveAccount { .. }
            | HubError::TokenOver
            | HubError::NoSuchChoice { .. }
            | HubError::Schedule(_)
            | HubError::Template(_) => INVALID,
            HubError::MessageName(error) => of_message_name(error),
            HubError::OnlyWords | HubError::TooLongForMachine { .. } => INVALID,
            HubError::NoAccount { .. }
            | HubError::NoGroup { .. }
            | HubError::NoAlert { .. }
            | HubError::NoSuchCode
            | HubError::NoSchedule { .. }
            | HubError::NoTemplate { .. }
            | HubError::NothingToAnswer { .. } => NOT_FOUND,
            HubError::AlertOver { .. }
            | HubError::NotDraft { .. }
            | HubError::NotWaiting { .. }
            | HubError::LastAdministrator { .. } => CONFLICT,
            HubError::OtherVersion => CHANGED,
            HubError::TooManyGuesses | HubError::TooManySessions { .. } | HubError::SaidJustNow => TOO_MANY,
            HubError::Full { .. }
            | HubError::TooMuchData { .. }
            | HubError::TooManyRights { .. }
            | HubError::TooManyTokens { .. } => FULL,
            HubError::NoGateway | HubError::AlerterOff | HubError::KeyFile { .. } => UNAVAILABLE,
            HubError::Computer(_) => UNREACHABLE,
            _ => INTERNAL,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::new(of_store(&error), error.to_string())
    }
}

fn of_message_name(error: &MessageNameError) -> Kind {
    match error {
        MessageNameError::Invalid(_) => INVALID,
        MessageNameError::NotLocal(_) => NOT_FOUND,
        MessageNameError::TooMany => FULL,
        _ => CONFLICT,
    }
}

fn of_room(refusal: &RoomRefusal) -> Kind {
    match refusal {
        RoomRefusal::NoSuchRoom | RoomRefusal::NoSuchOccupant => NOT_FOUND,
        RoomRefusal::NicknameTaken | RoomRefusal::LastOwner => CONFLICT,
        RoomRefusal::Full
        | RoomRefusal::TooManyRooms { .. }
        | RoomRefusal::TooManyEntered { .. }
        | RoomRefusal::TooManyAffiliations { .. } => FULL,
        RoomRefusal::BadConfiguration { .. } => INVALID,
        _ => FORBIDDEN,
    }
}

fn of_file(error: &FileError) -> Kind {
    match error {
        FileError::TooLarge { .. } => TOO_LARGE,
        FileError::QuotaReached { .. } | FileError::Disk { .. } => FULL,
        FileError::TooManySlots => TOO_MANY,
        FileError::WrongSize { .. } => INVALID,
        FileError::NoSlot => NOT_FOUND,
        FileError::Closed => UNAVAILABLE,
        _ => INTERNAL,
    }
}

fn of_store(error: &StoreError) -> Kind {
    match error {
        StoreError::Exists { .. } => CONFLICT,
        StoreError::Missing { .. } => NOT_FOUND,
        StoreError::Unavailable { .. } | StoreError::Closed => UNAVAILABLE,
        _ => INTERNAL,
    }
}

pub(super) async fn no_such_path() -> Problem {
    Problem::new(NOT_FOUND, "there is nothing at this path; the interface begins at /api/v1")
}

pub(super) async fn no_such_method() -> Problem {
    Problem::new(METHOD, "this path does not take this method")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(error: HubError) -> u16 {
        Problem::from(error).status
    }

    #[test]
    fn each_kind_of_failure_has_the_status_that_programs_expect() {
        assert_eq!(status(HubError::NoAccount { name: "x".into() }), 404);
        assert_eq!(status(StoreError::Exists { what: "the account x".into() }.into()), 409);
        assert_eq!(status(StoreError::Missing { what: "the group x".into() }.into()), 404);
        assert_eq!(status(StoreError::Unavailable { why: "disk full".into() }.into()), 503);
        assert_eq!(status(StoreError::Corrupt { why: "x".into() }.into()), 500);
        assert_eq!(status(Refusal::NotAdministrator.into()), 403);
        assert_eq!(status(Refusal::NoSuchRecipient.into()), 404);
        assert_eq!(status(HubError::Computer("no answer".into())), 502);
        assert_eq!(status(HubError::AlertOver { status: "expired".into() }), 409);
        assert_eq!(status(HubError::TooManyGuesses), 429);
        assert_eq!(status(HubError::SaidJustNow), 429);
        assert_eq!(status(HubError::Full { recipient: "anna@x".into() }), 507);
    }

    #[test]
    fn the_detail_is_the_sentence_of_the_error() {
        let problem = Problem::from(HubError::Computer("PRESS1 does not answer".into()));
        assert_eq!(problem.detail, "PRESS1 does not answer");
        assert_eq!(problem.kind, "urn:messngr:problem:unreachable");
    }
}
