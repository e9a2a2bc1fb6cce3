use std::{io, path::PathBuf};

use super::ServeArgs;
use crate::{
    cli::global::GlobalArgs,
    configuration::{Configuration, Loaded, Mistake, Overrides, Source, Surroundings},
};

/// Where the configuration comes from, to be read at the start and again whenever that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ConfigurationSource {
    /// The file, where there is one.
    pub(crate) file: Option<PathBuf>,
    /// What the host and the environment contribute.
    pub(crate) surroundings: Surroundings,
    /// What the command line decides.
    pub(crate) overrides: Overrides,
}

impl ConfigurationSource {
    /// What the command line says.
    ///
    /// # Errors
    /// The working directory cannot be told.
    pub(crate) fn new(globals: &GlobalArgs, arguments: &ServeArgs) -> io::Result<Self> {
        let overrides = Overrides { data_dir: globals.data.clone(), enable: arguments.enable.clone() };
        Ok(Self { file: globals.config.clone(), surroundings: Surroundings::of_this_process()?, overrides })
    }

    /// Reads it.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(crate) fn load(&self) -> Result<Loaded, Vec<Mistake>> {
        Configuration::load(self.file.as_deref(), &self.surroundings, &self.overrides)
    }
}

/// Whether somebody wrote this setting, by its full name, rather than leaving it to the default.
pub(crate) fn is_written(loaded: &Loaded, setting: &str) -> bool {
    loaded.sources.get(setting).is_some_and(|source| *source != Source::Default)
}
