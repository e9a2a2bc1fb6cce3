use super::*;

#[tokio::test]
async fn a_person_finds_what_they_were_told_with_their_own_answers_and_nothing_else() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    let send = async |headline: &str, to: &str| {
        let alert = json!({ "headline": headline, "audience": to, "choices": ["Safe", "Help"] });
        let (_, made) = fixture.post("/alerts", alert).await;
        made["id"].as_str().unwrap().to_owned()
    };
    let (first, _other, last) =
        (send("One", "anna").await, send("Two", "bert").await, send("Three", "everyone").await);
    let session = fixture.sign_in("anna").await;
    fixture.hub.confirm_alert(first.parse().unwrap(), &session, "Help").await.unwrap();
    let (_, open) = fixture.call_of("anna", Method::GET, "/me/alerts", None).await;
    assert_eq!((open.as_array().unwrap().len(), &open[0]["id"]), (1, &json!(last)));
    assert_eq!(open[0].get("answer"), None);
    let (_, all) = fixture.call_of("anna", Method::GET, "/me/alerts?all=true", None).await;
    let headlines: Vec<_> = all.as_array().unwrap().iter().map(|alert| &alert["headline"]).collect();
    assert_eq!(headlines, ["Three", "One"]);
    assert_eq!(all[1]["answer"]["choice"], "Help");
    assert_eq!((&all[0]["seen"], &all[1]["seen"]), (&json!(false), &json!(true)));
    let (_, next) =
        fixture.call_of("anna", Method::GET, &format!("/me/alerts?all=true&after={last}"), None).await;
    assert_eq!(next[0]["id"], json!(first));
    for path in ["/me/alerts?all=true&limit=0", "/me/alerts?all=true&limit=201", "/me/alerts?after=x"] {
        assert_eq!(fixture.call_of("anna", Method::GET, path, None).await.0, 422, "{path}");
    }
}

#[tokio::test]
async fn a_person_reads_the_announcements_that_were_for_them() {
    let fixture = Fixture::new().await;
    fixture.add_people(&["anna", "bert"]).await;
    for (headline, to) in [("Canteen", "everyone"), ("Payroll", "bert"), ("Parking", "anna")] {
        let notice = json!({ "headline": headline, "audience": to, "kind": "announcement" });
        assert_eq!(fixture.post("/alerts", notice).await.0, 201);
    }
    let (status, board) = fixture.call_of("anna", Method::GET, "/me/notices", None).await;
    let headlines: Vec<_> = board.as_array().unwrap().iter().map(|notice| &notice["headline"]).collect();
    assert_eq!((status.as_u16(), headlines), (200, vec![&json!("Parking"), &json!("Canteen")]));
    assert_eq!(board[0]["seen"], json!(false));
    let (_, found) = fixture.call_of("anna", Method::GET, "/me/notices?words=canteen", None).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(fixture.call_of("anna", Method::GET, "/notices", None).await.0, 403);
}
