//! Data forms, wherever they are in a document.

use std::hint::black_box;

use xmpp::Element;
use xmpp::extension::commands;
use xmpp::extension::data_forms::{FIELDS_MAX, Form};
use xmpp::stream::Limits;

pub(crate) fn run(data: &[u8]) {
    if let Ok(element) = Element::parse(data, &Limits::default()) {
        visit(&element);
    }
}

fn visit(element: &Element) {
    let _ = black_box(commands::Request::parse(element));
    if let Some(form) = Form::parse(element) {
        assert!(form.fields.len() <= FIELDS_MAX);
        assert_eq!(
            Form::parse(&form.to_element()).as_ref(),
            Some(&form),
            "a form is not written as it was read"
        );
        for field in &form.fields {
            assert!(form.field(&field.variable).is_some());
            field.is_true();
        }
        form.form_type();
    }
    element.children().for_each(visit);
}
