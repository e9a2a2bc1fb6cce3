use std::{
    ffi::OsStr,
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use doors::api::Listening;
use serde_json::json;

use super::{
    first_start::{NewAdministrator, PasswordPlace},
    listeners::is_switched_off,
    remark::Remark,
};
use crate::cli::global::GlobalArgs;

/// What a start came to, to be told once.
#[derive(Debug)]
pub(crate) struct Report {
    /// The service's domain.
    pub(crate) domain: String,
    /// Where its data is.
    pub(crate) data_dir: PathBuf,
    /// As whom it runs.
    pub(crate) user: String,
    /// What listens where, and what does not and why.
    pub(crate) table: Vec<Listening>,
    /// Where it is administered.
    pub(crate) admin_socket: PathBuf,
    /// What an administrator should know.
    pub(crate) remarks: Vec<Remark>,
    /// The account that was made, if any.
    pub(crate) administrator: Option<NewAdministrator>,
    /// What to try first.
    pub(crate) commands: [String; 3],
    /// How long it took.
    pub(crate) ready_in: Duration,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Report {
    /// Prints it for whoever sits at the terminal.
    pub(crate) fn show(&self) {
        // Nobody may be reading any more; the service runs all the same.
        let _ = io::stderr().write_all(self.text().as_bytes());
    }

    /// Writes it into the log, in short lines.
    pub(crate) fn log(&self) {
        tracing::info!(
            version = VERSION,
            domain = self.domain,
            data_dir = %self.data_dir.display(),
            user = self.user,
            "started"
        );
        for row in &self.table {
            log_row(row);
        }
        tracing::info!(door = "admin", path = %self.admin_socket.display(), "listening");
        for Remark { what, remedy } in &self.remarks {
            tracing::warn!(remedy = remedy.as_deref(), "{what}");
        }
        if let Some(NewAdministrator { name, password: PasswordPlace::File(path) }) = &self.administrator {
            tracing::warn!(account = name, file = %path.display(), "an account was made; its password is in the file: read it, then remove the file");
        }
        let milliseconds = milliseconds(self.ready_in);
        tracing::info!(ready_in_ms = milliseconds, "ready in {milliseconds} ms");
    }

    /// Prints it for a program, as one line.
    pub(crate) fn print_json(&self) {
        let line = json!({
            "ready_in_ms": milliseconds(self.ready_in),
            "version": VERSION,
            "domain": self.domain,
            "data_dir": self.data_dir,
            "user": self.user,
            "pid": std::process::id(),
            "listening": self.table,
            "admin_socket": self.admin_socket,
            "remarks": self.remarks,
        });
        let _ = writeln!(io::stdout(), "{line}");
    }

    fn text(&self) -> String {
        let mut text = format!(
            "messngr {VERSION} for {}, running as {}, with its data in {}\n\n",
            self.domain,
            self.user,
            self.data_dir.display()
        );
        self.write_table(&mut text);
        for Remark { what, remedy } in &self.remarks {
            let _ = writeln!(text, "\nNote: {what}");
            if let Some(remedy) = remedy {
                let _ = writeln!(text, "      {remedy}");
            }
        }
        if let Some(administrator) = &self.administrator {
            self.write_administrator(administrator, &mut text);
        }
        text.push_str("\nThree commands to try, in another terminal:\n");
        for command in &self.commands {
            let _ = writeln!(text, "    {command}");
        }
        let milliseconds = milliseconds(self.ready_in);
        let _ = writeln!(text, "\nReady in {milliseconds} ms. Ctrl+C stops the service.");
        text
    }

    fn write_table(&self, text: &mut String) {
        let socket = self.admin_socket.display().to_string();
        let mut rows: Vec<[String; 3]> = vec![["DOOR", "FOR", "WHERE"].map(str::to_owned)];
        let mut reasons: Vec<Vec<&str>> = vec![Vec::new()];
        for row in &self.table {
            let place = match row.address {
                Some(address) => address.to_string(),
                None if is_switched_off(row) => "off".to_owned(),
                None => "not listening".to_owned(),
            };
            rows.push([row.door.clone(), row.purpose.clone(), place]);
            let problem = row.problem.as_deref().filter(|_| !is_switched_off(row));
            reasons.push(problem.into_iter().chain(row.remedy.as_deref()).collect());
        }
        rows.push(["admin".to_owned(), "the commands of messngr".to_owned(), socket]);
        reasons.push(Vec::new());
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (first, second) = (width(0), width(1));
        for ([door, purpose, place], reasons) in rows.iter().zip(reasons) {
            let _ = writeln!(text, "{door:first$}  {purpose:second$}  {place}");
            for reason in reasons {
                let _ = writeln!(text, "{:first$}    {reason}", "");
            }
        }
    }

    fn write_administrator(&self, administrator: &NewAdministrator, text: &mut String) {
        let NewAdministrator { name, password } = administrator;
        let domain = &self.domain;
        let _ = match password {
            PasswordPlace::Shown(password) => writeln!(
                text,
                "\nThe account {name}@{domain} was made for you. Its password is shown only now:\n\n    {password}"
            ),
            PasswordPlace::File(path) => writeln!(
                text,
                "\nThe account {name}@{domain} was made for you. Its password is in {}: read it, then remove the file.",
                path.display()
            ),
        };
    }
}

/// Three commands that show what the service does, written so that they find it.
pub(crate) fn commands(program: Option<&OsStr>, globals: &GlobalArgs) -> [String; 3] {
    let program = program.map(Path::new).filter(|program| program.components().count() > 1);
    let mut start = program.map_or_else(|| "messngr".to_owned(), shell_word);
    for (flag, value) in [("--config", &globals.config), ("--data", &globals.data)] {
        if let Some(value) = value {
            let _ = write!(start, " {flag} {}", shell_word(value));
        }
    }
    ["user add anna", "send anna \"Good morning\"", "alert send --to everyone \"Fire drill at noon\""]
        .map(|command| format!("{start} {command}"))
}

/// A path as a shell takes it.
fn shell_word(path: &Path) -> String {
    let path = path.to_string_lossy();
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+=:@%".contains(character);
    if !path.is_empty() && path.chars().all(plain) {
        return path.into_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

fn log_row(row: &Listening) {
    let Listening { door, purpose, address, problem, remedy, .. } = row;
    match address {
        Some(address) => tracing::info!(door, purpose, %address, "listening"),
        None if is_switched_off(row) => tracing::info!(door, remedy = remedy.as_deref(), "switched off"),
        None => tracing::warn!(
            door,
            purpose,
            problem = problem.as_deref(),
            remedy = remedy.as_deref(),
            "not listening"
        ),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn report(administrator: Option<NewAdministrator>) -> Report {
        let row = |door: &str, address: Option<&str>, problem: Option<&str>| Listening {
            door: door.to_owned(),
            setting: "doors.xmpp.listen".to_owned(),
            purpose: "clients".to_owned(),
            address: address.map(|address| address.parse().unwrap()),
            problem: problem.map(str::to_owned),
            remedy: problem.map(|_| "Do this.".to_owned()),
        };
        Report {
            domain: "office.internal".to_owned(),
            data_dir: "/data".into(),
            user: "messngr".to_owned(),
            table: vec![
                row("xmpp", Some("[::]:5222"), None),
                row("windows", None, Some("Port 139 is taken.")),
            ],
            admin_socket: "/data/admin.sock".into(),
            remarks: vec![Remark::with_remedy("one address is outside.", "Add it.")],
            administrator,
            commands: commands(None, &GlobalArgs::default()),
            ready_in: Duration::from_micros(43_999),
        }
    }

    #[test]
    fn the_table_is_aligned_and_every_problem_stands_below_its_row_with_the_remedy() {
        let text = report(None).text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[2..8],
            [
                "DOOR     FOR                      WHERE",
                "xmpp     clients                  [::]:5222",
                "windows  clients                  not listening",
                "           Port 139 is taken.",
                "           Do this.",
                "admin    the commands of messngr  /data/admin.sock",
            ]
        );
        assert!(text.contains("Note: one address is outside.\n      Add it.\n"), "{text}");
        assert!(text.ends_with("Ready in 43 ms. Ctrl+C stops the service.\n"), "{text}");
    }

    #[test]
    fn the_password_is_shown_once_and_only_on_the_terminal() {
        let password = PasswordPlace::Shown("abcd-efgh".to_owned());
        let report = report(Some(NewAdministrator { name: "admin", password }));
        assert_eq!(report.text().matches("abcd-efgh").count(), 1);
        assert!(report.text().contains("admin@office.internal"));
        assert!(!format!("{report:?}").contains("abcd-efgh"));
    }

    #[test]
    fn a_password_in_a_file_is_told_by_the_files_name() {
        let password = PasswordPlace::File("/data/admin-password".into());
        let text = report(Some(NewAdministrator { name: "admin", password })).text();
        assert!(text.contains("Its password is in /data/admin-password: read it"), "{text}");
    }

    #[test]
    fn a_program_reads_from_the_log_when_the_service_was_ready() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
        let layer = layer.with_writer(log.reopen().unwrap());
        let password = PasswordPlace::Shown("abcd-efgh".to_owned());
        let report = report(Some(NewAdministrator { name: "admin", password }));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || report.log());

        let text = std::fs::read_to_string(log.path()).unwrap();
        assert!(!text.contains("abcd-efgh"), "a password is in the log");
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ready = lines.last().unwrap();
        assert_eq!((&ready["ready_in_ms"], &ready["message"]), (&43.into(), &"ready in 43 ms".into()));
        let windows = lines.iter().find(|line| line["door"] == "windows").unwrap();
        assert_eq!(windows["level"], "WARN");
        assert_eq!(windows["problem"], "Port 139 is taken.");
    }

    #[test]
    fn the_commands_find_the_service_from_another_terminal() {
        let globals = GlobalArgs { data: Some("/srv/my data".into()), ..GlobalArgs::default() };
        let [first, ..] = commands(Some(OsStr::new("target/release/messngr")), &globals);
        assert_eq!(first, "target/release/messngr --data '/srv/my data' user add anna");
        let [_, second, _] = commands(Some(OsStr::new("messngr")), &GlobalArgs::default());
        assert_eq!(second, "messngr send anna \"Good morning\"");
    }
}
