//! Who someone is: password records, the SASL mechanisms that prove them, and nothing else.
//!
//! This crate judges records that it is handed. It opens no socket, reads no clock, keeps no store and draws no
//! random numbers: random bytes are arguments, and what is to be sent or stored is returned.
//!
//! | module | subject |
//! |---|---|
//! | [`record`] | what is stored of a password: SCRAM keys, never the password |
//! | [`mechanism`] | the mechanisms by name and strength, and which to offer |
//! | [`channel_binding`] | what ties a sign-in to its TLS connection |
//! | [`scram`] | the SCRAM machine, both sides (RFC 5802, RFC 7677) |
//! | [`ht`] | tokens instead of a password (draft-schmaus-kitten-sasl-ht) |
//! | [`plain`] | the PLAIN message (RFC 4616) |
//! | [`secret`] | what a program shows instead of a password |
#![forbid(unsafe_code)]

pub mod channel_binding;
mod hash;
pub mod ht;
pub mod mechanism;
pub mod password;
pub mod plain;
pub mod record;
pub mod scram;
pub mod secret;

pub use channel_binding::{ChannelBindingType, ChannelBindings};
pub use mechanism::Mechanism;
pub use password::PasswordError;
pub use plain::PlainCredentials;
pub use record::PasswordRecord;
pub use secret::TokenSecret;
