//! `messngr serve`: the start, what goes on while it runs, and the stop.

mod alerter;
mod banner;
mod browser_client;
mod certificates;
mod data_directory;
mod first_start;
mod ground;
mod keys;
mod listeners;
mod logging;
mod networks;
mod open_doors;
mod open_files;
mod privileges;
mod reload;
mod remark;
mod running;
mod segments;
mod signals;
mod source;
mod webhooks;

#[cfg(test)]
mod tests;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

use anyhow::Context;

use self::{
    banner::Report,
    logging::Logging,
    remark::Remark,
    running::Running,
    signals::{Request, Signals},
    source::ConfigurationSource,
};
pub(crate) use self::{data_directory::DataDirectory, first_start::generated_password};
use crate::{
    cli::global::GlobalArgs,
    configuration::{Mistake, sections::LogFormat},
};

/// What `messngr serve` can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct ServeArgs {
    /// Open this door for this run, whatever the configuration says: `xmpp`, `windows` or `web`. Can be repeated.
    #[arg(long, value_name = "DOOR")]
    pub(crate) enable: Vec<String>,

    /// Started as root: bind the ports, then become this user [default: messngr, where that user exists].
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
}

/// Runs the service until it is asked to stop. Problems of the start are printed or returned in words that say what to
/// do; what happens later is in the log, on standard error.
///
/// # Errors
/// The service cannot start, and why.
pub(crate) async fn run(globals: &GlobalArgs, arguments: &ServeArgs) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let source = ConfigurationSource::new(globals, arguments).context("cannot tell the working directory")?;
    let loaded = match source.load() {
        Ok(loaded) => loaded,
        Err(mistakes) => {
            tell_mistakes(&mistakes);
            return Ok(ExitCode::FAILURE);
        }
    };
    let logging = Logging::start(&loaded.configuration.log)?;
    let terminal = loaded.configuration.log.format == LogFormat::Text && io::stderr().is_terminal();
    let mut signals = Signals::listen().context("cannot listen for signals")?;

    let ground = ground::take(&loaded, arguments.user.as_deref())?;
    let user = ground.run_as.name().to_owned();
    let doubts = loaded.warnings.iter().map(doubt).collect::<Vec<_>>();
    let host_name = &source.surroundings.host_name;
    let mut running = Box::pin(Running::start(ground, loaded, host_name, terminal)).await?;

    let report = Report {
        domain: running.hub.domain().to_owned(),
        data_dir: running.data_dir().to_owned(),
        user,
        table: std::mem::take(&mut running.table),
        admin_socket: std::mem::take(&mut running.admin_socket),
        remarks: std::mem::take(&mut running.remarks).into_iter().chain(doubts).collect(),
        administrator: running.administrator.take(),
        commands: banner::commands(std::env::args_os().next().as_deref(), globals),
        ready_in: started.elapsed(),
    };
    if globals.json {
        report.print_json();
    }
    match terminal {
        true => report.show(),
        false => report.log(),
    }
    drop(report);

    while signals.next().await == Request::Reload {
        running.reload_and_tell(&source, &logging);
    }
    let in_order = Box::pin(running.stop(signals.stop())).await;
    Ok(if in_order { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says all that is wrong with the configuration.
fn tell_mistakes(mistakes: &[Mistake]) {
    let mut stderr = io::stderr();
    for mistake in mistakes {
        let _ = writeln!(stderr, "{mistake}");
    }
    let _ = writeln!(stderr, "The service was not started.");
}

/// Something in the configuration that is allowed and probably not meant.
fn doubt(warning: &Mistake) -> Remark {
    Remark::with_remedy(warning.what.clone(), warning.remedy.clone())
}
