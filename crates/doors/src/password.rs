//! Passwords that come in the clear inside TLS, and the records they are checked against, for every door alike.

use std::sync::Arc;

use auth::{PasswordRecord, record::ITERATIONS_DEFAULT};
use domain::{Account, Address};
use hub::{Hub, HubError};
use thiserror::Error;

/// Why a name and a password are not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum PasswordError {
    /// The password is not this person's. Also said of whoever does not exist.
    #[error("expected a person's own password, got another")]
    Wrong,
    /// It is right, and the account is disabled. It tells nothing else to whoever knows the password.
    #[error("the account is disabled")]
    Disabled,
    /// The store cannot be asked now.
    #[error(transparent)]
    Hub(#[from] HubError),
}

/// The record of an account; for one that does not exist, a decoy that looks like any other.
pub(crate) enum Found {
    /// Somebody has this name.
    Account(Address, PasswordRecord),
    /// Nobody has.
    Decoy(PasswordRecord),
}

/// What stands behind the decoys of everybody who does not exist: the same at each door that shows salts, so that
/// comparing doors tells nothing.
pub(crate) fn decoy_secret(hub: &Hub) -> [u8; 32] {
    hub.signing_key().derived_secret("xmpp sign-in decoys")
}

/// Looks for the record of whoever is called `name` here. `decoy_secret` is what stands behind the decoys of a door.
pub(crate) async fn find(hub: &Hub, decoy_secret: &[u8; 32], name: &str) -> Result<Found, HubError> {
    let address = Address::new(name, hub.domain());
    let record = match &address {
        Ok(address) => hub.password(address).await?,
        Err(_) => None,
    };
    Ok(match (address, record) {
        (Ok(address), Some(record)) => Found::Account(address, record),
        (address, _) => {
            let name = address.map_or_else(|_| name.to_owned(), |address| address.to_string());
            Found::Decoy(PasswordRecord::decoy(decoy_secret, &name, ITERATIONS_DEFAULT))
        }
    })
}

/// Checks a password against the record. Deriving its keys takes milliseconds, so it is not done where messages pass;
/// it takes as long for people who do not exist.
pub(crate) async fn check(
    hub: &Hub,
    decoy_secret: &[u8; 32],
    name: &str,
    password: String,
) -> Result<Arc<Account>, PasswordError> {
    let (address, record) = match find(hub, decoy_secret, name).await? {
        Found::Account(address, record) => (Some(address), record),
        Found::Decoy(record) => (None, record),
    };
    let matches = tokio::task::spawn_blocking(move || record.matches(&password)).await.unwrap_or(false);
    let account = address.filter(|_| matches).and_then(|address| hub.account(&address));
    match account.ok_or(PasswordError::Wrong)? {
        account if account.disabled => Err(PasswordError::Disabled),
        account => Ok(account),
    }
}
