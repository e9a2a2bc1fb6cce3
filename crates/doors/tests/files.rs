//! Files by HTTP: put once, fetched as something that nobody runs.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use doors::web::files::{addresses, router};
use http_body_util::BodyExt;
use hub::{FileDraft, FileError, FileSettings, HubError};
use tempfile::TempDir;
use testkit::House;
use tower::ServiceExt;

const BASE: &str = "https://office.internal:8443";

struct Files {
    house: House,
    folder: TempDir,
    router: Router,
}

impl Files {
    async fn open() -> Self {
        Self::leaving_free(0).await
    }

    /// Where files leave so many bytes of the disk free.
    async fn leaving_free(free_bytes_min: u64) -> Self {
        let (house, folder) = (House::open().await, tempfile::tempdir().unwrap());
        house.add("anna").await;
        let settings = FileSettings {
            folder: folder.path().join("files"),
            base_url: BASE.to_owned(),
            size_bytes_max: 200_000,
            quota_bytes: 300_000,
            keep_days: 30,
            free_bytes_min,
            free_percent_min: 0,
        };
        house.hub.set_files(settings).unwrap();
        let router = router(house.hub.clone());
        Self { house, folder, router }
    }

    /// Where a file is put, and where it is then.
    async fn place(&self, name: &str, media_type: &str, size: u64) -> (String, String) {
        let draft = FileDraft { name: name.to_owned(), size, media_type: media_type.to_owned() };
        let slot = self.house.hub.open_file_slot(&self.house.address("anna"), draft).await.unwrap();
        let (put, get) = addresses(BASE, &slot);
        (put.strip_prefix(BASE).unwrap().to_owned(), get.strip_prefix(BASE).unwrap().to_owned())
    }

