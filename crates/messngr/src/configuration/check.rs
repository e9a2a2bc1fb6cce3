use std::{collections::HashMap, net::SocketAddr};

use domain::AllowedNetworks;
use ipnet::IpNet;

use super::Configuration;

/// Something that settings, each good by itself, say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The settings that are concerned; the first one that somebody wrote is where it is reported.
    pub(super) keys: Vec<&'static str>,
    pub(super) what: String,
    pub(super) remedy: String,
}

/// What cannot be put in force.
pub(super) fn contradictions(configuration: &Configuration) -> Vec<Finding> {
    let mut findings = Vec::new();
    limits(configuration, &mut findings);
    listening(configuration, &mut findings);
    if configuration.network.allowed.is_empty() {
        findings.push(finding(
            &["network.allowed"],
            "`network.allowed` is empty: nobody would be answered.",
            "Name a network, or remove the setting for the private networks.",
        ));
    }
    findings
}

/// What can be put in force and is probably not meant.
pub(super) fn doubts(configuration: &Configuration) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(suffix) = public_suffix(&configuration.domain) {
        findings.push(Finding {
            keys: vec!["domain"],
            what: format!("`{}` looks like a domain of the Internet (.{suffix}).", configuration.domain),
            remedy:
                "Keep it if it belongs to you; otherwise take one that cannot, such as `office.internal`. It \
                     cannot be changed after the first start."
                    .to_owned(),
        });
    }
    networks(configuration, &mut findings);
    unencrypted(configuration, &mut findings);
    if !configuration.publish.topics.is_empty() && !configuration.doors.web.enabled {
        findings.push(finding(
            &["doors.web.enabled"],
            "there are topics to publish to, and the web door is closed: nobody can publish.",
            "Set `enabled = true` in [doors.web], or remove the sections [publish.topics.…].",
        ));
    }
    let doors = &configuration.doors;
    let computer = doors.windows.alert_names.iter().find(|name| name.starts_with("computer:"));
    if let Some(name) = computer.filter(|_| configuration.alerter.enabled && !doors.windows.enabled) {
        findings.push(Finding {
            keys: vec!["doors.windows.alert_names", "doors.windows.enabled"],
            what: format!("the Alerter cannot tell {name}: the Windows door is closed."),
            remedy: "Set `enabled = true` in [doors.windows], or name only people.".to_owned(),
        });
    }
    if !doors.xmpp.enabled && !doors.windows.enabled && !doors.web.enabled {
        findings.push(finding(
            &["doors.xmpp.enabled", "doors.windows.enabled", "doors.web.enabled"],
            "no door is open: nobody can connect.",
            "Set `enabled = true` in [doors.xmpp], [doors.windows] or [doors.web].",
        ));
    }
    findings
}

