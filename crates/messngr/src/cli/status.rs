use doors::api::{
    Listening,
    service::{RefusedFor, RefusedSourceView, Status},
};
use jiff::Timestamp;
use serde::Serialize;

use super::{context::Context, table::table, time::when};
use crate::client::{ApiPath, ClientError};

/// Whoever asks may not.
const FORBIDDEN: u16 = 403;

/// How the service is, and which addresses it refuses or lets wait now.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    status: Status,
    /// None where whoever asks may not see them.
    refused: Option<Vec<RefusedSourceView>>,
}

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let client = context.client()?;
    let status = client.get(&ApiPath::new(&["status"])).await?;
    let refused = match client.get(&ApiPath::new(&["sources", "refused"])).await {
        Ok(refused) => Some(refused),
        Err(ClientError::Problem(problem)) if problem.status == FORBIDDEN => None,
        Err(error) => return Err(error.into()),
    };
    let shown = Shown { status, refused };
    context.print(&shown, || text(&shown, context.now()))
}

fn text(Shown { status, refused }: &Shown, now: Timestamp) -> String {
    let about = &status.about;
    let rows = table(["door", "purpose", "address", "remark"], status.listening.iter().map(row));
    let refused =
        refused.as_deref().filter(|refused| !refused.is_empty()).map_or_else(String::new, |refused| {
            let rows = refused.iter().map(|source| refused_row(source, now));
            format!("\n{}", table(["refused now", "why", "until", "times"], rows))
        });
    let strangers = if status.strangers_refused.is_empty() {
        String::new()
    } else {
        let rows = status
            .strangers_refused
            .iter()
            .map(|(why, count)| [stranger_refused(why).to_owned(), count.to_string()]);
        format!("\n{}", table(["not taken from old machines since the start", "times"], rows))
    };
    format!(
        "messngr {} serves {}: {}, {}.\nStarted {} as {}, process {}, with its data in {}.\n\n{rows}{refused}{strangers}",
        about.version,
        status.domain,
        counted(status.accounts, "account"),
        counted(status.sessions, "session"),
        when(about.started_at, now),
        about.user,
        about.pid,
        about.data_dir.display()
    )
}

fn row(listening: &Listening) -> [String; 4] {
    let address = listening.address.map_or_else(|| "not listening".to_owned(), |address| address.to_string());
    let remark = [&listening.problem, &listening.remedy].into_iter().flatten().map(String::as_str);
    let remark = remark.collect::<Vec<_>>().join(" ");
    [listening.door.clone(), listening.purpose.clone(), address, remark]
}

fn stranger_refused(why: &str) -> &str {
    match why {
        "blocked" => "blocked",
        "nobody" => "for nobody who may be reached",
        "too-many-of-one" => "too many from one address",
        "too-many-of-all" => "too many from all addresses",
        "other-subnet" => "from another subnet",
        "unreadable" => "no message at all",
        "no-room" => "no room for it",
        other => other,
    }
}

fn refused_row(source: &RefusedSourceView, now: Timestamp) -> [String; 4] {
    let why = match source.why {
        RefusedFor::Network => "outside the allowed networks",
        RefusedFor::Connections => "too many connections without a sign-in",
        RefusedFor::SignIns => "too many failed sign-ins",
        RefusedFor::Messages => "too many messages of Windows programs",
        RefusedFor::Publications => "too many publications without a proof",
        RefusedFor::Codes => "too many wrong codes",
        RefusedFor::Requests => "too many requests",
        _ => "refused",
    };
    let until = source.until.map_or_else(String::new, |until| when(until, now));
    let times = source.refused.map_or_else(String::new, |times| times.to_string());
    [source.address.to_string(), why.to_owned(), until, times]
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use doors::api::About;
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_status_shows_what_listens_and_what_does_not_and_why() {
        let door = |address: Option<&str>, problem: Option<&str>| Listening {
            door: "xmpp".into(),
            setting: "doors.xmpp.listen".to_owned(),
            purpose: "starttls".into(),
            address: address.map(|address| address.parse().unwrap()),
            problem: problem.map(str::to_owned),
            remedy: problem.map(|_| "Stop the other one.".into()),
        };
        let status = Status {
            about: About {
                version: "1.0.0".into(),
                started_at: Timestamp::from_second(0).unwrap(),
                data_dir: "/data".into(),
                user: "messngr".into(),
                pid: 7,
            },
            domain: "x.internal".into(),
            accounts: 1,
            sessions: 2,
            listening: vec![door(Some("[::]:5222"), None), door(None, Some("The port is taken."))],
            gate: None,
            strangers_refused: BTreeMap::new(),
        };
        let refused = RefusedSourceView {
            address: [192, 0, 2, 7].into(),
            why: RefusedFor::SignIns,
            until: Some(Timestamp::from_second(100).unwrap()),
            refused: Some(3),
        };
        let nobody = Shown { status: status.clone(), refused: Some(Vec::new()) };
        let strangers_refused = BTreeMap::from([("other-subnet".to_owned(), 5)]);
        let status = Status { strangers_refused, ..status };
        let shown = Shown { status, refused: Some(vec![refused]) };
        let text_with = text(&shown, Timestamp::from_second(60).unwrap());
        let text = text(&nobody, Timestamp::from_second(60).unwrap());
        let expected = "messngr 1.0.0 serves x.internal: 1 account, 2 sessions.\n\
             Started 1 min ago as messngr, process 7, with its data in /data.\n\n\
             door  purpose   address        remark\n\
             xmpp  starttls  [::]:5222\n\
             xmpp  starttls  not listening  The port is taken. Stop the other one.\n";
        assert_eq!(text, expected);
        let refused = text_with.strip_prefix(expected).unwrap();
        for word in ["192.0.2.7", "too many failed sign-ins", "3", "from another subnet", "5"] {
            assert!(refused.contains(word), "{refused}");
        }
    }
}
