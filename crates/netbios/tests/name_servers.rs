//! A node that registers names with name servers (WINS), alone or beside broadcasts, on simulated time.

mod support;

use std::net::Ipv4Addr;
use std::time::Duration;

use netbios::name_service::node::{Claim, Event, InterfaceId, Limits, Settings};
use netbios::name_service::{NodeType, Opcode, Packet, ResponseCode};
use support::node::{
    Driven, EVERYBODY, HERE, NEIGHBOUR, NameServer, OURS, PRIMARY, SECONDARY, Sent, entry, interface, name,
    registration, settings,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn node(node_type: NodeType) -> Driven {
    let mut driven = Driven::new(settings(node_type));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).expect("it is in order");
    driven
}

fn claimed(server: Option<Ipv4Addr>) -> Event {
    Event::Claimed { name: name("ANNA"), interface: HERE, server }
}

fn silent(server: Ipv4Addr) -> Event {
    Event::ServerSilent { server, interface: HERE }
}

fn brief(sent: &[Sent]) -> Vec<(u128, Ipv4Addr, u16)> {
    sent.iter().map(Sent::brief).collect()
}

#[test]
fn a_name_is_registered_and_refreshed_before_its_time_is_over() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(PRIMARY);
    let sent = driven.pass_with(SECOND, |sent| server.answer(sent));
    assert_eq!(brief(&sent), [(0, PRIMARY, 0x2900)]);
    let record = sent[0].packet.additional.as_ref().unwrap();
    assert_eq!((record.ttl, record.entries()[0].flags.node_type), (259_200, NodeType::PointToPoint));
    assert_eq!(driven.events(), [claimed(Some(PRIMARY))]);
    let sent = driven.pass_with(1000 * SECOND, |sent| server.answer(sent));
    let [first, second] = sent.as_slice() else { panic!("two refreshes, got {sent:?}") };
    for (refresh, since) in [(first, Duration::ZERO), (second, first.at)] {
        assert_eq!((*refresh.to.ip(), refresh.bits()), (PRIMARY, 0x4000));
        let after = refresh.at - since;
        assert!((375 * SECOND..=500 * SECOND).contains(&after), "{after:?} of 1,000 s");
    }
    assert_ne!(first.packet.id, second.packet.id);
    assert_eq!(driven.events(), []);
}

#[test]
fn a_registration_that_never_ends_is_not_refreshed_and_one_that_hardly_lasts_not_all_the_time() {
    for (ttl, refreshes) in [(0, 0), (1, 359)] {
        let mut driven = node(NodeType::PointToPoint);
        let mut server = NameServer { ttl, ..NameServer::new(PRIMARY) };
        let sent = driven.pass_with(HOUR, |sent| server.answer(sent));
        assert!(sent.len() - 1 <= refreshes + 1 && sent.len() > refreshes, "{}", sent.len());
    }
}

#[test]
fn a_server_that_has_forgotten_a_name_is_told_anew() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(SECOND, |sent| server.answer(sent));
    server.names.clear();
    let sent = driven.pass_with(500 * SECOND, |sent| server.answer(sent));
    assert_eq!(sent.iter().map(Sent::bits).collect::<Vec<_>>(), [0x4000, 0x2900]);
    assert!(server.names.contains_key(&name("ANNA")));
}

#[test]
fn a_lost_request_is_sent_again_and_then_the_next_server_is_asked() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(SECONDARY);
    let sent = driven.pass_with(30 * SECOND, |sent| server.answer(sent));
    let expected = [
        (0, PRIMARY, 0x2900),
        (5000, PRIMARY, 0x2900),
        (10_000, PRIMARY, 0x2900),
        (15_000, SECONDARY, 0x2900),
    ];
    assert_eq!(brief(&sent), expected);
    assert_eq!(sent[0].packet.id, sent[2].packet.id);
    assert_ne!(sent[0].packet.id, sent[3].packet.id);
    assert_eq!(driven.events(), [silent(PRIMARY), claimed(Some(SECONDARY))]);
    // When it is time to refresh, the preferred server is tried again.
    let mut primary = NameServer::new(PRIMARY);
    let sent = driven.pass_with(500 * SECOND, |sent| primary.answer(sent));
    assert_eq!((*sent[0].to.ip(), sent[0].bits()), (PRIMARY, 0x2900));
    let answers = Event::ServerAnswers { server: PRIMARY, interface: HERE };
    assert_eq!(driven.events(), [answers, claimed(Some(PRIMARY))]);
}

