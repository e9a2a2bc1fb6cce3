//! The Alerter tells those who look after the host, and does not tell them too much.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    Alert, AlertSight, Content, Severity,
    alerter::{AlertName, AlerterRules, ConditionKind, Details},
};
use hub::{
    AlertQuery, AlerterSettings, ComputerGateway, ComputerMessage, GroupMessage, GroupSent, HubError, Item,
};
use jiff::SignedDuration;
use parking_lot::Mutex;
use testkit::{Guest, House};

const SOURCE: &str = "10.0.0.7";

async fn house(names: &[&str]) -> House {
    let house = House::open().await;
    house.add_administrator("admin").await;
    house.add("anna").await;
    switch_on(&house, names).await;
    house
}

async fn switch_on(house: &House, names: &[&str]) {
    let names: Vec<AlertName> = names.iter().map(|name| name.parse().expect("a name")).collect();
    house.hub.set_alerter(AlerterSettings { names, rules: AlerterRules::default() }).await;
}

fn raise(house: &House, subject: &str, words: &str) {
    let words = Details::Words(words.to_owned());
    house.hub.raise_condition(ConditionKind::Other, subject, Severity::Moderate, words).expect("it is on");
}

/// What the alerts say that a person has got, in English and in Spanish, and which of them have ended.
fn told(guest: &Guest) -> Vec<String> {
    let said = |item: &Item| match item {
        Item::Alert(alert) => Some(words_of(alert)),
        Item::AlertEnded(alert) => Some(format!("ended: {}", alert.draft.headline)),
        Item::Message(delivery) => match &delivery.message.content {
            Content::Text { body, .. } => Some(format!("message: {body}")),
            _ => None,
        },
        _ => None,
    };
    guest.waiting().iter().filter_map(|(_, item)| said(item)).collect()
}

fn words_of(alert: &Alert) -> String {
    let spanish = alert.draft.words_in("es").headline.to_owned();
    assert!(!alert.draft.must_confirm && alert.draft.expires_at.is_some());
    assert_eq!(alert.draft.issuer.as_str(), "alerts@office.internal");
    format!("{} / {spanish}", alert.draft.headline)
}

/// Machines that take everything, or nothing.
#[derive(Debug, Default)]
struct Machines {
    messages: Mutex<Vec<(String, String)>>,
    arrived: tokio::sync::Notify,
}

#[async_trait]
impl ComputerGateway for Machines {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        let to = format!("{}@{} from {}", message.computer.name, message.computer.host, message.from);
        self.messages.lock().push((to, message.text));
        self.arrived.notify_one();
        Ok(Vec::new())
    }

    async fn send_to_group(&self, message: GroupMessage) -> Result<GroupSent, String> {
        Err(format!("{message:?}"))
    }
}

#[tokio::test]
async fn a_hundred_failed_sign_ins_are_one_alert_to_each_administrator_and_their_end_another() {
    let house = house(&[]).await;
    let (admin, anna) =
        (Guest::sign_in(&house, "admin", "desk").await, Guest::sign_in(&house, "anna", "desk").await);
    for _ in 0..100 {
        house.hub.sign_in_failed(SOURCE.parse().unwrap(), Some("pass word"));
    }
    assert_eq!(house.hub.tell_what_is_due().await, 0, "it is gathered");
    house.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    let begun = "100 failed sign-ins from 10.0.0.7 within 1 minute";
    assert_eq!(
        told(&admin),
        [format!("{begun} / 100 inicios de sesión fallidos desde 10.0.0.7 en 1 minuto")]
    );
    assert_eq!(house.hub.conditions().unwrap()[0].count, 100);
    house.clock.advance(SignedDuration::from_mins(15));
    assert_eq!((house.hub.tell_what_is_due().await, house.hub.tell_what_is_due().await), (1, 0));
    let after = told(&admin);
    assert_eq!(after[0], format!("ended: {begun}"), "{after:?}");
    assert!(after[1].starts_with("Back to normal: no more failed sign-ins from 10.0.0.7 (100 in all) / "));
    assert_eq!((after.len(), told(&anna)), (2, Vec::<String>::new()));
}

