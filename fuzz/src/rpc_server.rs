//! Datagrams with calls on one socket. Each is preceded by its length in two bytes, little-endian; the uppermost bit
//! says that the owner answers first.

use std::net::{SocketAddr, SocketAddrV4};
use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::receiver::Answer;
use netbios::rpc::Uuid;
use netbios::rpc::pdu::Header;
use netbios::rpc::send_message::Request;
use netbios::rpc::server::{Limits, Server};

const RANDOM: [u8; 16] = [7; 16];
const ACTIVITIES_MAX: usize = 4;

pub(crate) fn run(data: &[u8]) {
    let now = Instant::now();
    let limits = Limits { activities_max: ACTIVITIES_MAX, text_chars_max: 100, ..Limits::default() };
    let mut server = Server::new(CodePage::DEFAULT, limits, 1);
    server.map_messages_to(SocketAddrV4::new([10, 77, 0, 2].into(), 1027));
    let address = SocketAddr::from(([10, 77, 0, 1], 1031));
    let mut rest = data;
    let (mut credit, mut proves) = (0usize, false);
    while let Some(([low, high], after)) = rest.split_first_chunk() {
        if high & 0x80 != 0 {
            while let Some(event) = server.poll() {
                assert!(event.message.text.chars().count() <= 100, "a text is longer than its limit");
                server.answer(event.call, Answer::Accepted, now);
            }
            while server.poll_transmit().is_some() {}
        }
        let length = usize::from(u16::from_le_bytes([*low, high & 0x7f])).min(after.len());
        let (datagram, after) = after.split_at(length);
        rest = after;
        if let Ok((header, body)) = Header::decode(datagram) {
            proves |= header.activity == Uuid(RANDOM);
            let read = Header::decode(&header.encode(body)).map(|(header, body)| (header, body.to_vec()));
            assert_eq!(read, Ok((header, body.to_vec())), "a packet does not survive");
            if let Ok(request) = Request::decode(body, header.order, 1000) {
                let stub = request.encode(header.order);
                let text = Request::decode(&stub, header.order, 1000).map(|request| request.text.len());
                assert!(text.is_ok_and(|length| length <= request.text.len()), "a call does not survive");
            }
        }
        let before = std::iter::from_fn(|| server.poll_transmit()).count();
        assert!(before <= ACTIVITIES_MAX, "more waits than allowed");
        credit += datagram.len();
        server.receive(datagram, address, RANDOM, now);
        while let Some((_, answer)) = server.poll_transmit() {
            assert!(proves || answer.len() <= credit, "an answer is larger than what came");
            credit = credit.saturating_sub(answer.len());
        }
        assert!(server.activities() <= ACTIVITIES_MAX, "more callers than allowed");
    }
}
