//! The page on which an old machine confirms an alert.

use domain::{AlertDraft, Audience, Computer, Recipient, Target};
use jiff::SignedDuration;

use crate::house::{Answer, House, get};

async fn alert(house: &House) -> (domain::AlertId, String) {
    let hub = &house.house.hub;
    let computer = Computer { name: "PRESS1".to_owned(), host: "127.0.0.1".to_owned(), port: None };
    let audience = Audience::new(vec![Target::Computer(computer.clone())]).unwrap();
    let draft = AlertDraft {
        must_confirm: true,
        choices: vec!["Sí <1>".to_owned(), "No".to_owned()],
        text: "Leave the building.".to_owned(),
        expires_at: Some(hub.environment().now() + SignedDuration::from_hours(1)),
        ..AlertDraft::new(house.house.address("admin"), audience, "Fire & <smoke>")
    };
    let alert = hub.send_alert(draft).await.unwrap();
    (alert.id, hub.code(alert.id, &computer).to_string())
}

fn form(code: &str, body: &str, headers: &str) -> String {
    let length = body.len();
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    get(&format!("/c/{code}"), &format!("{kind}Content-Length: {length}\r\n{headers}"))
        .replacen("GET", "POST", 1)
        + body
}

fn location(answer: &Answer) -> &str {
    answer.raw_header("location").unwrap()
}

#[tokio::test]
async fn an_alert_is_confirmed_without_script_cookie_or_origin() {
    let house = House::open().await;
    let (id, code) = alert(&house).await;
    let mut client = house.connect().await;
    let entry = client.ask(&get("/c", "Accept-Language: es\r\n")).await;
    assert!(entry.status == 200 && entry.body.contains("Confirmar un aviso"), "{entry:?}");
    assert!(!entry.body.contains("<script"));
    let written = code.to_lowercase().replace('-', "+");
    let found = client.ask(&get(&format!("/c?code={written}"), "")).await;
    assert_eq!((found.status, location(&found)), (303, format!("/c/{code}").as_str()));
    let page = client.ask(&get(&format!("/c/{code}"), "Sec-Fetch-Site: cross-site\r\n")).await;
    assert!(page.body.contains("<h2>Fire &amp; &lt;smoke&gt;</h2>"), "{page:?}");
    assert!(page.body.contains("value=\"Sí &lt;1&gt;\""), "{page:?}");
    assert!(page.head.contains("form-action 'self'"), "{page:?}");
    // Otherwise browsers say `Origin: null` of its form.
    assert_eq!(page.raw_header("referrer-policy"), Some("same-origin"));

    let elsewhere = form(&code, "choice=No", "Origin: https://evil.example\r\n");
    assert_eq!(client.ask(&elsewhere).await.status, 403);
    assert_eq!(client.ask(&form(&code, "choice=Perhaps", "")).await.status, 422);
    let done = client.ask(&form(&code, "choice=S%C3%AD+%3C1%3E", "")).await;
    assert!(done.status == 200 && done.body.contains("Thank you"), "{done:?}");
    let again = client.ask(&form(&code, "choice=No", "")).await;
    assert!(again.body.contains("confirmed before") && again.body.contains("Sí &lt;1&gt;"), "{again:?}");
    let recipient: Recipient = "computer:PRESS1@127.0.0.1".parse().unwrap();
    let receipt = house.house.hub.store().receipt(id, &recipient).await.unwrap().unwrap();
    assert_eq!(receipt.confirmation.unwrap().choice, "Sí <1>");
}

#[tokio::test]
async fn whoever_guesses_codes_has_to_wait() {
    let house = House::open().await;
    let (_, code) = alert(&house).await;
    let mut client = house.connect().await;
    for _ in 0..10 {
        assert_eq!(client.ask(&get("/c/AAAA-AAAA", "")).await.status, 404);
    }
    assert_eq!(client.ask(&get(&format!("/c/{code}"), "")).await.status, 429);
    assert_eq!(client.ask(&form(&code, "choice=No", "")).await.status, 429);
}

#[tokio::test]
async fn where_nothing_is_encrypted_for_old_machines_nothing_else_is_answered() {
    let house = House::open().await;
    let (_, code) = alert(&house).await;
    let mut client = house.connect_openly().await;
    assert_eq!(client.ask(&get(&format!("/c/{code}"), "")).await.status, 200);
    let done = client.ask(&form(&code, "choice=No", "Origin: http://office.internal\r\n")).await;
    assert_eq!(done.status, 200);
    for path in ["/", "/api/v1/status", "/api", "/files/a/b", "/metrics"] {
        assert_eq!(client.ask(&get(path, "")).await.status, 404, "{path}");
    }
}
