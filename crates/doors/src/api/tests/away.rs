use super::*;

#[tokio::test]
async fn an_absence_is_set_shown_and_ended() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let path = "/accounts/anna/away";
    let (status, view) = fixture.get(path).await;
    assert_eq!(
        (status.as_u16(), &view["absence"], &view["standing"]["show"]),
        (200, &Value::Null, &Value::Null)
    );
    let until = "2100-01-01T00:00:00Z";
    let put = async |body| fixture.call_as("", Method::PUT, path, Some(body)).await;
    let (status, view) = put(json!({ "text": "on leave", "until": until })).await;
    assert_eq!(status.as_u16(), 422, "ten years at most: {view}");
    let (_, view) = put(json!({ "text": "on leave" })).await;
    assert_eq!(
        (&view["absence"]["text"], &view["standing"]["text"]),
        (&json!("on leave"), &json!("on leave"))
    );
    assert_eq!(put(json!({ "text": "x".repeat(1_001) })).await.0, 422);
    assert_eq!(put(json!({ "text": "x", "until": "2020-01-01T00:00:00Z" })).await.0, 422);
    assert_eq!(put(json!({ "txt": "x" })).await.0, 422);
    assert_eq!(fixture.get(path).await.1["absence"]["text"], "on leave");
    assert_eq!(fixture.call_as("", Method::DELETE, path, None).await.0, 204);
    assert_eq!(fixture.get(path).await.1["absence"], Value::Null);
    assert_eq!(fixture.get("/accounts/nobody/away").await.0, 404);
}

#[tokio::test]
async fn privacy_is_set_whole_and_shown() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let path = "/accounts/anna/privacy";
    let everything = json!({
        "writes": "everyone", "reading": "everyone", "typing": "everyone", "last_activity": "everyone",
        "invisible": false
    });
    assert_eq!(fixture.get(path).await, (StatusCode::OK, everything.clone()));
    let put = async |body| fixture.call_as("", Method::PUT, path, Some(body)).await;
    let (status, _) = put(json!({ "writes": "contacts", "typing": "nobody", "invisible": true })).await;
    assert_eq!(status, 200);
    let (_, view) = fixture.get(path).await;
    assert_eq!(
        (&view["writes"], &view["typing"], &view["reading"]),
        (&json!("contacts"), &json!("nobody"), &json!("everyone"))
    );
    assert_eq!(put(json!({ "writes": "friends" })).await.0, 422);
    assert_eq!(put(json!({ "writes": "groups:no-such" })).await.0, 404);
    assert_eq!(put(json!({ "readers": "nobody" })).await.0, 422);
    assert_eq!(put(json!({})).await, (StatusCode::OK, everything));
    assert_eq!(fixture.get("/accounts/nobody/privacy").await.0, 404);
}

#[tokio::test]
async fn who_proves_the_old_password_changes_it_and_keeps_the_rules() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let put = async |old: &str, new: &str| {
        let body = Some(json!({ "password": new, "old_password": old }));
        fixture.call_as("", Method::PUT, "/accounts/anna/password", body).await.0.as_u16()
    };
    assert_eq!(put("wrong", "correct horse").await, 403);
    assert_eq!(put("secret", "short").await, 422);
    assert_eq!(put("secret", "correct horse").await, 204);
    assert_eq!(put("secret", "battery staple").await, 403);
}
