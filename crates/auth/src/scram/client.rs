//! The client's side of SCRAM.

use super::syntax::{
    Attributes, NONCE_BYTES_MAX, Nonce, SyntaxError, check_nonce, decode, encode, escape, malformed, text,
};
use crate::channel_binding::ChannelBindingType;
use crate::hash::{Hash, Secret, xor};
use crate::mechanism::Mechanism;
use crate::password::{PasswordError, prepare};
use crate::record::ITERATIONS_MAX;
use std::fmt;
use std::num::NonZeroU32;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

/// The fewest PBKDF2 rounds that a client accepts: a false server could ask for fewer, to guess the password from
/// the proof (RFC 5802 §9, RFC 7677 §4).
pub const ITERATIONS_MIN: u32 = 4096;

/// Why a client does not go on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The mechanism is not one of SCRAM.
    #[error("expected a SCRAM mechanism, got {mechanism}")]
    NotScram {
        /// What it is.
        mechanism: Mechanism,
    },
    /// The mechanism ends in -PLUS and there is no channel binding, or the reverse.
    #[error(
        "expected a channel binding with mechanisms that end in -PLUS and with no other, got {mechanism}"
    )]
    ChannelBinding {
        /// What the mechanism is.
        mechanism: Mechanism,
    },
    /// The password is none.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A message of the server cannot be read.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The server's nonce does not begin with the client's, or adds nothing to it.
    #[error("expected the server's nonce to continue the client's, got another")]
    NonceMismatch,
    /// The server asks for less or more work than is safe.
    #[error("expected {ITERATIONS_MIN} to {ITERATIONS_MAX} iterations, got {iterations}")]
    Iterations {
        /// What it asks for.
        iterations: u32,
    },
    /// The server says no.
    #[error("expected the server's signature, got the error {reason:?}")]
    Refused {
        /// `server-error-value`, such as `invalid-proof`, as the server wrote it.
        reason: String,
    },
    /// The server does not know the keys of this account: it is not the one that it claims to be.
    #[error("expected the server's signature, got another: this is not the server that it claims to be")]
    ServerNotProven,
}

/// What the client knows of the channel (RFC 5802 §6).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientBinding<'a> {
    /// The client cannot bind (`n`).
    #[default]
    Unsupported,
    /// The client could, and was not offered it (`y`).
    NotOffered,
    /// The client binds to this channel (`p=`), with a -PLUS mechanism.
    Bound(ChannelBindingType, &'a [u8]),
}

/// Who signs in, and with what.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// The name, as the service normalises names.
    pub username: &'a str,
    /// The password as it was typed.
    pub password: &'a str,
    /// Whom to act as, if that is not the user.
    pub authorization: Option<&'a str>,
    /// What is known of the channel.
    pub binding: ClientBinding<'a>,
}

impl<'a> Login<'a> {
    /// A login as oneself, without channel binding.
    pub fn new(username: &'a str, password: &'a str) -> Self {
        Self { username, password, authorization: None, binding: ClientBinding::Unsupported }
    }
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Login");
        debug.field("username", &self.username).field("authorization", &self.authorization);
        debug.finish_non_exhaustive()
    }
}

/// Makes client-first-message. `nonce` must be fresh.
///
/// # Errors
/// The mechanism does not fit, or the password is none.
pub fn start(
    mechanism: Mechanism,
    login: Login<'_>,
    nonce: &Nonce,
) -> Result<(AwaitingChallenge, Vec<u8>), ClientError> {
    let hash = mechanism.hash().ok_or(ClientError::NotScram { mechanism })?;
    let (flag, binding) = match login.binding {
        ClientBinding::Unsupported => ("n".to_owned(), None),
        ClientBinding::NotOffered => ("y".to_owned(), None),
        ClientBinding::Bound(kind, data) => (format!("p={}", kind.name()), Some(data)),
    };
    if binding.is_some() != mechanism.binds_channel() {
        return Err(ClientError::ChannelBinding { mechanism });
    }
    let authorization = login.authorization.map(|name| format!("a={}", escape(name))).unwrap_or_default();
    let header = format!("{flag},{authorization},");
    let bare = format!("n={},r={}", escape(login.username), nonce.as_str());
    let message = format!("{header}{bare}").into_bytes();
    let state = AwaitingChallenge {
        hash,
        password: prepare(login.password)?,
        channel_binding: encode([header.as_bytes(), binding.unwrap_or_default()].concat()),
        nonce: nonce.clone(),
        client_first_bare: bare,
    };
    Ok((state, message))
}

/// The first message is out. Next: [`respond`](Self::respond) to the server's.
pub struct AwaitingChallenge {
    hash: Hash,
    password: Zeroizing<String>,
    channel_binding: String,
    nonce: Nonce,
    client_first_bare: String,
}

impl AwaitingChallenge {
    /// Reads server-first-message and makes client-final-message. This runs PBKDF2, as often as the server asks
    /// for: keep it off the reactor.
    ///
    /// # Errors
    /// The message cannot be read, belongs to another exchange, or asks for too little or too much work.
    pub fn respond(self, server_first: &[u8]) -> Result<(AwaitingOutcome, Vec<u8>), ClientError> {
        let server_first = text(server_first)?;
        let mut attributes = Attributes::new(server_first);
        let nonce = attributes.value('r', "nonce")?;
        let salt = decode(attributes.value('s', "salt")?, "salt")?;
        let iterations = read_iterations(attributes.value('i', "iteration-count")?)?;
        attributes.skip_extensions()?;
        self.check_nonce(nonce)?;

        let salted = self.hash.salted_password(&self.password, &salt, iterations);
        let client_key = self.hash.client_key(&salted);
        let without_proof = format!("c={},r={nonce}", self.channel_binding);
        let auth_message = format!("{},{server_first},{without_proof}", self.client_first_bare);
        let client_signature = self.hash.hmac(&self.hash.digest(&client_key), auth_message.as_bytes());
        let proof = encode(&*xor(&client_key, &client_signature));
        let server_signature = self.hash.hmac(&self.hash.server_key(&salted), auth_message.as_bytes());
        Ok((AwaitingOutcome { server_signature }, format!("{without_proof},p={proof}").into_bytes()))
    }

