//! What the service is to keep to, and whether it does.

use super::cases::{Case, Unit};
use super::contestants::Contestant;
use super::results::Results;
use super::table::ratio_to_relay;

/// A figure, and what it may be at most.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) title: &'static str,
    pub(super) most: f64,
    pub(super) unit: Unit,
    /// Nothing where it was not measured.
    pub(super) measured: Option<f64>,
}

impl Budget {
    /// What was measured, divided by what it may be.
    pub(super) fn ratio(&self) -> Option<f64> {
        self.measured.map(|measured| measured / self.most)
    }

    /// Whether it is kept, in words.
    pub(super) fn verdict(&self) -> String {
        match self.measured {
            None => "not measured".to_owned(),
            Some(measured) if measured <= self.most => "met".to_owned(),
            Some(measured) => {
                let over = self.unit.write(measured - self.most);
                format!("**missed by {over}** ({:.0} %)", (measured / self.most - 1.0) * 100.0)
            }
        }
    }
}

/// All of them.
pub(super) fn all(results: &Results) -> Vec<Budget> {
    use Contestant::{Messngr, MessngrArchive};
    let budget = |title, most, unit, measured| Budget { title, most, unit, measured };
    let to_relay = |title, case, contestant, most| {
        budget(title, most, Unit::Times, ratio_to_relay(results, case, contestant))
    };
    let figure = |title, case: Case, contestant, most| {
        let Figure { key, unit } = Figure::of(case);
        budget(title, most, unit, results.median(case, contestant, key))
    };
    let milliseconds = |title, case, contestant, key, most| {
        budget(title, most, Unit::Milliseconds, results.median(case, contestant, key))
    };
    const DURING: &str = "chat_during_p99_milliseconds";
    let program = (results.program_bytes > 0).then_some(results.program_bytes as f64);
    vec![
        to_relay("CPU per message, window 1, of the relay's", Case::Chat1, Messngr, 1.1),
        to_relay("CPU per message, window 10, of the relay's", Case::Chat10, Messngr, 0.5),
        to_relay("the same with the archive on, window 1", Case::Chat1, MessngrArchive, 2.0),
        to_relay("the same with the archive on, window 10", Case::Chat10, MessngrArchive, 2.0),
        figure("sent to received, p99 at 5,000 messages/s", Case::Rate5000, Messngr, 5.0),
        figure("the same with the archive on", Case::Rate5000, MessngrArchive, 20.0),
        figure("memory of an idle session", Case::Idle, Messngr, 3.0 * 1_024.0),
        figure("memory of an idle session over TLS", Case::IdleTls, Messngr, 8.0 * 1_024.0),
        budget("memory of a late session, of an early one's", 1.1, Unit::Times, growth(results, Case::Idle)),
        budget("the same over TLS", 1.1, Unit::Times, growth(results, Case::IdleTls)),
        to_relay("alert to 10,000, first to last, of the relay's", Case::Alert, Messngr, 1.5),
        milliseconds("chat, p99 while an alert to 100,000 begins", Case::AlertMany, Messngr, DURING, 5.0),
        milliseconds("the same with the archive on", Case::AlertMany, MessngrArchive, DURING, 20.0),
        milliseconds("chat, p99 while 10,000 confirm within 10 s", Case::Confirmations, Messngr, DURING, 5.0),
        milliseconds("the same with the archive on", Case::Confirmations, MessngrArchive, DURING, 20.0),
        budget(
            "first to last confirmation acknowledged, of the time of sending",
            1.05,
            Unit::Times,
            results.median(Case::Confirmations, Messngr, "acknowledged_of_sent"),
        ),
        milliseconds(
            "first page of a report of 100,000, p99",
            Case::ReportPage,
            Messngr,
            "first_p99_milliseconds",
            100.0,
        ),
        milliseconds(
            "a page in its middle, p99",
            Case::ReportPage,
            Messngr,
            "middle_p99_milliseconds",
            100.0,
        ),
        milliseconds(
            "first page of those who have not confirmed, p99",
            Case::ReportPage,
            Messngr,
            "missing_p99_milliseconds",
            100.0,
        ),
        figure("NET SEND at 1,000/s, sent to received, p99", Case::NetSend, Messngr, 50.0),
        figure("the same with the archive on", Case::NetSend, MessngrArchive, 50.0),
        budget(
            "what a browser loads until it shows chats",
            150_000.0,
            Unit::Kilobytes,
            results.median(Case::Browser, MessngrArchive, "transferred_bytes"),
        ),
        milliseconds(
            "a browser shows chats, from nothing",
            Case::Browser,
            MessngrArchive,
            "ready_milliseconds",
            1_000.0,
        ),
        figure("a browser opens a conversation of 100,000 messages", Case::Browser, MessngrArchive, 200.0),
        figure("memory of an idle page of a browser", Case::IdleBrowser, Messngr, 14.0 * 1_024.0),
        figure("CPU per sign-in, SCRAM", Case::SignInScram, Messngr, 100.0),
        figure("start to first answer", Case::Start, Messngr, 100.0),
        budget(
            "memory at rest",
            15e6,
            Unit::Megabytes,
            results.median(Case::Start, Messngr, "resident_bytes"),
        ),
        budget("size of the program", 20e6, Unit::Megabytes, program),
    ]
}

