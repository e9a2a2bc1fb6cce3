use std::sync::Arc;

use domain::{
    Address, Alert, AlertId, AlertState, AlertStatus, Computer, Lifetime, Member, Receipt, ReceiptStage,
    Recipient,
};
use store::{AlertChange, Change, Deliverable, ReceiptStep};

use super::{audience::Recipients, sending::RECEIPTS_AT_ONCE};
use crate::{ComputerMessage, Hub, HubError, Item, Session, outbox::Slot};

impl Hub {
    /// Gives a new alert to everyone here whom it is for, some at a time.
    pub(super) async fn deliver_alert(&self, alert: &Arc<Alert>, recipients: &Recipients) {
        let mut rest = recipients.iter();
        loop {
            let some: Vec<&Recipient> = rest.by_ref().take(RECEIPTS_AT_ONCE).collect();
            if some.is_empty() {
                return;
            }
            self.deliver_to_some(alert, &some).await;
            tokio::task::yield_now().await;
        }
    }

    async fn deliver_to_some(&self, alert: &Arc<Alert>, recipients: &[&Recipient]) {
        let mut slots: Vec<(Arc<Session>, Slot)> = Vec::new();
        for recipient in recipients {
            match recipient {
                Recipient::Account(address) => slots.extend(self.reserve_alert(alert, address)),
                Recipient::Computer(computer) => self.alert_computer(alert.clone(), computer.clone()),
            }
        }
        let changes = slots.iter().filter_map(|(session, slot)| {
            let deliveries = vec![(slot.position, Deliverable::Alert(alert.id))];
            Some(Change::StreamDelivers { stream: session.durable_stream()?, deliveries })
        });
        let changes: Vec<Change> = changes.collect();
        let placed = if changes.is_empty() { Ok(()) } else { self.store.commit(changes).await.map(drop) };
        if let Err(error) = &placed {
            tracing::warn!(%error, "an alert could not be given to sessions that can be resumed");
        }
        for (session, slot) in slots {
            if placed.is_ok() || session.durable_stream().is_none() {
                session.outbox.release(slot);
            } else {
                session.outbox.cancel(slot);
            }
        }
    }

    /// Gives a session the alerts in force that its person has not dealt with. People who came to an audience after
    /// the alert was sent are among its recipients from now on.
    pub(crate) async fn give_open_alerts(&self, session: &Arc<Session>) -> Result<(), HubError> {
        if !self.open_alerts.is_any() {
            return Ok(());
        }
        self.join_open_alerts(session.address()).await?;
        let now = self.environment.now();
        let recipient = Recipient::Account(session.address().clone());
        let open = self.store.open_receipts(&recipient).await?;
        let open = open.into_iter().filter(|(alert, _)| alert.status(now) == AlertStatus::InForce);
        let mut items = Vec::new();
        for (alert, receipt) in open {
            if is_due(&alert, &receipt, session) && session.alerts_given.lock().insert(alert.id) {
                items.push(Item::Alert(Arc::new(alert)));
            }
        }
        self.give_durably(session, items).await;
        Ok(())
    }

    /// The change by which a receipt says that a client has the alert.
    pub(crate) fn alert_delivered(&self, alert: AlertId, session: &Session) -> Change {
        let recipient = Recipient::Account(session.address().clone());
        Change::AdvanceReceipt { alert, recipient, step: ReceiptStep::Delivered(self.environment.now()) }
    }

