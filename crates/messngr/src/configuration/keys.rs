use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{formats::Format, sections::Configuration};

/// What every environment variable of the service begins with.
pub(super) const VARIABLE_PREFIX: &str = "MESSNGR_";

/// Every setting and section there is, in the order of declaration, from the schema of [`Configuration`].
#[derive(Debug)]
pub(super) struct Keys {
    entries: Vec<Entry>,
}

/// One line of the outline: a section or a setting.
#[derive(Debug)]
pub(super) enum Entry {
    Section { path: String, description: String },
    Setting(Key),
    Family(Family),
}

/// Sections alike that the administrator names: `PATH.NAME`.
#[derive(Debug)]
pub(super) struct Family {
    /// The part of their full names that they share, such as `publish.topics`.
    pub(super) path: String,
    pub(super) description: String,
    /// What a name is.
    pub(super) name: Format,
    /// The settings of each, with `NAME` in the place of the name.
    pub(super) keys: Vec<Key>,
    /// The names of those settings that each has to have.
    pub(super) required: Vec<String>,
}

/// One setting.
#[derive(Debug)]
pub(super) struct Key {
    /// Its full name, such as `doors.xmpp.listen`.
    pub(super) path: String,
    /// The doc comment, lines as in the source.
    pub(super) description: String,
    pub(super) kind: Kind,
    /// What it could be, where the default depends on the host.
    pub(super) example: Option<String>,
}

/// What a setting's value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Boolean,
    Integer {
        min: i64,
        max: i64,
    },
    /// One of these numbers.
    Number(Vec<i64>),
    /// One of these words.
    Word(Vec<String>),
    Text(Format),
    List(Format),
}

impl Keys {
    pub(super) fn new() -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.inline_subschemas = true;
        let schema = settings.into_generator().into_root_schema_for::<Configuration>();
        let mut entries = Vec::new();
        collect("", schema.as_value(), &mut entries);
        Self { entries }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All settings.
    pub(super) fn settings(&self) -> impl Iterator<Item = &Key> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Setting(key) => Some(key),
            Entry::Section { .. } | Entry::Family(_) => None,
        })
    }

    /// The family that has a section of this full name, and the name of that section.
    pub(super) fn family_of<'a>(&self, path: &'a str) -> Option<(&Family, &'a str)> {
        self.families().find_map(|family| {
            let name = path.strip_prefix(family.path.as_str())?.strip_prefix('.')?;
            (!name.contains('.')).then_some((family, name))
        })
    }

    /// Whether this is a section that the administrator has named, or something in one.
    pub(super) fn is_named(&self, path: &str) -> bool {
        self.families()
            .any(|family| path.strip_prefix(family.path.as_str()).is_some_and(|rest| rest.starts_with('.')))
    }

    fn families(&self) -> impl Iterator<Item = &Family> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Family(family) => Some(family),
            _ => None,
        })
    }

    pub(super) fn setting(&self, path: &str) -> Option<&Key> {
        if let Some(key) = self.settings().find(|key| key.path == path) {
            return Some(key);
        }
        let (section, name) = path.rsplit_once('.')?;
        let (family, _) = self.family_of(section)?;
        family.keys.iter().find(|key| key.name() == name)
    }

    pub(super) fn is_section(&self, path: &str) -> bool {
        let is_there = |entry: &Entry| !matches!(entry, Entry::Setting(_)) && entry.path() == path;
        self.entries.iter().any(is_there) || self.family_of(path).is_some()
    }

    /// The full names of all settings and sections.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(Entry::path)
    }

    /// The names of the doors there are.
    pub(super) fn doors(&self) -> impl Iterator<Item = &str> {
        self.paths().filter_map(|path| path.strip_prefix("doors.")?.strip_suffix(".enabled"))
    }
}

impl Entry {
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Section { path, .. } | Self::Family(Family { path, .. }) => path,
            Self::Setting(key) => &key.path,
        }
    }
}

impl Key {
    /// The name within its section.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// What a value looks like, as TOML.
    pub(super) fn sample(&self) -> String {
        match &self.kind {
            Kind::Boolean => "true".to_owned(),
            Kind::Integer { min, .. } => min.to_string(),
            Kind::Number(numbers) => numbers.first().map(i64::to_string).unwrap_or_default(),
            Kind::Word(words) => format!("\"{}\"", words.first().map(String::as_str).unwrap_or_default()),
            Kind::Text(format) => format!("\"{}\"", format.sample()),
            Kind::List(format) => format!("[\"{}\"]", format.sample()),
        }
    }

    /// The environment variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.path.replace('.', "_").to_ascii_uppercase())
    }
}

