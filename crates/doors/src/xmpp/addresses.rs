//! XMPP's spellings of our addresses.

use hub::Session;
use xmpp::jid::{BareJid, FullJid};

/// The session's address in XMPP's spelling.
pub(super) fn full_jid(session: &Session) -> Option<FullJid> {
    FullJid::new(&format!("{}/{}", session.address(), session.resource())).ok()
}

/// The service's own address in XMPP's spelling.
pub(super) fn domain_jid(domain: &str) -> Option<BareJid> {
    BareJid::new(domain).ok()
}
