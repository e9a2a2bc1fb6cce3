#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod alerts;
pub mod audience;
pub mod audit;
pub mod away;
pub mod computers;
pub mod conditions;
pub mod erasure;
pub mod events;
pub mod files;
pub mod groups;
pub mod keys;
pub mod message_names;
pub mod messages;
pub mod notices;
pub mod people;
pub mod privacy;
mod problem;
pub mod reports;
pub mod rights;
pub mod rooms;
pub mod schedules;
mod schema;
pub mod service;
pub mod session;
pub mod sessions;
pub mod templates;
pub mod tokens;

pub use problem::Problem;

/// Where the interface begins.
pub const ROOT: &str = "/api/v1";

/// The name of the administration socket in the data directory.
pub const SOCKET_FILE: &str = "admin.sock";

/// The header that says in whose name something is sent: an account's name, UTF-8.
pub const IN_THE_NAME_OF: &str = "messngr-as";

/// The header with the sender's own id of what it sends: 1 to 200 bytes. What is sent again under the same id is taken
/// once.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
