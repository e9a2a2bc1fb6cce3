//! Webhooks: other programs are told what happens to alerts, at least once, in order, and signed.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use domain::{AlertDraft, AllowedNetworks, Severity};
use doors::{
    network::{Gate, GateLimits},
    tls::{Authority, Names, Tls},
    webhooks::{self, DELIVERY, EVENT, EventKind, Pace, SIGNATURE, TIMESTAMP, Webhook, signature},
};
use jiff::SignedDuration;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const SECRET: &[u8] = b"a secret of 24 characters";

/// Somebody who receives.
struct Receiver {
    address: SocketAddr,
    requests: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
    /// What the next ones are answered with; 204 where nothing is said.
    answers: Arc<Mutex<Vec<StatusCode>>>,
}

type Inside = (mpsc::UnboundedSender<(HeaderMap, Bytes)>, Arc<Mutex<Vec<StatusCode>>>);

async fn take(State((sender, answers)): State<Inside>, headers: HeaderMap, body: Bytes) -> StatusCode {
    sender.send((headers, body)).unwrap();
    answers.lock().pop().unwrap_or(StatusCode::NO_CONTENT)
}

impl Receiver {
    async fn open() -> Self {
        let (sender, requests) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().route("/hook", post(take)).with_state((sender, answers.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, requests, answers }
    }

    /// The next request, its signature verified: which event it is, its id, and what it says.
    async fn next(&mut self) -> (String, String, Value) {
        let (headers, body) = self.requests.recv().await.unwrap();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let (id, time) = (header(DELIVERY), header(TIMESTAMP).parse().unwrap());
        assert_eq!(header(SIGNATURE), signature(SECRET, time, &id, &body));
        assert_eq!(header("content-type"), "application/json");
        let document: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (document["id"].as_str(), document["event"].as_str()),
            (Some(&*id), Some(&*header(EVENT)))
        );
        (header(EVENT), id, document)
    }
}

/// What tells, until it is dropped.
struct Telling(CancellationToken);

