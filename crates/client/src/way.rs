use std::{io::ErrorKind, path::PathBuf, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::{ClientError, Server, ServerError};

/// How long a server may take to let a client in.
const CONNECT_MAX: Duration = Duration::from_secs(15);

/// By which a service is reached.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// The administration socket.
    Socket(PathBuf),
    /// The network.
    Server(Server),
}

impl Way {
    /// What `Host` says.
    pub(crate) fn host(&self) -> &str {
        match self {
            Self::Socket(_) => "messngr",
            Self::Server(server) => &server.authority,
        }
    }

    /// A connection for one request.
    pub(crate) async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        match self {
            Self::Socket(socket) => {
                let stream =
                    UnixStream::connect(socket).await.map_err(|error| unreachable(socket, &error))?;
                speak(stream).await
            }
            Self::Server(server) => {
                let late = || ServerError::Unreachable {
                    server: server.to_string(),
                    why: "it took too long".to_owned(),
                };
                timeout(CONNECT_MAX, dial(server)).await.map_err(|_| late())?
            }
        }
    }
}

async fn dial(server: &Server) -> Result<SendRequest<Full<Bytes>>, ClientError> {
    #[expect(clippy::disallowed_methods, reason = "whoever runs a client has named the server")]
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await;
    let stream = stream
        .map_err(|error| ServerError::Unreachable { server: server.to_string(), why: error.to_string() })?;
    // Only speed depends on it.
    drop(stream.set_nodelay(true));
    let Some(tls) = &server.tls else { return speak(stream).await };
    let stream = TlsConnector::from(tls.configuration.clone()).connect(tls.name.clone(), stream).await;
    let stream = stream
        .map_err(|error| ServerError::Untrusted { server: server.to_string(), why: error.to_string() })?;
    speak(stream).await
}

async fn speak<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, ClientError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(ClientError::broken)?;
    // Its errors are those of the request, and are told there.
    tokio::spawn(connection);
    Ok(sender)
}

fn unreachable(socket: &std::path::Path, error: &std::io::Error) -> ClientError {
    let socket = socket.to_owned();
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => ClientError::NoService { socket },
        ErrorKind::PermissionDenied => ClientError::NotAllowed { socket },
        _ => ClientError::Unreachable { socket, why: error.to_string() },
    }
}
