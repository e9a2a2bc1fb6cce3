//! Encryption: the service's own certificate authority, the server's configuration, and channel bindings.

pub mod authority;
mod certificate;
pub mod channel_binding;
pub mod configuration;
mod file;
mod permitted;
#[cfg(test)]
mod tests;
mod trust;

pub use authority::{Authority, AuthorityError, Names, ServerCertificate};
pub use configuration::{Application, Loaded, Tls, TlsError};
