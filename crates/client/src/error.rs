use std::{fmt::Display, path::PathBuf};

use api::Problem;
use thiserror::Error;

use crate::ServerError;

/// Why the service did not do what the command line asked of it. The sentences are for whoever typed the command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody answers.
    #[error(
        "no service runs here: nothing answers at {}. Start it with `messngr serve`, or name the data directory of the one that runs with `--data DIR`",
        socket.display()
    )]
    NoService {
        /// Where the socket was expected.
        socket: PathBuf,
    },
    /// The service belongs to another user.
    #[error(
        "the service at {} belongs to another user: run the command as root, or as the user that the service runs as",
        socket.display()
    )]
    NotAllowed {
        /// Where the socket is.
        socket: PathBuf,
    },
    /// The socket cannot be used.
    #[error("cannot connect to {}: {why}", socket.display())]
    Unreachable {
        /// Where the socket is.
        socket: PathBuf,
        /// What the system says.
        why: String,
    },
    /// The service on the network cannot be reached, or is not the one that is trusted.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The service says why not.
    #[error("{}", .0.detail)]
    Problem(Problem),
    /// The service says only that it does not.
    #[error("the service answered with the HTTP status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The connection ended too early.
    #[error("the connection to the service broke off, and it may or may not have done what was asked: {why}")]
    Broken {
        /// What is known about it.
        why: String,
    },
    /// No answer came in time.
    #[error("the service has not answered in ten minutes, and may or may not have done what was asked")]
    Slow,
    /// The answer cannot be understood.
    #[error(
        "the service answered something unexpected; it may be of another version than this command: {why}"
    )]
    Answer {
        /// What is wrong with it.
        why: String,
    },
    /// The request cannot be written.
    #[error("this cannot be asked of the service: {why}")]
    Request {
        /// What is wrong with it.
        why: String,
    },
    /// The name to speak in is none.
    #[error("the name in `--as` has characters that no name has")]
    Name,
    /// The token is none.
    #[error("a token begins with messngr_ and has no spaces in it: `messngr token add` makes one")]
    Token,
    /// What came cannot be written to where it belongs.
    #[error("cannot write the file: {why}")]
    Written {
        /// What the system says.
        why: String,
    },
}

impl ClientError {
    pub(crate) fn broken(error: impl Display) -> Self {
        Self::Broken { why: error.to_string() }
    }
}
