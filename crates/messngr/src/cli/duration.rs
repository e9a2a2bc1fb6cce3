use std::time::Duration;

/// The longest: ten years.
const SECONDS_MAX: u64 = 10 * 366 * 86_400;

/// Reads how long something lasts: numbers with a unit each, `s`, `m`, `h`, `d` or `w`, the largest first, such as
/// `30m`, `2h` or `1d12h`. More than nothing, and at most ten years.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("\"{text}\" is not a duration: write a number and s, m, h, d or w, such as 30m, 2h or 1d12h")
    };
    let mut seconds: u64 = 0;
    let mut last_unit = u64::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..end].parse().map_err(|_| wrong())?;
        let letter = rest[end..].chars().next().ok_or_else(wrong)?;
        let unit = unit(letter).filter(|unit| *unit < last_unit).ok_or_else(wrong)?;
        seconds = seconds.saturating_add(number.saturating_mul(unit));
        last_unit = unit;
        rest = &rest[end + letter.len_utf8()..];
    }
    match seconds {
        0 => Err(wrong()),
        1..=SECONDS_MAX => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("\"{text}\" is too long: ten years at most")),
    }
}

fn unit(letter: char) -> Option<u64> {
    match letter {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        'w' => Some(7 * 86_400),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("30m", 1_800),
            ("2h", 7_200),
            ("1d", 86_400),
            ("90s", 90),
            ("1d12h", 129_600),
            ("2w", 1_209_600),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_an_example() {
        for text in ["", "0m", "m", "30", "30 m", "-5m", "1h2d", "1m1m", "1y", "30ö", "99999999999999999999d"]
        {
            assert!(parse(text).is_err_and(|why| why.contains("30m") || why.contains("ten years")), "{text}");
        }
        assert!(parse("521w").is_ok() && parse("530w").is_err());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in ".{0,20}") {
            let _ = parse(&text);
        }
    }
}
