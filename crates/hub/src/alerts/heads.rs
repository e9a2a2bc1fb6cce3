use domain::AuditHead;
use jiff::SignedDuration;
use store::{AlertChange, Change};

use super::signature::verify_jws;
use crate::{Hub, HubError, PublicKey};

/// How often the end of the audit log is signed while something is recorded.
const EVERY: SignedDuration = SignedDuration::from_mins(5);

impl Hub {
    /// Signs the end of the audit log from time to time, as long as the service runs.
    pub async fn keep_signing_heads(&self) {
        loop {
            if let Err(error) = self.sign_audit_head().await {
                tracing::warn!(%error, "the end of the audit log could not be signed");
            }
            let next = self.environment.now().saturating_add(EVERY);
            match next {
                Ok(next) => self.environment.sleep_until(next).await,
                Err(_) => return,
            }
        }
    }

    /// Signs the end of the audit log, unless it is signed.
    pub async fn sign_audit_head(&self) -> Result<(), HubError> {
        let Some(last) = self.store.audit_end().await? else { return Ok(()) };
        let signed = self.store.audit_heads().await?;
        if signed.last().is_some_and(|head| head.sequence == last.sequence) {
            return Ok(());
        }
        let mut head = AuditHead {
            sequence: last.sequence,
            at: self.environment.now(),
            hash: last.hash,
            signature: String::new(),
        };
        head.signature = self.keys.newest().sign_content(&head.signed_content());
        self.store.commit(vec![Change::Alert(AlertChange::SignHead(head))]).await?;
        Ok(())
    }

    /// Whether the signature over an end of the audit log is the service's.
    pub fn is_head_signed(&self, head: &AuditHead) -> bool {
        is_head_signed(head, &self.public_keys())
    }
}

fn is_head_signed(head: &AuditHead, keys: &[PublicKey]) -> bool {
    keys.iter()
        .filter_map(PublicKey::bytes)
        .any(|key| verify_jws(&head.signature, &head.signed_content(), &key))
}
