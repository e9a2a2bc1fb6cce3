use crate::{Area, Category, Certainty, Resource, ResponseType, Severity, Time, Urgency};

/// What is said, in one language and for one phase (CAP 1.2 §3.2.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// The language (RFC 3066); where there is none, `en-US` is meant.
    pub language: Option<String>,
    /// What kinds of event it is: at least one.
    pub categories: Vec<Category>,
    /// What it is called.
    pub event: String,
    /// What kinds of action are recommended.
    pub response_types: Vec<ResponseType>,
    /// How soon to act.
    pub urgency: Urgency,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// Whom it is written for, in words.
    pub audience: Option<String>,
    /// What the event is called in systems of codes.
    pub event_codes: Vec<NamedValue>,
    /// From when on what is said holds; where there is none, since it was sent.
    pub effective: Option<Time>,
    /// When the event is expected to begin.
    pub onset: Option<Time>,
    /// Until when what is said holds.
    pub expires: Option<Time>,
    /// Who says it, for people.
    pub sender_name: Option<String>,
    /// A short line.
    pub headline: Option<String>,
    /// What happens.
    pub description: Option<String>,
    /// What to do.
    pub instruction: Option<String>,
    /// Where there is more: a URI.
    pub web: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Values of systems of their own.
    pub parameters: Vec<NamedValue>,
    /// Files that belong to it.
    pub resources: Vec<Resource>,
    /// Where it holds.
    pub areas: Vec<Area>,
}

/// A value and the name of what it is a value of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedValue {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Info {
    /// With what has to be there, and nothing else.
    pub fn new(
        category: Category,
        event: &str,
        urgency: Urgency,
        severity: Severity,
        certainty: Certainty,
    ) -> Self {
        Self {
            language: None,
            categories: vec![category],
            event: event.to_owned(),
            response_types: Vec::new(),
            urgency,
            severity,
            certainty,
            audience: None,
            event_codes: Vec::new(),
            effective: None,
            onset: None,
            expires: None,
            sender_name: None,
            headline: None,
            description: None,
            instruction: None,
            web: None,
            contact: None,
            parameters: Vec::new(),
            resources: Vec::new(),
            areas: Vec::new(),
        }
    }

    /// The language in which it is said.
    pub fn language(&self) -> &str {
        self.language.as_deref().unwrap_or("en-US")
    }
}
