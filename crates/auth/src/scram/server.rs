//! The server's side of SCRAM.
//!
//! ```
//! use auth::scram::{Nonce, client, server};
//! use auth::{ChannelBindings, Mechanism, PasswordRecord, record::ITERATIONS_DEFAULT};
//!
//! let record = PasswordRecord::derive("pencil", [1; 32], ITERATIONS_DEFAULT)?;
//! let (mechanism, no_tls) = (Mechanism::ScramSha256, ChannelBindings::default());
//!
//! let login = client::Login::new("anna", "pencil");
//! let (client, message) = client::start(mechanism, login, &Nonce::from_random([2; 24]))?;
//! let server = server::start(mechanism, &message, &no_tls, &Nonce::from_random([3; 24]))?;
//! assert_eq!(server.username(), "anna");
//! let (server, message) = server.challenge(&record);
//! let (client, message) = client.respond(&message)?;
//! let message = server.finish(&message)?.server_final;
//! client.verify(&message)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::syntax::{Attributes, Nonce, SyntaxError, check_nonce, decode, encode, malformed, text, unescape};
use crate::channel_binding::{ChannelBindingType, ChannelBindings};
use crate::hash::{Hash, Secret, xor};
use crate::mechanism::Mechanism;
use crate::record::PasswordRecord;
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;

/// Why a client is not let in. The names of the variants follow `server-error-value` of RFC 5802 §7.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScramError {
    /// The mechanism is not one of SCRAM.
    #[error("expected a SCRAM mechanism, got {mechanism}")]
    NotScram {
        /// What it is.
        mechanism: Mechanism,
    },
    /// A message cannot be read.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The mechanism is a -PLUS one, and the client binds to no channel.
    #[error("expected a channel binding with a mechanism that ends in -PLUS, got none")]
    ChannelBindingMissing,
    /// The mechanism is not a -PLUS one, and the client binds to a channel.
    #[error("expected no channel binding with a mechanism that does not end in -PLUS, got one")]
    ChannelBindingUnexpected,
    /// The client believes that no -PLUS mechanism was offered, and one was: somebody between has changed the
    /// offer (RFC 5802 §6).
    #[error(
        "expected the client to see the offer of channel binding, and it did not: was the offer changed?"
    )]
    ServerDoesSupportChannelBinding,
    /// This connection has no binding of that type. The password is not judged, and may be right.
    #[error("expected a channel binding type that this connection has, got {name}")]
    UnsupportedChannelBindingType {
        /// The type that the client named: letters, digits, `.` and `-`, at most 64.
        name: String,
    },
    /// The client is bound to another connection: somebody stands between (or the client errs).
    #[error("expected the channel binding of this connection, got another")]
    ChannelBindingsDontMatch,
    /// The nonce of the last message is not that of the first two.
    #[error("expected the nonce of this exchange, got another")]
    NonceMismatch,
    /// The client does not know the password; or there is no such account, which is meant to look the same.
    #[error("expected the proof of the password, got another")]
    InvalidProof,
}

/// Reads client-first-message. `bindings` is what is known of the connection, `nonce` must be fresh.
///
/// # Errors
/// The message cannot be read, or its channel binding does not fit `mechanism` and `bindings`. The password has
/// not been looked at then.
pub fn start(
    mechanism: Mechanism,
    client_first: &[u8],
    bindings: &ChannelBindings,
    nonce: &Nonce,
) -> Result<Started, ScramError> {
    let hash = mechanism.hash().ok_or(ScramError::NotScram { mechanism })?;
    let client_first = text(client_first)?;
    let mut fields = client_first.splitn(3, ',');
    let (Some(flag), Some(authorization), Some(bare)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(malformed("gs2-header").into());
    };
    let binding = binding_data(mechanism, flag, bindings)?;
    let authorization = read_authorization(authorization)?;
    let mut attributes = Attributes::new(bare);
    let username = unescape(attributes.value('n', "username")?)?;
    let client_nonce = attributes.value('r', "nonce")?;
    check_nonce(client_nonce)?;
    attributes.skip_extensions()?;
    let header = &client_first[..client_first.len() - bare.len()];
    Ok(Started {
        hash,
        username,
        authorization,
        channel_binding: encode([header.as_bytes(), binding].concat()),
        nonce: format!("{client_nonce}{}", nonce.as_str()),
        client_first_bare: bare.to_owned(),
    })
}

/// The client has said who it is. Next: find the record, or make a decoy, and [`challenge`](Self::challenge).
pub struct Started {
    hash: Hash,
    username: String,
    authorization: Option<String>,
    /// What `c=` of the last message must be.
    channel_binding: String,
    nonce: String,
    client_first_bare: String,
}

