//! Tokens of programs.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use auth::TokenSecret;
use domain::{Scope, Scopes};
use hub::{HubError, TokenDraft};
use jiff::SignedDuration;
use store::StoreError;
use testkit::House;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn draft(name: &str, account: &str, scope: Scope) -> TokenDraft {
    let (name, account) = (name.parse().unwrap(), account.to_owned());
    TokenDraft { name, account, scopes: Scopes::new(vec![scope]).unwrap(), expires_at: None }
}

async fn house() -> House {
    let house = House::open().await;
    house.add_administrator("root").await;
    house.add("anna").await;
    house
}

async fn secret(house: &House, draft: TokenDraft) -> TokenSecret {
    house.hub.add_api_token("root", draft).await.unwrap().1
}

#[tokio::test]
async fn a_token_is_known_by_its_secret_also_after_a_new_start_until_it_is_removed() {
    let mut house = house().await;
    let (made, secret) = house.hub.add_api_token("root", draft("ci", "anna", Scope::Read)).await.unwrap();
    house.restart().await;
    let (token, account) = house.hub.accept_api_token(&secret).unwrap();
    assert_eq!((token.id, &account.address), (made.id, &house.address("anna")));
    assert_eq!(house.hub.accept_api_token(&TokenSecret::from_random([1; 32])), None);

    house.hub.remove_api_token("root", made.id).await.unwrap();
    assert_eq!(house.hub.accept_api_token(&secret), None);
    house.restart().await;
    assert_eq!(house.hub.accept_api_token(&secret), None);
    let again = house.hub.remove_api_token("root", made.id).await;
    assert!(matches!(again, Err(HubError::Store(StoreError::Missing { .. }))));
}

#[tokio::test]
async fn a_connection_learns_that_its_token_was_removed_has_ended_or_lost_its_account() {
    let mut house = house().await;
    let add = async |house: &House, draft| house.hub.add_api_token("root", draft).await.unwrap().0.id;
    let expires_at = house.clock.now().checked_add(HOUR).ok();
    let removed = add(&house, draft("removed", "root", Scope::Read)).await;
    let ended = add(&house, TokenDraft { expires_at, ..draft("ended", "root", Scope::Read) }).await;
    let homeless = add(&house, draft("homeless", "anna", Scope::Read)).await;
    let good = add(&house, draft("good", "root", Scope::Read)).await;
    house.restart().await;
    assert!([removed, ended, homeless, good].iter().all(|id| house.hub.api_token_stands(*id)));
    house.hub.remove_api_token("root", removed).await.unwrap();
    house.hub.remove_account("root", "anna").await.unwrap();
    house.clock.advance(HOUR);
    assert_eq!(
        [removed, ended, homeless, good].map(|id| house.hub.api_token_stands(id)),
        [false, false, false, true]
    );
}

#[tokio::test]
async fn a_token_ends_at_its_time_and_is_of_no_use_while_its_account_is_disabled() {
    let house = house().await;
    let expires_at = house.clock.now().checked_add(HOUR).ok();
    let secret = secret(&house, TokenDraft { expires_at, ..draft("ci", "anna", Scope::Read) }).await;
    house.hub.set_disabled("root", "anna", true).await.unwrap();
    assert_eq!(house.hub.accept_api_token(&secret), None);
    house.hub.set_disabled("root", "anna", false).await.unwrap();
    assert!(house.hub.accept_api_token(&secret).is_some());
    house.clock.advance(HOUR);
    assert_eq!(house.hub.accept_api_token(&secret), None);
    let over = TokenDraft { expires_at, ..draft("late", "anna", Scope::Read) };
    assert_eq!(house.hub.add_api_token("root", over).await.unwrap_err(), HubError::TokenOver);
}

#[tokio::test]
async fn a_use_is_shown_and_remembered_to_the_hour() {
    let mut house = house().await;
    let secret = secret(&house, draft("ci", "anna", Scope::Read)).await;
    let last_used = |house: &House| house.hub.api_tokens()[0].last_used_at;
    assert_eq!(last_used(&house), None);
    house.clock.advance(HOUR);
    assert!(house.hub.accept_api_token(&secret).is_some());
    let hour = last_used(&house).unwrap();
    assert_eq!(hour.as_second() % 3_600, 0);
    house.hub.store().settled().await.unwrap();
    house.restart().await;
    assert_eq!(last_used(&house), Some(hour));
}

#[tokio::test]
async fn a_token_goes_with_its_account_and_whoever_gets_the_name_next_does_not_have_it() {
    let house = house().await;
    let secret = secret(&house, draft("ci", "anna", Scope::Chat)).await;
    house.hub.remove_account("root", "anna").await.unwrap();
    house.add("anna").await;
    assert_eq!(house.hub.accept_api_token(&secret), None);
    assert!(house.hub.api_tokens().is_empty());
}

#[tokio::test]
async fn nobody_gets_a_token_that_may_more_than_its_account() {
    let house = house().await;
    let refused = house.hub.add_api_token("root", draft("ci", "anna", Scope::Administer)).await.unwrap_err();
    assert_eq!(refused, HubError::TokenAboveAccount { address: "anna@office.internal".into() });
    assert!(house.hub.add_api_token("root", draft("ci", "root", Scope::Administer)).await.is_ok());
    let same_name = house.hub.add_api_token("root", draft("ci", "anna", Scope::Read)).await;
    assert!(matches!(same_name, Err(HubError::Store(StoreError::Exists { .. }))));
    let unknown = house.hub.add_api_token("root", draft("x", "nobody", Scope::Read)).await;
    assert!(matches!(unknown, Err(HubError::NoAccount { .. })));
}

#[tokio::test]
async fn the_audit_log_tells_which_tokens_were_made_and_removed_and_not_their_secrets() {
    let house = house().await;
    let (token, secret) = house.hub.add_api_token("root", draft("ci", "anna", Scope::Read)).await.unwrap();
    house.hub.remove_api_token("bert", token.id).await.unwrap();
    let records = house.hub.store().audit(0, 10).await.unwrap();
    let told: Vec<_> = records
        .iter()
        .filter(|record| record.action.starts_with("token."))
        .map(|record| (record.action.as_str(), record.personal.clone().unwrap()))
        .collect();
    assert_eq!(told[0].0, "token.add");
    assert_eq!(
        (told[0].1.actor.as_str(), told[0].1.detail.as_str()),
        ("root", "ci for anna@office.internal: read")
    );
    assert_eq!(
        (told[1].0, told[1].1.actor.as_str(), told[1].1.subject.clone()),
        ("token.remove", "bert", token.id.to_string())
    );
    assert!(!format!("{records:?}").contains(&secret.to_text()));
}
