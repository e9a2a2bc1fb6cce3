use domain::{Alert, AlertId, AlertStatus, Confirmation, Receipt, ReceiptStage, Recipient};
use jiff::Timestamp;
use serde::Serialize;

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
    /// Why it is no further, in words, where that is known.
    pub reason: Option<String>,
}

impl Hub {
    /// The report of an alert, as it stands now.
    pub async fn alert_report(&self, id: AlertId) -> Result<AlertReport, HubError> {
        let alert = self.alert(id).await?;
        let status = alert.status(self.environment.now());
        let receipts = self.store.receipts(id).await?;
        let mut counts = Counts { recipients: receipts.len(), ..Counts::default() };
        for receipt in &receipts {
            *match receipt.stage {
                ReceiptStage::Pending => &mut counts.pending,
                ReceiptStage::Delivered => &mut counts.delivered,
                ReceiptStage::Seen => &mut counts.seen,
                ReceiptStage::Confirmed => &mut counts.confirmed,
            } += 1;
        }
        let recipients = receipts.into_iter().map(|receipt| self.report_row(receipt, status)).collect();
        Ok(AlertReport { alert, status, counts, recipients })
    }

    fn report_row(&self, receipt: Receipt, status: AlertStatus) -> ReportRow {
        let reason = self.reason(&receipt, status);
        let Receipt { recipient, stage, delivered_at, seen_at, confirmation, .. } = receipt;
        ReportRow { recipient, stage, delivered_at, seen_at, confirmation, reason }
    }

    fn reason(&self, receipt: &Receipt, status: AlertStatus) -> Option<String> {
        if receipt.stage != ReceiptStage::Pending {
            return None;
        }
        if let Some(failure) = &receipt.failure {
            return Some(failure.clone());
        }
        let ended = |while_open: &str| match status {
            AlertStatus::InForce => while_open.to_owned(),
            over => format!("{while_open} until the alert was {over}"),
        };
        Some(match &receipt.recipient {
            Recipient::Computer(_) => ended("no answer from the machine"),
            Recipient::Account(address) => match self.people.account(address) {
                None => "the account was removed".to_owned(),
                Some(account) if account.disabled => "the account is disabled".to_owned(),
                Some(_) if self.directory.available(address).is_empty() => ended("not signed in"),
                Some(_) => ended("signed in, and the client has not acknowledged it"),
            },
        })
    }
}
