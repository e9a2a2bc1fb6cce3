use domain::{
    Alert, AlertId, AlertStatus, Confirmation, Lifetime, Receipt, ReceiptStage, Recipient, Unreached,
};
use jiff::Timestamp;
use serde::Serialize;
use store::ReceiptCounts;

use crate::{Hub, HubError};

/// Who has an alert, who has seen it, who has confirmed it and how, and who was not reached and why.
#[derive(Clone, Debug, Serialize)]
pub struct AlertReport {
    /// The alert.
    pub alert: Alert,
    /// Where it stands.
    pub status: AlertStatus,
    /// How many stand where.
    pub counts: Counts,
    /// One row a recipient.
    pub recipients: Vec<ReportRow>,
}

/// Some rows of a report.
#[derive(Clone, Debug, Serialize)]
pub struct ReportPage {
    /// The report with these rows only.
    pub report: AlertReport,
    /// The recipient after whom there may be more.
    pub next: Option<Recipient>,
}

/// Which rows of a report are wanted.
#[derive(Clone, Debug, Default)]
pub struct ReportQuery {
    /// Those after this recipient, in the order of their texts.
    pub after: Option<Recipient>,
    /// Only those who have not confirmed.
    pub unconfirmed: bool,
    /// How many at most.
    pub limit: usize,
}

/// How many recipients have come how far: each is counted once, at the furthest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All of them.
    pub recipients: usize,
    /// No client of theirs has it.
    pub pending: usize,
    /// A client has it, and they have not looked.
    pub delivered: usize,
    /// They have looked, and not answered.
    pub seen: usize,
    /// They have answered.
    pub confirmed: usize,
    /// Those of them that have answered when the time for it was over ([`Alert::answer_by`]).
    pub late: usize,
}

/// One recipient of an alert.
#[derive(Clone, Debug, Serialize)]
pub struct ReportRow {
    /// Who.
    pub recipient: Recipient,
    /// How far it has come.
    pub stage: ReceiptStage,
    /// When a client of theirs had it.
    pub delivered_at: Option<Timestamp>,
    /// When they looked at it.
    pub seen_at: Option<Timestamp>,
    /// Their answer.
    pub confirmation: Option<Confirmation>,
    /// Whether it came when the time for it was over.
    pub late: bool,
    /// Why it is no further, in words, where that is known.
    pub reason: Option<String>,
    /// The same by a word that stays the same.
    pub unreached: Option<Unreached>,
}

impl From<ReceiptCounts> for Counts {
    fn from(counts: ReceiptCounts) -> Self {
        let ReceiptCounts { recipients, pending, delivered, seen, confirmed, late, .. } = counts;
        Self { recipients, pending, delivered, seen, confirmed, late }
    }
}

impl Hub {
    /// The report of an alert, as it stands now.
    pub async fn alert_report(&self, id: AlertId) -> Result<AlertReport, HubError> {
        let alert = self.alert(id).await?;
        let receipts = self.store.receipts(id).await?;
        self.report_with(alert, receipts).await
    }

    /// Some rows of the report of an alert, with all of its counts.
    pub async fn alert_report_page(&self, id: AlertId, query: ReportQuery) -> Result<ReportPage, HubError> {
        let alert = self.alert(id).await?;
        let ReportQuery { after, unconfirmed, limit } = query;
        let query = store::ReceiptQuery { alert: id, after, unconfirmed, limit };
        let receipts = self.store.receipts_page(query).await?;
        let next = receipts.last().filter(|_| receipts.len() == limit).map(|last| last.recipient.clone());
        Ok(ReportPage { report: self.report_with(alert, receipts).await?, next })
    }

    async fn report_with(&self, alert: Alert, receipts: Vec<Receipt>) -> Result<AlertReport, HubError> {
        let status = alert.status(self.environment.now());
        let counts = self.store.receipt_counts(alert.id).await?.into();
        let recipients =
            receipts.into_iter().map(|receipt| self.report_row(&alert, receipt, status)).collect();
        Ok(AlertReport { alert, status, counts, recipients })
    }

    fn report_row(&self, alert: &Alert, receipt: Receipt, status: AlertStatus) -> ReportRow {
        let (unreached, reason) = self.reason(alert, &receipt, status).unzip();
        let late = alert.is_late(&receipt);
        let Receipt { recipient, stage, delivered_at, seen_at, confirmation, .. } = receipt;
        ReportRow { recipient, stage, delivered_at, seen_at, confirmation, late, reason, unreached }
    }

    /// By a word and in words.
    fn reason(&self, alert: &Alert, receipt: &Receipt, status: AlertStatus) -> Option<(Unreached, String)> {
        if receipt.stage != ReceiptStage::Pending {
            return None;
        }
        if let Some(failure) = &receipt.failure {
            return Some((Unreached::Failed, failure.clone()));
        }
        let ended = |unreached, while_open: &str| match status {
            AlertStatus::Planned | AlertStatus::Waiting | AlertStatus::Draft => {
                (Unreached::NotBegun, "the alert has not taken effect".to_owned())
            }
            AlertStatus::InForce => (unreached, while_open.to_owned()),
            over => (unreached, format!("{while_open} until the alert was {over}")),
        };
        let always = |unreached, why: &str| (unreached, why.to_owned());
        Some(match &receipt.recipient {
            Recipient::Computer(_) => ended(Unreached::NoAnswer, "no answer from the machine"),
            Recipient::Account(address) => match self.people.account(address) {
                None => always(Unreached::AccountRemoved, "the account was removed"),
                Some(account) if account.disabled => {
                    always(Unreached::AccountDisabled, "the account is disabled")
                }
                Some(_) if alert.draft.lifetime == Lifetime::NowOnly => {
                    always(Unreached::NotSignedInThen, "not signed in when it was sent")
                }
                Some(_) if self.directory.available(address).is_empty() => {
                    ended(Unreached::NotSignedIn, "not signed in")
                }
                Some(_) => {
                    ended(Unreached::NotAcknowledged, "signed in, and the client has not acknowledged it")
                }
            },
        })
    }
}
