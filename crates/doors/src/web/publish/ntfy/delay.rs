//! When something is to be told: ntfy's `Delay`, `At` and `In`.

use jiff::{SignedDuration, Timestamp};

/// Units of time by the letters they begin with, in seconds.
const UNITS: [(&[&str], i64); 4] = [
    (&["s", "sec", "secs", "second", "seconds"], 1),
    (&["m", "min", "mins", "minute", "minutes"], 60),
    (&["h", "hour", "hours"], 3_600),
    (&["d", "day", "days"], 86_400),
];

/// The most that anything can wait.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The moment that a text means: a Unix time (`1639194738`), or how long from now (`30m`, `2 days`, `1h30m`). None
/// where it is neither, in the past, or more than a year ahead.
pub(super) fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let at = match text.parse::<i64>() {
        Ok(second) => Timestamp::from_second(second).ok()?,
        Err(_) => now.checked_add(duration(text)?).ok()?,
    };
    (at >= now && at.duration_since(now) <= AHEAD_MAX).then_some(at)
}

/// How long a text says: numbers with units, one after the other.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let mut seconds: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit = unit.to_ascii_lowercase();
        let (_, factor) = UNITS.iter().find(|(words, _)| words.contains(&unit.as_str()))?;
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(*factor)?)?;
        rest = after.trim_start();
    }
    Some(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_have_units_and_may_be_put_together() {
        for (text, seconds) in
            [("30m", 1_800), ("30 min", 1_800), ("2 days", 172_800), ("1h30m", 5_400), ("1 hour 5 s", 3_605)]
        {
            assert_eq!(duration(text), Some(SignedDuration::from_secs(seconds)), "{text}");
        }
        for wrong in
            ["", "m", "10", "10x", "-5m", "1.5h", "tomorrow", "99999999999999999999s", "9223372036854775807d"]
        {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_ahead_and_within_a_year() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let second = |text: &str| moment(text, now).map(Timestamp::as_second);
        assert_eq!(second("1800000060"), Some(1_800_000_060));
        assert_eq!(second("10s"), Some(1_800_000_010));
        for wrong in ["1799999999", "400d", "1900000000", "tomorrow, 10am", ""] {
            assert_eq!(second(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,20}|[0-9]{1,20}[a-z ]{0,8}") {
            moment(&text, Timestamp::UNIX_EPOCH);
        }
    }
}
