use clap::Args;
use domain::Audience;
use doors::api::messages::{MessagesTaken, NewMessage};

use super::context::{Context, Speaker, say};
use crate::client::ApiPath;

#[derive(Debug, Args)]
pub(super) struct SendArgs {
    /// Whom it is for: NAME, group:NAME or everyone; several are separated by commas.
    #[arg(value_name = "TO[,TO…]")]
    to: Audience,
    /// What it says.
    text: String,
    /// Your own id of it, 1 to 200 bytes: sent again with the same one, nobody gets it twice.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    speaker: Speaker,
}

pub(super) async fn run(context: &Context, arguments: SendArgs) -> anyhow::Result<()> {
    let SendArgs { to, text, id, speaker } = arguments;
    let message = NewMessage { to, text, id };
    let taken: MessagesTaken =
        context.client_as(&speaker)?.post(&ApiPath::new(&["messages"]), &message).await?;
    if context.is_json() {
        return context.print(&taken, String::new);
    }
    match taken.recipients {
        1 => say("Sent to 1 person."),
        count => say(format_args!("Sent to {count} people.")),
    }
    Ok(())
}
