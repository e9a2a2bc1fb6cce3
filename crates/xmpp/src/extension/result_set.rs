//! Result set management (XEP-0059): pages of a long answer.

use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// Which page is wanted (§2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// How many results at most; 0 asks for their count alone (§2.7).
    pub max: Option<u32>,
    /// The page behind this result (§2.2).
    pub after: Option<String>,
    /// The page in front of this result (§2.3); empty for the last page (§2.5).
    pub before: Option<String>,
}

impl Request {
    /// Reads the wish in a query; without one, everything is wanted.
    ///
    /// # Errors
    /// `bad-request` for a `max` that is no number; `feature-not-implemented` for a page by its number (§2.6).
    pub fn read(query: &Element) -> Result<Self, StanzaError> {
        let Some(set) = query.child("set", namespace::RESULT_SET) else { return Ok(Self::default()) };
        let text = |name| set.child(name, namespace::RESULT_SET).map(|child| child.text().trim().to_owned());
        if set.child("index", namespace::RESULT_SET).is_some() {
            return Err(StanzaError::new(Condition::FeatureNotImplemented));
        }
        let max = text("max").map(|max| number(&max)).transpose()?;
        Ok(Self { max, after: text("after"), before: text("before") })
    }
}

/// A number, or the greatest there is in the place of a greater one: more than can be given is wanted either way.
fn number(text: &str) -> Result<u32, StanzaError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(StanzaError::new(Condition::BadRequest).with_text("max is a number"));
    }
    Ok(text.parse().unwrap_or(u32::MAX))
}

/// What page was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The first and the last result on it; none where it is empty.
    pub ends: Option<(String, String)>,
    /// How many results there are on all pages, where that is known.
    pub count: Option<u64>,
}

impl Page {
    /// The `<set/>` element.
    pub fn to_element(&self) -> Element {
        let child = |name, text: String| Element::new(name, namespace::RESULT_SET).with_text(text);
        let ends = self.ends.clone();
        let ends = ends.map(|(first, last)| [child("first", first), child("last", last)]);
        Element::new("set", namespace::RESULT_SET)
            .with_children(ends.into_iter().flatten())
            .with_children(self.count.map(|count| child("count", count.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn read(children: &str) -> Result<Request, Condition> {
        let set = format!(
            "<query xmlns='urn:x'><set xmlns='http://jabber.org/protocol/rsm'>{children}</set></query>"
        );
        Request::read(&parse(&set)).map_err(|error| error.condition)
    }

    #[test]
    fn wishes_are_read() {
        let after = Request { max: Some(10), after: Some("a".into()), before: None };
        assert_eq!(read("<max>10</max><after>a</after>"), Ok(after));
        assert_eq!(read("<before/>"), Ok(Request { before: Some(String::new()), ..Request::default() }));
        assert_eq!(Request::read(&parse("<query xmlns='urn:x'/>")), Ok(Request::default()));
        for wrong in ["many", "", "-1", "1.5"] {
            assert_eq!(read(&format!("<max>{wrong}</max>")), Err(Condition::BadRequest), "{wrong}");
        }
        let huge = Request { max: Some(u32::MAX), ..Request::default() };
        assert_eq!(read("<max>99999999999999999999999</max>"), Ok(huge));
        assert_eq!(read("<index>3</index>"), Err(Condition::FeatureNotImplemented));
    }

    #[test]
    fn pages_are_written() {
        let page = Page { ends: Some(("a".into(), "b".into())), count: Some(7) };
        assert_eq!(
            written(&page.to_element()),
            "<set xmlns='http://jabber.org/protocol/rsm'><first>a</first><last>b</last><count>7</count></set>"
        );
    }
}
