//! The message archive (XEP-0313, `urn:xmpp:mam:2` and `#extended`), and what its owner wants kept (XEP-0441).

use jid::Jid;

use super::data_forms::{Field, FieldKind, Form, FormKind};
use super::delay::Delay;
use super::{forwarding, result_set};
use crate::element::Element;
use crate::namespace;
use crate::stanza::{Condition, StanzaError};

/// How many messages one query may name, and how many JIDs a list of preferences may have.
pub const NAMED_MAX: usize = 250;

/// How long the id of a query may be, in bytes.
pub const QUERY_ID_BYTES_MAX: usize = 1_023;

/// The field for words (XEP-0431 §3).
const FULL_TEXT_FIELD: &str = "{urn:xmpp:fulltext:0}fulltext";

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// What can be asked (§4.1.5).
    Form,
    /// Messages (§4).
    Query(Box<Query>),
    /// Where the archive begins and ends (§5).
    Metadata,
    /// What is kept (XEP-0441 §2).
    Preferences,
    /// To keep this from now on (XEP-0441 §2).
    SetPreferences(Preferences),
}

/// Which messages are wanted. Times are as they came: not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// By which the results are told from those of another query.
    pub query_id: Option<String>,
    /// Only what went to or came from there.
    pub with: Option<Jid>,
    /// Only what is as new.
    pub start: Option<String>,
    /// Only what is as old.
    pub end: Option<String>,
    /// Only what is behind this message.
    pub after_id: Option<String>,
    /// Only what is in front of this message.
    pub before_id: Option<String>,
    /// Only these messages; none named: all.
    pub ids: Vec<String>,
    /// Only what has these words in it (XEP-0431).
    pub text: Option<String>,
    /// The newest of the page first (§4.3.4).
    pub flip_page: bool,
    /// Which page.
    pub page: result_set::Request,
}

/// What is kept of new messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// What is kept of messages to and from people on neither list.
    pub default: Default,
    /// Whose messages are always kept.
    pub always: Vec<Jid>,
    /// Whose messages never are.
    pub never: Vec<Jid>,
}

/// What is kept unless a list says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// Everything.
    Always,
    /// Nothing.
    Never,
    /// What goes to and comes from contacts.
    Roster,
}

impl Default {
    const ALL: [Self; 3] = [Self::Always, Self::Never, Self::Roster];

    fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Roster => "roster",
        }
    }
}

impl Request {
    /// Reads the payload of a `get` or `set` (`is_set`); `None` if it is not about the archive.
    ///
    /// # Errors
    /// `feature-not-implemented` for a field that is not known (§4.1.5), `jid-malformed` for a `with` that is no
    /// address, `bad-request` for another kind of form or malformed preferences, `not-acceptable` past a limit, and
    /// what [`result_set::Request::read`] says of the page.
    pub fn parse(payload: &Element, is_set: bool) -> Result<Option<Self>, StanzaError> {
        if payload.namespace() != namespace::ARCHIVE {
            return Ok(None);
        }
        match (payload.name(), is_set) {
            ("query", false) => Ok(Some(Self::Form)),
            ("query", true) => Ok(Some(Self::Query(Box::new(Query::read(payload)?)))),
            ("metadata", false) => Ok(Some(Self::Metadata)),
            ("prefs", false) => Ok(Some(Self::Preferences)),
            ("prefs", true) => Ok(Some(Self::SetPreferences(Preferences::read(payload)?))),
            _ => Ok(None),
        }
    }
}

impl Query {
    fn read(payload: &Element) -> Result<Self, StanzaError> {
        let query_id = payload.attribute("queryid").map(str::to_owned);
        if query_id.as_ref().is_some_and(|id| id.len() > QUERY_ID_BYTES_MAX) {
            return Err(Condition::NotAcceptable.into());
        }
        let flip_page = payload.child("flip-page", namespace::ARCHIVE).is_some();
        let mut query =
            Self { query_id, flip_page, page: result_set::Request::read(payload)?, ..Self::default() };
        let Some(form) = Form::read(payload) else { return Ok(query) };
        if form.kind != FormKind::Submit || form.form_type() != Some(namespace::ARCHIVE) {
            return Err(StanzaError::new(Condition::BadRequest).with_text("not a form of the archive's"));
        }
        for field in form.fields {
            query.take(field)?;
        }
        Ok(query)
    }

