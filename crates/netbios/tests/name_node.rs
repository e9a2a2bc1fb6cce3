//! A node that claims names by broadcast, defends them and answers for them, on simulated time.

mod support;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use netbios::name::{Name, Scope, ScopedName};
use netbios::name_service::node::{Claim, Event, InterfaceId, Limits, Node, NodeError, Settings};
use netbios::name_service::{
    NodeType, PACKET_BYTES_MAX, PORT, Packet, RecordData, Registration, ResponseCode,
};
use support::node::{
    Driven, EVERYBODY, FAR, HERE, NEIGHBOUR, OURS, PRIMARY, Sent, entry, host, interface, name, registration,
    settings,
};

const SECOND: Duration = Duration::from_secs(1);

/// A node that broadcasts and has this name, and another that it does not tell.
fn owner_of(text: &str, claim: Claim) -> Driven {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name(text), claim).expect("it is in order");
    driven.node.claim(name("SECRET"), Claim::UNIQUE.hidden()).expect("it is in order");
    driven.pass(2 * SECOND);
    assert_eq!(driven.events().len(), 2);
    assert!(driven.node.owns(&name(text)));
    driven
}

fn claimed(text: &str) -> Event {
    Event::Claimed { name: name(text), interface: HERE, server: None }
}

fn taken(text: &str, by: Ipv4Addr) -> Event {
    Event::Taken { name: name(text), interface: HERE, by, code: ResponseCode::ACTIVE }
}

fn objection(sent: &Sent) -> Packet {
    let claim = sent.packet.additional.as_ref().expect("a claim");
    let entry = claim.entries()[0];
    let claim = Registration { name: claim.name.clone(), flags: entry.flags, address: entry.address, ttl: 0 };
    Packet::registration_response(sent.packet.id, &claim, ResponseCode::ACTIVE)
}

#[test]
fn a_name_that_nobody_objects_to_is_ours() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    let sent = driven.pass(Duration::from_millis(749));
    let brief: Vec<_> = sent.iter().map(Sent::brief).collect();
    assert_eq!(brief, [(0, EVERYBODY, 0x2910), (250, EVERYBODY, 0x2910), (500, EVERYBODY, 0x2910)]);
    assert!(sent.iter().all(|sent| sent.to.port() == PORT));
    assert_eq!(sent[0].packet, sent[2].packet, "the same is said again");
    assert_eq!((driven.events(), driven.node.owns(&name("ANNA"))), (vec![], false));
    let sent: Vec<_> = driven.pass(100 * SECOND).iter().map(Sent::brief).collect();
    assert_eq!(sent, [(750, EVERYBODY, 0x2810)]);
    assert_eq!(driven.events(), [claimed("ANNA")]);
    assert_eq!(driven.node.deadline(), None, "nothing more is to be done");
}

#[test]
fn a_name_that_somebody_has_is_left_to_them_and_claimed_again_later() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    let sent = driven.pass_with(250 * SECOND, |sent| vec![(NEIGHBOUR, objection(sent))]);
    assert_eq!(sent.len(), 1);
    assert_eq!(driven.events(), [taken("ANNA", NEIGHBOUR)]);
    assert!(!driven.node.owns(&name("ANNA")));
    let again = driven.pass_with(130 * SECOND, |sent| vec![(NEIGHBOUR, objection(sent))]);
    assert_eq!((again.len(), driven.events()), (1, vec![]), "it is not told twice");
    driven.pass(400 * SECOND);
    assert_eq!(driven.events(), [claimed("ANNA")]);
}

#[test]
fn only_those_who_can_have_heard_the_claim_can_object() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    let first = driven.pass(Duration::from_millis(1)).remove(0);
    let sound = objection(&first);
    let other_id = Packet { id: sound.id.wrapping_add(1), ..sound.clone() };
    let about_other =
        Packet::registration_response(sound.id, &registration("BERT", OURS, false), ResponseCode::ACTIVE);
    let mut scoped = sound.clone();
    scoped.answer.as_mut().unwrap().name.scope = Scope::new("ELSEWHERE").unwrap();
    let query = Packet::negative_query_response(sound.id, name("ANNA").into(), ResponseCode::ACTIVE);
    for packet in [other_id, about_other, scoped, query] {
        driven.hear(NEIGHBOUR, &packet);
    }
    for address in [FAR, OURS, EVERYBODY, Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST] {
        driven.hear(address, &sound);
    }
    driven.hear_from(SocketAddrV4::new(NEIGHBOUR, 1024), &sound);
    driven.node.receive(InterfaceId(9), SocketAddrV4::new(NEIGHBOUR, PORT), &sound.encode(), driven.now);
    driven.pass(2 * SECOND);
    assert_eq!(driven.events(), [claimed("ANNA")]);
}

