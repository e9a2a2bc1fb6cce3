use std::collections::BTreeMap;

use clap::{ArgGroup, Args, Subcommand};
use domain::{Missed, Rule, Zone};
use doors::api::{
    alerts::NewAlert,
    schedules::{NewSchedule, ScheduleView},
    service::ConfigurationInForce,
    templates::TemplateView,
};
use hyper::Method;
use jiff::civil::DateTime;

use super::{
    alert_content::{ContentArgs, whole_seconds},
    alert_send::assignment,
    context::{Context, Speaker, say},
    table::table,
};
use crate::client::{ApiPath, Client};

#[derive(Debug, Subcommand)]
pub(super) enum ScheduleCommand {
    /// Send an alert again and again. A schedule of the same name is replaced.
    #[command(after_long_help = EXAMPLES)]
    Add(Box<AddArgs>),
    /// List the schedules.
    List,
    /// Send nothing until it is resumed.
    Pause {
        /// Which.
        name: String,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Go on; times that passed meanwhile are passed over.
    Resume {
        /// Which.
        name: String,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Forget a schedule. What it has sent stays.
    Remove {
        /// Which.
        name: String,
        #[command(flatten)]
        speaker: Speaker,
    },
}

#[derive(Debug, Args)]
#[command(groups = [
    ArgGroup::new("whom").required(true).multiple(true).args(["to", "template"]),
    ArgGroup::new("what").required(true).args(["headline", "template"]),
])]
pub(super) struct AddArgs {
    /// What it is called.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// When: a recurrence rule (RFC 5545), or the five fields of cron.
    #[arg(long, value_name = "RULE")]
    rule: Rule,
    /// The time zone of the rule, such as Europe/Madrid.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: Zone,
    /// The first local time at which it may be sent, from which a recurrence counts: 2026-12-01T12:00.
    #[arg(long, value_name = "DATE")]
    starts: Option<DateTime>,
    /// What happens to times that passed while the service did not run: skip, once or all.
    #[arg(long, value_name = "HOW", default_value = "skip")]
    missed: Missed,
    #[command(flatten)]
    content: ContentArgs,
    /// Send what this template says now; `--to`, `--severity`, `--expires` and `--drill` count instead of what it says.
    #[arg(long, value_name = "NAME", conflicts_with = "headline")]
    template: Option<String>,
    /// A value for a variable of the template: `what=Mail`. Can be repeated.
    #[arg(long, value_name = "VARIABLE=VALUE", requires = "template", value_parser = assignment)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    speaker: Speaker,
}

const EXAMPLES: &str = "\
Examples:
  messngr alert schedule add --name siren --rule 'FREQ=MONTHLY;BYDAY=1MO;BYHOUR=12;BYMINUTE=0' --zone Europe/Madrid \\
      --to everyone --drill --no-confirm --expires 10m 'Test of the siren'
      at noon on the first Monday of each month, whatever clocks do in spring and autumn
  messngr alert schedule add --name round --rule '0 22 * * mon-fri' --zone Europe/Berlin --missed once \\
      --to group:night --repeat 5m 'Night round' 'Confirm when you have been round.'
      with cron's fields; a time that passed while the service did not run is made up for once";

