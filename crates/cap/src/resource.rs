/// A file that belongs to what is said (CAP 1.2 §3.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// What it is, such as "map" or "photo".
    pub description: String,
    /// Its media type (RFC 2046).
    pub media_type: String,
    /// About how many bytes it has.
    pub size: Option<u64>,
    /// Where it is: a URI; a relative one names the file inside `contents`.
    pub uri: Option<String>,
    /// The file itself in Base64, where there is no way to fetch it.
    pub contents: Option<String>,
    /// The SHA-1 of the file.
    pub digest: Option<String>,
}