fn collect(prefix: &str, schema: &Value, entries: &mut Vec<Entry>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, property) in properties {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let description = text(property, "description");
        if let Some(each) = property.get("additionalProperties").filter(|each| each.is_object()) {
            entries.extend(family(&path, description, property, each).map(Entry::Family));
        } else if property.get("properties").is_some() {
            entries.push(Entry::Section { path: path.clone(), description });
            collect(&path, property, entries);
        } else if let Some(kind) = kind(property) {
            let example = property.pointer("/examples/0").and_then(Value::as_str).map(str::to_owned);
            entries.push(Entry::Setting(Key { path, description, kind, example }));
        }
    }
}

fn family(path: &str, description: String, property: &Value, each: &Value) -> Option<Family> {
    let mut entries = Vec::new();
    collect(&format!("{path}.NAME"), each, &mut entries);
    let keys = entries.into_iter().filter_map(|entry| match entry {
        Entry::Setting(key) => Some(key),
        _ => None,
    });
    let required = each.get("required").and_then(Value::as_array).into_iter().flatten();
    Some(Family {
        path: path.to_owned(),
        description,
        name: Format::from_name(&text(property, "x-name"))?,
        keys: keys.collect(),
        required: required.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

fn kind(schema: &Value) -> Option<Kind> {
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = choices.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return Some(match words.is_empty() {
            true => Kind::Number(choices.iter().filter_map(Value::as_i64).collect()),
            false => Kind::Word(words),
        });
    }
    match text(schema, "type").as_str() {
        "boolean" => Some(Kind::Boolean),
        "integer" => Some(Kind::Integer {
            min: schema.get("minimum")?.as_i64()?,
            max: schema.get("maximum")?.as_i64()?,
        }),
        "string" => Some(Kind::Text(Format::from_name(&text(schema, "format"))?)),
        "array" => Some(Kind::List(Format::from_name(&text(schema, "format"))?)),
        _ => None,
    }
}

fn text(schema: &Value, name: &str) -> String {
    schema.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, path::Path};

    use super::*;

    #[test]
    fn every_field_of_the_configuration_is_a_known_setting_with_a_description() {
        fn leaves(prefix: &str, table: &toml::Table, found: &mut Vec<String>) {
            for (name, value) in table {
                match value {
                    toml::Value::Table(table) => leaves(&format!("{prefix}{name}."), table, found),
                    _ => found.push(format!("{prefix}{name}")),
                }
            }
        }
        let defaults = Configuration::new("host.internal", Path::new("/data"), "HOST");
        let mut fields = Vec::new();
        leaves("", &toml::Table::try_from(defaults).unwrap(), &mut fields);

        let keys = Keys::new();
        let mut settings: Vec<String> = keys.settings().map(|key| key.path.clone()).collect();
        settings.sort();
        fields.sort();
        assert_eq!(settings, fields);
        for key in keys.settings() {
            assert!(key.description.ends_with('.'), "{} has no description", key.path);
        }
    }

    #[test]
    fn sections_that_the_administrator_names_have_settings_too() {
        let keys = Keys::new();
        assert_eq!(
            keys.setting("publish.topics.plant.audience").unwrap().path,
            "publish.topics.NAME.audience"
        );
        assert!(keys.setting("publish.topics.plant.colour").is_none());
        assert!(
            keys.setting("publish.topics.plant").is_none()
                && keys.setting("publish.topics.a.b.open").is_none()
        );
        assert!(keys.is_section("publish.topics") && keys.is_section("webhooks.siren"));
        let (family, name) = keys.family_of("webhooks.siren").unwrap();
        assert_eq!(
            (family.required.as_slice(), name),
            (&["url".to_owned(), "secret_file".to_owned()][..], "siren")
        );
        for family in keys.families() {
            assert!(family.keys.iter().all(|key| key.description.ends_with('.')), "{}", family.path);
        }
    }

    #[test]
    fn no_two_settings_share_an_environment_variable() {
        let keys = Keys::new();
        let variables: HashSet<String> = keys.settings().map(Key::variable).collect();
        assert_eq!(variables.len(), keys.settings().count());
        assert!(variables.contains("MESSNGR_DOORS_XMPP_LISTEN_TLS"));
    }

    #[test]
    fn settings_keep_the_order_of_declaration_and_doors_are_named() {
        let keys = Keys::new();
        assert_eq!(
            keys.paths().take(4).collect::<Vec<_>>(),
            ["domain", "data_dir", "network", "network.allowed"]
        );
        assert_eq!(keys.doors().collect::<Vec<_>>(), ["xmpp", "windows", "web"]);
    }
}
