use hub::{FileDraft, FileError, HubError};
use xmpp::{
    Element,
    extension::{
        disco::{Identity, Info, Items, Request as DiscoRequest},
        ping, upload,
    },
    jid::Jid,
    namespace,
    stanza::{Condition, Iq, IqKind, StanzaError},
};

use super::super::conversation::Conversation;
use crate::web::files;

/// The first label of the host that gives places for files.
const LABEL: &str = "upload";

/// The host that gives places for files, where there are any.
pub(super) fn host(conversation: &Conversation) -> Option<String> {
    let hub = &conversation.door.hub;
    hub.file_settings().map(|_| format!("{LABEL}.{}", hub.domain()))
}

/// Whether something is for that host.
pub(super) fn is_meant(conversation: &Conversation, to: &Jid) -> bool {
    host(conversation).is_some_and(|host| to.as_str() == host)
}

/// A query to the host (XEP-0363 §3, §4).
pub(super) async fn query(conversation: &Conversation, iq: &Iq) {
    if !matches!(iq.kind, IqKind::Get | IqKind::Set) {
        return;
    }
    let reply = match serve(conversation, iq).await {
        Ok(payload) => Some(iq.result(payload)),
        Err(error) => iq.error(&error),
    };
    if let Some(reply) = reply {
        conversation.send(&reply);
    }
}

async fn serve(conversation: &Conversation, iq: &Iq) -> Result<Option<Element>, StanzaError> {
    let payload = iq.payload().ok_or(Condition::BadRequest)?;
    let settings = conversation.door.hub.file_settings().ok_or(Condition::ServiceUnavailable)?;
    if iq.kind == IqKind::Set {
        return Err(Condition::ServiceUnavailable.into());
    }
    if ping::is_request(payload) {
        return Ok(None);
    }
    if let Some(request) = upload::Request::parse(payload)? {
        let draft = FileDraft {
            name: request.name,
            size: request.size,
            media_type: request.media_type.unwrap_or_default(),
        };
        let slot = conversation.door.hub.open_file_slot(conversation.session.address(), draft).await;
        let (put, get) = files::addresses(&settings.base_url, &slot.map_err(|error| refusal(&error))?);
        return Ok(Some(upload::slot(&put, &get)));
    }
    match DiscoRequest::parse(payload) {
        Some(DiscoRequest::Info { node: None }) => {
            Ok(Some(information(settings.size_bytes_max).to_element()))
        }
        Some(DiscoRequest::Items { node: None }) => Ok(Some(Items::default().to_element())),
        Some(_) => Err(Condition::ItemNotFound.into()),
        None => Err(Condition::ServiceUnavailable.into()),
    }
}

fn information(size_bytes_max: u64) -> Info {
    let identity = Identity {
        category: "store".to_owned(),
        kind: "file".to_owned(),
        lang: None,
        name: Some("Files".to_owned()),
    };
    let features = [namespace::DISCO_INFO, namespace::DISCO_ITEMS, namespace::UPLOAD, namespace::PING];
    Info {
        node: None,
        identities: vec![identity],
        features: features.map(str::to_owned).to_vec(),
        forms: vec![upload::information(size_bytes_max)],
    }
}

fn refusal(error: &HubError) -> StanzaError {
    match error {
        HubError::File(FileError::TooLarge { bytes_max }) => upload::too_large(*bytes_max),
        HubError::File(
            error @ (FileError::QuotaReached { .. } | FileError::TooManySlots | FileError::NoRoom),
        ) => upload::too_many(error.to_string()),
        other => {
            tracing::warn!(error = %other, "a place for a file could not be given");
            StanzaError::new(Condition::ResourceConstraint)
                .with_text("the service cannot do this now; try again")
        }
    }
}
