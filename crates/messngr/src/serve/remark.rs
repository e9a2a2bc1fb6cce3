/// Something that an administrator should know about the start, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Remark {
    /// What is so: a sentence.
    pub(crate) what: String,
    /// What can be done: a sentence; none where it is only good to know.
    pub(crate) remedy: Option<String>,
}

impl Remark {
    /// Something that can be changed.
    pub(crate) fn with_remedy(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: Some(remedy.into()) }
    }

    /// Something that is good to know.
    pub(crate) fn note(what: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: None }
    }
}
