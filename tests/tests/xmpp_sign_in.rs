//! Signing in by XMPP, with slixmpp.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use end_to_end::{DOMAIN, Peer, Service};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

fn service_with_anna() -> Service {
    let service = Service::start_default();
    service.add_user("anna", PASSWORD);
    service
}

fn is(event: &'static str) -> impl Fn(&Value) -> bool {
    move |value| value["event"] == event
}

/// Whether the peer ever had a session.
fn was_let_in(peer: &mut Peer) -> bool {
    peer.seen().iter().any(is("ready"))
}

#[test]
fn a_client_signs_in_by_every_mechanism_over_starttls_and_direct_tls() {
    let service = service_with_anna();
    for direct_tls in [false, true] {
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"] {
            let options = json!({ "mechanism": mechanism, "direct_tls": direct_tls });
            let mut anna = Peer::slixmpp_unconnected(&service, "anna", PASSWORD, options);
            let ready = anna.expect("the session to start", is("ready"));
            assert_eq!(ready["mechanism"], mechanism);
            anna.sign_out();
        }
    }
}

#[test]
fn a_client_that_may_choose_takes_the_strongest_mechanism_that_it_knows() {
    let service = service_with_anna();
    let mut anna = Peer::slixmpp_unconnected(&service, "anna", PASSWORD, json!({}));
    // Its Python knows no channel binding for TLS 1.3.
    assert_eq!(anna.expect("the session to start", is("ready"))["mechanism"], "SCRAM-SHA-256");
}

/// slixmpp on Python knows `tls-unique` only, which is unsafe and which the service has not. What it says then is no
/// wrong password, and another mechanism works on the same stream.
#[test]
fn a_channel_binding_that_the_service_does_not_have_leaves_the_stream_open_for_another_mechanism() {
    let service = service_with_anna();
    let mut anna = Peer::slixmpp_unconnected(&service, "anna", PASSWORD, json!({ "tls_maximum": "1.2" }));
    let failed = anna.expect("the binding to be refused", is("failed_auth"));
    assert_eq!(failed["mechanism"], "SCRAM-SHA-256-PLUS");
    assert!(failed["text"].as_str().unwrap().contains("tls-unique"), "{failed}");
    let ready = anna.expect("the session to start", is("ready"));
    assert_eq!(ready["mechanism"], "SCRAM-SHA-256");
    assert!(!anna.seen().iter().any(is("disconnected")), "it was the same stream");
}

#[test]
fn a_wrong_password_is_refused_and_the_right_one_works_on_the_same_stream() {
    let service = service_with_anna();
    let options = json!({ "second_password": PASSWORD });
    let mut anna = Peer::slixmpp_unconnected(&service, "anna", "a wrong one", options);
    let failed = anna.expect("the password to be refused", is("failed_auth"));
    assert_eq!(
        (&failed["mechanism"], &failed["condition"]),
        (&json!("SCRAM-SHA-256"), &json!("not-authorized"))
    );
    let ready = anna.expect("the session to start", is("ready"));
    assert_eq!(ready["mechanism"], "SCRAM-SHA-1");
    assert!(!anna.seen().iter().any(is("disconnected")), "it was the same stream");
}

#[test]
fn somebody_without_an_account_and_somebody_with_a_wrong_password_are_told_the_same() {
    let service = service_with_anna();
    service.add_user("disabled", PASSWORD);
    service.ok(&["user", "disable", "disabled"]);
    let mut answers = Vec::new();
    for name in ["anna", "nobody", "disabled"] {
        answers.extend(refusals(&service, name, "a wrong one"));
    }
    answers.extend(refusals(&service, "nobody", PASSWORD));
    answers.dedup();
    assert_eq!(answers, [(json!("not-authorized"), json!(""))]);
}

#[test]
fn only_who_knows_the_password_of_a_disabled_account_is_told_that_it_is_disabled() {
    let service = service_with_anna();
    service.ok(&["user", "disable", "anna"]);
    let mut answers = refusals(&service, "anna", PASSWORD);
    answers.dedup();
    assert_eq!(answers, [(json!("account-disabled"), json!(""))]);
}

/// What a client is told that is not let in, by each of two mechanisms.
fn refusals(service: &Service, name: &str, password: &str) -> Vec<(Value, Value)> {
    let refusal = |mechanism: &str| {
        let options = json!({ "mechanism": mechanism });
        let mut peer = Peer::slixmpp_unconnected(service, name, password, options);
        let failed = peer.expect("the refusal", is("failed_auth"));
        peer.expect("no other way to be left", is("failed_all_auth"));
        assert!(!was_let_in(&mut peer));
        (failed["condition"].clone(), failed["text"].clone())
    };
    ["SCRAM-SHA-256", "PLAIN"].map(refusal).to_vec()
}

#[test]
fn a_client_that_does_not_trust_the_authority_does_not_sign_in() {
    let service = service_with_anna();
    let stranger = service.folder().join("stranger.pem");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-subj", "/CN=stranger", "-keyout", "/dev/null", "-out"])
        .arg(&stranger)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for direct_tls in [false, true] {
        let options = json!({ "ca": stranger, "direct_tls": direct_tls });
        let mut anna = Peer::slixmpp_unconnected(&service, "anna", PASSWORD, options);
        let refused = anna.expect("the certificate to be refused", |event| {
            event["event"] == "invalid_chain" || event["event"] == "connection_failed"
        });
        assert!(refused["reason"].as_str().unwrap().contains("certificate verify failed"), "{refused}");
        assert!(!was_let_in(&mut anna));
    }
}

#[test]
fn nobody_signs_in_before_the_connection_is_encrypted() {
    let service = service_with_anna();
    // A client that does not ask for TLS is offered no way to sign in.
    let mut anna = Peer::slixmpp_unconnected(&service, "anna", PASSWORD, json!({ "starttls": false }));
    anna.expect("the features to be read", is("negotiated"));
    assert!(!was_let_in(&mut anna));
    // One that sends its password all the same is not let in by it.
    let mut stream = TcpStream::connect(service.address("xmpp", "starttls")).unwrap();
    let header = format!(
        "<stream:stream to='{DOMAIN}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         version='1.0'>"
    );
    stream.write_all(header.as_bytes()).unwrap();
    let features = read_until(&mut stream, "</stream:features>");
    assert!(features.contains("<required/>") && !features.contains("<mechanism>"), "{features}");
    // NUL anna NUL "correct horse battery"
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' \
                mechanism='PLAIN'>AGFubmEAY29ycmVjdCBob3JzZSBiYXR0ZXJ5</auth>";
    stream.write_all(auth.as_bytes()).unwrap();
    let answer = read_until(&mut stream, "</failure>");
    assert!(answer.contains("<encryption-required/>"), "{answer}");
}

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    stream.set_read_timeout(Some(end_to_end::wait::PATIENCE)).expect("a limit");
    let mut received = String::new();
    while !received.contains(end) {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).unwrap_or_else(|error| panic!("{error} after {received}"));
        assert!(read > 0, "the service closed the stream before {end}: {received}");
        received.push_str(std::str::from_utf8(&buffer[..read]).expect("UTF-8"));
    }
    received
}
