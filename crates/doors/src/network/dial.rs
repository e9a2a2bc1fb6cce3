use std::{
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
};

use thiserror::Error;
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

use super::Gate;

/// The longest name that can be looked up (RFC 1035 §2.3.4).
const HOST_BYTES_MAX: usize = 255;
/// How many addresses of one host are tried.
const ADDRESSES_MAX: usize = 8;

/// Why a host could not be connected to, in words for whoever asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name has no address.
    #[error("\"{host}\" could not be looked up: {why}")]
    Unknown {
        /// The name.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// Every address is outside the allowed networks.
    #[error("{} outside the allowed networks, so nothing was sent; `[network] allowed` says which are inside", place(host, *address))]
    Outside {
        /// The host as it was given.
        host: String,
        /// The first of its addresses.
        address: IpAddr,
    },
    /// Nothing takes connections on the port.
    #[error("nothing takes connections at {address}")]
    Refused {
        /// Where.
        address: SocketAddr,
    },
    /// The connection could not be made for another reason.
    #[error("no connection to {address}: {why}")]
    Failed {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        why: String,
    },
    /// The deadline passed.
    #[error("{host} did not answer in time")]
    TimedOut {
        /// The host as it was given, or the address that did not answer.
        host: String,
    },
}

impl Gate {
    /// The one way out: connects to a host if its address is inside the allowed networks. A name is looked up, and
    /// those of its addresses that are inside are tried one after the other, at most 8 of them.
    pub async fn dial(&self, host: &str, port: u16, deadline: Instant) -> Result<TcpStream, DialError> {
        let addresses = look_up(host, port, deadline).await?;
        let allowed = self.allowed();
        let inside: Vec<SocketAddr> =
            addresses.iter().filter(|address| allowed.contains(address.ip())).copied().collect();
        if let (true, Some(first)) = (inside.is_empty(), addresses.first()) {
            return Err(DialError::Outside { host: host.to_owned(), address: first.ip().to_canonical() });
        }
        let mut last = DialError::Unknown { host: host.to_owned(), why: "it has no address".to_owned() };
        for (tried, address) in inside.iter().enumerate() {
            match connect(*address, share(deadline, inside.len() - tried)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

async fn look_up(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, DialError> {
    let unknown = |why: String| DialError::Unknown { host: domain::displayable(host).into_owned(), why };
    if !(1..=HOST_BYTES_MAX).contains(&host.len()) {
        return Err(unknown(format!("a host has 1 to {HOST_BYTES_MAX} bytes")));
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let found = timeout_at(deadline, lookup_host((bare, port))).await;
    let found = found.map_err(|_| DialError::TimedOut { host: host.to_owned() })?;
    Ok(found.map_err(|error| unknown(error.to_string()))?.take(ADDRESSES_MAX).collect())
}

async fn connect(address: SocketAddr, deadline: Instant) -> Result<TcpStream, DialError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one way out: the address has just been checked"
    )]
    let connecting = TcpStream::connect(address);
    match timeout_at(deadline, connecting).await {
        Ok(Ok(stream)) => {
            // Only speed depends on it.
            drop(stream.set_nodelay(true));
            Ok(stream)
        }
        Ok(Err(error)) => Err(failed(address, &error)),
        Err(_) => Err(DialError::TimedOut { host: address.to_string() }),
    }
}

fn failed(address: SocketAddr, error: &io::Error) -> DialError {
    match error.kind() {
        ErrorKind::ConnectionRefused => DialError::Refused { address },
        ErrorKind::TimedOut => DialError::TimedOut { host: address.to_string() },
        _ => DialError::Failed { address, why: error.to_string() },
    }
}

/// An equal part of the time left, so that an address that does not answer leaves some for the next.
pub(crate) fn share(deadline: Instant, addresses_left: usize) -> Instant {
    let now = Instant::now();
    let parts = u32::try_from(addresses_left).unwrap_or(u32::MAX).max(1);
    now + deadline.saturating_duration_since(now) / parts
}

fn place(host: &str, address: IpAddr) -> String {
    if host == address.to_string() { format!("{address} is") } else { format!("{host} is at {address},") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::AllowedNetworks;
    use tokio::net::TcpListener;

    use super::*;
    use crate::network::GateLimits;

    fn gate(networks: &[&str]) -> std::sync::Arc<Gate> {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 10,
            connections_per_account_max: 10,
            sign_in_failures_per_minute_max: 10,
        };
        Gate::new(AllowedNetworks::new(networks), limits)
    }

    async fn dial(gate: &Gate, host: &str, port: u16) -> Result<TcpStream, DialError> {
        gate.dial(host, port, Instant::now() + Duration::from_secs(5)).await
    }

    #[tokio::test]
    async fn nobody_outside_the_allowed_networks_is_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = gate(&["10.0.0.0/8"]);
        for host in ["127.0.0.1", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0"] {
            let error = dial(&gate, host, port).await.unwrap_err();
            assert!(matches!(error, DialError::Outside { .. }), "{host}: {error}");
        }
        let error = dial(&gate, "127.0.0.1", port).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "127.0.0.1 is outside the allowed networks, so nothing was sent; \
             `[network] allowed` says which are inside"
        );
        gate.replace_allowed(AllowedNetworks::default());
        assert!(dial(&gate, "127.0.0.1", port).await.is_ok());
        let (_, first) = listener.accept().await.unwrap();
        assert!(first.ip().is_loopback(), "only the dial that was allowed has come");
    }

    #[tokio::test]
    async fn an_address_outside_is_named_with_the_host_that_has_it() {
        let error = dial(&gate(&[]), "localhost", 139).await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("localhost is at ") && text.contains(", outside the allowed"), "{text}");
    }

    #[tokio::test]
    async fn a_port_without_a_listener_and_a_name_that_is_none_are_told_apart() {
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        let gate = gate(&["127.0.0.0/8"]);
        let refused = dial(&gate, "127.0.0.1", closed.port()).await.unwrap_err();
        assert_eq!(refused, DialError::Refused { address: closed });
        for nonsense in ["", "two words", &"x".repeat(256)] {
            assert!(matches!(dial(&gate, nonsense, 139).await, Err(DialError::Unknown { .. })), "{nonsense}");
        }
    }
}
