//! How a node finds the names of others, on simulated time.

mod support;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use netbios::name::Name;
use netbios::name_service::node::{Claim, Event, InterfaceId, Limits, LookupId, NodeError, Settings};
use netbios::name_service::{NameEntry, NodeStatus, NodeType, Opcode, PORT, Packet, ResponseCode};
use support::node::{
    Driven, EVERYBODY, FAR, HERE, NEIGHBOUR, NameServer, OURS, PRIMARY, SECONDARY, Sent, entry, host,
    interface, name, registration, settings,
};

const SECOND: Duration = Duration::from_secs(1);

fn found(lookup: LookupId, addresses: &[Ipv4Addr], group: bool) -> Event {
    Event::Found { lookup, addresses: addresses.to_vec(), group }
}

fn answer(sent: &Sent, ttl: u32, entries: Vec<NameEntry>) -> Packet {
    Packet::query_response(sent.packet.id, sent.packet.name().expect("it is in order").clone(), ttl, entries)
}

/// What comes of looking for `ANNA` when these answers are given.
fn resolve(
    driven: &mut Driven,
    answers: impl FnMut(&Sent) -> Vec<(Ipv4Addr, Packet)>,
) -> (Vec<Sent>, Vec<Event>) {
    driven.node.resolve(name("ANNA"), driven.now).expect("it is in order");
    let sent = driven.pass_with(60 * SECOND, answers);
    (sent, driven.events())
}

#[test]
fn a_name_is_asked_for_three_times_and_then_given_up() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.pass(Duration::from_millis(749));
    let brief: Vec<_> = sent.iter().map(Sent::brief).collect();
    assert_eq!(brief, [(0, EVERYBODY, 0x0110), (250, EVERYBODY, 0x0110), (500, EVERYBODY, 0x0110)]);
    assert_eq!(driven.events(), []);
    assert_eq!(driven.pass(SECOND), []);
    assert_eq!(driven.events(), [Event::NotFound { lookup }]);
}

#[test]
fn the_first_answer_counts_and_those_that_come_again_do_not() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.pass(Duration::from_millis(1)).remove(0);
    let told = answer(&sent, 300, vec![entry(FAR, false), entry(NEIGHBOUR, false), entry(NEIGHBOUR, false)]);
    for _ in 0..2 {
        driven.hear(NEIGHBOUR, &told);
    }
    driven.hear(host(66), &answer(&sent, 300, vec![entry(host(66), false)]));
    assert_eq!(driven.events(), [found(lookup, &[NEIGHBOUR, FAR], false)], "those nearby come first");
    assert_eq!(driven.pass(SECOND), []);
}

#[test]
fn members_of_a_group_answer_each_for_themselves() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.pass(Duration::from_millis(1)).remove(0);
    for number in [21, 22, 21, 23] {
        driven.hear(host(number), &answer(&sent, 300, vec![entry(host(number), true)]));
    }
    // Somebody says that it is no group after all.
    driven.hear(host(66), &answer(&sent, 300, vec![entry(host(66), false)]));
    assert_eq!(driven.events(), []);
    assert_eq!(driven.pass(2 * SECOND), [], "nobody is asked again");
    assert_eq!(driven.events(), [found(lookup, &[host(21), host(22), host(23)], true)]);
}

#[test]
fn an_answer_that_nobody_has_asked_for_is_ignored() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.pass(Duration::from_millis(1)).remove(0);
    let sound = answer(&sent, 300, vec![entry(NEIGHBOUR, false)]);
    let other_id = Packet { id: sound.id ^ 0x8000, ..sound.clone() };
    let mut other_name = sound.clone();
    other_name.answer.as_mut().unwrap().name = name("BERT").into();
    let denial = Packet::negative_query_response(sound.id, name("ANNA").into(), ResponseCode::NO_SUCH_NAME);
    let nowhere = [Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1)];
    let nowhere = answer(&sent, 300, nowhere.map(|address| entry(address, false)).to_vec());
    let redirect = Packet::redirect(sound.id, name("ANNA").into(), &name("EVE").into(), FAR, 60);
    let granted =
        Packet::registration_response(sound.id, &registration("ANNA", FAR, false), ResponseCode::SUCCESS);
    for packet in [other_id, other_name, denial, nowhere, redirect, granted] {
        driven.hear(NEIGHBOUR, &packet);
    }
    driven.hear(FAR, &sound);
    driven.hear_from(SocketAddrV4::new(NEIGHBOUR, 4000), &sound);
    assert_eq!(driven.events(), []);
    driven.hear(NEIGHBOUR, &sound);
    assert_eq!(driven.events(), [found(lookup, &[NEIGHBOUR], false)]);
}

