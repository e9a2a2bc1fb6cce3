//! Places for files that people send each other.

use std::sync::Arc;

use ::api::files::{FilePlace, NewFile};
use axum::{Json, extract::State};
use domain::displayable;
use hub::{FileDraft, FileError};

use super::{Problem, Service, caller::Caller, request::Input};
use crate::web::files;

/// The longest name and the longest media type, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// `POST /files`.
pub(super) async fn place(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(NewFile { name, size, media_type }): Input<NewFile>,
) -> Result<Json<FilePlace>, Problem> {
    let hub = &service.hub;
    let own = hub.account_named(&caller.name())?;
    let fits = |text: &str| text.len() <= NAME_BYTES_MAX && displayable(text) == *text;
    if name.is_empty() || name.contains('/') || !fits(&name) || !fits(&media_type) {
        return Err(Problem::invalid(format!("a file has a name of 1 to {NAME_BYTES_MAX} bytes, without /")));
    }
    if size == 0 {
        return Err(Problem::invalid("a file has at least one byte"));
    }
    let settings = hub.file_settings().ok_or(hub::HubError::File(FileError::Closed))?;
    let slot = hub.open_file_slot(&own.address, FileDraft { name, size, media_type }).await?;
    let (put, get) = files::addresses(&settings.base_url, &slot);
    Ok(Json(FilePlace { put, get }))
}
