//! Files that are made from the program, so that they cannot say anything else than it does.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;

/// The test that holds docs/configuration.md against the code, and writes it when it is told to.
const CONFIGURATION_PAGE: &str = "page_of_the_book";

/// Writes every generated file again.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    let mut page = workspace.cargo(["test", "--quiet", "--package", "messngr", CONFIGURATION_PAGE]);
    let result = output(page.env("UPDATE_DOCS", "1"))?;
    // A filter that matches nothing is a success, too.
    ensure!(result.contains(" 1 passed"), "no test is named {CONFIGURATION_PAGE}");
    println!("wrote docs/configuration.md");

    let manual = output(Command::new(workspace.build_program()?).arg("man"))?;
    ensure!(!manual.is_empty(), "messngr man printed nothing");
    let directory = workspace.path("target/man");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("messngr.1"), manual).context("cannot write target/man/messngr.1")?;
    println!("wrote target/man/messngr.1");
    Ok(())
}

/// What a command prints, when it succeeds.
fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {command:?}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{command:?} ended with {}\n{text}", output.status);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failing_command_printed_is_not_taken_for_a_page() {
        let error =
            output(Command::new("sh").args(["-c", "echo half a page; exit 1"])).unwrap_err().to_string();
        assert!(error.contains("half a page"), "{error}");
    }
}
