use std::{
    borrow::Cow,
    ffi::{OsStr, OsString},
    path::Path,
};

use toml::{Spanned, de::DeValue};

use super::{
    keys::{Key, Keys, Kind, VARIABLE_PREFIX},
    load::{Layer, Setting, Source},
    mistake::{Mistake, Place},
    nearest::nearest,
    value,
};

/// The longest value of a variable, in bytes.
const VALUE_BYTES_MAX: usize = 65_536;

/// What the variables that begin with `MESSNGR_` set. All others are somebody else's.
pub(super) fn read(environment: &[(OsString, OsString)], working_directory: &Path, keys: &Keys) -> Layer {
    let mut layer = Layer::default();
    let variables: Vec<(String, &Key)> = keys.settings().map(|key| (key.variable(), key)).collect();
    for (name, given) in environment {
        let name = name.to_string_lossy();
        if !name.starts_with(VARIABLE_PREFIX) {
            continue;
        }
        match variables.iter().find(|(variable, _)| *variable == name) {
            Some((_, key)) => read_variable(&name, given, key, working_directory, &mut layer),
            None => {
                let known = variables.iter().map(|(variable, _)| variable.as_str());
                layer.mistakes.push(unknown(&name, known));
            }
        }
    }
    layer.mistakes.sort_by(|one, other| one.key.cmp(&other.key));
    layer
}

fn read_variable(name: &str, given: &OsStr, key: &Key, base: &Path, layer: &mut Layer) {
    let place = Place::Variable { variable: name.to_owned(), value: Some(shown(given)) };
    let mut mistake = |what: String, remedy: String| {
        let key = Some(key.path.clone());
        layer.mistakes.push(Mistake { place: place.clone(), key, what, remedy });
    };
    let Some(text) = given.to_str().filter(|text| text.len() <= VALUE_BYTES_MAX) else {
        return mistake(
            format!("the value is not UTF-8, or longer than {VALUE_BYTES_MAX} bytes."),
            "Put the setting into the configuration file.".to_owned(),
        );
    };
    let value = match parsed(text, key) {
        Ok(value) => value,
        Err(why) => {
            let remedy =
                format!("Write a list in brackets, texts in quotation marks: {name}='[\"A\", \"B\"]'.");
            return mistake(format!("the value is not valid TOML: {why}."), remedy);
        }
    };
    match value::read(key, &value, base) {
        Ok(value) => {
            layer.settings.push(Setting {
                path: key.path.clone(),
                value,
                source: Source::Environment,
                place,
            });
        }
        Err(complaints) => {
            for complaint in complaints {
                mistake(complaint.what, complaint.remedy);
            }
        }
    }
}

/// The variable's value as TOML. What is not TOML is taken as a text as it stands, and so is everything that is not a
/// TOML text where one is wanted; but a list that was begun has to be one.
fn parsed<'a>(text: &'a str, key: &Key) -> Result<Spanned<DeValue<'a>>, String> {
    let wants_text = matches!(key.kind, Kind::Text(_) | Kind::Word(_));
    match DeValue::parse(text) {
        Ok(value) if !wants_text || value.get_ref().is_str() => Ok(value),
        Err(error) if !wants_text && text.trim_start().starts_with('[') => Err(error.message().to_owned()),
        Ok(_) | Err(_) => Ok(Spanned::new(0..text.len(), DeValue::String(Cow::Borrowed(text)))),
    }
}

fn unknown<'a>(name: &str, variables: impl Iterator<Item = &'a str>) -> Mistake {
    let remedy = match nearest(name, '\0', variables) {
        Some(near) => format!("Did you mean {near}?"),
        None => "`messngr config reference` prints all settings with their variables.".to_owned(),
    };
    // Its value is not quoted: the variable is not ours, and may be a secret.
    let place = Place::Variable { variable: name.to_owned(), value: None };
    Mistake { place, key: None, what: "there is no such setting.".to_owned(), remedy }
}

fn shown(value: &OsStr) -> String {
    let value = value.to_string_lossy();
    let mut shown: String = value.chars().take(120).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    shown
}
