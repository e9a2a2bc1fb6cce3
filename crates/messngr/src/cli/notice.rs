use clap::Subcommand;
use doors::api::{alerts::AlertView, notices::NoticeView};

use super::{
    alert,
    alert_id::{self, AlertName, Purpose},
    context::{Context, say, write_out},
    table::{fields, table},
    time::{exactly, when},
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum NoticeCommand {
    /// List the announcements, newest first, also those that are over.
    List {
        /// Only those that were for this person, and whether they have seen them.
        #[arg(long = "for", value_name = "NAME")]
        reader: Option<String>,
    },
    /// List the announcements that have all these words in them, in any of their languages.
    Search {
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        /// Only those that were for this person, and whether they have seen them.
        #[arg(long = "for", value_name = "NAME")]
        reader: Option<String>,
    },
    /// Show what an announcement says.
    Show {
        /// Which: its id, or the beginning of it.
        id: AlertName,
    },
}

pub(super) async fn run(context: &Context, command: NoticeCommand) -> anyhow::Result<()> {
    match command {
        NoticeCommand::List { reader } => list(context, "", reader.as_deref()).await,
        NoticeCommand::Search { words, reader } => list(context, &words.join(" "), reader.as_deref()).await,
        NoticeCommand::Show { id } => {
            let client = context.client()?;
            let id = alert_id::resolve(context, &client, &id, Purpose::Look, None).await?.to_string();
            let alert: AlertView = client.get(&ApiPath::new(&["alerts", &id])).await?;
            if context.is_json() {
                return context.print(&alert, String::new);
            }
            write_out(&domain::displayable(&page(context, &alert)))
        }
    }
}

/// What it says in every language, and below what else there is to know.
fn page(context: &Context, alert: &AlertView) -> String {
    let mut page = format!("# {}\n\n{}\n", alert.headline, alert.text);
    for (tag, words) in &alert.translations {
        page.push_str(&format!("\n# {} ({tag})\n\n{}\n", words.headline, words.text));
    }
    let now = context.now();
    let known = fields(&[
        ("from", alert.issuer.to_string()),
        ("to", alert.audience.to_string()),
        ("told", exactly(alert.effective_at)),
        (
            "expires",
            alert.expires_at.map(|at| format!("{} ({})", when(at, now), exactly(at))).unwrap_or_default(),
        ),
        ("repeated", alert::repeated(alert.repeat_seconds)),
        ("escalation", alert.escalation.iter().map(alert::level).collect::<Vec<_>>().join("; ")),
        ("marks", if alert.drill { "drill".to_owned() } else { String::new() }),
        ("link", alert.link.clone().unwrap_or_default()),
        ("attachments", alert.attachments.join(" ")),
        ("status", alert.status.to_string()),
    ]);
    format!("{page}\n{known}")
}

async fn list(context: &Context, words: &str, reader: Option<&str>) -> anyhow::Result<()> {
    let mut path = ApiPath::new(&["notices"]).with("limit", &200).with("words", &words);
    if let Some(reader) = reader {
        path = path.with("reader", &reader);
    }
    let found: Vec<NoticeView> = context.client()?.list(&path).await?;
    if found.is_empty() {
        say("There is no such announcement.");
    }
    let row = |notice: &NoticeView| {
        let seen = match notice.seen {
            None => "",
            Some(true) => "seen",
            Some(false) => "new",
        };
        let alert = &notice.alert;
        let told = when(alert.effective_at, context.now());
        [alert.id.to_string(), told, seen.to_owned(), alert.status.to_string(), alert.headline.clone()]
    };
    context.print(&found, || table(["id", "told", "seen", "status", "headline"], found.iter().map(row)))
}
