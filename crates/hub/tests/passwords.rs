//! Passwords that people choose for themselves, and reminders of old ones.

use std::sync::Arc;

use domain::{Alert, PasswordRules};
use hub::{CloseReason, HubError, Item};
use jiff::SignedDuration;
use testkit::{Guest, House, HouseOptions};

async fn house(days_max: u16) -> House {
    let passwords = PasswordRules { length_min: 8, days_max };
    House::open_with(HouseOptions { passwords, ..HouseOptions::default() }).await
}

#[tokio::test]
async fn who_proves_the_old_password_takes_a_new_one_and_all_sessions_end() {
    let house = house(0).await;
    house.hub.add_account("test", "anna", "old", false).await.unwrap();
    let own = house.address("anna");
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let change = async |old: &str, new: &str| house.hub.change_own_password(&own, old, new, None).await;
    assert_eq!(change("wrong", "correct horse").await, Err(HubError::WrongPassword));
    for refused in ["short", "anna", "old"] {
        assert!(matches!(change("old", refused).await, Err(HubError::Password { .. })), "{refused}");
    }
    assert_eq!(anna.session.outbox.closed(), None);
    assert_eq!(change("old", "correct horse").await, Ok(()));
    assert_eq!(anna.session.outbox.closed(), Some(CloseReason::NotAuthorized));
    assert_eq!(change("old", "battery staple").await, Err(HubError::WrongPassword));
    assert!(matches!(change("correct horse", "correct horse").await, Err(HubError::Password { .. })));
    let record = house.hub.password(&own).await.unwrap().unwrap();
    assert!(record.matches("correct horse"));
    let nobody = house.address("nobody");
    let nobody = house.hub.change_own_password(&nobody, "old", "correct horse", None).await;
    assert_eq!(nobody, Err(HubError::WrongPassword), "it does not tell who exists");
    let log = house.hub.store().audit(0, 100).await.unwrap();
    let actions: Vec<String> = log
        .iter()
        .filter(|record| record.action.starts_with("user.password"))
        .map(|record| record.action.clone())
        .collect();
    assert_eq!(actions, ["user.password-refused", "user.password", "user.password-refused"]);
}

#[tokio::test]
async fn passwords_cannot_be_tried_out() {
    let house = house(0).await;
    house.hub.add_account("test", "anna", "old", false).await.unwrap();
    for (name, wrong) in [("anna", "guess"), ("nobody", "guess")] {
        let own = house.address(name);
        for _ in 0..10 {
            let guess = house.hub.change_own_password(&own, wrong, "correct horse", None).await;
            assert_eq!(guess, Err(HubError::WrongPassword));
        }
        let right = house.hub.change_own_password(&own, "old", "correct horse", None).await;
        assert_eq!(right, Err(HubError::TooManyGuesses), "{name}");
    }
    house.clock.advance(SignedDuration::from_mins(10));
    let right = house.hub.change_own_password(&house.address("anna"), "old", "correct horse", None).await;
    assert_eq!(right, Ok(()));
}

async fn next_alert(guest: &Guest) -> Arc<Alert> {
    let alert = guest.next_that(|item| match item {
        Item::Alert(alert) => Some(alert.clone()),
        _ => None,
    });
    alert.await
}

#[tokio::test]
async fn a_password_that_gets_old_is_announced_once_at_each_step_also_after_a_crash() {
    let mut house = house(90).await;
    house.hub.add_account("test", "anna", "old", false).await.unwrap();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    house.clock.advance(days(75));
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(0));
    house.clock.advance(days(1));
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(1));
    house.restart().await;
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(0));
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    let alert = next_alert(&anna).await;
    assert_eq!(alert.draft.issuer.as_str(), "alerts@office.internal");
    assert!(alert.draft.text.contains("2027-02-18") && alert.draft.text.contains("contraseña"), "{alert:?}");
    house.clock.advance(days(14));
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(1));
    assert!(next_alert(&anna).await.draft.headline.contains("too old"));
    house.hub.set_password("test", "anna", "something else").await.unwrap();
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(0));
    house.clock.advance(days(89));
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(1), "the new one gets old too");
}

#[tokio::test]
async fn where_passwords_do_not_get_old_nobody_is_reminded() {
    let house = house(0).await;
    house.hub.add_account("test", "anna", "old", false).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(24 * 9_000));
    assert_eq!(house.hub.remind_of_passwords_now().await, Ok(0));
}
