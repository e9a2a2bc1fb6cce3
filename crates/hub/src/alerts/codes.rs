//! Codes by which whoever has no client confirms an alert: anybody at the machine that has shown it.

use std::sync::Arc;

use domain::{
    Alert, AlertId, AlertStatus, Computer, Confirmation, ConfirmationCode, Protocol, Recipient, Target,
};
use sha2::{Digest, Sha256};
use store::{Change, Outcome, ReceiptStep};

use super::answer::Confirmed;
use crate::{Hub, HubError};

/// What a confirmation by a code says in the place of a device.
const DEVICE: &str = "code";

impl Hub {
    /// Says where codes are entered: an address in front of which nothing stands, such as
    /// `https://office.internal:8443/c`. Only the first call counts; without one, messages carry no codes.
    pub fn set_code_address(&self, address: String) {
        self.code_address.get_or_init(|| address);
    }

    /// Where a machine's message says that it can be confirmed; none where nothing is to be.
    pub(super) fn code_address(&self, alert: &Alert, computer: &Computer) -> Option<String> {
        let address = self.code_address.get().filter(|_| alert.draft.must_confirm)?;
        Some(format!("{address}/{}", self.code(alert.id, computer)))
    }

    /// The code of an alert for a machine. It is made of what is known anyway, so that nothing has to be remembered, and
    /// ends with the alert.
    pub fn code(&self, alert: AlertId, computer: &Computer) -> ConfirmationCode {
        let hash = Sha256::new()
            .chain_update(self.signing_key.derived_secret("codes to confirm alerts with"))
            .chain_update(alert.as_bytes())
            .chain_update(Recipient::Computer(computer.clone()).to_string())
            .finalize();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash[..8]);
        ConfirmationCode::from_bytes(bytes)
    }

    /// The alert in force that a code is for, and the machine that has shown it.
    ///
    /// # Errors
    /// [`HubError::NoSuchCode`], also where the alert is over.
    pub async fn alert_of_code(&self, code: ConfirmationCode) -> Result<(Arc<Alert>, Computer), HubError> {
        let now = self.environment.now();
        let open = self.open_alerts.all().into_iter();
        for alert in
            open.filter(|alert| alert.draft.must_confirm && alert.status(now) == AlertStatus::InForce)
        {
            for computer in self.computers_of(&alert).await? {
                if self.code(alert.id, &computer) == code {
                    return Ok((alert, computer));
                }
            }
        }
        Err(HubError::NoSuchCode)
    }

    /// Somebody at a machine confirms an alert with one of its choices; it is on the disk when this returns. The first
    /// answer counts. `source` is from where.
    ///
    /// # Errors
    /// There is no such code, or no such choice.
    pub async fn confirm_by_code(
        &self,
        code: ConfirmationCode,
        answer: &str,
        source: String,
    ) -> Result<Confirmed, HubError> {
        let (alert, computer) = self.alert_of_code(code).await?;
        let recipient = Recipient::Computer(computer);
        let receipt = self.store.receipt(alert.id, &recipient).await?.ok_or(HubError::NoSuchCode)?;
        let Some(choice) = alert.choice_meant(answer).map(str::to_owned) else {
            let choices = alert.draft.choices.join(", ");
            return Err(HubError::NoSuchChoice { answer: domain::displayable(answer).into_owned(), choices });
        };
        if let Some(earlier) = receipt.confirmation {
            return Ok(Confirmed { alert, choice: earlier.choice, first: false });
        }
        let confirmation = Confirmation {
            choice: choice.clone(),
            at: self.environment.now(),
            protocol: Protocol::Web,
            device: DEVICE.to_owned(),
            source,
            origin_id: None,
        };
        let actor = format!("{recipient} (code)");
        let audit = self.audit(actor, "alert.confirm", alert.id.to_string(), choice.clone());
        let step = ReceiptStep::Confirmed(confirmation);
        let advance = Change::AdvanceReceipt { alert: alert.id, recipient, step };
        match self.store.commit(vec![advance, audit]).await?.into_iter().next() {
            Some(Outcome::Receipt { receipt, news: false }) => {
                let choice = receipt.confirmation.map_or(choice, |earlier| earlier.choice);
                Ok(Confirmed { alert, choice, first: false })
            }
            _ => Ok(Confirmed { alert, choice, first: true }),
        }
    }

    /// The machines that an alert may have been shown by.
    async fn computers_of(&self, alert: &Alert) -> Result<Vec<Computer>, HubError> {
        let mut computers = Vec::new();
        let targets = alert.audiences().flat_map(|audience| audience.targets());
        for target in targets {
            match target {
                Target::Computer(computer) => computers.push(computer.clone()),
                Target::Network(network) => {
                    let known = self.store.computers().await?.into_iter();
                    let is_inside = |computer: &Computer| {
                        computer.host.parse().is_ok_and(|host: std::net::IpAddr| network.contains(&host))
                    };
                    computers.extend(known.filter(is_inside));
                }
                _ => {}
            }
        }
        Ok(computers)
    }
}
