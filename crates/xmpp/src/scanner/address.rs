//! Addresses that are in their normal form beyond doubt.

/// Whether an address is good, and equal to what it is normalised to (RFC 7622). False for many good ones: it
/// holds for `local@domain`, `domain` and both with a resource, in ASCII, with lower-case letters, digits, `.`,
/// `_`, `-` and `+` before the `@`, and host names behind it.
pub(super) fn is_plain(address: &[u8]) -> bool {
    let (bare, resource) = match memchr::memchr(b'/', address) {
        Some(slash) => (&address[..slash], Some(&address[slash + 1..])),
        None => (address, None),
    };
    let domain = match memchr::memchr(b'@', bare) {
        Some(0) => return false,
        Some(at) if bare[..at].iter().all(|byte| has(*byte, LOCAL)) => &bare[at + 1..],
        Some(_) => return false,
        None => bare,
    };
    is_host(domain) && resource.is_none_or(|text| !text.is_empty() && text.iter().all(u8::is_ascii_graphic))
}

/// Labels of letters, digits and single hyphens between them (RFC 1123 §2.1; two hyphens are left to IDNA).
fn is_host(domain: &[u8]) -> bool {
    let (mut after_letter, mut label_length) = (false, 0_usize);
    for &byte in domain {
        if has(byte, LETTER_OR_DIGIT) {
            (after_letter, label_length) = (true, label_length + 1);
            continue;
        }
        if !after_letter || label_length > LABEL_BYTES_MAX {
            return false;
        }
        after_letter = false;
        label_length = match byte {
            b'.' => 0,
            b'-' => label_length + 1,
            _ => return false,
        };
    }
    after_letter && label_length <= LABEL_BYTES_MAX && domain.len() <= HOST_BYTES_MAX
}

/// How long a label and a host name are at most (RFC 1035 §2.3.4; without the root's dot).
const LABEL_BYTES_MAX: usize = 63;
const HOST_BYTES_MAX: usize = 253;

const LETTER_OR_DIGIT: u8 = 1;
const LOCAL: u8 = 2;

fn has(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

static CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = byte as u8;
        if character.is_ascii_lowercase() || character.is_ascii_digit() {
            table[byte] = LETTER_OR_DIGIT | LOCAL;
        } else if matches!(character, b'.' | b'_' | b'-' | b'+') {
            table[byte] = LOCAL;
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use jid::Jid;

    use super::*;

    #[test]
    fn what_is_plain_is_good_and_normal() {
        let long_label = format!("a@{}.test", "b".repeat(63));
        for plain in [
            "a@x.test",
            "anna.b_c-d+e@office.internal/Gajim.1A2B",
            "x.test",
            "x.test/r",
            "a@10.0.0.7",
            "a@localhost/a/b@c",
            "a@b-c.test",
            &long_label,
        ] {
            assert!(is_plain(plain.as_bytes()), "{plain}");
            assert_eq!(Jid::new(plain).unwrap().as_str(), plain);
        }
    }

    #[test]
    fn everything_else_is_left_to_those_who_know() {
        let long_label = format!("a@{}.test", "b".repeat(64));
        for other in [
            "",
            "@",
            "a@",
            "@x.test",
            "a@x.test/",
            "A@x.test",
            "a@X.test",
            "a@b@c",
            "a@.test",
            "a@x..test",
            "a@x.test.",
            "a@-x.test",
            "a@x-.test",
            "a@xn--a",
            "a@[::1]",
            "a b@x.test",
            "ä@x.test",
            "a@x.test/ä",
            "a@x.test/a b",
            "a@x_y.test",
            "a@b--c.test",
            &long_label,
        ] {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }
}
