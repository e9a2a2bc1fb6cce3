use super::*;

impl Fixture {
    /// All of a list, by pages of `limit`, as each page says where the next one is.
    async fn by_pages(&self, path: &str, limit: usize) -> (Vec<Value>, usize) {
        let (mut whole, mut pages) = (Vec::new(), 0);
        let gap = if path.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("/api/v1{path}{gap}limit={limit}"));
        while let Some(path) = next {
            let answer = self.ask(Request::get(path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status(), 200);
            next = answer.headers().get(header::LINK).map(|link| {
                let link = link.to_str().unwrap();
                link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned()
            });
            let page: Vec<Value> = serde_json::from_slice(&bytes(answer).await).unwrap();
            assert!(page.len() <= limit);
            whole.extend(page);
            pages += 1;
        }
        (whole, pages)
    }
}

#[tokio::test]
async fn every_list_is_the_same_page_by_page_as_at_once() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "anna-b", "bert"]).await;
    let mut sessions = Vec::new();
    for name in ["anna", "anna-b", "bert"] {
        sessions.push(fixture.sign_in(name).await);
        fixture.hub.add_group("test", name.parse().unwrap()).await.unwrap();
        fixture.program("admin", "read").await;
        let alert = json!({ "headline": name, "audience": "everyone" });
        assert_eq!(fixture.post("/alerts", alert).await.0, 201);
    }
    for path in ["/accounts", "/groups", "/sessions", "/tokens", "/alerts", "/alerts?all=true", "/audit"] {
        let (_, whole) = fixture.get(path).await;
        let count = whole.as_array().unwrap().len();
        assert!(count >= 3, "{path}");
        for limit in [1, 2, count, count + 1] {
            let (paged, pages) = fixture.by_pages(path, limit).await;
            assert_eq!(
                (Value::Array(paged), pages),
                (whole.clone(), count.div_ceil(limit)),
                "{path} by {limit}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let fixture = Fixture::new().await;
    for path in
        ["/accounts?limit=0", "/tokens?limit=1001", "/alerts?after=x", "/audit?after=x", "/groups?before=x"]
    {
        assert_eq!(fixture.get(path).await.0, 422, "{path}");
    }
    let unknown = "/alerts?after=0192d3c5-0000-7000-8000-000000000000";
    assert_eq!(fixture.get(unknown).await.0, 404);
}

#[tokio::test]
async fn a_message_is_sent_once_under_one_key_wherever_the_key_stands() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    let send = async |key: Option<&str>, id: Option<&str>| {
        let mut request = Request::post("/api/v1/messages").header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let mut body = json!({ "to": "anna", "text": "hello" });
        if let Some(id) = id {
            body["id"] = json!(id);
        }
        fixture.ask(request.body(Body::from(body.to_string())).unwrap()).await.status().as_u16()
    };
    for (key, id) in [(Some("k1"), None), (Some("k1"), None), (None, Some("k1")), (Some("k1"), Some("k1"))] {
        assert_eq!(send(key, id).await, 200);
    }
    assert_eq!(fixture.waiting_for("anna").await.len(), 1);
    assert_eq!(send(Some("k2"), None).await, 200);
    assert_eq!(send(Some("k3"), Some("k4")).await, 422);
    assert_eq!(send(Some(&"x".repeat(201)), None).await, 422);
    assert_eq!(send(Some(""), None).await, 422);
    assert_eq!(fixture.waiting_for("anna").await.len(), 2);
}
