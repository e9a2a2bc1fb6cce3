//! Nodes of ours among themselves, on a subnet that loses, delays and doubles packets.

mod support;

use std::net::Ipv4Addr;
use std::time::Duration;

use netbios::name::Name;
use netbios::name_service::node::{Claim, Event, LookupId};
use netbios::name_service::{NodeType, StatusName};
use support::node::{host, name, settings};
use support::subnet::{Subnet, Weather};

const SECOND: Duration = Duration::from_secs(1);
const ONE: Ipv4Addr = host(1);
const OTHER: Ipv4Addr = host(2);
/// A tenth is lost and a tenth comes twice, later than it is sent again.
const STORM: Weather = Weather { lost: 10, doubled: 10, delay_max: 240 };

fn two(weather: Weather, seed: u64) -> Subnet {
    let mut subnet = Subnet::new(weather, seed);
    for address in [ONE, OTHER] {
        subnet.join(address, settings(NodeType::Broadcast));
    }
    subnet
}

fn claim(subnet: &mut Subnet, address: Ipv4Addr, text: &str, claim: Claim) {
    subnet.node(address).claim(name(text), claim).expect("it can be claimed");
}

fn resolve(subnet: &mut Subnet, address: Ipv4Addr, text: &str) -> LookupId {
    let now = subnet.now;
    subnet.node(address).resolve(name(text), now).expect("it can be asked for")
}

fn owners(subnet: &mut Subnet, text: &str) -> Vec<Ipv4Addr> {
    [ONE, OTHER].into_iter().filter(|address| subnet.node(*address).owns(&name(text))).collect()
}

#[test]
fn one_finds_what_the_other_has_claimed_and_sees_its_names() {
    let mut subnet = two(Weather::FINE, 1);
    claim(&mut subnet, ONE, "ANNA", Claim::UNIQUE);
    claim(&mut subnet, ONE, "SECRET", Claim::UNIQUE.hidden());
    subnet.pass(2 * SECOND);
    let anna = resolve(&mut subnet, OTHER, "ANNA");
    let secret = resolve(&mut subnet, OTHER, "SECRET");
    let now = subnet.now;
    let status = subnet.node(OTHER).node_status_of(ONE, now).expect("it can be asked");
    subnet.pass(2 * SECOND);
    let events = subnet.events(OTHER);
    assert!(events.contains(&Event::Found { lookup: anna, addresses: vec![ONE], group: false }));
    assert!(events.contains(&Event::NotFound { lookup: secret }));
    let told = events.iter().find_map(|event| match event {
        Event::Status { lookup, status: told } if *lookup == status => Some(&told.names),
        _ => None,
    });
    let names: Vec<Name> = told.expect("a status").iter().map(|told: &StatusName| told.name).collect();
    assert_eq!(names, [name("ANNA")]);
}

#[test]
fn who_comes_first_keeps_the_name_whatever_the_weather() {
    let mut kept = 0;
    for seed in 1..200 {
        let mut subnet = two(STORM, seed);
        claim(&mut subnet, ONE, "ANNA", Claim::UNIQUE);
        subnet.pass(2 * SECOND);
        assert_eq!(owners(&mut subnet, "ANNA"), [ONE]);
        claim(&mut subnet, OTHER, "ANNA", Claim::UNIQUE);
        subnet.pass(3 * SECOND);
        kept += usize::from(owners(&mut subnet, "ANNA") == [ONE]);
    }
    // Four claims and four objections would all have to be lost.
    assert!(kept >= 195, "{kept} of 199");
}

#[test]
fn of_two_that_begin_together_one_gets_the_name() {
    let mut decided = 0;
    for seed in 1..200 {
        let mut subnet = two(Weather { lost: 0, ..STORM }, seed);
        claim(&mut subnet, ONE, "ANNA", Claim::UNIQUE);
        claim(&mut subnet, OTHER, "ANNA", Claim::UNIQUE);
        subnet.pass(3 * SECOND);
        let owners = owners(&mut subnet, "ANNA");
        assert!(owners.len() <= 1, "both have it");
        decided += usize::from(owners == [ONE]);
    }
    assert_eq!(decided, 199, "the lower address has it");
}

