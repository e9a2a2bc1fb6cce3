//! Tokens to sign in with the next time.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use auth::{
    ChannelBindings,
    ht::{HtMechanism, InitiatorMessage, Token},
};
use domain::Address;
use hub::{Hub, IssuedToken, TokenAccepted, TokenError, TokenUse};
use jiff::SignedDuration;
use testkit::House;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MECHANISM: HtMechanism = HtMechanism::None;

async fn house() -> (House, Address) {
    let house = House::open().await;
    house.hub.add_account("test", "anna", "first password", true).await.unwrap();
    house.hub.add_account("test", "root", "another password", true).await.unwrap();
    let anna = house.address("anna");
    (house, anna)
}

async fn issue(hub: &Hub, owner: &Address, client: &str) -> IssuedToken {
    hub.issue_token(owner, client, MECHANISM, DAY * 14).await.unwrap()
}

async fn try_token(
    hub: &Hub,
    token: &Token,
    owner: &Address,
    change: impl FnOnce(&mut TokenUse<'_>),
) -> Result<TokenAccepted, TokenError> {
    let bindings = ChannelBindings::new(Some(vec![1; 32]), Some(vec![2; 32]));
    let mut how = TokenUse {
        client: "phone",
        mechanism: MECHANISM,
        bindings: &bindings,
        count: None,
        invalidate: false,
    };
    change(&mut how);
    let message = InitiatorMessage::make("anna", token, how.mechanism, &bindings).unwrap();
    hub.accept_token(owner, &InitiatorMessage::parse(&message).unwrap(), how).await
}

#[tokio::test]
async fn a_token_is_of_one_client_one_mechanism_and_one_person() {
    let (house, anna) = house().await;
    let issued = issue(&house.hub, &anna, "phone").await;
    assert_eq!(issued.expires_at, house.clock.now() + DAY * 14);
    let accepted = try_token(&house.hub, &issued.token, &anna, |_| {}).await.unwrap();
    assert!(!accepted.is_old);
    let wrong = Err(TokenError::Wrong);
    assert_eq!(try_token(&house.hub, &issued.token, &anna, |how| how.client = "tablet").await, wrong);
    let other = try_token(&house.hub, &issued.token, &anna, |how| how.mechanism = HtMechanism::EndPoint);
    assert_eq!(other.await, wrong);
    assert_eq!(try_token(&house.hub, &issued.token, &house.address("root"), |_| {}).await, wrong);
    assert_eq!(try_token(&house.hub, &issued.token, &house.address("nobody"), |_| {}).await, wrong);
}

#[tokio::test]
async fn a_token_survives_a_new_start_and_not_its_time() {
    let (mut house, anna) = house().await;
    let issued = issue(&house.hub, &anna, "phone").await;
    house.restart().await;
    assert!(try_token(&house.hub, &issued.token, &anna, |_| {}).await.is_ok());
    house.clock.advance(DAY * 8);
    assert!(try_token(&house.hub, &issued.token, &anna, |_| {}).await.unwrap().is_old);
    house.clock.advance(DAY * 6);
    assert_eq!(try_token(&house.hub, &issued.token, &anna, |_| {}).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn the_older_token_counts_until_the_newer_is_used() {
    let (house, anna) = house().await;
    let first = issue(&house.hub, &anna, "phone").await;
    try_token(&house.hub, &first.token, &anna, |_| {}).await.unwrap();
    let lost = issue(&house.hub, &anna, "phone").await;
    let second = issue(&house.hub, &anna, "phone").await;
    assert!(try_token(&house.hub, &first.token, &anna, |_| {}).await.is_ok());
    assert_eq!(try_token(&house.hub, &lost.token, &anna, |_| {}).await, Err(TokenError::Wrong));
    assert!(try_token(&house.hub, &second.token, &anna, |_| {}).await.is_ok());
    assert_eq!(try_token(&house.hub, &first.token, &anna, |_| {}).await, Err(TokenError::Wrong));
}

#[tokio::test]
async fn a_count_is_never_taken_twice() {
    let (mut house, anna) = house().await;
    let issued = issue(&house.hub, &anna, "phone").await;
    assert!(try_token(&house.hub, &issued.token, &anna, |how| how.count = Some(2)).await.is_ok());
    house.restart().await;
    for replayed in [0, 1, 2] {
        let replay = try_token(&house.hub, &issued.token, &anna, |how| how.count = Some(replayed)).await;
        assert_eq!(replay, Err(TokenError::Wrong));
    }
    assert!(try_token(&house.hub, &issued.token, &anna, |how| how.count = Some(3)).await.is_ok());
}

#[tokio::test]
async fn a_token_ends_when_its_client_says_so() {
    let (house, anna) = house().await;
    let issued = issue(&house.hub, &anna, "phone").await;
    let other = issue(&house.hub, &anna, "tablet").await;
    assert!(try_token(&house.hub, &issued.token, &anna, |how| how.invalidate = true).await.is_ok());
    assert_eq!(try_token(&house.hub, &issued.token, &anna, |_| {}).await, Err(TokenError::Wrong));
    assert!(try_token(&house.hub, &other.token, &anna, |how| how.client = "tablet").await.is_ok());
}

#[tokio::test]
async fn a_new_password_and_a_disabled_account_end_all_tokens_for_good() {
    let (house, anna) = house().await;
    let issued = issue(&house.hub, &anna, "phone").await;
    house.hub.set_password("test", "anna", "second password").await.unwrap();
    house.hub.set_password("test", "anna", "first password").await.unwrap();
    assert_eq!(try_token(&house.hub, &issued.token, &anna, |_| {}).await, Err(TokenError::Wrong));
    let issued = issue(&house.hub, &anna, "phone").await;
    house.hub.set_disabled("test", "anna", true).await.unwrap();
    assert_eq!(try_token(&house.hub, &issued.token, &anna, |_| {}).await, Err(TokenError::Wrong));
    house.hub.set_disabled("test", "anna", false).await.unwrap();
    assert_eq!(try_token(&house.hub, &issued.token, &anna, |_| {}).await, Err(TokenError::Wrong));
}

#[tokio::test]
async fn past_the_most_clients_the_token_that_runs_out_first_is_forgotten() {
    let (house, anna) = house().await;
    let first = issue(&house.hub, &anna, "phone").await;
    let mut last = None;
    for number in 0..32 {
        house.clock.advance(SignedDuration::from_secs(1));
        last = Some(issue(&house.hub, &anna, &format!("client {number}")).await);
    }
    assert_eq!(try_token(&house.hub, &first.token, &anna, |_| {}).await, Err(TokenError::Wrong));
    let last = try_token(&house.hub, &last.unwrap().token, &anna, |how| how.client = "client 31").await;
    assert!(last.is_ok());
}