#[test]
fn what_was_found_is_remembered_for_as_long_as_it_holds() {
    for (ttl, seconds) in [(100, 100), (0, 600), (u32::MAX, 600)] {
        let mut driven = Driven::new(settings(NodeType::Broadcast));
        let neighbour = |sent: &Sent| vec![(NEIGHBOUR, answer(sent, ttl, vec![entry(NEIGHBOUR, false)]))];
        driven.node.resolve(name("ANNA"), driven.now).unwrap();
        driven.pass_with(Duration::from_millis(1), neighbour);
        driven.events();
        driven.pass(Duration::from_secs(seconds - 1));
        let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
        assert_eq!((driven.sent(), driven.events()), (vec![], vec![found(lookup, &[NEIGHBOUR], false)]));
        driven.pass(SECOND);
        driven.node.resolve(name("ANNA"), driven.now).unwrap();
        assert_eq!(driven.sent().len(), 1, "it is asked anew");
    }
}

#[test]
fn what_its_owner_gives_up_is_forgotten() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    resolve(&mut driven, |sent| vec![(NEIGHBOUR, answer(sent, 300, vec![entry(NEIGHBOUR, false)]))]);
    let release = |address| Packet::release(1, &registration("ANNA", address, false), true);
    driven.hear(host(66), &release(NEIGHBOUR));
    driven.node.resolve(name("ANNA"), driven.now).unwrap();
    assert_eq!(driven.sent(), [], "only the owner can give it up");
    driven.hear(NEIGHBOUR, &release(NEIGHBOUR));
    driven.node.resolve(name("ANNA"), driven.now).unwrap();
    assert_eq!(driven.sent().len(), 1);
}

#[test]
fn only_so_many_names_are_remembered() {
    let limits = Limits { cache_max: 3, ..Limits::default() };
    let mut driven = Driven::new(Settings { limits, ..settings(NodeType::Broadcast) });
    for number in 0..10u32 {
        driven.node.resolve(name(&format!("N{number}")), driven.now).unwrap();
        driven.pass_with(SECOND, |sent| vec![(NEIGHBOUR, answer(sent, 500, vec![entry(NEIGHBOUR, false)]))]);
    }
    for number in 0..10u32 {
        driven.node.resolve(name(&format!("N{number}")), driven.now).unwrap();
        assert_eq!(driven.sent().is_empty(), number >= 7, "{number}");
    }
}

#[test]
fn our_own_names_need_no_question() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE.hidden()).unwrap();
    driven.pass(2 * SECOND);
    driven.events();
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    assert_eq!((driven.sent(), driven.events()), (vec![], vec![found(lookup, &[OURS], false)]));
}

#[test]
fn all_subnets_are_asked_and_each_answers_for_itself() {
    let second = InterfaceId(2);
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.set_interface(interface(second, Ipv4Addr::new(192, 168, 5, 4)));
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.sent();
    assert_eq!(sent.len(), 2);
    let there = Ipv4Addr::new(192, 168, 5, 9);
    let told = answer(&sent[0], 300, vec![entry(there, false)]).encode();
    driven.node.receive(HERE, SocketAddrV4::new(there, PORT), &told, driven.now);
    assert_eq!(driven.events(), [], "it came by the wrong interface");
    driven.node.receive(second, SocketAddrV4::new(there, PORT), &told, driven.now);
    assert_eq!(driven.events(), [found(lookup, &[there], false)]);
}

#[test]
fn a_hybrid_node_asks_a_server_and_then_everybody() {
    let mut server = NameServer::new(PRIMARY);
    server.names.insert(name("ANNA"), entry(FAR, false));
    let mut driven = Driven::new(settings(NodeType::Hybrid));
    let (sent, events) = resolve(&mut driven, |sent| server.answer(sent));
    assert_eq!(sent.iter().map(Sent::brief).collect::<Vec<_>>(), [(0, PRIMARY, 0x0100)]);
    assert!(matches!(&events[..], [Event::Found { addresses, .. }] if addresses == &[FAR]));
    // The server knows of nobody.
    server.names.clear();
    let mut driven = Driven::new(settings(NodeType::Hybrid));
    let (sent, events) = resolve(&mut driven, |sent| server.answer(sent));
    assert_eq!(sent.iter().map(Sent::bits).collect::<Vec<_>>(), [0x0100, 0x0110, 0x0110, 0x0110]);
    assert!(matches!(&events[..], [Event::NotFound { .. }]));
    // No server answers: it takes a while the first time.
    let mut driven = Driven::new(settings(NodeType::Hybrid));
    let neighbour = |sent: &Sent| match *sent.to.ip() {
        EVERYBODY => vec![(NEIGHBOUR, answer(sent, 1, vec![entry(NEIGHBOUR, false)]))],
        _ => Vec::new(),
    };
    let (sent, events) = resolve(&mut driven, neighbour);
    let times: Vec<_> = sent.iter().map(|sent| (sent.at.as_secs(), *sent.to.ip())).collect();
    let (first, second) = (PRIMARY, SECONDARY);
    assert_eq!(
        times,
        [(0, first), (5, first), (10, first), (15, second), (20, second), (25, second), (30, EVERYBODY)]
    );
    assert_eq!(events.len(), 3, "two servers are silent, and the name is found: {events:?}");
    // What is known to be silent is not asked for a minute.
    driven.node.resolve(name("BERT"), driven.now).unwrap();
    assert_eq!(driven.sent()[0].to.ip(), &EVERYBODY);
}

