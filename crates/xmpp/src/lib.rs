//! The XMPP wire, server side: streams, SASL, stanzas and the extensions.
//!
//! Bytes go in, typed events come out; typed answers go in, bytes come out. There are no sockets, no clock and
//! no randomness here: stream ids, stanza ids and timestamps are arguments. No input panics, and every size and
//! count has a limit ([`stream::Limits`]).
//!
//! - [`stream`] turns bytes into [`Element`]s and writes stream headers and errors (RFC 6120 §4).
//! - [`negotiation`] and [`sasl`] are what happens before a client is signed in (RFC 6120 §5–§7).
//! - [`stanza`] reads messages, presence and queries (RFC 6120 §8, RFC 6121).
//! - [`scanner`] recognises ordinary messages without building a tree.
//! - [`native`] makes a client's message fit to be forwarded as bytes.
//! - [`stream_management`] acknowledges stanzas and resumes streams (XEP-0198).
//! - [`extension`] holds one file for each extension.
#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod element;
pub mod extension;
pub mod namespace;
pub mod native;
pub mod negotiation;
pub mod sasl;
pub mod scanner;
pub mod stanza;
pub mod stream;
pub mod stream_management;

pub use element::{Attribute, Element, Node};
pub use jid;
pub use namespace::Namespace;
