use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::super::Denied;

/// What a request that was not done is answered with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GotifyError(Denied);

impl From<Denied> for GotifyError {
    fn from(denied: Denied) -> Self {
        Self(denied)
    }
}

impl IntoResponse for GotifyError {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let document = json!({
            "error": status.canonical_reason().unwrap_or_default(),
            "errorCode": status.as_u16(),
            "errorDescription": self.0.sentence(),
        });
        (status, Json(document)).into_response()
    }
}
