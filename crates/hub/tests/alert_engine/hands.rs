//! What people do to alerts: replace, release, draft, grant, answer.

use domain::{AlertDraft, AlertStatus, Escalation, Refusal, Right, Severity, Threshold};
use hub::{AudienceCount, DraftVersion, HubError, Item, verify_signature};
use testkit::Guest;

use super::{draft, has_alert, house, next_alert, next_ended, seconds, status};

#[tokio::test]
async fn a_newer_alert_takes_the_place_of_an_older_one_and_people_see_it() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let old = house.hub.send_alert(draft(&house, "user:anna", "Meet at gate 1")).await.unwrap();
    next_alert(&anna).await;
    let new = AlertDraft { updates: Some(old.id), ..draft(&house, "user:anna", "Meet at gate 2") };
    let new = house.hub.send_alert(new).await.unwrap();
    let ended = next_ended(&anna).await;
    assert_eq!((ended.id, ended.status(house.clock.now())), (old.id, AlertStatus::Superseded));
    assert_eq!(next_alert(&anna).await.id, new.id);
    let late = house.hub.confirm_alert(old.id, &anna.session, "OK").await.unwrap_err();
    assert_eq!(late, HubError::AlertOver { status: "superseded".to_owned() });
    let twice = AlertDraft { updates: Some(old.id), ..draft(&house, "user:anna", "x") };
    assert!(matches!(house.hub.send_alert(twice).await, Err(HubError::AlertOver { .. })));
}

#[tokio::test]
async fn an_extreme_alert_waits_until_somebody_else_releases_it() {
    let mut house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let extreme = AlertDraft { severity: Severity::Extreme, ..draft(&house, "user:anna", "Evacuate") };
    let alert = house.hub.send_alert(extreme.clone()).await.unwrap();
    assert_eq!(status(&house, alert.id).await, AlertStatus::Waiting);
    assert!(!has_alert(&anna) && alert.signature.is_empty());
    let own = house.hub.release_alert(alert.id, &house.address("admin")).await.unwrap_err();
    assert_eq!(own, HubError::Refused(Refusal::OwnRelease));
    assert!(house.hub.release_alert(alert.id, &house.address("bert")).await.is_err());
    house.restart().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let released = house.hub.release_alert(alert.id, &house.address("second")).await.unwrap();
    assert!(verify_signature(&released, &house.hub.signing_key().public()));
    assert_eq!(next_alert(&anna).await.id, alert.id);
    let again = house.hub.release_alert(alert.id, &house.address("second")).await.unwrap_err();
    assert_eq!(again, HubError::NotWaiting { status: "in force".to_owned() });
    // Who wants to look at it first needs nobody for that.
    let test = house.hub.send_alert(AlertDraft { test: true, ..extreme }).await.unwrap();
    assert_eq!(status(&house, test.id).await, AlertStatus::InForce);
    assert!(!has_alert(&anna));
}

#[tokio::test]
async fn a_draft_is_changed_until_it_is_sent_and_reaches_nobody_before() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    let saved = house.hub.save_draft(draft(&house, "user:anna", "Frist")).await.unwrap();
    house.hub.change_draft(saved.id, draft(&house, "user:anna", "First"), None).await.unwrap();
    assert!(!has_alert(&anna));
    let sent = house.hub.send_draft(saved.id, &house.address("second"), None).await.unwrap();
    assert_eq!((sent.id, sent.draft.headline.as_str()), (saved.id, "First"));
    let given = next_alert(&anna).await;
    assert_eq!(given.draft.issuer, house.address("second"));
    assert!(verify_signature(&given, &house.hub.signing_key().public()));
    let late = house.hub.change_draft(saved.id, draft(&house, "user:anna", "x"), None).await.unwrap_err();
    assert_eq!(late, HubError::NotDraft { status: "in force".to_owned() });
    let other = house.hub.save_draft(draft(&house, "everyone", "Never")).await.unwrap();
    house.hub.delete_draft(other.id, &house.address("admin"), None).await.unwrap();
    assert!(matches!(house.hub.alert(other.id).await, Err(HubError::NoAlert { .. })));
}

#[tokio::test]
async fn the_same_key_of_the_same_issuer_is_the_same_alert() {
    let mut house = house().await;
    let keyed = AlertDraft { key: Some("job 7".to_owned()), ..draft(&house, "user:anna", "Disk full") };
    let first = house.hub.send_alert(keyed.clone()).await.unwrap();
    house.restart().await;
    let again = house.hub.send_alert(keyed.clone()).await.unwrap();
    assert_eq!(again.id, first.id);
    let both = tokio::join!(
        house.hub.send_alert(AlertDraft { key: Some("job 8".to_owned()), ..keyed.clone() }),
        house.hub.send_alert(AlertDraft { key: Some("job 8".to_owned()), ..keyed.clone() })
    );
    assert_eq!(both.0.unwrap().id, both.1.unwrap().id);
    let other = AlertDraft { issuer: house.address("second"), ..keyed };
    assert_ne!(house.hub.send_alert(other).await.unwrap().id, first.id);
}