pub(super) async fn run(context: &Context, command: ScheduleCommand) -> anyhow::Result<()> {
    match command {
        ScheduleCommand::Add(arguments) => {
            let AddArgs { name, rule, zone, starts, missed, content, template, set, speaker } = *arguments;
            let client = context.client_as(&speaker)?;
            let alert = match template {
                Some(template) => by_template(&client, &template, set.into_iter().collect(), content).await?,
                None => content.into_alert()?,
            };
            let new = NewSchedule { alert, rule, zone, starts_at: starts, missed };
            let schedule: ScheduleView = client.put(&ApiPath::new(&["schedules", &name]), &new).await?;
            show(context, &schedule)?;
            say_that_it_waits(context, &schedule).await;
            Ok(())
        }
        ScheduleCommand::List => {
            let schedules: Vec<ScheduleView> = context.client()?.list(&ApiPath::new(&["schedules"])).await?;
            if schedules.is_empty() {
                say("There is no schedule.");
            }
            context.print(&schedules, || lines(&schedules))
        }
        ScheduleCommand::Pause { name, speaker } => set(context, &name, &speaker, "pause").await,
        ScheduleCommand::Resume { name, speaker } => set(context, &name, &speaker, "resume").await,
        ScheduleCommand::Remove { name, speaker } => {
            let client = context.client_as(&speaker)?;
            client.command(Method::DELETE, &ApiPath::new(&["schedules", &name]), None::<&()>).await?;
            say(format_args!("The schedule {name} was removed."));
            Ok(())
        }
    }
}

/// Says so where each alert of the schedule waits for a second person. Who may not see the configuration hears nothing.
async fn say_that_it_waits(context: &Context, ScheduleView(schedule): &ScheduleView) {
    let Ok(client) = context.client() else { return };
    let configuration: Result<ConfigurationInForce, _> = client.get(&ApiPath::new(&["configuration"])).await;
    let severity = schedule.draft.severity.as_str();
    let waits = configuration.is_ok_and(|configuration| {
        let release = configuration.json["alerts"]["release"].as_array().cloned().unwrap_or_default();
        release.iter().any(|word| word.as_str() == Some(severity))
    });
    if waits {
        say(format_args!(
            "Each alert of it waits for a second person, who is told so: `messngr alert release ID --as NAME`."
        ));
    }
}

/// What a template says with these values.
async fn by_template(
    client: &Client,
    name: &str,
    values: BTreeMap<String, String>,
    content: ContentArgs,
) -> anyhow::Result<NewAlert> {
    let TemplateView(template) = client.get(&ApiPath::new(&["templates", name])).await?;
    let draft = template.filled(&values)?;
    Ok(NewAlert {
        text: draft.text,
        severity: content.severity.unwrap_or(draft.severity),
        choices: draft.choices,
        must_confirm: Some(draft.must_confirm),
        expires_in_seconds: content.expires.map(whole_seconds).or(template.expires_after_seconds),
        kind: draft.kind,
        language: draft.language,
        translations: draft.translations,
        lifetime: draft.lifetime,
        repeat_seconds: draft.repeat_seconds,
        escalation: draft.escalation,
        drill: draft.drill || content.drill,
        link: draft.link,
        attachments: draft.attachments,
        ..NewAlert::new(draft.headline, content.to.unwrap_or(draft.audience))
    })
}

async fn set(context: &Context, name: &str, speaker: &Speaker, action: &str) -> anyhow::Result<()> {
    let path = ApiPath::new(&["schedules", name, action]);
    let schedule: ScheduleView = context.client_as(speaker)?.post(&path, &()).await?;
    show(context, &schedule)
}

fn show(context: &Context, schedule: &ScheduleView) -> anyhow::Result<()> {
    context.print(schedule, || lines(std::slice::from_ref(schedule)))
}

/// Times are local where the rule is, whose zone stands beside them.
fn lines(schedules: &[ScheduleView]) -> String {
    let row = |ScheduleView(schedule): &ScheduleView| {
        let next = match (schedule.paused, schedule.next_at) {
            (true, _) => format!("paused {}", schedule.note.as_deref().unwrap_or_default()).trim().to_owned(),
            (false, Some(at)) => schedule.zone.local(at).strftime("%Y-%m-%d %H:%M").to_string(),
            (false, None) => "over".to_owned(),
        };
        let (rule, zone) = (schedule.rule.to_string(), schedule.zone.to_string());
        [
            schedule.name.to_string(),
            next,
            rule,
            zone,
            schedule.draft.audience.to_string(),
            schedule.draft.headline.clone(),
        ]
    };
    table(["name", "next", "rule", "zone", "to", "headline"], schedules.iter().map(row))
}
