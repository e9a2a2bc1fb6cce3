//! Where a person is signed in.

use std::sync::Arc;

use ::api::session::{DeviceKind, DeviceView};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Account, BrowserSessionId, displayable};

use crate::api::{Peer, Problem, Service, caller::Caller};

/// What the ids of sessions and of clients begin with.
const SESSION: &str = "session:";
const CLIENT: &str = "client:";

/// `GET /me/sessions`: browsers, the one used last first, then clients and programs.
pub(in crate::api) async fn list(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<Json<Vec<DeviceView>>, Problem> {
    let (hub, own) = (service.hub(), own(&service, &caller)?);
    let sessions = hub.sessions_of(&own.address);
    let mut devices = Vec::new();
    for browser in hub.browser_sessions(&own.address) {
        devices.push(DeviceView {
            id: browser.id.to_string(),
            kind: DeviceKind::Browser,
            name: browser.agent.clone(),
            source: Some(browser.source.clone()),
            since: Some(browser.created_at),
            last_used: Some(browser.last_used_at),
            expires: browser.last_used_at.checked_add(browser.lasts()).ok(),
            online: sessions.iter().any(|session| session.connected && session.browser == Some(browser.id)),
            current: caller.peer.browser() == Some(browser.id),
        });
    }
    for session in sessions.into_iter().filter(|session| session.browser.is_none()) {
        devices.push(DeviceView {
            id: format!("{SESSION}{}", session.resource),
            kind: DeviceKind::Session,
            name: session.resource,
            source: Some(session.source).filter(|source| !source.is_empty()),
            since: Some(session.since),
            last_used: None,
            expires: None,
            online: session.connected,
            current: false,
        });
    }
    for client in hub.clients_with_tokens(&own.address).await? {
        devices.push(DeviceView {
            id: format!("{CLIENT}{}", client.name),
            kind: DeviceKind::Client,
            name: client.name,
            source: None,
            since: Some(client.since),
            last_used: None,
            expires: Some(client.expires_at),
            online: false,
            current: false,
        });
    }
    for token in hub.api_tokens().into_iter().filter(|token| token.account == own.address) {
        let shown = matches!(&caller.peer, Peer::Token { token: shown, .. } if shown.id == token.id);
        devices.push(DeviceView {
            id: token.id.to_string(),
            kind: DeviceKind::Token,
            name: token.name.to_string(),
            source: None,
            since: Some(token.created_at),
            last_used: token.last_used_at,
            expires: token.expires_at,
            online: false,
            current: shown,
        });
    }
    Ok(Json(devices))
}

/// `DELETE /me/sessions/ID`: signs one of them out.
pub(in crate::api) async fn sign_out(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let (hub, own) = (service.hub(), own(&service, &caller)?);
    let done = if let Some(resource) = id.strip_prefix(SESSION) {
        hub.sign_out(&own.address, resource).await
    } else if let Some(client) = id.strip_prefix(CLIENT) {
        hub.forget_client(&own.address, client).await?
    } else if let Ok(token) = id.parse::<domain::TokenId>()
        && hub.api_tokens().iter().any(|known| known.id == token && known.account == own.address)
    {
        hub.remove_api_token(&caller.actor, token).await?;
        true
    } else if let Ok(browser) = id.parse::<BrowserSessionId>() {
        hub.end_browser_session(&own.address, browser).await?
    } else {
        false
    };
    match done {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::missing(format!("you are not signed in by \"{}\"", displayable(&id)))),
    }
}

/// `DELETE /me/sessions`: signs out everywhere but here. Tokens of programs stay.
pub(in crate::api) async fn sign_out_everywhere(
    State(service): State<Arc<Service>>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let own = own(&service, &caller)?;
    service.hub().sign_out_everywhere(&own.address, caller.peer.browser()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn own(service: &Service, caller: &Caller) -> Result<Arc<Account>, Problem> {
    Ok(service.hub().account_named(&caller.name())?)
}
