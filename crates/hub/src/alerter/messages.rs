use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Address, AlertDraft, Content, Message, MessageKind, Sender, Translation,
    alerter::{News, Notice},
};
use store::{AlertChange, Change};

use super::{
    Alerter,
    names::Named,
    told::{self, Before},
    waiting::Untold,
    words::{self, Language},
};
use crate::{ALERTS_NAME, ComputerMessage, Delivery, Hub, HubError, Item};

/// How long people are told of something that is not normal, in seconds: a week.
const IN_FORCE: u32 = 7 * 86_400;
/// How long they are told that it is normal again: a day.
const NORMAL: u32 = 86_400;

impl Hub {
    /// Tells people by an alert of the service's own, in their language. It takes the place of those before.
    pub(super) async fn tell_people(
        &self,
        alerter: &Alerter,
        named: &Named,
        Untold { notice, unique }: &Untold,
    ) -> Result<(), HubError> {
        let Some(audience) = named.people.clone() else { return Ok(()) };
        let issuer = Address::new(ALERTS_NAME, self.domain())?;
        let draft = AlertDraft::new(issuer, audience, words::headline(notice, Language::English));
        let spanish = Translation {
            headline: words::headline(notice, Language::Spanish),
            text: words::text(notice),
            choices: Vec::new(),
        };
        let Before { mut replaced, some_stay } = alerter.told.lock().before(notice);
        // As long as an alert is in force that tells of something else too, this one says what of it is over.
        let is_short = notice.news == News::Normal && !some_stay;
        let draft = AlertDraft {
            text: words::text(notice),
            severity: notice.severity,
            must_confirm: false,
            expires_after_seconds: Some(if is_short { NORMAL } else { IN_FORCE }),
            language: "en".parse().ok(),
            translations: BTreeMap::from_iter("es".parse().ok().map(|tag| (tag, spanish))),
            updates: replaced.pop_last(),
            key: Some(told::key(notice, *unique)),
            ..draft
        };
        let draft = draft.settled(self.environment.now());
        let alert = self.send_alert_in_place_of(&replaced, draft).await?;
        alerter.told.lock().was_told(notice, alert.id);
        Ok(())
    }

    /// Tells the machines that are named, as the Alerter service did. Nobody waits for them.
    pub(super) fn tell_machines(&self, named: &Named, notice: &Notice) {
        if named.machines.is_empty() {
            return;
        }
        let Some(gateway) = self.computers.get() else {
            return tracing::warn!(error = %HubError::NoGateway, "the Alerter cannot tell machines");
        };
        let text = words::boxed(notice);
        for computer in named.machines.iter().cloned() {
            let (gateway, from) = (gateway.clone(), self.settings.machine_name.clone());
            let message = ComputerMessage { computer: computer.clone(), from, text: text.clone() };
            self.spawn(|hub| async move {
                match gateway.send(message).await {
                    Ok(_) => {
                        let at = hub.environment.now();
                        let answered = AlertChange::ComputerAnswered { computer, at };
                        hub.commit_later(vec![Change::Alert(answered)]);
                    }
                    Err(error) => {
                        tracing::warn!(computer = %computer, error, "the Alerter could not tell a machine");
                    }
                }
            });
        }
    }

    /// Tells those who are here by a message that nobody keeps: the store takes nothing.
    pub(super) async fn tell_those_here(&self, named: &Named, notice: &Notice) {
        let Some(audience) = &named.people else { return };
        for recipient in self.people_named(audience).await {
            let message = Arc::new(Message {
                id: self.environment.message_id(),
                sender: Sender::Service,
                recipient: recipient.clone(),
                kind: MessageKind::Headline,
                content: Content::Text { body: words::boxed(notice), subject: None },
                automatic: true,
                native: None,
                sender_id: None,
                accepted_at: self.environment.now(),
            });
            for seat in self.directory.available(&recipient) {
                seat.session.outbox.push(Item::Message(Delivery::now(&message)));
            }
        }
    }
}
