use std::{ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeArray, DeValue},
};

use super::{
    fault::Fault,
    formats::Format,
    keys::{Key, Kind},
};

/// The most entries of a list.
const LIST_MAX: usize = 1_000;

/// What is wrong within a value, and at which bytes of the text it was parsed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) span: Range<usize>,
    pub(super) what: String,
    pub(super) remedy: String,
}

/// The value of this setting in its normal form, or everything that is wrong with it. Relative paths begin at `base`.
pub(super) fn read(
    key: &Key,
    value: &Spanned<DeValue<'_>>,
    base: &Path,
) -> Result<toml::Value, Vec<Complaint>> {
    let complain =
        |fault: Fault| vec![Complaint { span: value.span(), what: fault.what, remedy: fault.remedy }];
    match (&key.kind, value.get_ref()) {
        (Kind::Boolean, DeValue::Boolean(truth)) => Ok(toml::Value::Boolean(*truth)),
        (Kind::Integer { min, max }, DeValue::Integer(_)) => integer(value.get_ref())
            .filter(|number| (min..=max).contains(&number))
            .map(toml::Value::Integer)
            .ok_or_else(|| complain(out_of_range(key, *min, *max))),
        (Kind::Number(numbers), DeValue::Integer(_)) => integer(value.get_ref())
            .filter(|number| numbers.contains(number))
            .map(toml::Value::Integer)
            .ok_or_else(|| complain(no_such_choice(key, numbers.iter().map(i64::to_string)))),
        (Kind::Word(words), DeValue::String(word)) => match words.iter().find(|known| *known == word) {
            Some(word) => Ok(toml::Value::String(word.clone())),
            None => Err(complain(no_such_choice(key, words.iter().map(|word| format!("\"{word}\""))))),
        },
        (Kind::Text(format), DeValue::String(text)) => {
            format.normalise(text, base).map(toml::Value::String).map_err(complain)
        }
        (Kind::List(format), DeValue::Array(list)) if list.len() <= LIST_MAX => {
            texts(key, *format, list, base)
        }
        (Kind::List(_), DeValue::Array(list)) => Err(complain(Fault {
            what: format!("`{}` has {} entries; at most {LIST_MAX} are possible.", key.path, list.len()),
            remedy: "Shorten the list: one wider entry often covers many.".to_owned(),
        })),
        (_, other) => Err(complain(wrong_type(key, other))),
    }
}

fn texts(key: &Key, format: Format, list: &DeArray<'_>, base: &Path) -> Result<toml::Value, Vec<Complaint>> {
    let mut values = Vec::new();
    let mut complaints = Vec::new();
    for entry in list.iter() {
        let read = match entry.get_ref() {
            DeValue::String(text) => format.normalise(text, base),
            other => Err(Fault {
                what: format!("an entry of `{}` must be a text, not {}.", key.path, type_of(other)),
                remedy: format!("Write {} = [\"{}\"].", key.name(), format.sample()),
            }),
        };
        match read {
            Ok(text) => values.push(toml::Value::String(text)),
            Err(Fault { what, remedy }) => complaints.push(Complaint { span: entry.span(), what, remedy }),
        }
    }
    if complaints.is_empty() { Ok(toml::Value::Array(values)) } else { Err(complaints) }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn out_of_range(key: &Key, min: i64, max: i64) -> Fault {
    Fault {
        what: format!("`{}` is outside its limits.", key.path),
        remedy: format!("Write a whole number from {min} to {max}."),
    }
}

fn no_such_choice(key: &Key, choices: impl Iterator<Item = String>) -> Fault {
    let choices: Vec<String> = choices.collect();
    Fault {
        what: format!("`{}` has no such choice.", key.path),
        remedy: format!("Write one of {}.", choices.join(", ")),
    }
}

fn wrong_type(key: &Key, value: &DeValue<'_>) -> Fault {
    let wanted = match &key.kind {
        Kind::Boolean => "true or false",
        Kind::Integer { .. } | Kind::Number(_) => "a whole number",
        Kind::Word(_) | Kind::Text(_) => "a text",
        Kind::List(_) => "a list of texts",
    };
    let what = format!("`{}` must be {wanted}, not {}.", key.path, type_of(value));
    let name = key.name();
    let remedy = match (&key.kind, value) {
        (Kind::Boolean, DeValue::String(text)) if matches!(text.as_ref(), "true" | "false") => {
            format!("Write {name} = {text}, without quotation marks.")
        }
        (Kind::Integer { .. } | Kind::Number(_), DeValue::String(text)) if text.parse::<i64>().is_ok() => {
            format!("Write {name} = {text}, without quotation marks.")
        }
        (Kind::List(_), DeValue::String(text)) if text.len() <= 100 => {
            format!("Put it into brackets: {name} = [{}].", toml::Value::String(text.to_string()))
        }
        (Kind::Boolean, _) => format!("Write {name} = true or {name} = false."),
        (Kind::Integer { min, max }, _) => format!("Write a whole number from {min} to {max}."),
        (Kind::Number(numbers), _) => {
            format!("Write one of {}.", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))
        }
        (Kind::Word(words), _) => format!("Write one of \"{}\".", words.join("\", \"")),
        (Kind::Text(format), _) => format!("Write {name} = \"{}\".", format.sample()),
        (Kind::List(format), _) => format!("Write {name} = [\"{}\"].", format.sample()),
    };
    Fault { what, remedy }
}

/// What the value is, for a sentence.
pub(super) fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
