use anyhow::bail;
use clap::Args;
use domain::{Audience, MessageName};
use doors::api::message_names::{MessageNameView, NewMessageName};
use hyper::Method;

use super::{
    context::{Context, say},
    table::table,
};
use crate::client::ApiPath;

pub(super) const EXAMPLES: &str = "\
Examples:
  messngr net name
      lists the names under which messages of Windows computers arrive here
  messngr net name HELPDESK /ADD --to group:it
      what is sent to HELPDESK goes to the people of the group it
  messngr net name HELPDESK /DELETE";

#[derive(Debug, Args)]
pub(super) struct NetNameArgs {
    /// The name: 1 to 15 characters. Without it all are listed.
    name: Option<String>,
    /// /ADD, which is meant without it too, or /DELETE.
    #[arg(value_name = "/ADD | /DELETE")]
    action: Option<String>,
    /// Who gets what is sent to it: `everyone`, `user:NAME`, `group:NAME`, or several of them separated by commas
    /// [default: those who get what is sent to the computer's own name].
    #[arg(long, value_name = "AUDIENCE")]
    to: Option<Audience>,
}

pub(super) async fn run(context: &Context, arguments: NetNameArgs) -> anyhow::Result<()> {
    let NetNameArgs { name, action, to } = arguments;
    let Some(name) = name else { return list(context).await };
    let name: MessageName = name.parse()?;
    let path = ApiPath::new(&["message-names", name.as_str()]);
    let client = context.client()?;
    match action.as_deref().unwrap_or("/ADD").to_ascii_uppercase().as_str() {
        "/ADD" => {
            client.command(Method::PUT, &path, Some(&NewMessageName { to })).await?;
            say(format_args!("The message name {name} was added successfully."));
        }
        "/DELETE" => {
            client.command(Method::DELETE, &path, None::<&()>).await?;
            say(format_args!("{name} was deleted successfully."));
        }
        other => bail!("expected /ADD or /DELETE, got \"{other}\""),
    }
    Ok(())
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let names: Vec<MessageNameView> = context.client()?.list(&ApiPath::new(&["message-names"])).await?;
    let row = |view: &MessageNameView| {
        let to = view.to.as_ref().map_or_else(|| "as for the computer".to_owned(), ToString::to_string);
        [view.name.to_string(), if view.computer { "the computer".to_owned() } else { to }]
    };
    context.print(&names, || table(["name", "messages go to"], names.iter().map(row)))
}
