use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::LengthLimitError;

use super::Denied;
use crate::api::collect;

/// How long a request's body may take to come.
const BODY_MAX: Duration = Duration::from_secs(30);

/// The whole body of a request.
pub(super) async fn whole(body: Body, bytes_max: usize) -> Result<Bytes, Denied> {
    match tokio::time::timeout(BODY_MAX, collect(body, bytes_max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Denied::TooLarge(bytes_max)),
        Ok(Err(error)) => Err(Denied::invalid(format!("the body of the request broke off: {error}"))),
        Err(_) => Err(Denied::TooSlow),
    }
}

/// The body as text.
pub(super) async fn text(body: Body, bytes_max: usize) -> Result<String, Denied> {
    let bytes = whole(body, bytes_max).await?;
    String::from_utf8(bytes.into())
        .map_err(|_| Denied::invalid("the body of the request is not text in UTF-8"))
}
