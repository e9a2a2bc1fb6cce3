use std::{
    io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::AllowedNetworks;
use doors::{
    api::Service,
    network::Gate,
    tls::{Authority, AuthorityError, Names, Tls, TlsError},
};
use hub::{Environment, Hub};
use thiserror::Error;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::{
    networks::{host_addresses, reachable},
    remark::Remark,
};

/// How often the certificate is looked at while the service runs. It is replaced 30 days before it ends.
const LOOK_INTERVAL: Duration = Duration::from_secs(12 * 60 * 60);

/// Why clients cannot be given an encrypted connection.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub(crate) enum CertificatesError {
    /// There is no authority, or no certificate of it.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The system does not tell the host's addresses, which the certificate is for.
    #[error("cannot tell the addresses of this host: {0}")]
    Addresses(io::ErrorKind),
}

/// The service's own authority, and what it certifies the server with.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// Who certifies.
    pub(crate) authority: Arc<Authority>,
    /// What new connections are opened with.
    pub(crate) tls: Arc<Tls>,
    /// Names and addresses of this host by which clients will not accept the certificate.
    pub(crate) left_out: Vec<String>,
}

/// What the service is called and where it is, for its certificates. `allowed` is what a new authority may certify.
/// `others` are what clients call it by beside these.
pub(crate) fn names(
    domain: &str,
    host: &str,
    others: &[String],
    addresses: Vec<IpAddr>,
    allowed: &AllowedNetworks,
) -> Names {
    let networks = allowed.networks().to_vec();
    Names { domain: domain.to_owned(), host: host.to_owned(), others: others.to_vec(), addresses, networks }
}

impl Certificates {
    /// Reads the authority and the certificate in the data directory, or makes them.
    ///
    /// # Errors
    /// Files cannot be read or written, do not belong together, or the authority may not certify the domain.
    pub(crate) fn load_or_make(
        directory: &Path,
        names: &Names,
        environment: &Environment,
    ) -> Result<Self, CertificatesError> {
        let now = environment.now();
        let authority = Authority::load_or_create(directory, names, now)?;
        let server = authority.server_certificate(names, now)?;
        let tls = Tls::new(&server.chain_pem, &server.key_pem)?;
        Ok(Self { authority: Arc::new(authority), tls: Arc::new(tls), left_out: server.left_out })
    }

    /// What is to be said about names that the certificate is not for.
    pub(crate) fn remark(&self) -> Option<Remark> {
        if self.left_out.is_empty() {
            return None;
        }
        Some(Remark::note(format!(
            "the certificate is not for {}: clients that connect by these will not accept it.",
            self.left_out.join(", ")
        )))
    }
}

/// What it takes to put another certificate in place while the service runs.
#[derive(Debug)]
pub(crate) struct Renewal {
    /// The data directory.
    pub(crate) directory: PathBuf,
    /// The host's name.
    pub(crate) host_name: String,
    /// What else clients call the service by.
    pub(crate) others: Vec<String>,
    /// What new connections are opened with.
    pub(crate) tls: Arc<Tls>,
    /// Who has the domain and the clock.
    pub(crate) hub: Arc<Hub>,
    /// Who has the allowed networks.
    pub(crate) gate: Arc<Gate>,
    /// Who tells of the authority.
    pub(crate) service: Arc<Service>,
}

impl Renewal {
    /// Reads the authority and the certificate anew, makes another certificate where this one does not do any longer
    /// (it ends soon, or the host has other addresses), and opens new connections with it.
    ///
    /// # Errors
    /// As [`Certificates::load_or_make`], or the system does not tell the host's addresses; everything stays as it
    /// was then.
    pub(crate) fn renew(&self, allowed: &AllowedNetworks) -> Result<(), CertificatesError> {
        let now = self.hub.environment().now();
        let addresses = host_addresses().map_err(|error| CertificatesError::Addresses(error.kind()))?;
        let addresses = reachable(allowed, &addresses);
        let names = names(self.hub.domain(), &self.host_name, &self.others, addresses, allowed);
        let authority = Authority::load_or_create(&self.directory, &names, now)?;
        let server = authority.server_certificate(&names, now)?;
        self.tls.replace(&server.chain_pem, &server.key_pem)?;
        self.service.set_authority(Arc::new(authority));
        Ok(())
    }

    /// Renews twice a day, for ever.
    pub(crate) async fn keep_fresh(&self) {
        let mut interval = interval_at(Instant::now() + LOOK_INTERVAL, LOOK_INTERVAL);
        // A machine that slept for a week needs one look, not fourteen.
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            if let Err(error) = self.renew(&self.gate.allowed()) {
                tracing::error!(%error, "the certificate could not be renewed");
            }
        }
    }
}
