use auth::{
    Mechanism, PlainCredentials,
    ht::HtMechanism,
    scram::{
        Nonce,
        server::{self, AwaitingFinal, ScramError},
    },
};
use domain::Address;
use xmpp::sasl::{Failure, FailureCondition, Request};

use super::connection::Connection;
use crate::{
    failed_sign_in,
    password::{self, Found},
};

/// One client's way through SASL. After a failure it can begin anew, with another mechanism.
pub(super) struct SignIn {
    state: State,
}

enum State {
    Idle,
    /// A SCRAM mechanism was named without its first message.
    AwaitingFirst(Mechanism),
    /// The challenge is out.
    AwaitingFinal {
        address: Option<Address>,
        exchange: AwaitingFinal,
    },
    /// PLAIN was named without its message.
    AwaitingPlain,
}

/// What to answer.
pub(super) enum Step {
    Challenge(Vec<u8>),
    Success {
        address: Address,
        data: Option<Vec<u8>>,
        /// The mechanism that the client is to be given a new token for, unasked.
        renew: Option<HtMechanism>,
    },
    Failure(Failure),
}

impl SignIn {
    pub(super) fn new() -> Self {
        Self { state: State::Idle }
    }

    pub(super) async fn step(&mut self, connection: &Connection, request: Request) -> Step {
        let state = std::mem::replace(&mut self.state, State::Idle);
        let result = match (state, request) {
            (_, Request::Abort) => Err(FailureCondition::Aborted.into()),
            (_, Request::Authenticate { mechanism, initial }) => {
                self.begin(connection, &mechanism, initial).await
            }
            (State::AwaitingFirst(mechanism), Request::Response(data)) => {
                self.first(connection, mechanism, &data).await
            }
            (State::AwaitingPlain, Request::Response(data)) => plain(connection, &data).await,
            (State::AwaitingFinal { address, exchange }, Request::Response(data)) => {
                last(connection, address, exchange, &data)
            }
            (State::Idle, Request::Response(_)) => Err(FailureCondition::MalformedRequest.into()),
        };
        result.unwrap_or_else(Step::Failure)
    }

    async fn begin(
        &mut self,
        connection: &Connection,
        name: &str,
        initial: Option<Vec<u8>>,
    ) -> Result<Step, Failure> {
        if !connection.door.gate.may_try(connection.peer.ip()) {
            let text =
                Some("too many failed attempts to sign in from this address; wait a minute".to_owned());
            return Err(Failure { condition: FailureCondition::TemporaryAuthFailure, text });
        }
        let mechanism: Mechanism = name.parse().map_err(|_| FailureCondition::InvalidMechanism)?;
        if !mechanisms(connection).contains(&mechanism) {
            let unencrypted = connection.bindings.is_none();
            return Err(if unencrypted {
                FailureCondition::EncryptionRequired
            } else {
                FailureCondition::InvalidMechanism
            }
            .into());
        }
        match (mechanism, initial) {
            (Mechanism::Plain, Some(data)) => plain(connection, &data).await,
            (Mechanism::Plain, None) => {
                self.state = State::AwaitingPlain;
                Ok(Step::Challenge(Vec::new()))
            }
            (mechanism, Some(data)) => self.first(connection, mechanism, &data).await,
            (mechanism, None) => {
                self.state = State::AwaitingFirst(mechanism);
                Ok(Step::Challenge(Vec::new()))
            }
        }
    }

    async fn first(
        &mut self,
        connection: &Connection,
        mechanism: Mechanism,
        data: &[u8],
    ) -> Result<Step, Failure> {
        let nonce = Nonce::from_random(connection.door.hub.environment().random());
        let bindings = connection.bindings.clone().unwrap_or_default();
        let started = server::start(mechanism, data, &bindings, &nonce).map_err(|error| failure(&error))?;
        let found = find(connection, started.username(), started.authorization()).await?;
        let (address, record) = match found {
            Found::Account(address, record) => (Some(address), record),
            Found::Decoy(record) => (None, record),
        };
        let (exchange, challenge) = started.challenge(&record);
        self.state = State::AwaitingFinal { address, exchange };
        Ok(Step::Challenge(challenge))
    }
}

