//! How readers see that what was published is a drill.

use domain::PublicationDetails;

/// The word for it, in the languages of the house: nobody knows which one a reader reads.
const MARK: &str = "DRILL / SIMULACRO";

/// The tag that says so to programs.
pub(super) const TAG: &str = "drill";

/// The words, with the mark before them where it is a drill.
pub(super) fn marked(details: &PublicationDetails, words: &str) -> String {
    if details.drill { before(words) } else { words.to_owned() }
}

/// The mark, and the words behind it.
pub(super) fn before(words: &str) -> String {
    if words.is_empty() { MARK.to_owned() } else { format!("{MARK} - {words}") }
}
