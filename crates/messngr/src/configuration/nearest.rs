/// The candidate that someone who wrote `written` most likely meant, if one is close enough to be worth naming.
///
/// A name that is right but stands in the wrong section is close; so is one with hyphens or capitals.
pub(super) fn nearest<'a>(
    written: &str,
    separator: char,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    // Longer names are nobody's typing error, and comparing them costs.
    if written.chars().count() > 80 {
        return None;
    }
    let written = written.replace('-', "_");
    let name = last(&written, separator).to_lowercase();
    candidates
        .map(|candidate| {
            let whole = distance(&written.to_lowercase(), &candidate.to_lowercase());
            let same_name = name == last(candidate, separator).to_lowercase();
            (if same_name { whole.min(1) } else { whole }, whole, candidate)
        })
        .min_by_key(|(score, whole, _)| (*score, *whole))
        .filter(|(score, _, _)| *score <= (written.chars().count() / 4).clamp(1, 4))
        .map(|(_, _, candidate)| candidate)
}

fn last(path: &str, separator: char) -> &str {
    path.rsplit(separator).next().unwrap_or(path)
}

/// How many characters must be inserted, removed or replaced to make one text of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, character) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, candidate) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *candidate);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 5] =
        ["domain", "doors.xmpp.listen", "doors.xmpp.listen_tls", "doors.windows.session_listen", "log.level"];

    #[test]
    fn a_slip_of_the_finger_a_hyphen_and_a_wrong_section_are_recognised() {
        let near = |written| nearest(written, '.', PATHS.into_iter());
        assert_eq!(near("doman"), Some("domain"));
        assert_eq!(near("doors.xmpp.listn"), Some("doors.xmpp.listen"));
        assert_eq!(near("doors.xmpp.listen-tls"), Some("doors.xmpp.listen_tls"));
        assert_eq!(near("listen"), Some("doors.xmpp.listen"));
        assert_eq!(near("doors.level"), Some("log.level"));
    }

    #[test]
    fn something_else_altogether_is_not_guessed_at() {
        assert_eq!(nearest("colour", '.', PATHS.into_iter()), None);
        assert_eq!(nearest("", '.', PATHS.into_iter()), None);
        assert_eq!(nearest(&"d".repeat(1_000_000), '.', PATHS.into_iter()), None);
    }

    #[test]
    fn the_distance_counts_single_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
