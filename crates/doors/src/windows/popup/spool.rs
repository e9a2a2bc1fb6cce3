use std::{
    fs::{self, DirEntry, File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::unix::{
        fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
        net::UnixDatagram,
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustix::{fs::OFlags, io::Errno, process::geteuid};
use thiserror::Error;

use super::{PopupId, PopupMessage};

/// The most bytes of a file that is handed over.
pub const POPUP_BYTES_MAX: u64 = 65_536;

/// The most bytes of a message in the folder: JSON writes a byte in six at most.
const ENTRY_BYTES_MAX: u64 = 6 * POPUP_BYTES_MAX + 16_384;
/// How many messages are taken in one go, and how many names are looked at for them: whoever may write here may make
/// as many as they like.
const MESSAGES_MAX: usize = 1_000;
const NAMES_MAX: usize = 20_000;
/// The most bytes of each of the names in a message.
const NAME_BYTES_MAX: usize = 1_024;
/// After which time a file that is not finished will not be.
const UNFINISHED_MAX: Duration = Duration::from_secs(3_600);

const FINISHED: &str = "message";
const UNFINISHED: &str = "new";
/// By which the service is told that there is something.
const BELL: &str = "bell";

/// The folder in which messages lie until the service has taken them.
///
/// Whoever runs the command may make files in it, and neither list them nor remove another user's: mode 1730, the
/// service's user as its owner, and the group of the command's user.
#[derive(Clone, Debug)]
pub struct PopupSpool {
    folder: PathBuf,
}

/// Why the folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PopupError {
    /// The folder is not there, or not one that may be used.
    #[error(
        "{} cannot hold messages: {why}. Make it with `install -d -o USER -g GROUP -m 1730 {}`, where USER is the service's user and GROUP that of whoever runs `messngr winpopup receive`",
        folder.display(),
        folder.display()
    )]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// What is to be handed over is not there, or nothing that may be.
    #[error("{} is not handed over: {why}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A file that was read to be handed over.
#[derive(Debug)]
pub struct PopupFile {
    path: PathBuf,
    identity: [u64; 4],
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file in the folder that is called as a message.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) id: PopupId,
    file: PathBuf,
}

impl PopupFile {
    /// Reads a file of at most [`POPUP_BYTES_MAX`] bytes: a regular one, that is named by nothing else.
    ///
    /// # Errors
    /// It is not such a file, or cannot be read.
    pub fn read(path: &Path) -> Result<Self, PopupError> {
        let refused = |why: String| PopupError::File { file: path.to_owned(), why };
        let file = open(path).map_err(|error| refused(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| refused(error.to_string()))?;
        if metadata.len() > POPUP_BYTES_MAX {
            return Err(refused(format!(
                "it has {} bytes, and at most {POPUP_BYTES_MAX} are taken",
                metadata.len()
            )));
        }
        let bytes = read(file, POPUP_BYTES_MAX).map_err(|error| refused(error.to_string()))?;
        Ok(Self { path: path.to_owned(), identity: identity(&metadata), bytes })
    }

    /// What tells the file from every other one, before and after it.
    pub fn identity(&self) -> Vec<u8> {
        self.identity.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Removes the file, if it is still the one that was read.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(self) -> io::Result<()> {
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if identity(&metadata) == self.identity => fs::remove_file(&self.path),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl PopupSpool {
    /// The folder at this place.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Puts a message into the folder, and tells the service, if one runs. When this returns, the message is on the disk
    /// and will be delivered. The same message under the same id is one, however often it is put there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put(&self, id: &PopupId, message: &PopupMessage) -> Result<(), PopupError> {
        let text = serde_json::to_vec(message).map_err(|error| self.unusable(error.to_string()))?;
        self.write(id, &text).map_err(|error| self.unusable(error.to_string()))?;
        self.ring();
        Ok(())
    }

    fn write(&self, id: &PopupId, text: &[u8]) -> io::Result<()> {
        let unfinished = self.folder.join(format!("{}.{}.{UNFINISHED}", id.as_str(), std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&unfinished)?;
        // Only the group comes into the folder, so that "others" is the service alone.
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.folder.join(format!("{}.{FINISHED}", id.as_str())))?;
        // The folder cannot be opened by who may not list it; the file's own journal entry carries its name.
        file.sync_all()
    }

    fn ring(&self) {
        let ring = || {
            let socket = UnixDatagram::unbound()?;
            socket.set_nonblocking(true)?;
            socket.send_to(&[0], self.folder.join(BELL))
        };
        // Where no service runs the next one looks when it starts; a full bell has been rung.
        drop(ring());
    }

    /// The bell of this folder, after the folder was found to be one that others than its group cannot write to.
    ///
    /// # Errors
    /// The folder is not this user's, or is open to everybody.
    pub(super) fn bell(&self) -> Result<UnixDatagram, PopupError> {
        let metadata =
            fs::symlink_metadata(&self.folder).map_err(|error| self.unusable(error.to_string()))?;
        if !metadata.is_dir() {
            return Err(self.unusable("it is not a folder"));
        }
        if metadata.uid() != geteuid().as_raw() {
            return Err(self.unusable("it belongs to another user than the service's"));
        }
        if metadata.mode() & 0o007 != 0 {
            return Err(self.unusable("it is open to everybody"));
        }
        self.bind().map_err(|error| self.unusable(error.to_string()))
    }

    fn bind(&self) -> io::Result<UnixDatagram> {
        let path = self.folder.join(BELL);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let bell = UnixDatagram::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o666))?;
        bell.set_nonblocking(true)?;
        Ok(bell)
    }

    /// What is called as a message here, the oldest first, at most a thousand. What was never finished is removed; `now`
    /// says which that is.
    pub(super) fn waiting(&self, now: SystemTime) -> io::Result<Vec<Waiting>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)?.take(NAMES_MAX) {
            let entry = entry?;
            let changed = entry.metadata().and_then(|metadata| metadata.modified());
            let Ok(changed) = changed else { continue };
            match Waiting::of(&entry) {
                Some(waiting) => found.push((changed, waiting)),
                None if entry.file_name() == BELL => {}
                None => {
                    let age = now.duration_since(changed).unwrap_or_default();
                    if age > UNFINISHED_MAX {
                        discard(&entry.path(), "it was never finished");
                    }
                }
            }
        }
        found.sort_by(|(left, first), (right, second)| {
            left.cmp(right).then_with(|| first.id.as_str().cmp(second.id.as_str()))
        });
        Ok(found.into_iter().take(MESSAGES_MAX).map(|(_, waiting)| waiting).collect())
    }

    fn unusable(&self, why: impl Into<String>) -> PopupError {
        PopupError::Folder { folder: self.folder.clone(), why: why.into() }
    }
}

