use clap::Args;
use doors::api::accounts::NewPassword;
use hyper::Method;

use super::{
    context::{Context, Speaker, say},
    password,
};
use crate::client::ApiPath;

#[derive(Debug, Args)]
pub(super) struct OwnPasswordArgs {
    /// Read both passwords from standard input: the one of now from the first line, the new one from the second.
    /// Otherwise they are asked for on a terminal.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    speaker: Speaker,
}

/// A person changes their own password, by proving that they know the one of now.
pub(super) async fn run(context: &Context, arguments: OwnPasswordArgs) -> anyhow::Result<()> {
    let OwnPasswordArgs { password_stdin, speaker } = arguments;
    let client = context.client_as(&speaker)?;
    let (old, new) = password::obtain_own(speaker.name.as_deref().unwrap_or("admin"), password_stdin)?;
    let path = ApiPath::new(&["me", "password"]);
    let body = NewPassword { password: new, old_password: Some(old), must_change_password: false };
    client.command(Method::PUT, &path, Some(&body)).await?;
    say("The password is a new one; all sessions end.");
    Ok(())
}
