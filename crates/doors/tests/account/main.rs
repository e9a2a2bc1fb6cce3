//! What a client meets before and after it signs in, byte for byte.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod discovery;
mod kept;
mod negotiation;
mod pace;
mod sasl2;
#[path = "../xmpp_house/mod.rs"]
mod xmpp_house;
