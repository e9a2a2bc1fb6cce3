use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{Extensions, HeaderValue};
use domain::{Address, Audience};

use crate::api::Peer;

/// Proves who asks. The door that serves the interfaces for publishers brings one.
#[async_trait]
pub trait Prove: Send + Sync + 'static {
    /// Who shows these credentials: what `Authorization` says, or would say where an interface lets them stand
    /// elsewhere. `request` is what the door knows of the request.
    ///
    /// # Errors
    /// They are nobody's, or were tried too often.
    async fn prove(
        &self,
        credentials: &HeaderValue,
        request: &Extensions,
    ) -> Result<Arc<dyn Caller>, NotProven>;

    /// From which network address the request has come.
    fn source(&self, request: &Extensions) -> Option<IpAddr>;
}

/// Somebody who has proven who they are: a token, or a person.
#[async_trait]
pub trait Caller: Send + Sync {
    /// The same as they are now; none where what they have proven counts no more: the token is gone, the account is
    /// disabled, the password is another.
    async fn still(&self) -> Option<Arc<dyn Caller>>;

    /// In whose name they publish.
    fn address(&self) -> &Address;

    /// Who it is, for those who count requests; none where nobody does.
    fn peer(&self) -> Option<&Peer> {
        None
    }

    /// Who it is, for the audit log.
    fn actor(&self) -> String;

    /// What their token is called, if they have shown one.
    fn token_name(&self) -> Option<&str>;

    /// Whether they may publish to this audience.
    fn may_publish_to(&self, audience: &Audience) -> bool;

    /// Whether they may read what was published to this audience.
    fn may_read(&self, audience: &Audience) -> bool;
}

/// Why credentials prove nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotProven {
    /// They are nobody's: a sentence for whoever asked.
    Wrong(String),
    /// They were tried too often.
    TooOften,
    /// Nobody can tell now, and why not.
    Unavailable(String),
}
