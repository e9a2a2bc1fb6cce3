//! Browsers in which people are signed in.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use domain::BrowserSessionId;
use hub::{CloseReason, GivenPassword};
use jiff::SignedDuration;
use testkit::{Guest, House};

const SOURCE: &str = "10.0.0.9";

async fn begin(house: &House, name: &str, remembered: bool) -> (BrowserSessionId, auth::TokenSecret) {
    let owner = house.address(name);
    let begun =
        house.hub.begin_browser_session(&owner, "Firefox", SOURCE.to_owned(), remembered).await.unwrap();
    (begun.0.id, begun.1)
}

fn stands(house: &House, secret: &auth::TokenSecret) -> bool {
    house.hub.accept_browser_session(secret, SOURCE).is_some()
}

#[tokio::test]
async fn a_browser_is_known_by_its_secret_also_after_a_restart_until_it_is_signed_out() {
    let mut house = House::open().await;
    house.add("anna").await;
    let (id, secret) = begin(&house, "anna", true).await;
    let (_, other) = begin(&house, "anna", true).await;
    house.restart().await;
    let (session, account) = house.hub.accept_browser_session(&secret, SOURCE).unwrap();
    assert_eq!((session.id, account.address.name()), (id, "anna"));
    let anna = Guest::sign_in(&house, "anna", "page").await;
    anna.session.set_browser(Some(id));
    assert_eq!(house.hub.end_browser_session(&account.address, id).await, Ok(true));
    assert_eq!(anna.session.outbox.closed(), Some(CloseReason::NotAuthorized), "what it opened ends with it");
    assert!(!stands(&house, &secret) && stands(&house, &other));
    assert_eq!(house.hub.end_browser_session(&account.address, id).await, Ok(false));
    house.restart().await;
    assert!(!stands(&house, &secret) && stands(&house, &other));
    assert!(!stands(&house, &auth::TokenSecret::from_random([1; 32])));
}

#[tokio::test]
async fn nobody_stays_signed_in_whose_account_is_disabled_or_gone() {
    let house = House::open().await;
    house.add("anna").await;
    house.add("bert").await;
    let ((_, anna), (_, bert)) = (begin(&house, "anna", true).await, begin(&house, "bert", true).await);
    house.hub.set_disabled("test", "anna", true).await.unwrap();
    house.hub.set_disabled("test", "anna", false).await.unwrap();
    assert!(!stands(&house, &anna), "enabling brings nothing back");
    house.hub.remove_account("test", "bert").await.unwrap();
    house.add("bert").await;
    assert!(!stands(&house, &bert));
}

#[tokio::test]
async fn another_password_signs_out_all_browsers_but_the_one_it_was_changed_in() {
    let house = House::open().await;
    let given = GivenPassword { text: "correct horse", must_change: true };
    house.hub.add_account("test", "anna", given, false).await.unwrap();
    let own = house.address("anna");
    assert_eq!(house.hub.must_change_password(&own).await, Ok(true));
    let ((here, kept), (_, other)) = (begin(&house, "anna", true).await, begin(&house, "anna", true).await);
    let page = Guest::sign_in(&house, "anna", "page").await;
    page.session.set_browser(Some(here));
    let desk = Guest::sign_in(&house, "anna", "desk").await;
    house.hub.change_own_password(&own, "correct horse", "battery staple", Some(here)).await.unwrap();
    assert!(stands(&house, &kept) && !stands(&house, &other));
    assert_eq!(page.session.outbox.closed(), None);
    assert_eq!(desk.session.outbox.closed(), Some(CloseReason::NotAuthorized));
    assert_eq!(house.hub.must_change_password(&own).await, Ok(false));
    house.hub.set_password("test", "anna", "another horse").await.unwrap();
    assert!(!stands(&house, &kept), "an administrator signs out everywhere");
    assert_eq!(house.hub.must_change_password(&own).await, Ok(false), "an administrator lets them keep it");
    let given = GivenPassword { text: "yet another", must_change: true };
    house.hub.set_password("test", "anna", given).await.unwrap();
    assert_eq!(house.hub.must_change_password(&own).await, Ok(true));
}

#[tokio::test]
async fn signing_out_everywhere_leaves_the_browser_that_asks() {
    let house = House::open().await;
    house.add("anna").await;
    let ((here, kept), (_, other)) = (begin(&house, "anna", true).await, begin(&house, "anna", false).await);
    let desk = Guest::sign_in(&house, "anna", "desk").await;
    house.hub.sign_out_everywhere(&house.address("anna"), Some(here)).await.unwrap();
    assert!(stands(&house, &kept) && !stands(&house, &other));
    assert_eq!(desk.session.outbox.closed(), Some(CloseReason::NotAuthorized));
}

#[tokio::test]
async fn of_too_many_browsers_the_one_not_used_for_longest_is_signed_out() {
    let house = House::open().await;
    house.add("anna").await;
    let (_, first) = begin(&house, "anna", true).await;
    house.clock.advance(SignedDuration::from_secs(1));
    let (_, second) = begin(&house, "anna", true).await;
    for _ in 0..31 {
        begin(&house, "anna", true).await;
    }
    assert!(!stands(&house, &first) && stands(&house, &second));
    assert_eq!(house.hub.browser_sessions(&house.address("anna")).len(), 32);
}

#[tokio::test]
async fn a_browser_that_nobody_uses_is_signed_out_and_each_use_makes_it_last() {
    let house = House::open().await;
    house.add("anna").await;
    let ((id, day), (_, month)) = (begin(&house, "anna", false).await, begin(&house, "anna", true).await);
    house.clock.advance(SignedDuration::from_hours(11));
    assert!(house.hub.browser_session_stands(&house.address("anna"), id));
    // The use is remembered beside the answer.
    let own = house.address("anna");
    while house.hub.browser_sessions(&own)[0].last_used_at == house.hub.browser_sessions(&own)[1].last_used_at
    {
        tokio::task::yield_now().await;
    }
    house.clock.advance(SignedDuration::from_hours(11));
    assert!(stands(&house, &day));
    house.clock.advance(SignedDuration::from_hours(13));
    assert!(!stands(&house, &day) && stands(&house, &month));
}
