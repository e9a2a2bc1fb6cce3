#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod account;
mod address;
mod alert;
pub mod alerter;
mod archive;
mod audience;
mod audit;
mod away;
mod block;
mod browser_session;
mod contact;
mod delivery;
mod entry_name;
mod message;
mod message_name;
mod netbios_spelling;
mod network;
mod password;
mod policy;
mod presence;
mod privacy;
mod publication;
mod receipt;
mod rights;
pub mod room;
mod schedule;
mod scope;
mod sight;
mod stranger;
mod template;
mod text;
mod token;
mod topic;

pub use account::{Account, Group, GroupName, GroupNameError};
pub use address::{Address, AddressError};
pub use alert::{
    Alert, AlertDraft, AlertError, AlertId, AlertKind, AlertPhase, AlertProgress, AlertState, AlertStatus,
    AlertStep, ConfirmationCode, Escalation, LanguageTag, Lifetime, Severity, SignedForm, Threshold,
    Translation, Words,
};
pub use archive::{ArchiveDefault, ArchivePreferences};
pub use audience::{Audience, AudienceError, Computer, Member, Target};
pub use audit::{
    AuditEntry, AuditError, AuditHead, AuditPersonal, AuditRecord, verify_audit_chain, verify_audit_log,
};
pub use away::{
    ANSWERS_MAX, Absence, AbsenceError, Answer, Standing, automatic_text, automatic_words, correspondent,
    standing,
};
pub use block::BlockList;
pub use browser_session::{BrowserSession, BrowserSessionId};
pub use contact::{
    Contact, Inbound, Outbound, SubscriptionAction, SubscriptionStep, Unheard, contact_list_version,
    subscription_step, unheard, unheard_subscription_step,
};
pub use delivery::{Route, route};
pub use entry_name::{EntryName, EntryNameError};
pub use message::{
    Content, Message, MessageId, MessageKind, Native, Protocol, Sender, hears_no_receipts,
    is_unverified_host, unverified_address,
};
pub use message_name::{MESSAGE_NAMES_MAX, MessageName, MessageNameError};
pub use netbios_spelling::{NETBIOS_SPELLING_MAX, netbios_spellings};
pub use network::AllowedNetworks;
pub use password::{PasswordRefusal, PasswordRules};
pub use policy::{
    RecipientView, Refusal, RelayView, may_alert, may_answer, may_message, may_relay, may_see_profile,
};
pub use presence::{Presence, Show};
pub use privacy::{Privacy, PrivacyError, Relation, WhoSees, WhoWrites};
pub use publication::{Notice, NoticeError, NoticeLink, NoticeWords, Publication, PublicationDetails};
pub use receipt::{Confirmation, Receipt, ReceiptStage, Recipient, Unreached};
pub use rights::{PublishRight, Right, RightError, is_covered, may_audit, may_publish, may_tell_everybody};
pub use schedule::{Cron, Due, Missed, Recurrence, Rule, Schedule, ScheduleError, Zone};
pub use scope::{Need, Scope, ScopeError, Scopes};
pub use sight::{AlertSight, Sees, alert_sight};
pub use stranger::{BlockedStranger, BlockedStrangerError, QuietHours, QuietHoursError, StrangerRules};
pub use template::{Template, TemplateError};
pub use text::displayable;
pub use token::{Token, TokenId, TokenName, TokenNameError};
pub use topic::{Publisher, Topic, TopicName, TopicNameError};
