//! A socket, in the clear or inside TLS.

use std::{
    io::{Error, ErrorKind, Read, Result, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use crate::DOMAIN;

/// How long a write may take before the service counts as hanging.
const WRITE_MAX: Duration = Duration::from_secs(20);

pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Transport {
    pub(super) fn connect(address: &str) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(WRITE_MAX))?;
        Ok(Self::Plain(socket))
    }

    /// The same socket with TLS, trusting the service's own authority.
    pub(super) fn into_tls(self, authority: &Path) -> Result<Self> {
        let Self::Plain(mut socket) = self else { return Err(Error::other("TLS inside TLS")) };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(authority).map_err(Error::other)? {
            roots.add(certificate.map_err(Error::other)?).map_err(Error::other)?;
        }
        let configuration = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(DOMAIN).map_err(Error::other)?;
        let mut connection = ClientConnection::new(Arc::new(configuration), name).map_err(Error::other)?;
        socket.set_read_timeout(Some(WRITE_MAX))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut socket)?;
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(connection, socket))))
    }

    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// What binds a sign-in to this channel (RFC 9266): `tls-exporter`.
    pub(super) fn exporter(&self) -> Option<[u8; 32]> {
        let Self::Tls(stream) = self else { return None };
        stream.conn.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(&[])).ok()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Plain(socket) => socket.write_all(bytes),
            Self::Tls(stream) => {
                stream.write_all(bytes)?;
                stream.flush()
            }
        }
    }

    /// Reads what is there; none where nothing comes until then. No bytes are the end.
    pub(super) fn read(&mut self, buffer: &mut [u8], until: Instant) -> Result<Option<usize>> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        let read = match self {
            Self::Plain(socket) => {
                socket.set_read_timeout(Some(left))?;
                socket.read(buffer)
            }
            Self::Tls(stream) => {
                stream.sock.set_read_timeout(Some(left))?;
                stream.read(buffer)
            }
        };
        match read {
            Ok(length) => Ok(Some(length)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(None),
            // TLS that ends without a word of farewell has ended.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Some(0)),
            Err(error) => Err(error),
        }
    }
}
