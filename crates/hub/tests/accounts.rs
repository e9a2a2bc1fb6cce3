//! What may be done to accounts.

use hub::HubError;
use testkit::House;

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let house = House::open().await;
    house.add_administrator("admin").await;
    house.add("anna").await;
    let last = |result: Result<(), HubError>| matches!(result, Err(HubError::LastAdministrator { .. }));
    assert!(last(house.hub.remove_account("test", "admin").await));
    assert!(last(house.hub.set_disabled("test", "admin", true).await));
    assert!(last(house.hub.set_administrator("test", "admin", false).await));
    house.hub.set_administrator("test", "anna", true).await.unwrap();
    house.hub.remove_account("test", "admin").await.unwrap();
    assert!(last(house.hub.remove_account("test", "anna").await));
}
