use domain::{Need, Scope};

use super::*;

/// A request for a route, with something in the place of each parameter.
fn request(route: &routes::Route) -> Request<Body> {
    let segments = route.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    let path = segments.collect::<Vec<_>>().join("/");
    let request = Request::builder().method(&route.method).uri(format!("/api/v1{path}"));
    request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap()
}

/// The scope that an answer says is missing.
async fn missing(answer: Response<Body>) -> Option<String> {
    let is_refused = answer.status() == StatusCode::FORBIDDEN;
    let problem = serde_json::from_slice::<Problem>(&bytes(answer).await).ok();
    problem.filter(|_| is_refused)?.missing_scope.clone()
}

#[tokio::test]
async fn every_route_takes_the_scope_it_needs_and_refuses_every_other_and_says_which_is_missing() {
    let fixture = Fixture::new().await;
    let routes = table::routes();
    assert!(routes.listed().len() > 20);
    for scope in ["publish:everyone", "read", "chat", "administer"] {
        let peer = fixture.program("admin", scope).await;
        let parsed: Scope = scope.parse().unwrap();
        for route in routes.listed() {
            let expected = (!parsed.allows(route.need, "x.internal")).then(|| route.need.missing());
            let found = missing(fixture.ask_as(peer.clone(), request(route)).await).await;
            assert_eq!(found, expected, "{} {} with {scope}", route.method, route.path);
        }
    }
}

