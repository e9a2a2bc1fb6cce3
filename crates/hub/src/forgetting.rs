//! What is old is forgotten.

use std::time::Duration;

use store::Change;

use crate::Hub;

/// How often what is old is forgotten.
const FORGETTING_INTERVAL: Duration = Duration::from_secs(60 * 60);

impl Hub {
    /// Forgets after a month which ids senders have used, as long as the service runs: nobody repeats a message later.
    pub async fn forget_old_repeats(&self) {
        loop {
            let month = jiff::SignedDuration::from_hours(24 * 30);
            if let Ok(before) = self.environment.now().checked_sub(month) {
                self.commit_later(vec![Change::ForgetRepeats { before }]);
            }
            tokio::time::sleep(FORGETTING_INTERVAL).await;
        }
    }

    /// Takes messages out of everybody's archives that are older than so many days, as long as the service runs. What
    /// nobody has acknowledged still waits for its recipient.
    pub async fn forget_old_archives(&self, keep_days: u32) {
        let kept = jiff::SignedDuration::from_hours(24 * i64::from(keep_days));
        loop {
            if let Ok(before) = self.environment.now().checked_sub(kept) {
                self.commit_later(vec![Change::ForgetArchive { before }]);
            }
            tokio::time::sleep(FORGETTING_INTERVAL).await;
        }
    }
}
