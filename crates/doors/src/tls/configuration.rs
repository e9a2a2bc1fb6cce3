//! The server's side of TLS: version 1.2 or 1.3, with aws-lc-rs, and a certificate that can be replaced at run time.

use super::channel_binding;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// Why a certificate and a key cannot be used.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The chain cannot be read.
    #[error("expected a chain of certificates in PEM, the server's first, got none that can be read")]
    Chain,
    /// The key cannot be read.
    #[error("expected a private key in PEM, got none that can be read")]
    Key,
    /// The two do not fit together, or cannot be used with TLS.
    #[error("cannot use the certificate: {0}")]
    Rustls(#[from] rustls::Error),
}

/// What is spoken inside TLS, for the listeners that negotiate it (ALPN, RFC 7301). A client that names another
/// protocol is refused; one that names none is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// Whatever the listener is for: after STARTTLS nothing is negotiated.
    Unnamed,
    /// `xmpp-client`, on connections that begin with TLS (XEP-0368).
    XmppClient,
    /// `http/1.1`.
    Http,
}

/// What new connections are opened with. It can be replaced while the service runs.
pub struct Tls {
    current: RwLock<Arc<Loaded>>,
}

impl Tls {
    /// Reads a chain of certificates, the server's first, and the server's key, both in PEM.
    ///
    /// # Errors
    /// They cannot be read, or do not fit together.
    pub fn new(chain_pem: &str, key_pem: &str) -> Result<Self, TlsError> {
        Ok(Self { current: RwLock::new(Arc::new(Loaded::new(chain_pem, key_pem)?)) })
    }

    /// What a new connection is opened with. Keep it beside the connection: channel bindings are of this
    /// certificate, also after another has taken its place.
    pub fn current(&self) -> Arc<Loaded> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another certificate in place, for connections from now on.
    ///
    /// # Errors
    /// As [`new`](Self::new); the present one stays in place then.
    pub fn replace(&self, chain_pem: &str, key_pem: &str) -> Result<(), TlsError> {
        let loaded = Arc::new(Loaded::new(chain_pem, key_pem)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// One certificate, ready for use.
pub struct Loaded {
    unnamed: Arc<ServerConfig>,
    xmpp_client: Arc<ServerConfig>,
    http: Arc<ServerConfig>,
    pub(super) end_point: Option<Vec<u8>>,
}

impl Loaded {
    fn new(chain_pem: &str, key_pem: &str) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(chain_pem.as_bytes()).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|_| TlsError::Chain)?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| TlsError::Key)?;
        let end_point = channel_binding::end_point(chain.first().ok_or(TlsError::Chain)?);
        let unnamed = configuration(chain, key)?;
        Ok(Self {
            xmpp_client: named(&unnamed, b"xmpp-client"),
            http: named(&unnamed, b"http/1.1"),
            unnamed: Arc::new(unnamed),
            end_point,
        })
    }

    /// The configuration for a listener.
    pub fn configuration(&self, application: Application) -> Arc<ServerConfig> {
        let configuration = match application {
            Application::Unnamed => &self.unnamed,
            Application::XmppClient => &self.xmpp_client,
            Application::Http => &self.http,
        };
        Arc::clone(configuration)
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Loaded").finish_non_exhaustive()
    }
}

fn configuration(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut configuration = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // Clients keep their sessions in tickets: the server remembers none.
    configuration.session_storage = Arc::new(NoServerSessionStorage {});
    configuration.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(configuration)
}

fn named(configuration: &ServerConfig, protocol: &[u8]) -> Arc<ServerConfig> {
    let mut configuration = configuration.clone();
    configuration.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(configuration)
}
