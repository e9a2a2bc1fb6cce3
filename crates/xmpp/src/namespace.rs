//! Namespace names: the type, and the names this crate speaks.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A namespace name (a URI). Cheap to clone: a constant or a shared string. The empty name is "no namespace".
#[derive(Clone)]
pub struct Namespace(Name);

#[derive(Clone)]
enum Name {
    Constant(&'static str),
    Shared(Arc<str>),
}

impl Namespace {
    /// No namespace: what attributes without a prefix are in.
    pub const NONE: Self = Self(Name::Constant(""));

    /// The name as text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Constant(name) => name,
            Name::Shared(name) => name,
        }
    }
}

impl Deref for Namespace {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Namespace {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Namespace {}

impl PartialEq<str> for Namespace {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl From<&'static str> for Namespace {
    fn from(name: &'static str) -> Self {
        Self(Name::Constant(name))
    }
}

impl From<String> for Namespace {
    fn from(name: String) -> Self {
        Self(Name::Shared(name.into()))
    }
}

/// The `xml:` prefix (Namespaces in XML §3).
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The stream element, its features and its errors (RFC 6120 §4.8.1).
pub const STREAM: &str = "http://etherx.jabber.org/streams";
/// Stanzas between a client and its server (RFC 6120 §4.8.2).
pub const CLIENT: &str = "jabber:client";
/// STARTTLS (RFC 6120 §5.4.1).
pub const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
/// SASL (RFC 6120 §6.4.1).
pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// Channel-binding types that the server supports (XEP-0440).
pub const SASL_CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
/// The extensible SASL profile (XEP-0388).
pub const SASL2: &str = "urn:xmpp:sasl:2";
/// Binding within SASL 2 (XEP-0386).
pub const BIND2: &str = "urn:xmpp:bind:0";
/// Tokens to sign in with (XEP-0484).
pub const FAST: &str = "urn:xmpp:fast:0";
/// Client state indication (XEP-0352).
pub const CLIENT_STATE: &str = "urn:xmpp:csi:0";
/// Resource binding (RFC 6120 §7.4).
pub const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// Session establishment, which only old clients ask for (RFC 3921 §3).
pub const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// Conditions of stream errors (RFC 6120 §4.9.2).
pub const STREAM_ERROR: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// Conditions of stanza errors (RFC 6120 §8.3.2).
pub const STANZA_ERROR: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// The roster (RFC 6121 §2).
pub const ROSTER: &str = "jabber:iq:roster";
/// The stream feature of roster versioning (RFC 6121 §2.6.1).
pub const ROSTER_VERSIONING: &str = "urn:xmpp:features:rosterver";
/// The stream feature of subscription pre-approval (RFC 6121 §3.4.1).
pub const SUBSCRIPTION_PREAPPROVAL: &str = "urn:xmpp:features:pre-approval";
/// Stream management (XEP-0198).
pub const STREAM_MANAGEMENT: &str = "urn:xmpp:sm:3";
/// Last activity (XEP-0012).
pub const LAST_ACTIVITY: &str = "jabber:iq:last";
/// Private XML storage (XEP-0049).
pub const PRIVATE: &str = "jabber:iq:private";
/// Visiting cards (XEP-0054).
pub const VCARD: &str = "vcard-temp";
/// Out-of-band data (XEP-0066).
pub const OUT_OF_BAND: &str = "jabber:x:oob";
/// In-band registration (XEP-0077).
pub const REGISTRATION: &str = "jabber:iq:register";
/// Data forms (XEP-0004).
pub const DATA_FORMS: &str = "jabber:x:data";
/// Service discovery: what an entity is (XEP-0030 §3).
pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// Service discovery: what an entity holds (XEP-0030 §4).
pub const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// Ad-hoc commands (XEP-0050).
pub const COMMANDS: &str = "http://jabber.org/protocol/commands";
/// Chat states: typing (XEP-0085).
pub const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
/// Software version (XEP-0092).
pub const VERSION: &str = "jabber:iq:version";
/// Entity capabilities (XEP-0115).
pub const CAPABILITIES: &str = "http://jabber.org/protocol/caps";
/// Message delivery receipts (XEP-0184).
pub const RECEIPTS: &str = "urn:xmpp:receipts";
/// Ping (XEP-0199).
pub const PING: &str = "urn:xmpp:ping";
/// Entity time (XEP-0202).
pub const TIME: &str = "urn:xmpp:time";
/// Delayed delivery (XEP-0203).
pub const DELAY: &str = "urn:xmpp:delay";
/// Delayed delivery as it was before (XEP-0091).
pub const DELAY_LEGACY: &str = "jabber:x:delay";
/// Headers of stanzas (XEP-0131).
pub const HEADERS: &str = "http://jabber.org/protocol/shim";
/// Attention (XEP-0224).
pub const ATTENTION: &str = "urn:xmpp:attention:0";
/// Correction of the last message (XEP-0308).
pub const CORRECTION: &str = "urn:xmpp:message-correct:0";
/// Last user interaction in presence (XEP-0319).
pub const IDLE: &str = "urn:xmpp:idle:1";
/// Chat markers (XEP-0333).
pub const MARKERS: &str = "urn:xmpp:chat-markers:0";
/// Message processing hints (XEP-0334).
pub const HINTS: &str = "urn:xmpp:hints";
/// Unique and stable stanza ids (XEP-0359).
pub const STANZA_ID: &str = "urn:xmpp:sid:0";
/// Message retraction (XEP-0424).
pub const RETRACTION: &str = "urn:xmpp:message-retract:1";
/// Quick responses (XEP-0439).
pub const QUICK_RESPONSE: &str = "urn:xmpp:tmp:quick-response";
/// Message reactions (XEP-0444).
pub const REACTIONS: &str = "urn:xmpp:reactions:0";
/// OMEMO as Conversations first spoke it (XEP-0384 version 0.3).
pub const OMEMO_LEGACY: &str = "eu.siacs.conversations.axolotl";
/// OMEMO (XEP-0384).
pub const OMEMO: &str = "urn:xmpp:omemo:2";
/// OpenPGP for instant messaging (XEP-0373).
pub const OPENPGP: &str = "urn:xmpp:openpgp:0";
/// Legacy OpenPGP (XEP-0027).
pub const OPENPGP_LEGACY: &str = "jabber:x:encrypted";
/// Message carbons (XEP-0280).
pub const CARBONS: &str = "urn:xmpp:carbons:2";
/// The exact rules by which messages are copied (XEP-0280 §6.1).
pub const CARBONS_RULES: &str = "urn:xmpp:carbons:rules:0";
/// Blocking (XEP-0191).
pub const BLOCKING: &str = "urn:xmpp:blocking";
/// Why nothing goes to who is blocked (XEP-0191 §3.3).
pub const BLOCKING_ERRORS: &str = "urn:xmpp:blocking:errors";
/// The message archive (XEP-0313).
pub const ARCHIVE: &str = "urn:xmpp:mam:2";
/// What else the archive understands (XEP-0313 §8).
pub const ARCHIVE_EXTENDED: &str = "urn:xmpp:mam:2#extended";
/// Result set management (XEP-0059).
pub const RESULT_SET: &str = "http://jabber.org/protocol/rsm";
/// Validation of data forms (XEP-0122).
pub const DATA_FORMS_VALIDATION: &str = "http://jabber.org/protocol/xdata-validate";
/// Forwarded stanzas (XEP-0297).
pub const FORWARD: &str = "urn:xmpp:forward:0";
/// Direct invitations to a room (XEP-0249).
pub const CONFERENCE: &str = "jabber:x:conference";
/// Rooms (XEP-0045).
pub const MUC: &str = "http://jabber.org/protocol/muc";
/// Who may do what in a room (XEP-0045).
pub const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";
/// What a room is (XEP-0045).
pub const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
/// The form by which a room is set up (XEP-0045 §15.5.3).
pub const MUC_ROOM_CONFIG: &str = "http://jabber.org/protocol/muc#roomconfig";
/// Names that no room has (XEP-0045 §10.1.4).
pub const MUC_UNIQUE: &str = "http://jabber.org/protocol/muc#unique";
/// The room itself answers who asks whether they are still in it (XEP-0410 §4).
pub const MUC_SELF_PING: &str = "http://jabber.org/protocol/muc#self-ping-optimization";
/// Stanza ids given by a room (XEP-0045 §6.4).
pub const MUC_STABLE_ID: &str = "http://jabber.org/protocol/muc#stable_id";
/// Who is who in a room (XEP-0421).
pub const OCCUPANT_ID: &str = "urn:xmpp:occupant-id:0";
/// Sending files by HTTP (XEP-0363).
pub const UPLOAD: &str = "urn:xmpp:http:upload:0";
/// Looking for words in archives (XEP-0431).
pub const FULL_TEXT: &str = "urn:xmpp:fulltext:0";
/// What a room tells its occupants (XEP-0045).
pub const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
/// Nicknames (XEP-0172).
pub const NICKNAME: &str = "http://jabber.org/protocol/nick";
/// Explicit message encryption (XEP-0380).
pub const ENCRYPTION_METHOD: &str = "urn:xmpp:eme:0";
/// Fallback indication (XEP-0428).
pub const FALLBACK: &str = "urn:xmpp:fallback:0";
/// Replies (XEP-0461).
pub const REPLY: &str = "urn:xmpp:reply:0";
/// Files by where they are (XEP-0447).
pub const FILE_SHARING: &str = "urn:xmpp:sfs:0";
/// What is known of a file (XEP-0446).
pub const FILE_METADATA: &str = "urn:xmpp:file:metadata:0";
/// The address of data (XEP-0103).
pub const URL_DATA: &str = "http://jabber.org/protocol/url-data";
