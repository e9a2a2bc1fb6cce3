use std::time::Duration;

use clap::{Args, Subcommand};
use domain::{AlertState, AlertStatus, Audience, Severity};
use doors::api::alerts::{AlertView, NewAlert};

use super::{
    alert_id::{self, AlertName},
    alert_report,
    context::{Context, Speaker, say},
    duration,
    table::{fields, table},
    time::{exactly, when},
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum AlertCommand {
    /// Send an alert. It prints the alert's id.
    #[command(after_long_help = EXAMPLES)]
    Send(SendArgs),
    /// List the alerts that are in force, newest first.
    List {
        /// Also those that are over.
        #[arg(long)]
        all: bool,
    },
    /// Show what an alert says.
    Show {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
    },
    /// Show who has an alert, who has confirmed it and how, and who was not reached and why.
    Report {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
    },
    /// Call an alert off; people who have it are told.
    Cancel {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
        #[command(flatten)]
        speaker: Speaker,
    },
}

const EXAMPLES: &str = "\
Examples:
  messngr alert send --to everyone 'Fire drill at noon'
      everyone confirms it with OK
  messngr alert send --to group:ward,user:bert --severity severe --choices 'Safe,Need help' --expires 2h \\
      'Fire drill' 'Meet at the gate.'
      people answer with one of the two; after two hours nobody can any more
  messngr alert send --to everyone --no-confirm --as anna 'The canteen is closed today'
      from anna, an administrator; nobody has to confirm it
  messngr alert report last
      who has confirmed it, and who was not reached";

#[derive(Debug, Args)]
pub(super) struct SendArgs {
    /// What it is about: one line, at most 200 characters.
    headline: String,
    /// More words, at most 4,000 characters.
    #[arg(default_value = "")]
    text: String,
    /// Whom it is for: everyone, user:NAME, group:NAME, computer:NAME@HOST; several are separated by commas.
    #[arg(long, value_name = "AUDIENCE")]
    to: Audience,
    /// How much it matters: information, minor, moderate, severe or extreme.
    #[arg(long, value_name = "SEVERITY", default_value = "information")]
    severity: Severity,
    /// What people can confirm with, separated by commas: 1 to 9 choices.
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "OK")]
    choices: Vec<String>,
    /// Nobody has to confirm it.
    #[arg(long)]
    no_confirm: bool,
    /// End it by itself after this time, such as 30m, 2h or 1d12h.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    expires: Option<Duration>,
    #[command(flatten)]
    speaker: Speaker,
}

pub(super) async fn run(context: &Context, command: AlertCommand) -> anyhow::Result<()> {
    match command {
        AlertCommand::Send(arguments) => send(context, arguments).await,
        AlertCommand::List { all } => list(context, all).await,
        AlertCommand::Show { id } => {
            let client = context.client()?;
            let id = alert_id::resolve(&client, &id).await?;
            let alert: AlertView = client.get(&ApiPath::new(&["alerts", &id.to_string()])).await?;
            context.print(&alert, || page(context, &alert))
        }
        AlertCommand::Report { id } => alert_report::run(context, &id).await,
        AlertCommand::Cancel { id, speaker } => {
            let client = context.client_as(&speaker)?;
            let id = alert_id::resolve(&client, &id).await?;
            let path = ApiPath::new(&["alerts", &id.to_string(), "cancel"]);
            let alert: AlertView = client.post(&path, &()).await?;
            if context.is_json() {
                return context.print(&alert, String::new);
            }
            say(format_args!("The alert \"{}\" was called off.", alert.headline));
            Ok(())
        }
    }
}

async fn send(context: &Context, arguments: SendArgs) -> anyhow::Result<()> {
    let SendArgs { headline, text, to, severity, choices, no_confirm, expires, speaker } = arguments;
    let alert = NewAlert {
        headline,
        text,
        severity,
        audience: to,
        choices: choices.into_iter().map(|choice| choice.trim().to_owned()).collect(),
        must_confirm: !no_confirm,
        expires_at: None,
        expires_in_seconds: expires.map(|expires| u32::try_from(expires.as_secs()).unwrap_or(u32::MAX)),
    };
    let alert: AlertView = context.client_as(&speaker)?.post(&ApiPath::new(&["alerts"]), &alert).await?;
    context.print(&alert, || alert.id.to_string())?;
    say("The alert was sent. `messngr alert report last` shows who has confirmed it.");
    Ok(())
}

async fn list(context: &Context, all: bool) -> anyhow::Result<()> {
    let known = alert_id::all(&context.client()?).await?;
    let short = alert_id::short_names(&known);
    let shown: Vec<(AlertView, String)> = known
        .into_iter()
        .zip(short)
        .filter(|(alert, _)| all || alert.status == AlertStatus::InForce)
        .collect();
    let row = |(alert, short): &(AlertView, String)| {
        [
            short.clone(),
            when(alert.effective_at, context.now()),
            alert.status.to_string(),
            alert.severity.to_string(),
            alert.audience.to_string(),
            alert.headline.clone(),
        ]
    };
    if shown.is_empty() {
        say(if all { "No alert was ever sent." } else { "No alert is in force." });
    }
    let heading = ["id", "sent", "status", "severity", "to", "headline"];
    let alerts: Vec<&AlertView> = shown.iter().map(|(alert, _)| alert).collect();
    context.print(&alerts, || table(heading, shown.iter().map(row)))
}

fn page(context: &Context, alert: &AlertView) -> String {
    let now = context.now();
    let full = |at| format!("{} ({})", when(at, now), exactly(at));
    let status = match &alert.state {
        AlertState::Cancelled { at, by } => format!("cancelled {} by {by}", full(*at)),
        AlertState::Expired { .. } | AlertState::Sent => alert.status.to_string(),
    };
    let confirm = if alert.must_confirm { "must be confirmed" } else { "need not be confirmed" };
    fields(&[
        ("id", alert.id.to_string()),
        ("headline", alert.headline.clone()),
        ("text", alert.text.clone()),
        ("severity", alert.severity.to_string()),
        ("from", alert.issuer.to_string()),
        ("to", alert.audience.to_string()),
        ("choices", format!("{} ({confirm})", alert.choices.join(", "))),
        ("sent", full(alert.effective_at)),
        ("expires", alert.expires_at.map(full).unwrap_or_default()),
        ("status", status),
    ])
}
