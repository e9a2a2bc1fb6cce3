//! Signing in bound to the TLS connection (RFC 5802 §6, RFC 9266, RFC 5929 §4), which no stock client can show in
//! full: the clients that know a binding know `tls-unique` only.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_house;

use auth::{
    ChannelBindingType, Mechanism,
    scram::{
        Nonce,
        client::{self, ClientBinding, Login},
    },
};
use rustls::version::{TLS12, TLS13};
use xmpp_house::{Client, House, PASSWORD};

const BOTH: [Mechanism; 2] = [Mechanism::ScramSha256Plus, Mechanism::ScramSha1Plus];

#[tokio::test]
async fn a_client_can_bind_its_sign_in_to_the_keys_of_a_tls_1_3_connection() {
    let house = House::open().await;
    for mechanism in BOTH {
        let mut client = house.connect(&TLS13).await;
        assert!(client.features.contains("<channel-binding type='tls-exporter'/>"), "{}", client.features);
        let binding = client.tls_exporter();
        sign_in(&mut client, mechanism, ChannelBindingType::TlsExporter, &binding).await.unwrap();
        client.session_begins().await;
    }
}

#[tokio::test]
async fn a_client_can_bind_its_sign_in_to_the_certificate_with_either_version_of_tls() {
    let house = House::open().await;
    for version in [&TLS12, &TLS13] {
        for mechanism in BOTH {
            let mut client = house.connect(version).await;
            assert!(client.features.contains("<channel-binding type='tls-server-end-point'/>"));
            let binding = client.tls_server_end_point();
            sign_in(&mut client, mechanism, ChannelBindingType::TlsServerEndPoint, &binding).await.unwrap();
            client.session_begins().await;
        }
    }
}

#[tokio::test]
async fn a_tls_1_2_connection_is_not_said_to_have_an_exporter() {
    let house = House::open().await;
    let client = house.connect(&TLS12).await;
    assert!(!client.features.contains("tls-exporter"), "{}", client.features);
    assert!(client.features.contains("<mechanism>SCRAM-SHA-256-PLUS</mechanism>"));
}

#[tokio::test]
async fn who_stands_between_cannot_pass_a_sign_in_on_to_another_connection() {
    let house = House::open().await;
    let elsewhere = house.connect(&TLS13).await.tls_exporter();
    let mut client = house.connect(&TLS13).await;
    let failure = sign_in(&mut client, BOTH[0], ChannelBindingType::TlsExporter, &elsewhere).await;
    assert!(failure.unwrap_err().contains("<not-authorized/>"));
}

#[tokio::test]
async fn who_hides_the_offer_of_channel_binding_is_found_out() {
    let house = House::open().await;
    let mut client = house.connect(&TLS13).await;
    let login = Login { binding: ClientBinding::NotOffered, ..Login::new("anna", PASSWORD) };
    let (_, first) = client::start(Mechanism::ScramSha256, login, &nonce()).unwrap();
    let answer = client.authenticate("SCRAM-SHA-256", &first).await;
    assert!(answer.contains("<not-authorized/>") && answer.contains("was the offer changed?"), "{answer}");
    // It is no wrong password, and the client may try again on this stream.
    let binding = client.tls_exporter();
    sign_in(&mut client, BOTH[0], ChannelBindingType::TlsExporter, &binding).await.unwrap();
}

#[tokio::test]
async fn a_client_that_cannot_bind_at_all_signs_in_without() {
    let house = House::open().await;
    let mut client = house.connect(&TLS13).await;
    let (awaiting, first) =
        client::start(Mechanism::ScramSha256, Login::new("anna", PASSWORD), &nonce()).unwrap();
    exchange(&mut client, Mechanism::ScramSha256, awaiting, &first).await.unwrap();
}

#[tokio::test]
async fn a_binding_that_the_service_does_not_know_is_no_wrong_password_and_another_way_stays_open() {
    let house = House::open().await;
    let mut client = house.connect(&TLS12).await;
    let answer = client.authenticate("SCRAM-SHA-1-PLUS", b"p=tls-unique,,n=anna,r=abcdefgh").await;
    assert!(answer.contains("<failure") && answer.contains("tls-unique"), "{answer}");
    let (awaiting, first) =
        client::start(Mechanism::ScramSha1, Login::new("anna", PASSWORD), &nonce()).unwrap();
    exchange(&mut client, Mechanism::ScramSha1, awaiting, &first).await.unwrap();
    client.session_begins().await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_right_one_works_on_the_same_stream() {
    let house = House::open().await;
    let mut client = house.connect(&TLS13).await;
    let binding = client.tls_exporter();
    let bound = ClientBinding::Bound(ChannelBindingType::TlsExporter, &binding);
    let login = Login { binding: bound, ..Login::new("anna", "another password") };
    let (awaiting, first) = client::start(BOTH[0], login, &nonce()).unwrap();
    let failure = exchange(&mut client, BOTH[0], awaiting, &first).await.unwrap_err();
    assert!(failure.contains("<not-authorized/>"), "{failure}");
    sign_in(&mut client, BOTH[0], ChannelBindingType::TlsExporter, &binding).await.unwrap();
}

async fn sign_in(
    client: &mut Client,
    mechanism: Mechanism,
    kind: ChannelBindingType,
    binding: &[u8],
) -> Result<(), String> {
    let bound = ClientBinding::Bound(kind, binding);
    let login = Login { binding: bound, ..Login::new("anna", PASSWORD) };
    let (awaiting, first) = client::start(mechanism, login, &nonce()).unwrap();
    exchange(client, mechanism, awaiting, &first).await
}

/// The rest of an exchange, until both sides are proven; or the service's refusal.
async fn exchange(
    client: &mut Client,
    mechanism: Mechanism,
    awaiting: client::AwaitingChallenge,
    first: &[u8],
) -> Result<(), String> {
    let answer = client.authenticate(mechanism.name(), first).await;
    let challenge = xmpp_house::data(&answer, "challenge").ok_or(answer)?;
    let (awaiting, last) = awaiting.respond(&challenge).unwrap();
    let answer = client.respond(&last).await;
    let proof = xmpp_house::data(&answer, "success").ok_or(answer)?;
    awaiting.verify(&proof).unwrap();
    Ok(())
}

fn nonce() -> Nonce {
    Nonce::from_random([42; 24])
}
