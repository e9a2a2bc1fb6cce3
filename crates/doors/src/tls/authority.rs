//! The service's own certificate authority, made on first start.

use super::file::{self, Readers};
use super::permitted::Permitted;
use super::{certificate, trust};
use ipnet::IpNet;
use jiff::Timestamp;
use rcgen::{Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// The addresses that every machine has.
pub(super) const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
/// How long before its end a server certificate is replaced.
const RENEWAL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What the service is called, and where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The domain of the service's addresses, as DNS writes it (ASCII), or an IP address.
    pub domain: String,
    /// The name of the host, in full if it has a domain.
    pub host: String,
    /// What else clients call it by: names and addresses.
    pub others: Vec<String>,
    /// The host's own private addresses. Loopback need not be among them.
    pub addresses: Vec<IpAddr>,
    /// The networks whose addresses the authority may certify. Read only when the authority is made.
    pub networks: Vec<IpNet>,
}

impl Names {
    /// Everything that clients may call the server by, the domain first, each once; and what is no name.
    fn subjects(&self) -> (Vec<ServerName<'static>>, Vec<String>) {
        let (mut subjects, mut not_names) = (Vec::new(), Vec::new());
        let texts = [self.domain.as_str(), self.host.as_str(), "localhost"].into_iter();
        let texts = texts.chain(self.others.iter().map(String::as_str));
        let names = texts.map(|text| ServerName::try_from(text.to_owned()).map_err(|_| text.to_owned()));
        let addresses = self.addresses.iter().copied().chain(LOOPBACK);
        let addresses = addresses.map(|address| Ok(ServerName::from(address.to_canonical())));
        for name in names.chain(addresses) {
            match name {
                Ok(name) if subjects.contains(&name) => {}
                Ok(name) => subjects.push(name),
                Err(text) => not_names.push(text),
            }
        }
        (subjects, not_names)
    }
}

