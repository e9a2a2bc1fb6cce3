use std::{fmt, ops::Range, path::PathBuf};

use serde::Serialize;

/// What is wrong with the configuration, or worth a warning, and what to do about it.
///
/// `Display` gives two or three lines for a person, [`Mistake::to_json`] an object for a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// Where it was written.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// The full name of the setting, such as `doors.xmpp.listen`, where one is meant.
    pub(crate) key: Option<String>,
    /// What was found and what was expected: a sentence.
    pub(crate) what: String,
    /// What to do: a sentence.
    pub(crate) remedy: String,
}

/// Where something in the configuration comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Place {
    /// A line of the configuration file.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
        /// The line itself; where it is very long, the part that matters.
        source_line: String,
    },
    /// The configuration file as a whole.
    File {
        /// The file.
        file: PathBuf,
    },
    /// An environment variable.
    Variable {
        /// Its name.
        variable: String,
        /// Its value, where the variable is one of the service's settings.
        value: Option<String>,
    },
    /// A flag of the command line, such as `--enable`.
    Flag {
        /// The flag.
        flag: String,
        /// What was given with it.
        value: String,
    },
    /// Nobody wrote it: it is a default.
    Default,
}

/// The longest part of a line or value that is shown, in characters.
const SHOWN_MAX: usize = 120;

impl Mistake {
    /// The mistake as an object: `file`, `line`, `column` and `source_line`, or `variable`, or `flag`; `key`,
    /// `what`, `remedy`.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_else(|_| serde_json::Value::String(self.to_string()))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = one_line(&self.what);
        match &self.place {
            Place::Line { file, line, column, source_line } => {
                writeln!(f, "{}:{line}:{column}: {what}", one_line(&file.to_string_lossy()))?;
                writeln!(f, "  {line} | {}", one_line(source_line))?;
            }
            Place::File { file } => writeln!(f, "{}: {what}", one_line(&file.to_string_lossy()))?,
            Place::Variable { variable, value } => {
                writeln!(f, "environment variable {}: {what}", one_line(variable))?;
                if let Some(value) = value {
                    writeln!(f, "  {}={}", one_line(variable), one_line(value))?;
                }
            }
            Place::Flag { flag, value } => {
                writeln!(f, "command line: {what}")?;
                writeln!(f, "  {flag} {}", one_line(value))?;
            }
            Place::Default => writeln!(f, "configuration: {what}")?,
        }
        write!(f, "  {}", one_line(&self.remedy))
    }
}

impl Place {
    /// The place of these bytes in the text of a file.
    pub(super) fn within(file: PathBuf, text: &str, span: Range<usize>) -> Self {
        let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        // What is missing at the end of a line is best shown there, not on the empty line after the last one.
        let start = if start == text.len() { text.trim_end().len().min(start) } else { start };
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[line_start..].chars().count() + 1;
        let source = text.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
        Self::Line {
            file,
            line: before.matches('\n').count() + 1,
            column,
            source_line: around(source, column),
        }
    }
}

/// A text of somebody else's, as it may be quoted in a sentence.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// The line, or of a very long one the part that begins shortly before the column.
fn around(line: &str, column: usize) -> String {
    let length = line.chars().count();
    if length <= SHOWN_MAX {
        return line.trim_end().to_owned();
    }
    let skipped = column.saturating_sub(SHOWN_MAX / 2).min(length - SHOWN_MAX);
    let part: String = line.chars().skip(skipped).take(SHOWN_MAX).collect();
    let (before, after) =
        (if skipped > 0 { "…" } else { "" }, if skipped + SHOWN_MAX < length { "…" } else { "" });
    format!("{before}{part}{after}")
}

/// The text without what could control a terminal or break the line.
fn one_line(text: &str) -> String {
    domain::displayable(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_lines_and_characters() {
        let text = "a = 1\nü = \"ö\" # x\r\nlast";
        let place = |start| Place::within("f".into(), text, start..start);
        let line = |line, column, source_line: &str| Place::Line {
            file: "f".into(),
            line,
            column,
            source_line: source_line.to_owned(),
        };
        assert_eq!(place(0), line(1, 1, "a = 1"));
        assert_eq!(place(11), line(2, 5, "ü = \"ö\" # x"));
        assert_eq!(place(7), line(2, 1, "ü = \"ö\" # x"));
        assert_eq!(place(10_000), line(3, 5, "last"));
    }

    #[test]
    fn of_a_very_long_line_only_the_part_that_matters_is_shown() {
        let text = format!("{}HERE{}", "x".repeat(500), "y".repeat(500));
        let Place::Line { source_line, column, .. } = Place::within("f".into(), &text, 500..504) else {
            panic!("not a line")
        };
        assert_eq!(column, 501);
        assert!(source_line.contains("HERE"));
        assert!(source_line.chars().count() <= SHOWN_MAX + 2);
    }

    #[test]
    fn what_could_control_the_terminal_is_not_shown() {
        let mistake = Mistake {
            place: Place::Variable {
                variable: "MESSNGR_\u{1b}[2J".to_owned(),
                value: Some("a\nb\u{202e}".to_owned()),
            },
            key: None,
            what: "a\u{7}b".to_owned(),
            remedy: "c\nd".to_owned(),
        };
        assert_eq!(mistake.to_string(), "environment variable MESSNGR_[2J: ab\n  MESSNGR_[2J=a b\n  c d");
    }
}
