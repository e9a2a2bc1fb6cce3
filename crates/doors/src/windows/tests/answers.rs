use domain::Presence;
use netbios::sender::{SendError, Step, Strategy};
use netbios::session::NegativeReason;

use super::{
    house::House,
    peer::{self, no_room, not_receiving, through_any_server, to},
};

/// People out of reach, each for a reason of their own.
const OUT_OF_REACH: [&str; 6] = ["UNKNOWN", "ABSENT", "SILENT", "HIDDEN", "REFUSING", "DISABLED"];

async fn with_people_out_of_reach() -> (House, Vec<super::house::Person>) {
    let house = House::open().await;
    for name in &OUT_OF_REACH[1..] {
        house.add(&name.to_lowercase()).await;
    }
    let silent = house.sign_in_without_presence("silent").await;
    let hidden = house.sign_in_without_presence("hidden").await;
    let presence = Presence { priority: -1, ..Presence::default() };
    house.hub.set_presence(&hidden.session, presence).await.unwrap();
    let refusing = house.sign_in("refusing").await;
    house.hub.set_accepts_unverified("test", "refusing", false).await.unwrap();
    let disabled = house.sign_in("disabled").await;
    house.hub.set_disabled("test", "disabled", true).await.unwrap();
    (house, vec![silent, hidden, refusing, disabled])
}

#[tokio::test]
async fn who_cannot_be_reached_is_answered_for_in_the_same_bytes_whatever_the_reason() {
    let (house, _people) = with_people_out_of_reach().await;
    for strategy in [Strategy::SingleBlock, Strategy::MultiBlock] {
        let mut called = Vec::new();
        let mut addressed = Vec::new();
        for name in OUT_OF_REACH {
            let (sent, bytes) = peer::send_as(house.address, &to(name, "hello"), strategy).await;
            let reason = NegativeReason::CalledNotPresent;
            assert_eq!(sent, Err(SendError::SessionRefused { reason, called_any_server: false }), "{name}");
            called.push(bytes);
            let through = through_any_server(name, "hello");
            let (sent, bytes) = peer::send_as(house.address, &through, strategy).await;
            let step = if strategy == Strategy::SingleBlock { Step::SingleBlock } else { Step::Start };
            assert_eq!(sent, not_receiving(step), "{name}");
            addressed.push(bytes);
        }
        called.dedup();
        addressed.dedup();
        assert_eq!((called.len(), addressed.len()), (1, 1));
    }
    for name in &OUT_OF_REACH[1..] {
        assert_eq!(house.kept_for(&name.to_lowercase()).await.len(), 0, "{name}");
    }
}

#[tokio::test]
async fn the_machines_own_name_where_nobody_of_its_audience_allows_it_reaches_nobody() {
    let house = House::open().await;
    let nobody = not_receiving(Step::SingleBlock);
    assert_eq!(peer::send(house.address, &to("OFFICE", "hello")).await, nobody);
    house.add_administrator("adele").await;
    house.hub.set_accepts_unverified("test", "adele", false).await.unwrap();
    assert_eq!(peer::send(house.address, &to("OFFICE", "hello")).await, nobody);
    assert_eq!(house.kept_for("adele").await.len(), 0);
}

#[tokio::test]
async fn a_message_that_the_store_does_not_take_is_not_accepted() {
    let house = House::open().await;
    let _anna = house.add_and_sign_in("anna").await;
    house.add_administrator("adele").await;
    let _adele = house.sign_in("adele").await;
    assert!(peer::send(house.address, &to("anna", "hello")).await.is_ok());
    house.close_store().await;
    assert_eq!(peer::send(house.address, &to("anna", "hello")).await, no_room(Step::SingleBlock));
    let (sent, _) = peer::send_as(house.address, &to("anna", "hello"), Strategy::MultiBlock).await;
    assert_eq!(sent, no_room(Step::End));
    assert_eq!(peer::send(house.address, &to("OFFICE", "hello")).await, no_room(Step::SingleBlock));
}

#[tokio::test]
async fn a_person_for_whom_too_much_waits_has_no_room() {
    let house = House::open().await;
    let _anna = house.add_and_sign_in("anna").await;
    for _ in 0..house.hub.settings().pending_max {
        assert!(peer::send(house.address, &to("anna", "hello")).await.is_ok());
    }
    assert_eq!(peer::send(house.address, &to("anna", "hello")).await, no_room(Step::SingleBlock));
}
