//! Packets of the datagram service, one after the other with two bytes of length before each, from a few computers.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use netbios::code_page::CodePage;
use netbios::datagram::{Packet, Reassembler, ReassemblyLimits, Recent};
use netbios::mailslot::{Message, MessageLimits, Write};

pub(crate) fn run(data: &[u8]) {
    let limits =
        ReassemblyLimits { data_bytes_max: 600, waiting_max: 4, waiting_of_one_max: 2, ..Default::default() };
    let retained_max = limits.data_bytes_max * limits.waiting_max;
    let mut reassembler = Reassembler::new(limits.clone());
    let mut recent = Recent::new(Duration::from_secs(5), 4);
    let mut now = Instant::now();
    let mut rest = data;
    while let [time, high, low, following @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let (bytes, following) = following.split_at(length.min(following.len()));
        rest = following;
        now += Duration::from_millis(u64::from(*time) * 10);
        let Ok(packet) = Packet::decode(bytes) else { continue };
        assert_eq!(Packet::decode(&packet.encode()).as_ref(), Ok(&packet), "a packet changes on its way");
        let Packet::Datagram(datagram) = packet else { continue };
        let from = Ipv4Addr::new(10, 0, 0, time & 3);
        let whole = reassembler.receive(from, datagram, now);
        assert!(reassembler.retained_bytes() <= retained_max, "more is held than the limits allow");
        assert!(reassembler.deadline().is_none_or(|deadline| deadline > now));
        let Some(datagram) = whole else { continue };
        assert!(datagram.is_whole() && datagram.data.len() <= limits.data_bytes_max);
        let Ok(write) = Write::decode(&datagram.data) else { continue };
        if let Ok(message) = Message::decode(write.data, CodePage::DEFAULT, &MessageLimits::default()) {
            recent.is_repeat(&message, now);
            assert!(recent.is_repeat(&message, now), "what was just said is not remembered");
        }
    }
}
