use std::{
    io::{BufRead, IsTerminal},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use domain::Right;
use doors::api::{
    accounts::{AccountChange, AccountView, NewAccount, NewPassword},
    erasure::ErasedView,
};
use hyper::Method;
use serde::Serialize;

use super::{
    context::{Context, say, write_out},
    import,
    password::{self, PasswordArgs},
    privacy::{self, PrivacyArgs},
    rights,
    table::table,
    time::when,
};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account.
    Add {
        /// The name: the part before the @ of the address.
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
        /// Let the account administer the service and send alerts.
        #[arg(long)]
        admin: bool,
    },
    /// Make the accounts in a CSV file, and the groups they name.
    ///
    /// The first line is the heading `name,password` or `name,password,groups`; groups are separated by semicolons
    /// or spaces. A line that cannot be done does not stop the others; the exit code is 1 then.
    Import {
        /// The file: UTF-8, at most 16 MiB.
        file: PathBuf,
        /// Let people keep their passwords. Otherwise a browser asks for another one when they first sign in.
        #[arg(long)]
        may_keep: bool,
    },
    /// List the accounts.
    List,
    /// Show an account.
    Show {
        /// Whose.
        name: String,
    },
    /// Give a person a new password; their sessions end.
    Password {
        /// Whose.
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Change what an account may do.
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
    Set {
        /// Whose.
        name: String,
        /// Whether senders whom nobody vouches for (NET SEND, WinPopup) may reach this person.
        #[arg(long, value_name = "WHETHER", group = "change")]
        unverified: Option<Unverified>,
        /// Whether the account may administer the service and send alerts.
        #[arg(long, value_name = "WHETHER", group = "change")]
        admin: Option<YesNo>,
    },
    /// See and change what a person wants to be spared and to keep to themselves.
    Privacy(PrivacyArgs),
    /// Let an account send alerts to an audience, or read all alerts and their reports.
    Grant {
        /// Whose.
        name: String,
        /// `publish:AUDIENCE`, `publish:AUDIENCE:SEVERITY` or `audit`.
        right: Right,
    },
    /// Take a right from an account.
    Revoke {
        /// Whose.
        name: String,
        /// The right, as `user rights` shows it.
        right: Right,
    },
    /// Show what an account may do beside what everybody may.
    Rights {
        /// Whose.
        name: String,
    },
    /// Let nobody sign in by an account or reach it; its sessions end. Everything of it stays.
    Disable {
        /// Whose.
        name: String,
    },
    /// Let a person sign in and be reached again.
    Enable {
        /// Whose.
        name: String,
    },
    /// Print everything that the service keeps about a person, one JSON object a line.
    Export {
        /// Whose.
        name: String,
    },
    /// Remove an account, and take its name out of reports and of the audit log, which verify all the same. What it
    /// has sent to others stays with them.
    Erase {
        /// Whose.
        name: String,
        /// Do not ask whether it is meant.
        #[arg(long)]
        yes: bool,
    },
    /// Remove an account with its contacts, memberships and waiting messages.
    Remove {
        /// Whose.
        name: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Unverified {
    /// They may.
    Allow,
    /// They may not.
    Refuse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum YesNo {
    /// It may.
    Yes,
    /// It may not.
    No,
}

pub(super) async fn run(context: &Context, command: UserCommand) -> anyhow::Result<ExitCode> {
    match command {
        UserCommand::Add { name, password, admin } => add(context, name, password, admin).await?,
        UserCommand::Import { file, may_keep } => return import::run(context, &file, may_keep).await,
        UserCommand::List => list(context).await?,
        UserCommand::Show { name } => {
            let account: AccountView = context.client()?.get(&account(&name)).await?;
            context.print(&account, || page(context, &account))?;
        }
        UserCommand::Password { name, password } => set_password(context, &name, password).await?,
        UserCommand::Set { name, unverified, admin } => {
            let change = AccountChange {
                accepts_unverified: unverified.map(|choice| choice == Unverified::Allow),
                administrator: admin.map(|choice| choice == YesNo::Yes),
                disabled: None,
            };
            change_account(context, &name, change).await?;
        }
        UserCommand::Privacy(arguments) => privacy::run(context, arguments).await?,
        UserCommand::Grant { name, right } => rights::grant(context, &name, right).await?,
        UserCommand::Revoke { name, right } => rights::revoke(context, &name, right).await?,
        UserCommand::Rights { name } => rights::show(context, &name).await?,
        UserCommand::Disable { name } => set_disabled(context, &name, true).await?,
        UserCommand::Enable { name } => set_disabled(context, &name, false).await?,
        UserCommand::Export { name } => {
            let path = ApiPath::new(&["accounts", &name, "export"]);
            write_out(&context.client()?.get_text(&path, "application/x-ndjson").await?)?;
        }
        UserCommand::Erase { name, yes } => {
            if !yes && !is_meant(&name)? {
                bail!("{name} was not erased");
            }
            let path = ApiPath::new(&["accounts", &name, "erase"]);
            let erased: ErasedView = context.client()?.post(&path, &()).await?;
            context.print(&erased, || erased.pseudonym.to_string())?;
            say(format_args!("{name} was erased; reports call them {} now.", erased.pseudonym));
        }
        UserCommand::Remove { name } => {
            context.client()?.command(Method::DELETE, &account(&name), None::<&()>).await?;
            say(format_args!("The account {name} was removed."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks on a terminal whether somebody is to be erased; what programs ask for is meant.
fn is_meant(name: &str) -> anyhow::Result<bool> {
    let mut input = std::io::stdin().lock();
    if !input.is_terminal() {
        return Ok(true);
    }
    say(format_args!("{name} is removed with everything that is kept about them. Nothing brings that back."));
    say("Type the name again to erase it:");
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(answer.trim() == name)
}

/// An account that was made or got a password, with the password where nobody has seen it yet.
#[derive(Serialize)]
struct WithPassword<'a> {
    #[serde(flatten)]
    account: &'a AccountView,
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_password: Option<&'a str>,
}

async fn add(context: &Context, name: String, password: PasswordArgs, admin: bool) -> anyhow::Result<()> {
    let client = context.client()?;
    let must_change_password = !password.may_keep;
    let password = password.obtain(&name, &context.environment)?;
    let new = NewAccount {
        name,
        password: password.text.clone(),
        must_change_password,
        administrator: admin,
        groups: Vec::new(),
        create_groups: false,
    };
    let account: AccountView = client.post(&ApiPath::new(&["accounts"]), &new).await?;
    say(format_args!("{} was added; Windows computers reach it as {}.", account.address, account.netbios));
    print_password(context, &account, &password)
}

async fn set_password(context: &Context, name: &str, password: PasswordArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    // Nobody is asked for the password of an account that does not exist.
    let known: AccountView = client.get(&account(name)).await?;
    let must_change_password = !password.may_keep;
    let password = password.obtain(name, &context.environment)?;
    let new = NewPassword { password: password.text.clone(), old_password: None, must_change_password };
    client.command(Method::PUT, &ApiPath::new(&["accounts", name, "password"]), Some(&new)).await?;
    say(format_args!("{} has a new password.", known.address));
    print_password(context, &known, &password)
}

fn print_password(
    context: &Context,
    account: &AccountView,
    password: &password::NewPassword,
) -> anyhow::Result<()> {
    let generated_password = password.generated.then_some(password.text.as_str());
    if password.generated {
        say("Its password is shown only this once:");
    }
    let text = || generated_password.unwrap_or_default().to_owned();
    context.print(&WithPassword { account, generated_password }, text)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let accounts: Vec<AccountView> = context.client()?.list(&ApiPath::new(&["accounts"])).await?;
    let row = |account: &AccountView| {
        let groups = account.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        [account.address.to_string(), account.netbios.clone(), marks(account), groups]
    };
    context.print(&accounts, || table(["address", "netbios", "marks", "groups"], accounts.iter().map(row)))
}

async fn set_disabled(context: &Context, name: &str, disabled: bool) -> anyhow::Result<()> {
    change_account(context, name, AccountChange { disabled: Some(disabled), ..AccountChange::default() })
        .await
}

async fn change_account(context: &Context, name: &str, change: AccountChange) -> anyhow::Result<()> {
    let account: AccountView = context.client()?.patch(&account(name), &change).await?;
    context.print(&account, || page(context, &account))
}

fn account(name: &str) -> ApiPath {
    ApiPath::new(&["accounts", name])
}

/// What is special about an account, in words.
fn marks(account: &AccountView) -> String {
    let marks = [
        (account.administrator, "administrator"),
        (account.disabled, "disabled"),
        (!account.accepts_unverified, "refuses unverified"),
    ];
    marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

fn page(context: &Context, account: &AccountView) -> String {
    let yes_no = |yes| if yes { "yes" } else { "no" }.to_owned();
    let groups = account.groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let lines = [
        ("address", account.address.to_string()),
        ("netbios", account.netbios.clone()),
        ("administrator", yes_no(account.administrator)),
        ("disabled", yes_no(account.disabled)),
        ("unverified senders", if account.accepts_unverified { "allowed" } else { "refused" }.to_owned()),
        ("groups", groups),
        ("made", when(account.created_at, context.now())),
    ];
    super::table::fields(&lines)
}
