mod anything;
mod documented;
mod in_force;
mod mistaken;
mod named;

use std::path::Path;

use super::*;

/// A host where nothing is set, with one configuration file if there is a text for it.
struct Host {
    directory: tempfile::TempDir,
    surroundings: Surroundings,
}

impl Host {
    fn new() -> Self {
        let surroundings = Surroundings {
            environment: vec![("PATH".into(), "/bin".into()), ("HOME".into(), "/home/anna".into())],
            host_name: "Desk7.example.com".to_owned(),
            working_directory: "/srv".into(),
        };
        Self { directory: tempfile::tempdir().unwrap(), surroundings }
    }

    fn with(mut self, variable: &str, value: &str) -> Self {
        self.surroundings.environment.push((variable.into(), value.into()));
        self
    }

    fn load(&self, text: &str, overrides: &Overrides) -> Result<Loaded, Vec<Mistake>> {
        self.load_bytes(text.as_bytes(), overrides)
    }

    fn load_bytes(&self, bytes: &[u8], overrides: &Overrides) -> Result<Loaded, Vec<Mistake>> {
        let file = self.directory.path().join("messngr.toml");
        std::fs::write(&file, bytes).unwrap();
        Configuration::load(Some(&file), &self.surroundings, overrides)
    }

    fn loaded(&self, text: &str) -> Loaded {
        self.load(text, &Overrides::default()).unwrap_or_else(|mistakes| panic!("{}", self.shown(&mistakes)))
    }

    /// The mistakes as a person sees them, without the temporary directory.
    fn mistakes(&self, text: &str) -> String {
        self.shown(&self.load(text, &Overrides::default()).unwrap_err())
    }

    fn shown(&self, mistakes: &[Mistake]) -> String {
        let texts: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
        texts.join("\n").replace(&format!("{}/", self.directory.path().display()), "")
    }
}