#[test]
fn when_all_servers_are_lost_one_name_tries_for_all_until_one_answers() {
    const NAMES: usize = 500;
    let mut driven = Driven::new(settings(NodeType::PointToPoint));
    for number in 0..NAMES {
        driven.node.claim(name(&format!("USER{number}")), Claim::UNIQUE).unwrap();
    }
    driven.pass(60 * SECOND);
    assert_eq!(driven.events(), [silent(PRIMARY), silent(SECONDARY)]);
    let hour = driven.pass(HOUR);
    // Three packets to each server, once in a minute and the time that it takes.
    assert!((100..=400).contains(&hour.len()), "{}", hour.len());
    assert_eq!(driven.events(), []);
    let mut server = NameServer::new(SECONDARY);
    driven.pass_with(120 * SECOND, |sent| server.answer(sent));
    assert_eq!(server.names.len(), NAMES);
    let events = driven.events();
    assert_eq!(events[0], Event::ServerAnswers { server: SECONDARY, interface: HERE });
    assert_eq!(events.len(), NAMES + 1);
}

#[test]
fn a_name_that_somebody_has_registered_is_left_to_them() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(PRIMARY);
    server.names.insert(name("ANNA"), entry(NEIGHBOUR, false));
    driven.pass_with(SECOND, |sent| server.answer(sent));
    let code = ResponseCode::ACTIVE;
    assert_eq!(driven.events(), [Event::Taken { name: name("ANNA"), interface: HERE, by: PRIMARY, code }]);
    server.names.clear();
    driven.pass_with(400 * SECOND, |sent| server.answer(sent));
    assert_eq!(driven.events(), [claimed(Some(PRIMARY))]);
}

#[test]
fn a_server_that_gives_a_name_to_somebody_else_is_obeyed() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(SECOND, |sent| server.answer(sent));
    driven.events();
    server.names.insert(name("ANNA"), entry(NEIGHBOUR, false));
    driven.pass_with(500 * SECOND, |sent| server.answer(sent));
    assert_eq!(driven.events(), [Event::Conflict { name: name("ANNA"), interface: HERE, by: PRIMARY }]);
}

#[test]
fn only_the_server_that_has_registered_a_name_takes_it_away() {
    let mut driven = node(NodeType::PointToPoint);
    driven.node.claim(name("OFFICE"), Claim::GROUP).unwrap();
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(SECOND, |sent| server.answer(sent));
    driven.events();
    let demand = |text, group| Packet::conflict_demand(1, &registration(text, OURS, group));
    driven.hear(SECONDARY, &demand("ANNA", false));
    driven.hear(NEIGHBOUR, &demand("ANNA", false));
    driven.hear(PRIMARY, &demand("OFFICE", true));
    assert_eq!(driven.events(), [], "another server, somebody, and a name of many");
    driven.hear(PRIMARY, &demand("ANNA", false));
    assert_eq!(driven.events(), [Event::Conflict { name: name("ANNA"), interface: HERE, by: PRIMARY }]);
}

#[test]
fn a_server_that_refuses_is_asked_again_later() {
    for (node_type, owned) in [(NodeType::PointToPoint, false), (NodeType::Hybrid, true)] {
        let mut driven = node(node_type);
        let code = ResponseCode::REFUSED;
        let refuse = |sent: &Sent| {
            let refusal =
                Packet::registration_response(sent.packet.id, &registration("ANNA", OURS, false), code);
            if *sent.to.ip() == PRIMARY { vec![(PRIMARY, refusal)] } else { Vec::new() }
        };
        driven.pass_with(10 * SECOND, refuse);
        let refused = Event::Refused { name: name("ANNA"), interface: HERE, server: PRIMARY, code };
        assert_eq!(driven.events()[0], refused);
        assert_eq!(driven.node.owns(&name("ANNA")), owned);
        let mut server = NameServer::new(PRIMARY);
        driven.pass_with(400 * SECOND, |sent| server.answer(sent));
        assert_eq!(driven.events().last(), Some(&claimed(Some(PRIMARY))));
    }
}

