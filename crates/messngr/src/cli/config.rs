use std::process::ExitCode;

use clap::Subcommand;
use doors::api::ConfigurationInForce;
use serde_json::json;

use super::context::{Context, Mistakes, say, write_out};
use crate::{
    client::{ApiPath, ClientError},
    configuration::{Mistake, effective, page, reference},
};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print every setting with its meaning and default, ready to be edited.
    Reference {
        /// As a page in Markdown.
        #[arg(long)]
        markdown: bool,
    },
    /// Explain each mistake in the configuration, and what to do about it. The exit code is 1 where there is one.
    Check,
    /// Print what is in force: the service's, where one runs; otherwise what would be.
    Show,
}

pub(super) async fn run(context: &Context, command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Reference { markdown } => {
            let text = if *markdown { page() } else { reference() };
            context.print(&text, || text.clone())?;
        }
        ConfigCommand::Check => return check(context),
        ConfigCommand::Show => show(context).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(context: &Context) -> anyhow::Result<ExitCode> {
    let (mistakes, warnings) = match context.load()? {
        Ok(loaded) => (Vec::new(), loaded.warnings),
        Err(Mistakes(mistakes)) => (mistakes, Vec::new()),
    };
    if context.is_json() {
        let json = |all: &[Mistake]| all.iter().map(Mistake::to_json).collect::<Vec<_>>();
        let verdict =
            json!({ "valid": mistakes.is_empty(), "mistakes": json(&mistakes), "warnings": json(&warnings) });
        context.print(&verdict, String::new)?;
    } else {
        let all = mistakes.iter().chain(&warnings).map(|mistake| format!("{mistake}\n")).collect::<String>();
        write_out(&all)?;
        say(match (mistakes.len(), warnings.len()) {
            (0, 0) => "The configuration is right.".to_owned(),
            (0, 1) => "The configuration can be used; 1 setting is probably not meant.".to_owned(),
            (0, doubts) => {
                format!("The configuration can be used; {doubts} settings are probably not meant.")
            }
            (1, _) => "The configuration has 1 mistake.".to_owned(),
            (mistakes, _) => format!("The configuration has {mistakes} mistakes."),
        });
    }
    Ok(if mistakes.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn show(context: &Context) -> anyhow::Result<()> {
    let in_force =
        match context.client()?.get::<ConfigurationInForce>(&ApiPath::new(&["configuration"])).await {
            Ok(in_force) => in_force,
            Err(ClientError::NoService { .. }) => {
                say("No service runs here; this is what would be in force:");
                let configuration = context.configuration()?;
                let json = serde_json::to_value(&configuration)?;
                ConfigurationInForce { toml: effective(&configuration), json, settings: Vec::new() }
            }
            Err(error) => return Err(error.into()),
        };
    context.print(&in_force.json, || in_force.toml.clone())
}
