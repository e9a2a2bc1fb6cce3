use domain::{
    Account, Address, AuditRecord, Contact, Content, GroupName, Message, Receipt, Recipient, Right, Sender,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{AlertChange, ArchiveQuery, Change};

use crate::{CloseReason, Hub, HubError};

/// One thing that the service keeps about a person.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Kept {
    /// The account.
    Account(Account),
    /// A group that they are in.
    Group(GroupName),
    /// Something that they may do.
    Right(Right),
    /// An entry of their contact list.
    Contact(Contact),
    /// A message of their archive.
    Message(Box<KeptMessage>),
    /// How far an alert has come with them.
    Receipt(Receipt),
    /// A record of the audit log that names them.
    Audit(Box<AuditRecord>),
}

/// A message of somebody's archive.
#[derive(Clone, Debug, Serialize)]
pub struct KeptMessage {
    /// Its id.
    pub id: String,
    /// Who sent it: an address, "service", or a name and a network address that nobody vouches for.
    pub from: String,
    /// To whom.
    pub to: Address,
    /// When the service took it.
    pub accepted_at: Timestamp,
    /// What it says.
    pub content: Content,
}

impl From<&Message> for KeptMessage {
    fn from(message: &Message) -> Self {
        let from = match &message.sender {
            Sender::Account { address } => address.to_string(),
            Sender::Service => "service".to_owned(),
            Sender::Unverified { name, source, .. } => format!("{name} (unverified, from {source})"),
        };
        Self {
            id: message.id.to_string(),
            from,
            to: message.recipient.clone(),
            accepted_at: message.accepted_at,
            content: message.content.clone(),
        }
    }
}

/// How many things are read at once.
const PAGE: usize = 500;

impl Hub {
    /// Removes an account and everything of its own, and takes its name out of reports and of the audit log, which
    /// verify all the same: in reports somebody unknown stands in its place. What it has signed or sent to others stays
    /// with them. Returns the name that stands in reports.
    pub async fn erase_account(&self, actor: &str, name: &str) -> Result<Address, HubError> {
        self.check_another_administrator(name)?;
        let address = self.account_named(name)?.address.clone();
        let random = u64::from_be_bytes(self.environment.random());
        let pseudonym = Address::new(&format!("erased-{random:016x}"), self.domain())?;
        let erase = AlertChange::ErasePerson { address: address.clone(), pseudonym: pseudonym.clone() };
        let audit = self.audit(actor, "user.erase", pseudonym.as_str(), "");
        let remove = Change::RemoveAccount { address: address.clone() };
        self.store.commit(vec![Change::Alert(erase), remove, audit]).await?;
        self.forget_account(&address);
        self.close_sessions(&address, CloseReason::NotAuthorized);
        Ok(pseudonym)
    }

    /// Everything that the service keeps about a person, one thing after the other, given to `take` until it says that
    /// it is enough.
    pub async fn export_account(
        &self,
        actor: &str,
        name: &str,
        mut take: impl FnMut(Kept) -> bool + Send,
    ) -> Result<(), HubError> {
        let account = self.account_named(name)?;
        let address = account.address.clone();
        self.note(actor, "user.export", address.as_str(), "").await?;
        let mut first = vec![Kept::Account((*account).clone())];
        first.extend(self.store.groups_of(&address).await?.into_iter().map(Kept::Group));
        first.extend(self.rights.of(&address).iter().cloned().map(Kept::Right));
        first.extend(self.store.contacts(&address).await?.into_iter().map(Kept::Contact));
        if !first.into_iter().all(&mut take) {
            return Ok(());
        }
        self.export_messages(&address, &mut take).await?;
        let recipient = Recipient::Account(address.clone());
        for alert in self.store.alerts(false, usize::MAX).await? {
            if let Some(receipt) = self.store.receipt(alert.id, &recipient).await?
                && !take(Kept::Receipt(receipt))
            {
                return Ok(());
            }
        }
        self.export_audit(&address, &mut take).await
    }

    async fn export_messages(
        &self,
        address: &Address,
        take: &mut (impl FnMut(Kept) -> bool + Send),
    ) -> Result<(), HubError> {
        let mut query = ArchiveQuery::of(address.clone(), PAGE);
        loop {
            let page = self.store.archive(query.clone()).await?;
            let Some(last) = page.messages.last() else { return Ok(()) };
            query.after = vec![last.id];
            if !page.messages.iter().all(|message| take(Kept::Message(Box::new((&**message).into()))))
                || page.complete
            {
                return Ok(());
            }
        }
    }

    async fn export_audit(
        &self,
        address: &Address,
        take: &mut (impl FnMut(Kept) -> bool + Send),
    ) -> Result<(), HubError> {
        let mut after = 0;
        loop {
            let page = self.store.audit(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.sequence;
            let names = |record: &AuditRecord| {
                record.personal.as_ref().is_some_and(|personal| {
                    let own = address.as_str();
                    personal.actor == own || personal.subject == own || personal.detail.contains(own)
                })
            };
            if !page.into_iter().filter(names).all(|record| take(Kept::Audit(Box::new(record)))) {
                return Ok(());
            }
        }
    }
}
