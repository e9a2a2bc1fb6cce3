use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use domain::alerter::{ConditionKind, DiskSpace};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::Watch;

/// How long a disk may take to say how full it is: one over the network may take for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// The disks that are looked at.
pub(super) struct Disks(Vec<Disk>);

struct Disk {
    path: PathBuf,
    /// The answer that is waited for. Nobody else asks meanwhile: who asks a disk that hangs, hangs.
    asked: Option<oneshot::Receiver<io::Result<Room>>>,
    is_filling: bool,
}

/// On which device a directory is, and how much room there is for who is not root.
#[derive(Clone, Copy, Debug)]
struct Room {
    device: u64,
    space: DiskSpace,
}

impl Disks {
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        let disk = |path: &PathBuf| Disk { path: path.clone(), asked: None, is_filling: false };
        Self(paths.iter().map(disk).collect())
    }

    /// What they are called.
    pub(super) fn subjects(&self) -> Vec<String> {
        self.0.iter().map(Disk::subject).collect()
    }

    /// Looks at each disk once. Says whether one is filling.
    pub(super) async fn look(&mut self, watch: &Watch) -> bool {
        let until = Instant::now() + PATIENCE;
        for disk in &mut self.0 {
            disk.ask();
        }
        let mut seen = BTreeSet::new();
        for disk in &mut self.0 {
            let subject = disk.subject();
            match disk.answer(until).await {
                Some(Ok(Room { device, space })) => {
                    // Of several directories on one disk the first stands for it.
                    let is_first = seen.insert(device);
                    let was_filling = watch.stands(ConditionKind::DiskFilling, &subject);
                    let severity = watch.limits.judge(space, was_filling).filter(|_| is_first);
                    disk.is_filling = severity.is_some();
                    watch.tell_severity(ConditionKind::DiskFilling, &subject, severity, space.into());
                }
                Some(Err(error)) => tracing::debug!(path = subject, %error, "a disk cannot be looked at"),
                None => {}
            }
        }
        self.0.iter().any(|disk| disk.is_filling)
    }
}

impl Disk {
    fn subject(&self) -> String {
        self.path.display().to_string()
    }

    /// Asks by a thread of its own, for which nobody waits at the end.
    fn ask(&mut self) {
        if self.asked.is_some() {
            return;
        }
        let (answer, asked) = oneshot::channel();
        let path = self.path.clone();
        let ask = move || drop(answer.send(room(&path)));
        match thread::Builder::new().name("disk".to_owned()).spawn(ask) {
            Ok(_) => self.asked = Some(asked),
            Err(error) => tracing::warn!(%error, "a disk cannot be asked how full it is"),
        }
    }

    /// The answer, where there is one by then.
    async fn answer(&mut self, until: Instant) -> Option<io::Result<Room>> {
        let asked = self.asked.as_mut()?;
        match timeout_at(until, asked).await {
            Ok(answer) => {
                self.asked = None;
                answer.ok()
            }
            Err(_) => {
                tracing::warn!(path = %self.path.display(), "a disk does not say how full it is");
                None
            }
        }
    }
}

/// It blocks.
fn room(path: &Path) -> io::Result<Room> {
    let device = rustix::fs::stat(path)?.st_dev;
    let disk = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    Ok(Room { device, space: DiskSpace { free: bytes(disk.f_bavail), whole: bytes(disk.f_blocks) } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_disk_that_is_not_there_spoils_nothing_and_one_that_hangs_is_not_asked_again() {
        let here = tempfile::tempdir().unwrap();
        let mut disks = Disks::new(&[here.path().join("missing"), here.path().to_owned()]);
        let until = Instant::now() + PATIENCE;
        disks.0.iter_mut().for_each(Disk::ask);
        assert!(disks.0[0].answer(until).await.unwrap().is_err());
        let room = disks.0[1].answer(until).await.unwrap().unwrap();
        assert!(room.space.whole >= room.space.free && room.space.whole > 0);

        let (says, asked) = oneshot::channel();
        disks.0[1].asked = Some(asked);
        assert!(disks.0[1].answer(Instant::now()).await.is_none());
        disks.0[1].ask();
        says.send(Ok(Room { device: 7, ..room })).unwrap();
        assert_eq!(disks.0[1].answer(until).await.unwrap().unwrap().device, 7);
    }
}
