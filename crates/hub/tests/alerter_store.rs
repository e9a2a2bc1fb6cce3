//! The Alerter where the store takes nothing for a while, and takes things again.

use std::{sync::Arc, time::Duration};

use domain::{
    Severity,
    alerter::{AlerterRules, ConditionKind, Details},
};
use hub::{AlerterSettings, Hub, Settings, SigningKey};
use jiff::SignedDuration;
use rusqlite::Connection;
use store::{
    Change, NewAccount, Store,
    sqlite::{Options, SqliteStore},
};
use testkit::{SimulatedClock, simulated_environment};

const DOMAIN: &str = "office.internal";

/// A hub with an administrator, and its store, to which alerts can be refused.
struct Desk {
    hub: Arc<Hub>,
    clock: SimulatedClock,
    store: Arc<SqliteStore>,
    beside: Connection,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("messngr.db");
        let store = SqliteStore::open(&file, Options::default()).expect("the store opens");
        let clock = SimulatedClock::new();
        let admin = NewAccount {
            address: domain::Address::new("admin", DOMAIN).expect("a name"),
            password: String::new(),
            administrator: true,
            created_at: clock.now(),
        };
        store.commit(vec![Change::CreateAccount(admin)]).await.expect("the account is new");
        let settings = Settings {
            domain: DOMAIN.to_owned(),
            archive: true,
            outbox_bytes_max: 4 << 20,
            sessions_max: 50,
            contacts_max: 1_000,
            pending_max: 1_000,
            resumption: Duration::from_secs(600),
            machine_name: "OFFICESRV".to_owned(),
            machine_name_to: "group:admin".parse().expect("an audience"),
            strangers: domain::StrangerRules::default(),
            time_zone: jiff::tz::TimeZone::UTC,
            passwords: domain::PasswordRules::default(),
            release: Vec::new(),
        };
        let environment = simulated_environment(&clock, 1);
        let hub = Hub::start(settings, environment, store.clone(), SigningKey::from_bytes(&[7; 32])).await;
        let hub = hub.expect("the hub starts");
        hub.set_alerter(AlerterSettings { names: Vec::new(), rules: AlerterRules::default() }).await;
        let beside = Connection::open(&file).expect("the file opens");
        Self { hub, clock, store, beside, _folder: folder }
    }

    /// From now on the store takes no alert, as where the disk is full.
    fn refuse_alerts(&self) {
        let trigger = "CREATE TRIGGER refused BEFORE INSERT ON alerts
                       BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
        self.beside.execute_batch(trigger).expect("a trigger");
    }

    /// From now on it takes them again.
    fn take_alerts(&self) {
        self.beside.execute_batch("DROP TRIGGER refused").expect("there is one");
    }

    async fn raise(&self, subject: &str) {
        let words = Details::Words("failed".to_owned());
        let raised = self.hub.raise_condition(ConditionKind::Other, subject, Severity::Moderate, words);
        raised.expect("it is on");
        assert_eq!(self.hub.tell_what_is_due().await, 1);
    }

    async fn clear(&self, subject: &str) {
        assert_eq!(self.hub.clear_condition(None, subject), Ok(1));
        assert_eq!(self.hub.tell_what_is_due().await, 1);
    }

    async fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
        assert_eq!(self.hub.tell_what_is_due().await, 0);
    }

    /// What people were told by alerts, the first first.
    async fn told(&self) -> Vec<String> {
        let records = self.store.audit(0, 1_000).await.expect("the store reads");
        let sent = records.into_iter().filter(|record| record.action == "alert.send");
        sent.map(|record| record.personal.expect("it was not erased").detail).collect()
    }
}

#[tokio::test]
async fn what_waited_for_the_store_is_told_before_what_is_newer() {
    let desk = Desk::open().await;
    desk.refuse_alerts();
    desk.raise("a").await;
    desk.raise("b").await;
    desk.pass(10).await;
    desk.take_alerts();
    desk.pass(10).await;
    assert_eq!(desk.told().await, [""; 0], "it is tried again after half a minute");
    desk.raise("c").await;
    assert_eq!(
        desk.told().await,
        ["moderate: a: failed", "moderate: b: failed", "moderate: c: failed"],
        "or with what is new"
    );
    desk.pass(60).await;
    assert_eq!(desk.told().await.len(), 3, "and once");
}

#[tokio::test]
async fn what_is_over_when_the_store_takes_something_again_is_not_told_as_if_it_had_begun() {
    let desk = Desk::open().await;
    desk.refuse_alerts();
    desk.raise("a").await;
    desk.raise("b").await;
    desk.pass(30).await;
    desk.clear("a").await;
    desk.take_alerts();
    desk.pass(30).await;
    assert_eq!(desk.told().await, ["moderate: b: failed", "information: Back to normal: a"]);
}
