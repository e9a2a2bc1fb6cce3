use std::os::unix::fs::PermissionsExt;

use super::*;

#[tokio::test]
async fn the_status_tells_which_program_runs_and_which_ports_are_bound() {
    let fixture = Fixture::new().await;
    let bound = Listening {
        door: "xmpp".into(),
        setting: "doors.xmpp.listen".into(),
        purpose: "STARTTLS".into(),
        address: Some(([127, 0, 0, 1], 40_001).into()),
        problem: None,
        remedy: None,
    };
    fixture.service.set_listening(vec![bound]);
    let (_, status) = fixture.get("/status").await;
    assert_eq!(status["listening"][0]["address"], "127.0.0.1:40001");
    assert_eq!((&status["version"], &status["pid"]), (&json!("1.2.3"), &json!(42)));
    assert_eq!((&status["accounts"], &status["sessions"]), (&json!(1), &json!(0)));
    let status: crate::api::service::Status = serde_json::from_value(status).unwrap();
    assert_eq!(status, fixture.service.status());
}

#[tokio::test]
async fn addresses_that_have_to_wait_are_listed_and_let_in_again() {
    let fixture = Fixture::new().await;
    let limits = crate::network::GateLimits {
        connections_max: 10,
        connections_per_address_max: 10,
        connections_per_account_max: 10,
        sign_in_failures_per_minute_max: 1,
    };
    let gate = crate::network::Gate::new(domain::AllowedNetworks::default(), limits);
    fixture.service.set_gate(gate.clone());
    let address: std::net::IpAddr = [10, 0, 0, 7].into();
    gate.failed(address);
    assert!(!gate.may_try(address));
    assert!(gate.admit(([203, 0, 113, 5], 40_000).into()).is_err());
    let (_, list) = fixture.get("/sources/refused").await;
    let list: Vec<_> = list.as_array().unwrap().iter().collect();
    let why: Vec<_> = list.iter().map(|one| (one["address"].as_str(), one["why"].as_str())).collect();
    assert_eq!(why, [(Some("10.0.0.7"), Some("sign-ins")), (Some("203.0.113.5"), Some("network"))]);
    assert_eq!((&list[0]["refused"], &list[1]["refused"]), (&json!(1), &json!(1)));
    assert_eq!((list[0]["until"].is_string(), list[1]["until"].is_null()), (true, true));
    let let_in = async |address: &str| {
        fixture.call_as("", Method::DELETE, &format!("/sources/refused/{address}"), None).await.0.as_u16()
    };
    assert_eq!((let_in("10.0.0.7").await, let_in("10.0.0.7").await, let_in("office").await), (204, 404, 422));
    assert!(gate.may_try(address));
    let (_, records) = fixture.get("/audit").await;
    assert!(records.to_string().contains("source.let-in"), "{records}");
    fixture.add_people(&["anna"]).await;
    assert_eq!(fixture.call_of("anna", Method::GET, "/sources/refused", None).await.0, 403);
}

#[tokio::test]
async fn the_configuration_is_the_one_that_was_put_in_force_last() {
    let fixture = Fixture::new().await;
    let (_, shown) = fixture.get("/configuration").await;
    assert_eq!(shown["json"]["domain"], "x.internal");
    assert_eq!(shown["settings"][0]["description"], "What stands behind the @.");
    let configuration =
        ConfigurationInForce { toml: "a = 1\n".into(), json: json!({ "a": 1 }), settings: Vec::new() };
    fixture.service.set_configuration(configuration);
    assert_eq!(fixture.get("/configuration").await.1["toml"], "a = 1\n");
}

#[tokio::test]
async fn the_authority_is_shown_with_how_to_trust_it_where_it_will_be() {
    let fixture = Fixture::new().await;
    let (_, ca) = fixture.get("/ca?path=/tmp/office.pem").await;
    assert!(ca["pem"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(ca["how_to_trust"].as_str().unwrap().contains("/tmp/office.pem"));
    assert!(ca["how_to_trust"].as_str().unwrap().contains(ca["fingerprint_sha256"].as_str().unwrap()));
}

#[tokio::test]
async fn a_backup_restores_the_accounts_and_the_keys_and_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna"]).await;
    // A service that was killed has left half a backup.
    std::fs::write(fixture.directory().join("backup.unfinished"), b"half").unwrap();
    let request = Request::post("/api/v1/backup").body(Body::empty()).unwrap();
    let answer = fixture.ask(request).await;
    assert_eq!(answer.status(), 200);
    let length: usize = answer.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    let backup = bytes(answer).await;
    assert_eq!(backup.len(), length);
    let left: Vec<_> =
        std::fs::read_dir(fixture.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("backup")), "{left:?}");

    let elsewhere = TempDir::new().unwrap();
    let file = elsewhere.path().join("saved");
    std::fs::write(&file, &backup).unwrap();
    let data = elsewhere.path().join("data");
    std::fs::create_dir(&data).unwrap();
    store::sqlite::restore(&file, &data, "messngr.db").unwrap();
    let restored = SqliteStore::open(&data.join("messngr.db"), Options::default()).unwrap();
    assert_eq!(restored.accounts().await.unwrap().len(), 2);
    let key = std::fs::metadata(data.join("ca.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert_eq!(
        std::fs::read(data.join("ca.key")).unwrap(),
        std::fs::read(fixture.directory().join("ca.key")).unwrap()
    );
}

#[tokio::test]
async fn a_backup_without_one_of_its_files_is_refused_and_says_which() {
    let fixture = Fixture::new().await;
    std::fs::remove_file(fixture.directory().join("ca.key")).unwrap();
    let (status, problem) = fixture.call_as("", Method::POST, "/backup", None).await;
    assert_eq!(status, 503);
    assert!(problem["detail"].as_str().unwrap().contains("ca.key"), "{problem}");
}
