use std::sync::Arc;

use domain::{Address, Contact, SubscriptionAction, contact_list_version};
use store::{Change, Outcome};

use crate::{Hub, HubError, Item};

impl Hub {
    /// A person's list of contacts as its owner sees it.
    pub async fn contacts(&self, owner: &Address) -> Result<Vec<Contact>, HubError> {
        let contacts = self.store.contacts(owner).await?;
        Ok(contacts.into_iter().filter(|contact| contact.listed).collect())
    }

    /// Who has asked to see a person's presence and has no answer, by address.
    pub async fn contact_requests(&self, owner: &Address) -> Result<Vec<Address>, HubError> {
        let contacts = self.store.contacts(owner).await?.into_iter();
        Ok(contacts.filter(|contact| contact.asking).map(|contact| contact.address).collect())
    }

    /// Lists a contact, or changes its name and labels; the owner's clients are told.
    pub async fn put_contact(
        &self,
        owner: &Address,
        address: Address,
        name: Option<String>,
        labels: Vec<String>,
    ) -> Result<(), HubError> {
        let limit = self.settings.contacts_max;
        let change = Change::PutContact { owner: owner.clone(), address, name, labels, limit };
        match self.store.commit(vec![change]).await?.pop() {
            Some(Outcome::Contact(contact)) => self.push_contact(owner, contact).await,
            _ => Err(HubError::TooManyContacts { limit }),
        }
    }

    /// Takes a contact off the list and ends both subscriptions (RFC 6121 §2.5). False where it was not on it.
    pub async fn remove_contact(&self, owner: &Address, address: &Address) -> Result<bool, HubError> {
        let blocked = self.check_not_blocked(address, owner, None).is_err();
        let change = Change::RemoveContact { owner: owner.clone(), address: address.clone(), blocked };
        let Some(Outcome::ContactRemoved { owner: Some(before), other }) =
            self.store.commit(vec![change]).await?.pop()
        else {
            return Ok(false);
        };
        if !before.listed {
            return Ok(false);
        }
        self.push_removal(owner, address).await?;
        if before.to || before.asked {
            self.tell_subscription(owner, address, SubscriptionAction::Unsubscribe, None);
        }
        if before.from || before.asking {
            self.tell_subscription(owner, address, SubscriptionAction::Unsubscribed, None);
        }
        if before.from {
            self.show_sessions(owner, address, false);
        }
        if let Some(other) = other.filter(|other| other.listed) {
            self.push_contact(address, other).await?;
        }
        if before.to {
            self.show_sessions(address, owner, false);
        }
        Ok(true)
    }

