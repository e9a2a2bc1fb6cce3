/// Why a text does not mean that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) what: String,
    pub(super) remedy: String,
}

pub(super) fn fault(what: String, remedy: impl Into<String>) -> Fault {
    Fault { what, remedy: remedy.into() }
}
