//! The authority and the configuration together, judged by programs that are not ours: rustls' client and openssl.

mod authority;
mod binding;
mod handshake;
mod openssl;

use super::{Authority, Names, ServerCertificate};
use jiff::Timestamp;
use std::path::Path;
use tempfile::TempDir;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// An authority in a directory of its own.
struct Service {
    directory: TempDir,
    authority: Authority,
    certificate: ServerCertificate,
}

impl Service {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::load_or_create(directory.path(), &names(), now()).unwrap();
        let certificate = authority.server_certificate(&names(), now()).unwrap();
        Self { directory, authority, certificate }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn load(&self, now: Timestamp) -> Result<Authority, super::AuthorityError> {
        Authority::load_or_create(self.path(), &names(), now)
    }
}

fn names() -> Names {
    Names {
        domain: "corp.lan".into(),
        host: "chat1.corp.lan".into(),
        others: vec!["alerts.corp.lan".into()],
        addresses: vec!["10.1.2.3".parse().unwrap(), "fd00::7".parse().unwrap()],
        networks: vec!["10.0.0.0/8".parse().unwrap(), "fc00::/7".parse().unwrap()],
    }
}

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn in_days(days: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + days * DAY_SECONDS).unwrap()
}
