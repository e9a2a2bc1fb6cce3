//! What waits: for its release, for its time, or to be sent. Nobody is told of it, but for those who may let it go.

use domain::{AlertDraft, AlertError, AlertStatus, Content, Severity};
use hub::{HubError, Item};
use testkit::Guest;

use super::{draft, house, next_alert, run, seconds, status};

#[tokio::test]
async fn how_long_an_alert_lasts_counts_from_when_it_takes_effect() {
    let house = house().await;
    let (admin, second) = (house.address("admin"), house.address("second"));
    let lasting = AlertDraft { expires_after_seconds: Some(30), ..draft(&house, "user:anna", "Short") };
    let extreme = AlertDraft { severity: Severity::Extreme, ..lasting.clone() };
    let saved = house.hub.save_draft(lasting.clone()).await.unwrap();
    let waiting = house.hub.send_alert(extreme).await.unwrap();
    let begins_at = Some(house.clock.now() + seconds(600));
    let planned = house.hub.send_alert(AlertDraft { begins_at, ..lasting.clone() }).await.unwrap();
    assert_eq!(planned.draft.expires_at, begins_at.map(|at| at + seconds(30)));
    house.clock.advance(seconds(3_600));
    let end = Some(house.clock.now() + seconds(30));
    let sent = house.hub.send_draft(saved.id, &admin, None).await.unwrap();
    assert_eq!((sent.draft.expires_at, sent.draft.expires_after_seconds), (end, None));
    let released = house.hub.release_alert(waiting.id, &second).await.unwrap();
    assert_eq!(released.draft.expires_at, end);
    assert_eq!(status(&house, released.id).await, AlertStatus::InForce);
}

#[tokio::test]
async fn what_is_really_over_says_what_to_do() {
    let house = house().await;
    let expires_at = Some(house.clock.now() + seconds(30));
    let saved = AlertDraft { expires_at, ..draft(&house, "user:anna", "Short") };
    let saved = house.hub.save_draft(saved).await.unwrap();
    house.clock.advance(seconds(60));
    let error = house.hub.send_draft(saved.id, &house.address("admin"), None).await.unwrap_err();
    assert_eq!(error, HubError::Alert(AlertError::Expiry));
    assert!(error.to_string().contains("alert draft change"), "{error}");
    let both = AlertDraft { expires_after_seconds: Some(9), ..saved.draft.clone() };
    assert_eq!(house.hub.save_draft(both).await.unwrap_err(), HubError::Alert(AlertError::TwoEnds));
}

#[tokio::test]
async fn who_may_release_an_alert_is_told_that_it_waits_and_nobody_else_is() {
    let house = house().await;
    house.hub.grant("test", "carl", "publish:user:anna:extreme".parse().unwrap()).await.unwrap();
    house.hub.grant("test", "bert", "publish:user:anna:severe".parse().unwrap()).await.unwrap();
    let mut guests = Vec::new();
    for name in ["admin", "second", "carl", "bert", "anna"] {
        guests.push((name, Guest::sign_in(&house, name, "a").await));
    }
    let extreme = AlertDraft { severity: Severity::Extreme, ..draft(&house, "user:anna", "Evacuate") };
    let alert = house.hub.send_alert(extreme).await.unwrap();
    for (name, guest) in &guests {
        let told = guest.waiting().into_iter().any(|(_, item)| match item {
            Item::Message(delivery) => match &delivery.message.content {
                Content::Text { body, .. } => {
                    body.contains(&alert.id.to_string()) && body.contains("Evacuate")
                }
                _ => false,
            },
            _ => false,
        });
        assert_eq!(told, ["second", "carl"].contains(name), "{name}");
    }
    let refused = house.hub.release_alert(alert.id, &house.address("bert")).await.unwrap_err();
    assert!(refused.to_string().contains("messngr user grant"), "{refused}");
    house.hub.release_alert(alert.id, &house.address("carl")).await.unwrap();
    assert_eq!(next_alert(&guests[4].1).await.id, alert.id);
}

#[tokio::test]
async fn a_schedule_whose_alerts_wait_lets_them_last_from_their_release() {
    let house = house().await;
    let extreme = AlertDraft { severity: Severity::Extreme, ..draft(&house, "user:anna", "Siren") };
    let schedule = hub::NewSchedule {
        name: "siren".parse().unwrap(),
        draft: extreme,
        expires_after_seconds: Some(600),
        rule: "FREQ=HOURLY".parse().unwrap(),
        starts_at: None,
        zone: domain::Zone::utc(),
        missed: domain::Missed::Skip,
    };
    let schedule = house.hub.put_schedule(&house.address("admin"), schedule).await.unwrap();
    let engine = run(&house);
    house.clock.advance(schedule.next_at.unwrap().duration_since(house.clock.now()));
    let alert = loop {
        if let Some(alert) = house.hub.store().alerts(false, 10).await.unwrap().pop() {
            break alert;
        }
        tokio::task::yield_now().await;
    };
    house.clock.advance(seconds(1_200));
    let released = house.hub.release_alert(alert.id, &house.address("second")).await.unwrap();
    assert_eq!(released.draft.expires_at, Some(house.clock.now() + seconds(600)));
    engine.abort();
}

#[tokio::test]
async fn who_has_lost_the_connection_cannot_be_reached_now_and_is_shown_so() {
    let mut house = house().await;
    let anna = Guest::sign_in(&house, "anna", "a").await;
    house.hub.count_stanzas(&anna.session, true, |_| Item::Uncounted(bytes::Bytes::new())).await.unwrap();
    let everyone = "user:anna".parse().unwrap();
    assert_eq!(house.hub.count_audience(&everyone).await.unwrap().reachable, 1);
    house.hub.connection_lost(&anna.session, anna.connection()).await;
    assert_eq!(house.hub.count_audience(&everyone).await.unwrap().reachable, 0);
    let broken = &house.hub.sessions()[0];
    assert_eq!((broken.connected, broken.protocol), (false, Some(domain::Protocol::Xmpp)));
    house.restart().await;
    let restored = &house.hub.sessions()[0];
    assert_eq!((restored.connected, restored.protocol), (false, None), "nobody knows what it was");
}
