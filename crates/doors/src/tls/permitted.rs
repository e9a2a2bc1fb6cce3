//! What a certificate authority may certify: its name constraints (RFC 5280 §4.2.1.10).

use ipnet::IpNet;
use rustls::pki_types::ServerName;
use std::net::IpAddr;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

/// The permitted subtrees. No subtree of a kind means that any name of that kind is permitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Permitted {
    pub(super) domains: Vec<String>,
    pub(super) networks: Vec<IpNet>,
}

impl Permitted {
    /// The subtrees of an authority's certificate; `None` if they cannot be read.
    pub(super) fn of(certificate: &X509Certificate<'_>) -> Option<Self> {
        let mut permitted = Self::default();
        let constraints = certificate.name_constraints().ok()?;
        let subtrees = constraints.and_then(|constraints| constraints.value.permitted_subtrees.as_ref());
        for subtree in subtrees.into_iter().flatten() {
            match &subtree.base {
                GeneralName::DNSName(domain) => permitted.domains.push(domain.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => permitted.networks.push(network(bytes)?),
                _ => {}
            }
        }
        Some(permitted)
    }

    pub(super) fn permits(&self, name: &ServerName<'_>) -> bool {
        match name {
            ServerName::DnsName(name) => {
                let name = name.as_ref().to_ascii_lowercase();
                self.domains.is_empty() || self.domains.iter().any(|domain| is_within(&name, domain))
            }
            ServerName::IpAddress(address) => {
                let address = IpAddr::from(*address);
                self.networks.is_empty() || self.networks.iter().any(|network| network.contains(&address))
            }
            _ => false,
        }
    }
}

fn is_within(name: &str, domain: &str) -> bool {
    let above = name.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.') || domain.is_empty())
}

/// An address and a mask of the same length, one after the other.
fn network(bytes: &[u8]) -> Option<IpNet> {
    let (address, mask) = bytes.split_at(bytes.len() / 2);
    IpNet::with_netmask(address_of(address)?, address_of(mask)?).ok()
}

fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(permitted: &Permitted, name: &str) -> bool {
        permitted.permits(&ServerName::try_from(name).unwrap())
    }

    #[test]
    fn a_domain_permits_itself_and_what_is_below_it() {
        let permitted = Permitted { domains: vec!["corp.lan".into()], networks: vec![] };
        assert!(permits(&permitted, "corp.lan"));
        assert!(permits(&permitted, "Chat.Corp.LAN"));
        assert!(!permits(&permitted, "notcorp.lan"));
        assert!(!permits(&permitted, "lan"));
        assert!(permits(&permitted, "8.8.8.8"));
    }

    #[test]
    fn a_network_permits_the_addresses_in_it() {
        let permitted = Permitted { domains: vec![], networks: vec!["10.0.0.0/8".parse().unwrap()] };
        assert!(permits(&permitted, "10.9.8.7"));
        assert!(!permits(&permitted, "11.0.0.1"));
        assert!(!permits(&permitted, "::1"));
        assert!(permits(&permitted, "example.com"));
    }

    #[test]
    fn networks_are_read_as_certificates_hold_them() {
        assert_eq!(network(&[10, 0, 0, 0, 255, 0, 0, 0]), Some("10.0.0.0/8".parse().unwrap()));
        assert_eq!(network(&[10, 0, 0, 0, 255, 0, 255, 0]), None);
        assert_eq!(network(&[10, 0, 0]), None);
        assert_eq!(network(&[]), None);
    }
}
