//! Tokens: what programs have instead of a password.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Scopes, Token, TokenNameError};
use hub::TokenDraft;
use jiff::SignedDuration;

pub use ::api::tokens::{MadeToken, NewToken, TokenView};

use super::{
    Problem, Service,
    caller::Caller,
    page::{Page, PageQuery, Place},
    request::{Input, Parameters},
};

/// `GET /tokens`: all of them, in the order in which they were made.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Parameters(query): Parameters<PageQuery>,
    place: Place,
) -> Result<Page<TokenView>, Problem> {
    let all = service.hub.api_tokens().iter().map(|token| view(token)).collect();
    Page::of(all, |token: &TokenView| token.id.to_string(), &query, &place)
}

pub(super) async fn add(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Input(new): Input<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let hub = &service.hub;
    let expires_at = match (new.expires_at, new.expires_in_seconds) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid("give expires_at or expires_in_seconds, not both"));
        }
        (at, None) => at,
        (None, Some(seconds)) => {
            let at = hub.environment().now().checked_add(SignedDuration::from_secs(seconds.into()));
            Some(at.map_err(|error| Problem::invalid(error.to_string()))?)
        }
    };
    let draft = TokenDraft {
        name: new.name,
        account: new.account.unwrap_or_else(|| caller.name()),
        scopes: Scopes::new(new.scopes).map_err(|error| Problem::invalid(error.to_string()))?,
        expires_at,
    };
    let maker = caller.peer.account().map(|account| account.address.clone());
    let (token, secret) = hub.add_api_token_by(&caller.actor, maker.as_ref(), draft).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: view(&token), secret: secret.to_text() })))
}

/// `DELETE /tokens/ID`: nobody can use it any more. Answered with 204.
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = id.parse().map_err(|error: TokenNameError| Problem::invalid(error.to_string()))?;
    service.hub.remove_api_token(&caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(token: &Token) -> TokenView {
    TokenView {
        id: token.id,
        name: token.name.clone(),
        account: token.account.clone(),
        scopes: token.scopes.scopes().to_vec(),
        created_at: token.created_at,
        last_used_at: token.last_used_at,
        expires_at: token.expires_at,
    }
}
