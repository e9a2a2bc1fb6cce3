//! The whole service in this process, on ports that the system chooses and in a directory of its own.

use std::{
    future::pending,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use super::{
    first_start::{FirstStartError, PasswordPlace},
    ground,
    reload::ReloadError,
    running::Running,
};
use crate::configuration::{Configuration, Loaded, Source};

/// Long enough for a busy machine; nothing waits for it where all is well.
const PATIENCE: Duration = Duration::from_secs(20);

fn loaded(data_dir: &Path) -> Loaded {
    let mut configuration = Configuration::new("office.internal", data_dir, "OFFICE");
    let doors = &mut configuration.doors;
    doors.xmpp.listen = vec![port_0()];
    doors.xmpp.listen_tls = vec![port_0()];
    doors.windows.enabled = true;
    doors.windows.session_listen = vec![port_0()];
    doors.web.listen = vec![port_0()];
    doors.web.plain_loopback_listen = port_0().to_string();
    Loaded { configuration, sources: Default::default(), warnings: Vec::new() }
}

fn port_0() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn start(loaded: Loaded) -> anyhow::Result<Running> {
    let myself = nix::unistd::User::from_uid(nix::unistd::Uid::effective())?.map(|user| user.name);
    let ground = ground::take(&loaded, myself.as_deref())?;
    Running::start(ground, loaded, "desk7", false).await
}

fn connect(running: &Running, row: usize) -> TcpStream {
    let stream = TcpStream::connect(running.table[row].address.unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn open_stream(stream: &mut TcpStream) -> String {
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                  to='office.internal' version='1.0'>";
    stream.write_all(header.as_bytes()).unwrap();
    read_until(stream, "</stream:features>")
}

fn read_until(stream: &mut impl Read, end: &str) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4_096]);
    while !text.contains(end) {
        let length = stream.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "closed after {text:?}");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    text
}

fn ask(socket: &Path, path: &str) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET /api/v1{path} HTTP/1.1\r\nHost: admin\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What blocks in a test is done beside the service.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test]
async fn the_service_starts_answers_and_stops_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(loaded(directory.path())).await.unwrap();
    let made = running.administrator.clone().unwrap();
    assert_eq!(made.password, PasswordPlace::File(directory.path().join("admin-password")));

    let mut client = connect(&running, 0);
    let (greeting, mut client) = beside(move || (open_stream(&mut client), client)).await;
    assert!(greeting.contains("from='office.internal'"), "{greeting}");
    let socket = running.admin_socket.clone();
    let port = running.table[0].address.unwrap().port();
    let status = beside(move || ask(&socket, "/status")).await;
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    assert!(status.contains(&format!("127.0.0.1:{port}")), "{status}");

    let socket = running.admin_socket.clone();
    drop(client.write_all(b"</stream:stream>"));
    assert!(running.stop(pending()).await);
    assert!(!socket.exists());
    let rest = beside(move || client.read_to_end(&mut Vec::new())).await;
    assert!(rest.is_ok(), "{rest:?}");
}

#[tokio::test]
async fn a_second_start_finds_everything_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let first = start(loaded(directory.path())).await.unwrap();
    let (key, authority) = (first.hub.signing_key().public(), ca(directory.path()));
    assert!(first.stop(pending()).await);

    let mut renamed = loaded(directory.path());
    renamed.configuration.domain = "other.internal".to_owned();
    let second = start(renamed.clone()).await.unwrap();
    assert_eq!(second.hub.domain(), "office.internal");
    assert_eq!(second.administrator, None);
    assert_eq!(second.hub.signing_key().public(), key);
    assert_eq!(ca(directory.path()), authority);
    assert!(second.stop(pending()).await);

    renamed.sources.insert("domain".to_owned(), Source::File);
    let error = start(renamed).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(FirstStartError::OtherDomain { .. })), "{error:#}");
}

fn ca(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("ca.pem")).unwrap()
}

#[tokio::test]
async fn reading_the_configuration_again_changes_who_is_answered_and_says_what_has_to_wait() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = start(loaded(directory.path())).await.unwrap();
    let mut client = connect(&running, 0);
    let mut client = beside(move || (open_stream(&mut client), client)).await.1;

    let mut other = loaded(directory.path());
    other.configuration.network.allowed = vec!["10.0.0.0/8".parse().unwrap()];
    other.configuration.limits.connections_max = 5;
    other.sources.insert("network.allowed".to_owned(), Source::File);
    assert_eq!(running.reload(&other).unwrap(), ["limits.connections_max"]);
    let mut refused = connect(&running, 0);
    assert_eq!(beside(move || refused.read(&mut [0])).await.unwrap(), 0, "closed unread");
    client.write_all(b"</stream:stream>").unwrap();
    let goodbye = beside(move || read_until(&mut client, "</stream:stream>")).await;
    assert!(!goodbye.is_empty(), "who is connected stays so");

    let socket = running.admin_socket.clone();
    let configuration = beside(move || ask(&socket, "/configuration")).await;
    assert!(configuration.contains("10.0.0.0/8"), "{configuration}");
    assert!(configuration.contains("20000"), "what has to wait is not in force: {configuration}");
    assert!(running.stop(pending()).await);
}

#[tokio::test]
async fn a_configuration_that_cannot_be_put_in_force_leaves_the_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let mut running = start(loaded(directory.path())).await.unwrap();
    let allowed = running.gate.allowed();

    let mut other = loaded(directory.path());
    other.configuration.network.allowed = vec!["10.0.0.0/8".parse().unwrap()];
    other.sources.insert("network.allowed".to_owned(), Source::File);
    let ca = directory.path().join("ca.pem");
    std::fs::write(&ca, "no certificate").unwrap();
    assert!(matches!(running.reload(&other), Err(ReloadError::Certificates(_))));
    assert_eq!(running.gate.allowed(), allowed);

    other.configuration.domain = "plant.internal".to_owned();
    other.sources.insert("domain".to_owned(), Source::File);
    assert!(matches!(running.reload(&other), Err(ReloadError::Domain(_))));
    assert_eq!(running.configuration.domain, "office.internal");
    assert!(running.stop(pending()).await);
}

#[tokio::test]
async fn asked_a_second_time_the_service_stops_at_once_whoever_is_connected() {
    let directory = tempfile::tempdir().unwrap();
    let running = start(loaded(directory.path())).await.unwrap();
    let mut silent = connect(&running, 0);
    let silent = beside(move || (open_stream(&mut silent), silent)).await;
    assert!(!running.stop(async {}).await);
    drop(silent);
}
