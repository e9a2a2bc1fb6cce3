use std::{
    fs,
    io::ErrorKind,
    os::unix::{fs::PermissionsExt, net::UnixListener as BlockingListener},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{AdminSocket, socket::may_administer};
use crate::api::tests::Fixture;

#[test]
fn root_and_the_services_own_user_administer_it_and_nobody_else() {
    assert!(may_administer(0, 990));
    assert!(may_administer(990, 990));
    assert!(!may_administer(1000, 990));
    assert!(!may_administer(1000, 0));
}

#[tokio::test]
async fn the_socket_is_for_its_owner_only_and_goes_away_with_the_service() {
    let directory = TempDir::new().unwrap();
    let socket = AdminSocket::bind(directory.path()).unwrap();
    assert_eq!(socket.path(), directory.path().join("admin.sock"));
    let mode = fs::metadata(socket.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(socket);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_dead_services_socket_is_replaced_and_a_living_ones_is_not() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("admin.sock");
    drop(BlockingListener::bind(&path).unwrap());
    assert!(path.exists());
    let living = AdminSocket::bind(directory.path()).unwrap();
    let error = AdminSocket::bind(directory.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    drop(living);
    fs::write(&path, b"precious").unwrap();
    assert_eq!(AdminSocket::bind(directory.path()).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"precious");
}

#[tokio::test]
async fn a_program_of_this_user_is_answered_until_the_service_stops() {
    let fixture = Fixture::new().await;
    let socket = AdminSocket::bind(fixture.directory()).unwrap();
    let path = socket.path().to_owned();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let serving = tokio::spawn(socket.serve(fixture.service.clone(), tasks.clone(), stop.clone()));

    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /api/v1/status HTTP/1.1\r\nHost: messngr\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"domain\":\"x.internal\""), "{answer}");

    // One that says nothing does not hold up the end.
    let mut silent = UnixStream::connect(&path).await.unwrap();
    stop.cancel();
    serving.await.unwrap();
    tasks.close();
    tasks.wait().await;
    assert_eq!(silent.read(&mut [0; 8]).await.unwrap_or(0), 0);
    assert!(!path.exists());
}
