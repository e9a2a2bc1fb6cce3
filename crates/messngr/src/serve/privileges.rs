use std::{
    ffi::CString,
    fs, io,
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Uid, User};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, chownat, fstat, openat};
use thiserror::Error;

use super::remark::Remark;

/// The service's own user, where the host has one and nobody names another.
const DEFAULT_USER: &str = "messngr";

/// As whom the service is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunAs {
    /// As whoever started it.
    Starter {
        /// The user's name, or number where it has none.
        name: String,
    },
    /// As root, because there is nobody else.
    Root,
    /// As this user, to whom root hands over.
    Other(Box<User>),
}

/// Why the service cannot run as the user it should.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum PrivilegesError {
    /// Nobody is called that.
    #[error(
        "there is no user \"{name}\": make one with `useradd --system --shell /usr/sbin/nologin {name}`, or name another with --user"
    )]
    NoUser {
        /// The name given.
        name: String,
    },
    /// Only root can become somebody else.
    #[error("only root can start the service as \"{name}\": leave --user out, or start it as root")]
    NotRoot {
        /// The name given.
        name: String,
    },
    /// The users of this host cannot be looked up.
    #[error("the user \"{name}\" cannot be looked up: {why}")]
    LookUp {
        /// The name given.
        name: String,
        /// What the system says.
        why: String,
    },
    /// Something in the data directory cannot be given to the user.
    #[error("cannot give {} to the user: {why}", path.display())]
    Hand {
        /// What.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The system does not let go of root, or not for good.
    #[error("cannot become the user \"{name}\": {why}")]
    Become {
        /// The user.
        name: String,
        /// What the system says.
        why: String,
    },
    /// The user cannot get at its own data.
    #[error(
        "the user \"{name}\" cannot get into the data directory {}, because a directory above it is closed: choose another with --data (such as /var/lib/messngr), or name another user with --user",
        path.display()
    )]
    Closed {
        /// The user.
        name: String,
        /// The data directory.
        path: PathBuf,
    },
}

impl RunAs {
    /// Decides it: `wanted` is `--user`.
    ///
    /// # Errors
    /// The user does not exist, or is another one and this process is not root's.
    pub(crate) fn decide(wanted: Option<&str>) -> Result<Self, PrivilegesError> {
        let this = Uid::effective();
        let user = user_named(wanted.unwrap_or(DEFAULT_USER))?;
        match (wanted, user) {
            (Some(name), None) => Err(PrivilegesError::NoUser { name: name.to_owned() }),
            (Some(_), Some(user)) if user.uid == this => Ok(Self::Starter { name: user.name }),
            (Some(name), Some(_)) if !this.is_root() => {
                Err(PrivilegesError::NotRoot { name: name.to_owned() })
            }
            (_, Some(user)) if this.is_root() => Ok(Self::Other(Box::new(user))),
            _ if this.is_root() => Ok(Self::Root),
            _ => Ok(Self::Starter { name: name_of(this) }),
        }
    }

    /// Gives the data directory to the user and lets go of root, for the whole process and for good. Ports and the
    /// lock stay held. Nothing happens where the user does not change.
    ///
    /// # Errors
    /// Something cannot be given, the system refuses, or the user cannot reach the data directory.
    pub(crate) fn take_effect(&self, data_dir: &Path) -> Result<(), PrivilegesError> {
        let Self::Other(user) = self else { return Ok(()) };
        hand_over(data_dir, user.uid, user.gid)?;
        become_user(user)?;
        // Reading a directory's entries needs a way to it through all directories above.
        fs::metadata(data_dir.join("."))
            .map(drop)
            .map_err(|_| PrivilegesError::Closed { name: user.name.clone(), path: data_dir.to_owned() })
    }

    /// The name, or number, of the user.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Starter { name } => name,
            Self::Root => "root",
            Self::Other(user) => &user.name,
        }
    }

    /// What is to be said about it.
    pub(crate) fn remark(&self) -> Option<Remark> {
        let Self::Root = self else { return None };
        Some(Remark::with_remedy(
            format!("the service stays root: there is no user \"{DEFAULT_USER}\" to become."),
            format!(
                "Make one with `useradd --system --shell /usr/sbin/nologin {DEFAULT_USER}`, or name another with --user."
            ),
        ))
    }
}

