//! The table that a run ends with.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::budgets;
use super::cases::Case;
use super::contestants::Contestant;
use super::results::{Results, Spread};

/// The median of what each case is about, with its spread, its ratio to the relay's, and who was at work; then what has a
/// budget, with its ratio to that.
pub(super) fn table(results: &Results) -> String {
    let mut text = format!(
        "{:<27}{:<22}{:>12}{:>25}{:>9}{:>12}{:>8}{:>8}\n",
        "case", "server", "median", "spread", "x relay", "p99", "server", "load"
    );
    for case in Case::value_variants() {
        for contestant in Contestant::ALL {
            line(results, *case, contestant, &mut text);
        }
    }
    text.push_str(
        "server, load: processors kept busy by the server and by the load generator. *: to be doubted.\n",
    );
    text.push_str(&budget_lines(results));
    text
}

/// What is measured of the budgets, with its ratio to each.
fn budget_lines(results: &Results) -> String {
    let mut text = format!("\n{:<66}{:>12}{:>12}{:>10}\n", "figure", "budget", "measured", "x budget");
    for budget in budgets::all(results) {
        let (Some(measured), Some(ratio)) = (budget.measured, budget.ratio()) else { continue };
        let (most, measured) = (budget.unit.write(budget.most), budget.unit.write(measured));
        // Writing to memory does not fail.
        let _always = writeln!(text, "{:<66}{most:>12}{measured:>12}{ratio:>10.2}", budget.title);
    }
    text
}

fn line(results: &Results, case: Case, contestant: Contestant, text: &mut String) {
    let figure = case.figure();
    let start = format!("{:<27}{:<22}", case.title(), contestant.title());
    let Some(spread) = results.figure(case, contestant, figure.key) else {
        if let Some(why) = results.absence(case, contestant) {
            let why = why.lines().last().unwrap_or_default();
            // Writing to memory does not fail.
            let _always = writeln!(text, "{start}{why}");
        }
        return;
    };
    let median = |key: &str| results.median(case, contestant, key);
    let mark = if results.doubt(case, contestant).is_some() { "*" } else { "" };
    let p99 = median("p99_milliseconds").map(|figure| format!("{figure:.2} ms"));
    let busy = |key: &str| median(key).map_or(String::new(), |figure| format!("{figure:.2}"));
    let _always = writeln!(
        text,
        "{start}{:>12}{:>25}{:>9}{:>12}{:>8}{:>8}",
        format!("{mark}{}", figure.unit.write(spread.median)),
        between(spread, |figure_| figure.unit.write(figure_)),
        ratio_to_relay(results, case, contestant).map_or(String::new(), |ratio| format!("{ratio:.2}")),
        p99.unwrap_or_default(),
        busy("server_processors"),
        busy("generator_processors"),
    );
}

/// What a case is about, divided by the relay's.
pub(super) fn ratio_to_relay(results: &Results, case: Case, contestant: Contestant) -> Option<f64> {
    let key = case.figure().key;
    let floor = results.median(case, Contestant::Relay, key).filter(|floor| *floor > 0.0)?;
    Some(results.median(case, contestant, key)? / floor)
}

/// The least and the most, where there is more than one.
pub(super) fn between(spread: Spread, write: impl Fn(f64) -> String) -> String {
    if spread.count < 2 {
        return String::new();
    }
    format!("{} – {}", write(spread.least), write(spread.most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::tests::measured;

    #[test]
    fn every_measured_case_has_a_line_and_what_failed_says_why() {
        let mut results = Results::default();
        for (contestant, figure) in [(Contestant::Relay, 10.0), (Contestant::Messngr, 12.5)] {
            results.measurements.push(measured(Case::Chat1, contestant, &[("server_microseconds", figure)]));
        }
        results.measurements[1].doubt = Some("a build".to_owned());
        let mut absent = measured(Case::ArchivePage, Contestant::MessngrArchive, &[]);
        absent.absent = Some("not announced".to_owned());
        results.measurements.push(absent);
        let table = table(&results);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 8, "{table}");
        assert!(lines[2].contains("*12.5 µs") && lines[2].contains("1.25"), "{table}");
        assert!(lines[3].ends_with("not announced"), "{table}");
        assert!(lines[7].starts_with("CPU per message, window 1") && lines[7].ends_with(" 1.14"), "{table}");
    }
}
