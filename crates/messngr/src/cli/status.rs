use doors::api::{Listening, service::Status};
use jiff::Timestamp;

use super::{context::Context, table::table, time::when};
use crate::client::ApiPath;

pub(super) async fn run(context: &Context) -> anyhow::Result<()> {
    let status: Status = context.client()?.get(&ApiPath::new(&["status"])).await?;
    context.print(&status, || text(&status, context.now()))
}

fn text(status: &Status, now: Timestamp) -> String {
    let about = &status.about;
    let rows = table(["door", "purpose", "address", "remark"], status.listening.iter().map(row));
    format!(
        "messngr {} serves {}: {}, {}.\nStarted {} as {}, process {}, with its data in {}.\n\n{rows}",
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

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use doors::api::About;

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
        };
        let text = text(&status, Timestamp::from_second(60).unwrap());
        let expected = "messngr 1.0.0 serves x.internal: 1 account, 2 sessions.\n\
             Started 1 min ago as messngr, process 7, with its data in /data.\n\n\
             door  purpose   address        remark\n\
             xmpp  starttls  [::]:5222\n\
             xmpp  starttls  not listening  The port is taken. Stop the other one.\n";
        assert_eq!(text, expected);
    }
}
