use std::{fmt, net::IpAddr, sync::Arc};

use hyper::Uri;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use thiserror::Error;

/// Where a service is on the network: `https://HOST[:PORT]`, or `http://` on this machine.
#[derive(Clone, Debug)]
pub struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What `Host` says.
    pub(crate) authority: String,
    /// None where nothing is encrypted.
    pub(crate) tls: Option<Tls>,
}

#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) configuration: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
}

/// The certificates of the authorities that are believed.
#[derive(Clone)]
pub struct TrustedCertificates(Arc<RootCertStore>);

/// Why a service on the network cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ServerError {
    /// It is no address of a server.
    #[error("\"{text}\" is not a server: write https://HOST or https://HOST:PORT")]
    Address {
        /// What was given, shortened.
        text: String,
    },
    /// Anybody on the network could read the token.
    #[error("http:// is for this machine alone, where nobody else can read along: write https://{host}")]
    Unencrypted {
        /// Where it would go.
        host: String,
    },
    /// It is not known who is trusted.
    #[error(
        "name the certificate that is trusted: `messngr ca show --out ca.pem` on the service's machine writes it, `--ca ca.pem` here reads it"
    )]
    NobodyTrusted,
    /// There is no certificate in the file.
    #[error("expected certificates in PEM, got none that can be read")]
    Certificates,
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {why}")]
    Tls {
        /// What is wrong.
        why: String,
    },
    /// Nobody answers there.
    #[error("cannot reach {server}: {why}")]
    Unreachable {
        /// Where.
        server: String,
        /// What the system says.
        why: String,
    },
    /// Whoever answers is not trusted, or speaks no TLS.
    #[error("{server} is not who is trusted, or speaks no TLS: {why}")]
    Untrusted {
        /// Where.
        server: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Server {
    /// Reads where the service is. For `https://` the trusted certificates are needed.
    ///
    /// # Errors
    /// See [`ServerError`].
    pub fn parse(text: &str, trusted: Option<TrustedCertificates>) -> Result<Self, ServerError> {
        let wrong = || ServerError::Address { text: domain::displayable(text).chars().take(80).collect() };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        if uri.path().len() > 1 || uri.query().is_some() {
            return Err(wrong());
        }
        let bare = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (port, tls) = match uri.scheme_str() {
            Some("https") => {
                let name = ServerName::try_from(bare.clone()).map_err(|_| wrong())?;
                let configuration = configuration(trusted.ok_or(ServerError::NobodyTrusted)?)?;
                (443, Some(Tls { configuration, name }))
            }
            Some("http") if is_this_machine(&bare) => (80, None),
            Some("http") => return Err(ServerError::Unencrypted { host: authority.to_string() }),
            _ => return Err(wrong()),
        };
        Ok(Self {
            host: bare,
            port: authority.port_u16().unwrap_or(port),
            authority: authority.to_string(),
            tls,
        })
    }
}

impl TrustedCertificates {
    /// Reads them from PEM.
    ///
    /// # Errors
    /// There is none that can be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, ServerError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| ServerError::Certificates)?;
            roots.add(certificate).map_err(|_| ServerError::Certificates)?;
        }
        if roots.is_empty() { Err(ServerError::Certificates) } else { Ok(Self(Arc::new(roots))) }
    }
}

fn configuration(trusted: TrustedCertificates) -> Result<Arc<ClientConfig>, ServerError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ServerError::Tls { why: error.to_string() })?;
    let mut configuration = builder.with_root_certificates(trusted.0).with_no_client_auth();
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(configuration))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(formatter, "{scheme}://{}", self.authority)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for TrustedCertificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("TrustedCertificates").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_out_unencrypted_but_to_this_machine() {
        for good in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080/"] {
            assert!(Server::parse(good, None).is_ok(), "{good}");
        }
        let error = Server::parse("http://10.0.0.5:8080", None).unwrap_err();
        assert_eq!(error, ServerError::Unencrypted { host: "10.0.0.5:8080".to_owned() });
        assert_eq!(Server::parse("https://office.internal", None).unwrap_err(), ServerError::NobodyTrusted);
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for wrong in
            ["", "office.internal", "ftp://x", "http://localhost/api", "http://u:p@localhost", "http://"]
        {
            assert!(matches!(Server::parse(wrong, None), Err(ServerError::Address { .. })), "{wrong}");
        }
        assert_eq!(TrustedCertificates::from_pem(b"nothing").unwrap_err(), ServerError::Certificates);
    }

    #[test]
    fn the_port_is_the_usual_one_unless_it_is_said() {
        let server = Server::parse("http://localhost", None).unwrap();
        assert_eq!((server.port, server.to_string().as_str()), (80, "http://localhost"));
        assert_eq!(Server::parse("http://[::1]:8080", None).unwrap().port, 8080);
    }
}
