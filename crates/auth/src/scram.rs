//! SCRAM: both sides prove that they know the password, and neither says it (RFC 5802, RFC 7677).
//!
//! ```text
//! client                         server
//!   start ── client-first ──────▶ start          who signs in; the caller finds the record
//!   respond ◀── server-first ──── challenge      salt and iterations
//!         ── client-final ──────▶ finish         the client is proven
//!   verify ◀── server-final ─────                the server is proven
//! ```
//!
//! Each step consumes the state before it, so that none can be taken twice or left out.

pub mod client;
pub mod server;
mod syntax;

pub use syntax::{MESSAGE_BYTES_MAX, NONCE_BYTES_MAX, Nonce, SyntaxError, USERNAME_BYTES_MAX};
