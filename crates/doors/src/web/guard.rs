//! Whom a request is for, and which page has sent it. A page of another place must not be able to use the browser of
//! somebody who is inside: not by sending requests from it, and not by having its own name lead here (DNS rebinding).

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Arrived, Secrecy, WebDoor};
use crate::api::Problem;

/// What clients may call the service by, beside the address that they have reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHosts {
    names: HashSet<String>,
}

impl KnownHosts {
    /// These names and addresses, however they are written.
    pub fn new(names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self { names: names.into_iter().map(|name| normal(name.as_ref())).collect() }
    }

    /// Whether a client that has reached us by `arrived` may call us by this host, an IPv6 address in brackets.
    fn know(&self, host: &str, arrived: &Arrived) -> bool {
        let (host, local) = (normal(host), arrived.local.ip().to_canonical());
        self.names.contains(&host)
            || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical() == local)
            || host == "localhost" && local.is_loopback()
    }
}

/// Lower-case, without the brackets of an IPv6 address and the dot of the root.
fn normal(host: &str) -> String {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase()
}

/// Lets requests pass that are for this service and come from none of the pages of others.
pub(super) async fn refuse_strangers(
    State(door): State<Arc<WebDoor>>,
    request: Request,
    next: Next,
) -> Response {
    let judged = match request.extensions().get::<Arrived>() {
        Some(arrived) => judge(request.uri(), request.headers(), arrived, &door.hosts),
        None => Err(Problem::unknown_caller()),
    };
    match judged {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Lets requests pass that are for this service, whichever page has led here: for what is the same for everybody and
/// changes nothing.
pub(super) async fn refuse_other_names(
    State(door): State<Arc<WebDoor>>,
    request: Request,
    next: Next,
) -> Response {
    let judged = match request.extensions().get::<Arrived>() {
        Some(arrived) => named(request.uri(), request.headers(), arrived, &door.hosts).map(drop),
        None => Err(Problem::unknown_caller()),
    };
    match judged {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn judge(uri: &Uri, headers: &HeaderMap, arrived: &Arrived, hosts: &KnownHosts) -> Result<(), Problem> {
    let host = named(uri, headers, arrived, hosts)?;
    let from_elsewhere = || Problem::forbidden("a page of another place has sent this request");
    for origin in headers.get_all(header::ORIGIN) {
        if !origin.to_str().is_ok_and(|origin| is_own(origin, &host, arrived.secrecy)) {
            return Err(from_elsewhere());
        }
    }
    for site in headers.get_all("sec-fetch-site") {
        if site != "same-origin" && site != "none" {
            return Err(from_elsewhere());
        }
    }
    // A browser that says neither says at least where it was: what a page has it load changes something at some places.
    let says_neither = !headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site");
    for referer in headers.get_all(header::REFERER).iter().filter(|_| says_neither) {
        if !referer.to_str().is_ok_and(|referer| is_own(origin_of(referer), &host, arrived.secrecy)) {
            return Err(from_elsewhere());
        }
    }
    Ok(())
}

/// The part of an address that is an origin, if it is an address at all.
fn origin_of(address: &str) -> &str {
    let authority = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[authority..].find(['/', '?', '#']).map_or(address.len(), |end| authority + end);
    &address[..end]
}

/// The name by which the service was asked, where it is one of its own.
fn named(
    uri: &Uri,
    headers: &HeaderMap,
    arrived: &Arrived,
    hosts: &KnownHosts,
) -> Result<Authority, Problem> {
    let wrong_host = || {
        Problem::misdirected(
            "the name in Host is none of this service's; `[doors.web] hosts` names those that it has beside its domain",
        )
    };
    let mut named = headers.get_all(header::HOST).iter();
    let host =
        named.next().and_then(|host| host.to_str().ok()?.parse::<Authority>().ok()).ok_or_else(wrong_host)?;
    let is_known =
        |authority: &Authority| !authority.as_str().contains('@') && hosts.know(authority.host(), arrived);
    if named.next().is_some() || !is_known(&host) || !uri.authority().is_none_or(is_known) {
        return Err(wrong_host());
    }
    Ok(host)
}

/// Whether an origin (RFC 6454 §6.2) is the one that a page of this service has, which was asked for by `host`. In
/// front of the unencrypted listener there may be a proxy that encrypts.
fn is_own(origin: &str, host: &Authority, secrecy: Secrecy) -> bool {
    let own = |(scheme, authority): (&str, &str)| {
        let default_port = match scheme {
            "https" => 443,
            "http" if secrecy != Secrecy::Tls => 80,
            _ => return false,
        };
        let place =
            |authority: &Authority| (normal(authority.host()), authority.port_u16().unwrap_or(default_port));
        authority.parse().is_ok_and(|authority: Authority| place(&authority) == place(host))
    };
    origin.split_once("://").is_some_and(own)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use domain::AllowedNetworks;

    use super::*;
    use crate::network::{Gate, GateLimits};

    fn arrived(local: &str, secrecy: Secrecy) -> Arrived {
        let limits = GateLimits {
            connections_max: 10,
            connections_per_address_max: 10,
            connections_per_account_max: 10,
            sign_in_failures_per_minute_max: 10,
        };
        let gate = Gate::new(AllowedNetworks::default(), limits);
        let peer = SocketAddr::from(([10, 0, 0, 9], 40_000));
        Arrived::new(local.parse().unwrap(), secrecy, gate.admit(peer).unwrap())
    }

    /// The status of what a request with these headers is refused with; 0 where it is not.
    fn status(local: &str, secrecy: Secrecy, headers: &[(&'static str, &str)]) -> u16 {
        let hosts = KnownHosts::new(["office.internal", "desk7", "192.0.2.7"]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let uri = Uri::from_static("/api/v1/status");
        judge(&uri, &map, &arrived(local, secrecy), &hosts).err().map_or(0, |problem| problem.status)
    }

    fn for_host(local: &str, host: &str) -> u16 {
        status(local, Secrecy::Tls, &[("host", host)])
    }

    #[test]
    fn the_service_answers_to_its_names_and_to_the_address_that_was_reached() {
        let known = [
            "office.internal",
            "OFFICE.internal:8443",
            "office.internal.",
            "desk7",
            "10.0.0.5:8443",
            "192.0.2.7",
        ];
        for host in known {
            assert_eq!(for_host("10.0.0.5:8443", host), 0, "{host}");
            assert_eq!(for_host("[::ffff:10.0.0.5]:8443", host), 0, "{host}");
        }
        assert_eq!(for_host("[fd00::5]:8443", "[FD00::5]:8443"), 0);
        assert_eq!(for_host("127.0.0.1:8080", "localhost:8080"), 0);
        assert_eq!(for_host("[::1]:8080", "localhost"), 0);
    }

    #[test]
    fn names_and_addresses_of_others_are_refused_however_they_lead_here() {
        let unknown = [
            "evil.example",
            "office.internal.evil.example",
            "10.0.0.6",
            "localhost",
            "u@office.internal",
            "[::1]",
        ];
        for host in unknown {
            assert_eq!(for_host("10.0.0.5:8443", host), 421, "{host}");
        }
        assert_eq!(status("10.0.0.5:8443", Secrecy::Tls, &[]), 421, "no Host at all");
        let two = [("host", "office.internal"), ("host", "office.internal")];
        assert_eq!(status("10.0.0.5:8443", Secrecy::Tls, &two), 421);
        let uri = Uri::from_static("http://evil.example/api/v1/status");
        let headers = HeaderMap::from_iter([(header::HOST, "office.internal".parse().unwrap())]);
        let hosts = KnownHosts::new(["office.internal"]);
        assert!(judge(&uri, &headers, &arrived("10.0.0.5:1", Secrecy::Tls), &hosts).is_err());
    }

    #[test]
    fn pages_of_the_service_itself_may_ask_and_those_of_others_may_not() {
        let from = |secrecy, host: &str, origin: &str| {
            status("10.0.0.5:8443", secrecy, &[("host", host), ("origin", origin)])
        };
        for (host, origin) in [
            ("office.internal:8443", "https://office.internal:8443"),
            ("office.internal", "https://office.internal"),
            ("office.internal:443", "https://OFFICE.internal"),
        ] {
            assert_eq!(from(Secrecy::Tls, host, origin), 0, "{origin}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://office.internal:8443",
            "https://office.internal",
            "https://desk7:8443",
            "https://office.internal:8443.evil.example",
        ] {
            assert_eq!(from(Secrecy::Tls, "office.internal:8443", origin), 403, "{origin}");
        }
        assert_eq!(from(Secrecy::ThisMachine, "office.internal", "http://office.internal"), 0);
        assert_eq!(from(Secrecy::ThisMachine, "office.internal", "https://office.internal"), 0);
    }

    #[test]
    fn a_browser_that_says_that_another_site_asks_is_believed() {
        let site =
            |site| status("10.0.0.5:8443", Secrecy::Tls, &[("host", "desk7"), ("sec-fetch-site", site)]);
        assert_eq!(["same-origin", "none"].map(site), [0, 0]);
        assert_eq!(["cross-site", "same-site", "whatever"].map(site), [403, 403, 403]);
    }

    #[test]
    fn a_browser_that_says_only_where_it_was_is_believed_too() {
        let from =
            |referer| status("10.0.0.5:8443", Secrecy::Tls, &[("host", "desk7:8443"), ("referer", referer)]);
        assert_eq!(["https://desk7:8443/status?x=1", "https://desk7:8443"].map(from), [0, 0]);
        for foreign in
            ["https://evil.example/a", "http://desk7:8443/", "https://desk7:8443.evil.example/", "x", ""]
        {
            assert_eq!(from(foreign), 403, "{foreign}");
        }
        let own = [("host", "desk7"), ("sec-fetch-site", "none"), ("referer", "https://evil.example/")];
        assert_eq!(status("10.0.0.5:8443", Secrecy::Tls, &own), 0);
    }
}