/// What a client may sign in by on this connection, as it is now.
pub(super) fn mechanisms(connection: &Connection) -> Vec<Mechanism> {
    let settings = &connection.door.settings;
    match &connection.bindings {
        Some(bindings) => Mechanism::offered(Some(bindings), true),
        None if settings.require_tls => Vec::new(),
        None => {
            let mut offered = Mechanism::offered(None, false);
            offered.extend(settings.allow_plain_without_tls.then_some(Mechanism::Plain));
            offered
        }
    }
}

fn last(
    connection: &Connection,
    address: Option<Address>,
    exchange: AwaitingFinal,
    data: &[u8],
) -> Result<Step, Failure> {
    match exchange.finish(data) {
        Ok(success) => {
            let address = address.ok_or(FailureCondition::NotAuthorized)?;
            check_enabled(connection, &address)?;
            Ok(Step::Success { address, data: Some(success.server_final), renew: None })
        }
        Err(error) => {
            failed(connection, address.as_ref().map(Address::name));
            Err(failure(&error))
        }
    }
}

/// Checks a password that came in the clear, inside TLS, against the same record. Deriving its keys takes
/// milliseconds, so it is not done where messages pass.
async fn plain(connection: &Connection, data: &[u8]) -> Result<Step, Failure> {
    let credentials = PlainCredentials::parse(data).map_err(|_| FailureCondition::MalformedRequest)?;
    let found = find(connection, &credentials.username, credentials.authorization.as_deref()).await?;
    let (address, record) = match found {
        Found::Account(address, record) => (Some(address), record),
        Found::Decoy(record) => (None, record),
    };
    let password = credentials.password;
    let matches = tokio::task::spawn_blocking(move || record.matches(&password)).await;
    match address {
        Some(address) if matches.unwrap_or(false) => {
            check_enabled(connection, &address)?;
            Ok(Step::Success { address, data: None, renew: None })
        }
        _ => {
            failed(connection, Some(&credentials.username));
            Err(FailureCondition::NotAuthorized.into())
        }
    }
}

/// A sign-in failed, perhaps by somebody's name.
pub(super) fn failed(connection: &Connection, name: Option<&str>) {
    let door = &connection.door;
    failed_sign_in::note(&door.hub, &door.gate, connection.peer.ip(), name);
}

/// Who has proven the password of a disabled account is told so (RFC 6120 §6.5.2): it tells them nothing else.
fn check_enabled(connection: &Connection, address: &Address) -> Result<(), Failure> {
    match connection.door.hub.account(address) {
        Some(account) if !account.disabled => Ok(()),
        Some(_) => Err(FailureCondition::AccountDisabled.into()),
        None => Err(FailureCondition::NotAuthorized.into()),
    }
}

/// The record of an account; for one that does not exist, a decoy that looks like any other.
async fn find(
    connection: &Connection,
    username: &str,
    authorization: Option<&str>,
) -> Result<Found, Failure> {
    let door = &connection.door;
    if let Some(wanted) = authorization {
        let address = Address::new(username, door.hub.domain());
        let same =
            Address::parse(wanted).is_ok_and(|wanted| address.as_ref().is_ok_and(|own| *own == wanted));
        if !same {
            return Err(FailureCondition::InvalidAuthzid.into());
        }
    }
    password::find(&door.hub, &door.decoy_secret, username).await.map_err(|error| {
        tracing::warn!(%error, "a password could not be looked up");
        FailureCondition::TemporaryAuthFailure.into()
    })
}

/// What to say of a failed exchange. An unsupported or altered binding is not a wrong password.
fn failure(error: &ScramError) -> Failure {
    let condition = match error {
        ScramError::Syntax(_) => FailureCondition::MalformedRequest,
        ScramError::NotScram { .. } => FailureCondition::InvalidMechanism,
        _ => FailureCondition::NotAuthorized,
    };
    let text = match error {
        ScramError::InvalidProof | ScramError::NonceMismatch => None,
        other => Some(other.to_string()),
    };
    Failure { condition, text }
}
