use thiserror::Error;

use super::{
    certificates::CertificatesError,
    first_start::{FirstStartError, agreed_domain},
    logging::Logging,
    networks::{allowed, host_addresses},
    running::{Running, configuration_in_force},
    source::{ConfigurationSource, is_written},
};
use crate::configuration::{Configuration, Loaded, Mistake};

/// The settings that another value of takes effect without a new start.
const AT_ONCE: [&str; 3] = ["network.allowed", "log.level", "status.maintenance"];

/// Why the configuration in force stays the old one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum ReloadError {
    /// The new one has mistakes.
    #[error("{}", one_per_line(.0))]
    Mistakes(Vec<Mistake>),
    /// The new one has another domain.
    #[error(transparent)]
    Domain(#[from] FirstStartError),
    /// The certificates cannot be used.
    #[error(transparent)]
    Certificates(#[from] CertificatesError),
    /// The system does not tell the host's addresses.
    #[error("cannot tell the addresses of this host: {0}")]
    Addresses(#[from] std::io::Error),
}

impl Running {
    /// Reads the configuration and the certificates again, puts them in force and says so in the log, or says there
    /// why the old ones stay.
    pub(crate) fn reload_and_tell(&mut self, source: &ConfigurationSource, logging: &Logging) {
        match source.load().map_err(ReloadError::Mistakes).and_then(|loaded| self.reload(&loaded)) {
            Ok(waiting) => {
                logging.set_level(self.configuration.log.level);
                tracing::info!("the configuration and the certificates were read again");
                for setting in waiting {
                    tracing::warn!(setting, "this setting takes effect at the next start");
                }
            }
            Err(ReloadError::Mistakes(mistakes)) => {
                for mistake in &mistakes {
                    let mistake = in_one_line(mistake);
                    tracing::error!(mistake, "a mistake in the configuration");
                }
                tracing::error!(mistakes = mistakes.len(), "the old configuration stays in force");
            }
            Err(error) => tracing::error!(%error, "the old configuration stays in force"),
        }
    }

    /// Puts another configuration in force, as far as that can be done without a new start, and reads the
    /// certificates again. Returns the settings that wait for the next start.
    ///
    /// # Errors
    /// It cannot be put in force; everything stays as it was then.
    pub(crate) fn reload(&mut self, loaded: &Loaded) -> Result<Vec<String>, ReloadError> {
        let domain = &loaded.configuration.domain;
        agreed_domain(&self.configuration.domain, domain, is_written(loaded, "domain"))?;
        let networks = &loaded.configuration.network.allowed;
        let allowed = allowed(networks, is_written(loaded, "network.allowed"), &host_addresses()?);
        self.renewal.renew(&allowed)?;
        self.gate.replace_allowed(allowed);

        let new = Configuration { domain: self.configuration.domain.clone(), ..loaded.configuration.clone() };
        let waiting = differences(&self.configuration, &new);
        self.configuration.network.allowed = new.network.allowed;
        self.configuration.log.level = new.log.level;
        self.configuration.status = new.status;
        self.service.set_configuration(configuration_in_force(&self.configuration));
        Ok(waiting)
    }
}

/// The settings in which two configurations differ, without those that take effect at once.
fn differences(old: &Configuration, new: &Configuration) -> Vec<String> {
    let (Ok(old), Ok(new)) = (toml::Table::try_from(old), toml::Table::try_from(new)) else {
        return Vec::new();
    };
    let mut differences = Vec::new();
    collect("", &old, &new, &mut differences);
    differences.retain(|setting| !AT_ONCE.contains(&setting.as_str()));
    differences
}

fn collect(section: &str, old: &toml::Table, new: &toml::Table, differences: &mut Vec<String>) {
    for (name, new) in new {
        match (old.get(name), new) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => {
                collect(&format!("{section}{name}."), old, new, differences);
            }
            (old, new) if old != Some(new) => differences.push(format!("{section}{name}")),
            _ => {}
        }
    }
}

fn in_one_line(mistake: &Mistake) -> String {
    mistake.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

fn one_per_line(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn settings_that_need_a_new_start_are_told_apart_from_those_that_do_not() {
        let old = Configuration::new("office.internal", Path::new("/data"), "OFFICE");
        let mut new = old.clone();
        assert_eq!(differences(&old, &new), Vec::<String>::new());
        new.network.allowed.truncate(1);
        new.log.level = crate::configuration::sections::LogLevel::Debug;
        assert_eq!(differences(&old, &new), Vec::<String>::new());
        new.limits.connections_max = 7;
        new.doors.xmpp.listen.clear();
        assert_eq!(differences(&old, &new), ["doors.xmpp.listen", "limits.connections_max"]);
    }
}
