//! What taking a message costs on the thread that writes: 50 senders, each with one message on its way, every message
//! acknowledged when the next is sent. `cargo run --release -p store --example accepting -- [messages] [options]`,
//! where the options are `no-archive`, `no-own-ids` and `streams` (every message is given to a resumable stream and
//! counted in its sender's).
#![allow(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::{
    fs,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use domain::{Address, Content, Message, MessageId, MessageKind, Native, Protocol, Sender};
use jiff::Timestamp;
use store::{
    ArchiveQuery, Change, Keep, NewAccount, Outcome, Store, StreamId, StreamRecord,
    sqlite::{Options, SqliteStore},
};
use uuid::Uuid;

const SENDERS: usize = 50;

struct Load {
    keep: Keep,
    own_ids: bool,
    streams: bool,
    people: Vec<Address>,
}

impl Load {
    /// Person `from` writes to the next one for the `number`th time.
    fn message(&self, from: usize, number: u32) -> Message {
        let (sender, recipient) = (&self.people[from], &self.people[(from + 1) % SENDERS]);
        let now = Timestamp::UNIX_EPOCH + Duration::from_micros(u64::from(number) * 5_000 + from as u64);
        let mut random = [0; 10];
        random[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_le_bytes());
        random[4] = u8::try_from(from).unwrap();
        random[5..9].copy_from_slice(&number.to_le_bytes());
        let id = MessageId::new(now, random);
        let body = format!("message number {number} of a conversation about the weather");
        let native = format!(
            "<message xmlns='jabber:client' from='{sender}/desk' to='{recipient}' type='chat' id='m{number}'>\
             <body>{body}</body><stanza-id xmlns='urn:xmpp:sid:0' by='{recipient}' id='{id}'/></message>"
        );
        let own_id = Uuid::from_u128(
            u128::from_le_bytes(*id.as_bytes()).wrapping_mul(0x2545_f491_4f6c_dd1d_9e37_79b9_7f4a_7c15),
        );
        Message {
            id,
            sender: Sender::Account { address: sender.clone() },
            recipient: recipient.clone(),
            kind: MessageKind::Chat,
            content: Content::Text { body, subject: None },
            automatic: false,
            native: Some(Native { protocol: Protocol::Xmpp, bytes: native.into_bytes().into() }),
            sender_id: self.own_ids.then(|| own_id.to_string()),
            accepted_at: now,
        }
    }

    fn acceptance(&self, from: usize, message: Message, number: u32) -> Vec<Change> {
        let deliveries = if self.streams { vec![(stream((from + 1) % SENDERS), number)] } else { Vec::new() };
        let message = Arc::new(message);
        let mut changes = vec![Change::AcceptMessage { message, keep: self.keep, deliveries, limit: 10_000 }];
        if self.streams {
            changes.push(Change::StreamReceived { stream: stream(from), received: number });
        }
        changes
    }

    fn acknowledgement(&self, from: usize, id: MessageId, number: u32) -> Vec<Change> {
        let to = (from + 1) % SENDERS;
        let mut changes =
            vec![Change::Acknowledge { recipient: self.people[to].clone(), messages: vec![id] }];
        if self.streams {
            changes.push(Change::StreamAcknowledged { stream: stream(to), positions: vec![number] });
        }
        changes
    }
}