impl Drop for Telling {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn pace() -> Pace {
    let retry = Duration::from_millis(2);
    Pace { look: retry, retry, ..Pace::default() }
}

fn gate(networks: AllowedNetworks) -> Arc<Gate> {
    let limits = GateLimits {
        connections_max: 10,
        connections_per_address_max: 10,
        connections_per_account_max: 10,
        sign_in_failures_per_minute_max: 10,
    };
    Gate::new(networks, limits)
}

fn tell(house: &testkit::House, url: &str, events: &[EventKind], pace: Pace) -> Telling {
    tell_through(house, url, events, pace, &gate(AllowedNetworks::default()), Vec::new())
}

fn tell_through(
    house: &testkit::House,
    url: &str,
    events: &[EventKind],
    pace: Pace,
    gate: &Arc<Gate>,
    authorities_pem: Vec<u8>,
) -> Telling {
    let webhook = Webhook {
        name: "siren".to_owned(),
        target: url.parse().unwrap(),
        events: events.to_vec(),
        secret: SECRET.to_vec().into(),
        authorities_pem,
    };
    let stop = CancellationToken::new();
    webhooks::serve(vec![webhook], &house.hub, gate, pace, &TaskTracker::new(), &stop).unwrap();
    Telling(stop)
}

async fn house() -> testkit::House {
    let house = testkit::House::open().await;
    house.add_administrator("root").await;
    house
}

async fn send(house: &testkit::House, headline: &str) -> domain::AlertId {
    let everyone = "everyone".parse().unwrap();
    let draft = AlertDraft {
        severity: Severity::Minor,
        must_confirm: false,
        ..AlertDraft::new(house.address("root"), everyone, headline)
    };
    house.hub.send_alert(draft).await.unwrap().id
}

/// Waits until the webhook has found its place, so that what happens from now on is told.
async fn is_there(house: &testkit::House) {
    while house.hub.store().setting("webhook:siren").await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_happens_to_an_alert_is_told_in_order_and_signed() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    send(&house, "before").await;
    let url = format!("http://{}/hook", receiver.address);
    let _telling = tell(&house, &url, &EventKind::ALL, pace());
    is_there(&house).await;
    let id = send(&house, "Fire drill").await;
    house.hub.cancel_alert(id, &house.address("root")).await.unwrap();
    let (event, first, document) = receiver.next().await;
    assert_eq!((event.as_str(), document["alert"]["headline"].as_str()), ("alert.sent", Some("Fire drill")));
    assert_eq!(document["alert"]["id"], id.to_string());
    let (event, second, document) = receiver.next().await;
    assert_eq!(
        (event.as_str(), document["alert"]["state"]["kind"].as_str()),
        ("alert.ended", Some("cancelled"))
    );
    assert_ne!(first, second);
}

/// Runs what time brings, as the service does.
fn run(house: &testkit::House) {
    let hub = house.hub.clone();
    tokio::spawn(async move { hub.run_alerts().await });
}

fn extreme(house: &testkit::House, headline: &str) -> AlertDraft {
    let everyone = "everyone".parse().unwrap();
    AlertDraft { severity: Severity::Extreme, ..AlertDraft::new(house.address("root"), everyone, headline) }
}

#[tokio::test]
async fn what_waits_or_is_planned_is_told_as_sent_once_and_when_it_takes_effect() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    house.add_administrator("second").await;
    run(&house);
    let url = format!("http://{}/hook", receiver.address);
    let _telling = tell(&house, &url, &EventKind::TOLD_TO_PEOPLE, pace());
    is_there(&house).await;
    let (second, hub) = (house.address("second"), &house.hub);
    let never = hub.send_alert(extreme(&house, "Never")).await.unwrap();
    let waiting = hub.send_alert(extreme(&house, "Evacuate")).await.unwrap();
    hub.cancel_alert(never.id, &second).await.unwrap();
    let at = house.clock.now() + SignedDuration::from_secs(60);
    let later = AlertDraft { severity: Severity::Minor, begins_at: Some(at), ..extreme(&house, "Later") };
    hub.send_alert(later).await.unwrap();
    hub.send_alert(AlertDraft { test: true, ..extreme(&house, "Test") }).await.unwrap();
    send(&house, "Now").await;
    let (event, _, document) = receiver.next().await;
    assert_eq!((event.as_str(), &document["alert"]["headline"]), ("alert.sent", &"Now".into()));
    hub.release_alert(waiting.id, &second).await.unwrap();
    let (event, _, document) = receiver.next().await;
    assert_eq!((event.as_str(), &document["alert"]["headline"]), ("alert.sent", &"Evacuate".into()));
    assert_eq!(document["alert"]["state"]["kind"], "sent");
    house.clock.advance(SignedDuration::from_secs(61));
    let (event, _, document) = receiver.next().await;
    assert_eq!((event.as_str(), &document["alert"]["headline"]), ("alert.sent", &"Later".into()));
    send(&house, "After").await;
    assert_eq!(receiver.next().await.2["alert"]["headline"], "After", "each of them once");
}

#[tokio::test]
async fn who_asks_for_it_is_told_what_is_planned_and_what_waits() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    let url = format!("http://{}/hook", receiver.address);
    let _telling = tell(&house, &url, &[EventKind::AlertPlanned, EventKind::AlertWaiting], pace());
    is_there(&house).await;
    house.hub.send_alert(extreme(&house, "Evacuate")).await.unwrap();
    let at = house.clock.now() + SignedDuration::from_secs(60);
    let later = AlertDraft { severity: Severity::Minor, begins_at: Some(at), ..extreme(&house, "Later") };
    house.hub.send_alert(later).await.unwrap();
    assert_eq!(receiver.next().await.0, "alert.waiting");
    assert_eq!(receiver.next().await.0, "alert.planned");
}

#[tokio::test]
async fn what_was_over_before_its_time_came_has_not_ended_for_anybody() {
    let (mut house, mut receiver) = (house().await, Receiver::open().await);
    let url = format!("http://{}/hook", receiver.address);
    let telling = tell(&house, &url, &EventKind::TOLD_TO_PEOPLE, pace());
    is_there(&house).await;
    let at = |seconds| Some(house.clock.now() + SignedDuration::from_secs(seconds));
    let (begins_at, expires_at) = (at(60), at(90));
    let slept =
        AlertDraft { severity: Severity::Minor, begins_at, expires_at, ..extreme(&house, "Slept through") };
    let slept = house.hub.send_alert(slept).await.unwrap();
    drop(telling);
    house.clock.advance(SignedDuration::from_secs(600));
    house.restart().await;
    run(&house);
    let _telling = tell(&house, &url, &EventKind::TOLD_TO_PEOPLE, pace());
    while !matches!(house.hub.alert(slept.id).await.unwrap().state, domain::AlertState::Expired { .. }) {
        tokio::task::yield_now().await;
    }
    send(&house, "After").await;
    let (event, _, document) = receiver.next().await;
    assert_eq!((event.as_str(), &document["alert"]["headline"]), ("alert.sent", &"After".into()));
}

