use xmpp::{
    Element,
    extension::sasl2::{self as wire, Inline},
    sasl::{self, Failure, FailureCondition, Request},
};

use super::{
    connection::Connection,
    sasl2,
    sign_in::{SignIn, Step},
};

/// One attempt to sign in, from its first message to its end, in one of the two dialects of SASL.
pub(super) struct Attempt {
    sign_in: SignIn,
    dialect: Dialect,
}

enum Dialect {
    /// Nothing has come yet.
    Open,
    /// RFC 6120 §6.
    Sasl,
    /// XEP-0388, with what is to follow.
    Sasl2(Inline),
}

impl Attempt {
    pub(super) fn new() -> Self {
        Self { sign_in: SignIn::new(), dialect: Dialect::Open }
    }

    /// What to answer to an element; none where it is no part of signing in.
    pub(super) async fn step(&mut self, connection: &Connection, element: &Element) -> Option<Step> {
        let step = match sasl::Request::parse(element).transpose() {
            Some(request) => self.sasl(connection, request).await,
            // It is offered on encrypted connections only.
            None if connection.bindings.is_none() => return None,
            None => self.sasl2(connection, wire::Request::parse(element).transpose()?).await,
        };
        Some(step.unwrap_or_else(Step::Failure))
    }

    async fn sasl(
        &mut self,
        connection: &Connection,
        request: Result<Request, Failure>,
    ) -> Result<Step, Failure> {
        let mixed = matches!(self.dialect, Dialect::Sasl2(_));
        self.dialect = Dialect::Sasl;
        let request = request?;
        if mixed && !matches!(request, Request::Authenticate { .. }) {
            return Err(FailureCondition::MalformedRequest.into());
        }
        Ok(self.sign_in.step(connection, request).await)
    }

    async fn sasl2(
        &mut self,
        connection: &Connection,
        request: Result<wire::Request, Failure>,
    ) -> Result<Step, Failure> {
        let begun = matches!(self.dialect, Dialect::Sasl2(_));
        if !begun {
            self.dialect = Dialect::Sasl2(Inline::default());
        }
        let request = match request? {
            wire::Request::Authenticate(authenticate) => {
                self.dialect = Dialect::Sasl2(authenticate.inline.clone());
                if authenticate.inline.fast.is_some() {
                    self.sign_in = SignIn::new();
                    return Ok(sasl2::by_token(connection, &authenticate).await);
                }
                let wire::Authenticate { mechanism, initial, .. } = *authenticate;
                Request::Authenticate { mechanism, initial }
            }
            wire::Request::Abort => Request::Abort,
            wire::Request::Response(_) if !begun => {
                return Err(FailureCondition::MalformedRequest.into());
            }
            wire::Request::Response(data) => Request::Response(data),
        };
        Ok(self.sign_in.step(connection, request).await)
    }

    pub(super) fn challenge(&self, data: &[u8]) -> Element {
        match self.dialect {
            Dialect::Sasl2(_) => wire::challenge(data),
            Dialect::Sasl | Dialect::Open => sasl::challenge(data),
        }
    }

    pub(super) fn failure(&self, failure: &Failure) -> Element {
        match self.dialect {
            Dialect::Sasl2(_) => wire::failure(failure),
            Dialect::Sasl | Dialect::Open => failure.to_element(),
        }
    }

    /// What is to follow a success; none where SASL has no such thing.
    pub(super) fn inline(self) -> Option<Inline> {
        match self.dialect {
            Dialect::Sasl2(inline) => Some(inline),
            Dialect::Sasl | Dialect::Open => None,
        }
    }
}