#[test]
fn a_late_objection_is_a_conflict() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    let last = driven.pass(SECOND).pop().unwrap();
    driven.hear(NEIGHBOUR, &objection(&last));
    let conflict = Event::Conflict { name: name("ANNA"), interface: HERE, by: NEIGHBOUR };
    assert_eq!(driven.events(), [claimed("ANNA"), conflict]);
    assert!(!driven.node.owns(&name("ANNA")));
}

#[test]
fn our_names_are_defended() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    for text in ["ANNA", "SECRET"] {
        for group in [false, true] {
            let claim = registration(text, NEIGHBOUR, group);
            for request in [Packet::registration(5, &claim, true), Packet::overwrite(5, &claim, true)] {
                let reply = driven.reply(NEIGHBOUR, &request).expect("an objection");
                assert_eq!(reply.to, SocketAddrV4::new(NEIGHBOUR, PORT));
                assert_eq!(reply.packet, Packet::registration_response(5, &claim, ResponseCode::ACTIVE));
            }
        }
    }
    let request = |text, address| Packet::registration(5, &registration(text, address, false), true);
    assert_eq!(driven.reply(NEIGHBOUR, &request("BERT", NEIGHBOUR)), None);
    // What is said of another name, or of one of another scope, is not about ours.
    let mut other = request("BERT", NEIGHBOUR);
    other.additional = request("ANNA", NEIGHBOUR).additional;
    assert_eq!(driven.reply(NEIGHBOUR, &other), None);
    let mut foreign = request("ANNA", NEIGHBOUR);
    foreign.additional.as_mut().expect("a claim").name.scope = Scope::new("ELSEWHERE").expect("a scope");
    assert_eq!(driven.reply(NEIGHBOUR, &foreign), None);
    assert_eq!(driven.reply(FAR, &request("ANNA", FAR)), None);
    assert_eq!(driven.reply(OURS, &request("ANNA", OURS)), None, "our own claim, heard again");
    assert!(driven.node.owns(&name("ANNA")));
}

#[test]
fn a_group_is_open_to_others_but_is_no_name_of_one() {
    let mut driven = owner_of("OFFICE", Claim::GROUP);
    let request = |group| Packet::registration(5, &registration("OFFICE", NEIGHBOUR, group), true);
    assert_eq!(driven.reply(NEIGHBOUR, &request(true)), None);
    assert!(driven.reply(NEIGHBOUR, &request(false)).is_some());
}

#[test]
fn of_two_that_claim_at_the_same_time_the_lower_address_objects() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    driven.pass(Duration::from_millis(1));
    let claim = |address| Packet::registration(5, &registration("ANNA", address, false), true);
    assert_eq!(driven.reply(host(9), &claim(host(9))), None);
    assert!(driven.reply(host(11), &claim(host(11))).is_some());
}

#[test]
fn the_subnet_learns_where_our_names_are() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let query = |text| Packet::query(5, name(text).into(), true);
    driven.hear_from(SocketAddrV4::new(NEIGHBOUR, 40_000), &query("ANNA"));
    let reply = driven.sent().pop().expect("an answer");
    assert_eq!(reply.to, SocketAddrV4::new(NEIGHBOUR, 40_000));
    assert_eq!(
        reply.packet,
        Packet::query_response(5, name("ANNA").into(), 259_200, vec![entry(OURS, false)])
    );
    assert_eq!(reply.bits(), 0x8500);
    let anybody = driven.reply(NEIGHBOUR, &Packet::query(6, Name::ANY.into(), true)).expect("an answer");
    assert_eq!(anybody.packet.answer.unwrap().entries(), [entry(OURS, false)]);
}