#[tokio::test]
async fn guesses_at_an_account_are_told_by_its_name_and_what_is_no_name_is_not() {
    let house = house(&[]).await;
    let admin = Guest::sign_in(&house, "admin", "desk").await;
    for host in 0..12 {
        house.hub.sign_in_failed([10, 0, 0, host].into(), Some("anna"));
        house.hub.sign_in_failed([10, 0, 1, host].into(), Some("correct horse"));
    }
    house.clock.advance(SignedDuration::from_secs(5));
    house.hub.tell_what_is_due().await;
    let told = told(&admin);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("12 failed sign-ins as anna@office.internal within 1 minute"), "{told:?}");
    for _ in 0..11 {
        drop(house.hub.change_own_password(&house.address("anna"), "x", "correct horse", None).await);
    }
    assert!(house.hub.is_raised(ConditionKind::LockedAccount, "anna@office.internal"));
}

#[tokio::test]
async fn people_and_machines_that_are_named_are_told_each_in_their_way() {
    let house = house(&["anna", "group:nobody", "WS7", "computer:PRESS1@10.0.0.9:1139"]).await;
    let machines = Arc::new(Machines::default());
    house.hub.set_computer_gateway(machines.clone());
    let (admin, anna) =
        (Guest::sign_in(&house, "admin", "desk").await, Guest::sign_in(&house, "anna", "desk").await);
    raise(&house, "backup", "the backup «nightly» failed");
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    while machines.messages.lock().len() < 2 {
        machines.arrived.notified().await;
    }
    let mut messages = machines.messages.lock().clone();
    messages.sort();
    let text = "backup: the backup \"nightly\" failed\nbackup: the backup \"nightly\" failed".to_owned();
    assert_eq!(
        messages,
        [
            ("PRESS1@10.0.0.9 from OFFICESRV".to_owned(), text.clone()),
            ("WS7@WS7 from OFFICESRV".to_owned(), text)
        ]
    );
    let told_anna = told(&anna);
    assert_eq!((told_anna.len(), told(&admin)), (1, Vec::new()));
}

#[tokio::test]
async fn who_is_away_is_told_when_they_come() {
    let house = house(&[]).await;
    raise(&house, "backup", "the backup failed");
    house.hub.tell_what_is_due().await;
    let admin = Guest::sign_in(&house, "admin", "desk").await;
    assert_eq!(told(&admin), ["backup: the backup failed / backup: the backup failed"]);
}

#[tokio::test]
async fn a_restart_tells_nothing_twice_and_the_end_of_what_was_told_before() {
    let mut house = house(&[]).await;
    raise(&house, "/srv/backup", "the backup failed");
    house.hub.tell_what_is_due().await;
    house.restart().await;
    switch_on(&house, &[]).await;
    assert!(house.hub.is_raised(ConditionKind::Other, "/srv/backup"));
    assert_eq!(house.hub.tell_what_is_due().await, 0);
    let admin = Guest::sign_in(&house, "admin", "desk").await;
    assert_eq!(told(&admin).len(), 1);
    assert_eq!(house.hub.clear_condition(None, "/srv/backup").unwrap(), 1);
    house.hub.tell_what_is_due().await;
    let told = told(&admin);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("ended: ") && told[1].starts_with("Back to normal: /srv/backup"), "{told:?}");
}

#[tokio::test]
async fn those_who_are_here_are_told_also_where_nothing_can_be_stored_and_once() {
    let house = house(&[]).await;
    let admin = Guest::sign_in(&house, "admin", "desk").await;
    house.close_store();
    assert!(house.hub.try_store().await.is_err());
    let kind = ConditionKind::StoreUnavailable;
    house.hub.raise_condition(kind, "", kind.severity(), Details::None).unwrap();
    for _ in 0..10 {
        house.hub.tell_what_is_due().await;
        house.clock.advance(SignedDuration::from_secs(30));
    }
    let told = told(&admin);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("message: The service cannot store anything now\n"), "{told:?}");
}

