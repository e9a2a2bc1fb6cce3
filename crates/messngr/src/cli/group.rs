use clap::Subcommand;
use domain::{Group, GroupName};
use doors::api::groups::NewGroup;
use hyper::Method;

use super::{
    context::{Context, say},
    table::table,
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum GroupCommand {
    /// Make a group.
    Add {
        /// Its name: 1 to 64 letters, digits, `-`, `_` or `.`.
        name: GroupName,
    },
    /// Remove a group; its members stay.
    Remove {
        /// Its name.
        name: GroupName,
    },
    /// Put people into a group.
    Join {
        /// The group.
        group: GroupName,
        /// Who.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Take people out of a group.
    Leave {
        /// The group.
        group: GroupName,
        /// Who.
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// List the groups and who is in them.
    List,
}

pub(super) async fn run(context: &Context, command: GroupCommand) -> anyhow::Result<()> {
    let client = context.client()?;
    match command {
        GroupCommand::Add { name } => {
            let path = ApiPath::new(&["groups"]);
            client.command(Method::POST, &path, Some(&NewGroup { name: name.clone() })).await?;
            say(format_args!("The group {name} was added."));
        }
        GroupCommand::Remove { name } => {
            let path = ApiPath::new(&["groups", name.as_str()]);
            client.command(Method::DELETE, &path, None::<&()>).await?;
            say(format_args!("The group {name} was removed."));
        }
        GroupCommand::Join { group, names } => {
            set_members(context, Method::PUT, &group, &names).await?;
            say(format_args!("In the group {group} now: {}.", names.join(", ")));
        }
        GroupCommand::Leave { group, names } => {
            set_members(context, Method::DELETE, &group, &names).await?;
            say(format_args!("Not in the group {group} any more: {}.", names.join(", ")));
        }
        GroupCommand::List => {
            let groups: Vec<Group> = client.list(&ApiPath::new(&["groups"])).await?;
            context.print(&groups, || table(["group", "members"], groups.iter().map(row)))?;
        }
    }
    Ok(())
}

async fn set_members(
    context: &Context,
    method: Method,
    group: &GroupName,
    names: &[String],
) -> anyhow::Result<()> {
    let client = context.client()?;
    for name in names {
        let path = ApiPath::new(&["groups", group.as_str(), "members", name]);
        client.command(method.clone(), &path, None::<&()>).await?;
    }
    Ok(())
}

fn row(group: &Group) -> [String; 2] {
    let members = group.members.iter().map(ToString::to_string).collect::<Vec<_>>();
    [group.name.to_string(), members.join(" ")]
}