#[test]
fn a_server_may_take_its_time_but_not_for_ever() {
    let mut driven = node(NodeType::PointToPoint);
    let wait = |sent: &Sent, seconds| {
        let packet = Packet::wait(sent.packet.id, name("ANNA").into(), seconds, sent.packet.flags);
        vec![(*sent.to.ip(), packet)]
    };
    let sent = driven.pass_with(19 * SECOND, |sent| wait(sent, 20));
    assert_eq!(sent.len(), 1, "nothing is sent again while it waits");
    let granted = Packet::registration_response(
        sent[0].packet.id,
        &registration("ANNA", OURS, false),
        ResponseCode::SUCCESS,
    );
    driven.hear(PRIMARY, &granted);
    assert_eq!(driven.events(), [claimed(Some(PRIMARY))]);
    let mut driven = node(NodeType::PointToPoint);
    let sent = driven.pass_with(400 * SECOND, |sent| wait(sent, u32::MAX));
    assert_eq!(driven.events()[0], silent(PRIMARY));
    assert!(sent.iter().any(|sent| *sent.to.ip() == SECONDARY));
}

#[test]
fn only_the_server_that_was_asked_is_believed() {
    let mut driven = node(NodeType::PointToPoint);
    let sent = driven.pass(Duration::from_millis(1)).remove(0);
    let grant =
        |id, text| Packet::registration_response(id, &registration(text, OURS, false), ResponseCode::SUCCESS);
    for address in [SECONDARY, NEIGHBOUR, EVERYBODY, OURS] {
        driven.hear(address, &grant(sent.packet.id, "ANNA"));
    }
    driven.hear(PRIMARY, &grant(sent.packet.id ^ 1, "ANNA"));
    driven.hear(PRIMARY, &grant(sent.packet.id, "BERT"));
    driven.hear_from(std::net::SocketAddrV4::new(PRIMARY, 1024), &grant(sent.packet.id, "ANNA"));
    assert_eq!(driven.events(), []);
    driven.hear(PRIMARY, &grant(sent.packet.id, "ANNA"));
    driven.hear(PRIMARY, &grant(sent.packet.id, "ANNA"));
    assert_eq!(driven.events(), [claimed(Some(PRIMARY))]);
}

/// A server that leaves it to us to ask the one who has the name.
fn challenge(sent: &Sent) -> Vec<(Ipv4Addr, Packet)> {
    let owner = registration("ANNA", NEIGHBOUR, false);
    match (*sent.to.ip(), sent.packet.flags.opcode, sent.packet.flags.recursion_desired) {
        (PRIMARY, Opcode::REGISTRATION, true) => {
            vec![(PRIMARY, Packet::challenge_registration_response(sent.packet.id, &owner))]
        }
        (PRIMARY, Opcode::REGISTRATION, false) => {
            let ours = registration("ANNA", OURS, false);
            vec![(PRIMARY, Packet::registration_response(sent.packet.id, &ours, ResponseCode::SUCCESS))]
        }
        _ => Vec::new(),
    }
}

#[test]
fn an_owner_that_does_not_answer_loses_the_name() {
    let mut driven = node(NodeType::PointToPoint);
    let sent = driven.pass_with(30 * SECOND, challenge);
    let expected = [
        (0, PRIMARY, 0x2900),
        (0, NEIGHBOUR, 0x0100),
        (5000, NEIGHBOUR, 0x0100),
        (10_000, NEIGHBOUR, 0x0100),
        (15_000, PRIMARY, 0x2800),
    ];
    assert_eq!(brief(&sent), expected);
    assert_eq!(driven.events(), [claimed(Some(PRIMARY))]);
}

