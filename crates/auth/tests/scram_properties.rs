//! What must hold of any SCRAM exchange, whatever is said in it.
#![allow(clippy::unwrap_used)]

use auth::scram::Nonce;
use auth::scram::client::{self, ClientBinding, ClientError, Login};
use auth::scram::server::{self, AwaitingFinal, ScramError};
use auth::{ChannelBindingType, ChannelBindings, Mechanism, PasswordRecord};
use proptest::prelude::*;
use std::num::NonZeroU32;
use std::sync::LazyLock;

const ITERATIONS: NonZeroU32 = NonZeroU32::new(client::ITERATIONS_MIN).unwrap();
const SCRAM: [Mechanism; 4] =
    [Mechanism::ScramSha1, Mechanism::ScramSha1Plus, Mechanism::ScramSha256, Mechanism::ScramSha256Plus];

static RECORD: LazyLock<PasswordRecord> =
    LazyLock::new(|| PasswordRecord::derive("pencil", [1; 32], ITERATIONS).unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_knows_the_password_gets_in(
        mechanism in mechanism(), username in "[^\0]{1,30}", password in "[ -~äöüéλж]{1,30}", random: [u8; 32],
    ) {
        let record = PasswordRecord::derive(&password, random, ITERATIONS).unwrap();
        let exchange = Exchange::run(mechanism, Login { binding: binding(mechanism), ..Login::new(&username, &password) }, &record);
        prop_assert_eq!(exchange.unwrap().outcome, Ok(()));
    }

    #[test]
    fn whoever_does_not_know_the_password_does_not(mechanism in mechanism(), password in "[ -~]{1,30}") {
        prop_assume!(password != "pencil");
        let login = Login { binding: binding(mechanism), ..Login::new("anna", &password) };
        prop_assert_eq!(Exchange::run(mechanism, login, &RECORD).unwrap_err(), ScramError::InvalidProof);
    }

    #[test]
    fn nobody_gets_in_by_a_decoy(mechanism in mechanism(), secret: [u8; 32], name in "[a-z]{1,9}") {
        let login = Login { binding: binding(mechanism), ..Login::new(&name, "pencil") };
        let decoy = PasswordRecord::decoy(&secret, &name, ITERATIONS);
        prop_assert_eq!(Exchange::run(mechanism, login, &decoy).unwrap_err(), ScramError::InvalidProof);
    }

    #[test]
    fn a_client_on_another_connection_does_not_get_in(
        kind in prop_oneof![Just(ChannelBindingType::TlsExporter), Just(ChannelBindingType::TlsServerEndPoint)],
        other in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        prop_assume!(bindings().data(kind) != Some(&*other));
        let login = Login { binding: ClientBinding::Bound(kind, &other), ..Login::new("anna", "pencil") };
        let outcome = Exchange::run(Mechanism::ScramSha256Plus, login, &RECORD);
        prop_assert_eq!(outcome.unwrap_err(), ScramError::ChannelBindingsDontMatch);
    }
}

proptest! {
    #[test]
    fn no_bytes_break_the_server(mechanism in mechanism(), first in message(), last in message()) {
        let _ = server::start(mechanism, &first, &bindings(), &server_nonce());
        prop_assert!(challenged(mechanism, &first_message(mechanism)).finish(&last).is_err());
    }

    #[test]
    fn no_bytes_break_the_client(bytes in "r=[ -~]{0,20},s=[ -~]{0,9},i=[0-9a-z]{0,3}|[^a]{0,30}") {
        let (client, _) = client::start(Mechanism::ScramSha1, Login::new("anna", "pencil"), &client_nonce()).unwrap();
        prop_assert!(client.respond(bytes.as_bytes()).is_err());
    }
}

#[test]
fn a_client_may_ask_to_act_as_another_and_the_caller_hears_whom() {
    let login = Login { authorization: Some("boss,=1"), ..Login::new("anna", "pencil") };
    let (_, message) = client::start(Mechanism::ScramSha1, login, &client_nonce()).unwrap();
    let no_tls = ChannelBindings::default();
    let server = server::start(Mechanism::ScramSha1, &message, &no_tls, &server_nonce()).unwrap();
    assert_eq!(server.authorization(), Some("boss,=1"));
    assert_eq!(Exchange::run(Mechanism::ScramSha1, login, &RECORD).unwrap().outcome, Ok(()));
}

