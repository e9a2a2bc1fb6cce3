//! The door over real sockets, with a hub on a store of its own.

mod answers;
mod gateway;
mod house;
mod limits;
mod messages;
mod peer;
