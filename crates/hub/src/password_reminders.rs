//! Reminders that a password is getting old, as alerts of the service's own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{Account, Address, AlertDraft, Audience, Severity, Target};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::Change;

use crate::{ALERTS_NAME, Hub, HubError, passwords};

/// Under which key it is kept which reminder was sent.
const KEY: &str = "password-reminder";

/// How often it is looked whether somebody has to be reminded.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// How long the reminder that a password is too old stays in force.
const LAST_REMINDER: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The last reminder that was sent to somebody.
#[derive(Debug, Serialize, Deserialize)]
struct Sent {
    /// How many days were left.
    days: u16,
    /// When the password was made that it was about.
    changed_at: Timestamp,
}

impl Hub {
    /// Reminds people of passwords that get old, as long as the service runs. Nobody is locked out by it.
    pub async fn remind_of_passwords(&self) {
        if self.settings.passwords.days_max == 0 {
            return;
        }
        loop {
            if let Err(error) = self.remind_of_passwords_now().await {
                tracing::warn!(%error, "not everybody was reminded of an old password");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Sends the reminders that are due, and returns how many. Each is remembered in the commit that sends it.
    pub async fn remind_of_passwords_now(&self) -> Result<usize, HubError> {
        let (changed, sent) = (self.data_of_all(passwords::CHANGED_KEY).await?, self.data_of_all(KEY).await?);
        let mut count = 0;
        for account in self.people.all().iter().filter(|account| !account.disabled) {
            let changed_at = changed.get(&account.address).and_then(|value| passwords::changed_at(value));
            let changed_at = changed_at.unwrap_or(account.created_at);
            let sent: Option<Sent> =
                sent.get(&account.address).and_then(|value| serde_json::from_slice(value).ok());
            let sent = sent.filter(|sent| sent.changed_at == changed_at).map(|sent| sent.days);
            let now = self.environment.now();
            if let Some(days) = self.settings.passwords.reminder_due(changed_at, sent, now) {
                self.remind(account, changed_at, days, now).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    async fn remind(
        &self,
        account: &Arc<Account>,
        changed_at: Timestamp,
        days: u16,
        now: Timestamp,
    ) -> Result<(), HubError> {
        let lasts = SignedDuration::from_hours(24 * i64::from(self.settings.passwords.days_max));
        let too_old_at = changed_at.saturating_add(lasts).unwrap_or(now);
        let draft = self.reminder(account, too_old_at, days, now)?;
        let sent = serde_json::to_vec(&Sent { days, changed_at }).unwrap_or_default();
        let (owner, key) = (account.address.clone(), KEY.to_owned());
        let remembered = Change::SetDatum { owner, key, value: Some(sent), bytes_max: usize::MAX };
        self.send_alert_of_the_service(draft, vec![remembered]).await.map(drop)
    }

    /// The words say until when, not how many days are left: they may be read later.
    fn reminder(
        &self,
        account: &Account,
        too_old_at: Timestamp,
        days: u16,
        now: Timestamp,
    ) -> Result<AlertDraft, HubError> {
        let day = too_old_at.strftime("%Y-%m-%d");
        let (headline, severity) = match days {
            0 => ("Your password is too old / Tu contraseña es demasiado antigua", Severity::Moderate),
            _ => ("Please change your password / Cambia tu contraseña, por favor", Severity::Information),
        };
        let text = format!(
            "Your password is to be changed by {day}. Your chat program can do it (\"change password\"), or ask your administrator.\n\
             Tu contraseña debe cambiarse antes del {day}. Puedes hacerlo en tu programa de chat («cambiar contraseña») o pedirlo a tu administrador."
        );
        let expires_at = if days == 0 { now.saturating_add(LAST_REMINDER).ok() } else { Some(too_old_at) };
        Ok(AlertDraft {
            issuer: Address::new(ALERTS_NAME, self.domain())?,
            headline: headline.to_owned(),
            text,
            severity,
            audience: Audience::new(vec![Target::User(account.address.to_string())])?,
            choices: vec!["OK".to_owned()],
            must_confirm: false,
            expires_at,
        })
    }

    async fn data_of_all(&self, key: &str) -> Result<HashMap<Address, Vec<u8>>, HubError> {
        Ok(self.store.data_of_all(key).await?.into_iter().collect())
    }
}
