use domain::Right;
use doors::api::rights::{RightChange, RightsView};

use super::context::Context;
use crate::client::ApiPath;

/// Shows what an account may do beside what everybody may.
pub(super) async fn show(context: &Context, name: &str) -> anyhow::Result<()> {
    let rights: RightsView = context.client()?.get(&ApiPath::new(&["accounts", name, "rights"])).await?;
    print(context, &rights)
}

/// Gives an account a right.
pub(super) async fn grant(context: &Context, name: &str, right: Right) -> anyhow::Result<()> {
    let path = ApiPath::new(&["accounts", name, "rights"]);
    let rights: RightsView = context.client()?.post(&path, &RightChange { right }).await?;
    print(context, &rights)
}

/// Takes a right from an account.
pub(super) async fn revoke(context: &Context, name: &str, right: Right) -> anyhow::Result<()> {
    let path = ApiPath::new(&["accounts", name, "rights", "revoke"]);
    let rights: RightsView = context.client()?.post(&path, &RightChange { right }).await?;
    print(context, &rights)
}

fn print(context: &Context, rights: &RightsView) -> anyhow::Result<()> {
    context.print(rights, || {
        let administrator = rights.administrator.then(|| "administrator".to_owned());
        let lines: Vec<String> =
            administrator.into_iter().chain(rights.rights.iter().map(ToString::to_string)).collect();
        lines.join("\n")
    })
}
