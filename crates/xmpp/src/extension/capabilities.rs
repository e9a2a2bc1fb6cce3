//! Entity capabilities (XEP-0115): a short name for everything that discovery would tell.

use super::data_forms::{Field, Form};
use super::disco::{Identity, Info};
use crate::element::Element;
use crate::namespace;

/// The announcement for presence and stream features: `node` says which software it is, `version` is the
/// Base64 form of the SHA-1 hash of [`verification_string`] (§4).
pub fn announcement(node: &str, version: &str) -> Element {
    Element::new("c", namespace::CAPABILITIES)
        .with_attribute("hash", "sha-1")
        .with_attribute("node", node)
        .with_attribute("ver", version)
}

/// What the version is the hash of (§5.1).
pub fn verification_string(info: &Info) -> String {
    let mut parts: Vec<String> = sorted(info.identities.iter().map(identity));
    parts.extend(sorted(info.features.iter().cloned()));
    let mut forms: Vec<(&str, &Form)> =
        info.forms.iter().filter_map(|form| Some((form.form_type()?, form))).collect();
    forms.sort_by_key(|(form_type, _)| *form_type);
    for (form_type, form) in forms {
        parts.push(form_type.to_owned());
        let mut fields: Vec<&Field> =
            form.fields.iter().filter(|field| field.variable != "FORM_TYPE").collect();
        fields.sort_by_key(|field| &field.variable);
        for field in fields {
            parts.push(field.variable.clone());
            parts.extend(sorted(field.values.iter().cloned()));
        }
    }
    parts.into_iter().map(|part| part + "<").collect()
}

fn identity(identity: &Identity) -> String {
    let lang = identity.lang.as_deref().unwrap_or_default();
    let name = identity.name.as_deref().unwrap_or_default();
    format!("{}/{}/{lang}/{name}", identity.category, identity.kind)
}

/// In the order of their bytes (`i;octet`, RFC 4790 §9.3).
fn sorted(parts: impl Iterator<Item = String>) -> Vec<String> {
    let mut parts: Vec<String> = parts.collect();
    parts.sort();
    parts
}

#[cfg(test)]
mod tests {
    use super::super::testing::written;
    use super::*;

    #[test]
    fn the_order_of_what_is_told_does_not_matter() {
        let identity = |lang: &str, name: &str| Identity {
            category: "client".into(),
            kind: "pc".into(),
            lang: Some(lang.into()),
            name: Some(name.into()),
        };
        let form = Form::result(vec![
            Field::new("os", ["Mac"]),
            Field::new("ip_version", ["ipv6", "ipv4"]),
            Field::new("FORM_TYPE", ["urn:xmpp:dataforms:softwareinfo"]),
        ]);
        let info = Info {
            node: None,
            identities: vec![identity("en", "Psi"), identity("el", "Ψ")],
            features: vec!["urn:b".into(), "urn:a".into()],
            forms: vec![form],
        };
        assert_eq!(
            verification_string(&info),
            "client/pc/el/Ψ<client/pc/en/Psi<urn:a<urn:b<urn:xmpp:dataforms:softwareinfo<ip_version<ipv4<ipv6<os<Mac<"
        );
    }

    #[test]
    fn the_announcement_names_the_hash() {
        assert_eq!(
            written(&announcement("https://x.test", "abc=")),
            "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://x.test' ver='abc='/>"
        );
    }
}