#[tokio::test]
async fn a_publisher_sends_to_the_audience_that_was_granted_and_to_nobody_else() {
    let mut house = house().await;
    house.hub.add_group("test", "ward".parse().unwrap()).await.unwrap();
    for name in ["anna", "bert"] {
        house.hub.set_member("test", "ward".parse().unwrap(), name, true).await.unwrap();
    }
    let right: Right = "publish:group:ward:severe".parse().unwrap();
    house.hub.grant("test", "carl", right.clone()).await.unwrap();
    house.restart().await;
    let by_carl =
        |audience: &str| AlertDraft { issuer: house.address("carl"), ..draft(&house, audience, "x") };
    house.hub.send_alert(by_carl("group:ward")).await.unwrap();
    house.hub.send_alert(by_carl("user:bert")).await.unwrap();
    let outside = house.hub.send_alert(by_carl("everyone")).await.unwrap_err();
    assert_eq!(outside, HubError::Refused(Refusal::OutsideAudience));
    let level = Escalation {
        after_seconds: 60,
        fewer_than: Threshold::People(1),
        audience: "user:admin".parse().unwrap(),
    };
    let roundabout = AlertDraft { escalation: vec![level], ..by_carl("user:anna") };
    assert_eq!(house.hub.send_alert(roundabout).await, Err(HubError::Refused(Refusal::OutsideAudience)));
    let everyones = house.hub.send_alert(draft(&house, "everyone", "For all")).await.unwrap();
    let replacing = AlertDraft { updates: Some(everyones.id), ..by_carl("user:anna") };
    assert_eq!(house.hub.send_alert(replacing).await, Err(HubError::Refused(Refusal::NotAdministrator)));
    let extreme = AlertDraft { severity: Severity::Extreme, ..by_carl("user:anna") };
    assert_eq!(house.hub.send_alert(extreme).await, Err(HubError::Refused(Refusal::TooSevere)));
    house.hub.revoke("test", "carl", &right).await.unwrap();
    assert!(house.hub.send_alert(by_carl("user:anna")).await.is_err());
}

#[tokio::test]
async fn the_service_itself_may_tell_people_something() {
    let house = house().await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let by_service =
        AlertDraft { issuer: house.address(hub::ALERTS_NAME), ..draft(&house, "user:anna", "Password") };
    let alert = house.hub.send_alert(by_service).await.unwrap();
    assert_eq!(next_alert(&anna).await.id, alert.id);
}

#[tokio::test]
async fn an_answer_on_one_device_ends_the_question_on_the_others() {
    let house = house().await;
    let (desk, phone) =
        (Guest::sign_in(&house, "anna", "desk").await, Guest::sign_in(&house, "anna", "phone").await);
    let bert = Guest::sign_in(&house, "bert", "b").await;
    let alert = house.hub.send_alert(draft(&house, "everyone", "Storm")).await.unwrap();
    for guest in [&desk, &phone, &bert] {
        next_alert(guest).await;
    }
    house.hub.confirm_alert(alert.id, &phone.session, "OK").await.unwrap();
    let answered = desk.next_that(|item| match item {
        Item::AlertAnswered { choice, device, .. } => Some((choice.to_string(), device.to_string())),
        _ => None,
    });
    assert_eq!(answered.await, ("OK".to_owned(), "phone".to_owned()));
    for guest in [&phone, &bert] {
        assert!(!guest.waiting().iter().any(|(_, item)| matches!(item, Item::AlertAnswered { .. })));
    }
}

#[tokio::test]
async fn an_audience_is_counted_by_expression_and_by_network() {
    let house = house().await;
    let _anna = Guest::sign_in(&house, "anna", "desk").await;
    let count = async |text: &str| house.hub.count_audience(&text.parse().unwrap()).await.unwrap();
    let of = |people, reachable, computers| AudienceCount { people, reachable, computers };
    assert_eq!(count("everyone").await, of(5, 1, 0));
    assert_eq!(count("everyone!(user:admin,user:second)").await, of(3, 1, 0));
    assert_eq!(count("everyone&address:10.0.0.0/24").await, of(1, 1, 0));
    assert_eq!(count("address:10.0.1.0/24,computer:PRESS1@10.0.0.7").await, of(0, 0, 1));
    let wrong = house.hub.count_audience(&"everyone!user:nobody".parse().unwrap()).await.unwrap_err();
    assert_eq!(wrong, HubError::NoAccount { name: "nobody".to_owned() });
}

