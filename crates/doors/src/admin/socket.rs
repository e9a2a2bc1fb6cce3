use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind},
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt},
        net::UnixStream as BlockingStream,
    },
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::connection;
use crate::api::{self, Peer, Service};

/// The name of the socket in the data directory.
pub const FILE_NAME: &str = ::api::SOCKET_FILE;

/// How many connections there may be at the same time. Others wait to be accepted.
const CONNECTIONS_MAX: usize = 64;

/// How long accepting rests when the system has no descriptors left.
const REST: Duration = Duration::from_millis(200);

/// The socket, bound and not yet served. Its file goes away with it.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    file: SocketFile,
    /// The user the service runs as.
    own_uid: u32,
}

/// The file of a socket, removed when it is dropped, unless it is another one's by then.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    inode: u64,
}

impl AdminSocket {
    /// Makes the socket with mode 0600 for the user that this process runs as: a service that changes its user does
    /// that first. It must be called inside a runtime.
    ///
    /// # Errors
    /// [`ErrorKind::AddrInUse`] where a service answers at the socket that is there; one that nobody answers at is
    /// replaced. [`ErrorKind::AlreadyExists`] where something is there that is no socket. Otherwise what the system
    /// says; a path longer than 107 bytes cannot be a socket's.
    pub fn bind(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(FILE_NAME);
        refuse_what_is_in_use(&path)?;
        // It gets its name when nobody else can connect to it any more.
        let unfinished = data_dir.join(format!("{FILE_NAME}.new"));
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&unfinished)?;
        fs::set_permissions(&unfinished, Permissions::from_mode(0o600))?;
        let metadata = fs::metadata(&unfinished)?;
        fs::rename(&unfinished, &path)?;
        let file = SocketFile { path, inode: metadata.ino() };
        Ok(Self { listener, file, own_uid: metadata.uid() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Answers until `stop`; each connection is one of `tasks`, and ends its request before it ends.
    pub async fn serve(self, service: Arc<Service>, tasks: TaskTracker, stop: CancellationToken) {
        let router = api::router(service);
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = accept(&self.listener, &places) => accepted,
            };
            let (stream, place) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "the administration socket cannot accept");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(REST) => continue,
                    }
                }
            };
            let Some(peer) = self.admitted(&stream) else { continue };
            let (router, stop) = (router.clone(), stop.clone());
            tasks.spawn(async move {
                connection::serve(stream, peer, router, stop).await;
                drop(place);
            });
        }
    }

    /// Who the kernel says has connected, if they may administer the service. Others are hung up on.
    fn admitted(&self, stream: &UnixStream) -> Option<Peer> {
        let uid = match stream.peer_cred() {
            Ok(credentials) => credentials.uid(),
            Err(error) => {
                tracing::warn!(%error, "the peer of the administration socket is unknown");
                return None;
            }
        };
        if !may_administer(uid, self.own_uid) {
            tracing::warn!(uid, "a user who may not administer the service has connected to its socket");
            return None;
        }
        Some(Peer::AdministrationSocket { uid })
    }
}

async fn accept(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> io::Result<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// Root can do everything to this machine, and the service's own user everything to the service.
pub(super) fn may_administer(peer_uid: u32, own_uid: u32) -> bool {
    peer_uid == 0 || peer_uid == own_uid
}

fn refuse_what_is_in_use(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            let what = format!("{} is there and is not a socket", path.display());
            return Err(io::Error::new(ErrorKind::AlreadyExists, what));
        }
        Ok(_) => {}
    }
    match BlockingStream::connect(path) {
        Ok(_) => {
            let what = format!("a service answers at {}", path.display());
            Err(io::Error::new(ErrorKind::AddrInUse, what))
        }
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.ino() == self.inode);
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the administration socket was not removed");
        }
    }
}
