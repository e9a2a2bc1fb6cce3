use std::net::IpAddr;

use domain::{Content, MessageKind, Protocol, Sender};
use netbios::{
    code_page::CodePage,
    sender::{Outgoing, Sent, Strategy},
    session::{Framing, Packet},
};

use super::{
    house::{House, settings},
    peer::{self, Peer, hasty, through_any_server, to},
};
use crate::windows::{CodePages, WindowsSettings};

fn text(message: &domain::Message) -> &str {
    match &message.content {
        Content::Text { body, subject: None } => body,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_to_a_person_who_is_there_arrives_as_unverified_and_is_kept_when_it_is_answered() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    for strategy in [Strategy::SingleBlock, Strategy::MultiBlock] {
        let (sent, _) = peer::send_as(house.address, &to("anna", "Grüße"), strategy).await;
        assert_eq!(sent, Ok(Sent { replaced: Vec::new() }));
        let kept = house.kept_for("anna").await;
        let message = anna.next_message().await;
        assert!(kept.iter().any(|kept| kept.id == message.id), "what was answered is in the store");
        assert_eq!(text(&message), "Grüße");
        assert_eq!(message.kind, MessageKind::Chat);
        let (name, source) = ("WS7".to_owned(), IpAddr::from([127, 0, 0, 1]));
        assert_eq!(message.sender, Sender::Unverified { name, source, protocol: Protocol::Windows });
    }
}

#[tokio::test]
async fn a_text_that_is_marked_as_an_automatic_answer_is_one_and_shows_its_words_alone() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    for (sent, shown, automatic) in [
        ("Automatic reply: on leave", "on leave", true),
        ("No automatic reply: hello", "No automatic reply: hello", false),
    ] {
        peer::send(house.address, &to("anna", sent)).await.unwrap();
        let message = anna.next_message().await;
        assert_eq!((text(&message), message.automatic), (shown, automatic));
    }
}

#[tokio::test]
async fn a_text_is_stripped_of_what_misleads_and_keeps_its_lines() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    let mut forged = hasty(&[to("anna", "one\nxwo")]);
    let at = forged.iter().rposition(|byte| *byte == b'x').unwrap();
    forged[at] = 0x1b;
    let mut peer = Peer::connect(house.address).await;
    peer.write(&forged).await;
    assert_eq!(text(&*anna.next_message().await), "one\nwo");
}

#[tokio::test]
async fn the_same_words_twice_are_two_messages_on_one_connection_or_on_two() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    let mut peer = Peer::connect(house.address).await;
    peer.write(&hasty(&[to("anna", "hello"), to("anna", "hello")])).await;
    peer.read_exactly(4 + 2 * (4 + 35)).await;
    assert!(peer::send(house.address, &to("anna", "hello")).await.is_ok());
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(anna.next_message().await.id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn what_the_message_says_decides_who_gets_it_and_not_the_name_that_was_called() {
    let house = House::open().await;
    let _anna = house.add_and_sign_in("anna").await;
    let bert = house.add_and_sign_in("bert").await;
    let called_anna = Outgoing { called: "ANNA".into(), ..to("bert  ", "for bert") };
    assert!(peer::send(house.address, &called_anna).await.is_ok());
    assert_eq!(text(&*bert.next_message().await), "for bert");
    assert_eq!(house.kept_for("anna").await.len(), 0);
}

#[tokio::test]
async fn the_machines_own_name_reaches_those_of_its_audience_also_while_they_are_away() {
    let house = House::open().await;
    house.add_administrator("absent").await;
    for name in ["adele", "ben"] {
        house.add_administrator(name).await;
    }
    let (adele, ben) = (house.sign_in("adele").await, house.sign_in("ben").await);
    let _other = house.add_and_sign_in("anna").await;
    for outgoing in [to("OFFICE", "paper is empty"), through_any_server("office", "paper is empty")] {
        assert!(peer::send(house.address, &outgoing).await.is_ok());
        for person in [&adele, &ben] {
            let message = person.next_message().await;
            assert_eq!(text(&message), "paper is empty");
            assert!(matches!(&message.sender, Sender::Unverified { name, .. } if name == "WS7"));
        }
    }
    assert_eq!(house.kept_for("absent").await.len(), 2);
    assert_eq!(house.kept_for("anna").await.len(), 0);
}

#[tokio::test]
async fn the_machine_is_called_by_the_names_of_its_services_too_and_people_only_as_messengers() {
    let house = House::open().await;
    let _anna = house.add_and_sign_in("anna").await;
    for (name, suffix, established) in [
        ("*SMBSERVER", 0x20, true),
        ("OFFICE", 0x00, true),
        ("OFFICE", 0x03, true),
        ("OFFICE", 0x20, true),
        ("OFFICE", 0x1d, false),
        ("ANNA", 0x03, true),
        ("ANNA", 0x20, false),
        ("ANNA", 0x00, false),
    ] {
        let name_of = |text: &str, suffix| {
            let mut bytes = [b' '; 16];
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            bytes[15] = suffix;
            netbios::name::Name::from_bytes(bytes)
        };
        let request = Packet::Request { called: name_of(name, suffix), calling: name_of("WS7", 0) };
        let mut peer = Peer::connect(house.address).await;
        peer.write(&request.encode(Framing::NetbiosSession)).await;
        let answer = peer.read_exactly(1).await[0];
        assert_eq!(answer, if established { 0x82 } else { 0x83 }, "{name}<{suffix:02x}>");
    }
}

#[tokio::test]
async fn each_network_is_read_in_its_own_code_page() {
    let networks = vec!["127.0.0.0/8=866".parse().unwrap()];
    let settings = WindowsSettings { code_pages: CodePages::new(networks, CodePage::DEFAULT), ..settings() };
    let house = House::open_for(settings, domain::StrangerRules::default()).await;
    let anna = house.add_and_sign_in("anna").await;
    // In code page 850 these bytes mean "Å½«".
    let cyrillic = CodePage::new(866).unwrap();
    assert!(peer::send_in(cyrillic, house.address, &to("anna", "Пло")).await.is_ok());
    let message = anna.next_message().await;
    assert_eq!(text(&message), "Пло");
}
