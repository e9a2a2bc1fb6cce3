//! The browser client: files that the program carries, the same for everybody. Whoever opens a page of it has not
//! signed in; what the page asks for then is the interface's to judge.

mod file;
mod policy;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
pub use file::BrowserFile;

/// The client, as it is embedded into the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserClient {
    /// Its files, in the order of their paths; `index.html` among them.
    pub files: &'static [BrowserFile],
    /// By what `script-src` allows the scripts that stand in `index.html` itself: `'sha256-…'`.
    pub inline_scripts: &'static [&'static str],
}

/// The page that all of these are: the client shows what the path means.
const PAGES: [&str; 5] = ["/alerts", "/chats", "/console", "/me", "/notices"];

/// Where files are.
const FOLDERS: [&str; 6] = ["/css", "/icons", "/js", "/sounds", "/vendor", "/words"];

/// Everything that the client consists of. Nobody has to say who they are for it.
pub(super) fn router(client: BrowserClient) -> Router {
    let mut router = Router::new().route("/", get(page));
    for path in PAGES {
        router = router.route(path, get(page)).route(&format!("{path}/{{*rest}}"), get(page));
    }
    for folder in FOLDERS {
        router = router.route(&format!("{folder}/{{*rest}}"), get(file));
    }
    // What browsers look for at the root.
    let at_the_root =
        client.files.iter().filter(|file| !file.path.contains('/') && file.path != "index.html");
    for file_at_the_root in at_the_root {
        router = router.route(&format!("/{}", file_at_the_root.path), get(file));
    }
    router.with_state(Arc::new(client))
}

async fn page(State(client): State<Arc<BrowserClient>>, headers: HeaderMap) -> Response {
    let Some(index) = client.named("index.html") else { return missing() };
    let mut answer = index.answer(&headers, None);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    policy::write(answer.headers_mut(), client.inline_scripts, host);
    answer
}

async fn file(State(client): State<Arc<BrowserClient>>, uri: Uri, request: Request) -> Response {
    match client.named(uri.path().trim_start_matches('/')) {
        Some(file) => file.answer(request.headers(), uri.query()),
        None => missing(),
    }
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "there is no such file").into_response()
}

impl BrowserClient {
    fn named(&self, path: &str) -> Option<&'static BrowserFile> {
        let place = self.files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        self.files.get(place)
    }
}