fn name_of(uid: Uid) -> String {
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

fn user_named(name: &str) -> Result<Option<User>, PrivilegesError> {
    User::from_name(name)
        .map_err(|error| PrivilegesError::LookUp { name: name.to_owned(), why: error.to_string() })
}

/// Makes the user the owner of the directory and of the files and sockets in it. It has no directories in it. Links
/// are not followed, and files that have a second name somewhere else stay whose they are: the directory may belong
/// to somebody who would like to own them.
fn hand_over(directory: &Path, uid: Uid, gid: Gid) -> Result<(), PrivilegesError> {
    let failed = |path: &Path, error: io::Error| PrivilegesError::Hand {
        path: path.to_owned(),
        why: error.to_string(),
    };
    for entry in fs::read_dir(directory).map_err(|error| failed(directory, error))? {
        let path = entry.map_err(|error| failed(directory, error))?.path();
        give(&path, uid, gid).map_err(|error| failed(&path, error))?;
    }
    give(directory, uid, gid).map_err(|error| failed(directory, error))
}

/// What is looked at is what is given: the name may mean something else in between.
fn give(path: &Path, uid: Uid, gid: Gid) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let thing = openat(CWD, path, flags, Mode::empty())?;
    let status = fstat(&thing)?;
    let given = match FileType::from_raw_mode(status.st_mode) {
        FileType::Directory | FileType::Socket => true,
        FileType::RegularFile => status.st_nlink == 1,
        _ => false,
    };
    if given {
        let (uid, gid) = (rustix::fs::Uid::from_raw(uid.as_raw()), rustix::fs::Gid::from_raw(gid.as_raw()));
        chownat(&thing, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH)?;
    }
    Ok(())
}

/// The calls of the C library act on all threads of the process, as POSIX demands; the kernel's own act on one.
fn become_user(user: &User) -> Result<(), PrivilegesError> {
    let failed = |why: String| PrivilegesError::Become { name: user.name.clone(), why };
    let name = CString::new(user.name.as_str()).map_err(|error| failed(error.to_string()))?;
    nix::unistd::initgroups(&name, user.gid).map_err(|error| failed(error.to_string()))?;
    nix::unistd::setgid(user.gid).map_err(|error| failed(error.to_string()))?;
    nix::unistd::setuid(user.uid).map_err(|error| failed(error.to_string()))?;
    if !user.uid.is_root() && nix::unistd::setuid(Uid::from_raw(0)).is_ok() {
        return Err(failed("the system lets it become root again".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    const NOBODY: &str = "no-such-user-here";

    #[test]
    fn a_user_that_does_not_exist_is_told_with_the_remedy() {
        let error = RunAs::decide(Some(NOBODY)).unwrap_err();
        assert_eq!(error, PrivilegesError::NoUser { name: NOBODY.to_owned() });
        assert!(error.to_string().contains("useradd --system"));
    }

    #[test]
    fn whoever_names_themselves_stays_who_they_are() {
        let this = User::from_uid(Uid::effective()).unwrap().unwrap();
        let run_as = RunAs::decide(Some(&this.name)).unwrap();
        assert!(!matches!(run_as, RunAs::Other(_)));
        assert_eq!(run_as.name(), this.name);
        run_as.take_effect(Path::new("/no/such/directory")).unwrap();
    }

    #[test]
    fn root_becomes_somebody_else_and_nobody_else_can() {
        let other = if Uid::effective().is_root() { "nobody" } else { "root" };
        let decided = RunAs::decide(Some(other));
        match Uid::effective().is_root() {
            true => assert!(matches!(decided, Ok(RunAs::Other(user)) if user.name == other)),
            false => assert_eq!(decided, Err(PrivilegesError::NotRoot { name: other.to_owned() })),
        }
    }

    #[test]
    fn staying_root_is_said_with_the_remedy() {
        let remark = RunAs::Root.remark().unwrap();
        assert!(remark.what.contains("stays root"));
        assert!(remark.remedy.unwrap().contains("--user"));
        assert_eq!(RunAs::Starter { name: "anna".to_owned() }.remark(), None);
    }

    #[test]
    fn links_out_of_the_data_directory_are_not_given_away() {
        let outside = tempfile::tempdir().unwrap();
        let precious = outside.path().join("precious");
        fs::write(&precious, "").unwrap();
        let data = outside.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("own"), "").unwrap();
        std::os::unix::fs::symlink(&precious, data.join("symbolic")).unwrap();
        fs::hard_link(&precious, data.join("hard")).unwrap();

        // Whoever is not root can give things to themselves only.
        let root = Uid::effective().is_root();
        let receiver = if root { Uid::from_raw(12_345) } else { Uid::effective() };
        let before = fs::metadata(&precious).unwrap().uid();
        hand_over(&data, receiver, Gid::effective()).unwrap();
        assert_eq!(fs::metadata(&precious).unwrap().uid(), before);
        for own in [data.clone(), data.join("own")] {
            assert_eq!(fs::metadata(own).unwrap().uid(), receiver.as_raw());
        }
    }
}
