use axum::{
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;

use crate::api::Problem;

/// A connection that can be given up for a WebSocket, and what the client's key is answered with (RFC 6455 §4.2).
pub(crate) struct WebSocket {
    upgrade: OnUpgrade,
    accept: String,
}

impl WebSocket {
    /// The one that a request asks for.
    ///
    /// # Errors
    /// It asks for none, or not as it should.
    pub(crate) fn of(parts: &mut Parts) -> Result<Self, Problem> {
        let headers = &parts.headers;
        let says = |name, word| says(headers, &name, word);
        if !says(header::CONNECTION, "upgrade")
            || !says(header::UPGRADE, "websocket")
            || !says(header::SEC_WEBSOCKET_VERSION, websocket::VERSION)
        {
            return Err(Problem::not_a_web_socket());
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
        let accept = websocket::accept(key.unwrap_or_default())
            .map_err(|error| Problem::invalid(error.to_string()))?;
        let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or_else(Problem::not_a_web_socket)?;
        Ok(Self { upgrade, accept })
    }

    /// The connection, once this answer has been given.
    pub(crate) fn accept(self) -> (OnUpgrade, Response) {
        let headers = [
            (header::UPGRADE, "websocket".to_owned()),
            (header::CONNECTION, "Upgrade".to_owned()),
            (header::SEC_WEBSOCKET_ACCEPT, self.accept),
        ];
        (self.upgrade, (StatusCode::SWITCHING_PROTOCOLS, headers).into_response())
    }
}

/// Whether a header has a word among those that it lists.
fn says(headers: &HeaderMap, name: &header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|said| said.trim().eq_ignore_ascii_case(word))
}
