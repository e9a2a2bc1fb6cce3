use std::sync::Arc;

use ::api::session::{ScramChallenge, ScramFinal, ScramFirst, SignedIn};
use auth::{
    ChannelBindings, Mechanism,
    scram::{
        Nonce,
        server::{self, ScramError},
    },
};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::Address;

use super::{cookie, info};
use crate::{
    api::{Peer, Problem, Service, request::Input},
    failed_sign_in,
    network::Gate,
    password::{self, Found},
    web::Arrived,
};

/// The longest message, in bytes: a name has at most 1,023.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// `POST /session/scram`.
pub(in crate::api) async fn start(
    State(service): State<Arc<Service>>,
    arrived: Option<Extension<Arrived>>,
    Input(ScramFirst { message }): Input<ScramFirst>,
) -> Result<Json<ScramChallenge>, Problem> {
    let (arrived, gate) = here(&service, arrived)?;
    may_try(&gate, &arrived)?;
    checked(&message)?;
    let hub = service.hub();
    let nonce = Nonce::from_random(hub.environment().random());
    // Pages know nothing of the connection that carries them.
    let no_bindings = ChannelBindings::default();
    let started = server::start(Mechanism::ScramSha256, message.as_bytes(), &no_bindings, &nonce)
        .map_err(|error| malformed(&error))?;
    let name = started.username();
    let name = name.strip_suffix(&format!("@{}", hub.domain())).unwrap_or(name);
    if let Some(wanted) = started.authorization() {
        let own = Address::new(name, hub.domain());
        if !own.is_ok_and(|own| wanted == own.name() || wanted == own.as_str()) {
            return Err(Problem::forbidden("nobody signs in as somebody else"));
        }
    }
    let found = password::find(hub, &password::decoy_secret(hub), name).await?;
    let (address, record) = match found {
        Found::Account(address, record) => (Some(address), record),
        Found::Decoy(record) => (None, record),
    };
    let (awaiting, message) = started.challenge(&record);
    let exchange = service.exchanges.put(hub.environment(), arrived.source, address, awaiting)?;
    Ok(Json(ScramChallenge { exchange, message: String::from_utf8_lossy(&message).into_owned() }))
}

/// `POST /session/scram/EXCHANGE`.
pub(in crate::api) async fn finish(
    State(service): State<Arc<Service>>,
    arrived: Option<Extension<Arrived>>,
    headers: HeaderMap,
    Path(exchange): Path<String>,
    Input(ScramFinal { message, remember }): Input<ScramFinal>,
) -> Result<Response, Problem> {
    let (arrived, gate) = here(&service, arrived)?;
    may_try(&gate, &arrived)?;
    checked(&message)?;
    let hub = service.hub();
    let now = hub.environment().now();
    let exchange = service.exchanges.take(now, &exchange, arrived.source);
    let exchange = exchange
        .ok_or_else(|| Problem::not_proven("this sign-in has taken too long, or is over: begin anew"))?;
    // The same words for all of it: nobody learns who exists.
    let wrong = || Problem::not_proven("the name or the password is wrong");
    let server_final = match exchange.awaiting.finish(message.as_bytes()) {
        Ok(success) => Some(success.server_final),
        Err(error @ ScramError::Syntax(_)) => return Err(malformed(&error)),
        Err(_) => None,
    };
    let address = exchange.address;
    let Some((address, server_final)) = address.clone().zip(server_final) else {
        let name = address.as_ref().map(Address::as_str);
        failed_sign_in::note(hub, &gate, arrived.source, name);
        return Err(wrong());
    };
    let account = hub.account(&address).ok_or_else(wrong)?;
    if account.disabled {
        return Err(Problem::forbidden("this account is disabled"));
    }
    arrived.signed_in(&address).map_err(|refusal| Problem::unavailable(refusal.to_string()))?;
    let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let agent = agent.unwrap_or_default();
    let source = hub::source_text(arrived.source);
    let (session, secret) = hub.begin_browser_session(&address, &agent, source, remember).await?;
    let rights = hub.rights(&address);
    let peer = Peer::Person { account, rights, source: arrived.source, browser: Some(session.id) };
    let told = SignedIn {
        message: String::from_utf8_lossy(&server_final).into_owned(),
        session: info::info(&service, &peer, &headers).await?,
    };
    let cookie = cookie::set(Some(&secret), Some(&session), &headers, &arrived);
    Ok(([(header::SET_COOKIE, cookie)], Json(told)).into_response())
}

/// From where somebody signs in, and who counts how often they fail.
fn here(service: &Service, arrived: Option<Extension<Arrived>>) -> Result<(Arrived, Arc<Gate>), Problem> {
    let nowhere = || Problem::forbidden("browsers sign in over the network");
    let Extension(arrived) = arrived.ok_or_else(nowhere)?;
    Ok((arrived, service.gate().ok_or_else(nowhere)?))
}

fn may_try(gate: &Gate, arrived: &Arrived) -> Result<(), Problem> {
    if gate.may_try(arrived.source) { Ok(()) } else { Err(Problem::too_many_failures()) }
}

fn checked(message: &str) -> Result<(), Problem> {
    if message.len() <= MESSAGE_BYTES_MAX {
        return Ok(());
    }
    Err(Problem::invalid(format!("a message of SCRAM has at most {MESSAGE_BYTES_MAX} bytes")))
}

fn malformed(error: &ScramError) -> Problem {
    Problem::invalid(error.to_string())
}
