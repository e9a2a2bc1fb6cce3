use std::str::FromStr;

use jiff::{
    Span,
    civil::{Date, DateTime, Time},
};

use super::ScheduleError;

/// Times in the five fields of cron: minute, hour, day of the month, month, day of the week.
///
/// A field is `*`, a number, a range `1-5`, each with a step `/2`, or several of them separated by commas; months and
/// days of the week also have their English names. Where both days are restricted, one of them is enough. `@hourly`,
/// `@daily`, `@weekly`, `@monthly` and `@yearly` are short forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the day of the month, and that of the week, is left open.
    open_days: (bool, bool),
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// How many days are looked through: 29 February on a given day of the week comes within 40 years.
const DAYS_MAX: usize = 366 * 41;

impl Cron {
    /// The first time after `after`; none where there is no more.
    pub(super) fn next_after(&self, after: DateTime) -> Option<DateTime> {
        let first = after.checked_add(Span::new().minutes(1)).ok()?;
        let first = first.with().second(0).subsec_nanosecond(0).build().ok()?;
        let mut day = first.date();
        let mut from = first.time();
        for _ in 0..DAYS_MAX {
            if self.is_day(day)
                && let Some(time) = self.time_from(from)
            {
                return Some(day.to_datetime(time));
            }
            (day, from) = (day.tomorrow().ok()?, Time::midnight());
        }
        None
    }

    /// The fields as they were written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn is_day(&self, day: Date) -> bool {
        let by_month_day = has(self.days, day.day());
        let by_weekday = has(self.weekdays, day.weekday().to_sunday_zero_offset());
        let fits = match self.open_days {
            (false, false) => by_month_day || by_weekday,
            _ => by_month_day && by_weekday,
        };
        fits && has(self.months, day.month())
    }

    fn time_from(&self, from: Time) -> Option<Time> {
        (from.hour()..24).filter(|hour| has(self.hours, *hour)).find_map(|hour| {
            let first = if hour == from.hour() { from.minute() } else { 0 };
            let minute = (first..60).find(|minute| has(self.minutes, *minute))?;
            Time::new(hour, minute, 0, 0).ok()
        })
    }
}

fn has(set: u64, number: i8) -> bool {
    u32::try_from(number).is_ok_and(|number| set.checked_shr(number).unwrap_or(0) & 1 == 1)
}

impl FromStr for Cron {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let text = text.trim();
        let fields = match text {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            fields => fields,
        };
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(ScheduleError::rule(text, "there are five fields: minute hour day month weekday"));
        };
        let mut week = field(weekdays, 0, 7, &WEEKDAYS, 0)?;
        if week >> 7 & 1 == 1 {
            week |= 1;
        }
        Ok(Self {
            text: text.to_owned(),
            minutes: field(minutes, 0, 59, &[], 0)?,
            hours: field(hours, 0, 23, &[], 0)?,
            days: field(days, 1, 31, &[], 0)?,
            months: field(months, 1, 12, &MONTHS, 1)?,
            weekdays: week,
            open_days: (days.starts_with('*'), weekdays.starts_with('*')),
        })
    }
}

/// The numbers of a field as bits. `first` is the number of the first name.
fn field(text: &str, min: u32, max: u32, names: &[&str], first: u32) -> Result<u64, ScheduleError> {
    let wrong = |why| ScheduleError::rule(text, why);
    let number = |word: &str| {
        let lower = word.to_ascii_lowercase();
        let named = names.iter().position(|name| *name == lower);
        let named = named.and_then(|index| u32::try_from(index).ok()).map(|index| index + first);
        let number = named.or_else(|| word.parse().ok());
        number
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| wrong("a number is out of its range"))
    };
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse().ok().filter(|step| (1..=max.max(1)).contains(step));
                (range, step.ok_or_else(|| wrong("a step is a number that is not nought"))?)
            }
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (min, max),
            Some((from, to)) => (number(from)?, number(to)?),
            // `5/10` goes on to the end, as everywhere.
            None if part.contains('/') => (number(range)?, max),
            None => (number(range)?, number(range)?),
        };
        if from > to {
            return Err(wrong("a range goes upwards"));
        }
        for bit in (from..=to).step_by(usize::try_from(step).unwrap_or(1)) {
            set |= 1_u64 << bit;
        }
    }
    Ok(set)
}
