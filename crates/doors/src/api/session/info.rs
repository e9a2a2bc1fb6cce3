use std::sync::Arc;

use ::api::session::{CertificateInfo, Role, SessionInfo};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Right;

use super::cookie;
use crate::{
    api::{Peer, Problem, Service, caller::Caller},
    language::Language,
    web::Arrived,
};

/// Where the service's own authority can be had.
pub(crate) const AUTHORITY_PATH: &str = "/ca.pem";

/// `GET /session`. A browser that is to be remembered is given its cookie anew, so that it lasts from now on.
pub(in crate::api) async fn show(
    State(service): State<Arc<Service>>,
    caller: Caller,
    arrived: Option<Extension<Arrived>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let info = info(&service, &caller.peer, &headers).await?;
    let mut answer = Json(info).into_response();
    if let Peer::Person { account, browser: Some(id), .. } = &caller.peer
        && let Some(Extension(arrived)) = arrived
        && let Ok(Some(secret)) = cookie::shown(&axum::http::Method::GET, "", &headers, &arrived)
        && let Some(session) =
            service.hub().browser_sessions(&account.address).iter().find(|session| session.id == *id)
        && session.remembered
    {
        let cookie = cookie::set(Some(&secret), Some(session), &headers, &arrived);
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// `DELETE /session`: signs the browser out that asks. Whoever has shown something else than a cookie has nothing to be
/// signed out of.
pub(in crate::api) async fn end(
    State(service): State<Arc<Service>>,
    caller: Caller,
    arrived: Option<Extension<Arrived>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    if let Peer::Person { account, browser: Some(id), .. } = &caller.peer {
        service.hub().end_browser_session(&account.address, *id).await?;
        if let Some(Extension(arrived)) = arrived {
            let cookie = cookie::set(None, None, &headers, &arrived);
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    Ok(answer)
}

/// Who asks.
pub(super) async fn info(
    service: &Service,
    peer: &Peer,
    headers: &HeaderMap,
) -> Result<SessionInfo, Problem> {
    let hub = service.hub();
    let account =
        peer.account().ok_or_else(|| Problem::forbidden("the administration socket is nobody's"))?;
    let rights = hub.rights(&account.address);
    let publishes = rights.iter().any(|right| matches!(right, Right::Publish(_)));
    let audits = !account.administrator && domain::may_audit(Some(account), &rights).is_ok();
    let roles =
        [(account.administrator, Role::Administrator), (publishes, Role::Publisher), (audits, Role::Auditor)];
    let authority = service.authority();
    Ok(SessionInfo {
        address: account.address.clone(),
        name: account.address.name().to_owned(),
        roles: roles.into_iter().filter(|(is, _)| *is).map(|(_, role)| role).collect(),
        rights: rights.iter().map(ToString::to_string).collect(),
        release: if account.administrator || publishes {
            hub.severities_to_release().to_vec()
        } else {
            Vec::new()
        },
        must_change_password: hub.must_change_password(&account.address).await?,
        domain: hub.domain().to_owned(),
        service_name: hub.domain().to_owned(),
        version: service.status().about.version,
        rooms_domain: hub.rooms_domain(),
        language: Language::of(headers).tag().to_owned(),
        certificate: Some(CertificateInfo {
            authority_sha256: authority.fingerprint_sha256(),
            download: AUTHORITY_PATH.to_owned(),
        }),
    })
}
