use super::*;
use crate::api::audit;

async fn numbers(fixture: &Fixture, query: &str) -> Vec<u64> {
    let (status, records) = fixture.get(&format!("/audit{query}")).await;
    assert_eq!(status, 200, "{records}");
    records.as_array().unwrap().iter().map(|record| record["sequence"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn the_log_is_read_from_the_start_from_a_number_from_a_time_or_from_the_end() {
    let fixture = Fixture::new().await;
    for number in 2..=9 {
        fixture.hub.note("tester", "test.note", &number.to_string(), "").await.unwrap();
    }
    assert_eq!(numbers(&fixture, "").await, (1..=9).collect::<Vec<_>>());
    assert_eq!(numbers(&fixture, "?after=6").await, [7, 8, 9]);
    assert_eq!(numbers(&fixture, "?limit=2").await, [1, 2]);
    assert_eq!(numbers(&fixture, "?newest=true&limit=2").await, [8, 9]);
    assert_eq!(numbers(&fixture, "?newest=true&limit=1000").await.len(), 9);
    assert_eq!(numbers(&fixture, "?since=2000-01-01T00:00:00Z&limit=1").await, [1]);
    assert!(numbers(&fixture, "?since=2999-01-01T00:00:00Z").await.is_empty());
    let (_, log) = fixture.get("/audit").await;
    let views: Vec<audit::AuditView> = serde_json::from_value(log).unwrap();
    let time = views[5].at;
    let expected: Vec<u64> = views.iter().filter(|view| view.at >= time).map(|view| view.sequence).collect();
    assert_eq!(numbers(&fixture, &format!("?since={time}")).await, expected);
}

#[tokio::test]
async fn an_untouched_log_verifies_and_a_touched_one_says_where() {
    let fixture = Fixture::new().await;
    fixture.hub.note("tester", "test.note", "2", "").await.unwrap();
    let (_, verdict) = fixture.get("/audit/verification").await;
    assert_eq!(verdict, json!({ "intact": true, "records": 2, "broken": null, "signed_up_to": null }));

    let file = rusqlite::Connection::open(fixture.directory().join("messngr.db")).unwrap();
    file.execute("UPDATE audit SET actor = 'mallory' WHERE sequence = 2", []).unwrap();
    let (_, verdict) = fixture.get("/audit/verification").await;
    assert_eq!(verdict["intact"], false);
    assert!(verdict["broken"].as_str().unwrap().contains("record 2"), "{verdict}");
}

#[tokio::test]
async fn a_condition_is_answered_and_written_down_by_its_subject_as_it_is_kept() {
    let fixture = Fixture::new().await;
    let rules = domain::alerter::AlerterRules::default();
    fixture.hub.set_alerter(hub::AlerterSettings { names: Vec::new(), rules }).await;
    let new = json!({ "subject": " the\tback\u{202e}up\n", "text": "failed" });
    let (status, raised) = fixture.post("/conditions", new).await;
    assert_eq!((status, &raised["subject"]), (StatusCode::OK, &json!("the backup")));
    assert_eq!(fixture.get("/conditions").await.1, json!([raised]));
    let (_, cleared) = fixture.post("/conditions/clear", json!({ "subject": "the\tbackup " })).await;
    assert_eq!(cleared, json!({ "cleared": 1 }));
    let (_, log) = fixture.get("/audit?newest=true&limit=2").await;
    let details: Vec<_> = log.as_array().unwrap().iter().map(|record| &record["detail"]).collect();
    assert_eq!(details, ["the backup", "the backup"], "{log}");
}