    fn check_nonce(&self, nonce: &str) -> Result<(), ClientError> {
        let added = nonce.strip_prefix(self.nonce.as_str()).ok_or(ClientError::NonceMismatch)?;
        match added.len() {
            0 => Err(ClientError::NonceMismatch),
            1..=NONCE_BYTES_MAX => Ok(check_nonce(added)?),
            _ => Err(malformed("nonce").into()),
        }
    }
}

impl fmt::Debug for AwaitingChallenge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwaitingChallenge").finish_non_exhaustive()
    }
}

/// The proof is out. Next: [`verify`](Self::verify) that the server knows the keys, too.
pub struct AwaitingOutcome {
    server_signature: Secret,
}

impl AwaitingOutcome {
    /// Reads server-final-message. Only after this is the server proven.
    ///
    /// # Errors
    /// The message cannot be read, is a refusal, or does not prove the server.
    pub fn verify(self, server_final: &[u8]) -> Result<(), ClientError> {
        let server_final = text(server_final)?;
        let mut attributes = Attributes::new(server_final);
        let (name, value) = attributes.next().ok_or(malformed("verifier"))??;
        attributes.skip_extensions()?;
        match name {
            'e' => Err(ClientError::Refused { reason: value.to_owned() }),
            'v' if decode(value, "verifier")?.ct_eq(&self.server_signature).into() => Ok(()),
            'v' => Err(ClientError::ServerNotProven),
            _ => Err(malformed("verifier").into()),
        }
    }
}

impl fmt::Debug for AwaitingOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwaitingOutcome").finish_non_exhaustive()
    }
}

fn read_iterations(text: &str) -> Result<NonZeroU32, ClientError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let iterations =
        text.parse::<NonZeroU32>().ok().filter(|_| digits).ok_or(malformed("iteration-count"))?;
    if (ITERATIONS_MIN..=ITERATIONS_MAX.get()).contains(&iterations.get()) {
        Ok(iterations)
    } else {
        Err(ClientError::Iterations { iterations: iterations.get() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(server_first: &str) -> Result<Vec<u8>, ClientError> {
        let nonce = Nonce::new("abc").unwrap();
        let (client, _) = start(Mechanism::ScramSha1, Login::new("anna", "secret"), &nonce).unwrap();
        client.respond(server_first.as_bytes()).map(|(_, message)| message)
    }

    #[test]
    fn a_server_that_asks_for_too_little_or_too_much_work_is_left() {
        for iterations in [1, 4095, 1_000_001] {
            let error = respond(&format!("r=abcdef,s=c2FsdA==,i={iterations}")).unwrap_err();
            assert_eq!(error, ClientError::Iterations { iterations });
        }
        assert!(respond("r=abcdef,s=c2FsdA==,i=4096,x=y").is_ok());
    }

    #[test]
    fn a_server_that_does_not_continue_the_nonce_is_left() {
        for nonce in ["abc", "abd", "def", "ab"] {
            let error = respond(&format!("r={nonce},s=c2FsdA==,i=4096")).unwrap_err();
            assert_eq!(error, ClientError::NonceMismatch, "{nonce}");
        }
    }

    #[test]
    fn malformed_challenges_are_refused() {
        for message in
            ["", "r=abcdef", "s=c2FsdA==,r=abcdef,i=4096", "r=abcdef,s=!,i=4096", "r=abcdef,s=YQ==,i=+4096"]
        {
            assert!(matches!(respond(message), Err(ClientError::Syntax(_))), "{message}");
        }
        let error = respond("m=x,r=abcdef,s=c2FsdA==,i=4096").unwrap_err();
        assert_eq!(error, ClientError::Syntax(SyntaxError::ExtensionNotSupported));
    }

    #[test]
    fn a_refusal_is_reported_with_its_reason_and_a_false_signature_is_not_taken() {
        let verify = |message: &str| {
            AwaitingOutcome { server_signature: Zeroizing::new(vec![1; 20]) }.verify(message.as_bytes())
        };
        assert_eq!(verify("e=invalid-proof"), Err(ClientError::Refused { reason: "invalid-proof".into() }));
        assert_eq!(verify("v=AQ=="), Err(ClientError::ServerNotProven));
        assert_eq!(verify("v=AAAAAAAAAAAAAAAAAAAAAAAAAAA="), Err(ClientError::ServerNotProven));
        assert_eq!(verify("v=AQEBAQEBAQEBAQEBAQEBAQEBAQE="), Ok(()));
        assert!(matches!(verify("x=1"), Err(ClientError::Syntax(_))));
    }

    #[test]
    fn a_binding_goes_with_a_plus_mechanism_and_with_no_other() {
        let nonce = Nonce::new("abc").unwrap();
        let bound = ClientBinding::Bound(ChannelBindingType::TlsExporter, &[1; 32]);
        let login = Login { binding: bound, ..Login::new("anna", "secret") };
        assert!(start(Mechanism::ScramSha1Plus, login, &nonce).is_ok());
        assert!(start(Mechanism::ScramSha1, login, &nonce).is_err());
        assert!(start(Mechanism::ScramSha1Plus, Login::new("anna", "secret"), &nonce).is_err());
    }
}