#[test]
fn an_owner_that_answers_keeps_the_name_and_one_that_denies_does_not() {
    for keeps in [true, false] {
        let mut driven = node(NodeType::PointToPoint);
        driven.pass_with(SECOND, |sent| {
            let (id, name) = (sent.packet.id, name("ANNA").into());
            match (*sent.to.ip(), keeps) {
                (NEIGHBOUR, true) => {
                    vec![(NEIGHBOUR, Packet::query_response(id, name, 60, vec![entry(NEIGHBOUR, false)]))]
                }
                (NEIGHBOUR, false) => {
                    let code = ResponseCode::NO_SUCH_NAME;
                    vec![(NEIGHBOUR, Packet::negative_query_response(id, name, code))]
                }
                _ => challenge(sent),
            }
        });
        let code = ResponseCode::ACTIVE;
        let taken = Event::Taken { name: name("ANNA"), interface: HERE, by: NEIGHBOUR, code };
        assert_eq!(driven.events(), [if keeps { taken } else { claimed(Some(PRIMARY)) }]);
    }
}

#[test]
fn a_hybrid_node_asks_servers_first_and_does_without_them() {
    let mut driven = node(NodeType::Hybrid);
    let mut server = NameServer::new(PRIMARY);
    let sent = driven.pass_with(5 * SECOND, |sent| server.answer(sent));
    assert_eq!(brief(&sent), [(0, PRIMARY, 0x2900)], "no broadcast");
    let mut driven = node(NodeType::Hybrid);
    let sent = driven.pass(35 * SECOND);
    assert_eq!(brief(&sent)[5], (25_000, SECONDARY, 0x2900));
    let after: Vec<_> = sent[6..].iter().map(Sent::brief).collect();
    let all = |at, bits| (at, EVERYBODY, bits);
    assert_eq!(after, [all(30_000, 0x2910), all(30_250, 0x2910), all(30_500, 0x2910), all(30_750, 0x2810)]);
    assert_eq!(driven.events(), [silent(PRIMARY), silent(SECONDARY), claimed(None)]);
    driven.pass_with(120 * SECOND, |sent| server.answer(sent));
    let answers = Event::ServerAnswers { server: PRIMARY, interface: HERE };
    assert_eq!(driven.events(), [answers, claimed(Some(PRIMARY))]);
    assert!(driven.node.owns(&name("ANNA")));
}

#[test]
fn a_mixed_node_broadcasts_first_and_then_tells_servers() {
    let mut driven = node(NodeType::Mixed);
    let mut server = NameServer::new(PRIMARY);
    let sent = driven.pass_with(5 * SECOND, |sent| server.answer(sent));
    let all = |at, bits| (at, EVERYBODY, bits);
    let expected =
        [all(0, 0x2910), all(250, 0x2910), all(500, 0x2910), all(750, 0x2810), (1750, PRIMARY, 0x2900)];
    assert_eq!(brief(&sent), expected);
    assert_eq!(driven.events(), [claimed(None), claimed(Some(PRIMARY))]);
    let mut driven = node(NodeType::Mixed);
    driven.pass(HOUR);
    assert_eq!(driven.events(), [claimed(None), silent(PRIMARY), silent(SECONDARY)]);
    assert!(driven.node.owns(&name("ANNA")));
}

#[test]
fn without_servers_a_hybrid_node_broadcasts_and_a_point_to_point_node_waits() {
    let alone = |node_type| Driven::new(Settings { servers: Vec::new(), ..settings(node_type) });
    for node_type in [NodeType::Hybrid, NodeType::Mixed, NodeType::PointToPoint] {
        let mut driven = alone(node_type);
        driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
        let sent = driven.pass(HOUR);
        assert_eq!(sent.len(), if node_type == NodeType::PointToPoint { 0 } else { 4 });
        assert_eq!(driven.node.deadline(), None, "there is nobody to wait for");
    }
}

#[test]
fn names_that_wait_for_a_server_wait_for_no_name_that_was_given_up() {
    let mut driven = node(NodeType::PointToPoint);
    driven.node.claim(name("BERT"), Claim::UNIQUE).unwrap();
    driven.pass(60 * SECOND);
    assert_eq!(driven.events(), [silent(PRIMARY), silent(SECONDARY)]);
    // The one that asks for all is given up before there is an answer, and a moment later a server lives again.
    let sent = driven.pass(20 * SECOND);
    let asks = sent.last().and_then(|sent| sent.packet.name()).expect("a server is asked again").name;
    driven.node.release(asks);
    driven.pass(5 * SECOND);
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(120 * SECOND, |sent| server.answer(sent));
    let other = if asks == name("ANNA") { name("BERT") } else { name("ANNA") };
    assert_eq!(server.names.keys().copied().collect::<Vec<_>>(), [other]);
    assert!(driven.node.owns(&other));
}

