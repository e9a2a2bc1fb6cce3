use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{
    Configuration, Mistake, Overrides, Place, Surroundings,
    check::{self, Finding},
    environment, file, flags,
    keys::Keys,
    sections,
};

/// A configuration that can be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// What is configured.
    pub(crate) configuration: Configuration,
    /// Where each setting, by its full name, comes from.
    pub(crate) sources: BTreeMap<String, Source>,
    /// What is allowed and probably not meant.
    pub(crate) warnings: Vec<Mistake>,
}

/// Where the value of a setting comes from. A later one wins over an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File,
    /// An environment variable.
    Environment,
    /// A flag of the command line.
    Flag,
}

/// What one source sets, and what is wrong in it.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) settings: Vec<Setting>,
    pub(super) mistakes: Vec<Mistake>,
}

/// One setting that somebody wrote, in its normal form.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) path: String,
    pub(super) value: toml::Value,
    pub(super) source: Source,
    pub(super) place: Place,
}

impl Configuration {
    /// Reads the file, the environment and the flags, each winning over the one before, and checks the whole.
    ///
    /// # Errors
    /// Every mistake that can be told apart, in the order of the sources and lines (of a file at most the first
    /// 100); never an empty list. Checks that need a setting which is itself mistaken wait until that one is mended.
    pub(crate) fn load(
        file: Option<&Path>,
        surroundings: &Surroundings,
        overrides: &Overrides,
    ) -> Result<Loaded, Vec<Mistake>> {
        let keys = Keys::new();
        let directory = &surroundings.working_directory;
        let layers = [
            file.map(|file| file::read(file, directory, &keys)).unwrap_or_default(),
            environment::read(&surroundings.environment, directory, &keys),
            flags::read(overrides, directory, &keys),
        ];

        let mut mistakes = Vec::new();
        let mut written = BTreeMap::new();
        for layer in layers {
            mistakes.extend(layer.mistakes);
            written.extend(layer.settings.into_iter().map(|setting| (setting.path.clone(), setting)));
        }

        // What a section needs that the administrator has named has no default to go on with.
        if mistakes.iter().any(|mistake| mistake.key.as_deref().is_some_and(|key| keys.is_named(key))) {
            return Err(mistakes);
        }
        let configuration = match merged(&written, surroundings) {
            Ok(configuration) => configuration,
            Err(mistake) => {
                mistakes.push(*mistake);
                return Err(mistakes);
            }
        };
        let mistaken: BTreeSet<String> = mistakes.iter().filter_map(|mistake| mistake.key.clone()).collect();
        let judged = |findings: Vec<Finding>| {
            let sound = |finding: &Finding| !finding.keys.iter().any(|key| mistaken.contains(*key));
            findings.into_iter().filter(sound).map(|finding| placed(finding, &written)).collect::<Vec<_>>()
        };
        // What a misspelled setting or a broken line would have set is unknown, and so is what it contradicts.
        if mistaken.iter().all(|key| keys.setting(key).is_some())
            && mistakes.iter().all(|mistake| mistake.key.is_some())
        {
            mistakes.extend(judged(check::contradictions(&configuration)));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let warnings = judged(check::doubts(&configuration));
        let source = |path: &str| written.get(path).map_or(Source::Default, |setting| setting.source);
        let sources = keys.settings().map(|key| (key.path.clone(), source(&key.path))).collect();
        Ok(Loaded { configuration, sources, warnings })
    }
}

/// The defaults with what was written put over them.
fn merged(
    written: &BTreeMap<String, Setting>,
    surroundings: &Surroundings,
) -> Result<Configuration, Box<Mistake>> {
    let data_dir = match written.get("data_dir").and_then(|setting| setting.value.as_str()) {
        Some(data_dir) => data_dir.into(),
        None => surroundings.data_dir(),
    };
    if data_dir.to_str().is_none() {
        return Err(Box::new(Mistake {
            place: Place::Default,
            key: Some("data_dir".to_owned()),
            what: "the path of the home directory, where the data would go, is not UTF-8.".to_owned(),
            remedy: "Set data_dir, or give --data, to a directory whose path is valid UTF-8.".to_owned(),
        }));
    }
    let defaults =
        sections::Configuration::new(&surroundings.domain(), &data_dir, &surroundings.netbios_name());
    let impossible = |message: &str| {
        Box::new(Mistake {
            place: Place::Default,
            key: None,
            what: format!("the settings do not make a configuration: {message}."),
            remedy: "This is a defect of the program: please report it with the configuration.".to_owned(),
        })
    };
    let mut table = toml::Table::try_from(defaults).map_err(|error| impossible(&error.to_string()))?;
    for setting in written.values() {
        set(&mut table, &setting.path, setting.value.clone());
    }
    Configuration::deserialize(table).map_err(|error| impossible(error.message()))
}

/// Sets the value at this path. Sections that the administrator has named are made by it.
fn set(table: &mut toml::Table, path: &str, value: toml::Value) {
    match path.split_once('.') {
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
        None => {
            table.insert(path.to_owned(), value);
        }
    }
}

/// The finding at the place of the first of its settings that somebody wrote.
fn placed(finding: Finding, written: &BTreeMap<String, Setting>) -> Mistake {
    let (key, place) = finding
        .keys
        .iter()
        .find_map(|key| written.get(*key).map(|setting| (*key, setting.place.clone())))
        .unwrap_or((finding.keys.first().copied().unwrap_or_default(), Place::Default));
    Mistake { place, key: Some(key.to_owned()), what: finding.what, remedy: finding.remedy }
}
