//! Packets of the name service, and names with pointers. The first byte says where in the rest a name begins.

use netbios::name::{ENCODED_BYTES_MAX, ScopedName};
use netbios::name_service::Packet;

pub(crate) fn run(data: &[u8]) {
    let [start, bytes @ ..] = data else { return };
    if let Ok((name, end)) = ScopedName::decode(bytes, usize::from(*start)) {
        assert!(end <= bytes.len() && end > usize::from(*start));
        let mut encoded = Vec::new();
        name.encode_to(&mut encoded);
        assert!(encoded.len() <= ENCODED_BYTES_MAX);
        assert_eq!(ScopedName::decode(&encoded, 0), Ok((name, encoded.len())));
    }
    if let Ok(packet) = Packet::decode(bytes) {
        let encoded = packet.encode();
        assert_eq!(Packet::decode(&encoded).as_ref(), Ok(&packet), "a packet changes on its way");
        // A pointer is two bytes, and what it stands for a whole name.
        assert!(encoded.len() <= bytes.len() + 4 * ENCODED_BYTES_MAX, "a packet grows on its way");
    }
}
