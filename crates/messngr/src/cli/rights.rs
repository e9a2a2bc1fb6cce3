use domain::Right;
use doors::api::rights::{RightChange, RightsView};

use super::context::{Context, say};
use crate::client::ApiPath;

/// Shows what an account may do beside what everybody may.
pub(super) async fn show(context: &Context, name: &str) -> anyhow::Result<()> {
    let rights: RightsView = context.client()?.get(&ApiPath::new(&["accounts", name, "rights"])).await?;
    print(context, name, &rights)
}

/// Gives an account a right.
pub(super) async fn grant(context: &Context, name: &str, right: Right) -> anyhow::Result<()> {
    let path = ApiPath::new(&["accounts", name, "rights"]);
    let rights: RightsView = context.client()?.post(&path, &RightChange { right }).await?;
    print(context, name, &rights)
}

/// Takes a right from an account.
pub(super) async fn revoke(context: &Context, name: &str, right: Right) -> anyhow::Result<()> {
    let path = ApiPath::new(&["accounts", name, "rights", "revoke"]);
    let rights: RightsView = context.client()?.post(&path, &RightChange { right }).await?;
    print(context, name, &rights)
}

fn print(context: &Context, name: &str, rights: &RightsView) -> anyhow::Result<()> {
    if !rights.administrator && rights.rights.is_empty() && !context.is_json() {
        say(format_args!("{name} may do what everybody may, and nothing else."));
    }
    context.print(rights, || {
        let administrator = rights.administrator.then(|| "administrator".to_owned());
        let lines: Vec<String> =
            administrator.into_iter().chain(rights.rights.iter().map(ToString::to_string)).collect();
        lines.join("\n")
    })
}
