//! Signing in with a browser: SCRAM by two requests, and a cookie that no script can read.

pub(crate) mod cookie;
mod devices;
mod exchanges;
mod info;
mod scram;

pub(super) use devices::{list, sign_out, sign_out_everywhere};
pub(crate) use exchanges::Exchanges;
pub(super) use info::{end, show};
pub(super) use scram::{finish, start};
