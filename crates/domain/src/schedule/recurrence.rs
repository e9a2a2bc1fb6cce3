use std::str::FromStr;

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, Time, Weekday},
};

use super::ScheduleError;

/// A recurrence rule (RFC 5545 §3.3.10) over local times.
///
/// `FREQ` is `YEARLY` to `MINUTELY`; `INTERVAL`, `COUNT`, `UNTIL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY`, `BYHOUR`,
/// `BYMINUTE`, `BYSETPOS` and `WKST` are understood, the others are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    text: String,
    frequency: Frequency,
    interval: i64,
    count: Option<u32>,
    until: Option<Until>,
    months: Vec<i8>,
    month_days: Vec<i8>,
    days: Vec<(i8, Weekday)>,
    hours: Vec<i8>,
    minutes: Vec<i8>,
    positions: Vec<i16>,
    week_start: Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Frequency {
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// In local time.
    Local(DateTime),
    /// At an instant.
    Instant(Timestamp),
}

const INTERVAL_MAX: i64 = 10_000;
const COUNT_MAX: u32 = 100_000;
/// How many periods without a hit are looked through before a rule is taken to have none any more.
const PERIODS_MAX: usize = 200_000;

impl Recurrence {
    /// The first time after `after` of a rule that begins with `start`; none where there is no more.
    pub(super) fn next_after(&self, start: DateTime, after: DateTime) -> Option<DateTime> {
        let mut period = if self.count.is_some() { 0 } else { self.period_before(start, after) };
        let mut counted = 0;
        for _ in 0..PERIODS_MAX {
            for at in self.times_in(start, period)? {
                if at < start {
                    continue;
                }
                counted += 1;
                if self.count.is_some_and(|count| counted > count) {
                    return None;
                }
                if at > after {
                    return Some(at);
                }
            }
            period = self.period_after(start, period)?;
        }
        None
    }

    /// When it ends, where it says so.
    pub(super) fn until(&self) -> Option<Until> {
        self.until
    }

    /// The rule as it was written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A period that is not after the one of `after`.
    fn period_before(&self, start: DateTime, after: DateTime) -> i64 {
        let days = || i64::from(start.date().until(after.date()).map_or(0, |span| span.get_days()));
        let months = || {
            (i64::from(after.year()) - i64::from(start.year())) * 12 + i64::from(after.month())
                - i64::from(start.month())
        };
        let units = match self.frequency {
            Frequency::Yearly => i64::from(after.year()) - i64::from(start.year()),
            Frequency::Monthly => months(),
            Frequency::Weekly => days() / 7,
            Frequency::Daily => days(),
            Frequency::Hourly => days() * 24 - 24,
            Frequency::Minutely => days() * 1_440 - 1_440,
        };
        (units / self.interval - 1).max(0)
    }

    /// The next period in which there can be anything.
    fn period_after(&self, start: DateTime, period: i64) -> Option<i64> {
        let next = period + 1;
        let unit = match self.frequency {
            Frequency::Hourly => 60 * self.interval,
            Frequency::Minutely => self.interval,
            _ => return Some(next),
        };
        let at = start.checked_add(Span::new().try_minutes(unit * next).ok()?).ok()?;
        if self.is_day(at.date()) {
            return Some(next);
        }
        let midnight = at.date().tomorrow().ok()?.to_datetime(Time::midnight());
        let minutes = at.until((jiff::Unit::Minute, midnight)).ok()?.get_minutes();
        Some(next + (minutes + unit - 1).div_euclid(unit).max(0))
    }