impl Started {
    /// Who signs in, as the client spells it: not normalised, not proven.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Whom the client wants to act as, if it says so (`authzid`). Whether it may is for the caller to say.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Makes server-first-message for the record of the account; for an unknown one, of its
    /// [`decoy`](PasswordRecord::decoy).
    pub fn challenge(self, record: &PasswordRecord) -> (AwaitingFinal, Vec<u8>) {
        let keys = record.keys(self.hash);
        let server_first = format!("r={},s={},i={}", self.nonce, encode(&keys.salt), keys.iterations);
        let awaiting = AwaitingFinal {
            hash: self.hash,
            stored_key: keys.stored_key.clone(),
            server_key: keys.server_key.clone(),
            channel_binding: self.channel_binding,
            nonce: self.nonce,
            messages: format!("{},{server_first}", self.client_first_bare),
        };
        (awaiting, server_first.into_bytes())
    }
}

impl fmt::Debug for Started {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Started");
        debug.field("username", &self.username).field("authorization", &self.authorization);
        debug.finish_non_exhaustive()
    }
}

/// The challenge is out. Next: [`finish`](Self::finish) with what the client answers.
pub struct AwaitingFinal {
    hash: Hash,
    stored_key: Secret,
    server_key: Secret,
    channel_binding: String,
    nonce: String,
    /// client-first-message-bare and server-first-message: the beginning of AuthMessage (RFC 5802 §3).
    messages: String,
}

impl AwaitingFinal {
    /// Judges client-final-message.
    ///
    /// # Errors
    /// The message cannot be read, belongs to another exchange or another connection, or does not prove the
    /// password.
    pub fn finish(self, client_final: &[u8]) -> Result<Success, ScramError> {
        let client_final = text(client_final)?;
        let (without_proof, proof) = client_final.rsplit_once(",p=").ok_or(malformed("proof"))?;
        let proof = decode(proof, "proof")?;
        let mut attributes = Attributes::new(without_proof);
        let channel_binding = attributes.value('c', "channel-binding")?;
        let nonce = attributes.value('r', "nonce")?;
        attributes.skip_extensions()?;
        if nonce != self.nonce {
            return Err(ScramError::NonceMismatch);
        }
        if channel_binding != self.channel_binding {
            return Err(ScramError::ChannelBindingsDontMatch);
        }
        let auth_message = format!("{},{without_proof}", self.messages);
        self.check_proof(&proof, &auth_message)?;
        let server_signature = self.hash.hmac(&self.server_key, auth_message.as_bytes());
        Ok(Success { server_final: format!("v={}", encode(&*server_signature)).into_bytes() })
    }

    fn check_proof(&self, proof: &[u8], auth_message: &str) -> Result<(), ScramError> {
        let client_signature = self.hash.hmac(&self.stored_key, auth_message.as_bytes());
        let client_key = xor(proof, &client_signature);
        let same_key = self.hash.digest(&client_key).ct_eq(&self.stored_key);
        let proven = proof.len() == self.hash.output_bytes() && bool::from(same_key);
        if proven { Ok(()) } else { Err(ScramError::InvalidProof) }
    }
}

impl fmt::Debug for AwaitingFinal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwaitingFinal").finish_non_exhaustive()
    }
}

/// The client has proven that it knows the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// server-final-message: the proof for the client that the server knows the keys. It must reach the client.
    pub server_final: Vec<u8>,
}

/// What the client must append to the GS2 header in `c=` (RFC 5802 §6).
fn binding_data<'a>(
    mechanism: Mechanism,
    flag: &str,
    bindings: &'a ChannelBindings,
) -> Result<&'a [u8], ScramError> {
    match (flag, mechanism.binds_channel()) {
        ("n" | "y", true) => Err(ScramError::ChannelBindingMissing),
        ("y", false) if bindings.plus_offered => Err(ScramError::ServerDoesSupportChannelBinding),
        ("n" | "y", false) => Ok(&[]),
        (flag, binds) => {
            let name = flag.strip_prefix("p=").filter(|name| is_binding_name(name));
            let name = name.ok_or(malformed("gs2-cbind-flag"))?;
            if !binds {
                return Err(ScramError::ChannelBindingUnexpected);
            }
            let data = name.parse().ok().and_then(|kind: ChannelBindingType| bindings.data(kind));
            data.ok_or_else(|| ScramError::UnsupportedChannelBindingType { name: name.to_owned() })
        }
    }
}

fn is_binding_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(legal)
}