    fn take(&mut self, field: Field) -> Result<(), StanzaError> {
        let mut values = field.values.into_iter();
        match field.variable.as_str() {
            "FORM_TYPE" => {}
            "with" => {
                let with = values.next().map(|with| Jid::new(&with)).transpose();
                self.with = with.map_err(|_| StanzaError::new(Condition::JidMalformed))?;
            }
            "start" => self.start = values.next(),
            "end" => self.end = values.next(),
            "before-id" => self.before_id = values.next(),
            "after-id" => self.after_id = values.next(),
            FULL_TEXT_FIELD => self.text = values.next(),
            "ids" if values.len() > NAMED_MAX => return Err(Condition::NotAcceptable.into()),
            "ids" => self.ids = values.collect(),
            _ => return Err(Condition::FeatureNotImplemented.into()),
        }
        Ok(())
    }
}

impl Preferences {
    fn read(payload: &Element) -> Result<Self, StanzaError> {
        let default = payload.attribute("default");
        let default = Default::ALL.into_iter().find(|known| default == Some(known.as_str()));
        let default = default.ok_or(Condition::BadRequest)?;
        Ok(Self { default, always: jids(payload, "always")?, never: jids(payload, "never")? })
    }

    /// The payload of the answer: what is kept.
    pub fn to_element(&self) -> Element {
        let list = |name, jids: &[Jid]| {
            let jids = jids.iter().map(|jid| Element::new("jid", namespace::ARCHIVE).with_text(jid.as_str()));
            Element::new(name, namespace::ARCHIVE).with_children(jids)
        };
        Element::new("prefs", namespace::ARCHIVE)
            .with_attribute("default", self.default.as_str())
            .with_child(list("always", &self.always))
            .with_child(list("never", &self.never))
    }
}

fn jids(payload: &Element, name: &str) -> Result<Vec<Jid>, StanzaError> {
    let Some(list) = payload.child(name, namespace::ARCHIVE) else { return Ok(Vec::new()) };
    let named = list.children().filter(|child| child.is("jid", namespace::ARCHIVE));
    let mut jids = Vec::new();
    for jid in named {
        if jids.len() >= NAMED_MAX {
            return Err(Condition::NotAcceptable.into());
        }
        jids.push(Jid::new(jid.text().trim()).map_err(|_| StanzaError::new(Condition::JidMalformed))?);
    }
    Ok(jids)
}

/// The payload of the answer to [`Request::Form`].
pub fn form() -> Element {
    let field = |name, kind| Field::new(name, [""; 0]).with_kind(kind);
    let fields = vec![
        Field::form_type(namespace::ARCHIVE),
        field("with", FieldKind::JidSingle),
        field("start", FieldKind::TextSingle),
        field("end", FieldKind::TextSingle),
        field("before-id", FieldKind::TextSingle),
        field("after-id", FieldKind::TextSingle),
        field(FULL_TEXT_FIELD, FieldKind::TextSingle),
    ];
    let form = Form { kind: FormKind::Form, title: None, instructions: None, fields };
    // Any id may be named, and there are too many to offer (§4.1.5).
    let open = Element::new("validate", namespace::DATA_FORMS_VALIDATION)
        .with_attribute("datatype", "xs:string")
        .with_child(Element::new("open", namespace::DATA_FORMS_VALIDATION));
    let ids = Element::new("field", namespace::DATA_FORMS)
        .with_attribute("var", "ids")
        .with_attribute("type", FieldKind::ListMulti.as_str())
        .with_child(open);
    Element::new("query", namespace::ARCHIVE).with_child(form.to_element().with_child(ids))
}

/// An end of an archive: a message's id, and when it was taken (XEP-0082).
pub type End = (String, String);

/// The payload of the answer to [`Request::Metadata`]: both ends, unless the archive is empty.
pub fn metadata(ends: Option<(End, End)>) -> Element {
    let end = |name, (id, stamp): End| {
        Element::new(name, namespace::ARCHIVE).with_attribute("id", id).with_attribute("timestamp", stamp)
    };
    let ends = ends.map(|(first, last)| [end("start", first), end("end", last)]);
    Element::new("metadata", namespace::ARCHIVE).with_children(ends.into_iter().flatten())
}

/// The payload of the answer to [`Request::Query`], after the results (§4.2).
pub fn fin(page: &result_set::Page, complete: bool) -> Element {
    Element::new("fin", namespace::ARCHIVE)
        .with_optional_attribute("complete", complete.then_some("true"))
        .with_child(page.to_element())
}

