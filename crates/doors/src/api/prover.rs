//! Who asks over the network: a token, or a name and a password.

use std::{fmt, net::IpAddr, sync::Arc};

use auth::TokenSecret;
use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use hub::Hub;
use tokio::sync::Semaphore;

use super::{Peer, Problem};
use crate::{
    failed_sign_in,
    network::Gate,
    password::{self, PasswordError},
};

/// The longest name, and the longest password, in bytes.
const CREDENTIAL_BYTES_MAX: usize = 1_023;

/// How many passwords are looked at at the same time: so many processors at most are busy with them.
const TURNS: usize = 4;

/// Proves who asks. Doors hand it what they found in a request; one door has one, for all its interfaces.
pub(crate) struct Prover {
    hub: Arc<Hub>,
    gate: Arc<Gate>,
    decoy_secret: [u8; 32],
    /// How many passwords are looked at at once.
    turns: Semaphore,
}

impl Prover {
    pub(crate) fn new(hub: Arc<Hub>, gate: Arc<Gate>) -> Self {
        let decoy_secret = password::decoy_secret(&hub);
        Self { hub, gate, decoy_secret, turns: Semaphore::new(TURNS) }
    }

    /// By what `Authorization` says: `Bearer TOKEN`, or `Basic` with a name and a password (RFC 7617, UTF-8). A token
    /// may stand in the place of the password; whose name stands before it does not matter.
    pub(crate) async fn by_header(&self, value: &HeaderValue, source: IpAddr) -> Result<Peer, Problem> {
        let text = value.to_str().map_err(|_| Problem::not_proven("Authorization is not ASCII"))?;
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.by_token(rest.trim(), source);
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(Problem::not_proven("Authorization is Bearer with a token, or Basic"));
        }
        let malformed =
            || Problem::not_proven("Basic wants the Base64 of a name, a colon and a password, in UTF-8");
        let decoded = STANDARD.decode(rest.trim()).map_err(|_| malformed())?;
        let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
        let (name, password) = decoded.split_once(':').ok_or_else(malformed)?;
        if TokenSecret::parse(password).is_some() {
            return self.by_token(password, source);
        }
        self.by_password(name, password, source).await
    }

    /// By a token, wherever it stood. A token is too long to be guessed, so that nobody has to wait for having shown a
    /// wrong one.
    pub(crate) fn by_token(&self, text: &str, source: IpAddr) -> Result<Peer, Problem> {
        let accepted = TokenSecret::parse(text).and_then(|secret| self.hub.accept_api_token(&secret));
        let wrong =
            || Problem::not_proven("there is no such token: it was removed, has ended, or never was one");
        let (token, account) = accepted.ok_or_else(wrong)?;
        let rights = self.hub.rights(&account.address);
        Ok(Peer::Token { token, account, rights, source })
    }

    /// By the secret in a browser's cookie; none where it was signed out, or its time is over.
    pub(crate) fn by_cookie(&self, secret: &TokenSecret, source: IpAddr) -> Option<Peer> {
        let (session, account) = self.hub.accept_browser_session(secret, &hub::source_text(source))?;
        let rights = self.hub.rights(&account.address);
        Some(Peer::Person { account, rights, source, browser: Some(session.id) })
    }

    /// By a person's name and password, against the record that every door checks. After too many wrong ones an address
    /// has to wait, also at the other doors.
    pub(crate) async fn by_password(
        &self,
        name: &str,
        password: &str,
        source: IpAddr,
    ) -> Result<Peer, Problem> {
        let _turn = self.turns.acquire().await.map_err(|_| Problem::too_many_failures())?;
        let attempt = self.gate.try_sign_in(source).ok_or_else(Problem::too_many_failures)?;
        // The same words for all of it: nobody learns who exists.
        let wrong = || Problem::not_proven("the name or the password is wrong");
        let fits = |text: &str| (1..=CREDENTIAL_BYTES_MAX).contains(&text.len());
        if !fits(name) || !fits(password) {
            self.hub.sign_in_failed(source, None);
            if attempt.failed() {
                failed_sign_in::locked_out(&self.hub, &self.gate, source, None);
            }
            return Err(wrong());
        }
        let name = name.strip_suffix(&format!("@{}", self.hub.domain())).unwrap_or(name);
        match password::check(&self.hub, &self.decoy_secret, name, password.to_owned()).await {
            Ok(account) => {
                attempt.forget();
                let rights = self.hub.rights(&account.address);
                Ok(Peer::Person { account, rights, source, browser: None })
            }
            Err(PasswordError::Hub(error)) => {
                attempt.forget();
                Err(error.into())
            }
            Err(PasswordError::Disabled) => {
                attempt.forget();
                Err(Problem::forbidden("this account is disabled"))
            }
            Err(PasswordError::Wrong) => {
                self.hub.sign_in_failed(source, Some(name));
                if attempt.failed() {
                    failed_sign_in::locked_out(&self.hub, &self.gate, source, Some(name));
                }
                Err(wrong())
            }
        }
    }
}

impl fmt::Debug for Prover {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Prover").finish_non_exhaustive()
    }
}