#[tokio::test]
async fn nothing_is_done_and_little_is_told_for_whoever_has_no_scope_for_it() {
    let open: Vec<_> =
        table::routes().listed().iter().filter(|route| route.need == Need::Anyone).cloned().collect();
    let (by_themselves, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|route| route.is_open);
    let by_themselves: Vec<_> = by_themselves.iter().map(|route| route.path).collect();
    assert_eq!(by_themselves, ["/session/scram", "/session/scram/{exchange}"]);
    let open: Vec<_> = open.iter().map(|route| (route.method.as_str(), route.path)).collect();
    let session = [("GET", "/session"), ("DELETE", "/session")];
    assert_eq!(open, [session.as_slice(), &[("GET", "/alert-keys"), ("GET", "/ca")]].concat());
    let fixture = Fixture::new().await;
    for route in table::routes().listed().iter().filter(|route| !route.is_open) {
        let answer = fixture.router.clone().oneshot(request(route)).await.unwrap();
        assert_eq!(answer.status(), 401, "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn a_token_to_administer_is_worth_nothing_once_its_account_may_not() {
    let fixture = Fixture::new().await;
    fixture.hub.add_account("service", "root", "secret", true).await.unwrap();
    let Peer::Token { token, rights, source, .. } = fixture.program("root", "administer").await else {
        panic!()
    };
    fixture.hub.set_administrator("service", "root", false).await.unwrap();
    let account = fixture.hub.account_named("root").unwrap();
    let peer = Peer::Token { token, account, rights, source };
    let request = Request::get("/api/v1/accounts").body(Body::empty()).unwrap();
    assert_eq!(missing(fixture.ask_as(peer, request).await).await.as_deref(), Some("administer"));
}

#[tokio::test]
async fn a_program_sends_alerts_to_its_audience_alone_and_calls_off_no_others() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let peer = fixture.program("admin", "publish:anna").await;
    let alert = |to: &str| {
        let body = json!({ "headline": "x", "audience": to }).to_string();
        Request::post("/api/v1/alerts")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(fixture.ask_as(peer.clone(), alert("anna")).await.status(), 201);
    let refused = fixture.ask_as(peer.clone(), alert("anna,bert")).await;
    assert_eq!(missing(refused).await.as_deref(), Some("publish:user:anna,user:bert"));

    let (_, others) = fixture.post("/alerts", json!({ "headline": "y", "audience": "everyone" })).await;
    let cancel = Request::post(format!("/api/v1/alerts/{}/cancel", others["id"].as_str().unwrap()));
    let refused = fixture.ask_as(peer.clone(), cancel.body(Body::empty()).unwrap()).await;
    assert_eq!(missing(refused).await.as_deref(), Some("publish:everyone"));
    let replaces = json!({ "headline": "x", "audience": "anna", "updates": others["id"] });
    let level = json!({ "after_seconds": 60, "fewer_than": "1", "audience": "bert" });
    let escalates = json!({ "headline": "x", "audience": "anna", "escalation": [level] });
    for (body, lacks) in [(replaces, "publish:everyone"), (escalates, "publish:user:bert")] {
        let request = Request::post("/api/v1/alerts").header(header::CONTENT_TYPE, "application/json");
        let refused = fixture.ask_as(peer.clone(), request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(missing(refused).await.as_deref(), Some(lacks));
    }
}

#[tokio::test]
async fn a_person_speaks_as_themselves_and_sends_alerts_only_if_they_may() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let ask = |path: &str, body: Value, name: Option<&str>| {
        let mut request =
            Request::post(format!("/api/v1{path}")).header(header::CONTENT_TYPE, "application/json");
        if let Some(name) = name {
            request = request.header(IN_THE_NAME_OF, name);
        }
        request.body(Body::from(body.to_string())).unwrap()
    };
    let (anna, message) = (fixture.person("anna"), json!({ "to": "bert", "text": "hello" }));
    for name in [None, Some("anna"), Some("Anna@x.internal")] {
        let answer = fixture.ask_as(anna.clone(), ask("/messages", message.clone(), name)).await;
        assert_eq!(answer.status(), 200, "{name:?}");
    }
    let answer = fixture.ask_as(anna.clone(), ask("/messages", message, Some("admin"))).await;
    assert_eq!(answer.status(), 403);
    assert_eq!(fixture.waiting_for("bert").await.len(), 3);
    let alert = json!({ "headline": "x", "audience": "bert" });
    assert_eq!(fixture.ask_as(anna, ask("/alerts", alert.clone(), None)).await.status(), 403);
    assert_eq!(fixture.ask_as(fixture.person("admin"), ask("/alerts", alert, None)).await.status(), 201);
}

#[tokio::test]
async fn an_auditor_reads_reports_and_does_nothing_else_that_others_may_not() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let ask = |path: &str| Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap();
    assert_eq!(fixture.ask_as(fixture.person("anna"), ask("/alerts")).await.status(), 403);
    fixture.hub.grant("test", "anna", "audit".parse().unwrap()).await.unwrap();
    assert_eq!(fixture.ask_as(fixture.person("anna"), ask("/alerts")).await.status(), 200);
    assert_eq!(fixture.ask_as(fixture.person("anna"), ask("/accounts")).await.status(), 403);
}

#[tokio::test]
async fn an_auditor_reads_the_audit_log_also_by_a_token_made_for_it_and_nobody_else_does() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let status = async |peer: Peer, path: &str| {
        let request = Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap();
        fixture.ask_as(peer, request).await.status().as_u16()
    };
    let unheard = fixture.program("anna", "audit").await;
    fixture.hub.grant("test", "anna", "audit".parse().unwrap()).await.unwrap();
    fixture.hub.grant("test", "bert", "publish:everyone".parse().unwrap()).await.unwrap();
    let (narrow, made_for_it) =
        (fixture.program("anna", "read").await, fixture.program("anna", "audit").await);
    let of_another = fixture.program("bert", "audit").await;
    for path in ["/audit", "/audit/verification"] {
        assert_eq!(status(fixture.person("anna"), path).await, 200);
        assert_eq!(status(fixture.person("bert"), path).await, 403);
        assert_eq!(status(made_for_it.clone(), path).await, 200);
        for peer in [&unheard, &narrow, &of_another] {
            assert_eq!(status(peer.clone(), path).await, 403, "{peer}");
        }
    }
    assert_eq!(status(made_for_it, "/accounts").await, 403);
}
