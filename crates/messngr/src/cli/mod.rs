//! The command line: one file a group of commands. Results go to standard output, words to a person to standard
//! error; exit code 0 is done, 1 is not done, 2 is a mistake in the command or that no service runs.

mod alert;
mod alert_content;
mod alert_draft;
mod alert_id;
mod alert_report;
mod alert_schedule;
mod alert_send;
mod alert_template;
mod alert_verify;
mod alerter;
mod away;
mod backup;
mod ca;
mod completions;
mod config;
mod context;
mod duration;
pub(crate) mod global;
mod group;
mod import;
mod log;
mod man;
mod net;
mod net_name;
mod notice;
mod own_password;
mod password;
mod privacy;
mod rights;
mod send;
mod status;
mod table;
#[cfg(test)]
mod tests;
mod time;
mod token;
mod user;
mod who;
mod winpopup;

use std::{io, num::NonZero, process::ExitCode};

use ::client::ServerError;
use clap::{Parser, Subcommand};

use self::{context::Context, global::GlobalArgs};
use crate::{client::ClientError, serve};

/// The exit code of a command that is mistaken, or has no service to talk to.
const NOT_POSSIBLE: u8 = 2;

/// A messenger service for private networks: alerts that people confirm, and conversation.
#[derive(Debug, Parser)]
#[command(name = "messngr", version, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    globals: GlobalArgs,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service until it is stopped.
    Serve(serve::ServeArgs),
    /// See how the service is: what listens where, and what does not and why.
    Status,
    /// See who is signed in.
    Who,
    /// Make, show and change accounts.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Make groups of people, and say who is in them.
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Give programs the right to do some things, and take it away.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Send a message to people.
    Send(send::SendArgs),
    /// Say that a person is away, and what those who write are told; or that they are back.
    Away(away::AwayArgs),
    /// Change one's own password, by proving the one of now.
    Password(own_password::OwnPasswordArgs),
    /// Do what the command `net` did on Windows.
    #[command(subcommand)]
    Net(net::NetCommand),
    /// Take over what Samba has received, where it keeps the ports of the Windows Messenger.
    Winpopup(winpopup::WinpopupArgs),
    /// Tell people something, and know who has confirmed it.
    #[command(subcommand)]
    Alert(alert::AlertCommand),
    /// Say what is not normal on this host, and that it is again; and see it.
    #[command(subcommand)]
    Alerter(alerter::AlerterCommand),
    /// Read the notice board: announcements, also those that are over.
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    /// Read the audit log: what was done, by whom.
    Log(log::LogArgs),
    /// Explain, check and show the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Show what clients have to trust.
    #[command(subcommand)]
    Ca(ca::CaCommand),
    /// Write everything that the service keeps into one new file, while it runs. The file holds every secret.
    Backup(backup::BackupArgs),
    /// Put a backup into an empty data directory, while no service runs.
    Restore(backup::RestoreArgs),
    /// Print the manual page, or write one for each command into a directory.
    Man(man::ManArgs),
    /// Print the completions for a shell.
    Completions(completions::CompletionsArgs),
}

/// Does what the command line says.
pub(crate) fn main() -> ExitCode {
    let Cli { globals, command } = Cli::parse_from(winpopup::set_apart(std::env::args_os().collect()));
    let runtime = match runtime(&command) {
        Ok(runtime) => runtime,
        Err(error) => return tell(&anyhow::Error::new(error).context("cannot start")),
    };
    match runtime.block_on(run(globals, command)) {
        Ok(code) => code,
        Err(error) => tell(&error),
    }
}

/// A thread that serves connections for every two processors: what the kernel does for them, the store and passwords
/// keep the others busy, and where there are fewer such threads a message seldom changes the processor on its way. A
/// command waits for one answer.
fn runtime(command: &Command) -> io::Result<tokio::runtime::Runtime> {
    match command {
        Command::Serve(_) => {
            let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
            let serving = processors.div_ceil(2);
            tokio::runtime::Builder::new_multi_thread().worker_threads(serving).enable_all().build()
        }
        _ => tokio::runtime::Builder::new_current_thread().enable_all().build(),
    }
}

async fn run(globals: GlobalArgs, command: Command) -> anyhow::Result<ExitCode> {
    if let Command::Serve(arguments) = &command {
        Context::new(globals.clone()).must_be_local()?;
        return Box::pin(serve::run(&globals, arguments)).await;
    }
    let context = Context::new(globals);
    let done = ExitCode::SUCCESS;
    match command {
        Command::Serve(_) => Ok(done),
        Command::Status => status::run(&context).await.map(|()| done),
        Command::Who => who::run(&context).await.map(|()| done),
        Command::User(command) => user::run(&context, command).await,
        Command::Group(command) => group::run(&context, command).await.map(|()| done),
        Command::Token(command) => token::run(&context, command).await.map(|()| done),
        Command::Send(arguments) => send::run(&context, arguments).await.map(|()| done),
        Command::Away(arguments) => away::run(&context, arguments).await.map(|()| done),
        Command::Password(arguments) => own_password::run(&context, arguments).await.map(|()| done),
        Command::Net(command) => net::run(&context, command).await.map(|()| done),
        Command::Winpopup(arguments) => winpopup::run(&context, arguments).map(|()| done),
        Command::Alert(command) => alert::run(&context, command).await,
        Command::Alerter(command) => alerter::run(&context, command).await.map(|()| done),
        Command::Notice(command) => notice::run(&context, command).await.map(|()| done),
        Command::Log(arguments) => log::run(&context, arguments).await,
        Command::Config(command) => config::run(&context, &command).await,
        Command::Ca(command) => ca::run(&context, command).await.map(|()| done),
        Command::Backup(arguments) => backup::run(&context, arguments).await.map(|()| done),
        Command::Restore(arguments) => backup::restore(&context, &arguments).await.map(|()| done),
        Command::Man(arguments) => man::run(&arguments).map(|()| done),
        Command::Completions(arguments) => completions::run(&arguments).map(|()| done),
    }
}

/// Says what went wrong, and chooses the exit code.
fn tell(error: &anyhow::Error) -> ExitCode {
    // Whoever reads the output has seen enough: `messngr log | head`.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    // The sentences hold what peers and people wrote.
    eprintln!("messngr: {}", domain::displayable(&format!("{error:#}")));
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::NoService { .. } | ClientError::Server(ServerError::Unreachable { .. })) => {
            ExitCode::from(NOT_POSSIBLE)
        }
        _ => ExitCode::FAILURE,
    }
}
