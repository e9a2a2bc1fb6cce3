use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use xmpp::{
    Element,
    extension::{
        capabilities::{announcement, verification_string},
        disco::Info,
    },
};

/// Which software this is, for those who know it by what it can do.
const NODE: &str = "urn:messngr:service";

/// The short name of what the service says of itself (XEP-0115), so that a client asks for it only once.
#[derive(Clone, Debug)]
pub(super) struct Capabilities {
    version: String,
}

impl Capabilities {
    pub(super) fn of(info: &Info) -> Self {
        Self { version: STANDARD.encode(Sha1::digest(verification_string(info))) }
    }

    /// For the features of a stream (§6.3).
    pub(super) fn announcement(&self) -> Element {
        announcement(NODE, &self.version)
    }

    /// Whether a client that asks for this node wants to know what the announcement is short for (§6.2).
    pub(super) fn is_meant(&self, node: &str) -> bool {
        node.strip_prefix(NODE).and_then(|rest| rest.strip_prefix('#')) == Some(self.version.as_str())
    }
}
