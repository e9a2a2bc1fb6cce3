use std::time::Duration;

use anyhow::bail;
use clap::{Args, Subcommand};
use domain::{Scope, TokenName};
use doors::api::tokens::{MadeToken, NewToken, TokenView};
use hyper::Method;

use super::{
    context::{Context, say},
    duration,
    table::table,
    time::when,
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token. It prints the secret, which nobody can see again.
    #[command(after_long_help = EXAMPLES)]
    Add(AddArgs),
    /// List the tokens, and when they were last used.
    List,
    /// Make a token useless for ever.
    Remove {
        /// Which: its name or its id.
        name: String,
    },
}

const EXAMPLES: &str = "\
Examples:
  messngr token add alertmanager --scope publish:group:ops --as monitoring --expires 365d
      may send alerts to the group ops or people who are named so, as the account monitoring
  messngr token add dashboard --scope read
      may read alerts and their reports, as admin
  curl --cacert ca.pem -H \"Authorization: Bearer $TOKEN\" https://office.internal:8443/api/v1/alerts
      what a program does with it";

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// What to call it: 1 to 64 letters, digits, `-`, `_` or `.`.
    name: TokenName,
    /// What it may do: publish:AUDIENCE, read, audit, chat or administer. Can be repeated.
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<Scope>,
    /// As whom it speaks [default: admin; with --server, whoever makes it].
    #[arg(long = "as", value_name = "ACCOUNT")]
    account: Option<String>,
    /// End it by itself after this time, such as 12h, 90d or 52w.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires: Option<Duration>,
}

pub(super) async fn run(context: &Context, command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Add(arguments) => add(context, arguments).await,
        TokenCommand::List => list(context).await,
        TokenCommand::Remove { name } => remove(context, &name).await,
    }
}

async fn add(context: &Context, arguments: AddArgs) -> anyhow::Result<()> {
    let AddArgs { name, scopes, account, expires } = arguments;
    let expires_in_seconds = expires.map(|expires| u32::try_from(expires.as_secs()).unwrap_or(u32::MAX));
    let new = NewToken { name, account, scopes, expires_at: None, expires_in_seconds };
    let made: MadeToken = context.client()?.post(&ApiPath::new(&["tokens"]), &new).await?;
    say(format_args!(
        "The token {} speaks as {}. Its secret is shown only this once:",
        made.token.name, made.token.account
    ));
    context.print(&made, || made.secret.clone())
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let tokens = all(context).await?;
    if tokens.is_empty() {
        say("There is no token. `messngr token add` makes one.");
    }
    let row = |token: &TokenView| {
        let time = |at| when(at, context.now());
        [
            token.name.to_string(),
            token.account.to_string(),
            token.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            time(token.created_at),
            token.last_used_at.map_or_else(|| "never".to_owned(), time),
            token.expires_at.map_or_else(|| "never".to_owned(), time),
            token.id.to_string(),
        ]
    };
    let heading = ["name", "account", "scopes", "made", "used", "ends", "id"];
    context.print(&tokens, || table(heading, tokens.iter().map(row)))
}

async fn remove(context: &Context, name: &str) -> anyhow::Result<()> {
    let tokens = all(context).await?;
    let meant = |token: &&TokenView| token.name.as_str() == name || token.id.to_string() == name;
    let Some(token) = tokens.iter().find(meant) else {
        bail!("there is no token \"{name}\"; `messngr token list` shows them");
    };
    let path = ApiPath::new(&["tokens", &token.id.to_string()]);
    context.client()?.command(Method::DELETE, &path, None::<&()>).await?;
    say(format_args!("The token {} is of no use any more.", token.name));
    Ok(())
}

async fn all(context: &Context) -> anyhow::Result<Vec<TokenView>> {
    Ok(context.client()?.list(&ApiPath::new(&["tokens"])).await?)
}
