//! Data forms (XEP-0004): a form to fill in, and one that was filled in. Tables of results (`reported` and
//! `item`) are neither read nor written.

use crate::element::Element;
use crate::namespace;

/// How many fields are read of a form; the rest is left out.
pub const FIELDS_MAX: usize = 256;

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What to do with it.
    pub kind: FormKind,
    /// What it is about.
    pub title: Option<String>,
    /// How to fill it in.
    pub instructions: Option<String>,
    /// What is asked or answered.
    pub fields: Vec<Field>,
}

/// What to do with a form (§3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormKind {
    /// Fill it in.
    Form,
    /// It was filled in.
    Submit,
    /// Nobody will fill it in.
    Cancel,
    /// It is an answer.
    Result,
}

impl FormKind {
    const ALL: [Self; 4] = [Self::Form, Self::Submit, Self::Cancel, Self::Result];

    /// The value of the `type` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Submit => "submit",
            Self::Cancel => "cancel",
            Self::Result => "result",
        }
    }
}

/// One thing that is asked or answered (§3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What kind of answer there is; in a filled-in form it may be left out.
    pub kind: Option<FieldKind>,
    /// The name that programs know it by; empty for a `fixed` text.
    pub variable: String,
    /// The name that people know it by.
    pub label: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// It must be filled in.
    pub is_required: bool,
    /// The answer, or what is proposed as one.
    pub values: Vec<String>,
    /// What may be chosen, for lists.
    pub options: Vec<FieldOption>,
}

/// Something that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOption {
    /// What people see.
    pub label: Option<String>,
    /// What the answer is.
    pub value: String,
}

/// What kind of answer a field takes (§3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// A text to show, and no answer.
    Fixed,
    /// Not shown, and returned as it is.
    Hidden,
    /// Addresses.
    JidMulti,
    /// An address.
    JidSingle,
    /// Some of the options.
    ListMulti,
    /// One of the options.
    ListSingle,
    /// Lines of text.
    TextMulti,
    /// A text that is not shown while it is typed.
    TextPrivate,
    /// A line of text.
    TextSingle,
}

impl FieldKind {
    const ALL: [Self; 10] = [
        Self::Boolean,
        Self::Fixed,
        Self::Hidden,
        Self::JidMulti,
        Self::JidSingle,
        Self::ListMulti,
        Self::ListSingle,
        Self::TextMulti,
        Self::TextPrivate,
        Self::TextSingle,
    ];

    /// The value of the `type` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Fixed => "fixed",
            Self::Hidden => "hidden",
            Self::JidMulti => "jid-multi",
            Self::JidSingle => "jid-single",
            Self::ListMulti => "list-multi",
            Self::ListSingle => "list-single",
            Self::TextMulti => "text-multi",
            Self::TextPrivate => "text-private",
            Self::TextSingle => "text-single",
        }
    }
}

impl Form {
    /// A form to fill in.
    pub fn blank(title: impl Into<String>, instructions: impl Into<String>, fields: Vec<Field>) -> Self {
        let (title, instructions) = (Some(title.into()), Some(instructions.into()));
        Self { kind: FormKind::Form, title, instructions, fields }
    }

    /// An answer.
    pub fn result(fields: Vec<Field>) -> Self {
        Self { kind: FormKind::Result, title: None, instructions: None, fields }
    }

    /// Reads a form; `None` if the element is none, or of a kind that is not defined.
    pub fn parse(element: &Element) -> Option<Self> {
        if !element.is("x", namespace::DATA_FORMS) {
            return None;
        }
        let kind = element.attribute("type")?;
        let fields = element.children().filter(|child| child.is("field", namespace::DATA_FORMS));
        Some(Self {
            kind: FormKind::ALL.into_iter().find(|known| known.as_str() == kind)?,
            title: text_of(element, "title"),
            instructions: text_of(element, "instructions"),
            fields: fields.take(FIELDS_MAX).map(Field::read).collect(),
        })
    }

    /// The first form among an element's children.
    pub fn read(parent: &Element) -> Option<Self> {
        parent.child("x", namespace::DATA_FORMS).and_then(Self::parse)
    }

    /// The field of that name.
    pub fn field(&self, variable: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.variable == variable)
    }

    /// The first value of the field of that name.
    pub fn value(&self, variable: &str) -> Option<&str> {
        self.field(variable)?.values.first().map(String::as_str)
    }

    /// What the names of the fields mean (XEP-0068).
    pub fn form_type(&self) -> Option<&str> {
        self.value("FORM_TYPE")
    }

    /// The `<x/>` element.
    pub fn to_element(&self) -> Element {
        Element::new("x", namespace::DATA_FORMS)
            .with_attribute("type", self.kind.as_str())
            .with_children(self.title.as_deref().map(|title| text_element("title", title)))
            .with_children(self.instructions.as_deref().map(|text| text_element("instructions", text)))
            .with_children(self.fields.iter().map(Field::to_element))
    }
}

