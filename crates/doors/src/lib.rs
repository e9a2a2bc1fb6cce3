#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

pub mod admin;
pub mod alerter;
pub mod api;
mod events;
mod failed_sign_in;
mod language;
mod line;
pub mod network;
mod pace;
mod password;
pub mod tls;
mod transport;
pub mod upsd;
pub mod web;
pub mod webhooks;
pub mod windows;
pub mod xmpp;
