//! The two documents by which clients find the doors (XEP-0156, XEP-0487).

use crate::house::{House, get};

#[tokio::test]
async fn a_client_is_told_where_tls_begins_at_once_and_may_ask_from_any_page() {
    let house = House::open().await;
    let foreign = "Origin: https://chat.example\r\nSec-Fetch-Site: cross-site\r\n";
    let answer = house.ask(&get("/.well-known/host-meta.json", foreign)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("content-type: application/json"), "{answer:?}");
    assert!(answer.head.contains("access-control-allow-origin: *"), "{answer:?}");
    assert!(!answer.head.contains("cross-origin-resource-policy"), "{answer:?}");
    let document = answer.json();
    assert_eq!(document["links"][0]["port"], 5223);
    assert_eq!(document["links"][0]["ips"][0], "127.0.0.1");
    assert_eq!(document["links"][0]["sni"], "office.internal");
}

#[tokio::test]
async fn the_other_document_is_there_and_nothing_else_can_be_read_from_other_pages() {
    let house = House::open().await;
    let answer = house.ask(&get("/.well-known/host-meta", "")).await;
    assert!(answer.head.contains("content-type: application/xrd+xml"), "{answer:?}");
    assert!(answer.body.contains("<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'/>"), "{answer:?}");
    let mut client = house.connect().await;
    for path in ["/.well-known/", "/.well-known/host-meta.json/x", "/v1/accounts", "/api/v1/nothing"] {
        let answer = client.ask(&get(path, "")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.head.contains("access-control-allow-origin"), "{answer:?}");
    }
    let post = get("/.well-known/host-meta", "").replace("GET", "POST");
    assert_eq!(house.ask(&post).await.status, 405);
}

#[tokio::test]
async fn whoever_reaches_the_service_may_check_its_signatures_but_no_page_of_others_may() {
    let house = House::open().await;
    let answer = house.ask(&get("/.well-known/messngr/keys", "")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["keys"][0]["crv"], "Ed25519");
    let foreign = "Origin: https://chat.example\r\nSec-Fetch-Site: cross-site\r\n";
    let refused = house.ask(&get("/.well-known/messngr/keys", foreign)).await;
    assert_eq!(refused.status, 403, "{refused:?}");
}
