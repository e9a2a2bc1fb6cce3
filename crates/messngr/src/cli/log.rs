use std::process::ExitCode;

use clap::{Args, Subcommand};
use doors::api::audit::{AuditView, Verification};

use super::{
    context::{Context, say},
    table::table,
    time::{since, when},
};
use crate::client::ApiPath;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct LogArgs {
    #[command(subcommand)]
    command: Option<LogCommand>,
    /// Begin here: how long ago (2h), a date, a date and time, or a timestamp. Everything from then on is shown.
    #[arg(long, value_name = "WHEN", conflicts_with = "limit")]
    since: Option<String>,
    /// Show so many of the newest records.
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

#[derive(Debug, Subcommand)]
enum LogCommand {
    /// Check that nobody has changed what was recorded. The exit code is 1 where somebody has.
    Verify,
}

/// How many records are asked for at once.
const PAGE: usize = 1_000;

pub(super) async fn run(context: &Context, arguments: LogArgs) -> anyhow::Result<ExitCode> {
    if let Some(LogCommand::Verify) = arguments.command {
        return verify(context).await;
    }
    let records = match arguments.since {
        None => {
            let path = ApiPath::new(&["audit"]).with("newest", &true).with("limit", &arguments.limit);
            context.client()?.get(&path).await?
        }
        Some(text) => records_since(context, &text).await?,
    };
    context.print(&records, || {
        let heading = ["number", "when", "who", "what", "subject", "detail"];
        table(heading, records.iter().map(|record| row(context, record)))
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn records_since(context: &Context, text: &str) -> anyhow::Result<Vec<AuditView>> {
    let client = context.client()?;
    let start = since(text, context.now()).map_err(anyhow::Error::msg)?;
    let mut records: Vec<AuditView> = Vec::new();
    loop {
        let after = records.last().map_or(0, |record| record.sequence);
        let mut path = ApiPath::new(&["audit"]).with("after", &after).with("limit", &PAGE);
        if records.is_empty() {
            path = path.with("since", &start);
        }
        let page: Vec<AuditView> = client.get(&path).await?;
        let more = page.len() == PAGE;
        records.extend(page);
        if !more {
            return Ok(records);
        }
    }
}

async fn verify(context: &Context) -> anyhow::Result<ExitCode> {
    let verdict: Verification = context.client()?.get(&ApiPath::new(&["audit", "verification"])).await?;
    if context.is_json() {
        context.print(&verdict, String::new)?;
    } else if verdict.intact {
        let records = verdict.records.unwrap_or_default();
        let signed = verdict.signed_up_to.map(|number| format!(" It is signed up to record {number}."));
        let signed = signed.unwrap_or_default();
        super::context::write_out(&format!(
            "The audit log is as it was written: {records} records.{signed}"
        ))?;
    }
    if verdict.intact {
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!(
        "The audit log was changed: {}.",
        verdict.broken.as_deref().unwrap_or("it is unknown where")
    ));
    Ok(ExitCode::FAILURE)
}

fn row(context: &Context, record: &AuditView) -> [String; 6] {
    let erased = || "(erased)".to_owned();
    [
        record.sequence.to_string(),
        when(record.at, context.now()),
        record.actor.clone().unwrap_or_else(erased),
        record.action.clone(),
        record.subject.clone().unwrap_or_else(erased),
        record.detail.clone().unwrap_or_else(erased),
    ]
}
