//! Keeps packages from starting their services while they are installed: smbd and nmbd would take the ports that
//! the tests need. Debian asks a file, `/usr/sbin/policy-rc.d`; exit code 101 forbids. What was there before comes
//! back when the installation ends, however it ends: by success, error, panic or signal at once, and after a
//! `kill -9` at the start of the next run.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

const FORBID: &str = "#!/bin/sh\n# Written by cargo xtask test while it installs packages.\nexit 101\n";
/// Those that would end this program.
const SIGNALS: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];

/// Runs `install` with the starting of services forbidden by the file `policy`.
pub(super) fn without_starting<T>(policy: &Path, install: impl FnOnce() -> Result<T>) -> Result<T> {
    put_back(policy)?;
    // Dropped in reverse: first the file is put back, then the signals have their way.
    let _signals = HeldSignals::hold()?;
    let _file = PutBackOnDrop(policy);
    forbid(policy).with_context(|| format!("cannot write {}", policy.display()))?;
    let installed = install();
    put_back(policy)?;
    installed
}

/// Undoes [`forbid`]; does nothing where there is nothing to undo.
pub(super) fn put_back(policy: &Path) -> Result<()> {
    let saved = saved(policy);
    let done = if is_there(&saved)? {
        fs::rename(&saved, policy)
    } else if fs::read(policy).is_ok_and(|content| content == FORBID.as_bytes()) {
        fs::remove_file(policy)
    } else {
        Ok(())
    };
    done.with_context(|| format!("cannot restore {}", policy.display()))
}

fn forbid(policy: &Path) -> io::Result<()> {
    if is_there(policy)? {
        fs::rename(policy, saved(policy))?;
    }
    fs::write(policy, FORBID)?;
    fs::set_permissions(policy, fs::Permissions::from_mode(0o755))
}

fn saved(policy: &Path) -> PathBuf {
    policy.with_extension("d.before-messngr")
}

fn is_there(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

struct PutBackOnDrop<'a>(&'a Path);

impl Drop for PutBackOnDrop<'_> {
    fn drop(&mut self) {
        if let Err(error) = put_back(self.0) {
            eprintln!("error: {error:#}");
        }
    }
}

/// Notes the signals that would end this program, until it has tidied up. The installation hears of Ctrl-C itself.
struct HeldSignals {
    received: Arc<AtomicUsize>,
    released: Arc<AtomicBool>,
}

impl HeldSignals {
    fn hold() -> io::Result<Self> {
        let held = Self { received: Arc::default(), released: Arc::default() };
        for signal in SIGNALS {
            flag::register_conditional_default(signal, Arc::clone(&held.released))?;
            flag::register_usize(signal, Arc::clone(&held.received), signal.unsigned_abs() as usize)?;
        }
        Ok(held)
    }
}

impl Drop for HeldSignals {
    /// From here on signals do again what they did before, beginning with the one that came meanwhile.
    fn drop(&mut self) {
        self.released.store(true, Ordering::SeqCst);
        for signal in SIGNALS {
            if self.received.load(Ordering::SeqCst) == signal.unsigned_abs() as usize
                && let Err(error) = low_level::emulate_default_handler(signal)
            {
                eprintln!("error: cannot end by signal {signal}: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic;
    use std::process::Command;

    use anyhow::bail;
    use tempfile::TempDir;

    use super::*;

    const OWN: &str = "#!/bin/sh\nexit 0\n";

    fn policy() -> (TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let policy = directory.path().join("policy-rc.d");
        (directory, policy)
    }

    fn files(directory: &TempDir) -> usize {
        fs::read_dir(directory.path()).unwrap().count()
    }

    #[test]
    fn no_service_may_start_during_the_installation() {
        let (_directory, policy) = policy();
        without_starting(&policy, || {
            assert_eq!(fs::metadata(&policy)?.permissions().mode() & 0o777, 0o755);
            assert_eq!(Command::new("sh").arg(&policy).status()?.code(), Some(101));
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn a_policy_of_the_machine_is_back_after_the_installation() {
        let (directory, policy) = policy();
        fs::write(&policy, OWN).unwrap();
        fs::set_permissions(&policy, fs::Permissions::from_mode(0o700)).unwrap();
        without_starting(&policy, || Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&policy).unwrap(), OWN);
        assert_eq!(fs::metadata(&policy).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(files(&directory), 1);
    }

    #[test]
    fn where_there_was_no_policy_none_is_left() {
        let (directory, policy) = policy();
        without_starting(&policy, || Ok(())).unwrap();
        assert_eq!(files(&directory), 0);
    }

    #[test]
    fn a_failing_installation_leaves_the_machine_as_it_was() {
        let (directory, policy) = policy();
        fs::write(&policy, OWN).unwrap();
        let error = without_starting(&policy, || -> Result<()> { bail!("no such package") }).unwrap_err();
        assert_eq!(error.to_string(), "no such package");
        assert_eq!(fs::read_to_string(&policy).unwrap(), OWN);
        assert_eq!(files(&directory), 1);
    }

    #[test]
    fn a_panic_leaves_the_machine_as_it_was() {
        let (directory, policy) = policy();
        let attempt =
            panic::catch_unwind(|| without_starting(&policy, || -> Result<()> { panic!("broken") }));
        assert!(attempt.is_err());
        assert_eq!(files(&directory), 0);
    }

    #[test]
    fn what_a_killed_run_left_is_undone_by_the_next() {
        let (directory, policy) = policy();
        fs::write(&policy, OWN).unwrap();
        forbid(&policy).unwrap();
        put_back(&policy).unwrap();
        assert_eq!(fs::read_to_string(&policy).unwrap(), OWN);
        assert_eq!(files(&directory), 1);

        fs::remove_file(&policy).unwrap();
        forbid(&policy).unwrap();
        without_starting(&policy, || Ok(())).unwrap();
        assert_eq!(files(&directory), 0);
    }
}