fn stream(person: usize) -> StreamId {
    StreamId(Uuid::from_u128(person as u128 + 1))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_set = |option: &str| arguments.iter().any(|argument| argument == option);
    let messages: usize = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir_in(std::env::current_dir().unwrap()).unwrap();
    let options = Options { queue_max: 10_000, ..Options::default() };
    let store = SqliteStore::open(&folder.path().join("store.db"), options).unwrap();
    let people: Vec<Address> = (0..SENDERS)
        .map(|number| Address::new(&format!("person{number}"), "office.internal").unwrap())
        .collect();
    for (number, address) in people.iter().enumerate() {
        let new = NewAccount {
            address: address.clone(),
            password: "x".repeat(200),
            administrator: false,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let record = StreamRecord {
            id: stream(number),
            address: address.clone(),
            resource: "desk".to_owned(),
            received: 0,
            presence: None,
            touched_at: Timestamp::UNIX_EPOCH,
        };
        store.commit(vec![Change::CreateAccount(new), Change::OpenStream(record)]).await.unwrap();
    }
    let keep = if is_set("no-archive") { Keep::NOBODY } else { Keep::BOTH };
    let load = Load { keep, own_ids: !is_set("no-own-ids"), streams: is_set("streams"), people };
    run(&store, &load, messages).await;
    read(&store, &load).await;
    let closing = Instant::now();
    store.close();
    println!("closing: {:?}", closing.elapsed());
}

async fn run(store: &SqliteStore, load: &Load, messages: usize) {
    let (sender, told) = mpsc::channel();
    let (started, before) = (Instant::now(), writer_cpu());
    let mut numbers = [0; SENDERS];
    let mut last: [Option<MessageId>; SENDERS] = [None; SENDERS];
    let (mut taken, mut bursts) = (0, 0);
    let mut ready: Vec<usize> = (0..SENDERS).collect();
    while taken < messages {
        for from in ready.drain(..) {
            if let Some(id) = last[from].take() {
                let permit = store.reserve().await.unwrap();
                store.submit(
                    permit,
                    load.acknowledgement(from, id, numbers[from]),
                    Box::new(|result| drop(result.unwrap())),
                );
            }
            numbers[from] += 1;
            let message = load.message(from, numbers[from]);
            last[from] = Some(message.id);
            let permit = store.reserve().await.unwrap();
            let sender = sender.clone();
            let done = move |result: Result<Vec<Outcome>, _>| {
                assert_eq!(result.unwrap()[0], Outcome::Accepted);
                sender.send(from).unwrap();
            };
            store.submit(permit, load.acceptance(from, message, numbers[from]), Box::new(done));
        }
        ready.push(told.recv().unwrap());
        // The rest of the commit is told at once.
        while ready.len() < SENDERS
            && let Ok(from) = told.recv_timeout(Duration::from_micros(200))
        {
            ready.push(from);
        }
        taken += ready.len();
        bursts += 1;
    }
    store.settled().await.unwrap();
    let (cpu, elapsed) = (writer_cpu() - before, started.elapsed());
    println!(
        "{taken} messages in {elapsed:.2?}, {:.1} at once: {:.2} µs of the writer's CPU each",
        taken as f64 / f64::from(bursts),
        cpu.as_secs_f64() * 1e6 / taken as f64
    );
}

/// How long a page takes in an archive of this size.
async fn read(store: &SqliteStore, load: &Load) {
    let newest = ArchiveQuery { from_end: true, ..ArchiveQuery::of(load.people[0].clone(), 50) };
    let with = ArchiveQuery { with: Some(load.people[1].clone()), ..newest.clone() };
    let oldest = ArchiveQuery { from_end: false, ..newest.clone() };
    let since =
        ArchiveQuery { start: Some(Timestamp::UNIX_EPOCH + Duration::from_secs(3)), ..oldest.clone() };
    for (what, query) in
        [("newest", newest), ("newest with one person", with), ("oldest", oldest), ("since", since)]
    {
        let started = Instant::now();
        let page = store.archive(query).await.unwrap();
        println!(
            "page of {} ({what}; {:?} in all): {:?}",
            page.messages.len(),
            page.count,
            started.elapsed()
        );
    }
}

/// The CPU time that the thread that writes has used.
fn writer_cpu() -> Duration {
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        if fs::read_to_string(task.join("comm")).unwrap().trim() == "store-writer" {
            let times = fs::read_to_string(task.join("schedstat")).unwrap();
            return Duration::from_nanos(times.split_whitespace().next().unwrap().parse().unwrap());
        }
    }
    panic!("no thread writes");
}
