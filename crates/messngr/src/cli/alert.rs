use std::{collections::BTreeMap, process::ExitCode};

use clap::Subcommand;
use domain::{AlertKind, AlertState, AlertStatus, Audience, Escalation, LanguageTag, Translation};
use doors::api::{alerts::AlertView, audience::AudienceView};

use super::{
    alert_draft,
    alert_id::{self, AlertName, Purpose},
    alert_report, alert_schedule, alert_send, alert_template, alert_verify,
    context::{Context, Speaker, Whose, say},
    table::{fields, table},
    time::{exactly, when},
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum AlertCommand {
    /// Send an alert. It prints the alert's id.
    #[command(after_long_help = alert_send::EXAMPLES)]
    Send(Box<alert_send::SendArgs>),
    /// List the alerts that are in force and those that wait for a release, newest first.
    List {
        /// All of them: also those that are over, planned, or drafts.
        #[arg(long)]
        all: bool,
    },
    /// Show what an alert says.
    Show {
        /// Which: its id, the beginning of it, or `last`.
        id: AlertName,
        #[command(flatten)]
        whose: Whose,
    },
    /// Show who has an alert, who has confirmed it and how, and who was not reached and why.
    Report(alert_report::ReportArgs),
    /// Call an alert off; people who have it are told.
    Cancel {
        /// Which: its id, the beginning of it, or `last`: the newest one of yours that is in force or will be.
        id: AlertName,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Let an alert go that waits for a second person.
    Release {
        /// Which: its id, the beginning of it, or `last`: the newest one of somebody else's that waits.
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
        AlertCommand::Show { id, whose } => {
            let client = context.client()?;
            let id = alert_id::resolve(context, &client, &id, Purpose::Look, whose.name.as_deref()).await?;
            let alert: AlertView = client.get(&ApiPath::new(&["alerts", &id.to_string()])).await?;
            context.print(&alert, || page(context, &alert))
        }
        AlertCommand::Report(arguments) => alert_report::run(context, &arguments).await,
        AlertCommand::Cancel { id, speaker } => {
            let alert = act(context, &id, &speaker, Purpose::End, "cancel").await?;
            tell(context, &alert, format_args!("The alert \"{}\" was called off.", alert.headline))
        }
        AlertCommand::Release { id, speaker } => {
            let alert = act(context, &id, &speaker, Purpose::Release, "release").await?;
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
async fn act(
    context: &Context,
    id: &AlertName,
    speaker: &Speaker,
    purpose: Purpose,
    action: &str,
) -> anyhow::Result<AlertView> {
    let client = context.client_as(speaker)?;
    let id = alert_id::resolve(context, &client, id, purpose, speaker.name.as_deref()).await?;
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
    context.print(&count, || counted(&count))
}

fn counted(count: &AudienceView) -> String {
    let computers = match count.computers {
        0 => String::new(),
        1 => ", and 1 computer".to_owned(),
        some => format!(", and {some} computers"),
    };
    let people = match (count.people, count.reachable) {
        (0, _) => "Nobody".to_owned(),
        (1, 0) => "1 person, who cannot be reached now".to_owned(),
        (1, _) => "1 person, who can be reached now".to_owned(),
        (people, reachable) => format!("{people} people, {reachable} of them can be reached now"),
    };
    format!("{people}{computers}.")
}

async fn list(context: &Context, all: bool) -> anyhow::Result<()> {
    let known = alert_id::all(&context.client()?).await?;
    let short = alert_id::short_names(&known);
    let shown: Vec<(AlertView, String)> = known
        .into_iter()
        .zip(short)
        .filter(|(alert, _)| all || [AlertStatus::InForce, AlertStatus::Waiting].contains(&alert.status))
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
        say(if all {
            "No alert was ever sent."
        } else {
            "No alert is in force, and none waits for a release."
        });
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
        (
            "expires",
            match (alert.expires_at, alert.expires_after_seconds) {
                (Some(at), _) => full(at),
                (None, after) => lasting(after),
            },
        ),
        ("answer by", alert.answer_by.map(full).unwrap_or_default()),
        ("repeated", repeated(alert.repeat_seconds)),
        ("escalation", alert.escalation.iter().map(level).collect::<Vec<_>>().join("; ")),
        ("languages", languages(alert.language.as_ref(), &alert.translations)),
        ("lifetime", alert.lifetime.as_str().to_owned()),
        ("link", alert.link.clone().unwrap_or_default()),
        ("attachments", alert.attachments.join(" ")),
        ("replaces", alert.updates.map(|id| id.to_string()).unwrap_or_default()),
        ("marks", marks(alert.drill, alert.test, alert.kind)),
        ("status", status),
    ])
}

/// How long it lasts from when it takes effect.
pub(super) fn lasting(seconds: Option<u32>) -> String {
    seconds.map(|seconds| format!("{seconds} s after it takes effect")).unwrap_or_default()
}

/// How often those are told again who have not confirmed.
pub(super) fn repeated(seconds: Option<u32>) -> String {
    seconds.map(|every| format!("every {every} s until confirmed")).unwrap_or_default()
}

/// Who else is told when too few confirm.
pub(super) fn level(level: &Escalation) -> String {
    let Escalation { after_seconds, fewer_than, audience } = level;
    format!("after {after_seconds} s, if fewer than {fewer_than}: {audience}")
}

/// The languages of the words, the own one first.
pub(super) fn languages(
    own: Option<&LanguageTag>,
    translations: &BTreeMap<LanguageTag, Translation>,
) -> String {
    let tags = own.into_iter().chain(translations.keys());
    tags.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What is special about it.
pub(super) fn marks(drill: bool, test: bool, kind: AlertKind) -> String {
    let marks = [
        (drill, "drill"),
        (test, "test, only for its sender"),
        (kind == AlertKind::Announcement, "announcement"),
    ];
    marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_counted_as_one() {
        let count = |people, reachable, computers| counted(&AudienceView { people, reachable, computers });
        assert_eq!(count(1, 1, 0), "1 person, who can be reached now.");
        assert_eq!(count(1, 0, 1), "1 person, who cannot be reached now, and 1 computer.");
        assert_eq!(count(3, 1, 2), "3 people, 1 of them can be reached now, and 2 computers.");
        assert_eq!(count(0, 0, 0), "Nobody.");
    }
}
