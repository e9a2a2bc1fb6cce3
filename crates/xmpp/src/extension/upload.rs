//! Sending files by HTTP (XEP-0363).

use super::data_forms::{Field, Form, FormKind};
use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, ErrorKind, StanzaError};

/// A place for a file that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The file's name.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Of what kind it is, as its owner says.
    pub media_type: Option<String>,
}

impl Request {
    /// Reads a payload; `None` if it asks for no place (§4).
    ///
    /// # Errors
    /// `bad-request` where it does not say the name and the size.
    pub fn parse(payload: &Element) -> Result<Option<Self>, StanzaError> {
        if !payload.is("request", namespace::UPLOAD) {
            return Ok(None);
        }
        let name = payload.attribute("filename").filter(|name| !name.trim().is_empty());
        let size = payload.attribute("size").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
        let (Some(name), Some(size)) = (name, size) else {
            return Err(StanzaError::new(Condition::BadRequest).with_text("a file has a name and a size"));
        };
        let media_type = payload.attribute("content-type").filter(|kind| !kind.is_empty()).map(str::to_owned);
        Ok(Some(Self { name: name.to_owned(), size, media_type }))
    }
}

/// The payload of the answer: where the file goes, and where it is then.
pub fn slot(put: &str, get: &str) -> Element {
    let url = |name, url: &str| Element::new(name, namespace::UPLOAD).with_attribute("url", url);
    Element::new("slot", namespace::UPLOAD).with_child(url("put", put)).with_child(url("get", get))
}

/// That a file is too large, and how large one may be (§5).
pub fn too_large(bytes_max: u64) -> StanzaError {
    let most = Element::new("max-file-size", namespace::UPLOAD).with_text(bytes_max.to_string());
    let detail = Element::new("file-too-large", namespace::UPLOAD).with_child(most);
    StanzaError::new(Condition::NotAcceptable)
        .with_text(format!("a file may have {bytes_max} bytes"))
        .with_detail(detail)
}

/// That somebody has as many files here as they may, for now (§5).
pub fn too_many(text: impl Into<String>) -> StanzaError {
    StanzaError::new(Condition::ResourceConstraint)
        .with_kind(ErrorKind::Wait)
        .with_text(text)
        .with_detail(Element::new("retry", namespace::UPLOAD))
}

/// The form that says how large a file may be (§3).
pub fn information(bytes_max: u64) -> Form {
    let fields =
        vec![Field::form_type(namespace::UPLOAD), Field::new("max-file-size", [bytes_max.to_string()])];
    Form { kind: FormKind::Result, title: None, instructions: None, fields }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn request(attributes: &str) -> Result<Option<Request>, Condition> {
        let source = format!("<request xmlns='urn:xmpp:http:upload:0' {attributes}/>");
        Request::parse(&parse(&source)).map_err(|error| error.condition)
    }

    #[test]
    fn a_place_is_asked_for_by_name_and_size() {
        let expected = Request { name: "plan.png".into(), size: 7, media_type: Some("image/png".into()) };
        assert_eq!(request("filename='plan.png' size='7' content-type='image/png'"), Ok(Some(expected)));
        for half in [
            "filename='a'",
            "size='7'",
            "filename=' ' size='7'",
            "filename='a' size='-1'",
            "filename='a' size='0'",
        ] {
            assert_eq!(request(half), Err(Condition::BadRequest), "{half}");
        }
        assert_eq!(Request::parse(&parse("<request xmlns='urn:x'/>")), Ok(None));
    }

    #[test]
    fn a_place_has_two_addresses() {
        assert_eq!(
            written(&slot("https://x.test/p", "https://x.test/g")),
            "<slot xmlns='urn:xmpp:http:upload:0'><put url='https://x.test/p'/><get url='https://x.test/g'/></slot>"
        );
    }
}
