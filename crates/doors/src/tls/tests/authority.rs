//! What the authority keeps, makes anew, and refuses.

use super::{DAY_SECONDS, Service, in_days, names, now};
use crate::tls::{Authority, AuthorityError, Names};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{BasicConstraints, KeyUsage};
use x509_parser::prelude::FromDer;

#[test]
fn only_the_service_can_read_the_keys() {
    let service = Service::new();
    for file in ["ca.key", "server.key"] {
        let mode = fs::metadata(service.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn nothing_but_the_four_files_is_left_in_the_directory() {
    let service = Service::new();
    let mut files: Vec<_> = fs::read_dir(service.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["ca.key", "ca.pem", "server.key", "server.pem"]);
}

#[test]
fn a_second_start_finds_the_same_authority_and_the_same_certificate() {
    let service = Service::new();
    let authority = service.load(in_days(300)).unwrap();
    assert_eq!(authority.fingerprint_sha256(), service.authority.fingerprint_sha256());
    assert_eq!(authority.server_certificate(&names(), in_days(300)).unwrap(), service.certificate);
}

#[test]
fn the_authority_may_sign_servers_of_this_network_and_nothing_else() {
    let service = Service::new();
    let der = CertificateDer::from_pem_slice(service.authority.certificate_pem().as_bytes()).unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let constraints = certificate.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical);
    assert_eq!(*constraints.value, BasicConstraints { ca: true, path_len_constraint: Some(0) });
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical);
    let sign_certificates_and_lists = 0b110_0000;
    assert_eq!(*usage.value, KeyUsage { flags: sign_certificates_and_lists });
    assert!(certificate.name_constraints().unwrap().unwrap().critical);
    assert!(certificate.extended_key_usage().unwrap().unwrap().value.server_auth);
    let years = (service.authority.ends().as_second() - now().as_second()) / (365 * DAY_SECONDS);
    assert_eq!(years, 10);
}

#[test]
fn a_server_certificate_is_for_servers_and_for_397_days() {
    let service = Service::new();
    let der = CertificateDer::from_pem_slice(service.certificate.chain_pem.as_bytes()).unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let validity = certificate.validity();
    assert_eq!(validity.not_after.timestamp() - validity.not_before.timestamp(), 397 * DAY_SECONDS);
    let purposes = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(purposes.server_auth && !purposes.any && !purposes.client_auth);
}

#[test]
fn the_server_certificate_is_made_anew_thirty_days_before_it_ends() {
    let service = Service::new();
    let at = |days| service.authority.server_certificate(&names(), in_days(days)).unwrap();
    assert_eq!(at(365), service.certificate);
    assert_ne!(at(366), service.certificate);
}

#[test]
fn a_new_address_of_the_host_gets_a_new_certificate_and_a_lost_one_does_not() {
    let service = Service::new();
    let mut names = names();
    names.addresses.pop();
    assert_eq!(service.authority.server_certificate(&names, now()).unwrap(), service.certificate);
    names.addresses.push("10.9.9.9".parse().unwrap());
    assert_ne!(service.authority.server_certificate(&names, now()).unwrap(), service.certificate);
}

#[test]
fn a_damaged_or_foreign_server_certificate_is_replaced() {
    for (file, content) in
        [("server.pem", ""), ("server.key", ""), ("server.pem", "-----BEGIN CERTIFICATE-----")]
    {
        let service = Service::new();
        fs::write(service.path().join(file), content).unwrap();
        assert_ne!(service.authority.server_certificate(&names(), now()).unwrap(), service.certificate);
    }
    let (service, other) = (Service::new(), Service::new());
    for file in ["server.pem", "server.key"] {
        fs::copy(other.path().join(file), service.path().join(file)).unwrap();
    }
    assert_ne!(service.authority.server_certificate(&names(), now()).unwrap(), other.certificate);
    let (service, other) = (Service::new(), Service::new());
    fs::copy(other.path().join("server.key"), service.path().join("server.key")).unwrap();
    assert_ne!(service.authority.server_certificate(&names(), now()).unwrap(), service.certificate);
}

#[test]
fn a_name_or_address_that_the_authority_may_not_certify_is_left_out_and_reported() {
    let service = Service::new();
    assert!(service.certificate.left_out.is_empty());
    let addresses = vec!["10.1.2.3".parse().unwrap(), "203.0.113.5".parse().unwrap()];
    for host in ["elsewhere.example", "not a name"] {
        let names = Names { host: host.into(), addresses: addresses.clone(), ..names() };
        let mut left_out = service.authority.server_certificate(&names, now()).unwrap().left_out;
        left_out.sort();
        assert_eq!(left_out, ["203.0.113.5", host]);
    }
}

#[test]
fn what_else_clients_call_the_service_by_is_certified_where_the_authority_may() {
    let service = Service::new();
    let others = ["help.corp.lan", "10.9.9.9", "alerts.example"].map(str::to_owned).to_vec();
    let certificate = service.authority.server_certificate(&Names { others, ..names() }, now()).unwrap();
    assert_ne!(certificate.chain_pem, service.certificate.chain_pem, "another certificate was made");
    assert_eq!(certificate.left_out, ["alerts.example"]);
}

#[test]
fn another_domain_needs_another_authority_and_the_error_says_so() {
    let service = Service::new();
    for domain in ["example.com", "", "no name"] {
        let error = service.authority.server_certificate(&Names { domain: domain.into(), ..names() }, now());
        let expected = AuthorityError::DomainNotPermitted { domain: domain.into() };
        assert_eq!(error.unwrap_err(), expected);
    }
}

#[test]
fn a_lost_authority_key_is_not_replaced_behind_the_administrators_back() {
    let service = Service::new();
    let path = service.path().join("ca.key");
    fs::remove_file(&path).unwrap();
    assert_eq!(service.load(now()).unwrap_err(), AuthorityError::KeyMissing { path });
}

#[test]
fn a_lost_authority_certificate_is_made_again_for_the_same_key() {
    let service = Service::new();
    fs::remove_file(service.path().join("ca.pem")).unwrap();
    let authority = service.load(now()).unwrap();
    assert_eq!(authority.server_certificate(&names(), now()).unwrap(), service.certificate);
}

#[test]
fn files_that_do_not_belong_together_or_hold_something_else_are_refused() {
    let (service, other) = (Service::new(), Service::new());
    let (pem, key) = (service.path().join("ca.pem"), service.path().join("ca.key"));
    fs::copy(other.path().join("ca.key"), &key).unwrap();
    assert_eq!(service.load(now()).unwrap_err(), AuthorityError::KeyMismatch { path: key.clone() });
    fs::write(&key, "no key").unwrap();
    assert!(
        matches!(service.load(now()).unwrap_err(), AuthorityError::Unreadable { path, .. } if path == key)
    );
    fs::copy(other.path().join("ca.key"), &key).unwrap();
    fs::write(&pem, "no certificate").unwrap();
    assert!(
        matches!(service.load(now()).unwrap_err(), AuthorityError::Unreadable { path, .. } if path == pem)
    );
}

#[test]
fn an_authority_that_has_ended_is_refused() {
    let service = Service::new();
    let ended = service.authority.ends();
    assert_eq!(service.load(ended).unwrap_err(), AuthorityError::Expired { ended });
}

#[test]
fn a_directory_that_is_not_there_is_an_error_with_its_name() {
    let directory = Service::new().path().join("missing");
    let error = Authority::load_or_create(&directory, &names(), now()).unwrap_err();
    assert!(error.to_string().contains("missing/ca.key"), "{error}");
}

#[test]
fn the_instructions_name_the_file_and_its_fingerprint() {
    let authority = Service::new().authority;
    let text = authority.how_to_trust("/srv/ca.pem".as_ref());
    for part in
        ["update-ca-certificates", "update-ca-trust", "certutil -addstore Root \"/srv/ca.pem\"", "Firefox"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.contains(&authority.fingerprint_sha256()));
}

#[test]
fn debug_output_holds_no_key() {
    let service = Service::new();
    let output = format!("{:?} {:?}", service.authority, service.certificate);
    assert!(!output.contains("PRIVATE KEY"));
}
