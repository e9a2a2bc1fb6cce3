//! What people write to old machines from which somebody has written to them.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use domain::{Address, Content, Message, Protocol, Refusal, Sender};
use hub::{ComputerGateway, ComputerMessage, GroupMessage, GroupSent, HubError, MessageDraft, Sent};
use store::ArchiveQuery;
use testkit::{DOMAIN, Guest, House, HouseOptions};
use tokio::sync::{Mutex, mpsc};

/// Machines that say what is sent to them, and take it when the test lets them.
struct Machines {
    sent: mpsc::UnboundedSender<ComputerMessage>,
    answers: Mutex<mpsc::UnboundedReceiver<Result<Vec<char>, String>>>,
}

#[async_trait]
impl ComputerGateway for Machines {
    async fn send(&self, message: ComputerMessage) -> Result<Vec<char>, String> {
        self.sent.send(message).unwrap();
        self.answers.lock().await.recv().await.unwrap()
    }

    async fn send_to_group(&self, _: GroupMessage) -> Result<GroupSent, String> {
        unreachable!("nobody answers a group")
    }
}

/// The test's end of the machines.
struct Network {
    sent: mpsc::UnboundedReceiver<ComputerMessage>,
    answers: mpsc::UnboundedSender<Result<Vec<char>, String>>,
}

impl Network {
    fn of(house: &House) -> Self {
        let (sent_by, sent) = mpsc::unbounded_channel();
        let (answers, answered) = mpsc::unbounded_channel();
        let machines = Machines { sent: sent_by, answers: Mutex::new(answered) };
        house.hub.set_computer_gateway(Arc::new(machines));
        Self { sent, answers }
    }

    async fn next(&mut self) -> ComputerMessage {
        self.sent.recv().await.unwrap()
    }

    fn takes_it(&self) {
        self.answers.send(Ok(Vec::new())).unwrap();
    }
}

async fn house(options: HouseOptions) -> House {
    let house = House::open_with(options).await;
    house.add("anna").await;
    house.add("bert").await;
    house
}

fn machine(name: &str) -> Address {
    Address::new(name, &format!("windows.{DOMAIN}")).unwrap()
}

fn answer(house: &House, text: &str) -> Message {
    Message { recipient: machine("pc7"), ..house.message("anna", "anna", text) }
}

/// A message from `PC7` at this address for anna, and its way to her.
async fn hear(house: &House, anna: &Guest, source: &str, text: &str) {
    let source: IpAddr = source.parse().unwrap();
    let sender = Sender::Unverified { name: "PC7".to_owned(), source, protocol: Protocol::Windows };
    let draft = MessageDraft { sender, text: text.to_owned(), sender_id: None };
    let audience = domain::Audience::new(vec![domain::Target::User(house.address("anna").to_string())]);
    house.hub.send_to_audience(&audience.unwrap(), draft).await.unwrap();
    assert_eq!(anna.next_text().await, text);
}