#[test]
fn giving_up_is_told_to_the_server_until_it_has_heard() {
    let mut driven = node(NodeType::Hybrid);
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(SECOND, |sent| server.answer(sent));
    driven.node.release(name("ANNA"));
    server.alive = false;
    let sent = driven.pass_with(Duration::from_millis(300), |sent| server.answer(sent));
    assert_eq!(brief(&sent), [(1000, PRIMARY, 0x3000), (1250, PRIMARY, 0x3000)]);
    server.alive = true;
    let sent = driven.pass_with(2 * SECOND, |sent| server.answer(sent));
    assert_eq!(sent.iter().map(Sent::bits).collect::<Vec<_>>(), [0x3000, 0x3010, 0x3010, 0x3010]);
    assert!(server.names.is_empty() && driven.node.is_idle());
    assert_eq!(driven.events().last(), Some(&Event::Released { name: name("ANNA"), interface: HERE }));
}

#[test]
fn giving_up_comes_to_an_end_without_a_server() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(SECOND, |sent| server.answer(sent));
    driven.node.release_all();
    assert_eq!(driven.pass(2 * SECOND).len(), 3);
    assert!(driven.node.is_idle());
}

#[test]
fn a_computer_with_several_addresses_says_so() {
    let mut driven = Driven::new(settings(NodeType::PointToPoint));
    driven.node.set_interface(interface(InterfaceId(2), Ipv4Addr::new(192, 168, 5, 4)));
    driven.node.claim(name("ANNA"), Claim::UNIQUE).unwrap();
    driven.node.claim(name("OFFICE"), Claim::GROUP).unwrap();
    let sent = driven.pass(Duration::from_millis(1));
    let bits = |text| {
        let about = sent.iter().filter(|sent| sent.packet.name() == Some(&name(text).into()));
        about.map(Sent::bits).collect::<Vec<_>>()
    };
    assert_eq!((bits("ANNA"), bits("OFFICE")), (vec![0x7900; 2], vec![0x2900; 2]));
}

#[test]
fn a_server_may_see_whether_a_name_is_still_in_use() {
    let mut driven = node(NodeType::PointToPoint);
    let mut server = NameServer::new(PRIMARY);
    driven.pass_with(SECOND, |sent| server.answer(sent));
    let reply = driven.reply(PRIMARY, &Packet::query(5, name("ANNA").into(), false)).expect("an answer");
    assert_eq!(reply.packet.answer.unwrap().entries()[0].address, OURS);
    let status = Packet::node_status_request(5, name("ANNA").into());
    assert_eq!(driven.reply(PRIMARY, &status), None, "an answer far longer than the question");
    assert_eq!(
        driven.reply(PRIMARY, &Packet::registration(5, &registration("ANNA", PRIMARY, false), false)),
        None
    );
}

#[test]
fn thousands_of_names_are_registered_and_refreshed_evenly() {
    const NAMES: usize = 3000;
    let mut driven = Driven::new(settings(NodeType::PointToPoint));
    for number in 0..NAMES {
        driven.node.claim(name(&format!("USER{number}")), Claim::UNIQUE).unwrap();
    }
    let mut server = NameServer::new(PRIMARY);
    let sent = driven.pass_with(740 * SECOND, |sent| server.answer(sent));
    assert_eq!((server.names.len(), sent.len()), (NAMES, 2 * NAMES));
    let limits = Limits::default();
    let most = (limits.packets_per_second + limits.packets_at_once) as usize;
    let mut seconds = vec![0; 740];
    sent.iter().for_each(|sent| seconds[sent.at.as_secs() as usize] += 1);
    assert!(seconds.iter().all(|count| *count <= most), "{seconds:?}");
}
