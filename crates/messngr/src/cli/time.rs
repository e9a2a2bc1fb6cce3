use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

use super::duration;

/// When something was or will be: in relation to now for a day, then the date and time here.
pub(super) fn when(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let (past, away) = (seconds >= 0, seconds.unsigned_abs());
    let span = match away {
        0..60 => return if past { "just now" } else { "in a moment" }.to_owned(),
        60..3_600 => format!("{} min", away / 60),
        3_600..86_400 => format!("{} h", away / 3_600),
        _ => return local(at).strftime("%Y-%m-%d %H:%M").to_string(),
    };
    if past { format!("{span} ago") } else { format!("in {span}") }
}

/// The date and time here, to the second.
pub(super) fn exactly(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads a point in time that has passed: a duration before now (`2h`), a date, a date and time here, or a timestamp
/// (RFC 3339).
pub(super) fn since(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(duration) = duration::parse(text) {
        return now.checked_sub(duration).map_err(|error| error.to_string());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let here = text.parse::<civil::DateTime>().ok().and_then(|at| at.to_zoned(TimeZone::system()).ok());
    here.map(|at| at.timestamp()).ok_or_else(|| {
        format!(
            "\"{text}\" is not a time: write how long ago, such as 2h, or 2026-11-20, or 2026-11-20T08:00"
        )
    })
}

/// Reads a point in time to come: a duration from now (`2h`), a date, a date and time here, or a timestamp (RFC 3339).
pub(super) fn until(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(duration) = duration::parse(text) {
        return now.checked_add(duration).map_err(|error| error.to_string());
    }
    let wrong = || {
        format!(
            "\"{text}\" is not a time: write how long from now, such as 2h, or 2026-11-20, or 2026-11-20T08:00"
        )
    };
    since(text, now).map_err(|_| wrong())
}

/// Reads a point in time that is still to come: a duration from now (`2h`, `in 2h`), a time of the day here (`14:30`, tomorrow
/// where it has passed), a date and time here, or a timestamp (RFC 3339).
pub(super) fn ahead(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.strip_prefix("in ").unwrap_or(text).trim();
    if let Ok(duration) = duration::parse(text) {
        return now.checked_add(duration).map_err(|error| error.to_string());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let wrong = || format!("\"{text}\" is not a time to come: write 2h, 14:30, or 2026-11-20T08:00");
    let here =
        |at: civil::DateTime| at.to_zoned(TimeZone::system()).map(|at| at.timestamp()).map_err(|_| wrong());
    if let Ok(time) = text.parse::<civil::Time>() {
        let today = local(now).date();
        let at = here(today.to_datetime(time))?;
        let tomorrow = || today.tomorrow().map_err(|error| error.to_string());
        return if at > now { Ok(at) } else { here(tomorrow()?.to_datetime(time)) };
    }
    here(text.parse::<civil::DateTime>().map_err(|_| wrong())?)
}

fn local(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::system())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn times_are_relative_for_a_day_and_then_absolute() {
        let now = at(1_000_000);
        let ago = |seconds: i64| when(at(1_000_000 - seconds), now);
        assert_eq!(ago(5), "just now");
        assert_eq!(ago(120), "2 min ago");
        assert_eq!(ago(7_199), "1 h ago");
        assert_eq!(ago(-1_800), "in 30 min");
        assert_eq!(ago(86_400).len(), "1970-01-11 13:46".len());
    }

    #[test]
    fn a_start_is_a_duration_a_date_or_a_timestamp() {
        let now = at(1_000_000);
        assert_eq!(since("1h", now), Ok(at(996_400)));
        assert_eq!(since("1970-01-02T00:00:00Z", now), Ok(at(86_400)));
        let day = since("2026-11-20", now).unwrap();
        assert_eq!(since("2026-11-20T00:00", now), Ok(day));
        assert!(since("yesterday", now).is_err_and(|why| why.contains("2h")));
    }

    #[test]
    fn an_end_is_a_duration_a_date_or_a_timestamp() {
        let now = at(1_000_000);
        assert_eq!(until("1h", now), Ok(at(1_003_600)));
        assert_eq!(until("1970-01-20T00:00:00Z", now), Ok(at(1_641_600)));
        assert_eq!(until("2026-11-20", now), since("2026-11-20", now));
        assert!(until("tomorrow", now).is_err_and(|why| why.contains("from now")));
    }

    #[test]
    fn a_time_to_come_is_a_duration_a_time_of_the_day_or_a_timestamp() {
        let now = at(1_000_000);
        assert_eq!(ahead("1h", now), Ok(at(1_003_600)));
        assert_eq!(ahead("in 1h", now), Ok(at(1_003_600)));
        assert_eq!(ahead("1970-02-02T00:00:00Z", now), Ok(at(2_764_800)));
        for hour in ["00:30", "13:45", "23:59"] {
            let found = ahead(hour, now).unwrap();
            assert!(found > now && found <= at(1_000_000 + 90_000), "{hour}");
        }
        assert!(ahead("tomorrow", now).is_err_and(|why| why.contains("14:30")));
    }
}
