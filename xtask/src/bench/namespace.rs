//! A network namespace with nothing but a loopback interface: no packet of a measurement leaves it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace::search_path;

/// What the name of each begins with; the process that made it follows.
const NAME: &str = "messngr-bench-";

/// A namespace, removed with everything in it when it is dropped.
pub(super) struct Namespace {
    name: String,
}

impl Namespace {
    pub(super) fn create() -> Result<Self> {
        let namespace = Self { name: format!("{NAME}{}", std::process::id()) };
        ip(&["netns", "add", &namespace.name])?;
        ip(&["-n", &namespace.name, "link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    /// Removes what runs that were killed have left, with everything in it.
    pub(super) fn sweep() -> Result<()> {
        let output = Command::new("ip").env("PATH", search_path()?).args(["netns", "list"]).output()?;
        let listed = String::from_utf8(output.stdout)?;
        for name in listed.lines().filter_map(|line| line.split_whitespace().next()) {
            if name.strip_prefix(NAME).is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                drop(Self { name: name.to_owned() });
            }
        }
        Ok(())
    }

    /// A command that runs in the namespace.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        let mut command = Command::new("ip");
        command.env("PATH", search_path()?).args(["netns", "exec", &self.name]).arg(program);
        Ok(command)
    }

    /// The processes that run in it.
    pub(super) fn processes(&self) -> Result<Vec<u32>> {
        let output =
            Command::new("ip").env("PATH", search_path()?).args(["netns", "pids", &self.name]).output()?;
        let pids = String::from_utf8(output.stdout)?;
        Ok(pids.split_whitespace().filter_map(|pid| pid.parse().ok()).collect())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Only processes that were started here are in it.
        for pid in self.processes().unwrap_or_default() {
            drop(Command::new("kill").args(["-KILL", &pid.to_string()]).status());
        }
        drop(ip(&["netns", "del", &self.name]));
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output =
        Command::new("ip").env("PATH", search_path()?).args(arguments).output().context("cannot start ip")?;
    ensure!(
        output.status.success(),
        "ip {} failed: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
