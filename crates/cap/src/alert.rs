use crate::{CapError, Info, MessageType, Reference, Scope, Status, Time, read, rules, write};

/// A whole document: who says what to whom, and what it is to those before it (CAP 1.2 §3.2.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Unique for its sender: no white space, comma, `<` or `&`.
    pub identifier: String,
    /// Globally unique for who has made it, by convention like a domain name: the same characters.
    pub sender: String,
    /// When it was sent.
    pub sent: Time,
    /// How it is to be handled.
    pub status: Status,
    /// What it is to those before it.
    pub message_type: MessageType,
    /// The device or person behind it.
    pub source: Option<String>,
    /// Whom it is meant to reach.
    pub scope: Scope,
    /// Whom a restricted alert is for: there if and only if it is one.
    pub restriction: Option<String>,
    /// Whom a private alert is for: at least one if it is one.
    pub addresses: Vec<String>,
    /// Codes for special handling.
    pub codes: Vec<String>,
    /// The purpose, for exercises and errors above all.
    pub note: Option<String>,
    /// The earlier alerts that it is about.
    pub references: Vec<Reference>,
    /// Names of the incidents that it belongs to.
    pub incidents: Vec<String>,
    /// What is said, once for each language or phase.
    pub infos: Vec<Info>,
}

impl Alert {
    /// Reads a document, in UTF-8. Elements of other namespaces at its end, such as a signature, are skipped.
    ///
    /// # Errors
    /// The first rule of XML, of the schema or of the standard that it breaks, or the limit that it passes.
    pub fn read(bytes: &[u8]) -> Result<Self, CapError> {
        let alert = read::alert(bytes)?;
        alert.check()?;
        Ok(alert)
    }

    /// The document, in UTF-8, valid by the schema.
    ///
    /// # Errors
    /// The first rule that the alert breaks.
    pub fn write(&self) -> Result<String, CapError> {
        self.check()?;
        Ok(write::document(self))
    }

    /// Whether it keeps every rule that its types do not already hold.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self) -> Result<(), CapError> {
        rules::check(self)
    }

    /// How later alerts refer to it.
    pub fn reference(&self) -> Reference {
        Reference { sender: self.sender.clone(), identifier: self.identifier.clone(), sent: self.sent }
    }

    /// What is said in the language that fits best: the first of `languages` (such as `es` or `pt-BR`) that there is a
    /// text for, by the whole tag or by its first part; else the first text.
    pub fn info_for(&self, languages: &[&str]) -> Option<&Info> {
        let first = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let exactly =
            |wanted: &str| self.infos.iter().find(|info| info.language().eq_ignore_ascii_case(wanted));
        let nearly = |wanted: &str| self.infos.iter().find(|info| first(info.language()) == first(wanted));
        let found = languages.iter().find_map(|wanted| exactly(wanted).or_else(|| nearly(wanted)));
        found.or_else(|| self.infos.first())
    }
}
