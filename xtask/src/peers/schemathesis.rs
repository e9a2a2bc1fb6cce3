//! The program that reads the description of the HTTP interface and tries whether everything is as it says, in a virtual
//! environment of its own.

use std::path::Path;

use anyhow::{Result, ensure};

use super::python::{PYTHON, isolated};
use crate::workspace::run;

const VERSION: &str = "4.32.5";

/// Makes `PEERS/schemathesis` with the pinned version, unless it is there.
pub(super) fn install(peers: &Path) -> Result<()> {
    let environment = peers.join("schemathesis");
    let python = environment.join("bin/python");
    if !is_installed(&python) {
        run(isolated(Path::new(PYTHON)).args(["-m", "venv", "--clear"]).arg(&environment))?;
        run(isolated(&python)
            .args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"])
            .args(["--progress-bar", "off", &format!("schemathesis=={VERSION}")]))?;
    }
    ensure!(
        is_installed(&python),
        "still missing after the installation: schemathesis {VERSION} in {}",
        environment.display()
    );
    println!("python: schemathesis {VERSION} is installed");
    Ok(())
}

fn is_installed(python: &Path) -> bool {
    let program = "import importlib.metadata as m, schemathesis; print(m.version('schemathesis'))";
    let output = isolated(python).args(["-c", program]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == VERSION)
}
