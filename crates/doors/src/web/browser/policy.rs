use axum::http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority};

/// What the page may not use of a browser, whoever asks.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                           magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// Says what the page may load: from here alone, and no script but the service's files and those that stand in the page
/// by their hashes. `host` is what the service was asked as: older browsers do not take its own WebSockets for
/// `'self'` (CSP Level 3 §6.7.2.8).
pub(super) fn write(headers: &mut HeaderMap, inline_scripts: &[&str], host: &str) {
    let scripts =
        std::iter::once("'self'").chain(inline_scripts.iter().copied()).collect::<Vec<_>>().join(" ");
    let policy = format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' blob: data:; \
         connect-src 'self'{}; font-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
        web_sockets(host)
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
}

/// Only what has the form of a host and a port goes into the policy.
fn web_sockets(host: &str) -> String {
    let Ok(authority) = host.parse::<Authority>() else { return String::new() };
    let name = authority.host();
    let plain = |character: char| character.is_ascii_alphanumeric() || ".-_:[]".contains(character);
    if !name.chars().all(plain) {
        return String::new();
    }
    let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    format!(" wss://{name}{port} ws://{name}{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_from_here_alone() {
        let mut headers = HeaderMap::new();
        write(&mut headers, &["'sha256-abc='"], "office.internal:8443");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self' 'sha256-abc=';"), "{policy}");
        assert!(policy.contains("connect-src 'self' wss://office.internal:8443 ws://office.internal:8443;"));
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn a_host_that_is_none_adds_nothing() {
        assert_eq!(web_sockets("[fd00::5]:8443"), " wss://[fd00::5]:8443 ws://[fd00::5]:8443");
        for wrong in ["", "a b", "a;script-src *", "*", "a/b"] {
            assert_eq!(web_sockets(wrong), "", "{wrong}");
        }
    }
}
