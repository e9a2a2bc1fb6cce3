//! The programs of others that the end-to-end tests talk to, and how they come onto a Debian machine.

mod apt;
mod impacket;
mod node;
mod python;
mod schemathesis;
mod services;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::workspace::{Workspace, program_directories};

/// A package of the system and the programs that the tests start from it.
struct Peer {
    package: &'static str,
    programs: &'static [&'static str],
}

const PEERS: [Peer; 23] = [
    Peer { package: "samba", programs: &["smbd", "nmbd"] },
    Peer { package: "samba-testsuite", programs: &["smbtorture"] },
    Peer { package: "nbtscan", programs: &["nbtscan"] },
    Peer { package: "smbclient", programs: &["smbclient"] },
    Peer { package: "profanity", programs: &["profanity"] },
    Peer { package: "go-sendxmpp", programs: &["go-sendxmpp"] },
    Peer { package: "tshark", programs: &["tshark"] },
    Peer { package: "tmux", programs: &["tmux"] },
    // Its programs are those of the virtual environment, which is looked at by itself.
    Peer { package: "python3-venv", programs: &[] },
    Peer { package: "iproute2", programs: &["ip"] },
    Peer { package: "strace", programs: &["strace"] },
    Peer { package: "openssl", programs: &["openssl"] },
    Peer { package: "curl", programs: &["curl"] },
    Peer { package: "apprise", programs: &["apprise"] },
    Peer { package: "prometheus-alertmanager", programs: &["prometheus-alertmanager"] },
    Peer { package: "procps", programs: &["ps"] },
    // Its drivers are no programs that are found by their names alone.
    Peer { package: "nut-server", programs: &["upsd"] },
    Peer { package: "chromium", programs: &["chromium"] },
    // By it the browser comes to trust the service's authority, as an administrator would have it.
    Peer { package: "libnss3-tools", programs: &["certutil"] },
    // The fonts of `tests/browser/fonts.conf`: pictures of pages are compared.
    Peer { package: "fonts-inter", programs: &[] },
    Peer { package: "fonts-dejavu-core", programs: &[] },
    Peer { package: "fonts-noto-color-emoji", programs: &[] },
    // What libFuzzer is compiled with.
    Peer { package: "g++", programs: &["g++"] },
];

/// Installs what is missing, and fails naming what is missing still.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    apt::install(&PEERS.map(|peer| peer.package))?;
    python::install(&workspace.peers())?;
    schemathesis::install(&workspace.peers())?;
    node::install(&workspace.peers())?;
    impacket::install(&workspace.peers())?;
    let missing = missing_programs(&program_directories());
    if !missing.is_empty() {
        bail!("still missing after the installation: {}", missing.join(", "));
    }
    println!("every peer is there");
    Ok(())
}

/// Installs the servers that the benchmark compares with.
pub(crate) fn install_for_bench(workspace: &Workspace) -> Result<()> {
    apt::install(&["ejabberd", "prosody", "iproute2", "util-linux", "openssl", "chromium"])?;
    node::install(&workspace.peers())
}

fn missing_programs(directories: &[impl AsRef<Path>]) -> Vec<String> {
    let mut missing = Vec::new();
    for peer in &PEERS {
        for program in peer.programs {
            if !directories.iter().any(|directory| is_program(&directory.as_ref().join(program))) {
                missing.push(format!("{program} (package {})", peer.package));
            }
        }
    }
    missing
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_is_named_with_its_package() {
        let directory = tempfile::tempdir().unwrap();
        for peer in PEERS.iter().filter(|peer| peer.package != "iproute2") {
            for program in peer.programs {
                let path = directory.path().join(program);
                fs::write(&path, "").unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        assert_eq!(missing_programs(&[directory.path()]), ["ip (package iproute2)"]);
    }

    #[test]
    fn a_file_that_cannot_be_executed_is_no_program() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("smbd");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!is_program(&path));
    }
}
