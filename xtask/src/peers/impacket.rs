//! The last version of impacket that makes connectionless calls, for Python 2.7, which systems have no more: it is
//! installed where somebody has one, in `PATH` or by pyenv, and left out elsewhere.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::is_program;
use super::python::isolated;
use crate::workspace::{program_directories, run};

/// What is installed, without what these say they need: nothing of that is used here.
const PACKAGES: [&str; 2] = ["impacket==0.9.11", "pycryptodome==3.9.9"];
const PYTHON: &str = "python2.7";

/// Makes `PEERS/impacket-0.9.11` with the packages and a link to the Python that runs them, unless it is there.
pub(super) fn install(peers: &Path) -> Result<()> {
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".pyenv")));
    let Some(python) = find(&program_directories(), pyenv.as_deref()) else {
        println!("python: there is no Python 2.7, so that impacket 0.9.11 is left out");
        return Ok(());
    };
    let folder = peers.join("impacket-0.9.11");
    if !is_installed(&folder) {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let link = folder.join(PYTHON);
        if fs::symlink_metadata(&link).is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(&python, &link).with_context(|| format!("cannot make {}", link.display()))?;
        run(isolated(&python)
            .args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"])
            .args(["--progress-bar", "off", "--no-deps", "--upgrade", "--target"])
            .arg(folder.join("packages"))
            .args(PACKAGES))?;
    }
    ensure!(
        is_installed(&folder),
        "still missing after the installation: {} in {}",
        PACKAGES.join(" and "),
        folder.display()
    );
    println!("python: impacket 0.9.11 is installed");
    Ok(())
}

/// The first Python 2.7 in these directories, or of the newest name among those that pyenv has.
fn find(directories: &[PathBuf], pyenv: Option<&Path>) -> Option<PathBuf> {
    let entries = pyenv.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let mut versions: Vec<PathBuf> =
        entries.into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    let candidates = directories.iter().chain(versions.iter().rev());
    // pyenv has a program of that name in PATH that works only where that version is chosen.
    candidates.map(|directory| directory.join(PYTHON)).find(|python| is_program(python) && works(python))
}

fn works(python: &Path) -> bool {
    isolated(python).args(["-c", "import pip"]).output().is_ok_and(|output| output.status.success())
}

/// Imports what the tests use, so that a broken installation counts as none.
fn is_installed(folder: &Path) -> bool {
    let python = folder.join(PYTHON);
    let path = OsString::from(folder.join("packages"));
    let mut command = isolated(&python);
    command.env("PYTHONPATH", path).args(["-c", "import impacket.dcerpc.transport, impacket.dcerpc.v5.epm"]);
    command.output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_python_that_works_is_found_in_a_directory_or_below_pyenv() {
        let root = tempfile::tempdir().unwrap();
        let python = |directory: PathBuf, body: &str| {
            fs::create_dir_all(&directory).unwrap();
            let path = directory.join(PYTHON);
            fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let (shims, versions) = (root.path().join("shims"), root.path().join("versions"));
        python(shims.clone(), "exit 127");
        python(versions.join("2.7.9/bin"), "exit 0");
        fs::create_dir_all(versions.join("3.11.7/bin")).unwrap();
        assert_eq!(find(std::slice::from_ref(&shims), None), None);
        let found = find(std::slice::from_ref(&shims), Some(root.path()));
        assert_eq!(found, Some(versions.join("2.7.9/bin").join(PYTHON)));
        let first = python(root.path().join("bin"), "exit 0");
        assert_eq!(find(&[shims, root.path().join("bin")], Some(root.path())), Some(first));
    }
}