fn finding(keys: &[&'static str], what: &str, remedy: &str) -> Finding {
    Finding { keys: keys.to_vec(), what: what.to_owned(), remedy: remedy.to_owned() }
}

fn limits(configuration: &Configuration, findings: &mut Vec<Finding>) {
    let limits = &configuration.limits;
    let ordered = [
        (
            ("limits.stanza_bytes_before_sign_in_max", limits.stanza_bytes_before_sign_in_max),
            ("limits.stanza_bytes_max", limits.stanza_bytes_max),
            "What is allowed before signing in must be allowed after it.",
        ),
        (
            ("limits.connections_per_address_max", limits.connections_per_address_max),
            ("limits.connections_max", limits.connections_max),
            "One address cannot have more connections than all together.",
        ),
        (
            ("limits.stanza_bytes_max", limits.stanza_bytes_max),
            ("limits.outbox_bytes_max", limits.outbox_bytes_max),
            "A stanza that does not fit into the outbox could never be delivered.",
        ),
    ];
    for ((smaller, small), (larger, large), why) in ordered {
        if small > large {
            findings.push(Finding {
                keys: vec![smaller, larger],
                what: format!("`{smaller}` ({small}) is more than `{larger}` ({large})."),
                remedy: format!("{why} Lower the first or raise the second."),
            });
        }
    }
}

fn listening(configuration: &Configuration, findings: &mut Vec<Finding>) {
    let (xmpp, windows) = (&configuration.doors.xmpp, &configuration.doors.windows);
    let web = &configuration.doors.web;
    if xmpp.enabled && xmpp.listen.is_empty() && xmpp.listen_tls.is_empty() {
        findings.push(finding(
            &["doors.xmpp.listen", "doors.xmpp.listen_tls"],
            "the XMPP door is open and listens nowhere.",
            "Name an address in `listen` or `listen_tls`, or set `enabled = false`.",
        ));
    }
    let ways = [
        &windows.session_listen,
        &windows.smb_listen,
        &windows.name_listen,
        &windows.datagram_listen,
        &windows.rpc_listen,
    ];
    if windows.enabled && ways.iter().all(|way| way.is_empty()) {
        findings.push(finding(
            &["doors.windows.session_listen"],
            "the Windows door is open and listens nowhere.",
            "Name an address in `session_listen`, or set `enabled = false`.",
        ));
    }
    let plain = Vec::from_iter(web.plain_loopback());
    if web.enabled && web.listen.is_empty() && plain.is_empty() {
        findings.push(finding(
            &["doors.web.listen", "doors.web.plain_loopback_listen"],
            "the web door is open and listens nowhere.",
            "Name an address in `listen` or `plain_loopback_listen`, or set `enabled = false`.",
        ));
    }

    let mut taken: HashMap<SocketAddr, &'static str> = HashMap::new();
    let all = [
        ("doors.xmpp.listen", xmpp.enabled, &xmpp.listen),
        ("doors.xmpp.listen_tls", xmpp.enabled, &xmpp.listen_tls),
        ("doors.windows.session_listen", windows.enabled, &windows.session_listen),
        ("doors.windows.smb_listen", windows.enabled, &windows.smb_listen),
        ("doors.web.listen", web.enabled, &web.listen),
        ("doors.web.plain_loopback_listen", web.enabled, &plain),
        ("doors.web.codes_listen", web.enabled, &web.codes_listen),
    ];
    for (key, enabled, addresses) in all {
        // Port 0 is a different port each time.
        for address in addresses.iter().filter(|address| enabled && address.port() != 0) {
            if let Some(other) = taken.insert(*address, key) {
                findings.push(Finding {
                    keys: vec![key, other],
                    what: if other == key {
                        format!("`{key}` names {address} twice.")
                    } else {
                        format!("`{key}` and `{other}` both listen on {address}.")
                    },
                    remedy: "Give each its own port, or remove one.".to_owned(),
                });
            }
        }
    }
}

fn networks(configuration: &Configuration, findings: &mut Vec<Finding>) {
    let private = AllowedNetworks::default();
    let is_private = |network: &IpNet| private.networks().iter().any(|known| known.contains(network));
    for network in configuration.network.allowed.iter().filter(|network| !is_private(network)) {
        findings.push(Finding {
            keys: vec!["network.allowed"],
            what: format!("`{network}` is not a private network: its addresses may be anybody's."),
            remedy: "Keep it if only your own hosts have these addresses; otherwise remove it.".to_owned(),
        });
    }
    for network in configuration.network.proxies.iter().filter(|network| !is_private(network)) {
        findings.push(Finding {
            keys: vec!["network.proxies"],
            what: format!(
                "`{network}` is not a private network, and whoever is in it can claim any address."
            ),
            remedy: "Name only the addresses of your own proxies.".to_owned(),
        });
    }
}

fn unencrypted(configuration: &Configuration, findings: &mut Vec<Finding>) {
    let xmpp = &configuration.doors.xmpp;
    if !xmpp.enabled {
        return;
    }
    if !xmpp.require_tls {
        findings.push(finding(
            &["doors.xmpp.require_tls"],
            "XMPP clients need not encrypt: what they send can be read on the network.",
            "Set `require_tls = true` unless this is a test.",
        ));
    }
    if xmpp.allow_plain_without_tls && xmpp.require_tls {
        findings.push(finding(
            &["doors.xmpp.allow_plain_without_tls", "doors.xmpp.require_tls"],
            "`allow_plain_without_tls` has no effect while `require_tls` is true.",
            "Remove it, or set `require_tls = false` for a test.",
        ));
    } else if xmpp.allow_plain_without_tls {
        findings.push(finding(
            &["doors.xmpp.allow_plain_without_tls"],
            "passwords may cross the network in the clear.",
            "Remove `allow_plain_without_tls` unless this is a test.",
        ));
    }
}

/// The last part of the domain, unless it is one that the Internet does not have (RFC 2606, RFC 6761, RFC 6762
/// appendix G, RFC 8375, and `internal`, which ICANN reserved for private use in 2024).
fn public_suffix(domain: &str) -> Option<&str> {
    const PRIVATE: [&str; 12] = [
        "internal",
        "local",
        "lan",
        "home",
        "corp",
        "private",
        "intranet",
        "localdomain",
        "localhost",
        "test",
        "example",
        "invalid",
    ];
    let (_, last) = domain.rsplit_once('.')?;
    (!PRIVATE.contains(&last) && domain != "home.arpa" && !domain.ends_with(".home.arpa")).then_some(last)
}