    /// An alert is called off, over or replaced: those who are here and have it are told.
    pub(super) async fn alert_ended(&self, id: AlertId, state: AlertState) {
        let Some(alert) = self.open_alerts.remove(id) else { return };
        let alert = Arc::new(Alert { state, ..(*alert).clone() });
        for (index, seat) in self.directory.all().into_iter().enumerate() {
            if seat.presence.is_some() && seat.session.alerts_given.lock().contains(&id) {
                seat.session.outbox.push(Item::AlertEnded(alert.clone()));
            }
            if index % RECEIPTS_AT_ONCE == RECEIPTS_AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Somebody has confirmed an alert: their other sessions that have it are told.
    pub(super) fn tell_answered(&self, alert: &Arc<Alert>, session: &Session, choice: &str) {
        for seat in self.directory.available(session.address()) {
            let other = &seat.session;
            if other.id() != session.id() && other.alerts_given.lock().contains(&alert.id) {
                let device = session.resource().clone();
                other.outbox.push(Item::AlertAnswered {
                    alert: alert.clone(),
                    choice: choice.into(),
                    device,
                });
            }
        }
    }

    fn reserve_alert(&self, alert: &Arc<Alert>, address: &Address) -> Vec<(Arc<Session>, Slot)> {
        self.directory.with(address, |person| {
            // A session that is catching up looks again, and finds it in the store.
            person.missed += 1;
            let live = person.seats.iter().filter(|seat| seat.takes_messages());
            let news = live.filter(|seat| seat.session.alerts_given.lock().insert(alert.id));
            let place = |session: &Arc<Session>| session.outbox.reserve(Item::Alert(alert.clone()));
            news.filter_map(|seat| Some((seat.session.clone(), place(&seat.session)?))).collect()
        })
    }

    async fn join_open_alerts(&self, address: &Address) -> Result<(), HubError> {
        let open = self.open_alerts.all();
        if open.is_empty() {
            return Ok(());
        }
        let (groups, sources) = (self.store.groups_of(address).await?, self.sources_of(address));
        let member = Member { address, groups: &groups, sources: &sources };
        let late_too = |alert: &&Arc<Alert>| alert.draft.lifetime != Lifetime::NowOnly && !alert.draft.test;
        let meant = open.iter().filter(late_too);
        let meant = meant.filter(|alert| alert.audiences().any(|audience| audience.includes(member)));
        let join = |alert: &Arc<Alert>| Change::AddRecipient {
            alert: alert.id,
            recipient: Recipient::Account(address.clone()),
        };
        let changes: Vec<Change> = meant.map(join).collect();
        if !changes.is_empty() {
            self.store.commit(changes).await?;
        }
        Ok(())
    }

    fn alert_computer(&self, alert: Arc<Alert>, computer: Computer) {
        let from = self.settings.machine_name.clone();
        let gateway = self.computers.get().cloned();
        self.spawn(|hub| async move {
            let mut text = computer_text(&alert);
            if let Some(address) = hub.code_address(&alert, &computer) {
                text.push_str(&format!("\nConfirm / Confirmar: {address}"));
            }
            let recipient = Recipient::Computer(computer.clone());
            let answered = computer.clone();
            let sent = match gateway {
                Some(gateway) => gateway.send(ComputerMessage { computer, from, text }).await,
                None => Err(HubError::NoGateway.to_string()),
            };
            let at = hub.environment.now();
            let mut changes = Vec::new();
            let step = match sent {
                Ok(_) => {
                    changes.push(Change::Alert(AlertChange::ComputerAnswered { computer: answered, at }));
                    ReceiptStep::Delivered(at)
                }
                Err(why) => ReceiptStep::Failed(why),
            };
            changes.push(Change::AdvanceReceipt { alert: alert.id, recipient, step });
            hub.commit_later(changes);
        });
    }
}

/// Whether a session of a person has to be shown the alert (again). One that was there when it was sent, and was not
/// ready for it, is to have it also where nobody gets it later.
fn is_due(alert: &Alert, receipt: &Receipt, session: &Session) -> bool {
    let was_there = alert.draft.lifetime == Lifetime::NowOnly
        && session.since() <= alert.started_at()
        && receipt.stage == ReceiptStage::Pending;
    was_there || alert.is_due_at_sign_in(receipt)
}

/// An alert in the words of a message box.
fn computer_text(alert: &Alert) -> String {
    let draft = &alert.draft;
    let mut text = format!("{}: {}", draft.severity.as_str().to_uppercase(), draft.headline);
    if draft.drill {
        text.insert_str(0, "DRILL / SIMULACRO - ");
    }
    if draft.test {
        text.insert_str(0, "TEST - ");
    }
    if !draft.text.is_empty() {
        text.push('\n');
        text.push_str(&draft.text);
    }
    text.push_str(&format!("\n({})", draft.issuer));
    for link in draft.links() {
        text.push('\n');
        text.push_str(link);
    }
    text
}
