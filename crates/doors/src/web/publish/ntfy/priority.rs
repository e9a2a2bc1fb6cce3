//! ntfy's five priorities, and what they are here.

use domain::Severity;

/// Number, words, severity.
const PRIORITIES: [(u8, &[&str], Severity); 5] = [
    (1, &["min"], Severity::Information),
    (2, &["low"], Severity::Information),
    (3, &["default"], Severity::Minor),
    (4, &["high"], Severity::Severe),
    (5, &["max", "urgent"], Severity::Extreme),
];

/// The number of a priority, by its number or one of its words.
pub(super) fn number(text: &str) -> Option<u8> {
    let text = text.trim().to_ascii_lowercase();
    let found = PRIORITIES.iter().find(|(number, words, _)| {
        words.contains(&text.as_str()) || text.parse::<u8>().is_ok_and(|given| given == *number)
    });
    found.map(|(number, ..)| *number)
}

/// How much something of this priority matters.
pub(super) fn severity(number: u8) -> Option<Severity> {
    PRIORITIES.iter().find(|(known, ..)| *known == number).map(|(.., severity)| *severity)
}

/// The priority of what matters so much.
pub(super) fn of(severity: Severity) -> u8 {
    match severity {
        Severity::Information => 2,
        Severity::Minor | Severity::Moderate => 3,
        Severity::Severe => 4,
        Severity::Extreme => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_known_by_number_and_by_word() {
        for (text, expected) in [
            ("1", Some(1)),
            ("min", Some(1)),
            ("LOW", Some(2)),
            ("default", Some(3)),
            (" 4 ", Some(4)),
            ("urgent", Some(5)),
            ("max", Some(5)),
            ("0", None),
            ("6", None),
            ("", None),
            ("critical", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn more_priority_is_never_less_severe_and_what_is_severe_comes_back_as_it_went() {
        let severities: Vec<Severity> = (1..=5).map(|number| severity(number).unwrap()).collect();
        assert!(severities.is_sorted());
        for number in 2..=5 {
            assert_eq!(of(severity(number).unwrap()), number);
        }
    }
}
