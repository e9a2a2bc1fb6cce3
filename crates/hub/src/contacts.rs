use std::sync::Arc;

use domain::{Address, Contact, SubscriptionAction};
use store::{Change, Outcome};

use crate::{Hub, HubError, Item};

impl Hub {
    /// A person's list of contacts as its owner sees it.
    pub async fn contacts(&self, owner: &Address) -> Result<Vec<Contact>, HubError> {
        let contacts = self.store.contacts(owner).await?;
        Ok(contacts.into_iter().filter(|contact| contact.listed).collect())
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
            Some(Outcome::Contact(contact)) => {
                self.tell_interested(owner, &Item::Contact(Arc::new(contact)));
                Ok(())
            }
            _ => Err(HubError::TooManyContacts { limit }),
        }
    }

    /// Takes a contact off the list and ends both subscriptions (RFC 6121 §2.5). False where it was not on it.
    pub async fn remove_contact(&self, owner: &Address, address: &Address) -> Result<bool, HubError> {
        let change = Change::RemoveContact { owner: owner.clone(), address: address.clone() };
        let Some(Outcome::ContactRemoved { owner: Some(before), other }) =
            self.store.commit(vec![change]).await?.pop()
        else {
            return Ok(false);
        };
        if !before.listed {
            return Ok(false);
        }
        self.tell_interested(owner, &Item::ContactRemoved(address.clone()));
        if let Some(other) = other.filter(|other| other.listed) {
            self.tell_interested(address, &Item::Contact(Arc::new(other)));
        }
        if before.to || before.asked {
            self.tell_subscription(owner, address, SubscriptionAction::Unsubscribe);
        }
        if before.from || before.asking {
            self.tell_subscription(owner, address, SubscriptionAction::Unsubscribed);
        }
        if before.from {
            self.show_sessions(owner, address, false);
        }
        if before.to {
            self.show_sessions(address, owner, false);
        }
        Ok(true)
    }

    /// One person asks to see another's presence, or answers. It is remembered before this returns. To whoever does
    /// not exist, asking is met with silence.
    pub async fn subscription(
        &self,
        actor: &Address,
        other: &Address,
        action: SubscriptionAction,
    ) -> Result<(), HubError> {
        if actor == other {
            return Ok(());
        }
        self.check_list_has_room(actor, other, action).await?;
        let change = Change::Subscription { actor: actor.clone(), other: other.clone(), action };
        let Some(Outcome::Subscription { step, actor: own, other: theirs }) =
            self.store.commit(vec![change]).await?.pop()
        else {
            return Ok(());
        };
        if step.outbound.changed || step.answered.is_some_and(|answered| answered.changed) {
            self.tell_interested(actor, &Item::Contact(Arc::new(own.clone())));
        }
        let (Some(theirs), Some(inbound)) = (theirs, step.inbound) else { return Ok(()) };
        if inbound.delivered {
            self.tell_subscription(actor, other, action);
        }
        if inbound.changed {
            self.tell_interested(other, &Item::Contact(Arc::new(theirs.clone())));
        }
        if let Some(reply) = inbound.reply
            && step.answered.is_some_and(|answered| answered.delivered)
        {
            self.tell_subscription(other, actor, reply);
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

    fn tell_subscription(&self, from: &Address, to: &Address, action: SubscriptionAction) {
        for seat in self.directory.available(to) {
            seat.session.push(Item::Subscription { from: from.clone(), action });
        }
    }
}