#[test]
fn nobody_learns_what_is_hidden_or_not_ours_and_strangers_learn_nothing() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let query = |text| Packet::query(5, name(text).into(), true);
    assert_eq!(driven.reply(NEIGHBOUR, &query("SECRET")), None);
    assert_eq!(driven.reply(NEIGHBOUR, &query("BERT")), None);
    assert_eq!(driven.reply(FAR, &query("ANNA")), None);
    let status = |name: Name| Packet::node_status_request(5, name.into());
    assert_eq!(driven.reply(FAR, &status(Name::ANY)), None);
    assert_eq!(driven.reply(NEIGHBOUR, &status(name("SECRET"))), None);
    let elsewhere = ScopedName { name: name("ANNA"), scope: Scope::new("ELSEWHERE").unwrap() };
    assert_eq!(driven.reply(NEIGHBOUR, &Packet::query(5, elsewhere, true)), None);
    driven.node.claim(name("LATER"), Claim::UNIQUE).unwrap();
    driven.pass(Duration::from_millis(300));
    assert_eq!(driven.reply(NEIGHBOUR, &query("LATER")), None, "it is not ours yet");
    let mut nothing = Driven::new(settings(NodeType::Broadcast));
    nothing.node.claim(name("SECRET"), Claim::UNIQUE.hidden()).unwrap();
    nothing.pass(2 * SECOND);
    assert_eq!(nothing.reply(NEIGHBOUR, &Packet::query(5, Name::ANY.into(), true)), None);
    assert_eq!(nothing.reply(NEIGHBOUR, &status(Name::ANY)), None);
}

#[test]
fn the_scope_of_the_node_is_that_of_its_names() {
    let scope = Scope::new("OFFICE").unwrap();
    let mut driven = Driven::new(Settings { scope: scope.clone(), ..settings(NodeType::Broadcast) });
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    let sent = driven.pass(2 * SECOND);
    let anna = ScopedName { name: name("ANNA"), scope };
    assert!(sent.len() == 4 && sent.iter().all(|sent| sent.packet.name() == Some(&anna)));
    assert!(driven.reply(NEIGHBOUR, &Packet::query(5, anna, true)).is_some());
    assert_eq!(driven.reply(NEIGHBOUR, &Packet::query(5, name("ANNA").into(), true)), None);
}

#[test]
fn a_node_status_tells_as_much_as_fits() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    driven.node.claim(name("OFFICE"), Claim::GROUP).unwrap();
    driven.node.claim(name("SECRET"), Claim::UNIQUE.hidden()).unwrap();
    driven.pass(2 * SECOND);
    let told = |driven: &mut Driven, asked: Name| {
        let reply =
            driven.reply(NEIGHBOUR, &Packet::node_status_request(5, asked.into())).expect("an answer");
        assert!(reply.packet.encode().len() <= PACKET_BYTES_MAX);
        let truncated = reply.packet.flags.truncated;
        let Some(RecordData::NodeStatus(status)) = reply.packet.answer.map(|answer| answer.data) else {
            panic!("a node status")
        };
        let names: Vec<_> = status.names.iter().map(|name| (name.name, name.flags.group)).collect();
        (names, truncated)
    };
    let both = vec![(name("ANNA"), false), (name("OFFICE"), true)];
    assert_eq!(told(&mut driven, Name::ANY), (both.clone(), false));
    assert_eq!(told(&mut driven, name("OFFICE")), (both, false));
    for number in 0..300 {
        driven.node.claim(name(&format!("N{number}")), Claim::UNIQUE).unwrap();
    }
    driven.pass(60 * SECOND);
    let (names, truncated) = told(&mut driven, Name::ANY);
    assert_eq!((names.len(), truncated), (26, true));
}

#[test]
fn a_flood_of_questions_gets_a_trickle_of_answers() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let limits = Limits::default();
    let query = Packet::query(5, name("ANNA").into(), true);
    for _ in 0..10_000 {
        driven.hear(NEIGHBOUR, &query);
    }
    assert_eq!(driven.sent().len(), limits.answers_per_second_each as usize);
    for number in 0..10_000u32 {
        driven.hear(host((number % 200 + 30) as u8), &query);
    }
    assert_eq!(driven.sent().len(), (limits.answers_per_second - limits.answers_per_second_each) as usize);
    driven.pass(SECOND);
    assert!(driven.reply(NEIGHBOUR, &query).is_some());
    let status = Packet::node_status_request(5, Name::ANY.into());
    for _ in 0..10_000 {
        driven.hear(NEIGHBOUR, &status);
    }
    assert_eq!(driven.sent().len(), limits.answers_per_second_each as usize - 1);
}

#[test]
fn a_flood_of_questions_does_not_keep_us_from_defending_our_names() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let query = Packet::query(5, name("ANNA").into(), true);
    for number in 0..10_000u32 {
        driven.hear(host((number % 200 + 30) as u8), &query);
    }
    driven.hear(host(30), &query);
    driven.sent();
    let claim = Packet::registration(6, &registration("ANNA", host(30), false), true);
    let objection = driven.reply(host(30), &claim).expect("an objection");
    assert_eq!(objection.packet.flags.code, ResponseCode::ACTIVE);
    // Objections have a limit too.
    for _ in 0..100 {
        driven.hear(host(30), &claim);
    }
    assert_eq!(driven.sent().len(), Limits::default().objections_per_second_each as usize - 1);
}

