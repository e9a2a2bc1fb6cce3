//! What a load came to.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

/// The result of a load.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// What was measured, each figure with its unit in its name.
    Measured(Figures),
    /// The server does not have what was to be measured, and why that is known.
    Absent(String),
}

impl Outcome {
    /// One line.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Measured(figures) => json!({ "figures": figures.0 }),
            Self::Absent(why) => json!({ "absent": why }),
        }
    }
}

/// Figures by name.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Notes a figure.
    pub(crate) fn set(&mut self, name: impl Into<String>, figure: f64) {
        self.0.insert(name.into(), figure);
    }

    /// Notes the percentiles of times, in milliseconds.
    pub(crate) fn set_times(&mut self, times: &mut Times) {
        for (name, share) in
            [("p50_milliseconds", 0.5), ("p99_milliseconds", 0.99), ("p999_milliseconds", 0.999)]
        {
            self.set(name, times.percentile(share));
        }
        self.set("max_milliseconds", times.percentile(1.0));
    }
}

/// Times, to be asked for percentiles.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<u32>);

impl Times {
    /// Adds one, to the microsecond; longer than an hour counts as an hour.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds all of another.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The smallest time that this share of all does not exceed (the nearest rank), in milliseconds; 0 of none.
    pub(crate) fn percentile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        let index = rank.clamp(1, self.0.len().max(1)) - 1;
        self.0.get(index).map_or(0.0, |time| f64::from(*time) / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut times = Times::default();
        for milliseconds in (1..=1_000).rev() {
            times.add(Duration::from_millis(milliseconds));
        }
        let told = [0.5, 0.99, 0.999, 1.0].map(|share| times.percentile(share));
        assert_eq!(told, [500.0, 990.0, 999.0, 1_000.0]);
    }

    #[test]
    fn of_few_times_the_high_percentiles_are_the_longest() {
        let mut times = Times::default();
        assert_eq!(times.percentile(0.99), 0.0);
        times.add(Duration::from_millis(3));
        times.add(Duration::from_millis(1));
        assert_eq!((times.percentile(0.5), times.percentile(0.999)), (1.0, 3.0));
    }
}
