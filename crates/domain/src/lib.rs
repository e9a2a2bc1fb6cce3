#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod account;
mod address;
mod alert;
mod archive;
mod audience;
mod audit;
mod block;
mod contact;
mod delivery;
mod message;
mod netbios_spelling;
mod network;
mod policy;
mod presence;
mod publication;
mod receipt;
mod scope;
mod text;
mod topic;
mod token;

pub use account::{Account, Group, GroupName, GroupNameError};
pub use address::{Address, AddressError};
pub use alert::{Alert, AlertDraft, AlertError, AlertId, AlertState, AlertStatus, Severity};
pub use archive::{ArchiveDefault, ArchivePreferences};
pub use audience::{Audience, AudienceError, Computer, Target};
pub use audit::{AuditEntry, AuditError, AuditPersonal, AuditRecord, verify_audit_chain};
pub use block::BlockList;
pub use contact::{
    Contact, Inbound, Outbound, SubscriptionAction, SubscriptionStep, contact_list_version, subscription_step,
};
pub use delivery::{Route, route};
pub use message::{Content, Message, MessageId, MessageKind, Native, Protocol, Sender, unverified_address};
pub use netbios_spelling::{NETBIOS_SPELLING_MAX, netbios_spellings};
pub use network::AllowedNetworks;
pub use policy::{RecipientView, Refusal, RelayView, may_alert, may_message, may_relay, may_see_profile};
pub use presence::{Presence, Show};
pub use publication::{Notice, NoticeError, NoticeWords, Publication, PublicationDetails};
pub use receipt::{Confirmation, Receipt, ReceiptStage, Recipient};
pub use scope::{Need, Scope, ScopeError, Scopes};
pub use text::displayable;
pub use topic::{Publisher, Topic, TopicName, TopicNameError};
pub use token::{Token, TokenId, TokenName, TokenNameError};
