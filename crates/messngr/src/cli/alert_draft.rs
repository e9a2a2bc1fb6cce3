use clap::{ArgGroup, Subcommand};
use doors::api::alerts::AlertView;
use hyper::Method;

use super::{
    alert_content::ContentArgs,
    alert_id::{self, AlertName, Purpose},
    alert_send::say_what_became,
    context::{Context, Speaker, say},
    table::table,
    time::when,
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum DraftCommand {
    /// List what was written down and not sent. `alert send --draft` writes one down.
    List,
    /// Write a draft anew.
    #[command(groups = [
        ArgGroup::new("whom").required(true).args(["to"]),
        ArgGroup::new("what").required(true).args(["headline"]),
    ])]
    Change {
        /// Which: its id, the beginning of it, or `last`: the newest draft of yours.
        #[arg(long = "id", value_name = "ID")]
        id: AlertName,
        #[command(flatten)]
        content: Box<ContentArgs>,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Show a draft and send it as it was shown, in the name of who sends it.
    Send {
        /// Which: its id, the beginning of it, or `last`: the newest draft of yours.
        id: AlertName,
        /// Send it only where it is still of this version, which the list shows.
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
        #[command(flatten)]
        speaker: Speaker,
    },
    /// Throw a draft away.
    Delete {
        /// Which: its id, the beginning of it, or `last`: the newest draft of yours.
        id: AlertName,
        #[command(flatten)]
        speaker: Speaker,
    },
}

pub(super) async fn run(context: &Context, command: DraftCommand) -> anyhow::Result<()> {
    match command {
        DraftCommand::List => list(context).await,
        DraftCommand::Change { id, content, speaker } => {
            let client = context.client_as(&speaker)?;
            let id = alert_id::resolve(context, &client, &id, Purpose::Draft, speaker.name.as_deref())
                .await?
                .to_string();
            let alert: AlertView =
                client.put(&ApiPath::new(&["alerts", &id]), &content.into_alert()?).await?;
            context.print(&alert, || alert.id.to_string())
        }
        DraftCommand::Send { id, version, speaker } => {
            let client = context.client_as(&speaker)?;
            let id =
                alert_id::resolve(context, &client, &id, Purpose::Draft, speaker.name.as_deref()).await?;
            let id = id.to_string();
            // Who may send and not read sends what they were told of.
            let seen: Option<AlertView> = client.get(&ApiPath::new(&["alerts", &id])).await.ok();
            let seen = seen.filter(|seen| seen.version.is_some());
            if let Some(seen) = &seen {
                say(format_args!("{} to {}: {}", seen.severity, seen.audience, shown(seen)));
            }
            let client = match version.or(seen.and_then(|seen| seen.version)) {
                Some(version) => client.if_version(&version)?,
                None => client,
            };
            let alert: AlertView = client.post(&ApiPath::new(&["alerts", &id, "send"]), &()).await?;
            context.print(&alert, || alert.id.to_string())?;
            say_what_became(&alert);
            Ok(())
        }
        DraftCommand::Delete { id, speaker } => {
            let client = context.client_as(&speaker)?;
            let id = alert_id::resolve(context, &client, &id, Purpose::Draft, speaker.name.as_deref())
                .await?
                .to_string();
            client.command(Method::DELETE, &ApiPath::new(&["alerts", &id]), None::<&()>).await?;
            say("The draft was deleted.");
            Ok(())
        }
    }
}

/// All the words of a draft.
fn shown(draft: &AlertView) -> String {
    let words = format!("{}\n{}", draft.headline, draft.text);
    domain::displayable(words.trim()).to_string()
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let path = ApiPath::new(&["alerts"]).with("phase", &"draft");
    let drafts: Vec<AlertView> = context.client()?.list(&path).await?;
    let row = |alert: &AlertView| {
        let written = when(alert.effective_at, context.now());
        [
            alert.id.to_string(),
            alert.version.clone().unwrap_or_default(),
            written,
            alert.severity.to_string(),
            alert.audience.to_string(),
            alert.headline.clone(),
        ]
    };
    if drafts.is_empty() {
        say("There is no draft.");
    }
    let heading = ["id", "version", "written", "severity", "to", "headline"];
    context.print(&drafts, || table(heading, drafts.iter().map(row)))
}
