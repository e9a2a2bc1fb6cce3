use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpStream, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Admitted, Gate, Listener};

/// How long nothing is accepted after the system could not: descriptors are given back one by one, not at once.
const PAUSE: Duration = Duration::from_millis(100);
/// How often that is logged.
const COMPLAINT_INTERVAL: Duration = Duration::from_secs(60);

/// Lets connections in until `stop`. Each is admitted by the gate and then handled as one of `tasks`; one that the
/// gate refuses is closed before a byte is read. Nothing that the network or the system does ends it.
pub async fn serve<H, F>(
    listener: Listener,
    gate: Arc<Gate>,
    tasks: TaskTracker,
    stop: CancellationToken,
    handler: H,
) where
    H: Fn(TcpStream, Admitted) -> F + Send,
    F: Future<Output = ()> + Send + 'static,
{
    let address = listener.local_address();
    let listener = match listener.into_tokio() {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%address, %error, "a bound port cannot be listened to"),
    };
    let mut complained_at = None;
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some((stream, admitted)) = admit(&gate, stream, peer) {
                    tasks.spawn(handler(stream, admitted));
                }
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                if is_due(&mut complained_at) {
                    tracing::warn!(%address, %error, "connections cannot be accepted at the moment");
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(PAUSE) => {}
                }
            }
        }
    }
}

fn admit(gate: &Arc<Gate>, stream: TcpStream, peer: SocketAddr) -> Option<(TcpStream, Admitted)> {
    match gate.admit(peer) {
        Ok(admitted) => {
            // Only speed depends on it.
            drop(stream.set_nodelay(true));
            Some((stream, admitted))
        }
        Err(refusal) => {
            tracing::debug!(%peer, %refusal, "a connection was closed unread");
            None
        }
    }
}

/// Whether the failure is that of a connection that is gone already; the next may be accepted at once.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

fn is_due(complained_at: &mut Option<Instant>) -> bool {
    let now = Instant::now();
    let due = complained_at.is_none_or(|at| now.duration_since(at) >= COMPLAINT_INTERVAL);
    if due {
        *complained_at = Some(now);
    }
    due
}

#[cfg(test)]
mod tests {
    use domain::AllowedNetworks;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::network::GateLimits;

    struct Served {
        address: SocketAddr,
        gate: Arc<Gate>,
        tasks: TaskTracker,
        stop: CancellationToken,
    }

    /// Serves connections that are greeted and closed when their peer closes.
    fn serve_greetings(allowed: AllowedNetworks) -> Served {
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 1,
            connections_per_account_max: 10,
            sign_in_failures_per_minute_max: 1,
        };
        let gate = Gate::new(allowed, limits);
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, tasks, stop) = (listener.local_address(), TaskTracker::new(), CancellationToken::new());
        let handler = |mut stream: TcpStream, admitted: Admitted| async move {
            stream.write_all(b"hello").await.unwrap();
            drop(stream.read(&mut [0]).await);
            drop(admitted);
        };
        tasks.spawn(serve(listener, gate.clone(), tasks.clone(), stop.clone(), handler));
        Served { address, gate, tasks, stop }
    }

    #[expect(clippy::disallowed_methods, reason = "a test connects to its own port")]
    async fn connect(served: &Served) -> TcpStream {
        TcpStream::connect(served.address).await.unwrap()
    }

    async fn all_of(mut stream: TcpStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes).await);
        bytes
    }

    #[tokio::test]
    async fn who_may_not_come_in_gets_nothing_and_who_may_is_served_after_that() {
        let served = serve_greetings(AllowedNetworks::new(Vec::new()));
        assert_eq!(all_of(connect(&served).await).await, b"");
        served.gate.replace_allowed(AllowedNetworks::default());
        let mut first = connect(&served).await;
        let mut greeting = [0; 5];
        first.read_exact(&mut greeting).await.unwrap();
        assert_eq!(&greeting, b"hello");
        assert_eq!(all_of(connect(&served).await).await, b"", "one address, one connection");
        assert_eq!(served.gate.status().connections, 1);
    }

    #[tokio::test]
    async fn stopping_ends_the_listening_and_leaves_connections_their_time() {
        let served = serve_greetings(AllowedNetworks::default());
        let mut stream = connect(&served).await;
        stream.read_exact(&mut [0; 5]).await.unwrap();
        served.stop.cancel();
        served.tasks.close();
        assert_eq!(served.tasks.len(), 2);
        drop(stream);
        served.tasks.wait().await;
        assert_eq!(served.gate.status().connections, 0);
    }

    #[test]
    fn a_lack_of_descriptors_makes_the_listener_pause_and_a_broken_connection_does_not() {
        const EMFILE: i32 = 24;
        assert!(!concerns_one_connection(&io::Error::from_raw_os_error(EMFILE)));
        assert!(concerns_one_connection(&ErrorKind::ConnectionAborted.into()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_trouble_is_logged_once_in_a_minute() {
        let mut complained_at = None;
        assert!(is_due(&mut complained_at));
        assert!(!is_due(&mut complained_at));
        tokio::time::advance(COMPLAINT_INTERVAL).await;
        assert!(is_due(&mut complained_at));
    }
}
