use domain::{Privacy, WhoSees, WhoWrites};
use doors::api::privacy::PrivacyView;

use super::{context::Context, user::YesNo};
use crate::client::ApiPath;

/// What is to be different.
#[derive(Debug, clap::Args)]
pub(super) struct PrivacyArgs {
    /// Whose.
    name: String,
    /// Who may write to the person: everyone, contacts, contacts-and-my-groups, or groups:NAME,NAME (contacts, and the
    /// members of these groups). Alerts always arrive.
    #[arg(long, value_name = "WHO")]
    writes: Option<WhoWrites>,
    /// Who sees that the person has read something: everyone, contacts or nobody.
    #[arg(long, value_name = "WHO")]
    reading: Option<WhoSees>,
    /// Who sees that the person is typing: everyone, contacts or nobody.
    #[arg(long, value_name = "WHO")]
    typing: Option<WhoSees>,
    /// Who may ask when the person was last there, of those who see their presence: everyone, contacts or nobody.
    #[arg(long, value_name = "WHO")]
    last_activity: Option<WhoSees>,
    /// Whether the person looks absent to everybody.
    #[arg(long, value_name = "WHETHER")]
    invisible: Option<YesNo>,
}

/// Changes what was named, and shows how it is then.
pub(super) async fn run(context: &Context, arguments: PrivacyArgs) -> anyhow::Result<()> {
    let PrivacyArgs { name, writes, reading, typing, last_activity, invisible } = arguments;
    let (client, path) = (context.client()?, ApiPath::new(&["accounts", &name, "privacy"]));
    let PrivacyView(before) = client.get(&path).await?;
    let mut privacy = Privacy {
        writes: writes.unwrap_or_else(|| before.writes.clone()),
        reading: reading.unwrap_or(before.reading),
        typing: typing.unwrap_or(before.typing),
        last_activity: last_activity.unwrap_or(before.last_activity),
        invisible: invisible.map_or(before.invisible, |choice| choice == YesNo::Yes),
    };
    if privacy != before {
        PrivacyView(privacy) = client.put(&path, &PrivacyView(privacy)).await?;
    }
    context.print(&privacy, || page(&privacy))
}

fn page(privacy: &Privacy) -> String {
    super::table::fields(&[
        ("may write", privacy.writes.to_string()),
        ("see that they read", privacy.reading.to_string()),
        ("see that they type", privacy.typing.to_string()),
        ("see when they were last there", privacy.last_activity.to_string()),
        ("invisible", if privacy.invisible { "yes" } else { "no" }.to_owned()),
    ])
}
