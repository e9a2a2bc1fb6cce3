//! Whose connection a proxy forwards. Only proxies that the administrator has named are believed; what others say of
//! themselves in the same header counts for nothing.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::AllowedNetworks;

use super::{Arrived, WebDoor};
use crate::api::Problem;

/// Where proxies write whom they have connected: addresses separated by commas, the nearest last.
pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// From here on a request has the address that a believed proxy has seen. One from outside the allowed networks is
/// refused as its connection would have been.
pub(super) async fn believe(State(door): State<Arc<WebDoor>>, mut request: Request, next: Next) -> Response {
    let Some(arrived) = request.extensions().get::<Arrived>().cloned() else {
        return next.run(request).await;
    };
    match source(arrived.source, request.headers(), &door.settings.proxies) {
        Err(problem) => return problem.into_response(),
        Ok(source) if source == arrived.source => {}
        Ok(source) if door.gate.allowed().contains(source) => {
            request.extensions_mut().insert(arrived.forwarded_for(source));
        }
        Ok(_) => return Problem::forbidden("you are outside the allowed networks").into_response(),
    }
    next.run(request).await
}

/// The nearest address that is no believed proxy's.
fn source(peer: IpAddr, headers: &HeaderMap, proxies: &AllowedNetworks) -> Result<IpAddr, Problem> {
    let mut source = peer;
    let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
    let mut hops = values.flat_map(|value| value.to_str().unwrap_or("?").rsplit(','));
    while proxies.contains(source) {
        let Some(hop) = hops.next() else { break };
        let address: IpAddr =
            hop.trim().parse().map_err(|_| Problem::invalid("X-Forwarded-For has no address"))?;
        source = address.to_canonical();
    }
    Ok(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "127.0.0.1";

    fn seen(peer: &str, lines: &[&str]) -> Option<String> {
        let proxies =
            AllowedNetworks::new(vec!["127.0.0.0/8".parse().unwrap(), "10.9.0.0/16".parse().unwrap()]);
        let headers = lines.iter().map(|line| (X_FORWARDED_FOR, line.parse().unwrap())).collect();
        source(peer.parse().unwrap(), &headers, &proxies).ok().map(|source| source.to_string())
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_for_the_hop_it_has_seen() {
        assert_eq!(seen(PROXY, &["10.0.0.7"]).as_deref(), Some("10.0.0.7"));
        assert_eq!(
            seen(PROXY, &["192.0.2.1, 10.0.0.7"]).as_deref(),
            Some("10.0.0.7"),
            "what it was told is not"
        );
        assert_eq!(seen(PROXY, &["192.0.2.1", "10.0.0.7, 10.9.0.1"]).as_deref(), Some("10.0.0.7"));
        assert_eq!(seen(PROXY, &["::ffff:10.0.0.7"]).as_deref(), Some("10.0.0.7"));
        assert_eq!(
            seen("10.0.0.8", &["10.0.0.7"]).as_deref(),
            Some("10.0.0.8"),
            "whoever says it of themselves"
        );
        assert_eq!(seen(PROXY, &[]).as_deref(), Some(PROXY));
        assert_eq!(seen(PROXY, &["unknown"]), None);
    }
}
