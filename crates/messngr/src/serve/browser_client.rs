use doors::web::BrowserClient;

/// The browser client that the build has embedded (`build.rs`).
pub(crate) const BROWSER_CLIENT: BrowserClient = include!(concat!(env!("OUT_DIR"), "/browser_client.rs"));
