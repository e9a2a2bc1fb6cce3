//! The door of whoever administers this machine: `admin.sock` in the data directory, which speaks
//! [`api`](crate::api). The kernel says who has connected; only root and the service's own user are let in.

mod connection;
mod socket;

#[cfg(test)]
mod tests;

pub use socket::{AdminSocket, FILE_NAME};