    /// One person asks to see another's presence, or answers. It is remembered before this returns. To whoever does
    /// not exist, asking is met with silence. `native` is what the stanza holds beside, for doors of its protocol;
    /// with a question it waits for its answer, up to 4 KiB of it (RFC 6121 §3.1.3). Who has blocked the actor hears of
    /// it once they are no longer blocked.
    pub async fn subscription(
        &self,
        actor: &Address,
        other: &Address,
        action: SubscriptionAction,
        native: Option<Arc<[u8]>>,
    ) -> Result<(), HubError> {
        if actor == other {
            return Ok(());
        }
        self.check_not_blocked(actor, other, None)?;
        self.check_list_has_room(actor, other, action).await?;
        let blocked = self.check_not_blocked(other, actor, None).is_err();
        let change = Change::Subscription { actor: actor.clone(), other: other.clone(), action, blocked };
        let Some(Outcome::Subscription { step, actor: own, other: theirs }) =
            self.store.commit(vec![change]).await?.pop()
        else {
            return Ok(());
        };
        if step.outbound.changed || step.answered.is_some_and(|answered| answered.changed) {
            self.push_contact(actor, own.clone()).await?;
        }
        if matches!(action, SubscriptionAction::Subscribed | SubscriptionAction::Unsubscribed) {
            self.forget_request(actor, other).await?;
        }
        if blocked && action == SubscriptionAction::Subscribe && theirs.is_some() {
            self.remember_request(other, actor, native.as_deref()).await?;
        }
        let (Some(theirs), Some(inbound)) = (theirs, step.inbound) else { return Ok(()) };
        if action == SubscriptionAction::Subscribe && inbound.delivered {
            self.remember_request(other, actor, native.as_deref()).await?;
        }
        if inbound.delivered {
            self.tell_subscription(actor, other, action, native.as_ref());
        }
        if inbound.changed {
            self.push_contact(other, theirs.clone()).await?;
        }
        if let Some(reply) = inbound.reply
            && step.answered.is_some_and(|answered| answered.delivered)
        {
            self.tell_subscription(other, actor, reply, None);
        }
        match action {
            SubscriptionAction::Subscribed if theirs.to => self.show_sessions(actor, other, true),
            SubscriptionAction::Subscribe if own.to && inbound.reply.is_some() => {
                self.show_sessions(other, actor, true);
            }
            // Who only asked never saw anybody, and learns nothing by being refused or by taking it back.
            SubscriptionAction::Unsubscribed if inbound.ended => self.show_sessions(actor, other, false),
            SubscriptionAction::Unsubscribe if inbound.ended => self.show_sessions(other, actor, false),
            _ => {}
        }
        Ok(())
    }

    /// Asking and agreeing put the other person on the list.
    async fn check_list_has_room(
        &self,
        actor: &Address,
        other: &Address,
        action: SubscriptionAction,
    ) -> Result<(), HubError> {
        let lists = matches!(action, SubscriptionAction::Subscribe | SubscriptionAction::Subscribed);
        if !lists || self.store.contact(actor, other).await?.is_some_and(|contact| contact.listed) {
            return Ok(());
        }
        let limit = self.settings.contacts_max;
        if self.contacts(actor).await?.len() < limit {
            Ok(())
        } else {
            Err(HubError::TooManyContacts { limit })
        }
    }

    /// Shows an entry to the owner's clients that have asked for the list (RFC 6121 §2.1.6), with the version that the
    /// list has by it (§2.6).
    async fn push_contact(&self, owner: &Address, contact: Contact) -> Result<(), HubError> {
        self.note_contacts(owner).await?;
        if let Some(version) = self.version_for_pushes(owner).await? {
            self.tell_interested(owner, &Item::Contact { contact: Arc::new(contact), version });
        }
        Ok(())
    }

    async fn push_removal(&self, owner: &Address, address: &Address) -> Result<(), HubError> {
        self.note_contacts(owner).await?;
        if let Some(version) = self.version_for_pushes(owner).await? {
            self.tell_interested(owner, &Item::ContactRemoved { address: address.clone(), version });
        }
        Ok(())
    }

    /// None where no client has asked for the list.
    async fn version_for_pushes(&self, owner: &Address) -> Result<Option<Arc<str>>, HubError> {
        if !self.directory.with(owner, |person| person.seats.iter().any(|seat| seat.interested)) {
            return Ok(None);
        }
        Ok(Some(contact_list_version(&self.contacts(owner).await?).into()))
    }

    /// A question goes to every client that is available (RFC 6121 §3.1.3); an answer also to those that have only
    /// asked for the list (§3.1.6).
    fn tell_subscription(
        &self,
        from: &Address,
        to: &Address,
        action: SubscriptionAction,
        native: Option<&Arc<[u8]>>,
    ) {
        if self.check_not_blocked(to, from, None).is_err() {
            return;
        }
        let seats = self.directory.with(to, |person| person.seats.clone());
        let question = action == SubscriptionAction::Subscribe;
        for seat in seats.iter().filter(|seat| seat.presence.is_some() || (seat.interested && !question)) {
            seat.session.push(Item::Subscription { from: from.clone(), action, native: native.cloned() });
        }
    }
}