#[tokio::test]
async fn announcements_stay_on_the_board_when_they_are_over_and_are_found_by_their_words() {
    let house = house().await;
    let announce = |audience: &str, headline: &str, text: &str| AlertDraft {
        kind: domain::AlertKind::Announcement,
        must_confirm: false,
        text: text.to_owned(),
        ..draft(&house, audience, headline)
    };
    let first =
        house.hub.send_alert(announce("everyone", "New canteen", "*Paella* on Fridays")).await.unwrap();
    house.clock.advance(seconds(1));
    house.hub.send_alert(announce("user:bert", "Keys", "Bring them back")).await.unwrap();
    house.hub.cancel_alert(first.id, &house.address("admin")).await.unwrap();
    let found = async |reader: Option<&str>, words: &str| {
        let reader = reader.map(|name| house.address(name));
        let notices = house.hub.notices(reader.as_ref(), words, None, 10).await.unwrap();
        notices.into_iter().map(|notice| (notice.alert.draft.headline, notice.seen)).collect::<Vec<_>>()
    };
    assert_eq!(found(None, "").await.len(), 2);
    assert_eq!(found(Some("anna"), "").await, [("New canteen".to_owned(), Some(false))]);
    house.hub.alert_received(first.id, &house.address("anna"), true).await.unwrap();
    assert_eq!(found(Some("anna"), "PAELLA new").await, [("New canteen".to_owned(), Some(true))]);
    assert_eq!(found(None, "pizza").await, []);
}

#[tokio::test]
async fn a_draft_is_its_writers_and_of_those_who_may_send_it_and_to_others_it_is_not_there() {
    let house = house().await;
    for (name, right) in [("bert", "publish:user:bert"), ("carl", "publish:everyone")] {
        house.hub.grant("test", name, right.parse().unwrap()).await.unwrap();
    }
    let by = |name: &str, audience: &str| AlertDraft {
        issuer: house.address(name),
        ..draft(&house, audience, "Changed")
    };
    let saved = house.hub.save_draft(draft(&house, "user:anna", "As it was")).await.unwrap();
    let there = |refused: HubError| !matches!(refused, HubError::NoAlert { .. });
    let changed = house.hub.change_draft(saved.id, by("bert", "user:bert"), None).await;
    assert!(!there(changed.unwrap_err()));
    assert!(!there(house.hub.delete_draft(saved.id, &house.address("bert"), None).await.unwrap_err()));
    assert!(!there(house.hub.send_draft(saved.id, &house.address("bert"), None).await.unwrap_err()));
    assert_eq!(house.hub.alert(saved.id).await.unwrap().draft.headline, "As it was");
    house.hub.change_draft(saved.id, by("carl", "user:anna"), None).await.unwrap();
    let own = house.hub.save_draft(by("bert", "user:bert")).await.unwrap();
    house.hub.change_draft(own.id, by("bert", "user:bert"), None).await.unwrap();
    house.hub.revoke("test", "carl", &"publish:everyone".parse().unwrap()).await.unwrap();
    house.hub.grant("test", "carl", "publish:user:bert".parse().unwrap()).await.unwrap();
    let wider = house.hub.change_draft(own.id, by("carl", "user:anna"), None).await;
    assert_eq!(wider, Err(HubError::Refused(Refusal::OutsideAudience)));
    house.hub.delete_draft(own.id, &house.address("carl"), None).await.unwrap();
}

#[tokio::test]
async fn what_is_sent_is_what_was_seen() {
    let house = house().await;
    let saved = house.hub.save_draft(draft(&house, "user:anna", "Drill at noon")).await.unwrap();
    let (seen, by) = (DraftVersion::of(&saved.draft), house.address("admin"));
    house.hub.change_draft(saved.id, draft(&house, "user:anna", "Evacuate"), Some(&seen)).await.unwrap();
    let late = house.hub.change_draft(saved.id, draft(&house, "user:anna", "x"), Some(&seen)).await;
    assert_eq!(late, Err(HubError::OtherVersion));
    assert_eq!(house.hub.send_draft(saved.id, &by, Some(&seen)).await, Err(HubError::OtherVersion));
    assert_eq!(house.hub.delete_draft(saved.id, &by, Some(&seen)).await, Err(HubError::OtherVersion));
    let now = DraftVersion::of(&house.hub.alert(saved.id).await.unwrap().draft);
    assert_eq!(house.hub.send_draft(saved.id, &by, Some(&now)).await.unwrap().draft.headline, "Evacuate");
}

#[tokio::test]
async fn who_may_send_nothing_is_told_so_before_anybody_is_looked_up() {
    let house = house().await;
    let by_anna = AlertDraft { issuer: house.address("anna"), ..draft(&house, "group:nobody-has-it", "x") };
    assert_eq!(house.hub.send_alert(by_anna).await, Err(HubError::Refused(Refusal::NotAdministrator)));
    let many = vec!["everyone"; 101].join("&");
    let refused = house.hub.send_alert(draft(&house, &many, "x")).await;
    assert_eq!(refused, Err(HubError::TooManySets { limit: 100 }));
}
