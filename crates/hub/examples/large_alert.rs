//! What an alert to very many costs the others: people are made directly in the store, an alert goes to all of them
//! while two of them talk, ten thousand confirm it, and its report is read.
//! `cargo run --release -p hub --example large_alert -- [people] [confirmations]`, 100,000 and 10,000 where left out.
#![allow(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{Address, AlertDraft, Content, Message, MessageKind, Protocol, Sender};
use hub::{Environment, Hub, ReportQuery, Session, SessionDraft, Settings, SigningKey};
use store::{
    Change, NewAccount, Store,
    sqlite::{Options, SqliteStore},
};
use tokio::task::JoinSet;

const DOMAIN: &str = "office.internal";
/// How many accounts are made in one commit.
const MADE_AT_ONCE: usize = 1_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>().unwrap());
    let people = arguments.next().unwrap_or(100_000);
    let confirmations = arguments.next().unwrap_or(10_000).min(people);
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("messngr.db"), Options::default()).unwrap();
    make_people(&store, people).await;
    let hub = start(store).await;
    let sessions = sign_in(&hub, confirmations).await;

    let mut quiet = talk_while(&hub, tokio::time::sleep(Duration::from_secs(2))).await;
    tell("chat alone", &mut quiet);
    let draft = AlertDraft::new(address(0), "everyone".parse().unwrap(), "Storm warning");
    let began = Instant::now();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let alerting = hub.clone();
    tokio::spawn(async move { drop(sender.send(alerting.send_alert(draft).await.unwrap())) });
    let alert = Arc::new(parking_lot::Mutex::new(None));
    let sent = alert.clone();
    let mut busy = talk_while(&hub, async move { *sent.lock() = Some(receiver.await.unwrap()) }).await;
    println!("alert to {people}: in force after {:.2} s", began.elapsed().as_secs_f64());
    tell("chat while it is prepared", &mut busy);
    let alert = alert.lock().take().unwrap();

    let began = Instant::now();
    let mut confirming = JoinSet::new();
    for session in sessions {
        let (hub, id) = (hub.clone(), alert.id);
        confirming.spawn(async move { hub.confirm_alert(id, &session, "OK").await.unwrap().first });
    }
    let first = confirming.join_all().await.into_iter().filter(|first| *first).count();
    println!("{first} confirmations recorded in {:.2} s", began.elapsed().as_secs_f64());

    let began = Instant::now();
    let query = ReportQuery { limit: 1_000, ..ReportQuery::default() };
    let page = hub.alert_report_page(alert.id, query).await.unwrap();
    let counts = page.report.counts;
    let rows = page.report.recipients.len();
    println!("report page of {rows} rows in {:.1} ms: {counts:?}", began.elapsed().as_secs_f64() * 1e3);
    assert_eq!((counts.recipients, counts.confirmed), (people, confirmations));
}

fn address(number: usize) -> Address {
    Address::new(&format!("p{number}"), DOMAIN).unwrap()
}

async fn make_people(store: &SqliteStore, people: usize) {
    let began = Instant::now();
    let all: Vec<usize> = (0..people).collect();
    for some in all.chunks(MADE_AT_ONCE) {
        let make = |number: &usize| {
            let created_at = jiff::Timestamp::UNIX_EPOCH;
            let administrator = *number == 0;
            let password = String::new();
            Change::CreateAccount(NewAccount {
                address: address(*number),
                password,
                administrator,
                created_at,
            })
        };
        store.commit(some.iter().map(make).collect()).await.unwrap();
    }
    println!("{people} accounts made in {:.1} s", began.elapsed().as_secs_f64());
}

async fn start(store: Arc<SqliteStore>) -> Arc<Hub> {
    let settings = Settings {
        domain: DOMAIN.to_owned(),
        archive: true,
        outbox_bytes_max: 4 << 20,
        sessions_max: 50,
        contacts_max: 1_000,
        pending_max: 1_000_000,
        resumption: Duration::from_secs(600),
        machine_name: "OFFICESRV".to_owned(),
        machine_name_to: "group:admin".parse().unwrap(),
        strangers: domain::StrangerRules::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        passwords: domain::PasswordRules::default(),
        release: Vec::new(),
    };
    Hub::start(settings, Environment::system(), store, SigningKey::from_bytes(&[7; 32])).await.unwrap()
}

async fn sign_in(hub: &Arc<Hub>, count: usize) -> Vec<Arc<Session>> {
    let mut sessions = Vec::with_capacity(count);
    for number in 0..count {
        let (resource, source) = (Some("desk".to_owned()), "10.0.0.9".to_owned());
        let draft = SessionDraft { address: address(number), resource, protocol: Protocol::Xmpp, source };
        sessions.push(hub.open_session(draft).await.unwrap());
    }
    hub.store().settled().await.unwrap();
    sessions
}

/// How long each message takes to be accepted while something else goes on.
async fn talk_while(hub: &Arc<Hub>, until: impl Future<Output = ()>) -> Vec<Duration> {
    let stop = Arc::new(AtomicBool::new(false));
    let (talking, stopped) = (hub.clone(), stop.clone());
    let talk = tokio::spawn(async move {
        let mut times = Vec::new();
        while !stopped.load(Ordering::Relaxed) {
            let message = Message {
                id: talking.environment().message_id(),
                sender: Sender::Account { address: address(1) },
                recipient: address(2),
                kind: MessageKind::Chat,
                content: Content::Text { body: "How is the weather?".to_owned(), subject: None },
                native: None,
                sender_id: None,
                accepted_at: talking.environment().now(),
                automatic: false,
            };
            let began = Instant::now();
            talking.send_and_wait(message).await.unwrap();
            times.push(began.elapsed());
        }
        times
    });
    until.await;
    stop.store(true, Ordering::Relaxed);
    talk.await.unwrap()
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    println!(
        "{what}: {} messages, accepted p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
