//! Tokens: what programs have instead of a password.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{Address, Scope, TokenId, TokenName};

use crate::schema;

/// `POST /tokens`: a token to be made. Answered with 201 and the [`MadeToken`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What to call it: 1 to 64 letters, digits, `-`, `_` or `.`; no other token is called so.
    #[schemars(with = "String")]
    pub name: TokenName,
    /// As whom it speaks: a name or an address. Where left out, as whoever makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it may do: 1 to 16 of `publish:AUDIENCE`, `read`, `audit`, `chat` and `administer`.
    #[schemars(with = "Vec<String>")]
    pub scopes: Vec<Scope>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, in seconds from now; only one of both can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
}

/// A token, as lists show it. Its secret is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenView {
    /// Its id.
    #[schemars(with = "schema::Id")]
    pub id: TokenId,
    /// What it is called.
    #[schemars(with = "String")]
    pub name: TokenName,
    /// As whom it speaks.
    #[schemars(with = "String")]
    pub account: Address,
    /// What it may do.
    #[schemars(with = "Vec<String>")]
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour and not before it was made; none where it never was.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself; none where it does not.
    pub expires_at: Option<Timestamp>,
}

/// A token that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MadeToken {
    /// The token.
    #[serde(flatten)]
    pub token: TokenView,
    /// What a program shows: `Authorization: Bearer SECRET`. It is told only now, and to nobody again.
    pub secret: String,
}

impl std::fmt::Debug for MadeToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MadeToken").field("token", &self.token).finish_non_exhaustive()
    }
}