    /// The times of one period, in order; none where the calendar ends.
    fn times_in(&self, start: DateTime, period: i64) -> Option<Vec<DateTime>> {
        let step = self.interval.checked_mul(period)?;
        let mut times: Vec<DateTime> = match self.frequency {
            Frequency::Hourly | Frequency::Minutely => self.within_day(start, step)?,
            _ => {
                let days = self.days_in(start.date(), step)?;
                let times = self.times_of_day(start.time());
                days.into_iter()
                    .flat_map(|day| times.iter().map(move |time| day.to_datetime(*time)))
                    .collect()
            }
        };
        times.sort_unstable();
        times.dedup();
        if self.positions.is_empty() {
            return Some(times);
        }
        let length = i32::try_from(times.len()).unwrap_or(i32::MAX);
        let mut chosen: Vec<DateTime> = self
            .positions
            .iter()
            .map(|position| i32::from(*position))
            .map(|position| if position > 0 { position - 1 } else { length + position })
            .filter_map(|index| times.get(usize::try_from(index).ok()?).copied())
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        Some(chosen)
    }

    fn within_day(&self, start: DateTime, step: i64) -> Option<Vec<DateTime>> {
        let minutes = if self.frequency == Frequency::Hourly { step.checked_mul(60)? } else { step };
        let at = start.checked_add(Span::new().try_minutes(minutes).ok()?).ok()?;
        let hour_fits = self.hours.is_empty() || self.hours.contains(&at.hour());
        if !self.is_day(at.date()) || !hour_fits {
            return Some(Vec::new());
        }
        if self.minutes.is_empty() {
            return Some(vec![at]);
        }
        if self.frequency == Frequency::Minutely {
            return Some(if self.minutes.contains(&at.minute()) { vec![at] } else { Vec::new() });
        }
        Some(self.minutes.iter().filter_map(|minute| at.with().minute(*minute).build().ok()).collect())
    }

