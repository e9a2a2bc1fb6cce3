/// How a power supply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It has power from the mains.
    Mains,
    /// It gives power from its battery.
    Battery {
        /// Whether it can do so only for a short while longer.
        low: bool,
    },
    /// It does not say.
    Unknown,
}

/// The most characters of a name.
const NAME_CHARS_MAX: usize = 64;

/// The name in `UPS <name> "<description>"` (RFC 9271 §4.2.6.1).
pub(super) fn supply(line: &str) -> Option<String> {
    let name = line.strip_prefix("UPS ")?.split(' ').next()?;
    let fits = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    ((1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(fits)).then(|| name.to_owned())
}

/// How it is by `VAR <name> ups.status "<status>"` (RFC 9271 §4.2.4.8 and §5.1).
pub(super) fn status(line: &str, name: &str) -> Option<Power> {
    let value = line.strip_prefix("VAR ")?.strip_prefix(name)?.strip_prefix(" ups.status ")?;
    let words: Vec<&str> = value.strip_prefix('"')?.strip_suffix('"')?.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    // Forced shutdown: the machines that it feeds are told to stop, whatever the battery says.
    Some(match (has("FSD"), has("OB"), has("OL")) {
        (true, ..) => Power::Battery { low: true },
        (_, true, _) => Power::Battery { low: has("LB") },
        (_, _, true) => Power::Mains,
        _ => Power::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_statuses_are_read_and_nonsense_is_not() {
        assert_eq!(supply("UPS rack-1 \"In the \\\"cellar\\\"\"").as_deref(), Some("rack-1"));
        for wrong in ["UPS ", "UPS", "ups x \"\"", "UPS a\"b \"\"", "UPS \u{7}x \"\""] {
            assert_eq!(supply(wrong), None, "{wrong}");
        }
        let power = |words: &str| status(&format!("VAR rack ups.status \"{words}\""), "rack");
        assert_eq!(power("OL CHRG"), Some(Power::Mains));
        assert_eq!(power("OB DISCHRG"), Some(Power::Battery { low: false }));
        assert_eq!(power("OB LB"), Some(Power::Battery { low: true }));
        assert_eq!(power("FSD OL"), Some(Power::Battery { low: true }));
        assert_eq!([power(""), power("OFF")], [Some(Power::Unknown); 2]);
        for wrong in ["VAR desk ups.status \"OL\"", "VAR rack ups.status OL", "VAR rack ups.load \"OL\"", ""]
        {
            assert_eq!(status(wrong, "rack"), None, "{wrong}");
        }
    }
}
