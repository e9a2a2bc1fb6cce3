use std::process::ExitCode;

use clap::Subcommand;
use domain::{AlertKind, AlertState, AlertStatus, Audience, Escalation};
use doors::api::{alerts::AlertView, audience::AudienceView};

use super::{
    alert_draft,
    alert_id::{self, AlertName},
    alert_report, alert_schedule, alert_send, alert_template, alert_verify,
    context::{Context, Speaker, say},
    table::{fields, table},
    time::{exactly, when},
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum AlertCommand {
    /// Send an alert. It prints the alert's id.
    #[command(after_long_help = alert_send::EXAMPLES)]
    Send(Box<alert_send::SendArgs>),
    /// List the alerts that are in force, newest first.
    List {
        /// Also those that are over, planned, waiting for a release, or drafts.
        #[arg(long)]
        all: bool,
    },
    /// Show what an alert says.
    Show {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
    },
    /// Show who has an alert, who has confirmed it and how, and who was not reached and why.
    Report(alert_report::ReportArgs),
    /// Call an alert off; people who have it are told.
    Cancel {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Let an alert go that waits for a second person.
    Release {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Count the people in an audience, and those of them who can be reached now.
    Count {
        /// The audience, as `alert send --to` takes it.
        audience: Audience,
    },
    /// Change, send and throw away what was only written down.
    #[command(subcommand)]
    Draft(alert_draft::DraftCommand),
    /// Keep alerts with gaps that are filled in when they are sent.
    #[command(subcommand)]
    Template(alert_template::TemplateCommand),
    /// Send alerts again and again.
    #[command(subcommand)]
    Schedule(alert_schedule::ScheduleCommand),
    /// Show the keys that alerts are signed with, or make a new one.
    #[command(subcommand)]
    Keys(alert_verify::KeysCommand),
    /// Check that an alert says what the service has signed. The exit code is 1 where it does not.
    Verify(alert_verify::VerifyArgs),
}

pub(super) async fn run(context: &Context, command: AlertCommand) -> anyhow::Result<ExitCode> {
    let done = ExitCode::SUCCESS;
    match command {
        AlertCommand::Verify(arguments) => alert_verify::run(context, &arguments).await,
        other => run_simple(context, other).await.map(|()| done),
    }
}

async fn run_simple(context: &Context, command: AlertCommand) -> anyhow::Result<()> {
    match command {
        AlertCommand::Send(arguments) => alert_send::run(context, *arguments).await,
        AlertCommand::List { all } => list(context, all).await,
        AlertCommand::Show { id } => {
            let client = context.client()?;
            let id = alert_id::resolve(&client, &id).await?;
            let alert: AlertView = client.get(&ApiPath::new(&["alerts", &id.to_string()])).await?;
            context.print(&alert, || page(context, &alert))
        }
        AlertCommand::Report(arguments) => alert_report::run(context, &arguments).await,
        AlertCommand::Cancel { id, speaker } => {
            let alert = act(context, &id, &speaker, "cancel").await?;
            tell(context, &alert, format_args!("The alert \"{}\" was called off.", alert.headline))
        }
        AlertCommand::Release { id, speaker } => {
            let alert = act(context, &id, &speaker, "release").await?;
            tell(context, &alert, format_args!("The alert \"{}\" was released.", alert.headline))
        }
        AlertCommand::Count { audience } => count(context, &audience).await,
        AlertCommand::Draft(command) => alert_draft::run(context, command).await,
        AlertCommand::Template(command) => alert_template::run(context, command).await,
        AlertCommand::Schedule(command) => alert_schedule::run(context, command).await,
        AlertCommand::Keys(command) => alert_verify::run_keys(context, &command).await,
        AlertCommand::Verify(_) => Ok(()),
    }
}

/// Does something to an alert in somebody's name.
pub(super) async fn act(
    context: &Context,
    id: &AlertName,
    speaker: &Speaker,
    action: &str,
) -> anyhow::Result<AlertView> {
    let client = context.client_as(speaker)?;
    let id = alert_id::resolve(&client, id).await?;
    Ok(client.post(&ApiPath::new(&["alerts", &id.to_string(), action]), &()).await?)
}

fn tell(context: &Context, alert: &AlertView, words: impl std::fmt::Display) -> anyhow::Result<()> {
    if context.is_json() {
        return context.print(alert, String::new);
    }
    say(words);
    Ok(())
}

async fn count(context: &Context, audience: &Audience) -> anyhow::Result<()> {
    let path = ApiPath::new(&["audience"]).with("expression", audience);
    let count: AudienceView = context.client()?.get(&path).await?;
    context.print(&count, || {
        let computers = match count.computers {
            0 => String::new(),
            some => format!(", and {some} computers"),
        };
        format!("{} people, {} of them can be reached now{computers}.", count.people, count.reachable)
    })
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
        AlertState::Superseded { at, by } => format!("superseded {} by {by}", full(*at)),
        _ => alert.status.to_string(),
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
        ("takes effect", full(alert.effective_at)),
        ("expires", alert.expires_at.map(full).unwrap_or_default()),
        ("answer by", alert.answer_by.map(full).unwrap_or_default()),
        (
            "repeated",
            alert.repeat_seconds.map(|every| format!("every {every} s until confirmed")).unwrap_or_default(),
        ),
        ("escalation", alert.escalation.iter().map(level).collect::<Vec<_>>().join("; ")),
        ("languages", languages(alert)),
        ("lifetime", alert.lifetime.as_str().to_owned()),
        ("link", alert.link.clone().unwrap_or_default()),
        ("attachments", alert.attachments.join(" ")),
        ("replaces", alert.updates.map(|id| id.to_string()).unwrap_or_default()),
        ("marks", marks(alert)),
        ("status", status),
    ])
}

fn level(level: &Escalation) -> String {
    let Escalation { after_seconds, fewer_than, audience } = level;
    format!("after {after_seconds} s, if fewer than {fewer_than}: {audience}")
}

fn languages(alert: &AlertView) -> String {
    let tags = alert.language.iter().chain(alert.translations.keys());
    tags.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn marks(alert: &AlertView) -> String {
    let marks = [
        (alert.drill, "drill"),
        (alert.test, "test, only for its sender"),
        (alert.kind == AlertKind::Announcement, "announcement"),
    ];
    marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}