/// Why there is no authority, or no certificate of it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {kind}", path.display())]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        kind: std::io::ErrorKind,
    },
    /// A file does not hold what it should.
    #[error("expected {expected} in {}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// The certificate of the authority is there, and its key is not. To make a new authority, which every client
    /// has to trust anew, the certificate must be moved away by hand.
    #[error("found the authority's certificate without its key {}: restore it, or move ca.pem away too", path.display())]
    KeyMissing {
        /// Where the key should be.
        path: PathBuf,
    },
    /// The key is another than the certificate's.
    #[error("expected {} to be the key of the certificate beside it, got another key", path.display())]
    KeyMismatch {
        /// Where the key is.
        path: PathBuf,
    },
    /// The authority has ended.
    #[error("the authority ended on {ended}: move ca.pem and ca.key away, and have the new one trusted")]
    Expired {
        /// When.
        ended: Timestamp,
    },
    /// The domain of the service is not one that the authority may certify, or is no name.
    #[error(
        "the authority may not certify {domain:?}: move ca.pem and ca.key away, and have the new one trusted"
    )]
    DomainNotPermitted {
        /// The domain.
        domain: String,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A certificate cannot be used.
    #[error("cannot use a certificate: {0}")]
    Tls(#[from] rustls::Error),
}

/// A certificate authority that can certify the service's own names and the private network's addresses, and no
/// others: who steals its key cannot pose as the rest of the world.
///
/// It lives in four files: `ca.pem` and `ca.key`, `server.pem` (the server's certificate, then the authority's) and
/// `server.key`. Keys are readable by their owner only. Every file is replaced whole.
pub struct Authority {
    directory: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    permitted: Permitted,
    ends: Timestamp,
}

impl Authority {
    /// Reads the authority in this directory, or makes one if there is none. If only its key is there, a certificate
    /// is made for that key: whoever trusted the lost one trusts this one.
    ///
    /// # Errors
    /// The files cannot be read or written, do not belong together, or the authority has ended. An authority is never
    /// replaced by itself, because every client would have to trust the new one.
    pub fn load_or_create(directory: &Path, names: &Names, now: Timestamp) -> Result<Self, AuthorityError> {
        let (pem_path, key_path) = (directory.join("ca.pem"), directory.join("ca.key"));
        let (pem, key) = match (file::read(&pem_path)?, file::read(&key_path)?) {
            (Some(_), None) => return Err(AuthorityError::KeyMissing { path: key_path }),
            (Some(pem), Some(key)) => (pem, read_key(&key_path, &key)?),
            (None, key) => {
                let key = match key {
                    Some(key) => read_key(&key_path, &key)?,
                    None => new_key(&key_path)?,
                };
                let pem = certificate::authority(names, &key, now)?.pem();
                file::write(&pem_path, &pem, Readers::Everyone)?;
                (pem, key)
            }
        };
        let authority = Self::read(directory, pem, key)?;
        if authority.ends <= now {
            return Err(AuthorityError::Expired { ended: authority.ends });
        }
        Ok(authority)
    }

    fn read(directory: &Path, pem: String, key: KeyPair) -> Result<Self, AuthorityError> {
        let path = directory.join("ca.pem");
        let unreadable = |expected| AuthorityError::Unreadable { path: path.clone(), expected };
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes());
        let certificate = certificate.map_err(|_| unreadable("a certificate in PEM"))?;
        let (_, parsed) =
            X509Certificate::from_der(&certificate).map_err(|_| unreadable("an X.509 certificate"))?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err(AuthorityError::KeyMismatch { path: directory.join("ca.key") });
        }
        let permitted =
            Permitted::of(&parsed).ok_or_else(|| unreadable("name constraints of whole networks"))?;
        let ends = ends(&parsed).ok_or_else(|| unreadable("a time of ending before the year 10000"))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Self { directory: directory.to_owned(), issuer, certificate, pem, permitted, ends })
    }

    /// The server's certificate: the one that is there, or a new one if there is none, if it ends within 30 days, is
    /// not of this authority, or does not cover every name and address that the authority may certify.
    ///
    /// # Errors
    /// The files cannot be read or written, or the authority may not certify the domain. A host name or address that
    /// it may not certify is no error: it is [left out](ServerCertificate::left_out).
    pub fn server_certificate(
        &self,
        names: &Names,
        now: Timestamp,
    ) -> Result<ServerCertificate, AuthorityError> {
        let (subjects, mut left_out) = names.subjects();
        let (subjects, refused): (Vec<_>, Vec<_>) =
            subjects.into_iter().partition(|name| self.permitted.permits(name));
        left_out.extend(refused.iter().map(|name| name.to_str().into_owned()));
        if !ServerName::try_from(&*names.domain).is_ok_and(|domain| self.permitted.permits(&domain)) {
            return Err(AuthorityError::DomainNotPermitted { domain: names.domain.clone() });
        }
        let (chain_pem, key_pem) = match self.present(&subjects, now)? {
            Some(present) => present,
            None => self.issue(&subjects, now)?,
        };
        Ok(ServerCertificate { chain_pem, key_pem, left_out })
    }

    /// The SHA-256 fingerprint of the authority's certificate, as programs show it: `AB:CD:…`.
    pub fn fingerprint_sha256(&self) -> String {
        let bytes = Sha256::digest(&self.certificate);
        bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// The authority's certificate, for clients that are to trust it.
    pub fn certificate_pem(&self) -> &str {
        &self.pem
    }

    /// Where the authority's certificate is.
    pub fn certificate_path(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// When the authority ends. A new one must be made, and trusted by every client, before.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }

    /// What a person does to make a machine trust the authority, whose certificate is at `path` there.
    pub fn how_to_trust(&self, path: &Path) -> String {
        trust::how_to_trust(path, &self.fingerprint_sha256())
    }

    /// The chain and the key that are there, if they will do.
    fn present(
        &self,
        subjects: &[ServerName<'static>],
        now: Timestamp,
    ) -> Result<Option<(String, String)>, AuthorityError> {
        let chain = file::read(&self.directory.join("server.pem"))?;
        let key = file::read(&self.directory.join("server.key"))?;
        let (Some(chain), Some(key)) = (chain, key) else { return Ok(None) };
        let will_do = self.will_do(&chain, &key, subjects, now)?;
        Ok(will_do.then_some((chain, key)))
    }

    /// Whether a client that trusts this authority alone would accept the chain, under every name, until renewal.
    fn will_do(
        &self,
        chain: &str,
        key: &str,
        subjects: &[ServerName<'static>],
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        let Ok(chain) = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>()
        else {
            return Ok(false);
        };
        let Ok(key) = PrivateKeyDer::from_pem_slice(key.as_bytes()) else { return Ok(false) };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let Some((server, above)) = chain.split_first() else { return Ok(false) };
        if CertifiedKey::from_der(chain.clone(), key, &provider).is_err() {
            return Ok(false);
        }
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        let verifier = verifier.map_err(|error| rustls::Error::General(error.to_string()))?;
        let accepted = |name, time| verifier.verify_server_cert(server, above, name, &[], time).is_ok();
        let (now, renewal) = (unix_time(now, Duration::ZERO), unix_time(now, RENEWAL));
        Ok(subjects.iter().all(|name| accepted(name, now) && accepted(name, renewal)))
    }

    /// Makes a new key and a certificate for it, and writes both. A certificate never keeps the key of the one
    /// before, whose serial number it would share.
    fn issue(
        &self,
        subjects: &[ServerName<'static>],
        now: Timestamp,
    ) -> Result<(String, String), AuthorityError> {
        let key = new_key(&self.directory.join("server.key"))?;
        let certificate = certificate::server(subjects, &key, &self.issuer, now, self.ends)?;
        let chain = format!("{}{}", certificate.pem(), self.pem);
        file::write(&self.directory.join("server.pem"), &chain, Readers::Everyone)?;
        Ok((chain, key.serialize_pem()))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Authority");
        debug
            .field("directory", &self.directory)
            .field("permitted", &self.permitted)
            .field("ends", &self.ends);
        debug.finish_non_exhaustive()
    }
}

/// What the server shows to its clients, and the key to it.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerCertificate {
    /// The server's certificate, then the authority's, in PEM.
    pub chain_pem: String,
    /// The server's private key, in PEM. A secret.
    pub key_pem: String,
    /// Names and addresses of the host that the authority may not certify: by these, clients will not accept it.
    pub left_out: Vec<String>,
}

impl fmt::Debug for ServerCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerCertificate").field("left_out", &self.left_out).finish_non_exhaustive()
    }
}

fn new_key(path: &Path) -> Result<KeyPair, AuthorityError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    file::write(path, &key.serialize_pem(), Readers::Owner)?;
    Ok(key)
}

fn read_key(path: &Path, pem: &str) -> Result<KeyPair, AuthorityError> {
    let unreadable =
        |_| AuthorityError::Unreadable { path: path.to_owned(), expected: "a private key in PEM" };
    KeyPair::from_pem(pem).map_err(unreadable)
}

fn ends(certificate: &X509Certificate<'_>) -> Option<Timestamp> {
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

fn unix_time(time: Timestamp, later: Duration) -> UnixTime {
    let seconds = u64::try_from(time.as_second()).unwrap_or_default();
    UnixTime::since_unix_epoch(Duration::from_secs(seconds) + later)
}
