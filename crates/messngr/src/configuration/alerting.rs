use std::path::PathBuf;

use domain::alerter::{AlerterRules, ConditionKind, DiskLimits};
use hub::AlerterSettings;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

// The doc comments in this file are printed for the administrator as they stand.

/// `[alerter]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlerterSection {
    /// Whether those in `[doors.windows] alert_names` are told.
    pub(crate) enabled: bool,

    /// The kinds of condition that nobody is told of: disk-filling, store-unavailable, on-battery, service-failed,
    /// failed-sign-ins, guessed-password, locked-account, refused-source, session-limit, connection-limit or other.
    #[schemars(with = "Vec<String>", extend("format" = "condition-kind"))]
    pub(crate) off: Vec<ConditionKind>,

    /// How often it is looked whether the disks have room, in seconds.
    #[schemars(range(min = 1, max = 86_400))]
    pub(crate) interval_seconds: u32,

    /// The directories whose disks are looked at, beside the data directory.
    #[schemars(extend("format" = "directory"))]
    pub(crate) disks: Vec<PathBuf>,

    /// A disk is filling when it has fewer free bytes than this. Of a small disk, a quarter is enough.
    #[schemars(range(max = 1_125_899_906_842_624_u64))]
    pub(crate) free_bytes_min: u64,

    /// The same in hundredths of the disk; the larger of the two counts.
    #[schemars(range(max = 90))]
    pub(crate) free_percent_min: u8,

    /// How many failed sign-ins of one address within five minutes are told.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) failed_sign_ins_min: u32,

    /// How long a condition that goes on is not told again, in minutes.
    #[schemars(range(min = 1, max = 10_080))]
    pub(crate) repeat_minutes: u32,

    /// How many notices there are at once at most, and as many an hour after that. A third of them may be of one kind,
    /// and half of them of what strangers bring about; what comes beyond is gathered into one sentence.
    #[schemars(range(min = 4, max = 3_600))]
    pub(crate) notices_per_hour_max: u32,

    /// Where Network UPS Tools (`upsd`) are asked for power supplies, inside the allowed networks. Where nobody answers,
    /// it is tried again, and nobody is told. Empty: they are not asked.
    #[schemars(extend("format" = "other-host"))]
    pub(crate) nut: String,

    /// How long power has to come from a battery before it is told, in seconds.
    #[schemars(range(max = 3_600))]
    pub(crate) battery_seconds: u32,
}

impl Default for AlerterSection {
    fn default() -> Self {
        let rules = AlerterRules::default();
        Self {
            enabled: true,
            off: Vec::new(),
            interval_seconds: 30,
            disks: vec![PathBuf::from("/")],
            free_bytes_min: 1 << 30,
            free_percent_min: 10,
            failed_sign_ins_min: rules.failed_sign_ins,
            repeat_minutes: 60,
            notices_per_hour_max: rules.notices_per_hour_max,
            nut: "127.0.0.1:3493".to_owned(),
            battery_seconds: 10,
        }
    }
}

impl AlerterSection {
    /// What the hub has to know of it.
    pub(crate) fn settings(&self, names: &[String]) -> AlerterSettings {
        AlerterSettings {
            // Every checked text is a name.
            names: names.iter().filter_map(|name| name.parse().ok()).collect(),
            rules: AlerterRules {
                off: self.off.iter().copied().collect(),
                failed_sign_ins: self.failed_sign_ins_min,
                repeat: SignedDuration::from_mins(self.repeat_minutes.into()),
                notices_per_hour_max: self.notices_per_hour_max,
                battery: SignedDuration::from_secs(self.battery_seconds.into()),
            },
        }
    }

    /// How much room a disk has to have.
    pub(crate) fn disk_limits(&self) -> DiskLimits {
        DiskLimits { free_bytes_min: self.free_bytes_min, free_percent_min: self.free_percent_min }
    }

    /// Where power supplies are asked for: a host, and a port where it is not the usual one.
    pub(crate) fn upsd(&self) -> Option<(String, Option<u16>)> {
        let bare = |host: &str| host.trim_start_matches('[').trim_end_matches(']').to_owned();
        match self.nut.rsplit_once(':') {
            _ if self.nut.is_empty() => None,
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                Some((bare(host), port.parse().ok()))
            }
            _ => Some((bare(&self.nut), None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_upsd_is_found_at_any_spelling_of_a_host() {
        let upsd = |nut: &str| AlerterSection { nut: nut.to_owned(), ..AlerterSection::default() }.upsd();
        let place = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(AlerterSection::default().upsd(), place("127.0.0.1", Some(3493)));
        assert_eq!(upsd("ups.office.internal"), place("ups.office.internal", None));
        assert_eq!(upsd("[fd00::5]"), place("fd00::5", None));
        assert_eq!(upsd("[fd00::5]:4000"), place("fd00::5", Some(4000)));
        assert_eq!(upsd(""), None);
    }
}
