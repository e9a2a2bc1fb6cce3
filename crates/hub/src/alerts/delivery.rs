use std::sync::Arc;

use domain::{Address, Alert, AlertId, AlertState, AlertStatus, Computer, Receipt, ReceiptStage, Recipient};
use store::{Change, Deliverable, ReceiptStep};

use crate::{ComputerMessage, Hub, HubError, Item, Session, outbox::Slot};

impl Hub {
    /// Gives a new alert to everyone here whom it is for.
    pub(super) async fn deliver_alert(&self, alert: &Arc<Alert>, recipients: &[Recipient]) {
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
        self.join_open_alerts(session.address()).await?;
        let now = self.environment.now();
        let recipient = Recipient::Account(session.address().clone());
        let open = self.store.open_receipts(&recipient).await?;
        let open = open.into_iter().filter(|(alert, _)| alert.status(now) == AlertStatus::InForce);
        let mut items = Vec::new();
        for (alert, receipt) in open {
            if is_due(&alert, &receipt) && session.alerts_given.lock().insert(alert.id) {
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

    /// An alert is called off or over: those who are here are told.
    pub(super) async fn alert_ended(&self, id: AlertId, state: AlertState) {
        let Some(alert) = self.open_alerts.remove(id) else { return };
        let alert = Arc::new(Alert { state, ..(*alert).clone() });
        let receipts = match self.store.receipts(id).await {
            Ok(receipts) => receipts,
            Err(error) => return tracing::warn!(%error, "nobody could be told that an alert is over"),
        };
        for receipt in receipts {
            let Recipient::Account(address) = receipt.recipient else { continue };
            for seat in self.directory.available(&address) {
                if seat.session.alerts_given.lock().contains(&id) {
                    seat.session.outbox.push(Item::AlertEnded(alert.clone()));
                }
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
        let groups = self.store.groups_of(address).await?;
        let meant = open.iter().filter(|alert| alert.draft.audience.includes(address, &groups));
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
            let text = computer_text(&alert);
            let recipient = Recipient::Computer(computer.clone());
            let sent = match gateway {
                Some(gateway) => gateway.send(ComputerMessage { computer, from, text }).await,
                None => Err(HubError::NoGateway.to_string()),
            };
            let step = match sent {
                Ok(_) => ReceiptStep::Delivered(hub.environment.now()),
                Err(why) => ReceiptStep::Failed(why),
            };
            hub.commit_later(vec![Change::AdvanceReceipt { alert: alert.id, recipient, step }]);
        });
    }
}

/// Whether a person who signs in must be shown the alert (again).
fn is_due(alert: &Alert, receipt: &Receipt) -> bool {
    if alert.draft.must_confirm {
        receipt.confirmation.is_none()
    } else {
        receipt.stage == ReceiptStage::Pending
    }
}

/// An alert in the words of a message box.
fn computer_text(alert: &Alert) -> String {
    let draft = &alert.draft;
    let mut text = format!("{}: {}", draft.severity.as_str().to_uppercase(), draft.headline);
    if !draft.text.is_empty() {
        text.push('\n');
        text.push_str(&draft.text);
    }
    text.push_str(&format!("\n({})", draft.issuer));
    text
}
