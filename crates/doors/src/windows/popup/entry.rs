use std::{fmt::Write, net::IpAddr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A message that another SMB server of this machine has taken, as it says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopupMessage {
    /// Who it says it is from.
    pub from: String,
    /// The computer it says it is from.
    pub machine: String,
    /// The address it came from, where that is known.
    pub address: Option<IpAddr>,
    /// The name that was called, where that is known.
    pub to: Option<String>,
    /// What it says.
    pub text: String,
}

/// By which a message is known again: the same for the same file with the same words, however often it is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopupId(String);

impl PopupMessage {
    /// The message of these bytes: text in UTF-8, whose lines end as MS-MSRP 2.2.3.1.1 or anything else would have it,
    /// and perhaps with the NUL of its sender's.
    pub fn new(from: &str, machine: &str, address: Option<&str>, to: Option<&str>, bytes: &[u8]) -> Self {
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let text = String::from_utf8_lossy(&bytes[..end]);
        let text = text.replace("\r\n", "\n").replace("\n\r", "\n").replace(['\r', '\u{14}'], "\n");
        let parsed = |text: &str| text.trim().parse::<IpAddr>().ok();
        Self {
            from: from.to_owned(),
            machine: machine.to_owned(),
            // Samba knows a computer that has told no name by its address.
            address: address
                .and_then(parsed)
                .or_else(|| parsed(machine))
                .map(|address| address.to_canonical()),
            to: to.map(str::to_owned).filter(|to| !to.trim().is_empty()),
            text: text.trim_end().to_owned(),
        }
    }
}

impl PopupId {
    /// The id of a message that came in this file: what tells the file from every other one (device, inode, the time of
    /// its last change), and the message.
    pub fn new(file: &[u8], message: &PopupMessage) -> Self {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        add(file);
        for text in
            [&message.from, &message.machine, message.to.as_deref().unwrap_or_default(), &message.text]
        {
            add(text.as_bytes());
        }
        let mut id = String::with_capacity(64);
        for byte in hash.finalize() {
            // Writing to a string succeeds.
            let _ = write!(id, "{byte:02x}");
        }
        Self(id)
    }

    /// The id of this spelling, if it is one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_id.then(|| Self(text.to_owned()))
    }

    /// Its 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        PopupMessage::new("FRED", "WS7", None, None, bytes).text
    }

    #[test]
    fn what_samba_passes_through_raw_becomes_lines() {
        assert_eq!(text("Grüße\u{14}zwei\r\ndrei\n\rvier\0\0".as_bytes()), "Grüße\nzwei\ndrei\nvier");
        assert_eq!(text(b"\xff\xfe"), "\u{fffd}\u{fffd}");
        assert_eq!(text(b"\0\0"), "");
        assert_eq!(text(b"one\n\n"), "one");
    }

    #[test]
    fn the_address_is_what_is_given_or_what_the_computer_is_known_by() {
        let address = |machine, given| PopupMessage::new("FRED", machine, given, None, b"x").address;
        let expected = Some(IpAddr::from([10, 0, 0, 7]));
        assert_eq!(address("WS7", Some("10.0.0.7")), expected);
        assert_eq!(address("10.0.0.7", None), expected);
        assert_eq!(address("WS7", Some("::ffff:10.0.0.7")), expected);
        assert_eq!(address("WS7", Some("; reboot")), None);
    }

    #[test]
    fn an_id_is_that_of_the_file_and_of_the_words() {
        let message = PopupMessage::new("FRED", "WS7", None, Some("ANNA"), b"hello");
        let id = PopupId::new(b"1", &message);
        assert_eq!(id, PopupId::new(b"1", &message.clone()));
        assert_eq!(PopupId::parse(id.as_str()), Some(id.clone()));
        assert_ne!(id, PopupId::new(b"2", &message));
        let moved = PopupMessage { from: "FREDW".into(), machine: "S7".into(), ..message };
        assert_ne!(id, PopupId::new(b"1", &moved));
        assert_eq!(PopupId::parse("../../etc/passwd"), None);
    }
}