    async fn put(&self, path: &str, bytes: Vec<u8>) -> StatusCode {
        let length = bytes.len();
        let request = Request::put(path).header("content-length", length).body(Body::from(bytes)).unwrap();
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    async fn get(&self, path: &str) -> Response {
        self.router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    fn on_the_disk(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("files")).unwrap().count()
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

#[tokio::test]
async fn a_file_comes_back_byte_for_byte_and_a_place_is_used_once() {
    let files = Files::open().await;
    let bytes: Vec<u8> = (0..150_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let (put, get) = files.place("Plan ä.png", "image/png", 150_000).await;
    assert_eq!(files.get(&get).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(files.put(&put, bytes.clone()).await, StatusCode::CREATED);
    assert_eq!(files.put(&put, bytes.clone()).await, StatusCode::FORBIDDEN);
    let response = files.get(&get).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "image/png");
    assert_eq!(header(&response, "content-disposition"), "inline; filename*=UTF-8''Plan%20%C3%A4.png");
    assert_eq!(header(&response, "content-length"), "150000");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), bytes);
    assert_eq!(files.on_the_disk(), 1);
}

#[tokio::test]
async fn a_part_of_a_file_is_fetched_and_a_broken_off_download_goes_on() {
    let files = Files::open().await;
    let bytes: Vec<u8> = (0..150_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let (put, get) = files.place("film.mp4", "video/mp4", 150_000).await;
    assert_eq!(files.put(&put, bytes.clone()).await, StatusCode::CREATED);
    let ask = async |method: &str, headers: &[(&str, &str)]| {
        let mut request = Request::builder().method(method).uri(&get);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        files.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    let whole = ask("GET", &[]).await;
    assert_eq!((header(&whole, "accept-ranges"), whole.headers().get("content-range")), ("bytes", None));
    let tag = header(&whole, "etag").to_owned();
    let rest = ask("GET", &[("range", "bytes=100000-"), ("if-range", &tag)]).await;
    assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(header(&rest, "content-range"), "bytes 100000-149999/150000");
    assert_eq!((header(&rest, "content-length"), header(&rest, "etag")), ("50000", tag.as_str()));
    assert_eq!(rest.into_body().collect().await.unwrap().to_bytes(), bytes[100_000..]);
    let middle = ask("GET", &[("range", "bytes=7-70006")]).await;
    assert_eq!(middle.into_body().collect().await.unwrap().to_bytes(), bytes[7..70_007]);
    let beyond = ask("GET", &[("range", "bytes=150000-")]).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header(&beyond, "content-range"), "bytes */150000");
    for headers in [
        [("range", "bytes=7-8"), ("if-range", "\"another\"")],
        [("range", "bytes=0-1,4-5"), ("accept", "*/*")],
    ] {
        let response = ask("GET", &headers).await;
        assert_eq!((response.status(), header(&response, "content-length")), (StatusCode::OK, "150000"));
    }
    let head = ask("HEAD", &[("range", "bytes=7-8")]).await;
    assert_eq!((head.status(), header(&head, "content-length")), (StatusCode::OK, "150000"));
}

#[tokio::test]
async fn whatever_could_act_in_a_browser_is_saved_and_not_shown() {
    let files = Files::open().await;
    for (name, media_type) in
        [("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.pdf", "application/pdf")]
    {
        let (put, get) = files.place(name, media_type, 3).await;
        assert_eq!(files.put(&put, b"<b>".to_vec()).await, StatusCode::CREATED);
        let response = files.get(&get).await;
        assert!(header(&response, "content-disposition").starts_with("attachment;"), "{name}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "content-security-policy"), "default-src 'none'; sandbox");
    }
    assert_eq!(files.on_the_disk(), 1, "the same bytes lie there once");
}

#[tokio::test]
async fn what_is_not_as_it_was_promised_is_not_taken_and_leaves_nothing() {
    let files = Files::open().await;
    let (put, _) = files.place("a", "", 3).await;
    assert_eq!(files.put(&put, b"abcd".to_vec()).await, StatusCode::BAD_REQUEST);
    let without = Request::put(&put).body(Body::from("abc")).unwrap();
    let status = files.router.clone().oneshot(without).await.unwrap().status();
    assert_eq!(status, StatusCode::LENGTH_REQUIRED);
    let lied = Request::put(&put).header("content-length", 3).body(Body::from("ab")).unwrap();
    let status = files.router.clone().oneshot(lied).await.unwrap().status();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(files.put(&put, b"abc".to_vec()).await, StatusCode::FORBIDDEN, "the place is used up");
    let other = put.replace("/put/", "/put/0");
    assert_eq!(files.put(&other, b"abc".to_vec()).await, StatusCode::FORBIDDEN);
    while files.on_the_disk() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nobody_puts_more_than_they_may() {
    let files = Files::open().await;
    let anna = files.house.address("anna");
    let draft = |size| FileDraft { name: "a".to_owned(), size, media_type: String::new() };
    let refused = files.house.hub.open_file_slot(&anna, draft(200_001)).await;
    assert_eq!(refused, Err(HubError::File(FileError::TooLarge { bytes_max: 200_000 })));
    let (put, _) = files.place("a", "", 200_000).await;
    assert_eq!(files.put(&put, vec![7; 200_000]).await, StatusCode::CREATED);
    let refused = files.house.hub.open_file_slot(&anna, draft(100_001)).await;
    assert_eq!(refused, Err(HubError::File(FileError::QuotaReached { quota_bytes: 300_000 })));
    files.place("b", "", 100_000).await;
}

#[tokio::test]
async fn a_place_lasts_some_minutes_and_a_file_as_long_as_files_are_kept() {
    let files = Files::open().await;
    let (late, _) = files.place("late", "", 3).await;
    let (put, get) = files.place("kept", "", 3).await;
    assert_eq!(files.put(&put, b"abc".to_vec()).await, StatusCode::CREATED);
    files.house.clock.advance(jiff::SignedDuration::from_mins(5));
    assert_eq!(files.put(&late, b"abc".to_vec()).await, StatusCode::FORBIDDEN);
    files.house.clock.advance(jiff::SignedDuration::from_hours(24 * 29));
    files.house.hub.tidy_files_once().await.unwrap();
    assert_eq!(files.get(&get).await.status(), StatusCode::OK);
    files.house.clock.advance(jiff::SignedDuration::from_hours(24));
    files.house.hub.tidy_files_once().await.unwrap();
    assert_eq!(files.get(&get).await.status(), StatusCode::NOT_FOUND);
}

#[test]
fn clients_that_do_not_take_what_they_fetch_or_send_what_they_put_keep_no_thread_from_others() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build();
    runtime.unwrap().block_on(async {
        let files = Files::open().await;
        let (put, get) = files.place("a", "", 200_000).await;
        assert_eq!(files.put(&put, vec![7; 200_000]).await, StatusCode::CREATED);
        let mut waiting = Vec::new();
        for _ in 0..8 {
            let mut body = files.get(&get).await.into_body();
            assert!(body.frame().await.unwrap().is_ok());
            waiting.push(body);
        }
        for _ in 0..8 {
            let (put, _) = files.place("b", "", 10).await;
            let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
            let request = Request::put(&put).header("content-length", 10).body(never).unwrap();
            tokio::spawn(files.router.clone().oneshot(request));
            tokio::task::yield_now().await;
        }
        let other = tokio::task::spawn_blocking(|| ());
        tokio::time::timeout(std::time::Duration::from_secs(10), other).await.unwrap().unwrap();
        for body in waiting {
            assert_eq!(body.collect().await.unwrap().to_bytes().len(), 200_000 - (64 << 10));
        }
    });
}

#[tokio::test]
async fn who_puts_a_file_too_slowly_is_given_up_although_something_comes_again_and_again() {
    let files = Files::open().await;
    let (put, _) = files.place("a", "", 100).await;
    let slow = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_secs(29)).await;
        Some((Ok::<_, std::io::Error>(vec![7]), ()))
    });
    let request = Request::put(&put).header("content-length", 100).body(Body::from_stream(slow)).unwrap();
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let status = files.router.clone().oneshot(request).await.unwrap().status();
    assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE);
    assert!(began.elapsed() < std::time::Duration::from_secs(90));
}