#[test]
fn changing_any_bit_of_any_message_on_the_way_makes_the_sign_in_fail() {
    for mechanism in SCRAM {
        let login = Login { binding: binding(mechanism), ..Login::new("anna", "pencil") };
        let exchange = Exchange::run(mechanism, login, &RECORD).unwrap();
        for first in flips(&exchange.client_first) {
            let started = server::start(mechanism, &first, &bindings(), &server_nonce());
            let Ok(started) = started else { continue };
            assert!(started.challenge(&RECORD).0.finish(&exchange.client_final).is_err(), "{first:?}");
        }
        for last in flips(&exchange.client_final) {
            let outcome = challenged(mechanism, &exchange.client_first).finish(&last);
            assert!(outcome.is_err(), "{:?}", String::from_utf8_lossy(&last));
        }
    }
}

#[test]
fn changing_any_bit_of_a_challenge_or_a_verifier_on_the_way_makes_the_sign_in_fail() {
    let mechanism = Mechanism::ScramSha256;
    let exchange = Exchange::run(mechanism, Login::new("anna", "pencil"), &RECORD).unwrap();
    let start = || client::start(mechanism, Login::new("anna", "pencil"), &client_nonce()).unwrap().0;
    for challenge in flips(&exchange.server_first) {
        let Ok((_, answer)) = start().respond(&challenge) else { continue };
        assert!(challenged(mechanism, &exchange.client_first).finish(&answer).is_err(), "{challenge:?}");
    }
    for verifier in flips(&exchange.server_final).step_by(7) {
        let (client, _) = start().respond(&exchange.server_first).unwrap();
        assert!(client.verify(&verifier).is_err(), "{verifier:?}");
    }
}

/// What was said, when the server accepted.
#[derive(Debug)]
struct Exchange {
    client_first: Vec<u8>,
    server_first: Vec<u8>,
    client_final: Vec<u8>,
    server_final: Vec<u8>,
    outcome: Result<(), ClientError>,
}

impl Exchange {
    fn run(mechanism: Mechanism, login: Login<'_>, record: &PasswordRecord) -> Result<Self, ScramError> {
        let (client, client_first) = client::start(mechanism, login, &client_nonce()).unwrap();
        let server = server::start(mechanism, &client_first, &bindings(), &server_nonce())?;
        assert_eq!(server.username(), login.username);
        let (server, server_first) = server.challenge(record);
        let (client, client_final) = client.respond(&server_first).unwrap();
        let server_final = server.finish(&client_final)?.server_final;
        let outcome = client.verify(&server_final);
        Ok(Self { client_first, server_first, client_final, server_final, outcome })
    }
}

fn challenged(mechanism: Mechanism, client_first: &[u8]) -> AwaitingFinal {
    let started = server::start(mechanism, client_first, &bindings(), &server_nonce());
    started.unwrap().challenge(&RECORD).0
}

fn first_message(mechanism: Mechanism) -> Vec<u8> {
    let login = Login { binding: binding(mechanism), ..Login::new("anna", "pencil") };
    client::start(mechanism, login, &client_nonce()).unwrap().1
}

fn mechanism() -> impl Strategy<Value = Mechanism> {
    proptest::sample::select(SCRAM.as_slice())
}

/// Bytes that are nothing, or nearly a message.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let any = proptest::collection::vec(any::<u8>(), 0..100);
    let near = "[nyp](=[a-z-]{0,20})?,(a=[a-z=,]{0,5})?,n=[a-z=,ü]{0,5},r=[ -~]{0,9}|c=[a-zA-Z=]{0,9},r=[ -~]{0,9},p=.{0,9}";
    prop_oneof![any, near.prop_map(String::into_bytes)]
}

fn bindings() -> ChannelBindings {
    ChannelBindings::new(Some(vec![3; 32]), Some(vec![4; 32]))
}

fn binding(mechanism: Mechanism) -> ClientBinding<'static> {
    if mechanism.binds_channel() {
        ClientBinding::Bound(ChannelBindingType::TlsExporter, &[3; 32])
    } else {
        ClientBinding::Unsupported
    }
}

fn client_nonce() -> Nonce {
    Nonce::from_random([5; 24])
}

fn server_nonce() -> Nonce {
    Nonce::from_random([6; 24])
}

/// The message with each of its bits turned, one at a time.
fn flips(message: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..message.len() * 8).map(|bit| {
        let mut flipped = message.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}