#[test]
fn a_conflict_is_believed_of_who_has_asked_for_the_name() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let demand = |id| Packet::conflict_demand(id, &registration("ANNA", OURS, false));
    driven.hear(NEIGHBOUR, &demand(5));
    assert!(driven.reply(NEIGHBOUR, &Packet::query(5, name("ANNA").into(), true)).is_some());
    driven.hear(NEIGHBOUR, &demand(6));
    driven.hear(host(21), &demand(5));
    driven.hear(FAR, &demand(5));
    assert_eq!(driven.events(), []);
    driven.hear(NEIGHBOUR, &demand(5));
    let conflict = Event::Conflict { name: name("ANNA"), interface: HERE, by: NEIGHBOUR };
    assert_eq!(driven.events(), [conflict]);
    assert_eq!(driven.reply(NEIGHBOUR, &Packet::query(7, name("ANNA").into(), true)), None);
    driven.pass(400 * SECOND);
    assert_eq!(driven.events(), [claimed("ANNA")], "it is claimed again");
    assert!(driven.reply(NEIGHBOUR, &Packet::query(8, name("ANNA").into(), true)).is_some());
    driven.pass(6 * SECOND);
    driven.hear(NEIGHBOUR, &demand(8));
    assert_eq!(driven.events(), [], "that was too long ago");
}

#[test]
fn a_release_of_others_takes_nothing_from_us() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    for address in [NEIGHBOUR, PRIMARY] {
        let release = Packet::release(1, &registration("ANNA", OURS, false), true);
        assert_eq!(driven.reply(address, &release), None);
    }
    assert!(driven.node.owns(&name("ANNA")));
}

#[test]
fn giving_up_is_told_to_everybody() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let begin = driven.now - driven.start;
    driven.node.release_all();
    assert!(!driven.node.owns(&name("ANNA")) && !driven.node.is_idle());
    let sent = driven.pass(2 * SECOND);
    let anna: Vec<_> = sent.iter().filter(|sent| sent.packet.name() == Some(&name("ANNA").into())).collect();
    let brief: Vec<_> = anna.iter().map(|sent| ((sent.at - begin).as_millis(), sent.bits())).collect();
    assert_eq!(brief, [(0, 0x3010), (250, 0x3010), (500, 0x3010)]);
    let released = |text| Event::Released { name: name(text), interface: HERE };
    assert_eq!(driven.events(), [released("ANNA"), released("SECRET")]);
    assert!(driven.node.is_idle() && driven.node.deadline().is_none());
}

#[test]
fn a_name_that_nobody_knows_of_is_given_up_in_silence_and_can_come_back() {
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    driven.node.release(name("ANNA"));
    driven.node.release(name("BERT"));
    assert_eq!(driven.pass(SECOND), []);
    assert_eq!(driven.events(), [Event::Released { name: name("ANNA"), interface: HERE }]);
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    driven.pass(SECOND);
    driven.node.release(name("ANNA"));
    driven.pass(Duration::from_millis(100));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    let sent: Vec<_> = driven.pass(2 * SECOND).iter().map(Sent::bits).collect();
    assert_eq!(sent, [0x2910, 0x2910, 0x2910, 0x2810]);
    assert_eq!(driven.events(), [claimed("ANNA"), claimed("ANNA")]);
}

#[test]
fn interfaces_come_go_and_change() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let second = InterfaceId(2);
    let there = Ipv4Addr::new(192, 168, 5, 4);
    driven.node.set_interface(interface(HERE, OURS));
    assert_eq!(driven.pass(SECOND), [], "nothing has changed");
    driven.node.set_interface(interface(second, there));
    let sent = driven.pass(2 * SECOND);
    assert!(sent.len() == 8 && sent.iter().all(|sent| *sent.to.ip() == Ipv4Addr::new(192, 168, 5, 255)));
    assert_eq!(driven.events().len(), 2);
    // An answer has the address of the interface by which the question came.
    let query = Packet::query(5, name("ANNA").into(), true).encode();
    driven.node.receive(second, SocketAddrV4::new(Ipv4Addr::new(192, 168, 5, 9), PORT), &query, driven.now);
    driven.node.receive(second, SocketAddrV4::new(NEIGHBOUR, PORT), &query, driven.now);
    let answers = driven.sent();
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].packet.answer.as_ref().unwrap().entries(), [entry(there, false)]);
    driven.node.remove_interface(HERE);
    assert!(driven.node.owns(&name("ANNA")));
    driven.node.set_interface(interface(second, Ipv4Addr::new(192, 168, 5, 6)));
    assert!(!driven.node.owns(&name("ANNA")), "it is claimed anew for another address");
    assert_eq!(driven.pass(2 * SECOND).len(), 8);
    let mut gone = interface(second, there);
    gone.addresses.clear();
    driven.node.set_interface(gone);
    assert!(driven.node.is_idle());
}

