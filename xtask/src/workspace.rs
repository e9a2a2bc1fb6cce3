//! Where things lie in the checkout, and how commands are run in it.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The checkout that this program was built from.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(crate) fn of_this_source() -> Self {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: xtask.parent().unwrap_or(xtask).to_owned() }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where the peers lie that come from elsewhere than the system's packages.
    pub(crate) fn peers(&self) -> PathBuf {
        self.path(".peers")
    }

    /// The cargo that runs this program, in the root of the checkout.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// Builds the program and says where it is.
    pub(crate) fn build_program(&self) -> Result<PathBuf> {
        let mut build =
            self.cargo(["build", "--package", "messngr", "--message-format=json-render-diagnostics"]);
        show(&build);
        let mut child = build.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
        let stdout = child.stdout.take().context("cargo has no standard output")?;
        let program = BufReader::new(stdout)
            .lines()
            .try_fold(None, |found, line| Ok::<_, io::Error>(found.or(built_program(&line?))))?;
        let status = child.wait()?;
        ensure!(status.success(), "the program does not build: cargo ended with {status}");
        program.context("cargo built the package messngr and named no program of that name")
    }
}

/// Shows the command, runs it with its output passed through, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    show(command);
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{} ended with {status}", words(command));
    }
    Ok(())
}

/// The directories of programs. Daemons and network tools lie in `sbin`, which not every shell of root searches.
pub(crate) fn program_directories() -> Vec<PathBuf> {
    let searched = env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = env::split_paths(&searched).collect();
    for system in ["/usr/sbin", "/sbin"].map(PathBuf::from) {
        if !directories.contains(&system) {
            directories.push(system);
        }
    }
    directories
}

/// [`program_directories`] as a value for `PATH`.
pub(crate) fn search_path() -> Result<OsString> {
    env::join_paths(program_directories()).context("PATH names a directory with a colon")
}

fn show(command: &Command) {
    println!("$ {}", words(command));
}

/// The command as one would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The path of the program, if this line of cargo's JSON messages is the one that names it.
fn built_program(line: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    if message["target"]["name"] != "messngr" {
        return None;
    }
    message["executable"].as_str().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages_of_cargo() {
        let messages = [
            r#"{"reason":"compiler-artifact","target":{"name":"hub","kind":["lib"]},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"messngr"},"executable":"/t/debug/messngr"}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "a line of something else",
        ];
        let found: Vec<_> = messages.iter().filter_map(|line| built_program(line)).collect();
        assert_eq!(found, [PathBuf::from("/t/debug/messngr")]);
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
    }

    #[test]
    fn daemons_are_searched_for_in_sbin() {
        assert!(program_directories().contains(&PathBuf::from("/usr/sbin")));
    }
}