impl Waiting {
    fn of(entry: &DirEntry) -> Option<Self> {
        let name = entry.file_name().into_string().ok()?;
        let id = PopupId::parse(name.strip_suffix(FINISHED)?.strip_suffix('.')?)?;
        Some(Self { id, file: entry.path() })
    }

    /// The message in it. What is no message is removed; what cannot be read now is left for the next look, because its
    /// sender was told that it is delivered.
    pub(super) fn read(&self) -> Option<PopupMessage> {
        match self.try_read() {
            Ok(message) => Some(message),
            Err(error) if is_no_message(&error) => {
                discard(&self.file, &error.to_string());
                None
            }
            Err(error) => {
                tracing::debug!(file = %self.file.display(), %error, "a message cannot be read now");
                None
            }
        }
    }

    fn try_read(&self) -> io::Result<PopupMessage> {
        let message: PopupMessage = serde_json::from_slice(&read(open(&self.file)?, ENTRY_BYTES_MAX)?)?;
        let names = [&message.from, &message.machine, message.to.as_ref().unwrap_or(&message.machine)];
        let is_long = message.text.len() as u64 > POPUP_BYTES_MAX
            || names.into_iter().any(|name| name.len() > NAME_BYTES_MAX);
        if is_long { Err(ErrorKind::FileTooLarge.into()) } else { Ok(message) }
    }

    /// The message is the service's, or nobody's.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(self.file)
    }
}

/// Whether an error says that a file is no message, and not only that it cannot be read now.
fn is_no_message(error: &io::Error) -> bool {
    let link = error.raw_os_error() == Some(Errno::LOOP.raw_os_error());
    let kinds =
        [ErrorKind::InvalidData, ErrorKind::UnexpectedEof, ErrorKind::FileTooLarge, ErrorKind::InvalidInput];
    link || kinds.contains(&error.kind())
}

fn discard(file: &Path, why: &str) {
    match fs::remove_file(file) {
        Ok(()) => tracing::warn!(file = %file.display(), why, "no message lay among the messages: removed"),
        // It is found again at the next look, so that this line must not be loud.
        Err(error) => tracing::debug!(file = %file.display(), why, %error, "no message, and not removed"),
    }
}

/// Opens what is a regular file of one name, without following a link or waiting for a pipe.
fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.nlink() == 1 {
        return Ok(file);
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file of one name"))
}

