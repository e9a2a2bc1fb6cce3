//! doors

pub mod tls;
