use std::{collections::HashSet, fs, path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use store::Change;

use super::{hex, incoming::PARTIAL};
use crate::Hub;

/// How often files are looked after.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// For how long a file is left alone that nobody seems to know: it may just be coming.
const SPARED: SignedDuration = SignedDuration::from_hours(1);

impl Hub {
    /// Forgets files whose time is over, and takes away bytes that nobody knows any more, as long as the service runs.
    pub async fn tidy_files(&self) {
        loop {
            if let Err(error) = self.tidy_files_once().await {
                tracing::warn!(%error, "files could not be looked after");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// The same, once.
    pub async fn tidy_files_once(&self) -> Result<(), crate::HubError> {
        let Some(settings) = self.file_settings() else { return Ok(()) };
        let now = self.environment.now();
        let kept = SignedDuration::from_hours(24 * i64::from(settings.keep_days));
        if let Some(before) = now.checked_sub(kept).ok().filter(|_| settings.keep_days > 0) {
            self.store.commit(vec![Change::ForgetFiles { before }]).await?;
        }
        let known = self.store.file_hashes().await?.iter().map(|hash| hex(hash)).collect();
        let folder = settings.folder.clone();
        let swept = tokio::task::spawn_blocking(move || sweep(&folder, &known, now)).await;
        match swept {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(super::FileError::Disk { why: error.to_string() }.into()),
            Err(error) => Err(super::FileError::Disk { why: error.to_string() }.into()),
        }
    }
}

fn sweep(folder: &Path, known: &HashSet<String>, now: Timestamp) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours =
            name.starts_with(PARTIAL) || (name.len() == 64 && name.bytes().all(|c| c.is_ascii_hexdigit()));
        let changed_at = Timestamp::try_from(entry.metadata()?.modified()?).unwrap_or(now);
        if is_ours && !known.contains(&name) && now.duration_since(changed_at) > SPARED {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