    fn times_of_day(&self, start: Time) -> Vec<Time> {
        let or_own = |list: &[i8], own: i8| if list.is_empty() { vec![own] } else { list.to_vec() };
        let minutes = or_own(&self.minutes, start.minute());
        or_own(&self.hours, start.hour())
            .into_iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (hour, *minute)))
            .filter_map(|(hour, minute)| Time::new(hour, minute, start.second(), 0).ok())
            .collect()
    }

    fn days_in(&self, start: Date, step: i64) -> Option<Vec<Date>> {
        match self.frequency {
            Frequency::Yearly => {
                let year = i16::try_from(i64::from(start.year()).checked_add(step)?).ok()?;
                Date::new(year, 1, 1).ok()?;
                Some(self.days_in_year(start, year))
            }
            Frequency::Monthly => {
                let month = i64::from(start.month()) - 1 + step;
                let year = i16::try_from(i64::from(start.year()) + month.div_euclid(12)).ok()?;
                let month = i8::try_from(month.rem_euclid(12) + 1).ok()?;
                Date::new(year, month, 1).ok()?;
                let fits = self.months.is_empty() || self.months.contains(&month);
                Some(if fits { self.days_in_month(start, year, month) } else { Vec::new() })
            }
            Frequency::Weekly => {
                let back = i64::from(start.weekday().since(self.week_start));
                let first =
                    start.checked_add(Span::new().try_days(step.checked_mul(7)? - back).ok()?).ok()?;
                let wanted = |day: Date| match self.days.as_slice() {
                    [] => day.weekday() == start.weekday(),
                    days => days.iter().any(|(_, weekday)| *weekday == day.weekday()),
                };
                let week = (0..7).filter_map(|days| first.checked_add(Span::new().days(days)).ok());
                let in_month = |day: &Date| self.months.is_empty() || self.months.contains(&day.month());
                Some(week.filter(|day| wanted(*day) && in_month(day)).collect())
            }
            _ => {
                let day = start.checked_add(Span::new().try_days(step).ok()?).ok()?;
                Some(if self.is_day(day) { vec![day] } else { Vec::new() })
            }
        }
    }

    fn days_in_year(&self, start: Date, year: i16) -> Vec<Date> {
        if self.months.is_empty() && self.month_days.is_empty() && !self.days.is_empty() {
            let Ok(first) = Date::new(year, 1, 1) else { return Vec::new() };
            let length = first.days_in_year();
            let nth = |day: Date| (day.day_of_year(), length);
            return first
                .series(Span::new().days(1))
                .take(usize::try_from(length).unwrap_or(0))
                .filter(|day| self.is_weekday(*day, nth(*day)))
                .collect();
        }
        let months: Vec<i8> = if !self.months.is_empty() {
            self.months.clone()
        } else if !self.month_days.is_empty() {
            (1..=12).collect()
        } else {
            vec![start.month()]
        };
        months.into_iter().flat_map(|month| self.days_in_month(start, year, month)).collect()
    }

    fn days_in_month(&self, start: Date, year: i16, month: i8) -> Vec<Date> {
        let Ok(first) = Date::new(year, month, 1) else { return Vec::new() };
        let length = first.days_in_month();
        let days = (1..=length).filter_map(|day| Date::new(year, month, day).ok());
        let own = self.month_days.is_empty() && self.days.is_empty();
        days.filter(|day| {
            if own {
                return day.day() == start.day();
            }
            self.is_month_day(*day)
                && (self.days.is_empty() || self.is_weekday(*day, (day.day().into(), length.into())))
        })
        .collect()
    }

    /// Whether the day is one of a rule that looks at each day.
    fn is_day(&self, day: Date) -> bool {
        (self.months.is_empty() || self.months.contains(&day.month()))
            && self.is_month_day(day)
            && (self.days.is_empty() || self.days.iter().any(|(_, weekday)| *weekday == day.weekday()))
    }

    fn is_month_day(&self, day: Date) -> bool {
        let from_the_end = day.day() - day.days_in_month() - 1;
        self.month_days.is_empty()
            || self.month_days.iter().any(|wanted| *wanted == day.day() || *wanted == from_the_end)
    }

    /// Whether it is a day of the week that is wanted, as the `nth` of so many days of its month or year.
    fn is_weekday(&self, day: Date, (nth, length): (i16, i16)) -> bool {
        let (from_start, from_end) = ((nth - 1) / 7 + 1, -((length - nth) / 7 + 1));
        self.days.iter().any(|(ordinal, weekday)| {
            let ordinal = i16::from(*ordinal);
            *weekday == day.weekday() && (ordinal == 0 || ordinal == from_start || ordinal == from_end)
        })
    }
}

impl FromStr for Recurrence {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        let mut rule = Self {
            text: text.to_owned(),
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut frequency = None;
        let mut seen = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| wrong(part, "a part reads NAME=VALUE"))?;
            if seen.contains(&name) {
                return Err(wrong(part, "it is there twice"));
            }
            seen.push(name);
            if name == "FREQ" {
                frequency = Some(frequency_of(value).ok_or_else(|| {
                    wrong(part, "there are YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY and MINUTELY")
                })?);
            } else {
                rule.set(name, value, part)?;
            }
        }
        rule.frequency = frequency.ok_or_else(|| wrong(text, "FREQ is missing"))?;
        rule.check(text)?;
        Ok(rule)
    }
}

impl Recurrence {
    fn set(&mut self, name: &str, value: &str, part: &str) -> Result<(), ScheduleError> {
        match name {
            "INTERVAL" => self.interval = number(value, 1, INTERVAL_MAX, part)?,
            "COUNT" => {
                let count = number(value, 1, i64::from(COUNT_MAX), part)?;
                self.count = u32::try_from(count).ok();
            }
            "UNTIL" => {
                self.until = Some(until(value).ok_or_else(|| wrong(part, "it reads 20261231T235959Z"))?);
            }
            "BYMONTH" => self.months = numbers(value, 1, 12, part)?,
            "BYMONTHDAY" => self.month_days = signed_numbers(value, 31, part)?,
            "BYHOUR" => self.hours = numbers(value, 0, 23, part)?,
            "BYMINUTE" => self.minutes = numbers(value, 0, 59, part)?,
            "BYSETPOS" => self.positions = signed_numbers(value, 366, part)?,
            "WKST" => self.week_start = weekday(value).ok_or_else(|| wrong(part, "it is MO to SU"))?,
            "BYDAY" => {
                let days = value.split(',').map(day).collect::<Option<Vec<_>>>();
                self.days = days.ok_or_else(|| wrong(part, "days read MO, or 1MO, or -1FR"))?;
            }
            _ => return Err(wrong(part, "this part is not understood")),
        }
        Ok(())
    }

