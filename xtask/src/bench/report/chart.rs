//! Charts of any figures.

use super::svg::{Anchor, Svg};

const WIDTH: f64 = 760.0;
const GRID: &str = "#ddd";
const AXIS: &str = "#888";

/// One bar.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) colour: &'static str,
}

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) colour: &'static str,
}

/// How values become lengths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    least: f64,
    most: f64,
    logarithmic: bool,
}

impl Scale {
    /// From nothing to the largest of the values, rounded up.
    pub(super) fn linear(values: impl Iterator<Item = f64>) -> Self {
        let largest = values.fold(f64::MIN_POSITIVE, f64::max);
        let step = 10_f64.powf(largest.log10().floor());
        Self { least: 0.0, most: (largest / step).ceil() * step, logarithmic: false }
    }

    /// The powers of ten around the values, which are positive, and around one.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.filter(|value| *value > 0.0).collect();
        let least = values.iter().copied().fold(f64::MAX, f64::min).min(0.5);
        let most = values.iter().copied().fold(1.0, f64::max);
        let power = |exponent: f64| 10_f64.powf(exponent);
        let least_exponent = least.log10().floor();
        let most_exponent = most.log10().ceil().max(least_exponent + 1.0);
        Self { least: power(least_exponent), most: power(most_exponent), logarithmic: true }
    }

    /// Where a value stands, from 0 to 1.
    pub(super) fn place(self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(self.least) / self.least).log10() / (self.most / self.least).log10()
        } else {
            (value - self.least) / (self.most - self.least)
        };
        share.clamp(0.0, 1.0)
    }

    /// Values with a line of the grid.
    pub(super) fn ticks(self) -> Vec<f64> {
        if self.logarithmic {
            let decades = (self.most / self.least).log10().round() as i32;
            return (0..=decades).map(|decade| self.least * 10_f64.powi(decade)).collect();
        }
        (0..=5).map(|fifth| self.least + (self.most - self.least) * f64::from(fifth) / 5.0).collect()
    }
}

/// Groups of bars from left to right, each group with its name above it; written beside each bar is its value.
pub(super) fn bars(
    title: &str,
    groups: &[(String, Vec<Bar>)],
    scale: Scale,
    write: impl Fn(f64) -> String,
) -> String {
    const LEFT: f64 = 170.0;
    const RIGHT: f64 = 80.0;
    const TOP: f64 = 44.0;
    const ROW: f64 = 20.0;
    let rows: usize = groups.iter().map(|(_, bars)| bars.len() + 2).sum();
    let bottom = TOP + rows as f64 * ROW;
    let mut svg = Svg::new(WIDTH, bottom + 30.0);
    let x = |value: f64| LEFT + scale.place(value) * (WIDTH - LEFT - RIGHT);
    svg.text(10.0, 22.0, Anchor::Start, title);
    for tick in scale.ticks() {
        svg.line((x(tick), TOP), (x(tick), bottom), if tick == 1.0 { AXIS } else { GRID });
        svg.text(x(tick), bottom + 16.0, Anchor::Middle, &short(tick));
    }
    let mut y = TOP;
    for (name, bars) in groups {
        svg.text(10.0, y + ROW * 0.75, Anchor::Start, name);
        y += ROW;
        for bar in bars {
            svg.text(LEFT - 8.0, y + ROW * 0.7, Anchor::End, &bar.name);
            svg.rectangle(LEFT, y + 3.0, (x(bar.value) - LEFT).max(1.0), ROW - 6.0, bar.colour);
            svg.text(x(bar.value) + 5.0, y + ROW * 0.7, Anchor::Start, &write(bar.value));
            y += ROW;
        }
        y += ROW;
    }
    svg.finish()
}

/// Lines over an axis whose ticks are given with their names.
pub(super) fn lines(title: &str, ticks: &[(f64, String)], lines: &[Line], scale: Scale) -> String {
    const LEFT: f64 = 60.0;
    const RIGHT: f64 = 180.0;
    const TOP: f64 = 44.0;
    const BOTTOM: f64 = 380.0;
    let mut svg = Svg::new(WIDTH, BOTTOM + 40.0);
    let first = ticks.first().map_or(0.0, |(value, _)| *value);
    let last = ticks.last().map_or(1.0, |(value, _)| *value).max(first + f64::MIN_POSITIVE);
    let x = |value: f64| LEFT + (value - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| BOTTOM - scale.place(value) * (BOTTOM - TOP);
    svg.text(10.0, 22.0, Anchor::Start, title);
    for tick in scale.ticks() {
        svg.line((LEFT, y(tick)), (WIDTH - RIGHT, y(tick)), GRID);
        svg.text(LEFT - 8.0, y(tick) + 4.0, Anchor::End, &short(tick));
    }
    for (value, name) in ticks {
        svg.line((x(*value), BOTTOM), (x(*value), BOTTOM + 5.0), AXIS);
        svg.text(x(*value), BOTTOM + 20.0, Anchor::Middle, name);
    }
    for (row, line) in lines.iter().enumerate() {
        let points: Vec<_> = line.points.iter().map(|(value, height)| (x(*value), y(*height))).collect();
        svg.path(&points, line.colour);
        let height = TOP + 12.0 + 18.0 * row as f64;
        svg.rectangle(WIDTH - RIGHT + 16.0, height - 9.0, 10.0, 10.0, line.colour);
        svg.text(WIDTH - RIGHT + 32.0, height, Anchor::Start, &line.name);
    }
    svg.finish()
}

/// A number of the grid.
fn short(value: f64) -> String {
    if value >= 1.0 || value == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.4}").trim_end_matches('0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_scale_begins_with_nothing() {
        let scale = Scale::linear([3.0, 42.0].into_iter());
        assert_eq!((scale.place(0.0), scale.place(25.0), scale.place(50.0)), (0.0, 0.5, 1.0));
        assert_eq!(scale.ticks(), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
    }

    #[test]
    fn a_logarithmic_scale_holds_one_and_all_values() {
        let scale = Scale::logarithmic([0.3, 71.0].into_iter());
        let places = [0.1, 1.0, 10.0, 100.0].map(|value| (scale.place(value) * 3.0).round());
        assert_eq!(places, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(scale.ticks().len(), 4);
        assert_eq!(scale.place(0.0), 0.0);
    }

    #[test]
    fn a_longer_bar_is_a_larger_value() {
        let bar = |value| Bar { name: "b".to_owned(), value, colour: "#000" };
        let scale = Scale::linear([10.0].into_iter());
        let svg =
            bars("t", &[("g".to_owned(), vec![bar(5.0), bar(10.0)])], scale, |value| format!("{value} x"));
        assert!(svg.contains("width=\"255.0\"") && svg.contains("width=\"510.0\""), "{svg}");
        assert!(svg.contains(">10 x</text>"), "{svg}");
    }
}
