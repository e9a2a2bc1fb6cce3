//! Extensions: one file each, which reads what clients send and builds what the server sends.

pub mod archive;
pub mod automatic;
pub mod bind;
pub mod bind2;
pub mod blocking;
pub mod capabilities;
pub mod carbons;
pub mod chat_states;
pub mod client_state;
pub mod commands;
pub mod contact_addresses;
pub mod correction;
pub mod data_forms;
pub mod delay;
pub mod disco;
pub mod entity_time;
pub mod fast;
pub mod file_sharing;
pub mod forwarding;
pub mod idle;
pub mod last_activity;
pub mod markers;
pub mod out_of_band;
pub mod ping;
pub mod private_storage;
pub mod quick_response;
pub mod reactions;
pub mod receipts;
pub mod registration;
pub mod reply;
pub mod result_set;
pub mod retraction;
pub mod rooms;
pub mod roster;
pub mod sasl2;
pub mod session;
pub mod stanza_id;
pub mod upload;
pub mod vcard;
pub mod version;

#[cfg(test)]
mod testing {
    use crate::element::Element;
    use crate::namespace;
    use crate::stream::Limits;

    pub(super) fn parse(source: &str) -> Element {
        Element::parse(source.as_bytes(), &Limits::default()).unwrap()
    }

    /// As it is written inside a stanza.
    pub(super) fn written(element: &Element) -> String {
        String::from_utf8(element.to_bytes(namespace::CLIENT)).unwrap()
    }
}
