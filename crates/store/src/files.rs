use domain::Address;
use jiff::Timestamp;

/// The id by which a file is fetched: 128 random bits, so that it cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId(pub uuid::Uuid);

impl std::fmt::Display for FileId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.simple().fmt(formatter)
    }
}

impl std::str::FromStr for FileId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// Whoever knows the id can fetch the file: it stays out of logs.
impl std::fmt::Debug for FileId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("FileId(…)")
    }
}

/// What is known of a file that somebody has put here. Its bytes are elsewhere, named by their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// By what it is fetched.
    pub id: FileId,
    /// Who put it here.
    pub owner: Address,
    /// Its name, fit to be shown.
    pub name: String,
    /// Of what kind its owner says that it is, such as `image/png`.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// When it came.
    pub stored_at: Timestamp,
}
