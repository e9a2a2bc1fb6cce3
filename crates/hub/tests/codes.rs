//! Alerts that somebody confirms with the code that a machine has shown.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::sync::Arc;

use async_trait::async_trait;
use domain::{AlertDraft, Audience, Computer, ConfirmationCode, Recipient, Target};
use hub::{ComputerGateway, ComputerMessage, GroupMessage, GroupSent, HubError};
use jiff::SignedDuration;
use testkit::House;
use tokio::sync::mpsc;

/// A way to machines that only tells what was said.
struct Gateway(mpsc::UnboundedSender<ComputerMessage>);

#[async_trait]
impl ComputerGateway for Gateway {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        drop(self.0.send(message));
        Ok(Vec::new())
    }

    async fn send_to_group(&self, _: GroupMessage) -> Result<GroupSent, String> {
        Err("there is no network".to_owned())
    }
}

fn press() -> Computer {
    Computer { name: "PRESS1".to_owned(), host: "10.0.0.7".to_owned(), port: None }
}

async fn house() -> (House, mpsc::UnboundedReceiver<ComputerMessage>) {
    let house = House::open().await;
    house.add_administrator("admin").await;
    let (sender, receiver) = mpsc::unbounded_channel();
    house.hub.set_computer_gateway(Arc::new(Gateway(sender)));
    house.hub.set_code_address("https://office.internal:8443/c".to_owned());
    (house, receiver)
}

fn draft(house: &House) -> AlertDraft {
    let audience = Audience::new(vec![Target::Computer(press())]).unwrap();
    let expires_at = Some(house.clock.now() + SignedDuration::from_hours(1));
    let choices = vec!["Safe".to_owned(), "Need help".to_owned()];
    AlertDraft {
        must_confirm: true,
        choices,
        expires_at,
        ..AlertDraft::new(house.address("admin"), audience, "Fire")
    }
}

/// The code at the end of what a machine was told.
async fn told(machines: &mut mpsc::UnboundedReceiver<ComputerMessage>) -> ConfirmationCode {
    let text = machines.recv().await.unwrap().text;
    let (_, code) = text.rsplit_once("https://office.internal:8443/c/").unwrap();
    code.parse().unwrap()
}

#[tokio::test]
async fn whoever_is_at_the_machine_confirms_with_the_code_and_the_report_says_so() {
    let (mut house, mut machines) = house().await;
    let alert = house.hub.send_alert(draft(&house)).await.unwrap();
    let code = told(&mut machines).await;
    house.restart().await;
    let (found, computer) = house.hub.alert_of_code(code).await.unwrap();
    assert_eq!((found.id, computer), (alert.id, press()));
    let wrong = house.hub.confirm_by_code(code, "Perhaps", "10.0.0.7".to_owned()).await;
    assert!(matches!(wrong, Err(HubError::NoSuchChoice { .. })));
    let first = house.hub.confirm_by_code(code, "need help", "10.0.0.7".to_owned()).await.unwrap();
    assert_eq!((first.choice.as_str(), first.first), ("Need help", true));
    let second = house.hub.confirm_by_code(code, "Safe", "10.0.0.8".to_owned()).await.unwrap();
    assert_eq!((second.choice.as_str(), second.first), ("Need help", false));
    let receipt = house.hub.store().receipt(alert.id, &Recipient::Computer(press())).await.unwrap().unwrap();
    assert!(receipt.delivered_at.is_some());
    let confirmation = receipt.confirmation.unwrap();
    assert_eq!((confirmation.device.as_str(), confirmation.source.as_str()), ("code", "10.0.0.7"));
}

#[tokio::test]
async fn a_code_ends_with_its_alert_and_is_for_one_machine_alone() {
    let (house, mut machines) = house().await;
    let alert = house.hub.send_alert(draft(&house)).await.unwrap();
    let code = told(&mut machines).await;
    let other = Computer { name: "PRESS2".to_owned(), ..press() };
    assert!(house.hub.code(alert.id, &other) != code);
    let nobodys = house.hub.code(alert.id, &other);
    assert!(matches!(house.hub.alert_of_code(nobodys).await, Err(HubError::NoSuchCode)));
    house.hub.cancel_alert(alert.id, &house.address("admin")).await.unwrap();
    let over = house.hub.confirm_by_code(code, "Safe", "10.0.0.7".to_owned()).await;
    assert!(matches!(over, Err(HubError::NoSuchCode)));
}

#[tokio::test]
async fn what_need_not_be_confirmed_carries_no_code() {
    let (house, mut machines) = house().await;
    house.hub.send_alert(AlertDraft { must_confirm: false, ..draft(&house) }).await.unwrap();
    assert!(!machines.recv().await.unwrap().text.contains("/c/"));
}
