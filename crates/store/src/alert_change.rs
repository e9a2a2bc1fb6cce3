use std::sync::Arc;

use domain::{
    Address, Alert, AlertId, AlertPhase, AlertProgress, AuditHead, Computer, EntryName, Recipient, Schedule,
    Template,
};
use jiff::Timestamp;

/// One thing to remember about alerts, beside the making and ending of one.
#[derive(Clone, Debug)]
pub enum AlertChange {
    /// Puts the alert in the place of what is kept under its id, if that is in this phase still →
    /// [`Outcome::AlertChanged`](crate::Outcome::AlertChanged). Refused where it does not exist.
    Replace {
        /// The alert as it is to be.
        alert: Arc<Alert>,
        /// The phase it has to be in.
        from: AlertPhase,
    },
    /// Deletes an alert that nobody was told of: a draft → [`Outcome::AlertChanged`](crate::Outcome::AlertChanged).
    DeleteDraft {
        /// Which. Refused where it does not exist.
        alert: AlertId,
    },
    /// Adds recipients. Those it has are no mistake; the alert must exist.
    AddRecipients {
        /// By which level of the escalation they are told, the first being 1; 0: by none.
        level: u32,
        /// The alert.
        alert: AlertId,
        /// Who.
        recipients: Vec<Recipient>,
    },
    /// Ends an alert because another took its place, if it has not ended →
    /// [`Outcome::AlertEnded`](crate::Outcome::AlertEnded).
    Supersede {
        /// The alert. Refused where it does not exist.
        alert: AlertId,
        /// When.
        at: Timestamp,
        /// By which.
        by: AlertId,
    },
    /// What has been done with an alert by time, if it is in force →
    /// [`Outcome::AlertChanged`](crate::Outcome::AlertChanged). Refused where it does not exist.
    Advance {
        /// The alert.
        alert: AlertId,
        /// All that has been done with it.
        progress: AlertProgress,
    },
    /// A machine has taken a message.
    ComputerAnswered {
        /// Which.
        computer: Computer,
        /// When.
        at: Timestamp,
    },
    /// Remembers a schedule, in the place of another of the same name.
    PutSchedule(Arc<Schedule>),
    /// Forgets a schedule. Refused where it does not exist.
    RemoveSchedule {
        /// Which.
        name: EntryName,
    },
    /// Remembers a template, in the place of another of the same name.
    PutTemplate(Arc<Template>),
    /// Forgets a template. Refused where it does not exist.
    RemoveTemplate {
        /// Which.
        name: EntryName,
    },
    /// Remembers a signed end of the audit log.
    SignHead(AuditHead),
    /// Puts another address in the place of a person's in receipts and in what became of alerts, without the device
    /// and the network address of their answers; the same address and its name in the place of theirs in what they said
    /// in rooms; and erases the words of every audit record that names them.
    ErasePerson {
        /// Who.
        address: Address,
        /// What stands in their place: nobody's address.
        pseudonym: Address,
    },
}