#[test]
fn all_addresses_of_an_interface_are_told_and_the_first_claims() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let mut both = interface(HERE, OURS);
    both.addresses.push(host(11));
    driven.node.set_interface(both);
    let sent = driven.pass(2 * SECOND);
    assert!(
        sent.iter().all(|sent| sent.packet.additional.as_ref().unwrap().entries() == [entry(OURS, false)])
    );
    let reply = driven.reply(NEIGHBOUR, &Packet::query(5, name("ANNA").into(), true)).unwrap();
    assert_eq!(reply.packet.answer.unwrap().entries(), [entry(OURS, false), entry(host(11), false)]);
    assert_eq!(driven.reply(host(11), &Packet::query(5, name("ANNA").into(), true)), None, "that is us");
}

#[test]
fn what_cannot_be_claimed_is_refused() {
    let limits = Limits { names_max: 2, ..Limits::default() };
    let mut node = Node::new(Settings { limits, ..Settings::default() }, [0; 32], std::time::Instant::now());
    assert_eq!(node.claim(Name::ANY, Claim::UNIQUE), Err(NodeError::Wildcard(Name::ANY)));
    assert_eq!(node.claim(Name::SMB_SERVER, Claim::UNIQUE), Err(NodeError::Wildcard(Name::SMB_SERVER)));
    for text in ["A", "B", "A"] {
        assert_eq!(node.claim(name(text), Claim::UNIQUE), Ok(()));
    }
    assert_eq!(node.claim(name("C"), Claim::UNIQUE), Err(NodeError::TooMany(2)));
}

#[test]
fn thousands_of_names_are_claimed_evenly() {
    const NAMES: usize = 5000;
    let mut driven = Driven::new(settings(NodeType::Broadcast));
    for number in 0..NAMES {
        driven.node.claim(name(&format!("USER{number}")), Claim::UNIQUE).unwrap();
    }
    let sent = driven.pass(205 * SECOND);
    assert_eq!(sent.len(), 4 * NAMES);
    assert_eq!(driven.events().len(), NAMES);
    let limits = Limits::default();
    let most = (limits.packets_per_second + limits.packets_at_once) as usize;
    let mut from = 0;
    for (to, packet) in sent.iter().enumerate() {
        while packet.at - sent[from].at >= SECOND {
            from += 1;
        }
        assert!(to + 1 - from <= most, "{} packets in the second before {:?}", to + 1 - from, packet.at);
    }
    let first_owned = sent.iter().find(|sent| sent.bits() == 0x2810).unwrap();
    assert!(first_owned.at < 2 * SECOND, "what was begun comes to its end before the next begins");
}

#[test]
fn what_is_no_packet_or_makes_no_sense_is_ignored() {
    let mut driven = owner_of("ANNA", Claim::UNIQUE);
    let from = SocketAddrV4::new(NEIGHBOUR, PORT);
    let whole = Packet::registration(5, &registration("ANNA", NEIGHBOUR, false), true).encode();
    for length in 0..whole.len() {
        driven.node.receive(HERE, from, &whole[..length], driven.now);
    }
    for flags in 0..=u16::MAX {
        // Neither a question nor an answer.
        let mut bytes = vec![0, 5];
        bytes.extend(flags.to_be_bytes());
        bytes.extend([0; 8]);
        driven.node.receive(HERE, from, &bytes, driven.now);
        // An answer with no open transaction.
        let mut bytes =
            Packet::query_response(5, name("ANNA").into(), 1, vec![entry(NEIGHBOUR, false)]).encode();
        bytes[2..4].copy_from_slice(&(flags | 0x8000).to_be_bytes());
        driven.node.receive(HERE, from, &bytes, driven.now);
    }
    assert_eq!((driven.sent(), driven.events()), (vec![], vec![]));
    assert!(driven.node.owns(&name("ANNA")));
}
