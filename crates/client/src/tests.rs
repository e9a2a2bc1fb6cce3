use api::{Problem, accounts::AccountView};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixListener,
};

use super::*;

/// Answers one request with these bytes; returns the request.
async fn answering(directory: &TempDir, answer: &'static str) -> tokio::task::JoinHandle<String> {
    let listener = UnixListener::bind(directory.path().join("admin.sock")).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4_096];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    })
}

#[tokio::test]
async fn without_a_service_the_error_says_where_it_was_looked_for_and_how_to_start_it() {
    let directory = TempDir::new().unwrap();
    let error =
        Client::to_data_directory(directory.path()).get::<()>(&ApiPath::new(&["status"])).await.unwrap_err();
    assert_eq!(error, ClientError::NoService { socket: directory.path().join("admin.sock") });
    let sentence = error.to_string();
    assert!(sentence.contains("admin.sock") && sentence.contains("messngr serve"), "{sentence}");
}

#[tokio::test]
async fn a_problem_becomes_its_sentence() {
    let directory = TempDir::new().unwrap();
    let body = "HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n\
                {\"type\":\"urn:messngr:problem:not-found\",\"title\":\"x\",\"status\":404,\"detail\":\"there is no account\"}";
    let service = answering(&directory, body).await;
    let client = Client::to_data_directory(directory.path()).speaking_as("jörg").unwrap();
    let error = client.get::<AccountView>(&ApiPath::new(&["accounts", "anna"])).await.unwrap_err();
    assert!(matches!(error, ClientError::Problem(Problem { status: 404, .. })));
    assert_eq!(error.to_string(), "there is no account");
    let request = service.await.unwrap();
    assert!(request.starts_with("GET /api/v1/accounts/anna HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("messngr-as: jörg\r\n"), "{request}");
}

#[tokio::test]
async fn half_a_download_is_not_taken_for_a_whole_one() {
    let directory = TempDir::new().unwrap();
    let _service = answering(&directory, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await;
    let mut got = Vec::new();
    let error = Client::to_data_directory(directory.path())
        .download(&ApiPath::new(&["backup"]), &mut got)
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Broken { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_of_another_version_is_said_to_be_one() {
    let directory = TempDir::new().unwrap();
    let _service = answering(&directory, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
    let error = Client::to_data_directory(directory.path())
        .get::<AccountView>(&ApiPath::new(&["x"]))
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Answer { .. }), "{error:?}");
}

#[test]
fn a_name_that_would_break_the_request_is_refused() {
    let client = Client::to_data_directory(Path::new("/x"));
    assert_eq!(client.speaking_as("a\r\nb").unwrap_err(), ClientError::Name);
}
