use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use toml::{Spanned, de::DeValue};

use super::{
    keys::Keys,
    load::{Layer, Setting, Source},
    mistake::{Mistake, Place, quoted},
    nearest::nearest,
    value,
};

/// What flags of the command line decide, above everything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// `--data DIR`: the data directory; a relative one begins at the working directory.
    pub(crate) data_dir: Option<PathBuf>,
    /// `--enable DOOR`: doors to open, by the names of their sections, such as `windows`.
    pub(crate) enable: Vec<String>,
}

/// What these flags set.
pub(super) fn read(overrides: &Overrides, working_directory: &Path, keys: &Keys) -> Layer {
    let mut layer = Layer::default();
    if let Some(directory) = &overrides.data_dir {
        data_dir(directory, working_directory, keys, &mut layer);
    }
    for door in &overrides.enable {
        enable(door, keys, &mut layer);
    }
    layer
}

fn data_dir(directory: &Path, working_directory: &Path, keys: &Keys, layer: &mut Layer) {
    let path = "data_dir".to_owned();
    let place = Place::Flag { flag: "--data".to_owned(), value: directory.to_string_lossy().into_owned() };
    let Some(text) = directory.to_str() else {
        let what = "the path of the data directory is not UTF-8.".to_owned();
        let remedy = "Use a directory whose path is valid UTF-8.".to_owned();
        layer.mistakes.push(Mistake { place, key: Some(path), what, remedy });
        return;
    };
    let Some(key) = keys.setting(&path) else { return };
    let text = Spanned::new(0..text.len(), DeValue::String(Cow::Borrowed(text)));
    match value::read(key, &text, working_directory) {
        Ok(value) => layer.settings.push(Setting { path, value, source: Source::Flag, place }),
        Err(complaints) => layer.mistakes.extend(complaints.into_iter().map(|complaint| Mistake {
            place: place.clone(),
            key: Some(path.clone()),
            what: complaint.what,
            remedy: complaint.remedy,
        })),
    }
}

fn enable(door: &str, keys: &Keys, layer: &mut Layer) {
    let place = Place::Flag { flag: "--enable".to_owned(), value: door.to_owned() };
    if keys.doors().any(|known| known == door) {
        let path = format!("doors.{door}.enabled");
        let value = toml::Value::Boolean(true);
        layer.settings.push(Setting { path, value, source: Source::Flag, place });
        return;
    }
    let doors: Vec<&str> = keys.doors().collect();
    let remedy = match nearest(door, '.', doors.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("The doors are {}.", doors.join(", ")),
    };
    layer.mistakes.push(Mistake {
        place,
        key: None,
        what: format!("there is no door {}.", quoted(door)),
        remedy,
    });
}
