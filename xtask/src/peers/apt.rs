//! Packages of the system: asks what is installed, and installs the rest.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::services;
use crate::workspace::{run, search_path};

/// Asked by the packages' scripts whether a service may be started (Debian's invoke-rc.d).
const SERVICE_POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs those of the packages that are not installed; does not touch apt when none is missing.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    services::put_back(Path::new(SERVICE_POLICY))?;
    let missing = missing(packages)?;
    if missing.is_empty() {
        println!("apt: all {} packages are installed", packages.len());
        return Ok(());
    }
    println!("apt: installing {}", missing.join(" "));
    ensure!(
        fs::metadata("/proc/self")?.uid() == 0,
        "only root can install packages: run this as root, or install them yourself: apt-get install {}",
        missing.join(" ")
    );
    run(apt_get()?.arg("update"))?;
    services::without_starting(Path::new(SERVICE_POLICY), || {
        run(apt_get()?.args(["install", "--yes", "--no-install-recommends"]).args(&missing))
    })
}

fn missing<'a>(packages: &[&'a str]) -> Result<Vec<&'a str>> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(packages)
        .output()
        .context("cannot ask dpkg-query what is installed: the peers are Debian's packages")?;
    // It ends with 1 when it has never heard of one of them, which is an answer.
    Ok(missing_in(packages, &String::from_utf8_lossy(&output.stdout)))
}

fn missing_in<'a>(packages: &[&'a str], listing: &str) -> Vec<&'a str> {
    let installed: HashSet<&str> =
        listing.lines().filter_map(|line| line.trim_end().strip_suffix(" installed")).collect();
    packages.iter().copied().filter(|package| !installed.contains(package)).collect()
}

/// apt-get without questions and without a progress bar, waiting for another package manager to finish.
fn apt_get() -> Result<Command> {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").env("PATH", search_path()?).arg("--quiet");
    let options = ["Dpkg::Use-Pty=0", "Dpkg::Options::=--force-confold", "DPkg::Lock::Timeout=300"];
    for option in options {
        command.args(["--option", option]);
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_was_removed_or_never_known_is_missing() {
        let listing = "samba installed\ntmux config-files\nstrace half-installed\n";
        assert_eq!(missing_in(&["samba", "tmux", "strace", "tshark"], listing), ["tmux", "strace", "tshark"]);
    }

    #[test]
    fn nothing_is_missing_where_everything_is_installed() {
        assert!(missing_in(&["samba", "tmux"], "tmux installed\nsamba installed\n").is_empty());
    }
}
