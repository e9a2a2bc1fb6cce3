use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
};

use super::formats::NETBIOS_NAME_MAX;

/// What the host contributes to the configuration. Loading reads nothing of it by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// The environment variables, names and values.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// The host's name, with or without its domain.
    pub(crate) host_name: String,
    /// Where relative paths begin. Absolute.
    pub(crate) working_directory: PathBuf,
}

impl Surroundings {
    /// Those of the running process.
    ///
    /// # Errors
    /// When the working directory cannot be told, because it was removed or may not be read.
    pub(crate) fn of_this_process() -> io::Result<Self> {
        Ok(Self {
            environment: std::env::vars_os().collect(),
            host_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            working_directory: std::env::current_dir()?,
        })
    }

    /// The domain where none is configured.
    pub(super) fn domain(&self) -> String {
        format!("{}.internal", self.host_label())
    }

    /// The NetBIOS name where none is configured.
    pub(super) fn netbios_name(&self) -> String {
        let name: String = self.host_label().chars().take(NETBIOS_NAME_MAX).collect();
        name.trim_end_matches('-').to_ascii_uppercase()
    }

    /// The data directory where none is configured. Variables that are empty or not absolute paths do not count,
    /// as the XDG Base Directory Specification demands.
    pub(super) fn data_dir(&self) -> PathBuf {
        self.absolute("XDG_STATE_HOME")
            .map(|state| state.join("messngr"))
            .or_else(|| self.absolute("HOME").map(|home| home.join(".local/state/messngr")))
            .unwrap_or_else(|| PathBuf::from("/var/lib/messngr"))
    }

    fn absolute(&self, variable: &str) -> Option<&Path> {
        let (_, value) = self.environment.iter().find(|(name, _)| name == OsStr::new(variable))?;
        Some(Path::new(value)).filter(|path| path.is_absolute())
    }

    /// The first label of the host's name, with only what a domain may contain.
    fn host_label(&self) -> String {
        let label = self.host_name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let label: String = label
            .chars()
            .map(|character| if character == '_' { '-' } else { character })
            .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
            .take(63)
            .collect();
        let label = label.trim_matches('-');
        if label.is_empty() { "messngr".to_owned() } else { label.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, environment: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            host_name: name.to_owned(),
            working_directory: PathBuf::from("/work"),
        }
    }

    #[test]
    fn the_domain_is_the_first_part_of_the_hosts_name_whatever_that_looks_like() {
        assert_eq!(host("Desk-7.example.com", &[]).domain(), "desk-7.internal");
        assert_eq!(host("-Büro_1-", &[]).domain(), "bro-1.internal");
        assert_eq!(host("", &[]).domain(), "messngr.internal");
        assert_eq!(host("...", &[]).domain(), "messngr.internal");
    }

    #[test]
    fn a_running_process_has_a_place_and_a_host() {
        let surroundings = Surroundings::of_this_process().unwrap();
        assert!(surroundings.working_directory.is_absolute());
        assert!(!surroundings.host_name.is_empty());
        assert!(!surroundings.environment.is_empty());
    }

    #[test]
    fn a_long_host_name_is_cut_to_a_netbios_name() {
        assert_eq!(host("reception-desk-left", &[]).netbios_name(), "RECEPTION-DESK");
        assert_eq!(host("desk7.example.com", &[]).netbios_name(), "DESK7");
    }

    #[test]
    fn data_goes_to_the_state_directory_then_the_home_directory_then_var_lib() {
        let data = |environment: &[(&str, &str)]| host("h", environment).data_dir();
        assert_eq!(data(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), Path::new("/s/messngr"));
        assert_eq!(data(&[("XDG_STATE_HOME", "s"), ("HOME", "/h")]), Path::new("/h/.local/state/messngr"));
        assert_eq!(data(&[("XDG_STATE_HOME", ""), ("HOME", "")]), Path::new("/var/lib/messngr"));
    }
}
