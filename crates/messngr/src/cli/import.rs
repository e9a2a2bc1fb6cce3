//! Accounts from a CSV file (RFC 4180).

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use csv::{ReaderBuilder, StringRecord};
use domain::{Address, GroupName};
use doors::api::accounts::{AccountView, NewAccount};
use serde::Serialize;

use super::{
    context::{Context, say, write_out},
    table::one_line,
};
use crate::client::{ApiPath, Client, ClientError};

const FILE_BYTES_MAX: u64 = 16 << 20;

/// What became of one line of the file.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Outcome {
    /// The line, from 1.
    line: u64,
    /// The name that stands there.
    name: String,
    /// The account that was made.
    address: Option<Address>,
    /// Why none was made.
    error: Option<String>,
}

/// A line that says whom to add.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    line: u64,
    name: String,
    account: Result<NewAccount, String>,
}

pub(super) async fn run(context: &Context, file: &Path, may_keep: bool) -> anyhow::Result<ExitCode> {
    let rows = rows(&read(file)?).with_context(|| file.display().to_string())?;
    let client = context.client()?;
    let progress =
        Progress { total: rows.len(), shown: io::stderr().is_terminal() && !io::stdout().is_terminal() };
    let mut outcomes = Vec::with_capacity(rows.len());
    for mut row in rows {
        if let Ok(account) = &mut row.account {
            account.must_change_password = !may_keep;
        }
        let outcome = add(&client, row).await?;
        if !context.is_json() {
            write_out(&sentence(&outcome))?;
        }
        outcomes.push(outcome);
        progress.show(outcomes.len());
    }
    progress.clear();
    if context.is_json() {
        context.print(&outcomes, String::new)?;
    }
    let failed = outcomes.iter().filter(|outcome| outcome.error.is_some()).count();
    say(format_args!("{} added, {failed} failed.", outcomes.len() - failed));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Adds one; an error of its own does not stop the others, a service that is gone does.
async fn add(client: &Client, row: Row) -> Result<Outcome, ClientError> {
    let Row { line, name, account } = row;
    let error = match account {
        Ok(account) => match client.post::<AccountView>(&ApiPath::new(&["accounts"]), &account).await {
            Ok(made) => return Ok(Outcome { line, name, address: Some(made.address), error: None }),
            Err(ClientError::Problem(problem)) => problem.detail,
            Err(error) => return Err(error),
        },
        Err(why) => why,
    };
    Ok(Outcome { line, name, address: None, error: Some(error) })
}

fn read(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .with_context(cannot)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("{} is larger than 16 MiB: divide it", path.display());
    }
    let text = String::from_utf8(bytes).ok();
    let text = text.with_context(|| format!("{} is not UTF-8: save it as \"CSV UTF-8\"", path.display()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The lines of the file as accounts to be made.
fn rows(text: &str) -> anyhow::Result<Vec<Row>> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let heading = reader.headers()?.clone();
    let column = |name: &str| heading.iter().position(|given| given.trim().eq_ignore_ascii_case(name));
    let unknown = heading.iter().find(|given| {
        !["name", "password", "groups"].iter().any(|known| given.trim().eq_ignore_ascii_case(known))
    });
    let (Some(name), Some(password), None) = (column("name"), column("password"), unknown) else {
        let found = heading.iter().collect::<Vec<_>>().join(",");
        bail!("the first line is \"{}\": expected name,password or name,password,groups", one_line(&found));
    };
    let columns = Columns { name, password, groups: column("groups"), count: heading.len() };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        rows.push(columns.row(&record, line_of(&record, text)));
    }
    Ok(rows)
}

/// The line on which a record begins; the reader counts from the empty lines before it.
fn line_of(record: &StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

/// Where in a line what stands.
struct Columns {
    name: usize,
    password: usize,
    groups: Option<usize>,
    count: usize,
}

impl Columns {
    fn row(&self, record: &StringRecord, line: u64) -> Row {
        let name = record.get(self.name).unwrap_or_default().trim().to_owned();
        Row { line, account: self.account(record, &name), name }
    }

    fn account(&self, record: &StringRecord, name: &str) -> Result<NewAccount, String> {
        if record.len() > self.count {
            let count = self.count;
            return Err(format!(
                "the line has {} fields, and the heading {count}: put text with commas into quotation marks",
                record.len()
            ));
        }
        // Spaces may be part of a password, so that nothing is trimmed.
        let password = record.get(self.password).unwrap_or_default();
        if name.is_empty() || password.is_empty() {
            return Err("a name and a password are expected".to_owned());
        }
        let groups = self.groups.and_then(|groups| record.get(groups)).unwrap_or_default();
        let groups = groups.split([';', ' ']).filter(|group| !group.is_empty());
        Ok(NewAccount {
            name: name.to_owned(),
            password: password.to_owned(),
            must_change_password: true,
            administrator: false,
            groups: groups
                .map(|group| group.parse::<GroupName>().map_err(|error| error.to_string()))
                .collect::<Result<_, _>>()?,
            create_groups: true,
        })
    }
}

fn sentence(outcome: &Outcome) -> String {
    match (&outcome.address, &outcome.error) {
        (Some(address), _) => format!("line {}: {address} added", outcome.line),
        (None, error) => {
            let why = one_line(error.as_deref().unwrap_or_default());
            let name = if outcome.name.is_empty() { "" } else { &format!("{} ", one_line(&outcome.name)) };
            format!("line {}: {name}not added: {why}", outcome.line)
        }
    }
}

/// How far it is, for somebody who sees nothing else of it.
struct Progress {
    total: usize,
    shown: bool,
}

impl Progress {
    fn show(&self, done: usize) {
        if self.shown {
            let _ = write!(io::stderr(), "\r{done} of {}", self.total);
        }
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_account_with_its_line_number_and_groups() {
        let text = "Name,password,groups\nanna,\" p,1 \",ward;night shift\n\nbert,p2\n";
        let rows = rows(text).unwrap();
        let account = rows[0].account.as_ref().unwrap();
        assert_eq!((rows[0].line, account.name.as_str(), account.password.as_str()), (2, "anna", " p,1 "));
        let groups: Vec<&str> = account.groups.iter().map(GroupName::as_str).collect();
        assert_eq!(groups, ["ward", "night", "shift"]);
        assert!(account.create_groups);
        assert_eq!(rows[1].line, 4);
        assert!(rows[1].account.as_ref().unwrap().groups.is_empty());
    }

    #[test]
    fn a_bad_line_is_named_and_the_others_stay() {
        let rows = rows("name,password,groups\n,p,\nanna,,\nbert,p,a?b\ncarl,p,x,y\ndora,p,\n").unwrap();
        let bad: Vec<u64> = rows.iter().filter(|row| row.account.is_err()).map(|row| row.line).collect();
        assert_eq!(bad, [2, 3, 4, 5]);
    }

    #[test]
    fn a_heading_that_is_none_is_shown_with_what_is_expected() {
        for text in ["anna,p\n", "name;password\n", "name,password,phone\n", ""] {
            let error = rows(text).unwrap_err().to_string();
            assert!(error.contains("name,password,groups"), "{error}");
        }
    }

    #[test]
    fn outcomes_are_sentences() {
        let failed =
            Outcome { line: 7, name: "x\u{1b}".into(), address: None, error: Some("it exists".into()) };
        assert_eq!(sentence(&failed), "line 7: x not added: it exists");
        let nameless = Outcome { line: 7, name: String::new(), address: None, error: Some("why".into()) };
        assert_eq!(sentence(&nameless), "line 7: not added: why");
        let address = Some(Address::parse("anna@x.internal").unwrap());
        let added = Outcome { line: 8, name: "anna".into(), address, error: None };
        assert_eq!(sentence(&added), "line 8: anna@x.internal added");
    }
}