    fn check(&self, text: &str) -> Result<(), ScheduleError> {
        if self.count.is_some() && self.until.is_some() {
            return Err(wrong(text, "COUNT and UNTIL do not stand together"));
        }
        if self.frequency < Frequency::Monthly && self.days.iter().any(|(ordinal, _)| *ordinal != 0) {
            return Err(wrong(text, "a numbered day needs FREQ=MONTHLY or YEARLY"));
        }
        if self.frequency == Frequency::Weekly && !self.month_days.is_empty() {
            return Err(wrong(text, "BYMONTHDAY does not stand with FREQ=WEEKLY"));
        }
        let expands = [&self.months, &self.month_days, &self.hours, &self.minutes];
        let others = expands.iter().any(|list| !list.is_empty()) || !self.days.is_empty();
        if !self.positions.is_empty() && !others {
            return Err(wrong(text, "BYSETPOS chooses among what another BY… part says"));
        }
        Ok(())
    }
}

fn wrong(part: &str, why: &'static str) -> ScheduleError {
    ScheduleError::rule(part, why)
}

fn frequency_of(value: &str) -> Option<Frequency> {
    Some(match value {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" => Frequency::Minutely,
        _ => return None,
    })
}

fn number(value: &str, min: i64, max: i64, part: &str) -> Result<i64, ScheduleError> {
    let number = value.parse().ok().filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| wrong(part, "the number is out of its range"))
}

fn numbers(value: &str, min: i8, max: i8, part: &str) -> Result<Vec<i8>, ScheduleError> {
    let one = |text: &str| text.parse().ok().filter(|number| (min..=max).contains(number));
    let numbers = value.split(',').map(one).collect::<Option<Vec<i8>>>();
    numbers.ok_or_else(|| wrong(part, "a number is out of its range"))
}

fn signed_numbers<T>(value: &str, max: i16, part: &str) -> Result<Vec<T>, ScheduleError>
where
    T: TryFrom<i16>,
{
    let one = |text: &str| {
        let number =
            text.parse::<i16>().ok().filter(|number| *number != 0 && (-max..=max).contains(number))?;
        T::try_from(number).ok()
    };
    let numbers = value.split(',').map(one).collect::<Option<Vec<T>>>();
    numbers.ok_or_else(|| wrong(part, "a number is out of its range"))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn day(text: &str) -> Option<(i8, Weekday)> {
    let split = text.len().checked_sub(2).filter(|split| text.is_char_boundary(*split))?;
    let (ordinal, name) = text.split_at(split);
    let ordinal = match ordinal {
        "" => 0,
        number => number.parse().ok().filter(|number: &i8| *number != 0 && (-53..=53).contains(number))?,
    };
    Some((ordinal, weekday(name)?))
}

fn until(text: &str) -> Option<Until> {
    if let Some(utc) = text.strip_suffix('Z') {
        let at = DateTime::strptime("%Y%m%dT%H%M%S", utc).ok()?;
        return Some(Until::Instant(at.in_tz("UTC").ok()?.timestamp()));
    }
    let whole = DateTime::strptime("%Y%m%dT%H%M%S", text).ok();
    let day = || Some(Date::strptime("%Y%m%d", text).ok()?.to_datetime(Time::constant(23, 59, 59, 0)));
    whole.or_else(day).map(Until::Local)
}
