//! How a person makes a machine trust the authority.

use std::path::Path;

/// The commands for the systems that people have, each for the file where it is now.
pub(super) fn how_to_trust(certificate: &Path, fingerprint: &str) -> String {
    let path = certificate.display();
    format!(
        r#"The service's certificates are issued by its own authority, which can certify names and addresses of this
private network only. Copy the authority's certificate (never ca.key) to each machine and trust it once:

Debian, Ubuntu
    sudo cp "{path}" /usr/local/share/ca-certificates/messngr.crt
    sudo update-ca-certificates
Fedora, Red Hat
    sudo cp "{path}" /etc/pki/ca-trust/source/anchors/messngr.pem
    sudo update-ca-trust
Windows, as administrator (or by group policy: Trusted Root Certification Authorities)
    certutil -addstore Root "{path}"
macOS
    sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain "{path}"
Firefox, where it does not follow the system
    Settings, Privacy & Security, View Certificates, Authorities, Import; trust it to identify websites

Compare the SHA-256 fingerprint before you trust it:
    {fingerprint}
"#
    )
}
