use std::{net::SocketAddr, time::Instant};

use domain::{Computer, Sender};
use hub::{ComputerGateway, ComputerMessage, HubError};
use netbios::{
    code_page::CodePage,
    name::Name,
    receiver::{Answer, Event, Limits, Receiver},
    session::{Framing, NegativeReason},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::house::{House, gate};
use crate::windows::{CodePages, WindowsGateway};

const PAGE: CodePage = CodePage::DEFAULT;

fn pages() -> CodePages {
    CodePages::new(Vec::new(), PAGE)
}

fn message(name: &str, address: SocketAddr, text: &str) -> ComputerMessage {
    let (host, port) = (address.ip().to_string(), Some(address.port()));
    let computer = Computer { name: name.to_owned(), host, port };
    ComputerMessage { computer, from: "ADELE".to_owned(), text: text.to_owned() }
}

/// What a machine that somebody else wrote does with a connection.
#[derive(Clone, Copy, PartialEq)]
enum Machine {
    /// It knows itself only as a server, as some print servers do.
    OnlyAsServer,
    /// It hangs up on a message of one block, as `smbd` does.
    OnlySeveralBlocks,
    /// It takes the connection and says nothing more.
    Silent,
}

/// A machine, and what the messages said that it took.
async fn machine(kind: Machine) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (texts, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            talk(kind, stream, &texts).await;
        }
    });
    (address, received)
}

async fn talk(kind: Machine, mut stream: TcpStream, texts: &tokio::sync::mpsc::UnboundedSender<String>) {
    let mut receiver =
        Receiver::new(Framing::NetbiosSession, PAGE, Limits::default(), [0; 8], Instant::now());
    let mut buffer = [0; 1_024];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        const SEND_MESSAGE: u8 = 0xd0;
        if kind == Machine::Silent {
            continue;
        }
        if kind == Machine::OnlySeveralBlocks && length > 8 && buffer[8] == SEND_MESSAGE {
            return;
        }
        receiver.receive(&buffer[..length], Instant::now());
        while let Some(event) = receiver.poll() {
            match event {
                Event::Called { called, .. }
                    if kind == Machine::OnlyAsServer && called != Name::SMB_SERVER =>
                {
                    receiver.refuse_session(NegativeReason::CalledNotPresent);
                }
                Event::Called { .. } => receiver.allow_session(Instant::now()),
                Event::Addressed { .. } => receiver.allow_recipient(Instant::now()),
                Event::Message(message) => {
                    receiver.answer(Answer::Accepted, Instant::now());
                    texts.send(message.text).unwrap();
                }
                _ => {}
            }
        }
        while let Some(bytes) = receiver.poll_transmit() {
            stream.write_all(&bytes).await.unwrap();
        }
        if receiver.close_wanted() {
            return;
        }
    }
}

#[tokio::test]
async fn a_message_to_a_computer_arrives_there_and_its_sender_hears_what_was_spelled_differently() {
    let house = House::open().await;
    let anna = house.add_and_sign_in("anna").await;
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    let replaced = gateway.send(message("ANNA", house.address, "5 € for Jürgen")).await;
    assert_eq!(replaced, Ok(vec!['€']));
    let arrived = anna.next_message().await;
    assert!(matches!(&arrived.content, domain::Content::Text { body, .. } if body == "5 EUR for Jürgen"));
    assert!(matches!(&arrived.sender, Sender::Unverified { name, .. } if name == "ADELE"));
}

#[tokio::test]
async fn a_computer_without_that_name_is_told_of_in_words() {
    let house = House::open().await;
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    let sent = gateway.send(message("PRESS1", house.address, "hello")).await;
    assert_eq!(sent.unwrap_err(), "127.0.0.1 answered that no one receives messages as PRESS1");
}

#[tokio::test]
async fn a_computer_that_knows_itself_only_as_a_server_gets_its_message() {
    let (address, mut texts) = machine(Machine::OnlyAsServer).await;
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    assert_eq!(gateway.send(message("PRESS1", address, "hello")).await, Ok(Vec::new()));
    assert_eq!(texts.recv().await.unwrap(), "hello");
}

#[tokio::test]
async fn a_computer_that_hangs_up_on_one_block_gets_several() {
    let (address, mut texts) = machine(Machine::OnlySeveralBlocks).await;
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    assert_eq!(gateway.send(message("PRESS1", address, "hello")).await, Ok(Vec::new()));
    assert_eq!(texts.recv().await.unwrap(), "hello");
    assert!(texts.try_recv().is_err(), "once");
}

#[tokio::test]
async fn a_long_text_comes_in_numbered_parts() {
    let (address, mut texts) = machine(Machine::OnlyAsServer).await;
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    assert_eq!(gateway.send(message("PRESS1", address, &"word ".repeat(400))).await, Ok(Vec::new()));
    for part in [format!("(1/2) {}", "word ".repeat(298)), format!("(2/2) {}", "word ".repeat(102))] {
        assert_eq!(texts.recv().await.unwrap(), part.trim_end());
    }
}

#[tokio::test(start_paused = true)]
async fn a_computer_that_does_not_answer_is_given_up_on() {
    let (address, _texts) = machine(Machine::Silent).await;
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    let before = tokio::time::Instant::now();
    let error = gateway.send(message("PRESS1", address, "hello")).await.unwrap_err();
    assert_eq!(
        error,
        "127.0.0.1 accepted the connection and did not answer in time; the message may have arrived"
    );
    assert_eq!(before.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_outside_or_in_names_that_cannot_be_spelled() {
    let gateway = WindowsGateway::new(gate(), pages(), std::sync::Weak::new());
    let error = gateway.send(message("PRESS1", "203.0.113.5:139".parse().unwrap(), "hello")).await;
    assert!(error.unwrap_err().starts_with("203.0.113.5 is outside the allowed networks"));
    let (address, mut texts) = machine(Machine::OnlyAsServer).await;
    let error = gateway.send(message("日本", address, "hello")).await.unwrap_err();
    assert!(error.contains("code page 850"), "{error}");
    let error = gateway.send(message("PRESS1", address, &"x".repeat(20_000))).await.unwrap_err();
    assert_eq!(error, "the text has 20000 bytes in code page 850, and a computer takes at most 17904");
    assert!(texts.try_recv().is_err());
}

#[tokio::test]
async fn the_hub_sends_to_computers_in_a_persons_netbios_name() {
    let (house, far) = (House::open().await, House::open().await);
    let anna = far.add_and_sign_in("anna").await;
    let sender = house.add("Jürgen").await;
    let computer = message("ANNA", far.address, "").computer;
    let send = || house.hub.send_to_computer(&sender, computer.clone(), "hello".to_owned());
    assert_eq!(send().await, Err(HubError::NoGateway));
    house.hub.set_computer_gateway(WindowsGateway::new(house.gate.clone(), pages(), std::sync::Weak::new()));
    assert_eq!(send().await, Ok(Vec::new()));
    let arrived = anna.next_message().await;
    assert!(matches!(&arrived.sender, Sender::Unverified { name, .. } if name == "JURGEN"));
}
