use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::DateTime};

use crate::CapError;

/// A moment, and by how much the clock there differs from UTC (CAP 1.2 §3.3.2): `2026-11-30T16:39:01-08:00`. UTC is
/// `-00:00`, never `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    at: Timestamp,
    offset_minutes: i16,
}

/// As far as XML Schema lets a time zone be from UTC (XML Schema Part 2 §3.2.7.3).
const OFFSET_MINUTES_MAX: i16 = 14 * 60;

const EXPECTED: &str = "a time such as 2026-11-30T16:39:01-08:00, with -00:00 for UTC and never Z";

impl Time {
    /// A moment, as a clock shows it that is so many minutes ahead of UTC, at most 14 hours. Fractions of a second are
    /// left out. None where the year there has no 4 digits.
    pub fn new(at: Timestamp, offset_minutes: i16) -> Option<Self> {
        let at = Timestamp::from_second(at.as_second()).ok()?;
        let time = Self { at, offset_minutes };
        let good = offset_minutes.abs() <= OFFSET_MINUTES_MAX;
        (good && time.local().is_some_and(|local| (1..=9_999).contains(&local.year()))).then_some(time)
    }

    /// A moment in UTC; none where its year has no 4 digits.
    pub fn utc(at: Timestamp) -> Option<Self> {
        Self::new(at, 0)
    }

    /// The moment.
    pub fn timestamp(self) -> Timestamp {
        self.at
    }

    /// By how many minutes the clock there is ahead of UTC.
    pub fn offset_minutes(self) -> i16 {
        self.offset_minutes
    }

    /// What the clock shows there.
    fn local(self) -> Option<DateTime> {
        let ahead = SignedDuration::from_mins(self.offset_minutes.into());
        jiff::tz::Offset::UTC.to_datetime(self.at).checked_add(ahead).ok()
    }
}

impl FromStr for Time {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        read(text).ok_or_else(|| CapError::value("dateTime", EXPECTED, text))
    }
}

fn read(text: &str) -> Option<Time> {
    let bytes: &[u8; 25] = text.as_bytes().try_into().ok()?;
    let shape = b"0000-00-00T00:00:00+00:00";
    let fits = |(index, byte): (usize, &u8)| match shape[index] {
        b'0' => byte.is_ascii_digit(),
        b'+' => matches!(byte, b'+' | b'-'),
        other => *byte == other,
    };
    if !bytes.iter().enumerate().all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i16>().ok();
    let part = |from: usize| number(from, from + 2).and_then(|number| i8::try_from(number).ok());
    let local = DateTime::new(number(0, 4)?, part(5)?, part(8)?, part(11)?, part(14)?, part(17)?, 0).ok()?;
    let (hours, minutes) = (number(20, 22)?, number(23, 25)?);
    if minutes > 59 {
        return None;
    }
    let sign = if bytes[19] == b'-' { -1 } else { 1 };
    let offset_minutes = sign * (60 * hours + minutes);
    if offset_minutes.abs() > OFFSET_MINUTES_MAX {
        return None;
    }
    let utc = local.checked_sub(SignedDuration::from_mins(offset_minutes.into())).ok()?;
    Time::new(jiff::tz::Offset::UTC.to_timestamp(utc).ok()?, offset_minutes)
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(local) = self.local() else { return Err(fmt::Error) };
        let sign = if self.offset_minutes > 0 { '+' } else { '-' };
        let (hours, minutes) = (self.offset_minutes.abs() / 60, self.offset_minutes.abs() % 60);
        write!(formatter, "{}{sign}{hours:02}:{minutes:02}", local.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_with_its_zone_and_utc_is_minus_zero() {
        let time: Time = "2003-06-11T20:56:00-07:00".parse().unwrap();
        assert_eq!(time.timestamp(), "2003-06-12T03:56:00Z".parse().unwrap());
        assert_eq!(time.to_string(), "2003-06-11T20:56:00-07:00");
        assert_eq!(Time::utc(time.timestamp()).unwrap().to_string(), "2003-06-12T03:56:00-00:00");
        assert_eq!("2003-06-12T03:56:00+00:00".parse(), "2003-06-12T03:56:00-00:00".parse::<Time>());
        assert_eq!(
            "0099-01-01T00:00:00+05:30".parse::<Time>().unwrap().to_string(),
            "0099-01-01T00:00:00+05:30"
        );
    }

    #[test]
    fn a_time_without_a_zone_with_a_letter_for_it_or_that_no_clock_shows_is_refused() {
        for wrong in [
            "",
            "2003-06-11T20:56:00",
            "2003-06-11T20:56:00Z",
            "2003-06-11T20:56:00.5-07:00",
            "2003-06-11 20:56:00-07:00",
            "2003-06-11T20:56:00-0700",
            "2003-06-11T20:56:00,07:00",
            "2003-06-11T20:56-07:00",
            "2003-02-30T20:56:00-07:00",
            "2003-06-11T24:56:00-07:00",
            "2003-06-11T20:56:60-07:00",
            "2003-06-11T20:56:00-14:01",
            "2003-06-11T20:56:00-07:60",
            "2003-06-11T20:56:00-07:0é",
            "12003-06-11T20:56:00-07:00",
        ] {
            assert!(wrong.parse::<Time>().is_err(), "{wrong}");
        }
    }
}
