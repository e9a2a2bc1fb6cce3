use thiserror::Error;

/// Why the store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What was to be made is there already.
    #[error("{what} exists already")]
    Exists {
        /// What: "the account anna@…".
        what: String,
    },
    /// What was to be changed is not there.
    #[error("{what} does not exist")]
    Missing {
        /// What.
        what: String,
    },
    /// The store was written by a newer version of the program.
    #[error(
        "the store {file} has schema {found}, and this program knows schemas up to {known}: it was written by a newer version; use that version, or restore an older backup"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its schema.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// Writing or reading failed: a full disk, a damaged file.
    #[error("the store cannot do this now: {why}")]
    Unavailable {
        /// What the engine said.
        why: String,
    },
    /// Something stored cannot be understood.
    #[error("the store holds something unreadable: {why}")]
    Corrupt {
        /// What, and where.
        why: String,
    },
    /// The service is stopping.
    #[error("the store is closed")]
    Closed,
}
