//! What publishers say to topics.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use domain::{AlertStatus, Notice, NoticeError, NoticeLink, NoticeWords, Publisher, Severity, Topic};
use hub::{HubError, Published, Recalled};
use store::PublicationQuery;
use testkit::House;

async fn house() -> House {
    let house = House::open().await;
    house.add_administrator("robot").await;
    house.add("anna").await;
    house
}

fn topic(open: bool) -> Topic {
    Topic {
        name: "plant".parse().unwrap(),
        audience: "user:anna".parse().unwrap(),
        open,
        severity_max: Severity::Severe,
        must_confirm: false,
    }
}

fn robot(house: &House) -> Publisher {
    Publisher::Account { address: house.address("robot"), actor: "robot (token plant)".to_owned() }
}

fn notice(message: &str) -> Notice {
    Notice { message: message.to_owned(), severity: Severity::Extreme, ..Notice::default() }
}

fn key(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn what_is_published_becomes_an_alert_and_can_be_read() {
    let house = house().await;
    let mut watch = house.hub.watch_publications();
    let said = Notice {
        title: Some("Disk full".to_owned()),
        link: Some("https://x.internal/disk".to_owned()),
        ..notice("host a")
    };
    let published = house.hub.publish(&topic(false), &robot(&house), None, said).await.unwrap();
    let publication = published.publication();
    assert!(watch.has_changed().unwrap() && *watch.borrow_and_update() == publication.sequence);
    let alert = house.hub.alert(publication.alert).await.unwrap();
    assert_eq!(alert.draft.headline, "Disk full");
    assert_eq!(alert.draft.text, "host a");
    assert_eq!(alert.draft.link.as_deref(), Some("https://x.internal/disk"));
    assert_eq!(alert.draft.severity, Severity::Severe, "no more than the topic allows");
    assert_eq!(alert.draft.issuer, house.address("robot"));
    let read =
        house.hub.publications(PublicationQuery::all(vec!["plant".parse().unwrap()], 9)).await.unwrap();
    assert_eq!(read, [(**publication).clone()]);
    assert_eq!(house.hub.publication_of(alert.id).await.unwrap().as_ref(), Some(&**publication));
    let audit = house.hub.store().audit(0, 100).await.unwrap();
    let said = audit.into_iter().find(|record| record.action == "publish").unwrap().personal.unwrap();
    assert_eq!((said.actor.as_str(), said.subject.as_str()), ("robot (token plant)", "plant"));
}

#[tokio::test]
async fn links_files_and_other_languages_stand_in_their_own_fields() {
    let house = house().await;
    let said = Notice {
        title: Some("Disk full".to_owned()),
        language: Some("en".parse().unwrap()),
        translations: vec![
            NoticeWords {
                language: "es".parse().unwrap(),
                title: Some("Disco lleno".to_owned()),
                message: "servidor a".to_owned(),
            },
            NoticeWords { language: "de".parse().unwrap(), title: None, message: "Platte voll".to_owned() },
            NoticeWords { language: "fr".parse().unwrap(), title: None, message: String::new() },
        ],
        link: Some("https://x.internal/disk".to_owned()),
        links: vec![NoticeLink { title: "Ticket".to_owned(), url: "https://x.internal/7".to_owned() }],
        attachments: vec!["https://x.internal/graph.png".to_owned()],
        ..notice("host a")
    };
    let published = house.hub.publish(&topic(false), &robot(&house), None, said).await.unwrap();
    let draft = house.hub.alert(published.publication().alert).await.unwrap().draft;
    assert_eq!((draft.headline.as_str(), draft.text.as_str()), ("Disk full", "host a"));
    assert_eq!(draft.link.as_deref(), Some("https://x.internal/disk"));
    assert_eq!(draft.attachments, ["https://x.internal/7", "https://x.internal/graph.png"]);
    let spoken = |language| {
        let words = draft.words_in(language);
        (words.headline.to_owned(), words.text.to_owned())
    };
    assert_eq!(spoken("es-MX"), ("Disco lleno".to_owned(), "servidor a".to_owned()));
    assert_eq!(spoken("de"), ("Platte voll".to_owned(), String::new()));
    assert_eq!(draft.translations.len(), 2, "what says nothing is no translation");
}

#[tokio::test]
async fn the_same_key_publishes_once_until_it_is_recalled_and_a_crash_changes_nothing() {
    let mut house = house().await;
    let (topic, robot) = (topic(false), robot(&house));
    let first = house.hub.publish(&topic, &robot, key("f"), notice("hot")).await.unwrap();
    assert!(matches!(first, Published::New(_)));
    house.restart().await;
    let again = house.hub.publish(&topic, &robot, key("f"), notice("hotter")).await.unwrap();
    assert_eq!(again, Published::Repeated(first.publication().clone()));
    assert_eq!(house.hub.store().alerts(false, 9).await.unwrap().len(), 1);

    let by = house.address("robot");
    assert_eq!(house.hub.recall(&topic, &by, "f").await, Ok(Recalled::CalledOff));
    assert_eq!(house.hub.recall(&topic, &by, "f").await, Ok(Recalled::Unknown));
    let alert = house.hub.alert(first.publication().alert).await.unwrap();
    assert_eq!(alert.status(house.clock.now()), AlertStatus::Cancelled);
    assert!(matches!(
        house.hub.publish(&topic, &robot, key("f"), notice("hot")).await,
        Ok(Published::New(_))
    ));
}

#[tokio::test]
async fn two_at_the_same_time_with_the_same_key_are_one() {
    let house = house().await;
    let (topic, robot) = (topic(false), robot(&house));
    let publish = || house.hub.publish(&topic, &robot, key("f"), notice("hot"));
    let (one, other, third) = tokio::join!(publish(), publish(), publish());
    let all = [one.unwrap(), other.unwrap(), third.unwrap()];
    assert_eq!(all.iter().filter(|published| matches!(published, Published::New(_))).count(), 1);
    assert!(all.iter().all(|published| published.publication().alert == all[0].publication().alert));
    assert_eq!(house.hub.store().alerts(false, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_somebody_has_called_off_by_hand_is_over_and_its_key_is_given_back_when_it_is_recalled() {
    let house = house().await;
    let (topic, by) = (topic(false), house.address("robot"));
    let first = house.hub.publish(&topic, &robot(&house), key("f"), notice("hot")).await.unwrap();
    house.hub.cancel_alert(first.publication().alert, &by).await.unwrap();
    let again = house.hub.publish(&topic, &robot(&house), key("f"), notice("hot")).await.unwrap();
    assert!(matches!(again, Published::Repeated(_)), "a repetition does not raise it again");
    assert_eq!(house.hub.recall(&topic, &by, "f").await, Ok(Recalled::OverBefore));
    assert_eq!(house.hub.recall(&topic, &by, "f").await, Ok(Recalled::Unknown));
}

#[tokio::test]
async fn nobody_publishes_unproven_but_to_an_open_topic_and_that_is_shown() {
    let house = house().await;
    let stranger = Publisher::Unverified { source: "10.0.0.9".to_owned() };
    let refused = house.hub.publish(&topic(false), &stranger, None, notice("x")).await;
    assert!(matches!(refused, Err(HubError::NotOpen { .. })), "{refused:?}");
    let taken = house.hub.publish(&topic(true), &stranger, None, notice("coffee is ready")).await.unwrap();
    let alert = house.hub.alert(taken.publication().alert).await.unwrap();
    assert_eq!(alert.draft.severity, Severity::Information);
    assert_eq!(alert.draft.issuer.as_str(), "plant@open.office.internal");
    assert!(alert.draft.text.starts_with("Unverified: "), "{}", alert.draft.text);
    assert!(!taken.publication().details.verified);
}

#[tokio::test]
async fn who_may_not_alert_may_not_publish_or_recall() {
    let house = house().await;
    let anna = Publisher::Account { address: house.address("anna"), actor: "anna".to_owned() };
    let refused = house.hub.publish(&topic(true), &anna, None, notice("x")).await;
    assert!(matches!(refused, Err(HubError::Refused(_))), "{refused:?}");
    house.hub.publish(&topic(false), &robot(&house), key("f"), notice("hot")).await.unwrap();
    let refused = house.hub.recall(&topic(false), &house.address("anna"), "f").await;
    assert!(matches!(refused, Err(HubError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn what_passes_a_limit_is_not_published() {
    let house = house().await;
    let robot = robot(&house);
    let empty = house.hub.publish(&topic(false), &robot, None, notice(" ")).await;
    assert_eq!(empty, Err(HubError::Notice(NoticeError::Empty)));
    assert!(house.hub.store().alerts(false, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_to_be_told_later_waits_for_its_time() {
    let house = house().await;
    let begins_at = house.clock.now().checked_add(jiff::SignedDuration::from_mins(1)).ok();
    let later = Notice { begins_at, ..notice("x") };
    let published = house.hub.publish(&topic(false), &robot(&house), None, later).await.unwrap();
    let alert = house.hub.alert(published.publication().alert).await.unwrap();
    assert_eq!((alert.state, Some(alert.effective_at)), (domain::AlertState::Planned, begins_at));
}