fn read(file: File, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn identity(metadata: &fs::Metadata) -> [u64; 4] {
    let [seconds, nanoseconds] = [metadata.mtime(), metadata.mtime_nsec()].map(i64::cast_unsigned);
    [metadata.dev(), metadata.ino(), seconds, nanoseconds]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn folder(mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        folder
    }

    fn hello() -> (PopupId, PopupMessage) {
        let message = PopupMessage::new("FRED", "WS7", None, None, b"hello");
        (PopupId::new(b"1", &message), message)
    }

    fn texts(spool: &PopupSpool, now: SystemTime) -> Vec<String> {
        spool.waiting(now).unwrap().iter().filter_map(Waiting::read).map(|message| message.text).collect()
    }

    fn epoch() -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    #[test]
    fn a_message_that_is_put_twice_lies_there_once_until_it_is_removed() {
        let folder = folder(0o700);
        let spool = PopupSpool::new(folder.path());
        let (id, message) = hello();
        spool.put(&id, &message).unwrap();
        spool.put(&id, &message).unwrap();
        let waiting = spool.waiting(epoch()).unwrap().pop().unwrap();
        assert_eq!((&waiting.id, waiting.read()), (&id, Some(message)));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        waiting.remove().unwrap();
        assert_eq!(texts(&spool, epoch()), Vec::<String>::new());
    }

    #[test]
    fn whoever_rings_is_heard_and_nobody_needs_to_be_there() {
        let folder = folder(0o700);
        let spool = PopupSpool::new(folder.path());
        spool.ring();
        let bell = spool.bell().unwrap();
        assert_eq!(bell.recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        spool.ring();
        assert_eq!(bell.recv(&mut [0; 8]).unwrap(), 1);
        // A service that was killed leaves its bell.
        drop(bell);
        spool.bell().unwrap();
    }

    #[test]
    fn a_folder_that_everybody_may_write_to_is_refused_with_the_remedy() {
        let open = folder(0o777);
        let error = PopupSpool::new(open.path()).bell().unwrap_err().to_string();
        assert!(error.contains("open to everybody") && error.contains("install -d"), "{error}");
        let missing = PopupSpool::new(&open.path().join("missing")).bell().unwrap_err().to_string();
        assert!(missing.contains("install -d"), "{missing}");
        fs::write(open.path().join("file"), "").unwrap();
        assert!(PopupSpool::new(&open.path().join("file")).bell().is_err());
    }

    #[test]
    fn links_pipes_and_rubbish_are_no_messages_and_do_not_stay() {
        let (folder, elsewhere) = (folder(0o700), folder(0o700));
        let spool = PopupSpool::new(folder.path());
        let secret = elsewhere.path().join("secret");
        fs::write(&secret, br#"{"from":"a","machine":"b","address":null,"to":null,"text":"secret"}"#)
            .unwrap();
        let name = |digit: char| folder.path().join(format!("{}.{FINISHED}", digit.to_string().repeat(64)));
        symlink(&secret, name('a')).unwrap();
        fs::hard_link(&secret, name('b')).unwrap();
        fs::write(name('c'), "{").unwrap();
        fs::write(name('d'), vec![b' '; 1 << 20]).unwrap();
        let long = PopupMessage { text: "x".repeat(65_537), ..hello().1 };
        fs::write(name('e'), serde_json::to_vec(&long).unwrap()).unwrap();
        assert_eq!(texts(&spool, epoch()), Vec::<String>::new());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(fs::read_to_string(&secret).unwrap().contains("secret"));
    }

    #[test]
    fn what_cannot_be_read_now_is_left_for_the_next_look() {
        for passing in [Errno::MFILE, Errno::NFILE, Errno::IO, Errno::NOMEM, Errno::ACCESS, Errno::NOENT] {
            assert!(!is_no_message(&passing.into()), "{passing}");
        }
        assert!(is_no_message(&Errno::LOOP.into()));
    }

    #[test]
    fn folders_among_the_messages_keep_nobody_waiting() {
        let folder = folder(0o700);
        for number in 0..1_100 {
            fs::create_dir(folder.path().join(format!("folder-{number}"))).unwrap();
        }
        let spool = PopupSpool::new(folder.path());
        let (id, message) = hello();
        spool.put(&id, &message).unwrap();
        assert_eq!(texts(&spool, epoch()), ["hello"]);
    }

    #[test]
    fn what_is_not_finished_stays_for_an_hour() {
        let folder = folder(0o700);
        let spool = PopupSpool::new(folder.path());
        let file = folder.path().join("x.7.new");
        fs::write(&file, "{").unwrap();
        let made = fs::metadata(&file).unwrap().modified().unwrap();
        assert_eq!(texts(&spool, made + UNFINISHED_MAX), Vec::<String>::new());
        assert!(file.exists());
        assert_eq!(texts(&spool, made + UNFINISHED_MAX + Duration::from_secs(1)), Vec::<String>::new());
        assert!(!file.exists());
    }

    #[test]
    fn only_a_small_regular_file_is_read_and_only_that_one_is_removed() {
        let folder = folder(0o700);
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "hello").unwrap();
        symlink(path("file"), path("link")).unwrap();
        fs::write(path("large"), vec![b'x'; 65_537]).unwrap();
        for wrong in ["link", "large", "missing", "."] {
            let error = PopupFile::read(&path(wrong)).unwrap_err().to_string();
            assert!(error.contains("is not handed over"), "{error}");
        }
        let file = PopupFile::read(&path("file")).unwrap();
        assert_eq!(file.bytes, b"hello");
        let another = PopupFile::read(&path("file")).unwrap();
        assert_eq!(file.identity(), another.identity());
        file.remove().unwrap();
        assert!(!path("file").exists());
        symlink(path("large"), path("file")).unwrap();
        another.remove().unwrap();
        assert!(fs::symlink_metadata(path("file")).is_ok(), "what stands in its place is not touched");
    }
}
