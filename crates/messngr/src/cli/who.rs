use domain::Show;
use doors::api::sessions::SessionView;

use super::{
    context::{Context, say},
    table::table,
    time::when,
};
use crate::client::ApiPath;

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let sessions: Vec<SessionView> = context.client()?.list(&ApiPath::new(&["sessions"])).await?;
    if sessions.is_empty() {
        say("Nobody is signed in.");
    }
    let row = |session: &SessionView| {
        [
            session.address.to_string(),
            if session.connected { presence(session.show) } else { "connection lost" }.to_owned(),
            when(session.since, context.now()),
            session.protocol.map(|protocol| protocol.to_string()).unwrap_or_default(),
            session.source.clone(),
            session.resource.clone(),
            session.text.clone().unwrap_or_default(),
        ]
    };
    let heading = ["person", "presence", "since", "protocol", "from", "device", "status"];
    context.print(&sessions, || table(heading, sessions.iter().map(row)))
}

/// How available somebody is, in words; none is connected and says nothing.
pub(super) fn presence(show: Option<Show>) -> &'static str {
    match show {
        None => "connected",
        Some(Show::Available) => "available",
        Some(Show::Chat) => "wants to talk",
        Some(Show::Away) => "away",
        Some(Show::ExtendedAway) => "away for long",
        Some(Show::Busy) => "busy",
    }
}
