use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::AlertError;
use crate::{Audience, displayable};

/// One level of an escalation: when too few have confirmed after a time, more people are told. Levels stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// How long after the alert took effect it is looked, in seconds: 10 to 2,592,000.
    pub after_seconds: u32,
    /// Too few are fewer than this.
    pub fewer_than: Threshold,
    /// Who is told then.
    pub audience: Audience,
}

/// How many confirmations are enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Threshold {
    /// So many people.
    People(u32),
    /// So many in a hundred of the people whom the alert is for: 1 to 100.
    Percent(u8),
}

impl Threshold {
    /// Whether `confirmed` of `people` are too few.
    pub fn is_missed(self, confirmed: u64, people: u64) -> bool {
        match self {
            Self::People(wanted) => confirmed < u64::from(wanted),
            Self::Percent(wanted) => u128::from(confirmed) * 100 < u128::from(wanted) * u128::from(people),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::People(people) => write!(formatter, "{people}"),
            Self::Percent(percent) => write!(formatter, "{percent}%"),
        }
    }
}

impl FromStr for Threshold {
    type Err = AlertError;

    fn from_str(text: &str) -> Result<Self, AlertError> {
        let wrong = || AlertError::Threshold { text: displayable(text).chars().take(60).collect() };
        match text.trim().strip_suffix('%') {
            Some(percent) => {
                let percent = percent.parse().ok().filter(|percent| (1..=100).contains(percent));
                percent.map(Self::Percent).ok_or_else(wrong)
            }
            None => {
                let people = text.trim().parse().ok().filter(|people| *people > 0);
                people.map(Self::People).ok_or_else(wrong)
            }
        }
    }
}

impl TryFrom<String> for Threshold {
    type Error = AlertError;

    fn try_from(text: String) -> Result<Self, AlertError> {
        text.parse()
    }
}

impl From<Threshold> for String {
    fn from(threshold: Threshold) -> Self {
        threshold.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_reads_back_and_says_what_is_too_few() {
        for text in ["1", "250", "1%", "80%", "100%"] {
            assert_eq!(text.parse::<Threshold>().unwrap().to_string(), text);
        }
        for wrong in ["", "0", "0%", "101%", "-1", "x", "%"] {
            assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
        }
        let eighty = Threshold::Percent(80);
        assert!(eighty.is_missed(7, 9) && !eighty.is_missed(8, 10) && !eighty.is_missed(0, 0));
        assert!(Threshold::People(3).is_missed(2, 100) && !Threshold::People(3).is_missed(3, 3));
    }
}
