use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use doors::api::service::AuthorityView;

use super::context::{Context, absolute, say, write_out};
use crate::client::ApiPath;

#[derive(Debug, Subcommand)]
pub(super) enum CaCommand {
    /// Print the certificate of the service's own authority, and say how clients come to trust it.
    Show {
        /// Write the certificate into this file instead.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

pub(super) async fn run(context: &Context, CaCommand::Show { out }: CaCommand) -> anyhow::Result<()> {
    let client = context.client()?;
    let mut path = ApiPath::new(&["ca"]);
    let out = out.as_deref().map(absolute).transpose()?;
    if let Some(out) = &out {
        path = path.with("path", &out.to_str().context("the path of the file is not UTF-8")?);
    }
    let authority: AuthorityView = client.get(&path).await?;
    if let Some(out) = &out {
        fs::write(out, &authority.pem).with_context(|| format!("cannot write {}", out.display()))?;
    }
    if context.is_json() {
        return context.print(&authority, String::new);
    }
    match out {
        // What was asked for goes to standard output: the certificate, or what to do with the file.
        None => {
            write_out(&authority.pem)?;
            say(&authority.how_to_trust);
        }
        Some(_) => write_out(&authority.how_to_trust)?,
    }
    Ok(())
}
