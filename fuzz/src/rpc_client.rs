//! Datagrams that come to a client. Each is preceded by its length in two bytes, little-endian; the uppermost bit says
//! that time passes first. The first byte of all says whether the client asks a mapper.

use std::net::SocketAddr;
use std::time::Instant;

use netbios::rpc::client::{Client, ClientOptions, Port};
use netbios::rpc::pdu::Header;
use netbios::sender::Outgoing;

const RECIPIENT: [u8; 4] = [10, 77, 0, 2];
/// Fragments of the longest text, so that a client that sends all of them again says no more.
const ANSWERS_MAX: usize = 64;

pub(crate) fn run(data: &[u8]) {
    let Some((first, mut rest)) = data.split_first() else { return };
    let port = if first & 1 == 0 { Port::Known(1027) } else { Port::MappedBy(135) };
    let text = if first & 2 == 0 { "hello".to_owned() } else { "hello ".repeat(500) };
    let outgoing = Outgoing { called: "SRV2".into(), from: "ANNA".into(), to: "SRV2".into(), text };
    let options = ClientOptions { port, ..ClientOptions::default() };
    let mut now = Instant::now();
    let Ok(mut client) = Client::new(&outgoing, RECIPIENT.into(), options, [[1; 16], [2; 16]], now) else {
        return;
    };
    let from = SocketAddr::from((RECIPIENT, 1027));
    while let Some(([low, high], after)) = rest.split_first_chunk() {
        if high & 0x80 != 0 {
            now = client.deadline().unwrap_or(now);
            client.handle_timeout(now);
        }
        let length = usize::from(u16::from_le_bytes([*low, high & 0x7f])).min(after.len());
        let (datagram, after) = after.split_at(length);
        rest = after;
        let known = client.outcome().cloned();
        client.receive(from, datagram, now);
        assert!(known.is_none() || client.outcome() == known.as_ref(), "an outcome changes");
        let mut answers = 0;
        while let Some((to, answer)) = client.poll_transmit() {
            assert_eq!(to.ip(), from.ip(), "somebody else is written to");
            assert!(Header::decode(&answer).is_ok(), "what is sent is no packet");
            answers += 1;
        }
        assert!(answers <= ANSWERS_MAX, "more is sent than allowed");
        assert_eq!(client.outcome().is_none(), client.deadline().is_some(), "a client waits for nothing");
    }
}