/// What a case is about, without its title.
struct Figure {
    key: &'static str,
    unit: Unit,
}

impl Figure {
    fn of(case: Case) -> Self {
        let figure = case.figure();
        Self { key: figure.key, unit: figure.unit }
    }
}

/// The server's memory at each number of sessions that was looked at, in growing order.
pub(super) fn memory(results: &Results, case: Case, contestant: Contestant) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = results
        .keys(case, contestant)
        .filter_map(|key| {
            let sessions: f64 = key.strip_prefix("bytes_at_")?.parse().ok()?;
            Some((sessions, results.median(case, contestant, key)?))
        })
        .collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    points
}

/// Bytes for each session between two numbers of them.
pub(super) fn slope(from: (f64, f64), to: (f64, f64)) -> f64 {
    (to.1 - from.1) / (to.0 - from.0)
}

/// The slope of memory between the last two numbers of sessions, divided by that from none to the one before the
/// last: about 1 where a session costs the same however many there are.
fn growth(results: &Results, case: Case) -> Option<f64> {
    let points = memory(results, case, Contestant::Messngr);
    let [first, .., before_last, last] = points[..] else { return None };
    let early = slope(first, before_last);
    (early > 0.0).then(|| slope(before_last, last) / early)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::tests::measured;

    fn with_memory(points: &[(&str, f64)]) -> Results {
        let mut results = Results::default();
        results.measurements.push(measured(Case::Idle, Contestant::Messngr, points));
        results
    }

    #[test]
    fn a_session_may_not_cost_more_the_more_there_are() {
        let flat = [("bytes_at_0", 100.0), ("bytes_at_1000", 2_100.0), ("bytes_at_10000", 20_100.0)];
        assert_eq!(growth(&with_memory(&flat), Case::Idle), Some(1.0));
        let steep = [("bytes_at_0", 100.0), ("bytes_at_10", 110.0), ("bytes_at_20", 150.0)];
        assert_eq!(growth(&with_memory(&steep), Case::Idle), Some(4.0));
        assert_eq!(growth(&with_memory(&flat[..2]), Case::Idle), None);
    }

    #[test]
    fn a_budget_says_by_how_much_it_is_missed() {
        let budget = |measured| Budget { title: "", most: 5.0, unit: Unit::Milliseconds, measured };
        assert_eq!(budget(None).verdict(), "not measured");
        assert_eq!(budget(Some(5.0)).verdict(), "met");
        assert_eq!(budget(Some(6.0)).verdict(), "**missed by 1.00 ms** (20 %)");
    }

    #[test]
    fn the_relay_is_the_measure_of_messages() {
        let mut results = Results::default();
        for (contestant, figure) in [(Contestant::Relay, 10.0), (Contestant::Messngr, 12.0)] {
            results.measurements.push(measured(Case::Chat1, contestant, &[("server_microseconds", figure)]));
        }
        let budgets = all(&results);
        assert_eq!(budgets[0].measured, Some(1.2));
        assert_eq!(budgets[1].measured, None);
    }
}
