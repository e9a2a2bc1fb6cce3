use super::*;

#[tokio::test]
async fn an_account_is_made_shown_changed_and_removed() {
    let fixture = Fixture::new().await;
    let new = json!({ "name": "Anna", "password": "p", "groups": ["ward"], "create_groups": true });
    let (status, made) = fixture.post("/accounts", new).await;
    assert_eq!(status, 201);
    assert_eq!(made["address"], "anna@x.internal");
    assert_eq!(made["netbios"], "ANNA");
    assert_eq!(made["groups"], json!(["ward"]));
    assert_eq!(fixture.get("/accounts/ANNA").await, (StatusCode::OK, made.clone()));

    let change = json!({ "disabled": true, "accepts_unverified": false, "administrator": true });
    let (_, changed) = fixture.call_as("", Method::PATCH, "/accounts/anna", Some(change)).await;
    assert_eq!(changed["disabled"], true);
    assert_eq!(changed["accepts_unverified"], false);
    assert_eq!(changed["administrator"], true);

    let (status, _) = fixture.call_as("", Method::DELETE, "/accounts/anna", None).await;
    assert_eq!(status, 204);
    assert_eq!(fixture.get("/accounts/anna").await.0, 404);
    let (_, all) = fixture.get("/accounts").await;
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_second_account_of_a_name_and_one_with_an_unknown_group_are_refused_and_change_nothing() {
    let fixture = Fixture::new().await;
    let (status, problem) = fixture.post("/accounts", json!({ "name": "admin", "password": "p" })).await;
    assert_eq!(
        (status.as_u16(), &problem["detail"]),
        (409, &json!("the account admin@x.internal exists already"))
    );
    let new = json!({ "name": "anna", "password": "p", "groups": ["ward"] });
    assert_eq!(fixture.post("/accounts", new).await.0, 404);
    assert_eq!(fixture.get("/accounts/anna").await.0, 404);
    assert_eq!(fixture.get("/groups").await.1, json!([]));
    assert_eq!(fixture.post("/accounts", json!({ "name": "alerts", "password": "p" })).await.0, 422);
    assert_eq!(fixture.post("/accounts", json!({ "name": "anna", "password": "" })).await.0, 422);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_and_is_the_one_that_counts() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let session = fixture.sign_in("anna").await;
    let body = Some(json!({ "password": "new" }));
    let (status, _) = fixture.call_as("", Method::PUT, "/accounts/anna/password", body).await;
    assert_eq!(status, 204);
    let record = fixture.hub.password(session.address()).await.unwrap().unwrap();
    assert!(record.matches("new") && !record.matches("secret"));
}

#[tokio::test]
async fn people_join_and_leave_groups() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    assert_eq!(fixture.post("/groups", json!({ "name": "Ward-3" })).await.0, 201);
    assert_eq!(fixture.post("/groups", json!({ "name": "ward-3" })).await.0, 409);
    assert_eq!(fixture.post("/groups", json!({ "name": "a b" })).await.0, 422);
    let member = "/groups/ward-3/members/anna";
    assert_eq!(fixture.call_as("", Method::PUT, member, None).await.0, 204);
    let (_, groups) = fixture.get("/groups").await;
    assert_eq!(groups, json!([{ "name": "ward-3", "members": ["anna@x.internal"] }]));
    assert_eq!(fixture.get("/accounts").await.1[1]["groups"], json!(["ward-3"]));
    assert_eq!(fixture.call_as("", Method::DELETE, member, None).await.0, 204);
    assert_eq!(fixture.get("/groups").await.1[0]["members"], json!([]));
    assert_eq!(fixture.call_as("", Method::PUT, "/groups/ward-3/members/nobody", None).await.0, 404);
    assert_eq!(fixture.call_as("", Method::DELETE, "/groups/ward-3", None).await.0, 204);
    assert_eq!(fixture.call_as("", Method::DELETE, "/groups/ward-3", None).await.0, 404);
}

#[tokio::test]
async fn who_is_signed_in_is_listed() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    assert_eq!(fixture.get("/sessions").await.1, json!([]));
    let _session = fixture.sign_in("anna").await;
    let (_, sessions) = fixture.get("/sessions").await;
    let views: Vec<sessions::SessionView> = serde_json::from_value(sessions).unwrap();
    assert_eq!(views[0].address.as_str(), "anna@x.internal");
    assert_eq!((views[0].resource.as_str(), views[0].source.as_str()), ("desk", "10.0.0.9"));
    assert_eq!(views[0].show, None);
}
