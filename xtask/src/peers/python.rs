//! The XMPP library of the scripted peers, in a virtual environment of its own: Debian's is too old, and PEP 668
//! keeps pip out of the system's Python. Beside it its sources, which hold integration tests of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::workspace::run;

/// The system's Python, whatever else is first in `PATH`.
pub(super) const PYTHON: &str = "/usr/bin/python3";
const SLIXMPP: &str = "1.17.0";
/// Imports the library, so that a broken installation counts as none.
const PRINT_VERSION: &str = "import slixmpp, importlib.metadata as m; print(m.version('slixmpp'))";

/// Makes `PEERS/venv` with the pinned library, unless it is there.
pub(super) fn install(peers: &Path) -> Result<()> {
    let environment = peers.join("venv");
    let python = environment.join("bin/python");
    if installed_version(&python).as_deref() != Some(SLIXMPP) {
        run(isolated(Path::new(PYTHON)).args(["-m", "venv", "--clear"]).arg(&environment))?;
        run(isolated(&python)
            .args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"])
            .args(["--progress-bar", "off", &format!("slixmpp=={SLIXMPP}")]))?;
    }
    let version = installed_version(&python);
    ensure!(
        version.as_deref() == Some(SLIXMPP),
        "still missing after the installation: slixmpp {SLIXMPP} in {} (found {})",
        environment.display(),
        version.as_deref().unwrap_or("none")
    );
    println!("python: slixmpp {SLIXMPP} is installed");
    install_sources(peers, &python)
}

/// Unpacks the library's sources into `PEERS/slixmpp-VERSION`, unless they are there.
fn install_sources(peers: &Path, python: &Path) -> Result<()> {
    let sources = peers.join(format!("slixmpp-{SLIXMPP}"));
    if !sources.join("itests").is_dir() {
        run(isolated(python)
            .args(["-m", "pip", "download", "--no-input", "--disable-pip-version-check"])
            .args(["--progress-bar", "off", "--no-deps", "--no-binary", "slixmpp", "--dest"])
            .arg(peers)
            .arg(format!("slixmpp=={SLIXMPP}")))?;
        let archive = peers.join(format!("slixmpp-{SLIXMPP}.tar.gz"));
        run(Command::new("tar").arg("--extract").arg("--file").arg(archive).arg("--directory").arg(peers))?;
    }
    ensure!(sources.join("itests").is_dir(), "the sources of slixmpp hold no tests: {}", sources.display());
    Ok(())
}

fn installed_version(python: &Path) -> Option<String> {
    let output = isolated(python).args(["-c", PRINT_VERSION]).stderr(Stdio::null()).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !version.is_empty()).then_some(version)
}

/// A Python that is not led astray by the caller's environment.
pub(super) fn isolated(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_that_does_not_exist_has_no_version() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(installed_version(&directory.path().join("venv/bin/python")), None);
    }
}
