use super::*;

fn request(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    let request =
        Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    request.body(body.into()).unwrap()
}

async fn problem(answer: Response<Body>) -> Problem {
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    let status = answer.status().as_u16();
    let problem: Problem = serde_json::from_slice(&bytes(answer).await).unwrap();
    assert_eq!(problem.status, status);
    problem
}

#[tokio::test]
async fn nobody_is_answered_whom_no_door_has_proven() {
    let fixture = Fixture::new().await;
    let answer = fixture.router.clone().oneshot(request(Method::GET, "/api/v1/status", "")).await.unwrap();
    let challenges: Vec<_> = answer.headers().get_all(header::WWW_AUTHENTICATE).iter().cloned().collect();
    assert_eq!(challenges, ["Bearer realm=\"messngr\"", "Basic realm=\"messngr\", charset=\"UTF-8\""]);
    assert_eq!(problem(answer).await.status, 401);
}

#[tokio::test]
async fn a_misspelled_field_is_named_and_nothing_is_done() {
    let fixture = Fixture::new().await;
    let body = r#"{"name":"anna","password":"p","adminstrator":true}"#;
    let problem = problem(fixture.ask(request(Method::POST, "/api/v1/accounts", body)).await).await;
    assert_eq!(problem.status, 422);
    assert!(problem.detail.contains("adminstrator"), "{}", problem.detail);
    assert_eq!(fixture.hub.account_count(), 1);
    assert_eq!(fixture.get("/alerts?al=true").await.0, 422);
}

#[tokio::test]
async fn what_is_not_json_not_there_or_too_large_is_a_problem_of_its_own() {
    let fixture = Fixture::new().await;
    let text = Request::post("/api/v1/groups").body(Body::from("name=x")).unwrap();
    assert_eq!(problem(fixture.ask(text).await).await.status, 415);
    let ask = |method, path, body: Vec<u8>| fixture.ask(request(method, path, body));
    assert_eq!(problem(ask(Method::POST, "/api/v1/groups", b"{".to_vec()).await).await.status, 422);
    let list = br#"["ward"]"#.to_vec();
    assert_eq!(problem(ask(Method::POST, "/api/v1/groups", list).await).await.status, 422);
    assert_eq!(problem(ask(Method::GET, "/api/v2/status", Vec::new()).await).await.status, 404);
    assert_eq!(problem(ask(Method::DELETE, "/api/v1/status", Vec::new()).await).await.status, 405);
    assert_eq!(problem(ask(Method::POST, "/api/v1/groups", vec![b' '; 1_048_577]).await).await.status, 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
    let fixture = Fixture::new().await;
    let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let answer = fixture.ask(request(Method::POST, "/api/v1/groups", never)).await;
    assert_eq!(problem(answer).await.status, 408);
}
