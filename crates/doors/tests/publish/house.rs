use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{Extensions, HeaderMap, HeaderValue, Request, StatusCode},
};
use domain::{Address, Alert, AllowedNetworks, Audience, Severity, Topic};
use doors::{
    network::{Gate, GateLimits},
    web::publish::{Caller, NotProven, Prove, Publishing, router},
};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use serde_json::Value;
use store::Change;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Tokens: who has shown `plant-secret` may publish to the group and read it; `all-secret` everything; `read-secret`
/// may only read; `wrong-account` speaks as somebody who may not alert.
struct Tokens {
    domain: String,
    revoked: Arc<AtomicBool>,
}

struct Holder {
    address: Address,
    name: &'static str,
    publish: &'static [&'static str],
    read: bool,
    revoked: Arc<AtomicBool>,
}

#[async_trait]
impl Prove for Tokens {
    async fn prove(&self, credentials: &HeaderValue, _: &Extensions) -> Result<Arc<dyn Caller>, NotProven> {
        let text = credentials.to_str().unwrap();
        let secret = match text.strip_prefix("Bearer ") {
            Some(secret) => secret.to_owned(),
            None => {
                use base64::{Engine, engine::general_purpose::STANDARD};
                let pair = text.strip_prefix("Basic ").and_then(|rest| STANDARD.decode(rest).ok());
                let pair = String::from_utf8(pair.unwrap_or_default()).unwrap();
                pair.split_once(':').map(|(_, password)| password.to_owned()).unwrap_or_default()
            }
        };
        let holder = |account: &str, name, publish, read| Holder {
            address: Address::new(account, &self.domain).unwrap(),
            name,
            publish,
            read,
            revoked: self.revoked.clone(),
        };
        Ok(Arc::new(match secret.as_str() {
            "plant-secret" => holder("robot", "backup", &["group:plant"], true),
            "all-secret" => holder("robot", "disk", &["group:plant", "everyone", "user:anna"], true),
            "read-secret" => holder("anna", "reader", &[], true),
            "publish-secret" => holder("robot", "plain", &["group:plant"], false),
            "wrong-account" => holder("anna", "wrong", &["group:plant", "everyone"], true),
            "often" => return Err(NotProven::TooOften),
            _ => return Err(NotProven::Wrong("there is no such token".to_owned())),
        }))
    }

    fn source(&self, _: &Extensions) -> Option<IpAddr> {
        "10.0.0.9".parse().ok()
    }
}

#[async_trait]
impl Caller for Holder {
    async fn still(&self) -> Option<Arc<dyn Caller>> {
        if self.revoked.load(Ordering::Relaxed) {
            return None;
        }
        Some(Arc::new(Self { revoked: self.revoked.clone(), address: self.address.clone(), ..*self }))
    }

    fn address(&self) -> &Address {
        &self.address
    }

    fn actor(&self) -> String {
        format!("{} (token {})", self.address, self.name)
    }

    fn token_name(&self) -> Option<&str> {
        Some(self.name)
    }

    fn may_publish_to(&self, audience: &Audience) -> bool {
        self.publish.iter().any(|text| text.parse::<Audience>().unwrap() == *audience)
    }

    fn may_read(&self, _: &Audience) -> bool {
        self.read
    }
}

/// An office with four topics: `plant` for a group, `disk` for everyone, `coffee`, which is open, and `siren` for one
/// person, to which extreme alerts may go: those have to be released.
pub(crate) struct House {
    pub(crate) testkit: testkit::House,
    pub(crate) router: Router,
    pub(crate) stop: CancellationToken,
    /// Whether all tokens are gone for those who have shown them already.
    pub(crate) revoked: Arc<AtomicBool>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl House {
    pub(crate) async fn open() -> Self {
        let testkit = testkit::House::open().await;
        testkit.add_administrator("robot").await;
        testkit.add("anna").await;
        testkit.hub.add_group("test", "plant".parse().unwrap()).await.unwrap();
        let join = Change::JoinGroup { address: testkit.address("anna"), name: "plant".parse().unwrap() };
        testkit.hub.store().commit(vec![join]).await.unwrap();
        let topic = |name: &str, audience: &str, open| Topic {
            name: name.parse().unwrap(),
            audience: audience.parse().unwrap(),
            open,
            severity_max: Severity::Severe,
            must_confirm: false,
        };
        let topics = vec![
            topic("plant", "group:plant", false),
            topic("disk", "everyone", false),
            topic("coffee", "everyone", true),
            Topic { severity_max: Severity::Extreme, ..topic("siren", "user:anna", false) },
        ];
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 10,
            connections_per_account_max: 10,
            sign_in_failures_per_minute_max: 10,
        };
        let gate = Gate::new(AllowedNetworks::default(), limits);
        let stop = CancellationToken::new();
        let revoked = Arc::new(AtomicBool::new(false));
        let prover = Arc::new(Tokens { domain: testkit::DOMAIN.to_owned(), revoked: revoked.clone() });
        let router = router(Publishing::new(testkit.hub.clone(), &gate, topics, prover, stop.clone()));
        Self { testkit, router, stop, revoked }
    }

    /// Sends a request; what begins with `Bearer` or `Basic` is who asks.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let response =
            self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        // No two requests come at the same time, so that alerts have an order.
        self.testkit.clock.advance(SignedDuration::from_millis(1));
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// All alerts, the newest first.
    pub(crate) async fn alerts(&self) -> Vec<Alert> {
        self.testkit.hub.store().alerts(false, 100).await.unwrap()
    }

    /// The only alert.
    pub(crate) async fn only_alert(&self) -> Alert {
        let mut alerts = self.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        alerts.remove(0)
    }

    /// Answers on a socket of its own, as long as the test runs.
    pub(crate) async fn listen(&self) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}
