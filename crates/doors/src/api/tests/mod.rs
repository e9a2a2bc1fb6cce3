//! The interface, asked without sockets: a service in a folder of its own.

mod accounts;
mod alert_engine;
mod alerts;
mod audit;
mod away;
mod conversations;
mod description;
mod messages;
mod own_alerts;
mod pages;
mod publishers;
mod requests;
mod scopes;
mod service;
mod tokens;

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Method, Request, Response, StatusCode, header},
};
use domain::Protocol;
use http_body_util::BodyExt;
use hub::{Environment, Hub, Session, SessionDraft, Settings, SigningKey};
use serde_json::{Value, json};
use store::{
    Store,
    sqlite::{Options, SqliteStore},
};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::tls::{Authority, Names};

/// A service with an `admin`, and an interface to it for root.
pub(crate) struct Fixture {
    pub(crate) hub: Arc<Hub>,
    pub(crate) service: Arc<Service>,
    router: Router,
    store: Arc<SqliteStore>,
    directory: TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(&directory.path().join("messngr.db"), Options::default()).unwrap();
        let settings = Settings {
            domain: "x.internal".into(),
            archive: true,
            outbox_bytes_max: 1 << 20,
            sessions_max: 50,
            contacts_max: 100,
            pending_max: 3,
            resumption: Duration::ZERO,
            machine_name: "OFFICE".into(),
            machine_name_to: "group:admin".parse().unwrap(),
            strangers: domain::StrangerRules::default(),
            time_zone: jiff::tz::TimeZone::UTC,
            passwords: domain::PasswordRules::default(),
            release: vec![domain::Severity::Extreme],
        };
        let key = SigningKey::from_bytes(&[7; 32]);
        let hub =
            Hub::start(settings, Environment::system(), store.clone() as Arc<dyn Store>, key).await.unwrap();
        hub.add_account("service", "admin", "secret", true).await.unwrap();
        let now = hub.environment().now();
        let names = Names { domain: "x.internal".into(), host: "office".into(), ..Names::default() };
        let authority = Arc::new(Authority::load_or_create(directory.path(), &names, now).unwrap());
        let about = About {
            version: "1.2.3".into(),
            started_at: now,
            data_dir: directory.path().to_owned(),
            user: "messngr".into(),
            pid: 42,
        };
        let configuration = ConfigurationInForce {
            toml: "domain = \"x.internal\"\n".into(),
            json: json!({ "domain": "x.internal" }),
            settings: vec![::api::service::SettingView {
                path: "domain".into(),
                description: "What stands behind the @.".into(),
            }],
        };
        let files = vec![directory.path().join("ca.pem"), directory.path().join("ca.key")];
        let service = Service::new(hub.clone(), about, configuration, authority, files, 0);
        let router = router(service.clone());
        Self { hub, service, router, store, directory }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// An answer to root, as it is.
    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.ask_as(Peer::AdministrationSocket { uid: 0 }, request).await
    }

    /// An answer to somebody, as it is.
    async fn ask_as(&self, peer: Peer, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(peer);
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A program with a token of this scope that speaks as this account.
    async fn program(&self, account: &str, scope: &str) -> Peer {
        let name = format!("t{}", self.hub.api_tokens().len()).parse().unwrap();
        let scopes = domain::Scopes::new(vec![scope.parse().unwrap()]).unwrap();
        let draft = hub::TokenDraft { name, account: account.to_owned(), scopes, expires_at: None };
        let (token, _) = self.hub.add_api_token("service", draft).await.unwrap();
        let account = self.hub.account_named(account).unwrap();
        let rights = self.hub.rights(&account.address);
        Peer::Token { token, account, rights, source: [10, 0, 0, 9].into() }
    }

    /// Somebody who has shown their password.
    fn person(&self, name: &str) -> Peer {
        let account = self.hub.account_named(name).unwrap();
        let rights = self.hub.rights(&account.address);
        Peer::Person { account, rights, source: [10, 0, 0, 9].into(), browser: None }
    }

    /// The status and the body, as JSON, of an answer to root, who speaks in this name.
    async fn call_as(
        &self,
        name: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !name.is_empty() {
            request = request.header(IN_THE_NAME_OF, name.as_bytes());
        }
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        let answer = self.ask(request.unwrap()).await;
        let status = answer.status();
        let bytes = bytes(answer).await;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        (status, body)
    }

    /// The status and the body of an answer to somebody who has shown their password.
    async fn call_of(
        &self,
        name: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.ask_as(self.person(name), request.body(body).unwrap()).await;
        let status = answer.status();
        (status, serde_json::from_slice(&bytes(answer).await).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call_as("", Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call_as("", Method::POST, path, Some(body)).await
    }

    async fn add_people(&self, names: &[&str]) {
        for name in names {
            self.hub.add_account("service", name, "secret", false).await.unwrap();
        }
    }

    async fn sign_in(&self, name: &str) -> Arc<Session> {
        let address = self.hub.account_named(name).unwrap().address.clone();
        let source = "10.0.0.9".to_owned();
        let draft = SessionDraft { address, resource: Some("desk".into()), protocol: Protocol::Xmpp, source };
        self.hub.open_session(draft).await.unwrap()
    }

    async fn waiting_for(&self, name: &str) -> Vec<String> {
        let address = self.hub.account_named(name).unwrap().address.clone();
        let pending = self.store.pending(&address, 0, 100).await.unwrap();
        let text = |message: &domain::Message| match &message.content {
            domain::Content::Text { body, .. } => body.clone(),
            other => format!("{other:?}"),
        };
        pending.iter().map(|(_, message)| text(message)).collect()
    }
}

async fn bytes(answer: Response<Body>) -> Bytes {
    answer.into_body().collect().await.unwrap().to_bytes()
}
