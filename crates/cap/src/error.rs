use thiserror::Error;

/// Why bytes are not an alert, or an alert cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CapError {
    /// It has more of something than is allowed.
    #[error("at most {limit} {what} are allowed")]
    TooMany {
        /// Bytes, elements and so on.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// It is not XML, or XML of a kind that is not taken: a document type, an entity, a processing instruction.
    #[error(
        "expected a document of XML without document type, entities and instructions, got one that is wrong: {why}"
    )]
    Xml {
        /// What the parser says.
        why: String,
    },
    /// Something stands where it may not.
    #[error("<{within}> cannot have {what} there")]
    Unexpected {
        /// The element that has it.
        within: String,
        /// What it is: `<name>`, an attribute, a text.
        what: String,
    },
    /// Something that has to be there is not, or stands in the wrong place.
    #[error("<{within}> needs <{name}> where it is not")]
    Missing {
        /// The element that needs it.
        within: String,
        /// What is missing.
        name: &'static str,
    },
    /// A value is not one of the element's.
    #[error("the value of <{name}> is wrong: expected {expected}, got \"{found}\"")]
    Value {
        /// The element.
        name: &'static str,
        /// What is expected.
        expected: &'static str,
        /// The beginning of what came.
        found: String,
    },
    /// Things that are right by themselves and wrong together.
    #[error("{0}")]
    Rule(&'static str),
}

impl CapError {
    /// A wrong value, of which the beginning is shown.
    pub(crate) fn value(name: &'static str, expected: &'static str, found: &str) -> Self {
        let found = found.chars().filter(|character| !character.is_control()).take(60).collect();
        Self::Value { name, expected, found }
    }
}