#[tokio::test]
async fn the_loop_tells_what_is_due_when_it_is() {
    let house = house(&[]).await;
    let admin = Guest::sign_in(&house, "admin", "desk").await;
    let hub = house.hub.clone();
    let running = tokio::spawn(async move { hub.run_alerter().await });
    raise(&house, "backup", "the backup failed");
    let headline = |item: &Item| match item {
        Item::Alert(alert) => Some(alert.draft.headline.clone()),
        _ => None,
    };
    assert_eq!(admin.next_that(headline).await, "backup: the backup failed");
    for _ in 0..5 {
        house.hub.sign_in_failed(SOURCE.parse().unwrap(), None);
    }
    tokio::task::yield_now().await;
    house.clock.advance(SignedDuration::from_secs(5));
    assert!(admin.next_that(headline).await.starts_with("5 failed sign-ins"));
    running.abort();
}

#[tokio::test]
async fn where_it_is_off_nothing_is_raised_and_nothing_counted() {
    let house = House::open().await;
    house.hub.sign_in_failed(SOURCE.parse().unwrap(), None);
    assert_eq!(house.hub.conditions().unwrap_err(), HubError::AlerterOff);
    assert_eq!(house.hub.clear_condition(None, "x").unwrap_err(), HubError::AlerterOff);
    assert_eq!(house.hub.tell_what_is_due().await, 0);
    house.hub.run_alerter().await;
}

#[tokio::test]
async fn where_more_are_named_than_one_alert_may_name_the_first_are_told() {
    let house = House::open().await;
    let names = |from: usize| (from..from + 600).map(|number| format!("p{number}")).collect::<Vec<_>>();
    house.add_many(&[names(0), names(600)].concat()).await;
    switch_on(&house, &[&names(0).join(","), &names(600).join(","), "p1000"]).await;
    let guest = async |name: &str| Guest::sign_in(&house, name, "desk").await;
    let (first, second, third) = (guest("p599").await, guest("p600").await, guest("p1000").await);
    raise(&house, "backup", "the backup failed");
    house.hub.tell_what_is_due().await;
    // An alert to so many begins piece by piece.
    let headline = |item: &Item| match item {
        Item::Alert(alert) => Some(alert.draft.headline.clone()),
        _ => None,
    };
    assert_eq!(first.next_that(headline).await, "backup: the backup failed");
    assert_eq!((told(&second), told(&third).len()), (Vec::new(), 1));
}

/// What the alerts in force say, in any order.
async fn in_force(house: &House) -> Vec<String> {
    let query = AlertQuery { open: true, limit: 100, ..AlertQuery::default() };
    let (alerts, _) = house.hub.alerts_seen(&AlertSight::All, query).await.expect("the store reads");
    let mut headlines: Vec<String> = alerts.into_iter().map(|alert| alert.draft.headline).collect();
    headlines.sort();
    headlines
}

#[tokio::test]
async fn what_is_told_together_takes_the_place_of_all_that_was_told_before() {
    let house = house(&[]).await;
    raise(&house, "a", "failed");
    raise(&house, "b", "failed");
    assert_eq!(house.hub.tell_what_is_due().await, 2);
    ["c", "d", "e", "f"].iter().for_each(|subject| raise(&house, subject, "failed"));
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    assert_eq!(in_force(&house).await, ["4 conditions: c, d, e, f", "a: failed", "b: failed"]);
    let admin = Guest::sign_in(&house, "admin", "desk").await;
    assert_eq!(told(&admin).len(), 3);
    for subject in ["a", "b", "c", "d", "e"] {
        house.hub.clear_condition(None, subject).unwrap();
    }
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    let back = "Back to normal: 5 conditions: a, b, c, d, e";
    assert_eq!(in_force(&house).await, ["4 conditions: c, d, e, f", back], "f is not normal yet");
    let mut after = told(&admin);
    after.sort();
    assert_eq!(after[1..], ["ended: a: failed", "ended: b: failed"]);
    house.hub.clear_condition(None, "f").unwrap();
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    assert_eq!(in_force(&house).await, ["Back to normal: 5 conditions: a, b, c, d, e", "Back to normal: f"]);
}