#[tokio::test]
async fn what_another_takes_the_place_of_has_ended() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    let url = format!("http://{}/hook", receiver.address);
    let _telling = tell(&house, &url, &[EventKind::AlertEnded], pace());
    is_there(&house).await;
    let old = send(&house, "Gate 1").await;
    let new = AlertDraft { severity: Severity::Minor, updates: Some(old), ..extreme(&house, "Gate 2") };
    house.hub.send_alert(new).await.unwrap();
    let (_, _, document) = receiver.next().await;
    assert_eq!(
        (&document["alert"]["id"], &document["alert"]["state"]["kind"]),
        (&old.to_string().into(), &"superseded".into())
    );
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    let url = format!("http://{}/hook", receiver.address);
    let _telling = tell(&house, &url, &[EventKind::AlertEnded], pace());
    is_there(&house).await;
    let id = send(&house, "Fire drill").await;
    house.hub.cancel_alert(id, &house.address("root")).await.unwrap();
    assert_eq!(receiver.next().await.0, "alert.ended");
    assert!(receiver.requests.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_taken_is_told_again_under_the_same_id_before_anything_else() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    *receiver.answers.lock() =
        vec![StatusCode::FOUND, StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR];
    let url = format!("http://{}/hook", receiver.address);
    let _telling = tell(&house, &url, &[EventKind::AlertSent], pace());
    is_there(&house).await;
    send(&house, "one").await;
    send(&house, "two").await;
    let mut told = Vec::new();
    for _ in 0..5 {
        let (_, id, document) = receiver.next().await;
        told.push((id, document["alert"]["headline"].as_str().unwrap().to_owned()));
    }
    let headlines: Vec<&str> = told.iter().map(|(_, headline)| headline.as_str()).collect();
    assert_eq!(headlines, ["one", "one", "one", "one", "two"]);
    assert!(told[..4].iter().all(|(id, _)| *id == told[0].0));
}

#[tokio::test]
async fn nothing_is_lost_when_the_service_crashes_or_nobody_listens_for_a_while() {
    let mut house = house().await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let telling = tell(&house, &format!("http://{closed}/hook"), &[EventKind::AlertSent], pace());
    is_there(&house).await;
    send(&house, "while nobody listens").await;
    drop(telling);
    house.restart().await;
    send(&house, "while nothing tells").await;
    let mut receiver = Receiver::open().await;
    let url = format!("http://{}/hook", receiver.address);
    let telling = tell(&house, &url, &[EventKind::AlertSent], pace());
    assert_eq!(receiver.next().await.2["alert"]["headline"], "while nobody listens");
    let (_, second, _) = receiver.next().await;
    drop(telling);
    house.restart().await;
    send(&house, "later").await;
    let _telling = tell(&house, &url, &[EventKind::AlertSent], pace());
    let (_, mut id, mut document) = receiver.next().await;
    if id == second {
        // It crashed before it had remembered that it told this one: it may come twice, under the same id.
        (_, id, document) = receiver.next().await;
    }
    assert_eq!((document["alert"]["headline"].as_str(), id != second), (Some("later"), true));
}

#[tokio::test]
async fn what_nobody_takes_for_a_day_is_given_up_and_the_audit_log_says_so() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    *receiver.answers.lock() = vec![StatusCode::INTERNAL_SERVER_ERROR; 2];
    let url = format!("http://{}/hook", receiver.address);
    let pace = Pace { retry: Duration::from_millis(50), ..pace() };
    let _telling = tell(&house, &url, &[EventKind::AlertSent], pace);
    is_there(&house).await;
    send(&house, "one").await;
    receiver.next().await;
    house.clock.advance(SignedDuration::from_hours(25));
    receiver.next().await;
    send(&house, "two").await;
    assert_eq!(receiver.next().await.2["alert"]["headline"], "two");
    let audit = house.hub.store().audit(0, 1_000).await.unwrap();
    assert_eq!(audit.iter().filter(|record| record.action == "webhook.give-up").count(), 1);
}

