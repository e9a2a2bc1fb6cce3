//! The pictures of the page.

use super::chart::{self, Bar, Line, Scale};
use crate::bench::budgets;
use crate::bench::cases::{Case, Unit};
use crate::bench::contestants::{Contestant, Product};
use crate::bench::results::Results;

/// A picture.
#[derive(Debug)]
pub(super) struct Plot {
    /// Its name in the folder of pictures.
    pub(super) file: &'static str,
    /// What it shows.
    pub(super) title: &'static str,
    pub(super) svg: String,
}

/// Those for which there are figures.
pub(super) fn all(results: &Results) -> Vec<Plot> {
    let titled = [
        (
            "processor.svg",
            "Server CPU per message, as a multiple of the relay's (logarithmic)",
            processor as Draw,
        ),
        (
            "latency-1000.svg",
            "Sent to received at 1,000 messages/s, in milliseconds (logarithmic)",
            |title, results| latency(title, results, Case::Rate1000),
        ),
        (
            "latency-5000.svg",
            "Sent to received at 5,000 messages/s, in milliseconds (logarithmic)",
            |title, results| latency(title, results, Case::Rate5000),
        ),
        ("memory.svg", "Memory of the server by idle sessions, in millions of bytes", memory),
    ];
    let drawn = titled.into_iter();
    drawn.filter_map(|(file, title, draw)| Some(Plot { file, title, svg: draw(title, results)? })).collect()
}

type Draw = fn(&str, &Results) -> Option<String>;

fn processor(title: &str, results: &Results) -> Option<String> {
    let cases = [Case::Chat1, Case::Chat10, Case::Rate1000, Case::Rate5000];
    let mut groups = Vec::new();
    for case in cases {
        let median = |contestant| results.median(case, contestant, "server_microseconds");
        let Some(floor) = median(Contestant::Relay).filter(|floor| *floor > 0.0) else { continue };
        let bars: Vec<Bar> = Contestant::ALL
            .into_iter()
            .filter_map(|contestant| {
                let value = median(contestant)? / floor;
                Some(Bar { name: contestant.title().to_owned(), value, colour: colour(contestant) })
            })
            .collect();
        groups.push((case.title().to_owned(), bars));
    }
    let values = || groups.iter().flat_map(|(_, bars)| bars.iter().map(|bar| bar.value));
    values().next()?;
    let scale = Scale::logarithmic(values());
    Some(chart::bars(title, &groups, scale, |value| Unit::Times.write(value)))
}

fn latency(title: &str, results: &Results, case: Case) -> Option<String> {
    let percentiles = [("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"), ("max", "max")];
    let lines: Vec<Line> = Contestant::ALL
        .into_iter()
        .filter_map(|contestant| {
            let height = |name| results.median(case, contestant, &format!("{name}_milliseconds"));
            let points = percentiles.iter().enumerate();
            let points: Option<Vec<_>> =
                points.map(|(place, (name, _))| Some((place as f64, height(name)?))).collect();
            Some(Line { name: contestant.title().to_owned(), points: points?, colour: colour(contestant) })
        })
        .collect();
    lines.first()?;
    let scale = Scale::logarithmic(lines.iter().flat_map(|line| line.points.iter().map(|point| point.1)));
    let ticks: Vec<_> =
        percentiles.iter().enumerate().map(|(place, (_, name))| (place as f64, (*name).to_owned())).collect();
    Some(chart::lines(title, &ticks, &lines, scale))
}

fn memory(title: &str, results: &Results) -> Option<String> {
    let mut lines = Vec::new();
    for (case, suffix) in [(Case::Idle, ""), (Case::IdleTls, ", TLS")] {
        for contestant in Contestant::ALL {
            let points = budgets::memory(results, case, contestant);
            let points: Vec<_> =
                points.into_iter().map(|(sessions, bytes)| (sessions, bytes / 1e6)).collect();
            if points.len() > 1 {
                let colour = if suffix.is_empty() { colour(contestant) } else { with_tls(contestant) };
                lines.push(Line { name: format!("{}{suffix}", contestant.title()), points, colour });
            }
        }
    }
    lines.first()?;
    let scale = Scale::linear(lines.iter().flat_map(|line| line.points.iter().map(|point| point.1)));
    let mut sessions: Vec<f64> =
        lines.iter().flat_map(|line| line.points.iter().map(|point| point.0)).collect();
    sessions.sort_by(f64::total_cmp);
    sessions.dedup();
    // The second would stand on the first.
    let ticks: Vec<_> = sessions
        .iter()
        .filter(|count| **count == 0.0 || sessions.last().is_some_and(|last| **count * 10.0 > *last))
        .map(|count| (*count, format!("{count:.0}")))
        .collect();
    Some(chart::lines(title, &ticks, &lines, scale))
}

fn colour(contestant: Contestant) -> &'static str {
    match contestant {
        Contestant::Relay => "#888888",
        Contestant::Messngr => "#0b6e4f",
        Contestant::MessngrArchive => "#5bbf9a",
        Contestant::Ejabberd => "#b3541e",
        Contestant::EjabberdArchive => "#e8a87c",
        Contestant::Prosody => "#3d5a98",
        Contestant::ProsodyArchive => "#98b2e6",
    }
}

/// A line of its own in the same family.
fn with_tls(contestant: Contestant) -> &'static str {
    match contestant.product() {
        Product::Relay => "#bbbbbb",
        Product::Messngr => colour(Contestant::MessngrArchive),
        Product::Ejabberd => colour(Contestant::EjabberdArchive),
        Product::Prosody => colour(Contestant::ProsodyArchive),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::tests::measured;

    #[test]
    fn only_what_was_measured_is_drawn() {
        let mut results = Results::default();
        assert!(all(&results).is_empty());
        for (contestant, figure) in [(Contestant::Relay, 10.0), (Contestant::Messngr, 25.0)] {
            results.measurements.push(measured(Case::Chat1, contestant, &[("server_microseconds", figure)]));
        }
        let plots = all(&results);
        assert_eq!(plots.len(), 1);
        assert!(plots[0].svg.contains(">2.50 ×</text>"), "{}", plots[0].svg);
    }

    #[test]
    fn memory_is_drawn_over_sessions() {
        let mut results = Results::default();
        let figures = [("bytes_at_0", 1e6), ("bytes_at_1000", 3e6), ("bytes_at_19000", 40e6)];
        results.measurements.push(measured(Case::IdleTls, Contestant::Messngr, &figures));
        let svg = &all(&results)[0].svg;
        assert!(svg.contains(">messngr, TLS</text>") && svg.contains(">19000</text>"), "{svg}");
    }
}
