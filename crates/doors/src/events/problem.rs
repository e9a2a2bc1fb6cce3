use crate::api::Problem;

impl Problem {
    /// The document, for where it is not the answer to a request.
    pub(super) fn document(self) -> ::api::Problem {
        let Self { kind, title, status, detail, missing_scope, retry_after_seconds } = self;
        ::api::Problem { kind, title, status, detail, missing_scope, retry_after_seconds }
    }
}
