use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::super::Denied;

/// What a request that was not done is answered with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NtfyError(Denied);

#[derive(Serialize)]
struct Document {
    code: u32,
    http: u16,
    error: String,
}

impl NtfyError {
    pub(super) fn invalid(sentence: impl Into<String>) -> Self {
        Self(Denied::invalid(sentence))
    }
}

impl From<Denied> for NtfyError {
    fn from(denied: Denied) -> Self {
        Self(denied)
    }
}

impl IntoResponse for NtfyError {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let http = status.as_u16();
        let document = Document { code: 100 * u32::from(http) + 1, http, error: self.0.sentence() };
        let answer = (status, Json(document)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            return ([(header::WWW_AUTHENTICATE, "Basic realm=\"messngr\", charset=\"UTF-8\"")], answer)
                .into_response();
        }
        answer
    }
}
