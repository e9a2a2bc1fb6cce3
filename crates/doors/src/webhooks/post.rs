//! One request after the other to the same place, over one connection as long as it lasts.

use std::{sync::Arc, time::Duration};

use axum::http::{Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use super::{Target, TargetError, budget::Budget};
use crate::network::{DialError, Gate};

/// The most bytes of an answer that are read so that the connection can be used again.
const ANSWER_BYTES_MAX: usize = 65_536;

/// The most bytes that are read of a receiver in one attempt, the heads of its answers and what encrypts them included.
const READ_BYTES_MAX: u64 = 4 * ANSWER_BYTES_MAX as u64;

/// Why something was not taken.
#[derive(Debug, Error)]
pub(super) enum PostError {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("no encrypted connection: {0}")]
    Tls(String),
    #[error("the connection broke off: {0}")]
    Broken(String),
    #[error("expected a status of 200 to 299, got {0}")]
    Status(u16),
    #[error("no answer in time")]
    TimedOut,
}

/// Sends to one place.
pub(super) struct Post {
    gate: Arc<Gate>,
    target: Target,
    tls: Option<TlsConnector>,
    attempt: Duration,
    open: Option<SendRequest<Full<Bytes>>>,
    budget: Budget,
}

impl Post {
    pub(super) fn new(
        gate: Arc<Gate>,
        target: Target,
        authorities_pem: &[u8],
        attempt: Duration,
    ) -> Result<Self, TargetError> {
        let tls = if target.tls { Some(connector(authorities_pem)?) } else { None };
        Ok(Self { gate, target, tls, attempt, open: None, budget: Budget::default() })
    }

    /// Sends, and returns when it was taken.
    pub(super) async fn send(&mut self, headers: &[(&str, String)], body: Bytes) -> Result<(), PostError> {
        let deadline = Instant::now() + self.attempt;
        self.budget.fill(READ_BYTES_MAX);
        let sent = timeout_at(deadline, self.try_to_send(headers, body, deadline)).await;
        let sent = sent.unwrap_or(Err(PostError::TimedOut));
        if sent.is_err() {
            self.open = None;
        }
        sent
    }

    async fn try_to_send(
        &mut self,
        headers: &[(&str, String)],
        body: Bytes,
        deadline: Instant,
    ) -> Result<(), PostError> {
        let broken = |error: hyper::Error| PostError::Broken(error.to_string());
        let usable = match self.open.take() {
            Some(mut open) => open.ready().await.is_ok().then_some(open),
            None => None,
        };
        let mut connection = match usable {
            Some(open) => open,
            None => self.connect(deadline).await?,
        };
        let mut request = Request::post(&self.target.path)
            .header(header::HOST, &self.target.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("messngr/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body)).map_err(|error| PostError::Broken(error.to_string()))?;
        let answer = connection.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        // What is said is of no interest; a connection is used again only after all of it was heard.
        if Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await.is_ok() {
            self.open = Some(connection);
        }
        if status.is_success() { Ok(()) } else { Err(PostError::Status(status.as_u16())) }
    }

    async fn connect(&self, deadline: Instant) -> Result<SendRequest<Full<Bytes>>, PostError> {
        let stream = self.gate.dial(&self.target.host, self.target.port, deadline).await?;
        let stream = self.budget.bound(stream);
        let Some(tls) = &self.tls else { return handshake(stream).await };
        let host = self.target.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|error| PostError::Tls(error.to_string()))?;
        let stream = tls.connect(name, stream).await.map_err(|error| PostError::Tls(error.to_string()))?;
        handshake(stream).await
    }
}

async fn handshake<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, PostError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = shaken.map_err(|error| PostError::Broken(error.to_string()))?;
    // It ends with its sender.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

fn connector(authorities_pem: &[u8]) -> Result<TlsConnector, TargetError> {
    let wrong = |why: String| TargetError::Authorities { why };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities_pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("there is none in PEM".to_owned()));
    }
    let configuration = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(configuration)))
}
