use std::{fmt, str::FromStr};

use crate::{CapError, NamedValue, POINTS_MAX};

/// Where something holds (CAP 1.2 §3.2.4).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// In words.
    pub description: String,
    /// Its shapes. The area is all of them together.
    pub polygons: Vec<Polygon>,
    /// Its circles. The area is all of them together.
    pub circles: Vec<Circle>,
    /// What it is called in systems of codes.
    pub geocodes: Vec<NamedValue>,
    /// Its height above sea level in feet, or its lower end where there is a ceiling.
    pub altitude: Option<f64>,
    /// Its upper end in feet, only beside `altitude`.
    pub ceiling: Option<f64>,
}

/// A place in WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Degrees north: -90 to 90.
    pub latitude: f64,
    /// Degrees east: -180 to 180.
    pub longitude: f64,
}

/// A closed line around an area: at least 4 points, the last of them the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    /// The points in their order.
    pub points: Vec<Point>,
}

/// All within a distance of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// The middle.
    pub middle: Point,
    /// In kilometres: not negative.
    pub radius: f64,
}

const POLYGON: &str =
    "4 or more pairs LATITUDE,LONGITUDE with white space between them, the last of them the first";
const CIRCLE: &str = "LATITUDE,LONGITUDE RADIUS";

impl FromStr for Polygon {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let wrong = || CapError::value("polygon", POLYGON, text);
        let points =
            text.split_ascii_whitespace().take(POINTS_MAX + 1).map(point).collect::<Option<Vec<Point>>>();
        let polygon = Self { points: points.ok_or_else(wrong)? };
        polygon.check()?;
        Ok(polygon)
    }
}

impl Polygon {
    pub(crate) fn check(&self) -> Result<(), CapError> {
        if self.points.len() > POINTS_MAX {
            return Err(CapError::TooMany { what: "points of a polygon", limit: POINTS_MAX });
        }
        let closed = self.points.len() >= 4 && self.points.first() == self.points.last();
        let good = closed && self.points.iter().all(Point::is_on_earth);
        if good { Ok(()) } else { Err(CapError::value("polygon", POLYGON, &self.to_string())) }
    }
}

impl FromStr for Circle {
    type Err = CapError;

    fn from_str(text: &str) -> Result<Self, CapError> {
        let read = || {
            let mut parts = text.split_ascii_whitespace();
            let circle = Self { middle: point(parts.next()?)?, radius: decimal(parts.next()?)? };
            parts.next().is_none().then_some(circle)
        };
        let circle = read().ok_or_else(|| CapError::value("circle", CIRCLE, text))?;
        circle.check()?;
        Ok(circle)
    }
}

impl Circle {
    pub(crate) fn check(&self) -> Result<(), CapError> {
        let good = self.middle.is_on_earth() && self.radius.is_finite() && self.radius >= 0.0;
        if good { Ok(()) } else { Err(CapError::value("circle", CIRCLE, &self.to_string())) }
    }
}

impl Point {
    fn is_on_earth(&self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }
}

fn point(text: &str) -> Option<Point> {
    let (latitude, longitude) = text.split_once(',')?;
    Some(Point { latitude: decimal(latitude)?, longitude: decimal(longitude)? })
}

/// A decimal number of XML Schema (§3.2.3): no exponent, and neither infinity nor a number that is none.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let good = !(before.is_empty() && after.is_empty()) && all_digits(before) && all_digits(after);
    text.parse().ok().filter(|number: &f64| good && number.is_finite())
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{}", self.latitude, self.longitude)
    }
}

impl fmt::Display for Polygon {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, point) in self.points.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(formatter, "{space}{point}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.middle, self.radius)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polygon_is_closed_has_four_points_and_lies_on_the_earth() {
        let text = "38.47,-120.14 38.34,-119.95 38.52,-119.74 38.47,-120.14";
        assert_eq!(text.parse::<Polygon>().unwrap().to_string(), text);
        for wrong in [
            "",
            "38.47,-120.14",
            "0,0 1,1 0,0",
            "0,0 1,1 2,2 3,3",
            "0,0 91,0 1,1 0,0",
            "0,0 0,181 1,1 0,0",
            "0,0 1 1,1 0,0",
            "0,0 1e1,0 1,1 0,0",
            "0,0 NaN,0 1,1 0,0",
        ] {
            assert!(wrong.parse::<Polygon>().is_err(), "{wrong}");
        }
        let many = "0,0 ".repeat(POINTS_MAX + 5);
        assert!(matches!(many.parse::<Polygon>(), Err(CapError::TooMany { .. })));
    }

    #[test]
    fn a_circle_has_a_middle_and_a_distance_that_is_not_negative() {
        assert_eq!("32.9525,-115.5527 0".parse::<Circle>().unwrap().to_string(), "32.9525,-115.5527 0");
        for wrong in ["", "32.9,-115.5", "32.9,-115.5 -1", "32.9 1", "32.9,-115.5 1 1", "32.9,-115.5 inf"] {
            assert!(wrong.parse::<Circle>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_decimal_number_has_digits_and_at_most_a_sign_and_a_point() {
        for good in ["0", "-1.5", "+2", ".5", "5."] {
            assert!(decimal(good).is_some(), "{good}");
        }
        for wrong in ["", ".", "-", "1e3", "inf", "NaN", "1.2.3", "0x1", "1_0", " 1"] {
            assert!(decimal(wrong).is_none(), "{wrong}");
        }
    }
}