#[test]
fn a_group_that_a_server_calls_everybody_is_asked_for_on_the_subnet() {
    let mut server = NameServer::new(PRIMARY);
    server.names.insert(name("ANNA"), entry(Ipv4Addr::BROADCAST, true));
    let mut driven = Driven::new(settings(NodeType::Hybrid));
    let (sent, events) = resolve(&mut driven, |sent| match *sent.to.ip() {
        EVERYBODY => vec![(NEIGHBOUR, answer(sent, 60, vec![entry(NEIGHBOUR, true)]))],
        _ => server.answer(sent),
    });
    assert_eq!(sent.iter().map(Sent::bits).collect::<Vec<_>>(), [0x0100, 0x0110]);
    assert!(
        matches!(&events[..], [Event::Found { addresses, group: true, .. }] if addresses == &[NEIGHBOUR])
    );
}

#[test]
fn all_others_in_a_group_are_found_and_we_are_not() {
    let here = [entry(OURS, true), entry(FAR, true), entry(NEIGHBOUR, true), entry(host(21), true)];
    for (node_type, asked) in [(NodeType::Hybrid, PRIMARY), (NodeType::Broadcast, EVERYBODY)] {
        let mut driven = Driven::new(settings(node_type));
        let tells = |sent: &Sent| match sent.packet.flags.opcode {
            Opcode::QUERY if *sent.to.ip() == asked => {
                let from = if asked == EVERYBODY { NEIGHBOUR } else { asked };
                vec![(from, answer(sent, 60, here.to_vec()))]
            }
            _ => Vec::new(),
        };
        // We are in it, however the servers call it.
        if node_type == NodeType::Broadcast {
            driven.node.claim(name("ANNA"), Claim::GROUP).unwrap();
            driven.pass(2 * SECOND);
            driven.events();
        }
        let (_, events) = resolve(&mut driven, tells);
        let [Event::Found { addresses, group: true, .. }] = &events[..] else { panic!("{events:?}") };
        assert_eq!(addresses, &[NEIGHBOUR, host(21), FAR]);
    }
    // A server that knows nobody but us is no help, and everybody is asked.
    let mut driven = Driven::new(settings(NodeType::Hybrid));
    let (sent, events) = resolve(&mut driven, |sent| match *sent.to.ip() {
        PRIMARY => vec![(PRIMARY, answer(sent, 60, vec![entry(OURS, true)]))],
        _ => Vec::new(),
    });
    assert_eq!(sent.iter().map(Sent::bits).collect::<Vec<_>>(), [0x0100, 0x0110, 0x0110, 0x0110]);
    assert!(matches!(&events[..], [Event::NotFound { .. }]));
}

#[test]
fn a_mixed_node_asks_everybody_and_then_a_server() {
    let mut server = NameServer::new(PRIMARY);
    server.names.insert(name("ANNA"), entry(FAR, false));
    let mut driven = Driven::new(settings(NodeType::Mixed));
    let (sent, events) = resolve(&mut driven, |sent| server.answer(sent));
    assert_eq!(sent.iter().map(Sent::bits).collect::<Vec<_>>(), [0x0110, 0x0110, 0x0110, 0x0100]);
    assert!(matches!(&events[..], [Event::Found { .. }]));
}

#[test]
fn a_point_to_point_node_asks_only_servers() {
    let mut driven = Driven::new(settings(NodeType::PointToPoint));
    let (sent, events) = resolve(&mut driven, |_| Vec::new());
    assert!(sent.iter().all(|sent| sent.bits() == 0x0100) && sent.len() == 6);
    assert!(matches!(&events[..], [_, _, Event::NotFound { .. }]));
    let (sent, events) = resolve(&mut driven, |_| Vec::new());
    assert!(
        sent.is_empty() && matches!(&events[..], [Event::NotFound { .. }]),
        "they are known to be silent"
    );
    let (sent, events) = resolve(&mut driven, |_| Vec::new());
    assert!(
        sent.len() == 6 && matches!(&events[..], [Event::NotFound { .. }]),
        "after a while they are asked again"
    );
    let mut alone = Driven::new(Settings { servers: Vec::new(), ..settings(NodeType::PointToPoint) });
    let (sent, events) = resolve(&mut alone, |_| Vec::new());
    assert!(sent.is_empty() && matches!(&events[..], [Event::NotFound { .. }]));
}