#[tokio::test]
async fn an_answer_goes_to_where_the_machine_wrote_from_and_both_are_one_conversation() {
    let mut house = house(HouseOptions::default()).await;
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    hear(&house, &anna, "10.0.0.8", "paper?").await;
    hear(&house, &anna, "10.0.0.7", "paper!").await;
    // What is remembered is in the archive, too.
    house.restart().await;
    let mut network = Network::of(&house);
    for text in ["one", "two"] {
        assert_eq!(house.hub.send_and_wait(answer(&house, text)).await, Ok(Sent::Accepted));
    }
    let first = network.next().await;
    assert_eq!((first.computer.to_string(), first.from.as_str()), ("PC7@10.0.0.7".to_owned(), "ANNA"));
    assert_eq!(first.text, "one");
    assert!(network.sent.try_recv().is_err(), "the second waits for the first");
    network.takes_it();
    assert_eq!(network.next().await.text, "two");
    network.takes_it();
    let query = ArchiveQuery { with: Some(machine("pc7")), ..ArchiveQuery::of(house.address("anna"), 10) };
    let page = house.hub.archive(query).await.unwrap();
    let said = |message: &Arc<Message>| match &message.content {
        Content::Text { body, .. } => body.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(page.messages.iter().map(said).collect::<Vec<_>>(), ["paper?", "paper!", "one", "two"]);
    while !house.hub.store().answers_under_way(10).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn without_an_archive_who_wrote_is_known_as_long_as_the_service_runs() {
    let house = house(HouseOptions { archive: false, ..HouseOptions::default() }).await;
    let mut network = Network::of(&house);
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    hear(&house, &anna, "10.0.0.7", "paper?").await;
    assert_eq!(house.hub.send_and_wait(answer(&house, "soon")).await, Ok(Sent::Accepted));
    assert_eq!(network.next().await.text, "soon");
    network.takes_it();
}

#[tokio::test]
async fn what_does_not_arrive_is_told_with_the_reason_and_the_words() {
    let house = house(HouseOptions::default()).await;
    let mut network = Network::of(&house);
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    hear(&house, &anna, "10.0.0.7", "paper?").await;
    house.hub.send_and_wait(answer(&house, "soon")).await.unwrap();
    network.next().await;
    network.answers.send(Err("10.0.0.7 takes no messages".to_owned())).unwrap();
    let told = anna.next_text().await;
    assert!(told.starts_with("Your message to PC7 did not arrive") && told.contains("10.0.0.7 takes no"));
    assert!(told.ends_with("> soon"), "{told}");
    house.hub.send_and_wait(answer(&house, "日曜日")).await.unwrap();
    network.next().await;
    network.answers.send(Ok(vec!['日', '曜'])).unwrap();
    assert!(anna.next_text().await.starts_with("PC7 cannot show 日 曜"));
    assert_eq!(house.hub.store().answers_under_way(10).await.unwrap(), []);
}

#[tokio::test]
async fn after_a_crash_the_writer_is_told_once_that_it_is_not_known_what_arrived() {
    let mut house = house(HouseOptions::default()).await;
    let mut network = Network::of(&house);
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    hear(&house, &anna, "10.0.0.7", "paper?").await;
    house.hub.send_and_wait(answer(&house, "soon")).await.unwrap();
    network.next().await;
    for _ in 0..2 {
        house.restart().await;
        house.hub.tell_of_interrupted_answers().await;
        let told = house.pending("anna").await;
        let interrupted = told.iter().filter(|told| told.starts_with("It is not known whether your"));
        assert_eq!(interrupted.count(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn only_who_has_written_is_answered_with_words_and_where_nobody_is_blocked() {
    let strangers = domain::StrangerRules {
        blocked: vec!["10.0.0.66".parse().unwrap()],
        ..domain::StrangerRules::default()
    };
    let house = house(HouseOptions { strangers, ..HouseOptions::default() }).await;
    let to = |recipient: Address| Message { recipient, ..answer(&house, "hello") };
    let refused = |error: Refusal| Err(HubError::Refused(error));
    assert_eq!(house.hub.send_and_wait(answer(&house, "x")).await, Err(HubError::NoGateway));
    let _network = Network::of(&house);
    let anna = Guest::sign_in(&house, "anna", "desk").await;
    hear(&house, &anna, "10.0.0.7", "paper?").await;
    assert_eq!(house.hub.send_and_wait(to(machine("pc8"))).await, refused(Refusal::NeverWrote));
    // Somebody else has not been written to.
    let berts = Message { recipient: machine("pc7"), ..house.message("bert", "anna", "hello") };
    assert_eq!(house.hub.send_and_wait(berts).await, refused(Refusal::NeverWrote));
    let reaction = Message { content: Content::Other, ..answer(&house, "") };
    assert_eq!(house.hub.send_and_wait(reaction).await, Err(HubError::OnlyWords));
    let long = answer(&house, &"x".repeat(8_001));
    assert_eq!(house.hub.send_and_wait(long).await, Err(HubError::TooLongForMachine { limit: 8_000 }));
    house.hub.block(&house.address("anna"), vec![machine("pc7").to_string()]).await.unwrap();
    assert_eq!(house.hub.send_and_wait(answer(&house, "x")).await, refused(Refusal::Blocked));
}