/// Appends a result: a message as it is stored, with its id in the archive, for one session (`to`) of the owner.
pub fn write_result(
    out: &mut Vec<u8>,
    (owner, to): (&str, &str),
    query_id: Option<&str>,
    id: &str,
    delay: &Delay,
    message: &[u8],
) {
    let envelope =
        Element::new("message", namespace::CLIENT).with_attribute("from", owner).with_attribute("to", to);
    let result = Element::new("result", namespace::ARCHIVE)
        .with_optional_attribute("queryid", query_id)
        .with_attribute("id", id);
    envelope.write_around(out, namespace::CLIENT, |out| {
        result.write_around(out, namespace::CLIENT, |out| forwarding::write(out, Some(delay), message));
    });
}

#[cfg(test)]
mod tests {
    use super::super::testing::{parse, written};
    use super::*;

    fn query(fields: &str) -> Result<Query, Condition> {
        let form_type = "<field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>";
        let form = format!("<x xmlns='jabber:x:data' type='submit'>{form_type}{fields}</x>");
        match Request::parse(&parse(&format!("<query xmlns='urn:xmpp:mam:2'>{form}</query>")), true) {
            Ok(Some(Request::Query(query))) => Ok(*query),
            Ok(other) => panic!("expected a query, got {other:?}"),
            Err(error) => Err(error.condition),
        }
    }

    fn field(name: &str, value: &str) -> String {
        format!("<field var='{name}'><value>{value}</value></field>")
    }

    #[test]
    fn every_field_of_a_query_is_read_and_one_that_is_not_known_is_refused() {
        let fields = [
            ("with", "b@x.test"),
            ("start", "s"),
            ("end", "e"),
            ("after-id", "a"),
            ("before-id", "b"),
            ("ids", "i"),
            ("{urn:xmpp:fulltext:0}fulltext", "w"),
        ];
        let read = query(&fields.map(|(name, value)| field(name, value)).concat()).unwrap();
        let expected = Query {
            with: Some(Jid::new("b@x.test").unwrap()),
            start: Some("s".into()),
            end: Some("e".into()),
            after_id: Some("a".into()),
            before_id: Some("b".into()),
            ids: vec!["i".into()],
            text: Some("w".into()),
            ..Query::default()
        };
        assert_eq!(read, expected);
        assert_eq!(query(&field("include-groupchat", "true")), Err(Condition::FeatureNotImplemented));
        assert_eq!(query(&field("with", "@")), Err(Condition::JidMalformed));
        let many = "<value>i</value>".repeat(NAMED_MAX + 1);
        assert_eq!(query(&format!("<field var='ids'>{many}</field>")), Err(Condition::NotAcceptable));
    }

    #[test]
    fn a_form_of_another_kind_is_refused() {
        let other = "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>\
                     <field var='FORM_TYPE'><value>urn:example:x</value></field></x></query>";
        let error = Request::parse(&parse(other), true).unwrap_err();
        assert_eq!(error.condition, Condition::BadRequest);
    }

    #[test]
    fn preferences_that_were_written_are_read_again() {
        let preferences = Preferences {
            default: Default::Roster,
            always: vec![Jid::new("b@x.test").unwrap()],
            never: vec![Jid::new("c@x.test/1").unwrap()],
        };
        let read = Request::parse(&parse(&written(&preferences.to_element())), true).unwrap();
        assert_eq!(read, Some(Request::SetPreferences(preferences)));
        let error =
            Request::parse(&parse("<prefs xmlns='urn:xmpp:mam:2' default='maybe'/>"), true).unwrap_err();
        assert_eq!(error.condition, Condition::BadRequest);
    }

    #[test]
    fn a_result_holds_the_message_with_its_id_and_its_time() {
        let delay = Delay { from: None, stamp: "2026-11-20T08:30:00Z".into(), reason: None };
        let mut out = Vec::new();
        write_result(&mut out, ("a@x", "a@x/1"), Some("q"), "7", &delay, b"<message to='b@x'></message>");
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "<message from='a@x' to='a@x/1'><result xmlns='urn:xmpp:mam:2' queryid='q' id='7'>\
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-11-20T08:30:00Z'/>\
             <message xmlns='jabber:client' to='b@x'></message></forwarded></result></message>"
        );
    }

    #[test]
    fn the_form_offers_what_queries_understand() {
        let form = written(&form());
        assert!(form.contains("<field var='ids' type='list-multi'><validate"), "{form}");
        assert!(!form.contains("required"));
    }
}
