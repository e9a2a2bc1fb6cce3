use clap::Args;
use doors::api::away::{AwayView, NewAbsence};
use hyper::Method;
use jiff::Timestamp;

use super::{
    context::{Context, Speaker, say},
    time,
    who::presence,
};
use crate::client::ApiPath;

#[derive(Debug, Args)]
pub(super) struct AwayArgs {
    /// What those who write are told, once each. Without it: that the person is away.
    text: Option<String>,
    /// When the absence ends by itself: how long from now, such as 8h or 2w, a date, or a date and time here. Without
    /// it, it lasts until it is switched off.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The person is back.
    #[arg(long, conflicts_with_all = ["text", "until"])]
    off: bool,
    /// Show how the person is, and change nothing.
    #[arg(long, conflicts_with_all = ["text", "until", "off"])]
    show: bool,
    #[command(flatten)]
    speaker: Speaker,
}

pub(super) async fn run(context: &Context, arguments: AwayArgs) -> anyhow::Result<()> {
    let AwayArgs { text, until, off, show, speaker } = arguments;
    let client = context.client_as(&speaker)?;
    let path = ApiPath::new(&["me", "away"]);
    if show {
        let view: AwayView = client.get(&path).await?;
        return context.print(&view, || page(&view, context.now()));
    }
    if off {
        client.command(Method::DELETE, &path, None::<&()>).await?;
        match &speaker.name {
            Some(name) => say(format_args!("{name} is back.")),
            None => say("The absence is over."),
        }
        return Ok(());
    }
    let until =
        until.map(|until| time::until(&until, context.now())).transpose().map_err(anyhow::Error::msg)?;
    let view: AwayView = client.put(&path, &NewAbsence { text: text.unwrap_or_default(), until }).await?;
    context.print(&view, || page(&view, context.now()))
}

fn page(view: &AwayView, now: Timestamp) -> String {
    let show = view.standing.show.map_or("not here", |show| presence(Some(show)));
    let mut lines = vec![("presence", show.to_owned())];
    match &view.absence {
        Some(absence) => {
            let until = absence.until.map_or("switched off".to_owned(), time::exactly);
            lines.extend([
                ("away since", time::when(absence.since, now)),
                ("until", until),
                ("people are told", absence.words().to_owned()),
            ]);
        }
        None => lines.push(("away", "no".to_owned())),
    }
    super::table::fields(&lines)
}