#[tokio::test]
async fn a_restart_remembers_what_was_told_together_and_what_of_it_is_over() {
    let mut house = house(&[]).await;
    ["", "c", "d", "e", "f", "g/h"].iter().for_each(|subject| raise(&house, subject, "failed"));
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    house.hub.clear_condition(None, "c").unwrap();
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    raise(&house, "d", "worse");
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    // What is over is told for as long as what began.
    house.clock.advance(SignedDuration::from_hours(6 * 24));
    house.restart().await;
    switch_on(&house, &[]).await;
    let subjects = house.hub.conditions().unwrap().into_iter().map(|standing| standing.subject);
    assert_eq!(subjects.collect::<Vec<_>>(), ["", "d", "e", "f", "g/h"]);
    for subject in ["", "d", "e", "f", "g/h"] {
        assert_eq!(house.hub.clear_condition(None, subject).unwrap(), 1);
    }
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    let left = in_force(&house).await;
    assert_eq!(left, ["Back to normal: 5 conditions: d, e, f, g/h and 1 more", "Back to normal: c"]);
}

#[tokio::test]
async fn a_disk_that_is_not_looked_after_any_more_after_a_restart_is_over_and_what_a_script_said_is_not() {
    let mut house = house(&[]).await;
    let disk = ConditionKind::DiskFilling;
    let space = Details::Space { free: 1, whole: 100 };
    for (subject, details) in [("/", space.clone()), ("/old", space), ("/script", Details::Words("x".into()))]
    {
        house.hub.raise_condition(disk, subject, Severity::Moderate, details).unwrap();
    }
    assert_eq!(house.hub.tell_what_is_due().await, 3);
    house.restart().await;
    switch_on(&house, &[]).await;
    house.hub.look_after_only(disk, &["/".to_owned()]);
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    let left = house.hub.conditions().unwrap().into_iter().map(|standing| standing.subject);
    assert_eq!(left.collect::<Vec<_>>(), ["/", "/script"]);
    let said = in_force(&house).await;
    assert_eq!(said[0], "Back to normal: the disk at /old has enough room", "{said:?}");
    assert_eq!(said.len(), 3);
}

#[tokio::test]
async fn what_a_script_has_said_survives_the_service_told_or_not_yet() {
    let mut house = house(&[]).await;
    let other = ConditionKind::Other;
    let say = async |house: &House, subject: &str| {
        let words = "failed".to_owned();
        house.hub.raise_condition_for("script", other, subject, Severity::Moderate, words).await.unwrap();
        house.hub.tell_what_is_due().await
    };
    for number in 0..6 {
        assert_eq!(say(&house, &format!("job {number}")).await, 1);
    }
    assert_eq!(say(&house, "job 6").await, 0, "as many were told as may be");
    assert_eq!(house.hub.clear_condition_for("script", None, "job 0").await, Ok(1));
    house.clock.advance(SignedDuration::from_hours(8 * 24));
    house.restart().await;
    switch_on(&house, &[]).await;
    let standing = house.hub.conditions().unwrap();
    let subjects: Vec<_> = standing.iter().map(|standing| standing.subject.as_str()).collect();
    assert_eq!(subjects, ["job 1", "job 2", "job 3", "job 4", "job 5", "job 6"]);
    assert_eq!(house.hub.tell_what_is_due().await, 2);
    let said = in_force(&house).await;
    for news in ["Back to normal: job 0", "job 6: failed"] {
        assert!(said.iter().any(|said| said == news), "{said:?}");
    }
    house.restart().await;
    switch_on(&house, &[]).await;
    assert_eq!(house.hub.tell_what_is_due().await, 0, "it was told");
}

#[tokio::test]
async fn machines_alone_are_told_that_it_is_over_after_a_restart_too() {
    let mut house = house(&["PRESS1@10.0.0.7"]).await;
    let disk = ConditionKind::DiskFilling;
    let space = Details::Space { free: 1, whole: 100 };
    house.hub.raise_condition(disk, "/", Severity::Moderate, space.clone()).unwrap();
    assert_eq!(house.hub.tell_what_is_due().await, 1);
    house.restart().await;
    switch_on(&house, &["PRESS1@10.0.0.7"]).await;
    house.hub.raise_condition(disk, "/", Severity::Moderate, space).unwrap();
    assert_eq!(house.hub.tell_what_is_due().await, 0, "it is no news");
    assert_eq!(house.hub.clear_condition(Some(disk), "/"), Ok(1));
    assert_eq!(house.hub.tell_what_is_due().await, 1);
}
