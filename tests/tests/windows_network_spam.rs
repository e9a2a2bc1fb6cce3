//! The spam of 2003 in one minute: what a thousand addresses send, forged and real, by every way there is.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddrV4},
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use end_to_end::{
    Peer, Service, ServiceOptions, alone, connect_from,
    lan::{BROADCAST, Forger, Lan},
    net_send_by,
};
use netbios::{
    code_page::CodePage,
    datagram::{Datagram, Delivery, Header, SenderNodeType},
    mailslot::Message,
    name::{Name, Scope, ScopedName, Suffix},
    name_service::Packet,
    rpc::{
        Uuid, endpoint,
        ndr::ByteOrder,
        pdu::{self, Kind, flag},
        send_message,
    },
};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";
const OFFICE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// How many messages one address may send in a minute.
const BUDGET: usize = 1;
/// How many all of them together may send in a minute.
const BUDGET_OF_ALL: usize = 400;
/// How many addresses send by sessions; as many others are forged.
const SOURCES: usize = 500;
const SESSIONS: usize = 1_000;
/// How many packets are sent for each session.
const PACKETS: usize = 99;
/// What the service may have more of afterwards: buffers, caches and tables that have limits.
const GROWTH_BYTES_MAX: u64 = 48 * 1024 * 1024;

/// The addresses that receive what they are answered; the router has them all.
fn real(number: usize) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 79, 0, 0)) + number as u32 + 1)
}

/// Half of them are on the subnet.
fn forged(number: usize) -> Ipv4Addr {
    match number {
        0..250 => Ipv4Addr::new(10, 77, 0, number as u8 + 3),
        _ => Ipv4Addr::from(u32::from(Ipv4Addr::new(192, 168, 0, 0)) + number as u32),
    }
}

fn name(text: &str, suffix: Suffix) -> ScopedName {
    let name = Name::new(text, suffix, CodePage::DEFAULT).expect("a name");
    ScopedName { name, scope: Scope::NONE }
}

