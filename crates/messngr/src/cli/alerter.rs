use clap::{Args, Subcommand};
use domain::{Severity, alerter::ConditionKind};
use doors::api::conditions::{ClearedCondition, ClearedView, ConditionView, NewCondition};

use super::{
    context::{Context, say},
    table::table,
    time::when,
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum AlerterCommand {
    /// Say that something is not normal, until it is cleared. Those in `[doors.windows] alert_names` are told.
    #[command(after_long_help = EXAMPLES)]
    Raise(RaiseArgs),
    /// Say that it is normal again. Where people were told, they are told that too.
    Clear {
        /// What it was about, as it was raised.
        #[arg(long, value_name = "WORD", default_value = "")]
        subject: String,
        /// Only what is of this kind [default: every kind].
        #[arg(long, value_name = "KIND")]
        kind: Option<ConditionKind>,
    },
    /// List what is not normal now.
    List,
}

const EXAMPLES: &str = "\
Examples:
  messngr alerter raise --subject backup \"The backup of tonight failed\"
      and when it works again: messngr alerter clear --subject backup
  messngr alerter raise --kind service-failed --subject %i \"See journalctl -u %i\"
      in a unit of systemd that others name in OnFailure=
The same words of the same subject are told again after an hour at the earliest.";

#[derive(Debug, Args)]
pub(super) struct RaiseArgs {
    /// What people are told: 1 to 500 characters.
    text: String,
    /// What it is about, by which it is cleared: at most 100 characters.
    #[arg(long, value_name = "WORD", default_value = "")]
    subject: String,
    /// What it is: other, service-failed, disk-filling, on-battery or store-unavailable.
    #[arg(long, value_name = "KIND", default_value = "other")]
    kind: ConditionKind,
    /// How much it matters: information, minor, moderate, severe or extreme [default: as the kind does].
    #[arg(long, value_name = "LEVEL")]
    level: Option<Severity>,
}

pub(super) async fn run(context: &Context, command: AlerterCommand) -> anyhow::Result<()> {
    match command {
        AlerterCommand::Raise(arguments) => raise(context, arguments).await,
        AlerterCommand::Clear { subject, kind } => clear(context, subject, kind).await,
        AlerterCommand::List => list(context).await,
    }
}

async fn raise(context: &Context, arguments: RaiseArgs) -> anyhow::Result<()> {
    let RaiseArgs { text, subject, kind, level: severity } = arguments;
    let new = NewCondition { kind, subject, severity, text };
    let raised: ConditionView = context.client()?.post(&ApiPath::new(&["conditions"]), &new).await?;
    if context.is_json() {
        return context.print(&raised, String::new);
    }
    say(match raised.count {
        0 | 1 => "Raised.".to_owned(),
        count => format!("Raised for the {count}. time."),
    });
    Ok(())
}

async fn clear(context: &Context, subject: String, kind: Option<ConditionKind>) -> anyhow::Result<()> {
    let which = ClearedCondition { kind, subject };
    let path = ApiPath::new(&["conditions", "clear"]);
    let done: ClearedView = context.client()?.post(&path, &which).await?;
    if context.is_json() {
        return context.print(&done, String::new);
    }
    say(match done.cleared {
        0 => "Nothing of that kind was raised.",
        _ => "Cleared.",
    });
    Ok(())
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let standing: Vec<ConditionView> = context.client()?.list(&ApiPath::new(&["conditions"])).await?;
    if standing.is_empty() {
        say("Everything is normal.");
    }
    let row = |condition: &ConditionView| {
        let time = |at| when(at, context.now());
        [
            condition.kind.to_string(),
            condition.subject.clone(),
            condition.severity.to_string(),
            time(condition.since),
            condition.told_at.map_or_else(|| "not yet".to_owned(), time),
            condition.text.clone(),
        ]
    };
    let heading = ["kind", "subject", "severity", "since", "told", "text"];
    context.print(&standing, || table(heading, standing.iter().map(row)))
}
