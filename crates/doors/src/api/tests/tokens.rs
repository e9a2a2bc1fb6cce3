use super::*;

#[tokio::test]
async fn a_token_is_made_with_a_secret_that_nobody_sees_again_and_removed() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["monitoring"]).await;
    let new = json!({
        "name": "ops", "account": "monitoring", "scopes": ["publish:group:ops", "read"], "expires_in_seconds": 60,
    });
    let (status, made) = fixture.post("/tokens", new).await;
    assert_eq!(status, 201);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("messngr_"), "{made}");
    assert_eq!(made["account"], "monitoring@x.internal");
    assert_eq!(made["scopes"], json!(["publish:group:ops", "read"]));

    let (_, list) = fixture.get("/tokens").await;
    assert_eq!(list[0]["name"], "ops");
    assert!(list[0]["expires_at"].is_string() && list[0]["last_used_at"].is_null());
    assert!(!list.to_string().contains(secret), "{list}");

    let path = format!("/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.call_as("", Method::DELETE, &path, None).await.0, 204);
    assert_eq!(fixture.call_as("", Method::DELETE, &path, None).await.0, 404);
    assert_eq!(fixture.get("/tokens").await.1, json!([]));
}

#[tokio::test]
async fn a_token_that_cannot_be_is_refused_with_the_reason() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    for (new, status) in [
        (json!({ "name": "a b", "scopes": ["read"] }), 422),
        (json!({ "name": "a", "scopes": [] }), 422),
        (json!({ "name": "a", "scopes": ["root"] }), 422),
        (json!({ "name": "a", "scopes": ["read"], "account": "nobody" }), 404),
        (json!({ "name": "a", "scopes": ["administer"], "account": "anna" }), 422),
        (json!({ "name": "a", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z" }), 422),
        (
            json!({ "name": "a", "scopes": ["read"], "expires_at": "2100-01-01T00:00:00Z", "expires_in_seconds": 1 }),
            422,
        ),
    ] {
        assert_eq!(fixture.post("/tokens", new.clone()).await.0, status, "{new}");
    }
    let twice = json!({ "name": "a", "scopes": ["read"] });
    assert_eq!(fixture.post("/tokens", twice.clone()).await.0, 201);
    assert_eq!(fixture.post("/tokens", twice).await.0, 409);
}
