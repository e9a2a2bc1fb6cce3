//! The two documents by which clients find the doors (RFC 6415, XEP-0156, XEP-0487).

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Router,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};

use super::{Arrived, WebDoor};

/// For how long a client may keep the document, in seconds. Addresses of a private network change.
const KEEP_SECONDS: u32 = 3_600;

/// Both of them, for pages of every place.
pub(super) fn router(door: Arc<WebDoor>) -> Router {
    let answer = |kind: &'static str, text: String| {
        // Browser clients of every origin may read these (XEP-0156 §3.1), and nothing else.
        ([(CONTENT_TYPE, kind), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], text).into_response()
    };
    let xml = move || async move { answer("application/xrd+xml", host_meta()) };
    let json = move |Extension(arrived): Extension<Arrived>| async move {
        let settings = &door.settings;
        let text = host_meta_json(&settings.domain, arrived.local.ip(), &settings.direct_tls);
        answer("application/json", text)
    };
    Router::new().route("/.well-known/host-meta", get(xml)).route("/.well-known/host-meta.json", get(json))
}

/// The document in XML (RFC 6415 §3, XEP-0156 §3). It knows only ways through HTTP, and there is none.
pub fn host_meta() -> String {
    "<?xml version='1.0' encoding='UTF-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'/>\n"
        .to_owned()
}

/// The document in JSON (RFC 6415 appendix A, XEP-0487 §3.1), for a client that has reached `local`: the ways that
/// lead there too. Where there is none, the client is to look for them otherwise.
pub fn host_meta_json(domain: &str, local: IpAddr, direct_tls: &[SocketAddr]) -> String {
    let local = local.to_canonical();
    let leads_here = |address: &&SocketAddr| match address.ip() {
        // `[::]` is IPv4 too.
        IpAddr::V6(ip) if ip.is_unspecified() => true,
        IpAddr::V4(ip) if ip.is_unspecified() => local.is_ipv4(),
        ip => ip.to_canonical() == local,
    };
    let link = |address: &SocketAddr| {
        json!({
            "rel": "urn:xmpp:alt-connections:tls",
            "port": address.port(),
            "ips": [local],
            "sni": domain,
            "priority": 10,
            "weight": 50,
        })
    };
    let links: Vec<Value> = direct_tls.iter().filter(leads_here).map(link).collect();
    let mut document = json!({ "links": links });
    if !links.is_empty() {
        document["xmpp"] = json!({ "ttl": KEEP_SECONDS });
    }
    document.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(local: &str, direct_tls: &[&str]) -> Value {
        let direct_tls: Vec<SocketAddr> = direct_tls.iter().map(|address| address.parse().unwrap()).collect();
        serde_json::from_str(&host_meta_json("x.internal", local.parse().unwrap(), &direct_tls)).unwrap()
    }

    #[test]
    fn the_ways_are_those_at_the_address_that_the_client_reached() {
        let expected = json!({
            "xmpp": { "ttl": 3600 },
            "links": [{
                "rel": "urn:xmpp:alt-connections:tls", "port": 5223, "ips": ["10.0.0.5"], "sni": "x.internal",
                "priority": 10, "weight": 50,
            }],
        });
        assert_eq!(read("10.0.0.5", &["[::]:5223"]), expected);
        assert_eq!(read("::ffff:10.0.0.5", &["0.0.0.0:5223", "127.0.0.1:5224"]), expected);
        assert_eq!(read("fd00::5", &["[fd00::5]:1", "0.0.0.0:2"])["links"][0]["ips"], json!(["fd00::5"]));
    }

    #[test]
    fn where_no_way_leads_there_clients_look_for_one_otherwise() {
        assert_eq!(read("10.0.0.5", &["127.0.0.1:5223"]), json!({ "links": [] }));
        assert_eq!(read("10.0.0.5", &[]), json!({ "links": [] }));
    }
}
