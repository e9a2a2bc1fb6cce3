use clap::Subcommand;
use doors::api::{alerts::AlertView, notices::NoticeView};

use super::{
    alert_id::{self, AlertName},
    context::{Context, say, write_out},
    table::table,
    time::when,
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
            let id = alert_id::resolve(&client, &id).await?.to_string();
            let alert: AlertView = client.get(&ApiPath::new(&["alerts", &id])).await?;
            if context.is_json() {
                return context.print(&alert, String::new);
            }
            write_out(&domain::displayable(&format!("# {}\n\n{}", alert.headline, alert.text)))
        }
    }
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
