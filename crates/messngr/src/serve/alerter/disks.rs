use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::alerter::{ConditionKind, DiskSpace};
use tokio::time::timeout;

use super::Watch;

/// How long a disk may take to say how full it is: one over the network may take for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks at each disk once. Says whether one is filling.
pub(super) async fn look(watch: &Watch, was_filling: bool) -> bool {
    let paths = watch.disks.clone();
    let looked = timeout(PATIENCE, tokio::task::spawn_blocking(move || spaces(&paths))).await;
    let Ok(Ok(spaces)) = looked else {
        tracing::warn!("a disk does not say how full it is");
        return was_filling;
    };
    let mut filling = false;
    for (path, space) in spaces {
        let subject = path.display().to_string();
        let is_filling = watch.stands(ConditionKind::DiskFilling, &subject);
        let severity = watch.limits.judge(space, is_filling);
        filling |= severity.is_some();
        watch.tell_severity(ConditionKind::DiskFilling, &subject, severity, space.into());
    }
    filling
}

/// How much room the disks of these directories have, each disk once. It blocks.
fn spaces(paths: &[PathBuf]) -> Vec<(PathBuf, DiskSpace)> {
    let mut seen = BTreeSet::new();
    let mut spaces = Vec::new();
    for path in paths {
        match space(path) {
            Ok((device, space)) if seen.insert(device) => spaces.push((path.clone(), space)),
            Ok(_) => {}
            Err(error) => tracing::debug!(path = %path.display(), %error, "a disk cannot be looked at"),
        }
    }
    spaces
}

/// On which device a directory is, and how much room there is for who is not root.
fn space(path: &Path) -> io::Result<(u64, DiskSpace)> {
    let device = rustix::fs::stat(path)?.st_dev;
    let disk = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    Ok((device, DiskSpace { free: bytes(disk.f_bavail), whole: bytes(disk.f_blocks) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_looked_at_once_and_one_that_is_not_there_spoils_nothing() {
        let here = tempfile::tempdir().unwrap();
        let paths = [here.path().join("missing"), here.path().to_owned(), here.path().to_owned()];
        let spaces = spaces(&paths);
        assert_eq!(spaces.len(), 1);
        assert_eq!(spaces[0].0, here.path());
        assert!(spaces[0].1.whole >= spaces[0].1.free && spaces[0].1.whole > 0);
    }
}