/// One packet of spam: where to, and what.
fn packet(number: usize, source: Ipv4Addr) -> (SocketAddrV4, Vec<u8>) {
    let id = number as u16;
    match number % 3 {
        0 => {
            let text = format!("cheap pills {number}");
            let message = Message { from: "SALES".into(), to: "STAFF".into(), text };
            let datagram = Datagram {
                delivery: Delivery::Group,
                header: Header {
                    node_type: SenderNodeType::Broadcast,
                    id,
                    source: SocketAddrV4::new(source, 138),
                },
                first: true,
                more: false,
                offset: 0,
                from: name("SALES", Suffix::MESSENGER),
                to: name("STAFF", Suffix::WORKSTATION),
                data: message.encode(CodePage::DEFAULT).expect("a message").data,
            };
            (SocketAddrV4::new(BROADCAST, 138), datagram.encode())
        }
        1 => {
            let query = Packet::query(id, name("ANNA", Suffix::MESSENGER), true);
            (SocketAddrV4::new(BROADCAST, 137), query.encode())
        }
        _ => {
            let activity =
                Uuid([(number >> 8) as u8, id as u8, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
            let call = pdu::Header::new(Kind::Request, send_message::INTERFACE, 1, activity);
            let text = format!("cheap calls {number}");
            let stub = send_message::Request { from: b"SALES", to: b"ANNA", text: text.as_bytes() };
            let call = pdu::Header { flags: flag::IDEMPOTENT, ..call };
            (SocketAddrV4::new(OFFICE, endpoint::PORT), call.encode(&stub.encode(ByteOrder::Little)))
        }
    }
}

fn service(lan: &Lan) -> Service {
    Service::start(&ServiceOptions {
        host: Some(lan.host("office", OFFICE.octets())),
        configuration: format!(
            "[limits]\nmessages_per_minute_max = {BUDGET}\nmessages_of_all_per_minute_max = {BUDGET_OF_ALL}\n"
        ),
        windows_configuration: "workgroup = \"STAFF\"\nrpc_listen = [\"0.0.0.0:135\"]\n".to_owned(),
        ..ServiceOptions::default()
    })
}

/// Who each message says that it comes from.
fn sources<'a>(messages: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, usize> {
    let mut sources = BTreeMap::new();
    for message in messages {
        let body = message["body"].as_str().unwrap_or_default();
        if let Some((_, rest)) = body.split_once(" (Windows, unverified, from ") {
            let source = rest.split(')').next().unwrap_or_default().to_owned();
            *sources.entry(source).or_default() += 1;
        }
    }
    sources
}

#[test]
fn a_flood_of_messages_from_a_thousand_addresses_is_held_to_the_budget_and_people_go_on_talking() {
    alone(|| {
        let lan = Lan::start();
        let route = ["route", "add", "local", "10.79.0.0/16", "dev", "lo"];
        assert!(Command::new("ip").args(route).status().expect("ip runs").success());
        let service = service(&lan);
        let sign_in = |name: &str| {
            service.add_user(name, PASSWORD);
            Peer::slixmpp(&service, name, PASSWORD, json!({}))
        };
        let (mut anna, mut berta) = (sign_in("anna"), sign_in("berta"));
        let before = service.memory();

        let (done, next, taken) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
        let begin = Instant::now();
        let mut waits: Vec<Duration> = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let flood = || {
                    let forger = Forger::new();
                    loop {
                        let session = next.fetch_add(1, Ordering::Relaxed);
                        if session >= SESSIONS {
                            return;
                        }
                        for number in session * PACKETS..(session + 1) * PACKETS {
                            let source = forged(number % SOURCES);
                            let (to, bytes) = packet(number, source);
                            forger.send(SocketAddrV4::new(source, to.port()), to, &bytes);
                        }
                        let source = IpAddr::V4(real(session % SOURCES));
                        let socket = connect_from(source, "10.77.0.1:139").expect("the door is open");
                        let answer = net_send_by(socket, "SALES", "ANNA", &format!("cheap loans {session}"));
                        taken.fetch_add(usize::from(answer.is_ok()), Ordering::Relaxed);
                    }
                };
                let others: Vec<_> = (0..2).map(|_| scope.spawn(flood)).collect();
                for other in others {
                    other.join().expect("the flood goes on to its end");
                }
                done.store(true, Ordering::Relaxed);
            });
            while !done.load(Ordering::Relaxed) {
                let text = format!("are you there {}?", waits.len());
                let since = Instant::now();
                berta.send_chat("anna@office.internal", &text);
                anna.expect_message(&text);
                waits.push(since.elapsed());
            }
        });
        let elapsed = begin.elapsed();

        let after = service.memory();
        let leftovers = anna.leftovers();
        let seen = sources(&leftovers);
        let all: usize = seen.values().sum();
        waits.sort_unstable();
        let minutes = elapsed.as_secs() as usize / 60 + 1;
        println!(
            "{} messages in {elapsed:.1?}: {} seen, {} answered as taken; memory {} to {} MiB; {} said meanwhile, \
             half of it within {:.1?}, all within {:.1?}",
            SESSIONS * (PACKETS + 1),
            all,
            taken.load(Ordering::Relaxed),
            before >> 20,
            after >> 20,
            waits.len(),
            waits[waits.len() / 2],
            waits[waits.len() - 1],
        );
        assert!(all > 0, "some of it arrives, so that the test tests something");
        assert!(all <= BUDGET_OF_ALL * minutes, "{all} messages in {elapsed:?}");
        for (source, count) in &seen {
            assert!(*count <= BUDGET * minutes, "{count} messages from {source} in {elapsed:?}");
            assert!(!source.starts_with("192.168."), "{source} is on no subnet here");
        }
        let calls = leftovers
            .iter()
            .filter(|event| event["body"].as_str().is_some_and(|body| body.contains("cheap calls")));
        assert_eq!(calls.count(), 0, "nobody has proved the address of a call");
        assert!(after < before + GROWTH_BYTES_MAX, "from {before} to {after} bytes");
    });
}
