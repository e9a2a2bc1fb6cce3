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
        Some(at) if bare[..at].iter().all(|byte| is_local(*byte)) => &bare[at + 1..],
        Some(_) => return false,
        None => bare,
    };
    is_host(domain) && resource.is_none_or(|text| !text.is_empty() && text.iter().all(u8::is_ascii_graphic))
}

fn is_local(byte: u8) -> bool {
    is_letter_or_digit(byte) || matches!(byte, b'.' | b'_' | b'-' | b'+')
}

fn is_letter_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Labels of letters, digits and single hyphens between them (RFC 1123 §2.1; two hyphens are left to IDNA).
fn is_host(domain: &[u8]) -> bool {
    // As if a dot stood before and after the domain, each of which ends a label.
    let (mut before, mut label_length) = (b'.', 0_usize);
    for &byte in domain {
        match byte {
            b'.' | b'-' if !is_letter_or_digit(before) => return false,
            b'.' => label_length = 0,
            b'-' => label_length += 1,
            _ if is_letter_or_digit(byte) => label_length += 1,
            _ => return false,
        }
        if label_length > 63 {
            return false;
        }
        before = byte;
    }
    is_letter_or_digit(before) && domain.len() <= 253
}

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
            &long_label,
        ] {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }
}
