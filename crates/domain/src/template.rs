use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AlertDraft, EntryName, displayable};

/// An alert with gaps: `{place}` in its words is filled in when it is sent; `{{` and `}}` are braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// What it is called.
    pub name: EntryName,
    /// The variables whose places are in the words, each 1 to 40 letters, digits or `_`.
    pub variables: BTreeSet<String>,
    /// What is sent. Its `begins_at`, `expires_at`, `updates` and `key` are of no account.
    pub draft: AlertDraft,
    /// After how many seconds the alert ends by itself.
    #[serde(default)]
    pub expires_after_seconds: Option<u32>,
}

/// Why a template cannot be kept or filled in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// A place that no variable is declared for, or a value without one.
    #[error("the template has no variable \"{name}\"; it has: {declared}")]
    Unknown {
        /// The variable.
        name: String,
        /// Those there are.
        declared: String,
    },
    /// A variable without a value.
    #[error("the variable \"{name}\" has no value")]
    Missing {
        /// The variable.
        name: String,
    },
    /// A variable that stands nowhere.
    #[error("the variable \"{name}\" is declared and stands nowhere in the words")]
    Unused {
        /// The variable.
        name: String,
    },
    /// Not a variable's name.
    #[error("\"{name}\" is not a variable: 1 to 40 letters, digits or \"_\"")]
    Name {
        /// What was given.
        name: String,
    },
    /// A brace that opens or closes nothing.
    #[error("a brace stands alone in \"{text}\": write {{{{ for a brace that is meant")]
    Brace {
        /// Where, shortened.
        text: String,
    },
    /// A value is too long.
    #[error("the value of \"{name}\" has more than 1000 characters")]
    Value {
        /// The variable.
        name: String,
    },
}

const NAME_CHARS_MAX: usize = 40;
const VALUE_CHARS_MAX: usize = 1_000;

impl Template {
    /// The template, if every place in it has a declared variable and every variable has a place.
    pub fn checked(self) -> Result<Self, TemplateError> {
        if let Some(name) = self.variables.iter().find(|name| !is_name(name)) {
            return Err(TemplateError::Name { name: shortened(name) });
        }
        let mut used = BTreeSet::new();
        let mut draft = self.draft.clone();
        for words in words(&mut draft) {
            for piece in pieces(words)? {
                if let Piece::Place(name) = piece {
                    used.insert(name.to_owned());
                }
            }
        }
        if let Some(name) = used.difference(&self.variables).next() {
            return Err(self.unknown(name));
        }
        match self.variables.difference(&used).next() {
            Some(name) => Err(TemplateError::Unused { name: name.clone() }),
            None => Ok(self),
        }
    }

    /// The draft with these values in the places of the variables: each has one, and there are no others.
    pub fn filled(&self, values: &BTreeMap<String, String>) -> Result<AlertDraft, TemplateError> {
        if let Some(name) = values.keys().find(|name| !self.variables.contains(*name)) {
            return Err(self.unknown(name));
        }
        if let Some(name) = self.variables.iter().find(|name| !values.contains_key(*name)) {
            return Err(TemplateError::Missing { name: name.clone() });
        }
        if let Some((name, _)) = values.iter().find(|(_, value)| value.chars().count() > VALUE_CHARS_MAX) {
            return Err(TemplateError::Value { name: name.clone() });
        }
        let mut draft = self.draft.clone();
        for words in words(&mut draft) {
            let mut filled = String::new();
            for piece in pieces(words)? {
                match piece {
                    Piece::Text(text) => filled.push_str(text),
                    Piece::Place(name) => match values.get(name) {
                        Some(value) => filled.push_str(value),
                        None => return Err(self.unknown(name)),
                    },
                }
            }
            *words = filled;
        }
        Ok(draft)
    }

    fn unknown(&self, name: &str) -> TemplateError {
        let declared: Vec<&str> = self.variables.iter().map(String::as_str).collect();
        let declared = if declared.is_empty() { "none".to_owned() } else { declared.join(", ") };
        TemplateError::Unknown { name: shortened(name), declared }
    }
}

/// Everything in a draft that may have places.
fn words(draft: &mut AlertDraft) -> Vec<&mut String> {
    let AlertDraft { headline, text, choices, translations, link, .. } = draft;
    let translated = translations.values_mut().flat_map(|translation| {
        let own = [&mut translation.headline, &mut translation.text];
        own.into_iter().chain(&mut translation.choices)
    });
    [headline, text].into_iter().chain(choices).chain(link).chain(translated).collect()
}

enum Piece<'a> {
    Text(&'a str),
    Place(&'a str),
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let alone = || TemplateError::Brace { text: shortened(text) };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(index) = rest.find(['{', '}']) {
        pieces.push(Piece::Text(&rest[..index]));
        let brace = &rest[index..=index];
        let after = &rest[index + 1..];
        if after.starts_with(brace) {
            pieces.push(Piece::Text(brace));
            rest = &after[1..];
            continue;
        }
        let name = after.split_once('}').filter(|_| brace == "{").map(|(name, _)| name).ok_or_else(alone)?;
        if !is_name(name) {
            return Err(TemplateError::Name { name: shortened(name) });
        }
        pieces.push(Piece::Place(name));
        rest = &after[name.len() + 1..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

fn is_name(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

fn shortened(text: &str) -> String {
    displayable(text).chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Address, Translation};

    fn template(headline: &str, variables: &[&str]) -> Template {
        let issuer = Address::parse("admin@x.internal").unwrap();
        Template {
            name: "outage".parse().unwrap(),
            variables: variables.iter().map(|name| (*name).to_owned()).collect(),
            draft: AlertDraft::new(issuer, "everyone".parse().unwrap(), headline),
            expires_after_seconds: None,
        }
    }

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn places_are_filled_in_every_language_and_nothing_is_filled_twice() {
        let mut outage = template("{what} is down {{soon}}", &["what", "until"]);
        outage.draft.text = "Until {until}".to_owned();
        let spanish = Translation { headline: "{what} caído".into(), ..Translation::default() };
        outage.draft.translations.insert("es".parse().unwrap(), spanish);
        let outage = outage.checked().unwrap();
        let draft = outage.filled(&values(&[("what", "{until}"), ("until", "noon")])).unwrap();
        assert_eq!(draft.headline, "{until} is down {soon}");
        assert_eq!(draft.text, "Until noon");
        assert_eq!(draft.words_in("es").headline, "{until} caído");
    }

    #[test]
    fn what_is_missing_or_too_much_is_said() {
        let outage = template("{what} is down", &["what"]);
        let error = outage.filled(&values(&[])).unwrap_err();
        assert_eq!(error, TemplateError::Missing { name: "what".into() });
        let error = outage.filled(&values(&[("what", "x"), ("when", "y")])).unwrap_err();
        assert_eq!(error, TemplateError::Unknown { name: "when".into(), declared: "what".into() });
        assert!(matches!(template("{what}", &[]).checked(), Err(TemplateError::Unknown { .. })));
        assert!(matches!(template("x", &["what"]).checked(), Err(TemplateError::Unused { .. })));
        assert!(matches!(template("{a b}", &[]).checked(), Err(TemplateError::Name { .. })));
        for alone in ["{", "}", "{x", "a } b", "{{}"] {
            assert!(matches!(template(alone, &["x"]).checked(), Err(TemplateError::Brace { .. })), "{alone}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "[a-z{} ]{0,30}") {
            let _ = template(&text, &["a"]).checked();
        }
    }
}
