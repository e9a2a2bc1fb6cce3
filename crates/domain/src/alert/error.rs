use thiserror::Error;

/// What is wrong with an alert or with a word about one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlertError {
    /// It is no code to confirm with.
    #[error("\"{text}\" is not a code: 8 letters and digits, as the message shows them")]
    Code {
        /// What was given, shortened.
        text: String,
    },
    /// The headline is empty or too long.
    #[error("the headline has {chars} characters: 1 to 200 are allowed; put more words into the text")]
    Headline {
        /// How many characters it has.
        chars: usize,
    },
    /// The text is too long.
    #[error("the text has {chars} characters: at most {max} are allowed")]
    Text {
        /// How many characters it has.
        chars: usize,
        /// How many it may have.
        max: usize,
    },
    /// The choices are none, too many, alike, empty or too long.
    #[error("the choices are wrong: {why}")]
    Choices {
        /// The rule they break.
        why: &'static str,
    },
    /// It would have ended before it began.
    #[error(
        "the alert would be over before it takes effect: send it anew with a later end; a draft is changed with `messngr alert draft change`"
    )]
    Expiry,
    /// Its end was given as a time and as how long it lasts.
    #[error("an alert ends at a time or after so many seconds: give one of both")]
    TwoEnds,
    /// It would take effect further ahead than is allowed.
    #[error("an alert takes effect within ten years")]
    TooFarAhead,
    /// Not a severity.
    #[error("\"{text}\" is not a severity: there are information, minor, moderate, severe and extreme")]
    Severity {
        /// What was given.
        text: String,
    },
    /// Not an alert's id.
    #[error("\"{text}\" is not the id of an alert; `messngr alert list` shows them")]
    Id {
        /// What was given.
        text: String,
    },
    /// Not a language.
    #[error("\"{text}\" is not the tag of a language: write en, es or pt-br")]
    Language {
        /// What was given.
        text: String,
    },
    /// The same language twice, or too many.
    #[error("the translations are wrong: {why}")]
    Translations {
        /// The rule they break.
        why: &'static str,
    },
    /// Not a number of confirmations.
    #[error("\"{text}\" is not a number of confirmations: write 5, or 80%")]
    Threshold {
        /// What was given.
        text: String,
    },
    /// The repetition breaks a rule.
    #[error("the repetition is wrong: {why}")]
    Repeat {
        /// The rule it breaks.
        why: &'static str,
    },
    /// The escalation breaks a rule.
    #[error("the escalation is wrong: {why}")]
    Escalation {
        /// The rule it breaks.
        why: &'static str,
    },
    /// A link or an attachment breaks a rule.
    #[error(
        "\"{text}\" is not a link: it begins with https:, http:, mailto:, tel: or xmpp:, and has at most 2000 characters without spaces"
    )]
    Link {
        /// What was given.
        text: String,
    },
    /// Too many attachments.
    #[error("{count} attachments are more than 20")]
    Attachments {
        /// How many there were.
        count: usize,
    },
    /// The issuer's key is empty or too long.
    #[error("a key has 1 to 200 characters")]
    Key,
}
