//! What the authority's certificate and the server's say (RFC 5280 §4).

use super::authority::{LOOPBACK, Names};
use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    SanType, date_time_ymd,
};
use rustls::pki_types::ServerName;
use std::net::IpAddr;

/// The longest common name (RFC 5280 appendix A.1, `ub-common-name`).
const COMMON_NAME_CHARACTERS_MAX: usize = 64;
/// How long the authority is good for.
const AUTHORITY_YEARS: i16 = 10;
/// How long a server certificate is good for. Apple's systems refuse certificates of more than 825 days, and
/// browsers are moving to 398 and below.
const SERVER_DAYS_MAX: i32 = 397;

/// The authority's certificate: for the domain, the host and the private networks, and for nothing else.
pub(super) fn authority(names: &Names, key: &KeyPair, now: Timestamp) -> Result<Certificate, Error> {
    let not_before = yesterday(now);
    let mut params = CertificateParams::default();
    set_validity(&mut params, not_before, not_before.saturating_add(AUTHORITY_YEARS.years()));
    params.distinguished_name = common_name(&format!("messngr authority for {}", names.domain));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Constraints of names say nothing of mail addresses or code: the purpose of servers shuts those out.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted_subtrees(names),
        excluded_subtrees: Vec::new(),
    });
    params.self_signed(key)
}

/// A server certificate for these names, good for 397 days or until the authority ends.
pub(super) fn server(
    subjects: &[ServerName<'static>],
    key: &KeyPair,
    issuer: &Issuer<'_, KeyPair>,
    now: Timestamp,
    authority_ends: Timestamp,
) -> Result<Certificate, Error> {
    let not_before = yesterday(now);
    let not_after = not_before.saturating_add(SERVER_DAYS_MAX.days()).min(date(authority_ends));
    let mut params = CertificateParams::default();
    set_validity(&mut params, not_before, not_after);
    params.distinguished_name = common_name(&subjects.first().map_or_else(String::new, name_text));
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.subject_alt_names = subjects.iter().map(subject_alt_name).collect::<Result<_, _>>()?;
    params.signed_by(key, issuer)
}

fn permitted_subtrees(names: &Names) -> Vec<GeneralSubtree> {
    let mut subtrees = Vec::new();
    for name in [names.domain.as_str(), names.host.as_str(), "localhost"] {
        let Ok(ServerName::DnsName(name)) = ServerName::try_from(name) else { continue };
        subtrees.push(GeneralSubtree::DnsName(name.as_ref().to_owned()));
    }
    for network in names.networks.iter().copied().chain(LOOPBACK.map(IpNet::from)) {
        let subnet = CidrSubnet::from_addr_prefix(network.network(), network.prefix_len());
        subtrees.push(GeneralSubtree::IpAddress(subnet));
    }
    let mut unique = Vec::new();
    for subtree in subtrees {
        if !unique.contains(&subtree) {
            unique.push(subtree);
        }
    }
    unique
}

fn subject_alt_name(name: &ServerName<'_>) -> Result<SanType, Error> {
    match name {
        ServerName::IpAddress(address) => Ok(SanType::IpAddress(IpAddr::from(*address))),
        name => Ok(SanType::DnsName(name_text(name).try_into()?)),
    }
}

fn name_text(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text.chars().take(COMMON_NAME_CHARACTERS_MAX).collect::<String>());
    name
}

/// The day before, so that a client whose clock is late accepts a new certificate.
fn yesterday(now: Timestamp) -> Date {
    date(now).saturating_sub(1.day())
}

fn date(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn set_validity(params: &mut CertificateParams, not_before: Date, not_after: Date) {
    let midnight = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = midnight(not_before);
    params.not_after = midnight(not_after);
}
