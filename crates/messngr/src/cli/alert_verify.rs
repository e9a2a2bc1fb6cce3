use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use doors::api::{
    alerts::AlertView,
    keys::{KeyView, KeysView},
};
use hub::PublicKey;
use serde::Serialize;

use super::{
    alert_id::{self, AlertName, Purpose},
    context::{Context, say, write_out},
    table::table,
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Show the keys by which what the service signed can be checked. With --json, as `verify --keys` takes them.
    List,
    /// Make a new key, and sign with it from now on. What the old one signed still verifies.
    Rotate,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A file that `alert show --json` has written; or the alert's id, the beginning of it, or `last`.
    alert: String,
    /// A file with the service's keys, from `alert keys list --json` or /.well-known/messngr/keys. With it and a file,
    /// no service is asked.
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
}

/// What came of a check.
#[derive(Debug, Serialize)]
struct Verdict {
    /// Whether the alert says what was signed.
    verified: bool,
    /// The key that signed it.
    kid: Option<String>,
}

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;

pub(super) async fn run_keys(context: &Context, command: &KeysCommand) -> anyhow::Result<()> {
    let (client, path) = (context.client()?, ApiPath::new(&["alert-keys"]));
    let keys: KeysView = match command {
        KeysCommand::List => client.get(&path).await?,
        KeysCommand::Rotate => client.post(&path, &()).await?,
    };
    let last = keys.keys.len().saturating_sub(1);
    let row = |(index, key): (usize, &KeyView)| {
        let use_of = if index == last { "signs" } else { "verifies" };
        [key.kid.clone(), use_of.to_owned(), key.x.clone()]
    };
    context.print(&keys, || table(["kid", "use", "key"], keys.keys.iter().enumerate().map(row)))
}

pub(super) async fn run(context: &Context, arguments: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let alert = alert_of(context, &arguments.alert).await?;
    let keys: KeysView = match &arguments.keys {
        Some(path) => serde_json::from_slice(&read(path)?)
            .with_context(|| format!("{} holds no keys", path.display()))?,
        None => context.client()?.get(&ApiPath::new(&["alert-keys"])).await?,
    };
    let alert = alert.into_alert();
    let signs =
        |key: &&KeyView| public_key(key).bytes().is_some_and(|bytes| hub::verify_signature(&alert, &bytes));
    let kid = keys.keys.iter().find(signs).map(|key| key.kid.clone());
    let verdict = Verdict { verified: kid.is_some(), kid };
    if context.is_json() {
        context.print(&verdict, String::new)?;
    } else if let Some(kid) = &verdict.kid {
        let words = format!("The alert says what the service signed for {} (key {kid}).", alert.draft.issuer);
        write_out(&words)?;
    }
    if verdict.verified {
        return Ok(ExitCode::SUCCESS);
    }
    say("The alert does not say what the service signed, or was signed by another key.");
    Ok(ExitCode::FAILURE)
}

fn public_key(key: &KeyView) -> PublicKey {
    let KeyView { kty, crv, kid, usage, alg, x } = key.clone();
    PublicKey { kty, crv, kid, usage, alg, x }
}

async fn alert_of(context: &Context, name: &str) -> anyhow::Result<AlertView> {
    let path = PathBuf::from(name);
    if path.is_file() {
        let bytes = read(&path)?;
        return serde_json::from_slice(&bytes).with_context(|| format!("{name} holds no alert"));
    }
    let known: AlertName = match name.parse() {
        Ok(known) => known,
        Err(why) => bail!("there is no file {name}, and it is no alert: {why}"),
    };
    let client = context.client()?;
    let id = alert_id::resolve(context, &client, &known, Purpose::Look, None).await?.to_string();
    Ok(client.get(&ApiPath::new(&["alerts", &id])).await?)
}

fn read(path: &PathBuf) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let size = fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if size > FILE_BYTES_MAX {
        bail!("{shown} has more than {FILE_BYTES_MAX} bytes: it is something else");
    }
    fs::read(path).with_context(|| format!("cannot read {shown}"))
}
