//! Messages by datagrams, as WinPopup and `net send *` send them, and what only looks like them.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

use end_to_end::{
    Peer, Random, Service, ServiceOptions, alone, hexadecimal,
    lan::{BROADCAST, Lan, ROUTER},
    wait,
};
use netbios::{
    code_page::CodePage,
    datagram::{Datagram, Delivery, Header, PACKET_BYTES_MAX, PORT, SenderNodeType},
    mailslot::Message,
    name::{Name, Scope, ScopedName, Suffix},
};
use serde_json::json;

const PASSWORD: &str = "correct horse";
const OFFICE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// A service of the workgroup STAFF with two people, and a socket on the router.
struct Network {
    lan: Lan,
    service: Service,
    anna: Peer,
    berta: Peer,
    socket: UdpSocket,
    sent: u16,
}

impl Network {
    fn start() -> Self {
        Self::start_with("")
    }

    fn start_with(configuration: &str) -> Self {
        let lan = Lan::start();
        let host = Some(lan.host("office", OFFICE.octets()));
        let windows_configuration = "workgroup = \"STAFF\"\nmachine_name_to = \"user:berta\"\n".to_owned();
        let configuration = configuration.to_owned();
        let options =
            ServiceOptions { host, windows_configuration, configuration, ..ServiceOptions::default() };
        let service = Service::start(&options);
        let sign_in = |name: &str| {
            service.add_user(name, PASSWORD);
            Peer::slixmpp(&service, name, PASSWORD, json!({}))
        };
        let (anna, berta) = (sign_in("anna"), sign_in("berta"));
        let socket = UdpSocket::bind((ROUTER, PORT)).expect("the port is free");
        socket.set_broadcast(true).expect("broadcasts are allowed");
        Self { lan, service, anna, berta, socket, sent: 0 }
    }

    /// A message of FRED's to a name.
    fn datagram(&mut self, delivery: Delivery, to: Name, text: &str) -> Datagram {
        self.sent += 1;
        let message =
            Message { from: "FRED".into(), to: to.text(CodePage::DEFAULT), text: text.replace('\n', "\r\n") };
        let scoped = |name| ScopedName { name, scope: Scope::NONE };
        Datagram {
            delivery,
            header: Header {
                node_type: SenderNodeType::Broadcast,
                id: self.sent,
                source: SocketAddrV4::new(ROUTER, PORT),
            },
            first: true,
            more: false,
            offset: 0,
            from: scoped(name("FRED", Suffix::MESSENGER)),
            to: scoped(to),
            data: message.encode(CodePage::DEFAULT).expect("a message").data,
        }
    }

    fn send(&self, to: Ipv4Addr, bytes: &[u8]) {
        self.socket.send_to(bytes, (to, PORT)).expect("it can be sent");
    }

    fn assert_nothing_more_came(&mut self) {
        for peer in [&mut self.anna, &mut self.berta] {
            let leftovers = peer.leftovers();
            assert!(leftovers.iter().all(|event| event["event"] != "message"), "{leftovers:?}");
        }
    }
}

fn name(text: &str, suffix: Suffix) -> Name {
    Name::new(text, suffix, CodePage::DEFAULT).expect("a name")
}

fn staff() -> Name {
    name("STAFF", Suffix::WORKSTATION)
}

fn expect_text(peer: &mut Peer, text: &str) {
    let message = peer.expect_message(text.lines().next().unwrap_or_default());
    assert_eq!(message["body"], format!("FRED (Windows, unverified, from {ROUTER}):\n{text}"));
}

