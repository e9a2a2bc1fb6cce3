use clap::{Args, Subcommand};
use domain::Recipient;
use doors::api::computers::{NetMessageTaken, NewNetMessage};

use super::context::{Context, Speaker, say};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum NetCommand {
    /// Send a message to a person here, or to a Windows or Samba computer.
    #[command(after_long_help = EXAMPLES)]
    Send(NetSendArgs),
}

const EXAMPLES: &str = "\
Examples:
  messngr net send ANNA 'The meeting begins'
      to the account whose name or NetBIOS spelling is ANNA
  messngr net send PRESS1 'Please log off' --host 10.0.0.7
      to the computer 10.0.0.7, which answers to the name PRESS1; the Windows door has to be open
  messngr net send PRESS1 'Please log off' --host 10.0.0.7:1139
      the same on another port than 139";

#[derive(Debug, Args)]
pub(super) struct NetSendArgs {
    /// The name to call: an account's name or NetBIOS spelling; with --host, the NetBIOS name that the computer
    /// answers to.
    name: String,
    /// What it says.
    text: String,
    /// The computer to call, an IP address or a name.
    #[arg(long, value_name = "HOST[:PORT]")]
    host: Option<String>,
    #[command(flatten)]
    speaker: Speaker,
}

pub(super) async fn run(context: &Context, NetCommand::Send(arguments): NetCommand) -> anyhow::Result<()> {
    let NetSendArgs { name, text, host, speaker } = arguments;
    let message = NewNetMessage { name, host, text };
    let taken: NetMessageTaken =
        context.client_as(&speaker)?.post(&ApiPath::new(&["net-messages"]), &message).await?;
    if context.is_json() {
        return context.print(&taken, String::new);
    }
    match &taken.recipient {
        Recipient::Account(address) => say(format_args!("Sent to {address}.")),
        Recipient::Computer(computer) => say(format_args!("Delivered to {computer}.")),
    }
    if !taken.replaced.is_empty() {
        let replaced = taken.replaced.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        say(format_args!(
            "Its code page lacks these characters, and others stand in their place: {replaced}"
        ));
    }
    Ok(())
}
