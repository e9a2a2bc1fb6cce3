use clap::Args;
use domain::{Confirmation, ReceiptStage, Recipient};
use doors::api::alerts::{CountsView, RecipientView, ReportView};
use jiff::Timestamp;

use super::{
    alert_id::{self, AlertName, Purpose},
    context::{Context, Whose, write_out},
    table::table,
    time::when,
};
use crate::client::ApiPath;

/// A client may give itself a name of a thousand bytes.
const DEVICE_CHARACTERS_MAX: usize = 40;

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Which: its id, the beginning of it, or `last`.
    id: AlertName,
    #[command(flatten)]
    whose: Whose,
    /// As a table for other programs (CSV).
    #[arg(long)]
    csv: bool,
    /// Only those who have not confirmed.
    #[arg(long)]
    unconfirmed: bool,
}

pub(super) async fn run(context: &Context, arguments: &ReportArgs) -> anyhow::Result<()> {
    let client = context.client()?;
    let whose = arguments.whose.name.as_deref();
    let id = alert_id::resolve(context, &client, &arguments.id, Purpose::Look, whose).await?.to_string();
    let page = |after: Option<&Recipient>| {
        let path = ApiPath::new(&["alerts", &id, "report"]).with("unconfirmed", &arguments.unconfirmed);
        after.map_or(path.clone(), |after| path.with("after", after))
    };
    if arguments.csv {
        return write_out(&client.get_text(&page(None), "text/csv").await?);
    }
    let mut report: ReportView = client.get(&page(None)).await?;
    while let Some(after) = report.next.take() {
        let more: ReportView = client.get(&page(Some(&after))).await?;
        report.recipients.extend(more.recipients);
        report.next = more.next;
    }
    context.print(&report, || text(&report, context.now()))
}

fn text(report: &ReportView, now: Timestamp) -> String {
    let sentence = sentence(report.counts, report.alert.must_confirm);
    let heading = ["recipient", "state", "when", "answer", "from", "reason"];
    let rows = table(heading, report.recipients.iter().map(|recipient| row(recipient, now)));
    format!("{sentence}\n\n{rows}")
}

/// How far it is, in one sentence. What nobody has done is not mentioned, but for what everybody should have done.
fn sentence(counts: CountsView, must_confirm: bool) -> String {
    let all = counts.recipients;
    let reached = all - counts.pending.min(all);
    let first = if must_confirm {
        format!("{} of {all} confirmed", counts.confirmed)
    } else {
        format!("{reached} of {all} reached")
    };
    let confirmed = if must_confirm { 0 } else { counts.confirmed };
    let rest = [
        (confirmed, "confirmed"),
        (counts.late, "of them late"),
        (counts.seen, "saw it"),
        (counts.delivered, "have it"),
        (counts.pending, "not reached"),
    ];
    let rest = rest.iter().filter(|(count, _)| *count > 0).map(|(count, words)| {
        let words = if (*count, *words) == (1, "have it") { "has it" } else { words };
        format!(", {count} {words}")
    });
    format!("{first}{}.", rest.collect::<String>())
}

fn row(row: &RecipientView, now: Timestamp) -> [String; 6] {
    let recipient = match &row.recipient {
        Recipient::Account(address) => address.to_string(),
        Recipient::Computer(computer) => computer.to_string(),
    };
    let at = match row.stage {
        ReceiptStage::Pending => None,
        ReceiptStage::Delivered => row.delivered_at,
        ReceiptStage::Seen => row.seen_at,
        ReceiptStage::Confirmed => row.confirmation.as_ref().map(|confirmation| confirmation.at),
    };
    let confirmation = row.confirmation.as_ref();
    let from = confirmation.map(from);
    [
        recipient,
        if row.late { "late" } else { row.stage.as_str() }.to_owned(),
        at.map(|at| when(at, now)).unwrap_or_default(),
        confirmation.map(|confirmation| confirmation.choice.clone()).unwrap_or_default(),
        from.unwrap_or_default(),
        row.reason.clone().unwrap_or_default(),
    ]
}

/// The device, by the name that its client gave itself, and how it reached the service.
fn from(confirmation: &Confirmation) -> String {
    let device: String = confirmation.device.chars().take(DEVICE_CHARACTERS_MAX).collect();
    format!("{device} ({}, {})", confirmation.protocol, confirmation.source)
}

#[cfg(test)]
mod tests {
    use domain::Protocol;

    use super::*;

    #[test]
    fn the_sentence_counts_everybody_once() {
        let counts = CountsView { recipients: 5, pending: 1, delivered: 1, seen: 1, confirmed: 2, late: 0 };
        assert_eq!(sentence(counts, true), "2 of 5 confirmed, 1 saw it, 1 has it, 1 not reached.");
        assert_eq!(
            sentence(counts, false),
            "4 of 5 reached, 2 confirmed, 1 saw it, 1 has it, 1 not reached."
        );
        let late = CountsView { late: 1, ..counts };
        assert_eq!(
            sentence(late, true),
            "2 of 5 confirmed, 1 of them late, 1 saw it, 1 has it, 1 not reached."
        );
        let nobody = CountsView { recipients: 2, pending: 2, ..CountsView::default() };
        assert_eq!(sentence(nobody, true), "0 of 2 confirmed, 2 not reached.");
        let all = CountsView { recipients: 2, confirmed: 2, ..CountsView::default() };
        assert_eq!(sentence(all, true), "2 of 2 confirmed.");
    }

    #[test]
    fn a_row_says_when_what_and_from_where_or_why_not() {
        let at = Timestamp::from_second(1_000).unwrap();
        let confirmed = RecipientView {
            recipient: "user:anna@x.internal".parse().unwrap(),
            stage: ReceiptStage::Confirmed,
            delivered_at: Some(at),
            seen_at: Some(at),
            confirmation: Some(Confirmation {
                choice: "Safe".into(),
                at,
                protocol: Protocol::Xmpp,
                device: "desk".into(),
                source: "10.0.0.21".into(),
                origin_id: None,
            }),
            late: false,
            reason: None,
            unreached: None,
        };
        let pending = RecipientView {
            recipient: "computer:PRESS1@10.0.0.7".parse().unwrap(),
            stage: ReceiptStage::Pending,
            delivered_at: None,
            seen_at: None,
            confirmation: None,
            late: false,
            reason: Some("no answer from the machine".into()),
            unreached: None,
        };
        let now = Timestamp::from_second(1_120).unwrap();
        assert_eq!(
            row(&confirmed, now),
            ["anna@x.internal", "confirmed", "2 min ago", "Safe", "desk (xmpp, 10.0.0.21)", ""]
        );
        let late = RecipientView { late: true, ..confirmed };
        assert_eq!(row(&late, now)[1], "late");
        assert_eq!(
            row(&pending, now),
            ["PRESS1@10.0.0.7", "pending", "", "", "", "no answer from the machine"]
        );
    }
}