fn read_authorization(field: &str) -> Result<Option<String>, SyntaxError> {
    if field.is_empty() {
        return Ok(None);
    }
    field.strip_prefix("a=").ok_or(malformed("authzid")).and_then(unescape).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start_with(
        mechanism: Mechanism,
        message: &str,
        bindings: &ChannelBindings,
    ) -> Result<Started, ScramError> {
        start(mechanism, message.as_bytes(), bindings, &Nonce::from_random([0; 24]))
    }

    fn start_plainly(message: &str) -> Result<Started, ScramError> {
        start_with(Mechanism::ScramSha1, message, &ChannelBindings::default())
    }

    fn with_end_point() -> ChannelBindings {
        ChannelBindings::new(None, Some(vec![5; 32]))
    }

    #[test]
    fn the_names_of_the_client_are_unescaped() {
        let started = start_plainly("n,a=anna=2Cadmin,n=a=3Db,r=abc").unwrap();
        assert_eq!(started.username(), "a=b");
        assert_eq!(started.authorization(), Some("anna,admin"));
        assert_eq!(start_plainly("n,,n=anna,r=abc").unwrap().authorization(), None);
    }

    #[test]
    fn optional_extensions_are_passed_over() {
        assert!(start_plainly("n,,n=anna,r=abc,x=1,Y=2=3").is_ok());
    }

    #[test]
    fn mandatory_extensions_are_refused() {
        for message in ["n,,m=x,n=anna,r=abc", "n,,n=anna,r=abc,m=x"] {
            let error = start_plainly(message).unwrap_err();
            assert_eq!(error, ScramError::Syntax(SyntaxError::ExtensionNotSupported));
        }
    }

    #[test]
    fn malformed_first_messages_are_refused() {
        let malformed_messages = [
            "",
            "n",
            "n,,",
            "n,,n=anna",
            "n,,r=abc,n=anna",
            "n,,n=,r=abc",
            "n,,n=anna,r=",
            "n,,n=anna,r=abc,",
            "n,,n=anna,r=abc,xy=1",
            "n,,n=anna,r=abc,x",
            "x,,n=anna,r=abc",
            "n,b=c,n=anna,r=abc",
            "p=,,n=a,r=b",
            "p=\u{1b}[2J,,n=a,r=b",
            "n,a=,n=anna,r=abc",
            "n,,n=an=na,r=abc",
            "n,,n=anna,r=a\u{7f}c",
        ];
        for message in malformed_messages {
            let error = start_plainly(message).unwrap_err();
            assert!(matches!(error, ScramError::Syntax(SyntaxError::Malformed { .. })), "{message}: {error}");
        }
    }

    #[test]
    fn a_client_that_was_not_shown_the_offer_of_channel_binding_is_stopped() {
        let error = start_with(Mechanism::ScramSha256, "y,,n=anna,r=abc", &with_end_point()).unwrap_err();
        assert_eq!(error, ScramError::ServerDoesSupportChannelBinding);
    }

    #[test]
    fn a_client_that_could_bind_is_welcome_where_binding_was_not_offered() {
        let bindings = ChannelBindings { plus_offered: false, ..with_end_point() };
        assert!(start_with(Mechanism::ScramSha256, "y,,n=anna,r=abc", &bindings).is_ok());
    }

    #[test]
    fn a_client_that_cannot_bind_is_welcome_where_binding_was_offered() {
        assert!(start_with(Mechanism::ScramSha256, "n,,n=anna,r=abc", &with_end_point()).is_ok());
    }

    #[test]
    fn a_binding_that_the_connection_does_not_have_is_not_called_a_wrong_password() {
        for name in ["tls-unique", "tls-exporter"] {
            let message = format!("p={name},,n=anna,r=abc");
            let error = start_with(Mechanism::ScramSha256Plus, &message, &with_end_point()).unwrap_err();
            assert_eq!(error, ScramError::UnsupportedChannelBindingType { name: name.to_owned() });
        }
    }

    #[test]
    fn the_flag_must_fit_the_mechanism() {
        for flag in ["n", "y"] {
            let message = format!("{flag},,n=anna,r=abc");
            let error = start_with(Mechanism::ScramSha1Plus, &message, &with_end_point()).unwrap_err();
            assert_eq!(error, ScramError::ChannelBindingMissing);
        }
        let message = "p=tls-server-end-point,,n=anna,r=abc";
        let error = start_with(Mechanism::ScramSha1, message, &with_end_point()).unwrap_err();
        assert_eq!(error, ScramError::ChannelBindingUnexpected);
    }

    #[test]
    fn plain_is_not_a_scram_mechanism() {
        let error = start_with(Mechanism::Plain, "n,,n=anna,r=abc", &with_end_point()).unwrap_err();
        assert_eq!(error, ScramError::NotScram { mechanism: Mechanism::Plain });
    }
}
