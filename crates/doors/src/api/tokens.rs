//! Tokens: what programs have instead of a password.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use domain::{Address, Scope, Scopes, Token, TokenId, TokenName, TokenNameError};
use hub::TokenDraft;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Problem, Service, caller::Caller, request::Input};

/// `POST /tokens`: a token to be made. Answered with 201 and the [`MadeToken`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What to call it: 1 to 64 letters, digits, `-`, `_` or `.`; no other token is called so.
    pub name: TokenName,
    /// As whom it speaks: a name or an address. Where left out, as whoever makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it may do: 1 to 16 of `publish:AUDIENCE`, `read`, `chat` and `administer`.
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, in seconds from now; only one of both can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
}

/// A token, as lists show it. Its secret is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// What it is called.
    pub name: TokenName,
    /// As whom it speaks.
    pub account: Address,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour; none where it never was.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself; none where it does not.
    pub expires_at: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    /// The token.
    #[serde(flatten)]
    pub token: TokenView,
    /// What a program shows: `Authorization: Bearer SECRET`. It is told only now, and to nobody again.
    pub secret: String,
}

/// `GET /tokens`: all of them, in the order in which they were made.
pub(super) async fn list(State(service): State<Arc<Service>>) -> Json<Vec<TokenView>> {
    Json(service.hub.api_tokens().iter().map(|token| view(token)).collect())
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
    let (token, secret) = hub.add_api_token(&caller.actor, draft).await?;
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

impl std::fmt::Debug for MadeToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MadeToken").field("token", &self.token).finish_non_exhaustive()
    }
}
