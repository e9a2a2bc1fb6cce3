//! Whom to turn to about a service (XEP-0157): part of what it tells when it is discovered.

use super::data_forms::{Field, FieldKind, Form};

/// What an address is for, by the registered names of its field without `-addresses` (§4).
pub const PURPOSES: [&str; 7] = ["abuse", "admin", "feedback", "sales", "security", "status", "support"];

/// The form for the result of discovery; none where there are no addresses. `addresses` are URIs by purpose.
pub fn form<'a>(addresses: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Option<Form> {
    let mut fields = vec![Field::form_type("http://jabber.org/network/serverinfo")];
    fields.extend(addresses.into_iter().filter(|(_, uris)| !uris.is_empty()).map(|(purpose, uris)| {
        Field::new(format!("{purpose}-addresses"), uris.iter().cloned()).with_kind(FieldKind::ListMulti)
    }));
    (fields.len() > 1).then(|| Form::result(fields))
}

#[cfg(test)]
mod tests {
    use super::super::testing::written;
    use super::*;

    #[test]
    fn only_what_there_is_an_address_for_is_told() {
        let admin = ["mailto:admin@x.test".to_owned()];
        let form = form([("abuse", &[][..]), ("admin", &admin[..])]).unwrap();
        assert_eq!(
            written(&form.to_element()),
            "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>\
             <value>http://jabber.org/network/serverinfo</value></field>\
             <field var='admin-addresses' type='list-multi'><value>mailto:admin@x.test</value></field></x>"
        );
        assert_eq!(super::form([("abuse", &[][..])]), None);
    }
}
