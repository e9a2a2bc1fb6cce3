use std::sync::Arc;

use domain::{Address, Contact, SubscriptionAction, Unheard, unheard};
use store::Change;

use crate::{DATA_BYTES_MAX, Hub, HubError, Item, Session};

/// How much of a question is kept beside that it was asked.
const REQUEST_BYTES_MAX: usize = 4 * 1024;

/// What people say with their questions to see somebody's presence: a name, a greeting. It waits with the question
/// (RFC 6121 §3.1.3).
impl Hub {
    pub(crate) async fn remember_request(
        &self,
        asked: &Address,
        asker: &Address,
        native: Option<&[u8]>,
    ) -> Result<(), HubError> {
        let Some(native) = native.filter(|native| native.len() <= REQUEST_BYTES_MAX) else { return Ok(()) };
        self.set_request(asked, asker, Some(native.to_vec())).await
    }

    pub(crate) async fn forget_request(&self, asked: &Address, asker: &Address) -> Result<(), HubError> {
        if self.store.datum(asked, &key(asker)).await?.is_some() {
            self.set_request(asked, asker, None).await?;
        }
        Ok(())
    }

    /// Puts a question that waits to a session.
    pub(crate) async fn show_request(&self, asker: &Address, session: &Session) -> Result<(), HubError> {
        let native = self.store.datum(session.address(), &key(asker)).await?.map(Arc::from);
        let action = SubscriptionAction::Subscribe;
        session.push(Item::Subscription { from: asker.clone(), action, native });
        Ok(())
    }

    /// Somebody is no longer blocked: what they have said meanwhile is heard now, unless they have blocked the owner.
    pub(crate) async fn hear_what_was_unheard(
        &self,
        owner: &Address,
        contact: &Contact,
    ) -> Result<(), HubError> {
        let other = &contact.address;
        if self.account(other).is_none() || self.check_not_blocked(other, owner, None).is_err() {
            return Ok(());
        }
        let theirs = self.store.contact(other, owner).await?;
        let theirs = theirs.unwrap_or_else(|| Contact::new(owner.clone()));
        for step in unheard(contact, &theirs) {
            match step {
                Unheard::Theirs(action) => self.subscription(other, owner, action, None).await?,
                Unheard::Own(action) => self.subscription(owner, other, action, None).await?,
                Unheard::Question => {
                    for seat in self.directory.available(owner) {
                        self.show_request(other, &seat.session).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn set_request(
        &self,
        asked: &Address,
        asker: &Address,
        value: Option<Vec<u8>>,
    ) -> Result<(), HubError> {
        let (owner, key) = (asked.clone(), key(asker));
        self.store.commit(vec![Change::SetDatum { owner, key, value, bytes_max: DATA_BYTES_MAX }]).await?;
        Ok(())
    }
}

fn key(asker: &Address) -> String {
    format!("subscription-request:{asker}")
}