#[test]
fn only_the_server_that_was_asked_answers() {
    let mut driven = Driven::new(settings(NodeType::PointToPoint));
    let lookup = driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.sent().remove(0);
    let forged = answer(&sent, 300, vec![entry(host(66), false)]);
    for address in [SECONDARY, NEIGHBOUR, host(66)] {
        driven.hear(address, &forged);
    }
    let redirect = Packet::redirect(forged.id, name("ANNA").into(), &name("EVE").into(), FAR, 60);
    driven.hear(PRIMARY, &redirect);
    assert_eq!(driven.events(), []);
    let wait = Packet::wait(forged.id, name("ANNA").into(), 20, sent.packet.flags);
    driven.hear(PRIMARY, &wait);
    assert_eq!(driven.pass(19 * SECOND), [], "it is not asked again meanwhile");
    driven.hear(PRIMARY, &answer(&sent, 300, vec![entry(FAR, true), entry(NEIGHBOUR, true)]));
    assert_eq!(driven.events(), [found(lookup, &[NEIGHBOUR, FAR], true)]);
}

#[test]
fn a_node_tells_its_names() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    let lookup = driven.node.node_status_of(FAR, driven.now).unwrap();
    let sent = driven.pass(6 * SECOND);
    assert_eq!(sent.iter().map(Sent::brief).collect::<Vec<_>>(), [(0, FAR, 0x0000), (5000, FAR, 0x0000)]);
    assert_eq!(sent[0].packet.name(), Some(&Name::ANY.into()));
    let status = NodeStatus { names: Vec::new(), statistics: vec![1; 46] };
    let told = |id| Packet::node_status_response(id, Name::ANY.into(), status.clone(), false);
    driven.hear(NEIGHBOUR, &told(sent[0].packet.id));
    driven.hear(FAR, &told(sent[0].packet.id ^ 1));
    driven.hear(FAR, &answer(&sent[0], 0, vec![entry(FAR, false)]));
    assert_eq!(driven.events(), []);
    driven.hear(FAR, &told(sent[0].packet.id));
    driven.hear(FAR, &told(sent[0].packet.id));
    assert_eq!(driven.events(), [Event::Status { lookup, status }]);
    let lookup = driven.node.node_status_of(NEIGHBOUR, driven.now).unwrap();
    assert_eq!(driven.pass(60 * SECOND).len(), 3);
    assert_eq!(driven.events(), [Event::NotFound { lookup }]);
    let lookup = driven.node.node_status_of(Ipv4Addr::BROADCAST, driven.now).unwrap();
    assert_eq!((driven.sent(), driven.events()), (vec![], vec![Event::NotFound { lookup }]));
}

#[test]
fn only_so_many_lookups_are_under_way() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    let max = Limits::default().lookups_max;
    for number in 0..max {
        driven.node.resolve(name(&format!("N{number}")), driven.now).unwrap();
    }
    assert_eq!(driven.node.resolve(name("ANNA"), driven.now), Err(NodeError::TooMany(max)));
    assert_eq!(driven.node.node_status_of(FAR, driven.now), Err(NodeError::TooMany(max)));
    assert_eq!(driven.node.resolve(Name::ANY, driven.now), Err(NodeError::Wildcard(Name::ANY)));
    let ids: std::collections::BTreeSet<u16> = driven.sent().iter().map(|sent| sent.packet.id).collect();
    assert_eq!(ids.len(), max, "each has a number of its own");
    driven.pass(2 * SECOND);
    assert_eq!(driven.events().len(), max);
    assert!(driven.node.resolve(name("ANNA"), driven.now).is_ok());
}

#[test]
fn a_group_of_any_size_is_found_in_bounded_memory() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.resolve(name("ANNA"), driven.now).unwrap();
    let sent = driven.sent().remove(0);
    for number in 0..10_000u32 {
        let address = Ipv4Addr::from(0x0a4d_0100 + number);
        driven.hear(NEIGHBOUR, &answer(&sent, 300, vec![entry(address, true)]));
    }
    driven.pass(2 * SECOND);
    let events = driven.events();
    let [Event::Found { addresses, group: true, .. }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(addresses.len(), Limits::default().addresses_max);
}
