use std::{fmt::Write, path::Path};

use doors::api::service::SettingView;

use super::{
    Configuration,
    keys::{Entry, Family, Key, Keys, Kind},
};

const HEAD: &str = "\
# The configuration of messngr: every setting, with its default.
#
# A line that begins with `#` and no space is a setting: remove the `#` to change it.
# A flag of the command line wins over the environment, the environment over this file, this file over the default.
# Values in the environment are written as here: MESSNGR_DOORS_XMPP_LISTEN='[\"127.0.0.1:5222\"]'; around a single
# text the quotation marks may be left out: MESSNGR_DOMAIN=office.internal.
";

const PAGE_HEAD: &str = "\
# Configuration

The service needs no configuration. What is to be different stands in a TOML file, given with `--config FILE`, in
environment variables, or on the command line. A flag wins over the environment, the environment over the file, and
the file over the default. A setting that does not exist is an error, and nothing is put in force while there is one:
`messngr config check` explains each mistake. `messngr config reference` prints what follows, ready to be edited.

```toml
";

/// The commented reference, itself a configuration file in which every default is commented out.
pub(crate) fn reference() -> String {
    let keys = Keys::new();
    // The name and the directory are not shown: settings that depend on the host have an example instead.
    let defaults = Configuration::new("host.internal", Path::new("/"), "HOST");
    let defaults = toml::Table::try_from(defaults).unwrap_or_default();
    let mut text = HEAD.to_owned();
    for entry in keys.entries() {
        text.push('\n');
        match entry {
            Entry::Section { path, description } => {
                comment(&mut text, description);
                let _ = writeln!(text, "[{path}]");
            }
            Entry::Family(family) => named_sections(&mut text, family),
            Entry::Setting(key) => setting(&mut text, key, at(&defaults, &key.path)),
        }
    }
    text
}

/// The page of the administrator's book: the reference with an introduction, in Markdown.
pub(crate) fn page() -> String {
    format!("{PAGE_HEAD}{}```\n", reference())
}

/// What each setting and section is for.
pub(crate) fn described() -> Vec<SettingView> {
    let view = |path: &str, description: &str| SettingView {
        path: path.to_owned(),
        description: description.lines().map(str::trim).collect::<Vec<_>>().join(" "),
    };
    let mut views = Vec::new();
    for entry in Keys::new().entries() {
        match entry {
            Entry::Section { path, description } => views.push(view(path, description)),
            Entry::Setting(key) => views.push(view(&key.path, &key.description)),
            Entry::Family(family) => {
                views.push(view(&family.path, &family.description));
                views.extend(family.keys.iter().map(|key| view(&key.path, &key.description)));
            }
        }
    }
    views
}

/// What is in force, as a configuration file.
pub(crate) fn effective(configuration: &Configuration) -> String {
    // A complete configuration has a TOML form: its paths are UTF-8 and its numbers within the limits.
    toml::to_string(configuration).unwrap_or_default()
}

fn setting(text: &mut String, key: &Key, default: Option<&toml::Value>) {
    comment(text, &key.description);
    match &key.kind {
        Kind::Integer { min, max } => {
            let _ = writeln!(text, "# Limits: {min} to {max}.");
        }
        Kind::Number(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
            let _ = writeln!(text, "# One of {}.", numbers.join(", "));
        }
        Kind::Word(words) => {
            let _ = writeln!(text, "# One of \"{}\".", words.join("\", \""));
        }
        Kind::Boolean | Kind::Text(_) | Kind::List(_) => {}
    }
    let _ = writeln!(text, "# Environment: {}", key.variable());
    let _ = match (&key.example, default) {
        (Some(example), _) => {
            let example = toml::Value::String(example.clone());
            writeln!(text, "# Example: {} = {example}", key.name())
        }
        (None, Some(default)) => writeln!(text, "#{} = {default}", key.name()),
        (None, None) => Ok(()),
    };
}

/// Sections that the administrator names: an example of one, which stays a comment.
fn named_sections(text: &mut String, family: &Family) {
    comment(text, &family.description);
    let _ = writeln!(text, "# Each is a section of its own in the file, with a name that you choose:\n#");
    let _ = writeln!(text, "# [{}.{}]", family.path, family.name.sample());
    for key in &family.keys {
        comment(text, &key.description);
        let needed =
            if family.required.iter().any(|name| name == key.name()) { "" } else { " (can be left out)" };
        let _ = writeln!(text, "#     {} = {}{needed}", key.name(), key.sample());
    }
}

fn comment(text: &mut String, description: &str) {
    for line in description.lines() {
        text.push_str("# ");
        text.push_str(line);
        text.push('\n');
    }
}

fn at<'a>(table: &'a toml::Table, path: &str) -> Option<&'a toml::Value> {
    match path.split_once('.') {
        Some((section, rest)) => at(table.get(section)?.as_table()?, rest),
        None => table.get(path),
    }
}
