//! The browser client, as browsers get it.

use crate::house::{House, get};

#[tokio::test]
async fn the_page_is_answered_where_the_client_has_one_and_says_what_it_may_load() {
    let house = House::open().await;
    let mut client = house.connect().await;
    for path in [
        "/",
        "/chats",
        "/chats/anna@office.internal",
        "/alerts/0190",
        "/console/a/b",
        "/me/privacy",
        "/notices",
    ] {
        let page = client.ask(&get(path, "")).await;
        assert_eq!((page.status, page.body.as_str()), (200, "<title>messngr</title>"), "{path}");
        assert!(page.head.contains("content-type: text/html; charset=utf-8"), "{}", page.head);
        assert!(page.head.contains("script-src 'self' 'sha256-abc=';"), "{}", page.head);
        assert!(page.head.contains("cache-control: no-cache"), "{}", page.head);
        for header in [
            "cross-origin-opener-policy: same-origin",
            "permissions-policy: ",
            "referrer-policy: no-referrer",
        ] {
            assert!(page.head.contains(header), "{header} in {}", page.head);
        }
    }
    for path in ["/nothing/at/all", "/js/nothing.js", "/css/"] {
        assert_eq!(client.ask(&get(path, "")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_file_comes_packed_to_who_can_unpack_it_and_only_once() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let file = client.ask(&get("/js/main.js", "")).await;
    assert_eq!((file.status, file.body.as_str()), (200, "hello"));
    assert!(file.head.contains("content-type: text/javascript; charset=utf-8"), "{}", file.head);
    assert!(file.head.contains("x-content-type-options: nosniff"), "{}", file.head);
    assert!(file.head.contains("etag: \"0123\""), "{}", file.head);
    let again = client.ask(&get("/js/main.js", "If-None-Match: \"0123\"\r\n")).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let another = client.ask(&get("/js/main.js", "If-None-Match: \"4567\"\r\n")).await;
    assert_eq!(another.status, 200);
    let kept = client.ask(&get("/js/main.js?v=0123", "")).await;
    assert!(kept.head.contains("cache-control: public, max-age=31536000, immutable"), "{}", kept.head);
    let known = get("/js/main.js", "Accept-Encoding: gzip\r\nIf-None-Match: \"0123-gzip\"\r\n");
    assert_eq!(client.ask(&known).await.status, 304);
    assert_eq!(client.ask(&get("/favicon.ico", "")).await.body, "icon");
}

#[tokio::test]
async fn links_from_other_places_lead_here_and_names_of_others_do_not() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let link = client.ask(&get("/chats", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n")).await;
    assert_eq!(link.status, 200);
    let rebound = client.ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert_eq!(rebound.status, 421);
}

#[tokio::test]
async fn what_programs_publish_to_is_not_hidden_by_it() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let asked =
        [("GET", "/plant/json", 401), ("POST", "/plant", 401), ("GET", "/message", 401), ("POST", "/", 400)];
    for (method, path, status) in asked {
        let request = get(path, "Content-Length: 0\r\n").replacen("GET", method, 1);
        assert_eq!(client.ask(&request).await.status, status, "{method} {path}");
    }
}