#[tokio::test]
async fn what_is_under_way_counts_and_what_was_refused_leaves_nothing() {
    let files = Files::open().await;
    let anna = files.house.address("anna");
    let draft = |size| FileDraft { name: "a".to_owned(), size, media_type: String::new() };
    let first = files.house.hub.open_file_slot(&anna, draft(200_000)).await.unwrap();
    let mut incoming = files.house.hub.begin_file(first.slot, None).await.unwrap();
    let refused = files.house.hub.open_file_slot(&anna, draft(100_001)).await;
    assert_eq!(refused, Err(HubError::File(FileError::QuotaReached { quota_bytes: 300_000 })));
    incoming.take(vec![7; 100_000].into()).await.unwrap();
    assert_eq!(files.on_the_disk(), 1);
    drop(incoming);
    assert_eq!(files.on_the_disk(), 0);
    let (put, _) = files.place("a", "", 200_000).await;
    let (other, _) = files.place("b", "", 100_000).await;
    assert_eq!(files.put(&put, vec![7; 200_000]).await, StatusCode::CREATED);
    // Somebody else's doing, as when the quota was made smaller.
    let file = store::FileRecord {
        id: "00000000-0000-7000-8000-000000000007".parse().unwrap(),
        owner: anna,
        name: "c".to_owned(),
        media_type: String::new(),
        size: 1,
        hash: [7; 32],
        stored_at: files.house.hub.environment().now(),
    };
    let add = store::Change::AddFile { file, bytes_max: u64::MAX };
    files.house.hub.store().commit(vec![add]).await.unwrap();
    assert_eq!(files.put(&other, vec![8; 100_000]).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(files.on_the_disk(), 1, "the bytes that were refused are gone");
}

#[tokio::test]
async fn no_file_is_taken_where_the_disk_would_be_too_full_for_alerts() {
    let files = Files::leaving_free(u64::MAX).await;
    let draft = FileDraft { name: "a".to_owned(), size: 1, media_type: String::new() };
    let refused = files.house.hub.open_file_slot(&files.house.address("anna"), draft).await;
    assert_eq!(refused, Err(HubError::File(FileError::NoRoom)));
}