#[tokio::test]
async fn nothing_goes_out_of_the_allowed_networks() {
    let (house, mut receiver) = (house().await, Receiver::open().await);
    let gate = gate(AllowedNetworks::new(vec!["10.0.0.0/8".parse().unwrap()]));
    let url = format!("http://{}/hook", receiver.address);
    let pace = Pace { give_up: SignedDuration::ZERO, ..pace() };
    let _telling = tell_through(&house, &url, &[EventKind::AlertSent], pace, &gate, Vec::new());
    is_there(&house).await;
    send(&house, "one").await;
    let given_up = loop {
        let audit = house.hub.store().audit(0, 1_000).await.unwrap();
        if let Some(record) = audit.into_iter().find(|record| record.action == "webhook.give-up") {
            break record.personal.unwrap().detail;
        }
        tokio::task::yield_now().await;
    };
    assert!(given_up.contains("outside the allowed networks"), "{given_up}");
    assert!(receiver.requests.try_recv().is_err());
}

#[tokio::test]
async fn an_encrypted_receiver_has_to_be_certified_by_the_authority_that_is_named() {
    let house = house().await;
    let folder = tempfile::tempdir().unwrap();
    let now = hub::Environment::system().now();
    let names = Names { domain: "x.internal".to_owned(), host: "localhost".to_owned(), ..Names::default() };
    let authority = Authority::load_or_create(folder.path(), &names, now).unwrap();
    let certificate = authority.server_certificate(&names, now).unwrap();
    let tls = Tls::new(&certificate.chain_pem, &certificate.key_pem).unwrap();
    let other_folder = tempfile::tempdir().unwrap();
    let other = Authority::load_or_create(other_folder.path(), &names, now).unwrap();

    let mut receiver = Receiver::open().await;
    let door = encrypted(tls, receiver.address).await;
    let url = format!("https://localhost:{}/hook", door.port());
    let refused = Pace { give_up: SignedDuration::ZERO, ..pace() };
    let gate = gate(AllowedNetworks::default());
    let pem = other.certificate_pem().as_bytes().to_vec();
    let telling = tell_through(&house, &url, &[EventKind::AlertSent], refused, &gate, pem);
    is_there(&house).await;
    send(&house, "to a stranger").await;
    let given_up = loop {
        let audit = house.hub.store().audit(0, 1_000).await.unwrap();
        if let Some(record) = audit.iter().find(|record| record.action == "webhook.give-up") {
            break record.sequence;
        }
        tokio::task::yield_now().await;
    };
    // Only what is remembered is not told again.
    while remembered(&house).await < given_up {
        tokio::task::yield_now().await;
    }
    drop(telling);
    assert!(receiver.requests.try_recv().is_err());
    let pem = authority.certificate_pem().as_bytes().to_vec();
    let _telling = tell_through(&house, &url, &[EventKind::AlertSent], pace(), &gate, pem);
    send(&house, "to a friend").await;
    let (_, _, document) = receiver.next().await;
    assert_eq!(document["alert"]["headline"], "to a friend");
}

/// Up to where the webhook remembers that it has told.
async fn remembered(house: &testkit::House) -> u64 {
    let setting = house.hub.store().setting("webhook:siren").await.unwrap();
    setting.unwrap_or_default().parse().unwrap_or(0)
}

/// Decrypts in front of somebody who does not.
async fn encrypted(tls: Tls, behind: SocketAddr) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor =
        tokio_rustls::TlsAcceptor::from(tls.current().configuration(doors::tls::Application::Http));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                #[expect(clippy::disallowed_methods, reason = "the receiver is in this test")]
                let mut inside = tokio::net::TcpStream::connect(behind).await.unwrap();
                drop(tokio::io::copy_bidirectional(&mut outside, &mut inside).await);
            });
        }
    });
    address
}

#[tokio::test]
async fn a_receiver_that_says_to_go_on_without_end_is_given_up() {
    let house = house().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let patient = Pace { attempt: Duration::from_secs(3_600), ..pace() };
    let _telling = tell(&house, &url, &EventKind::ALL, patient);
    is_there(&house).await;
    send(&house, "Fire drill").await;
    let mut ends = 0;
    while ends < 2 {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut said = 0_u64;
        let go_on = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
        while tokio::io::AsyncWriteExt::write_all(&mut stream, &go_on).await.is_ok() {
            said += go_on.len() as u64;
            assert!(said < 64 << 20, "it is listened to for ever");
        }
        ends += 1;
    }
}
