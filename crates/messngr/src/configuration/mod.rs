//! What the administrator has decided: read from a TOML file, the environment and the command line, checked as a
//! whole before anything starts, and explained line by line where it is wrong.
//!
//! The doc comments of [`Configuration`] and of its sections are the administrator's reference: [`reference()`] and
//! [`page`] are made from them. Every setting's name, type and limits are known once, from that schema.

mod alerting;
mod check;
mod environment;
mod fault;
mod file;
mod flags;
mod formats;
mod keys;
mod load;
mod mistake;
mod nearest;
mod publishing;
mod reference;
pub(crate) mod sections;
mod surroundings;
mod value;
pub(crate) mod windows;

#[cfg(test)]
mod tests;

pub(crate) use flags::Overrides;
pub(crate) use load::{Loaded, Source};
pub(crate) use mistake::{Mistake, Place};
pub(crate) use publishing::WebhookSection;
pub(crate) use reference::{described, effective, page, reference};
pub(crate) use sections::Configuration;
pub(crate) use surroundings::Surroundings;
