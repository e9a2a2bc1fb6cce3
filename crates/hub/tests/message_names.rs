//! Message names: `net name`.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use domain::{Audience, MessageName, MessageNameError};
use hub::HubError;
use testkit::House;

fn name(text: &str) -> MessageName {
    text.parse().unwrap()
}

fn number(result: Result<(), HubError>) -> u32 {
    match result {
        Err(HubError::MessageName(error)) => error.number(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_name_is_known_in_any_case_and_after_a_restart_until_it_is_deleted() {
    let mut house = House::open().await;
    house.add_administrator("admin").await;
    let admin = house.address("admin");
    let to: Audience = "group:it".parse().unwrap();
    house.hub.add_message_name(&admin, name("helpdesk"), Some(to.clone())).await.unwrap();
    house.hub.add_message_name(&admin, name("gate"), None).await.unwrap();
    house.restart().await;
    assert_eq!(house.hub.appointed_for("HelpDesk "), Some(to));
    let own = Some(house.hub.settings().machine_name_to.clone());
    assert_eq!(house.hub.appointed_for("GATE"), own);
    assert_eq!(house.hub.appointed_for(&house.hub.settings().machine_name.to_lowercase()), own);
    house.hub.delete_message_name(&admin, name("HELPDESK")).await.unwrap();
    assert_eq!(house.hub.appointed_for("HELPDESK"), None);
}

#[tokio::test]
async fn what_cannot_be_had_has_the_number_that_administrators_know() {
    let house = House::open().await;
    house.add_administrator("admin").await;
    house.add("anna").await;
    let (admin, anna) = (house.address("admin"), house.address("anna"));
    let own = house.hub.settings().machine_name.clone();
    house.hub.add_message_name(&admin, name("GATE"), None).await.unwrap();
    assert_eq!(number(house.hub.add_message_name(&admin, name("gate"), None).await), 2_276);
    assert_eq!(number(house.hub.add_message_name(&admin, name(&own), None).await), 2_276);
    assert_eq!(number(house.hub.add_message_name(&admin, name("ANNA"), None).await), 2_283);
    assert_eq!(number(house.hub.delete_message_name(&admin, name(&own)).await), 2_278);
    assert_eq!(number(house.hub.delete_message_name(&admin, name("NOBODY")).await), 2_285);
    let refused = house.hub.add_message_name(&anna, name("MINE"), None).await;
    assert!(matches!(refused, Err(HubError::Refused(_))), "{refused:?}");
    for number in 0..254 {
        house.hub.add_message_name(&admin, name(&format!("N{number}")), None).await.unwrap();
    }
    assert_eq!(number(house.hub.add_message_name(&admin, name("ONE MORE"), None).await), 2_277);
    assert_eq!(MessageNameError::Duplicate(name("GATE")).number(), 2_297);
}
