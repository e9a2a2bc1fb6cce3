use domain::{Address, Sender};
use store::{Change, Outcome};

use crate::{DATA_BYTES_MAX, Hub, HubError, Session};

impl Hub {
    /// What is kept for a person under a key.
    pub async fn datum(&self, owner: &Address, key: &str) -> Result<Option<Vec<u8>>, HubError> {
        Ok(self.store.datum(owner, key).await?)
    }

    /// Keeps something for a person, or forgets it, all or none. It is on the disk when this returns.
    ///
    /// # Errors
    /// With it, more than [`DATA_BYTES_MAX`] bytes would be kept for them; nothing of it is kept then.
    pub async fn set_data(
        &self,
        owner: &Address,
        data: Vec<(String, Option<Vec<u8>>)>,
    ) -> Result<(), HubError> {
        // What is full in the middle of a list would leave the beginning, so that room is looked for first.
        let sizes =
            |data: &[(String, Vec<u8>)]| data.iter().map(|(key, value)| key.len() + value.len()).sum();
        let mut kept = self.store.data(owner, "").await?;
        kept.retain(|(key, _)| !data.iter().any(|(other, _)| other == key));
        let new = data.iter().filter_map(|(key, value)| Some(key.len() + value.as_ref()?.len()));
        let total: usize = sizes(&kept);
        if total + new.sum::<usize>() > DATA_BYTES_MAX {
            return Err(HubError::TooMuchData { limit: DATA_BYTES_MAX });
        }
        let change =
            |(key, value)| Change::SetDatum { owner: owner.clone(), key, value, bytes_max: DATA_BYTES_MAX };
        let outcomes = self.store.commit(data.into_iter().map(change).collect()).await?;
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Full)) {
            return Err(HubError::TooMuchData { limit: DATA_BYTES_MAX });
        }
        Ok(())
    }

    /// What a person shows to those who see their presence: their card, or when they were last there.
    ///
    /// # Errors
    /// The asker is none of them; the same where there is no such person.
    pub async fn profile_datum(
        &self,
        asker: &Session,
        owner: &Address,
        key: &str,
    ) -> Result<Option<Vec<u8>>, HubError> {
        self.check_profile(asker, owner).await?;
        self.datum(owner, key).await
    }

    /// Whether `asker` may see what `owner` shows to those who see their presence and are not blocked.
    pub(crate) async fn check_profile(&self, asker: &Session, owner: &Address) -> Result<(), HubError> {
        let (address, device) = (asker.address(), Some(asker.resource().as_ref()));
        let same_person = address == owner;
        let subscribed = self.store.contact(owner, address).await?.is_some_and(|contact| contact.from);
        let exists = self.people.account(owner).is_some_and(|account| !account.disabled);
        let sender = Sender::Account { address: address.clone() };
        let blocked = self.is_blocked_by(owner, &sender, device);
        Ok(domain::may_see_profile(subscribed && exists && !blocked, same_person)?)
    }
}
