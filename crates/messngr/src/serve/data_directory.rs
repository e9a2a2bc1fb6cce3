use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, OFlags, flock},
    io::Errno,
};
use thiserror::Error;

/// The file whose lock says that a service runs here. It holds the id of the service's process.
const LOCK_FILE: &str = "messngr.lock";
/// The most digits of a process id, with room to spare.
const PROCESS_ID_BYTES_MAX: u64 = 20;

/// The directory of everything that the service keeps. As long as this value lives, no other process has it.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// The lock ends with the file's last descriptor, however the process ends.
    _lock: File,
}

/// Why the data directory cannot be used. The sentences say what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum DataDirectoryError {
    /// It cannot be made, or something in it cannot be opened.
    #[error("cannot use the data directory {}: {why}; choose another with --data", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Everybody on the machine may put files into it.
    #[error(
        "everybody may write into the data directory {}: close it with `chmod 700 {}`, or choose another with --data",
        path.display(),
        path.display()
    )]
    Open {
        /// Which.
        path: PathBuf,
    },
    /// Another process has it.
    #[error("the data directory {} is in use by {}: stop that one first, or choose another with --data", path.display(), holder(*process))]
    InUse {
        /// Which.
        path: PathBuf,
        /// The id of that process, where it has said it.
        process: Option<u32>,
    },
}

impl DataDirectory {
    /// Makes the directory, for its owner alone, if it is not there, and locks it for this process.
    ///
    /// # Errors
    /// It cannot be made or written, everybody may write into it, or another process has it.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirectoryError> {
        let unusable =
            |error: io::Error| DataDirectoryError::Unusable { path: path.to_owned(), why: error.to_string() };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let mode = fs::metadata(path).map_err(unusable)?.permissions().mode();
        if mode & 0o002 != 0 {
            return Err(DataDirectoryError::Open { path: path.to_owned() });
        }
        let mut lock = open_lock(&path.join(LOCK_FILE)).map_err(unusable)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => write_process_id(&mut lock).map_err(unusable)?,
            Err(Errno::WOULDBLOCK) => {
                let process = read_process_id(&mut lock);
                return Err(DataDirectoryError::InUse { path: path.to_owned(), process });
            }
            Err(errno) => return Err(unusable(errno.into())),
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens the lock file. It may be root who does it, in a directory that belongs to somebody else: a link that
/// somebody put there is not followed.
fn open_lock(path: &Path) -> io::Result<File> {
    let no_follow = OFlags::NOFOLLOW.bits().cast_signed();
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = file.custom_flags(no_follow).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.nlink() == 1 {
        return Ok(file);
    }
    Err(io::Error::other(format!("{} is not a file of its own", path.display())))
}

fn write_process_id(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    writeln!(lock, "{}", std::process::id())
}

fn read_process_id(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.take(PROCESS_ID_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn holder(process: Option<u32>) -> String {
    match process {
        Some(process) => format!("process {process}"),
        None => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_made_for_its_owner_alone() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("state/messngr");
        let directory = DataDirectory::open(&path).unwrap();
        assert_eq!(directory.path(), path);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(LOCK_FILE)), 0o600);
    }

    #[test]
    fn a_second_service_is_told_which_process_has_the_directory() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataDirectory::open(parent.path()).unwrap();
        let second = DataDirectory::open(parent.path()).unwrap_err();
        let this = std::process::id();
        assert_eq!(second, DataDirectoryError::InUse { path: parent.path().to_owned(), process: Some(this) });
        assert!(second.to_string().contains(&format!("in use by process {this}: stop that one first")));

        drop(first);
        DataDirectory::open(parent.path()).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_in_the_lock_file_does_not_matter() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join(LOCK_FILE), "4294967295999999999999999 is long gone").unwrap();
        drop(DataDirectory::open(parent.path()).unwrap());
        let text = fs::read_to_string(parent.path().join(LOCK_FILE)).unwrap();
        assert_eq!(text, format!("{}\n", std::process::id()));
    }

    #[test]
    fn a_directory_that_everybody_may_write_into_is_refused_with_the_remedy() {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = DataDirectory::open(parent.path()).unwrap_err();
        assert_eq!(error, DataDirectoryError::Open { path: parent.path().to_owned() });
        assert!(error.to_string().contains("chmod 700"));
    }

    #[test]
    fn a_link_in_the_place_of_the_lock_file_is_not_followed() {
        let parent = tempfile::tempdir().unwrap();
        let victim = parent.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let data = parent.path().join("data");
        fs::create_dir(&data).unwrap();
        for link in [std::os::unix::fs::symlink as fn(_, _) -> _, |from, to| fs::hard_link(from, to)] {
            link(victim.clone(), data.join(LOCK_FILE)).unwrap();
            assert!(matches!(DataDirectory::open(&data), Err(DataDirectoryError::Unusable { .. })));
            fs::remove_file(data.join(LOCK_FILE)).unwrap();
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_an_error_that_names_it() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("file");
        fs::write(&path, "").unwrap();
        let error = DataDirectory::open(&path).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}
