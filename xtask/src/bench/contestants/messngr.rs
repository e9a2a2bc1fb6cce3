//! Ours.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{ADDRESS, Contestant, DOMAIN, Ground, PASSWORD, Preparation, Running, run_quietly};
use crate::bench::cases::Case;
use crate::bench::generator::Generator;

/// Limits that keep one client from harming the others would throttle the load, which is one client.
const LIMITS: [(&str, u64); 10] = [
    ("connections_max", 20_000),
    ("connections_per_address_max", 20_000),
    ("pending_messages_max", 1_000_000),
    ("outbox_bytes_max", 67_108_864),
    ("stanzas_per_second_max", 0),
    ("requests_per_minute_max", 0),
    ("sessions_per_account_max", 10_000),
    ("connections_per_account_max", 20_000),
    ("messages_per_minute_max", 1_000_000),
    ("messages_of_all_per_minute_max", 10_000_000),
];

/// Where a program on the same machine asks.
const INTERFACE: &str = "127.0.0.1:8080";
/// The file of the token that it shows.
const TOKEN: &str = "token";
/// The file of the token of somebody's pages.
const CHAT_TOKEN: &str = "token-of-pages";

pub(super) fn configure(ground: Ground<'_>, archive: bool) -> Result<Vec<OsString>> {
    let known = reference(ground)?;
    let mut text = format!(
        "domain = \"{DOMAIN}\"\ndata_dir = \"{}\"\n[doors.xmpp]\nlisten = [\"{ADDRESS}\"]\nlisten_tls = []\n\
         require_tls = false\nallow_plain_without_tls = true\n[doors.windows]\nenabled = true\n\
         session_listen = [\"127.0.0.1:139\"]\nname_listen = []\ndatagram_listen = []\n[archive]\nenabled = {archive}\n\
         [log]\nlevel = \"warn\"\n[limits]\n",
        ground.folder.join("data").display(),
    );
    for (limit, value) in LIMITS.iter().filter(|(limit, _)| knows(&known, limit)) {
        writeln!(text, "{limit} = {value}")?;
    }
    fs::write(ground.folder.join("messngr.toml"), text)?;
    Ok(words(ground, &["serve"]))
}

pub(super) fn announcement(ground: Ground<'_>) -> Vec<OsString> {
    words(ground, &["alert", "send", "--to", "everyone", "MARK", "MARK"])
}

/// The load generator's words for where it asks, and as whom.
pub(super) fn interface(ground: Ground<'_>, case: Case) -> Vec<String> {
    let token = if case == Case::IdleBrowser { CHAT_TOKEN } else { TOKEN };
    let token = ground.folder.join(token).display().to_string();
    ["--api", INTERFACE, "--token-file", &token].map(str::to_owned).to_vec()
}

pub(super) fn prepare(ground: Ground<'_>, preparation: Preparation) -> Result<()> {
    let serve = configure(ground, false)?;
    let mut running = Running::spawn(ground, &serve)?;
    running.until(ground, || run_quietly(&mut command(ground, &["status"])?))?;
    import(ground, preparation.people)?;
    make_tokens(ground)?;
    if preparation.contacts > 0 {
        let (people, contacts) = (preparation.people.to_string(), preparation.contacts.to_string());
        let words = ["befriend", "--people", &people, "--contacts", &contacts].map(str::to_owned);
        Generator::new(ground, Contestant::Messngr).load(&words, &[]).context("making contacts")?;
    }
    running.stop()
}

/// Makes all accounts, by several imports at once: hashing passwords takes what processors there are.
fn import(ground: Ground<'_>, people: usize) -> Result<()> {
    const AT_ONCE: usize = 4;
    let mut imports = Vec::new();
    for part in 0..AT_ONCE {
        let mut list = String::from("name,password,groups\n");
        for number in (part..people).step_by(AT_ONCE) {
            writeln!(list, "u{number},{PASSWORD},")?;
        }
        let csv = ground.folder.join(format!("people-{part}.csv"));
        fs::write(&csv, list)?;
        let mut command = command(ground, &["user", "import"])?;
        imports.push(command.arg(&csv).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?);
    }
    for import in imports {
        let output = import.wait_with_output()?;
        ensure!(output.status.success(), "no accounts: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Makes the tokens of whoever sends alerts and reads their reports, and of whoever only listens.
fn make_tokens(ground: Ground<'_>) -> Result<()> {
    let tokens = [
        (TOKEN, &["bench", "--scope", "publish:everyone", "--scope", "read"][..]),
        (CHAT_TOKEN, &["pages", "--scope", "chat", "--as", "u0"][..]),
    ];
    for (file, words) in tokens {
        let output = command(ground, &[&["token", "add"], words].concat())?.output()?;
        ensure!(output.status.success(), "no token: {}", String::from_utf8_lossy(&output.stderr));
        fs::write(ground.folder.join(file), output.stdout).context("cannot keep the token")?;
    }
    Ok(())
}

/// The configuration with everything that can be set.
fn reference(ground: Ground<'_>) -> Result<String> {
    let output = Command::new(ground.programs.join("messngr")).args(["config", "reference"]).output()?;
    ensure!(output.status.success(), "messngr config reference: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether the reference has a setting of this name.
fn knows(reference: &str, setting: &str) -> bool {
    let lines = reference.lines().map(|line| line.trim_start_matches(['#', ' ']));
    lines.filter_map(|line| line.split_once(" =")).any(|(name, _)| name == setting)
}

fn words(ground: Ground<'_>, rest: &[&str]) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec![
        ground.programs.join("messngr").into(),
        "--config".into(),
        ground.folder.join("messngr.toml").into(),
    ];
    words.extend(rest.iter().map(OsString::from));
    words
}

fn command(ground: Ground<'_>, rest: &[&str]) -> Result<Command> {
    let words = words(ground, rest);
    let mut command = ground.namespace.command(&words[0])?;
    command.args(&words[1..]);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_the_program_knows_are_written() {
        let reference = "# How many.\n#connections_max = 20000\n# stanzas_per_second_max is not there\n";
        assert!(knows(reference, "connections_max"));
        assert!(!knows(reference, "stanzas_per_second_max"));
    }
}