#[test]
fn messages_arrive_once_however_they_are_addressed_cut_and_repeated() {
    alone(|| {
        let mut network = Network::start();
        let one =
            network.datagram(Delivery::Unique, name("ANNA", Suffix::MESSENGER), "to one\nin lines").encode();
        network.send(OFFICE, &one);
        expect_text(&mut network.anna, "to one\nin lines");
        let machine =
            network.datagram(Delivery::Unique, name("OFFICE", Suffix::MESSENGER), "to the computer");
        network.send(OFFICE, &machine.encode());
        expect_text(&mut network.berta, "to the computer");
        let group = network.datagram(Delivery::Group, staff(), "to the workgroup").encode();
        network.send(BROADCAST, &group);
        let everybody = network.datagram(Delivery::Broadcast, Name::ANY, "to everybody").encode();
        network.send(BROADCAST, &everybody);
        let long = "A message that does not fit into a small packet. ".repeat(6);
        let long = long.trim_end();
        let whole = network.datagram(Delivery::Group, staff(), long);
        let pieces = whole.fragments(200);
        assert!(pieces.len() > 2 && whole.fragments(PACKET_BYTES_MAX).len() == 1, "it was cut small");
        for piece in &pieces {
            network.send(BROADCAST, piece);
        }
        for peer in [&mut network.anna, &mut network.berta] {
            expect_text(peer, "to the workgroup");
            expect_text(peer, "to everybody");
            expect_text(peer, long);
        }

        // What comes by two transports has two numbers.
        for _ in 0..2 {
            let again = network.datagram(Delivery::Group, staff(), "by two transports").encode();
            network.send(BROADCAST, &again);
            network.send(OFFICE, &again);
        }
        let last = network.datagram(Delivery::Group, staff(), "the last").encode();
        network.send(BROADCAST, &last);
        for peer in [&mut network.anna, &mut network.berta] {
            expect_text(peer, "by two transports");
            expect_text(peer, "the last");
        }
        network.assert_nothing_more_came();
    });
}

#[test]
fn what_is_for_others_or_comes_from_another_subnet_reaches_nobody() {
    alone(|| {
        let mut network = Network::start();
        let far = network.lan.host("far", [10, 78, 0, 9]);
        let forwarded = network.datagram(Delivery::Group, staff(), "from another subnet").encode();
        let script = "import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
                      s.bind(('10.78.0.9', 138))\ns.sendto(bytes.fromhex(sys.argv[1]), ('10.77.0.1', 138))";
        let capture = end_to_end::Capture::of("net77", "udp port 138");
        let output = far.run("/usr/bin/python3", &["-c", script, &hexadecimal(&forwarded)]);
        assert_eq!(output.code, 0, "{output:?}");
        capture.expect("nbdgm.type == 0x11 && ip.src == 10.78.0.9 && ip.dst == 10.77.0.1", 1);
        let other = network
            .datagram(Delivery::Group, name("WORKS", Suffix::WORKSTATION), "to another group")
            .encode();
        network.send(BROADCAST, &other);
        let nobody =
            network.datagram(Delivery::Unique, name("NOBODY", Suffix::MESSENGER), "to nobody").encode();
        network.send(OFFICE, &nobody);
        let last = network.datagram(Delivery::Group, staff(), "the last").encode();
        network.send(BROADCAST, &last);
        expect_text(&mut network.anna, "the last");
        expect_text(&mut network.berta, "the last");
        network.assert_nothing_more_came();
    });
}

#[test]
fn malformed_packets_do_no_harm() {
    alone(|| {
        // What is nearly good counts as messages, too: the last ones must not be refused for their number.
        let mut network = Network::start_with(
            "[limits]\nmessages_per_minute_max = 100000\nmessages_of_all_per_minute_max = 100000\n",
        );
        let good = network.datagram(Delivery::Group, staff(), "half of it").encode();
        let mut random = Random::new();
        for length in 0..good.len() {
            network.send(OFFICE, &good[..length]);
        }
        // Everything before the words.
        for place in 0..good.len() - 30 {
            let mut wrong = good.clone();
            wrong[place] ^= 1 << random.between(0, 7);
            network.send(OFFICE, &wrong);
        }
        for _ in 0..500 {
            let noise: Vec<u8> = (0..random.between(0, 600)).map(|_| random.between(0, 255) as u8).collect();
            network.send(OFFICE, &noise);
        }
        let (mut number, mut arrived) = (0, false);
        wait::until("a good message to arrive", || {
            number += 1;
            let last = network.datagram(Delivery::Group, staff(), &format!("all is well {number}")).encode();
            network.send(BROADCAST, &last);
            arrived |= network
                .anna
                .seen()
                .iter()
                .any(|event| event["body"].as_str().is_some_and(|body| body.contains("all is well")));
            arrived.then_some(())
        });
        assert_eq!(network.service.run(&["status"]).code, 0);
    });
}