#[test]
fn a_name_is_found_whatever_the_weather() {
    let mut found = 0;
    for seed in 1..200 {
        let mut subnet = two(STORM, seed);
        claim(&mut subnet, ONE, "ANNA", Claim::UNIQUE);
        subnet.pass(2 * SECOND);
        let lookup = resolve(&mut subnet, OTHER, "ANNA");
        subnet.pass(2 * SECOND);
        let answers: Vec<Event> = subnet.events(OTHER);
        assert_eq!(answers.len(), 1, "however often it was answered");
        found += usize::from(answers[0] == Event::Found { lookup, addresses: vec![ONE], group: false });
    }
    assert!(found >= 190, "{found} of 199");
}

#[test]
fn a_group_has_all_its_members() {
    let mut subnet = Subnet::new(Weather { lost: 0, ..STORM }, 3);
    for number in 1..=20 {
        subnet.join(host(number), settings(NodeType::Broadcast));
        claim(&mut subnet, host(number), "OFFICE", Claim::GROUP);
    }
    subnet.pass(3 * SECOND);
    subnet.join(host(99), settings(NodeType::Broadcast));
    let lookup = resolve(&mut subnet, host(99), "OFFICE");
    subnet.pass(3 * SECOND);
    let events = subnet.events(host(99));
    let [Event::Found { lookup: answered, addresses, group: true }] = events.as_slice() else {
        panic!("{events:?}")
    };
    let mut addresses = addresses.clone();
    addresses.sort();
    assert_eq!((*answered, addresses), (lookup, (1..=20).map(host).collect()));
}

#[test]
fn a_name_that_is_given_up_can_be_had() {
    let mut subnet = two(Weather::FINE, 4);
    claim(&mut subnet, ONE, "ANNA", Claim::UNIQUE);
    subnet.pass(2 * SECOND);
    claim(&mut subnet, OTHER, "ANNA", Claim::UNIQUE);
    resolve(&mut subnet, OTHER, "ANNA");
    subnet.pass(2 * SECOND);
    subnet.node(ONE).release_all();
    subnet.pass(2 * SECOND);
    assert!(subnet.node(ONE).is_idle());
    subnet.events(OTHER);
    let lookup = resolve(&mut subnet, OTHER, "ANNA");
    subnet.pass(2 * SECOND);
    assert_eq!(subnet.events(OTHER), [Event::NotFound { lookup }], "its address is forgotten");
    subnet.pass(400 * SECOND);
    assert_eq!(owners(&mut subnet, "ANNA"), [OTHER]);
}

#[test]
fn the_name_of_a_computer_that_was_switched_off_can_be_had() {
    let mut subnet = two(Weather::FINE, 5);
    claim(&mut subnet, ONE, "ANNA", Claim::UNIQUE);
    claim(&mut subnet, OTHER, "BERT", Claim::UNIQUE);
    subnet.pass(2 * SECOND);
    subnet.leave(ONE);
    claim(&mut subnet, OTHER, "ANNA", Claim::UNIQUE);
    subnet.pass(2 * SECOND);
    assert!(subnet.node(OTHER).owns(&name("ANNA")));
}

#[test]
fn thousands_of_names_on_both_sides_come_to_rest() {
    const NAMES: usize = 1000;
    let mut subnet = two(Weather::FINE, 6);
    for number in 0..NAMES {
        claim(&mut subnet, ONE, &format!("ONE{number}"), Claim::UNIQUE);
        claim(&mut subnet, OTHER, &format!("OTHER{number}"), Claim::UNIQUE);
    }
    subnet.pass(60 * SECOND);
    assert_eq!((subnet.events(ONE).len(), subnet.events(OTHER).len()), (NAMES, NAMES));
    // Four broadcasts for each name, which both hear, and not one answer.
    assert_eq!(subnet.packets, 2 * 2 * 4 * NAMES as u64);
    let packets = subnet.packets;
    subnet.pass(Duration::from_secs(86_400));
    assert_eq!(subnet.packets, packets, "quiet for a day");
}
