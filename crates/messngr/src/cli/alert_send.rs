use std::collections::BTreeMap;

use clap::{ArgGroup, Args};
use domain::AlertStatus;
use doors::api::{
    alerts::{AlertView, NewAlert},
    templates::FromTemplate,
};

use super::{
    alert_content::{ContentArgs, whole_seconds},
    alert_id::{self, AlertName, Purpose},
    context::{Context, Speaker, say},
    time::ahead,
};
use crate::client::ApiPath;

pub(super) const EXAMPLES: &str = "\
Examples:
  messngr alert send --to everyone 'Fire drill at noon'
      everyone confirms it with OK
  messngr alert send --to group:ward,user:bert --severity severe --choices 'Safe,Need help' --expires 2h \\
      'Fire drill' 'Meet at the gate.'
      people answer with one of the two; after two hours nobody can any more
  messngr alert send --to 'group:ward!user:bert' --repeat 5m --escalate '15m,<80%,group:chiefs' 'Water leak'
      everyone in the ward but bert; told again every five minutes; after a quarter of an hour, if fewer than
      four of five have confirmed, the chiefs are told too
  messngr alert send --to everyone --lang 'es:Simulacro de incendio' --drill --at 12:00 'Fire drill'
      at noon, in the reader's language, marked as a drill
  messngr alert send --template outage --set what=Mail --set until=noon
      by a template
  messngr alert send --to everyone --no-confirm --as anna 'The canteen is closed today'
      from anna, who may send alerts; nobody has to confirm it
  messngr alert send --update last --to everyone 'Meet at gate 2'
      in the place of the last one
  messngr alert report last
      who has confirmed it, and who was not reached";

#[derive(Debug, Args)]
#[command(groups = [
    ArgGroup::new("whom").required(true).multiple(true).args(["to", "template"]),
    ArgGroup::new("what").required(true).args(["headline", "template"]),
])]
pub(super) struct SendArgs {
    #[command(flatten)]
    content: ContentArgs,
    #[command(flatten)]
    when: WhenArgs,
    /// Send what this template says. What else is given counts instead of what it says; the words are its own.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["headline", "update"])]
    template: Option<String>,
    /// A value for a variable of the template: `what=Mail`. Can be repeated.
    #[arg(long, value_name = "VARIABLE=VALUE", requires = "template", value_parser = assignment)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    speaker: Speaker,
}

#[derive(Debug, Args)]
struct WhenArgs {
    /// Let it take effect later: `2h` or `in 2h`, `14:30`, `2026-11-20T08:00`, or a timestamp.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// Put it in the place of this alert: people see that it is replaced.
    #[arg(long, value_name = "ID")]
    update: Option<AlertName>,
    /// Your own word for it: sent twice with the same word, it is one alert.
    #[arg(long, value_name = "WORD")]
    key: Option<String>,
    /// Only write it down; `messngr alert draft` changes and sends it.
    #[arg(long)]
    draft: bool,
    /// Send it only to who it comes from, marked as a test.
    #[arg(long)]
    test: bool,
}

pub(super) async fn run(context: &Context, arguments: SendArgs) -> anyhow::Result<()> {
    let SendArgs { content, when, template, set, speaker } = arguments;
    let client = context.client_as(&speaker)?;
    let at =
        when.at.as_deref().map(|text| ahead(text, context.now())).transpose().map_err(anyhow::Error::msg)?;
    let alert: AlertView = match template {
        Some(template) => {
            let values: BTreeMap<String, String> = set.into_iter().collect();
            let body = FromTemplate {
                values,
                audience: content.to,
                severity: content.severity,
                begins_at: at,
                expires_in_seconds: content.expires.map(whole_seconds),
                drill: content.drill,
                test: when.test,
                key: when.key,
                draft: when.draft,
            };
            client.post(&ApiPath::new(&["templates", &template, "alerts"]), &body).await?
        }
        None => {
            let updates = match &when.update {
                Some(name) => Some(
                    alert_id::resolve(context, &client, name, Purpose::End, speaker.name.as_deref()).await?,
                ),
                None => None,
            };
            let alert = content.into_alert()?;
            let alert = NewAlert {
                begins_at: at,
                updates,
                key: when.key,
                draft: when.draft,
                test: when.test,
                ..alert
            };
            client.post(&ApiPath::new(&["alerts"]), &alert).await?
        }
    };
    context.print(&alert, || alert.id.to_string())?;
    say_what_became(&alert);
    Ok(())
}

/// Says where an alert stands that was just sent.
pub(super) fn say_what_became(alert: &AlertView) {
    say(became(alert));
}

fn became(alert: &AlertView) -> String {
    let (id, status) = (alert.id, alert.status);
    if alert.repeated {
        return format!("This was sent before with the same key, and nothing was done now: it is {status}.");
    }
    match status {
        AlertStatus::Draft => format!("It was written down. `messngr alert draft send {id}` sends it."),
        AlertStatus::Waiting => {
            format!(
                "It waits for a second person, and reaches nobody before: `messngr alert release {id} --as NAME`."
            )
        }
        AlertStatus::Planned => {
            "It will be sent at its time. `messngr alert list --all` shows it.".to_owned()
        }
        _ => format!("The alert was sent. `messngr alert report {id}` shows who has confirmed it."),
    }
}

pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write VARIABLE=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
