#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

mod alert;
mod area;
mod codes;
mod error;
mod info;
mod node;
mod read;
mod reference;
mod resource;
mod rules;
mod time;
mod words;
mod write;

pub use alert::Alert;
pub use area::{Area, Circle, Point, Polygon};
pub use codes::{Category, Certainty, MessageType, ResponseType, Scope, Severity, Status, Urgency};
pub use error::CapError;
pub use info::{Info, NamedValue};
pub use reference::Reference;
pub use resource::Resource;
pub use time::Time;

/// The namespace of every element of an alert.
pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";

/// The media type by which documents are commonly served; the standard names none.
pub const MEDIA_TYPE: &str = "application/cap+xml";

/// The most bytes of a document.
pub const BYTES_MAX: usize = 1_048_576;

/// How deep elements may nest. The deepest of the schema is 4.
pub const DEPTH_MAX: usize = 16;

/// The most elements of a document.
pub const ELEMENTS_MAX: usize = 10_000;

/// The most attributes and namespace declarations of one element.
pub const ATTRIBUTES_MAX: usize = 16;

/// The most languages, or other variants, of one alert.
pub const INFOS_MAX: usize = 64;

/// The most points of one polygon.
pub const POINTS_MAX: usize = 10_000;
