use crate::api::Problem;

impl Problem {
    /// The document, for where it is not the answer to a request.
    pub(super) fn document(self) -> ::api::Problem {
        (*self).clone()
    }
}
