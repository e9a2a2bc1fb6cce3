use domain::{Address, AuditRecord, Recipient};
use store::{AlertChange, ArchiveQuery, Change, RoomQuery};

use crate::{CloseReason, Hub, HubError, Kept};

/// How many things are read at once.
const PAGE: usize = 500;

impl Hub {
    /// Removes an account and everything of its own, and takes its name out of reports and of the audit log, which
    /// verify all the same: in reports, and where they have spoken in rooms, somebody unknown stands in its place. What it
    /// has signed or said to others stays with them. Its files cannot be fetched from then on, and their bytes go with
    /// the next tidying, unless somebody else has put the same here. Who else had done something to them stands in the
    /// record of the erasure. Returns the name that stands in reports.
    pub async fn erase_account(&self, actor: &str, name: &str) -> Result<Address, HubError> {
        self.check_another_administrator(name)?;
        let address = self.account_named(name)?.address.clone();
        let random = u64::from_be_bytes(self.environment.random());
        let pseudonym = Address::new(&format!("erased-{random:016x}"), self.domain())?;
        let erase = AlertChange::ErasePerson { address: address.clone(), pseudonym: pseudonym.clone() };
        let done_by = self.who_did_to(&address).await?;
        let audit = self.audit(actor, "user.erase", pseudonym.as_str(), done_by);
        let remove = Change::RemoveAccount { address: address.clone() };
        self.store.commit(vec![Change::Alert(erase), remove, audit]).await?;
        self.forget_account(&address);
        self.rooms.rename_speaker(&address, &pseudonym);
        self.close_sessions(&address, CloseReason::NotAuthorized);
        if let Err(error) = self.tidy_files_once().await {
            tracing::warn!(%error, "the files of somebody who was erased are taken away later");
        }
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
        let absences = self.store.absences().await?.into_iter();
        first.extend(absences.filter(|absence| absence.owner == address).map(Kept::from));
        let rooms = self.store.rooms().await?;
        let known = rooms.iter().filter_map(|room| Some((room, room.affiliations.get(&address)?)));
        first.extend(known.map(|(room, affiliation)| Kept::room(room.address.clone(), *affiliation)));
        first.extend(self.store.files_of(&address).await?.into_iter().map(Kept::from));
        if !first.into_iter().all(&mut take) {
            return Ok(());
        }
        self.export_messages(&address, &mut take).await?;
        for room in rooms {
            if !self.export_said(&address, room.address, &mut take).await? {
                return Ok(());
            }
        }
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
            if !page.messages.iter().all(|message| take(Kept::from(&**message))) || page.complete {
                return Ok(());
            }
        }
    }

    /// What they have said in a room; says whether more is wanted.
    async fn export_said(
        &self,
        address: &Address,
        room: Address,
        take: &mut (impl FnMut(Kept) -> bool + Send),
    ) -> Result<bool, HubError> {
        let mut query = RoomQuery { sender: Some(address.clone()), ..RoomQuery::of(room, PAGE) };
        loop {
            let page = self.store.room_messages(query.clone()).await?;
            if !page.messages.iter().all(|message| take(Kept::from(&**message))) {
                return Ok(false);
            }
            match page.messages.last() {
                Some(last) if !page.complete => query.after = Some(last.id),
                _ => return Ok(true),
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
