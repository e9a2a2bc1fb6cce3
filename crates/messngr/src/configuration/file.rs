use std::{fs::File, io::Read, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    keys::{Key, Keys},
    load::{Layer, Setting, Source},
    mistake::{Mistake, Place, quoted},
    nearest::nearest,
    value,
};

/// The largest configuration file, in bytes.
const FILE_BYTES_MAX: u64 = 1_048_576;

/// The most mistakes that are reported of one file.
const MISTAKES_MAX: usize = 100;

/// What this file sets.
pub(super) fn read(path: &Path, working_directory: &Path, keys: &Keys) -> Layer {
    match contents(path) {
        Ok(text) => {
            let path = working_directory.join(path);
            let base = path.parent().unwrap_or(working_directory);
            Reader { path: &path, base, text: &text, keys, layer: Layer::default() }.read()
        }
        Err((what, remedy)) => {
            let place = Place::File { file: path.to_owned() };
            Layer { settings: Vec::new(), mistakes: vec![Mistake { place, key: None, what, remedy }] }
        }
    }
}

/// The text of the file, or what is wrong with it and what to do.
fn contents(path: &Path) -> Result<String, (String, String)> {
    let unreadable = |error| {
        let what = format!("the file cannot be read: {error}.");
        (
            what,
            "Give an existing file with --config, or leave the flag out: every setting has a default."
                .to_owned(),
        )
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let what = format!("the file is larger than {FILE_BYTES_MAX} bytes.");
        return Err((what, "Give the configuration file of messngr with --config.".to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        (format!("line {line} is not UTF-8."), "Save the file as UTF-8.".to_owned())
    })
}

struct Reader<'a> {
    path: &'a Path,
    base: &'a Path,
    text: &'a str,
    keys: &'a Keys,
    layer: Layer,
}

impl Reader<'_> {
    fn read(mut self) -> Layer {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        if errors.is_empty() {
            self.section("", document.get_ref());
        }
        // One slip often makes several errors of one line: the first says what it was.
        let mut last_line = 0;
        for error in errors.into_iter().take(10 * MISTAKES_MAX) {
            let place = Place::within(self.path.to_owned(), self.text, error.span().unwrap_or(0..0));
            if let Place::Line { line, .. } = place
                && line != std::mem::replace(&mut last_line, line)
                && self.layer.mistakes.len() < MISTAKES_MAX
            {
                let what = format!("not valid TOML: {}.", error.message());
                let remedy = syntax_remedy(error.message()).to_owned();
                self.layer.mistakes.push(Mistake { place, key: None, what, remedy });
            }
        }
        self.layer.mistakes.sort_by_key(|mistake| match mistake.place {
            Place::Line { line, column, .. } => (line, column),
            _ => (0, 0),
        });
        self.layer
    }

    fn section(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table.iter() {
            if self.layer.mistakes.len() >= MISTAKES_MAX {
                return;
            }
            let path = if prefix.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{prefix}.{}", name.get_ref())
            };
            // A name with a dot was written in quotation marks: it is one name, not a path.
            let known = !name.get_ref().contains('.');
            if let Some(key) = self.keys.setting(&path).filter(|_| known) {
                match value::read(key, value, self.base) {
                    Ok(value) => self.layer.settings.push(Setting {
                        path: path.clone(),
                        value,
                        source: Source::File,
                        place: Place::within(self.path.to_owned(), self.text, name.span()),
                    }),
                    Err(complaints) => {
                        for complaint in complaints {
                            self.mistake(complaint.span, &path, complaint.what, complaint.remedy);
                        }
                    }
                }
            } else if known && self.keys.is_section(&path) {
                self.check_named(&path, name.span(), value);
                self.subsection(&path, value);
            } else {
                let what = format!("there is no setting {}.", quoted(&path));
                let remedy = match nearest(&path, '.', self.keys.paths()) {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => "`messngr config reference` prints all settings.".to_owned(),
                };
                self.mistake(name.span(), &path, what, remedy);
            }
        }
    }

    /// What a section that the administrator has named has to keep: its name is one, and nothing is missing in it.
    fn check_named(&mut self, path: &str, span: std::ops::Range<usize>, value: &Spanned<DeValue<'_>>) {
        let keys = self.keys;
        let Some((family, name)) = keys.family_of(path) else { return };
        match family.name.normalise(name, self.base) {
            Ok(normal) if normal == name => {}
            Ok(normal) => {
                let what = format!("{} is not written as it is known.", quoted(name));
                self.mistake(span.clone(), path, what, format!("Write `{normal}`."));
            }
            Err(fault) => self.mistake(span.clone(), path, fault.what, fault.remedy),
        }
        let DeValue::Table(table) = value.get_ref() else { return };
        for missing in family.required.iter().filter(|needed| !table.contains_key(needed.as_str())) {
            let what = format!("[{path}] has no `{missing}`.");
            let sample =
                family.keys.iter().find(|key| key.name() == missing).map(Key::sample).unwrap_or_default();
            self.mistake(span.clone(), path, what, format!("Add {missing} = {sample}."));
        }
    }

    fn subsection(&mut self, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.section(path, table),
            other => {
                let what = format!("`{path}` is a section, not {}.", value::type_of(other));
                self.mistake(value.span(), path, what, format!("Write [{path}] and its settings below."));
            }
        }
    }

    fn mistake(&mut self, span: std::ops::Range<usize>, path: &str, what: String, remedy: String) {
        if self.layer.mistakes.len() >= MISTAKES_MAX {
            return;
        }
        let place = Place::within(self.path.to_owned(), self.text, span);
        self.layer.mistakes.push(Mistake { place, key: Some(path.to_owned()), what, remedy });
    }
}

/// What helps against this error of the TOML parser.
fn syntax_remedy(message: &str) -> &'static str {
    if message.contains("duplicate") {
        "Write each setting and each section once."
    } else if message.contains("string") || message.contains("quote") {
        "Texts stand in quotation marks, lists in brackets: listen = [\"127.0.0.1:5222\"]."
    } else {
        "A line is a [section] or NAME = VALUE; texts stand in quotation marks, lists in brackets."
    }
}