impl Field {
    /// A field with these values and nothing else.
    pub fn new<Value: Into<String>>(
        variable: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        Self {
            kind: None,
            variable: variable.into(),
            label: None,
            description: None,
            is_required: false,
            values: values.into_iter().map(Into::into).collect(),
            options: Vec::new(),
        }
    }

    /// The hidden field that says what the others mean (XEP-0068).
    pub fn form_type(form_type: impl Into<String>) -> Self {
        Self::new("FORM_TYPE", [form_type.into()]).with_kind(FieldKind::Hidden)
    }

    /// Sets what kind of answer it takes.
    #[must_use]
    pub fn with_kind(mut self, kind: FieldKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the name that people know it by.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Says that it must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// Adds something that may be chosen.
    #[must_use]
    pub fn with_option(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push(FieldOption { label: Some(label.into()), value: value.into() });
        self
    }

    /// The answer to a yes-or-no question; `None` if it is neither (§3.3: `true`, `1`, `false` or `0`).
    pub fn is_true(&self) -> Option<bool> {
        match self.values.first()?.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn read(element: &Element) -> Self {
        let children = |name| element.children().filter(move |child| child.is(name, namespace::DATA_FORMS));
        let kind = element.attribute("type");
        Self {
            kind: kind.and_then(|kind| FieldKind::ALL.into_iter().find(|known| known.as_str() == kind)),
            variable: element.attribute("var").unwrap_or_default().to_owned(),
            label: element.attribute("label").map(str::to_owned),
            description: text_of(element, "desc"),
            is_required: children("required").next().is_some(),
            values: children("value").map(|value| value.text().into_owned()).collect(),
            options: children("option")
                .filter_map(|option| {
                    let label = option.attribute("label").map(str::to_owned);
                    Some(FieldOption { label, value: text_of(option, "value")? })
                })
                .collect(),
        }
    }

    fn to_element(&self) -> Element {
        let variable = (!self.variable.is_empty()).then_some(self.variable.as_str());
        let options = self.options.iter().map(|option| {
            Element::new("option", namespace::DATA_FORMS)
                .with_optional_attribute("label", option.label.as_deref())
                .with_child(text_element("value", &option.value))
        });
        Element::new("field", namespace::DATA_FORMS)
            .with_optional_attribute("var", variable)
            .with_optional_attribute("type", self.kind.map(FieldKind::as_str))
            .with_optional_attribute("label", self.label.as_deref())
            .with_children(self.description.as_deref().map(|description| text_element("desc", description)))
            .with_children(self.is_required.then(|| Element::new("required", namespace::DATA_FORMS)))
            .with_children(self.values.iter().map(|value| text_element("value", value)))
            .with_children(options)
    }
}

fn text_element(name: &'static str, text: &str) -> Element {
    Element::new(name, namespace::DATA_FORMS).with_text(text)
}

fn text_of(element: &Element, name: &str) -> Option<String> {
    element.child(name, namespace::DATA_FORMS).map(|child| child.text().into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    #[test]
    fn a_form_that_was_written_is_read_again() {
        let mut text =
            Field::new("text", ["one", "two"]).with_kind(FieldKind::TextMulti).with_label("Text").required();
        text.description = Some("Two lines".into());
        let form = Form::blank(
            "Announcement",
            "Fill it in.",
            vec![
                Field::form_type("http://jabber.org/protocol/admin"),
                text,
                Field::new("severity", ["minor"])
                    .with_kind(FieldKind::ListSingle)
                    .with_option("Minor", "minor")
                    .with_option("Severe", "severe"),
            ],
        );
        let read = Form::parse(&parse(&written(&form.to_element())));
        assert_eq!(read.as_ref(), Some(&form));
        assert_eq!(form.form_type(), Some("http://jabber.org/protocol/admin"));
    }

    #[test]
    fn every_kind_of_field_is_known_by_its_name() {
        for kind in FieldKind::ALL {
            let field = Field::new("v", [""; 0]).with_kind(kind);
            assert_eq!(Field::read(&field.to_element()), field);
        }
    }

    #[test]
    fn yes_and_no_have_two_spellings() {
        let answer = |value: &str| Field::new("v", [value]).is_true();
        assert_eq!((answer("1"), answer("true")), (Some(true), Some(true)));
        assert_eq!((answer("0"), answer("false")), (Some(false), Some(false)));
        assert_eq!(answer("yes"), None);
    }

    #[test]
    fn a_form_of_unknown_kind_is_none() {
        assert_eq!(Form::parse(&parse("<x xmlns='jabber:x:data' type='poll'/>")), None);
        assert_eq!(Form::parse(&parse("<x xmlns='jabber:x:data'/>")), None);
        assert_eq!(Form::parse(&parse("<x xmlns='urn:example:x' type='form'/>")), None);
    }

    #[test]
    fn fields_past_the_limit_are_left_out() {
        let fields = "<field var='v'/>".repeat(FIELDS_MAX + 1);
        let form =
            Form::parse(&parse(&format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>"))).unwrap();
        assert_eq!(form.fields.len(), FIELDS_MAX);
    }
}
