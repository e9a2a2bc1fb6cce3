use clap::{Args, Subcommand};
use domain::Recipient;
use doors::api::computers::{NetMessageTaken, NewNetMessage};

use super::{
    context::{Context, Speaker, say},
    net_name::{self, NetNameArgs},
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum NetCommand {
    /// Send a message to a person here, to a Windows or Samba computer, or to many.
    #[command(after_long_help = SEND_EXAMPLES)]
    Send(NetSendArgs),
    /// List, add or delete the message names of this computer.
    #[command(after_long_help = net_name::EXAMPLES)]
    Name(NetNameArgs),
}

const SEND_EXAMPLES: &str = "\
Examples:
  messngr net send ANNA The meeting begins
      to the account whose name or NetBIOS spelling is ANNA, or else to the computer, person or message name on the
      network that is called so
  messngr net send PRESS1 'Please log off' --host 10.0.0.7
      to the computer 10.0.0.7, which answers to the name PRESS1; the Windows door has to be open
  messngr net send PRESS1 'Please log off' --host 10.0.0.7:1139
      the same on another port than 139
  messngr net send '*' The canteen closes
      to all computers of the service's workgroup and everybody who is signed in; /DOMAIN is the same
  messngr net send /DOMAIN:PLANT Shift change
      to all computers of the domain or workgroup PLANT
  messngr net send /USERS The service restarts at noon
      to everybody who is signed in";

#[derive(Debug, Args)]
pub(super) struct NetSendArgs {
    /// NAME, `*`, /DOMAIN, /DOMAIN:NAME or /USERS; with --host, the NetBIOS name that the computer answers to.
    #[arg(value_name = "NAME | * | /DOMAIN[:NAME] | /USERS")]
    name: String,
    /// What it says: all that follows.
    #[arg(required = true, value_name = "MESSAGE")]
    text: Vec<String>,
    /// The computer to call, an IP address or a name.
    #[arg(long, value_name = "HOST[:PORT]")]
    host: Option<String>,
    #[command(flatten)]
    speaker: Speaker,
}

pub(super) async fn run(context: &Context, command: NetCommand) -> anyhow::Result<()> {
    match command {
        NetCommand::Send(arguments) => send(context, arguments).await,
        NetCommand::Name(arguments) => net_name::run(context, arguments).await,
    }
}

async fn send(context: &Context, arguments: NetSendArgs) -> anyhow::Result<()> {
    let NetSendArgs { name, text, host, speaker } = arguments;
    let message = NewNetMessage { name, host, text: text.join(" ") };
    let taken: NetMessageTaken =
        context.client_as(&speaker)?.post(&ApiPath::new(&["net-messages"]), &message).await?;
    if context.is_json() {
        return context.print(&taken, String::new);
    }
    match &taken.recipient {
        Some(Recipient::Account(address)) => say(format_args!("Sent to {address}.")),
        Some(Recipient::Computer(computer)) => say(format_args!("Delivered to {computer}.")),
        None => {}
    }
    if let Some(workgroup) = &taken.workgroup {
        say(format_args!("Sent to all computers of {workgroup}; they do not say whether it arrived."));
    }
    match taken.people {
        Some(0) => say(format_args!("Nobody here had to be told.")),
        Some(1) => say(format_args!("Sent to one person.")),
        Some(people) => say(format_args!("Sent to {people} people.")),
        None => {}
    }
    if !taken.replaced.is_empty() {
        let replaced = taken.replaced.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        say(format_args!(
            "Its code page lacks these characters, and others stand in their place: {replaced}"
        ));
    }
    Ok(())
}
