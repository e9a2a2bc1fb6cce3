//! XMPP's spellings of our addresses.

use hub::Session;
use xmpp::{
    jid::{BareJid, FullJid, Jid},
    stanza::{Condition, StanzaError},
};

/// The session's address in XMPP's spelling.
pub(super) fn full_jid(session: &Session) -> Option<FullJid> {
    FullJid::new(&format!("{}/{}", session.address(), session.resource())).ok()
}

/// The service's own address in XMPP's spelling.
pub(super) fn domain_jid(domain: &str) -> Option<BareJid> {
    BareJid::new(domain).ok()
}

/// Why nothing goes to an address, where that is not at the service's own host: the same for every kind of stanza.
pub(super) fn elsewhere(own_domain: &str, to: &Jid) -> Option<StanzaError> {
    let host = to.domain().as_str();
    if host == own_domain {
        return None;
    }
    if domain::is_unverified_host(host, own_domain) {
        let text = "an old machine understands nothing but messages";
        return Some(StanzaError::new(Condition::ServiceUnavailable).with_text(text));
    }
    // RFC 6120 §10.4
    let text = "this service reaches people on its own network only";
    Some(StanzaError::new(Condition::RemoteServerNotFound).with_text(text))
}
