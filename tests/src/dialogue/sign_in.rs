//! What a client does on its way in, where a dialogue is about something that comes later.

use std::hash::{BuildHasher, Hasher, RandomState};

use auth::{
    ChannelBindingType, Mechanism,
    scram::{
        Nonce,
        client::{ClientBinding, Login, start},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use xmpp::{Element, namespace};

use super::{client::Client, transport::Transport};
use crate::DOMAIN;

/// Opens a stream and reads the features.
pub(super) fn open(client: &mut Client) -> Result<(), String> {
    client.write_stream_header();
    client.await_element("the features", |element| element.is("features", namespace::STREAM)).map(drop)
}

/// Asks for TLS, up to the point where the handshake begins.
pub(super) fn ask_for_tls(client: &mut Client) -> Result<(), String> {
    client.write(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.await_element("leave to begin with TLS", |element| element.is("proceed", namespace::TLS)).map(drop)
}

/// Signs in and opens the stream that follows.
pub(super) fn authenticate(
    client: &mut Client,
    mechanism: &str,
    name: &str,
    password: &str,
) -> Result<(), String> {
    match mechanism {
        "PLAIN" => {
            let secret = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
            say(client, "auth", " mechanism='PLAIN'", &secret)?;
        }
        scram => authenticate_by_scram(client, scram, name, password)?,
    }
    open(client)
}

/// Binds a resource, and returns the full address.
pub(super) fn bind(client: &mut Client, resource: &str) -> Result<String, String> {
    client.write(
        format!(
            "<iq type='set' id='bind'><bind xmlns='{}'><resource>{resource}</resource></bind></iq>",
            namespace::BIND
        )
        .as_bytes(),
    );
    let answer = client.await_element("an address", |element| element.attribute("id") == Some("bind"))?;
    let bound = answer.child("bind", namespace::BIND).and_then(|bound| bound.child("jid", namespace::BIND));
    let address = bound.map(|jid| jid.text().into_owned());
    address.ok_or_else(|| format!("no address: {}", super::client::written(&answer)))
}

fn authenticate_by_scram(
    client: &mut Client,
    mechanism: &str,
    name: &str,
    password: &str,
) -> Result<(), String> {
    let parsed: Mechanism = mechanism.parse().map_err(|_| format!("no mechanism: {mechanism}"))?;
    let exporter = client.transport().and_then(Transport::exporter);
    let mut login = Login::new(name, password);
    if parsed.binds_channel() {
        let data = exporter.as_ref().ok_or("no TLS to bind to")?;
        login.binding = ClientBinding::Bound(ChannelBindingType::TlsExporter, data);
    }
    let nonce = Nonce::from_random(std::array::from_fn(|_| random_byte()));
    let (awaiting, first) = start(parsed, login, &nonce).map_err(|error| error.to_string())?;
    let challenge = say(client, "auth", &format!(" mechanism='{mechanism}'"), &encode(&first))?;
    let (awaiting, last) = awaiting.respond(&decode(&challenge)?).map_err(|error| error.to_string())?;
    let success = say(client, "response", "", &encode(&last))?;
    awaiting.verify(&decode(&success)?).map_err(|error| error.to_string())
}

/// One step of SASL; a failure is an error.
fn say(client: &mut Client, name: &str, attributes: &str, data: &str) -> Result<Element, String> {
    client.write(format!("<{name} xmlns='{}'{attributes}>{data}</{name}>", namespace::SASL).as_bytes());
    let answer = client.await_element("an answer", |element| element.namespace() == namespace::SASL)?;
    match answer.name() {
        "failure" => Err(format!("{DOMAIN} lets nobody in: {}", super::client::written(&answer))),
        _ => Ok(answer),
    }
}

fn random_byte() -> u8 {
    RandomState::new().build_hasher().finish().to_le_bytes()[0]
}

fn encode(data: &[u8]) -> String {
    BASE64_STANDARD.encode(data)
}

fn decode(element: &Element) -> Result<Vec<u8>, String> {
    BASE64_STANDARD.decode(element.text().as_bytes()).map_err(|error| error.to_string())
}
