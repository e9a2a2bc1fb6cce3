use std::{fmt, str::FromStr};

use axum::http::Uri;
use thiserror::Error;

/// Where a webhook is: `http:` or `https:`, a host, a port if it is not the usual one, and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Whether it is encrypted.
    pub(super) tls: bool,
    /// A name or an address; an IPv6 address in brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The host and the port as they were written.
    pub(super) authority: String,
    /// The path and the query.
    pub(super) path: String,
}

/// Why a webhook cannot be told anything.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The text says no place.
    #[error(
        "\"{text}\" is no place for a webhook: write http://HOST/PATH or https://HOST/PATH, without a name and a password in it"
    )]
    Url {
        /// What was given, shortened.
        text: String,
    },
    /// The authorities are not certificates.
    #[error("the certificates of the authorities cannot be used: {why}")]
    Authorities {
        /// Why not.
        why: String,
    },
}

const URL_BYTES_MAX: usize = 2_000;

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        read(text)
            .ok_or_else(|| TargetError::Url { text: domain::displayable(text).chars().take(100).collect() })
    }
}

fn read(text: &str) -> Option<Target> {
    let uri: Uri = text.parse().ok().filter(|_| text.len() <= URL_BYTES_MAX)?;
    let tls = match uri.scheme_str()? {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let authority = uri.authority()?;
    let host = uri.host().filter(|host| !host.is_empty())?;
    if authority.as_str().contains('@') || text.contains('#') {
        return None;
    }
    // A port that is written and no number is none that could be meant.
    let written = authority.as_str().len() > host.len();
    let port = match (uri.port_u16(), written) {
        (Some(port), _) if port > 0 => port,
        (None, false) => {
            if tls {
                443
            } else {
                80
            }
        }
        _ => return None,
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Some(Target { tls, host: host.to_owned(), port, authority: authority.to_string(), path: path.to_owned() })
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_host_and_what_is_left_out_is_the_usual() {
        for (text, tls, host, port, path) in [
            ("http://desk7", false, "desk7", 80, "/"),
            ("https://desk7/hooks?a=b", true, "desk7", 443, "/hooks?a=b"),
            ("https://10.0.0.5:8443/x", true, "10.0.0.5", 8443, "/x"),
            ("http://[fd00::5]:81/", false, "[fd00::5]", 81, "/"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!((target.tls, target.host.as_str(), target.port), (tls, host, port), "{text}");
            assert_eq!(target.path, path, "{text}");
        }
    }

    #[test]
    fn what_is_no_place_or_has_a_secret_in_it_is_refused() {
        for wrong in [
            "",
            "desk7",
            "/hooks",
            "ftp://desk7",
            "file:///etc/passwd",
            "http://",
            "http://anna:secret@desk7/",
            "http://desk7:0/",
            "http://desk7:99999/",
            "http://desk7:/",
            "http://desk 7/",
            "http://desk7/#a",
        ] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
