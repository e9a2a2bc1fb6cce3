//! Nobody signs in by trying, by saying less than the service offers, or by saying again what somebody else said.

use std::net::{IpAddr, Ipv4Addr};

use base64::{Engine, prelude::BASE64_STANDARD};
use end_to_end::{Account, Friends, XmppConnection, sign_in, start_for_friends, wait};
use serde_json::Value;
use xmpp::{Element, namespace};

#[test]
fn who_guesses_passwords_has_to_wait_and_nobody_elsewhere_does() {
    let service = start_for_friends("sign_in_failures_per_minute_max = 5");
    let address = service.address("xmpp", "starttls");
    let wrong = Account { password: "guess".to_owned(), ..Account::new("anna") };
    let from = |last| IpAddr::V4(Ipv4Addr::new(127, 0, 2, last));
    let try_from = |source: IpAddr, account: &Account| {
        let mut connection = XmppConnection::open_from(source, &address).expect("a connection");
        let answer = connection.authenticate(account).expect("an answer");
        answer.children().next().map_or_else(|| answer.name().to_owned(), |reason| reason.name().to_owned())
    };
    for _ in 0..5 {
        assert_eq!(try_from(from(1), &wrong), "not-authorized");
    }
    assert_eq!(try_from(from(1), &wrong), "temporary-auth-failure");
    assert_eq!(try_from(from(1), &Account::new("anna")), "temporary-auth-failure", "a guess could be right");
    assert_eq!(try_from(from(2), &Account::new("anna")), "success", "others are let in");
    let told = wait::until("the audit log to say who was locked out", || {
        let log = service.json(&["log"]);
        let records = log.as_array().expect("records").iter();
        let told: Vec<Value> =
            records.filter(|record| record["action"] == "sign-in.locked-out").cloned().collect();
        (!told.is_empty()).then_some(told)
    });
    assert_eq!(told.len(), 1, "once, however often it is tried: {told:?}");
    assert_eq!(
        (told[0]["subject"].as_str(), told[0]["detail"].as_str()),
        (Some("127.0.2.1"), Some("anna@office.internal"))
    );
}

/// The name of an answer, or of the reason that it gives.
fn reason(answer: &Element) -> String {
    let reasons = [namespace::SASL, namespace::STREAM_ERROR];
    let reason = answer.children().find(|child| reasons.contains(&child.namespace().as_str()));
    reason.map_or_else(|| answer.name().to_owned(), |reason| reason.name().to_owned())
}

fn is_answer(element: &Element) -> bool {
    element.namespace() == namespace::SASL || element.is("error", namespace::STREAM)
}

#[test]
fn what_is_no_sign_in_fails_with_its_reason_and_leaves_another_try() {
    let service = start_for_friends("sign_in_failures_per_minute_max = 1000");
    let address = service.address("xmpp", "starttls");
    let mut friends = Friends::sign_in(&service);
    let encode = |text: &str| BASE64_STANDARD.encode(text);
    let (scram, plain) = (" mechanism='SCRAM-SHA-256'", " mechanism='PLAIN'");
    let long = encode(&format!("\0{}\0x", "n".repeat(5_000)));
    let cases = [
        ("another alphabet", plain, "*\u{fc}*".to_owned(), "incorrect-encoding"),
        ("half a group", plain, "AAA".to_owned(), "incorrect-encoding"),
        ("white space", plain, "A A A A".to_owned(), "incorrect-encoding"),
        ("no NUL", plain, encode("anna"), "malformed-request"),
        ("no password", plain, encode("\0anna\0"), "malformed-request"),
        ("no name", plain, encode("\0\0password"), "malformed-request"),
        ("bytes that are no UTF-8", plain, BASE64_STANDARD.encode(b"\0anna\0\xff"), "malformed-request"),
        ("a name that is far too long", plain, long, "malformed-request"),
        (
            "somebody else's name",
            plain,
            encode("berta@office.internal\0anna\0password of anna"),
            "invalid-authzid",
        ),
        ("a wrong password", plain, encode("\0anna\0guess"), "not-authorized"),
        ("nobody", plain, encode("\0nobody\0guess"), "not-authorized"),
        ("a name that can be none", plain, encode("\0a/b@c\0guess"), "not-authorized"),
        (
            "a binding that was not offered",
            " mechanism='SCRAM-SHA-256-PLUS'",
            encode("p=tls-exporter,,n=anna,r=x"),
            "encryption-required",
        ),
        (
            "a binding without its mechanism",
            scram,
            encode("p=tls-exporter,,n=anna,r=abcdefgh"),
            "not-authorized",
        ),
        ("a flag that there is not", scram, encode("x,,n=anna,r=abcdefgh"), "malformed-request"),
        ("an extension that must be known", scram, encode("n,,m=x,n=anna,r=abcdefgh"), "malformed-request"),
        ("an unknown mechanism", " mechanism='GSSAPI'", String::new(), "invalid-mechanism"),
        ("no mechanism", "", String::new(), "invalid-mechanism"),
        ("a mechanism of a token", " mechanism='HT-SHA-256-NONE'", encode("anna\0x"), "invalid-mechanism"),
    ];
    let mut wrong = Vec::new();
    for (what, attributes, data, expected) in cases {
        let mut mallory = XmppConnection::open(&address).expect("a connection");
        let auth = format!("<auth xmlns='{}'{attributes}>{data}</auth>", namespace::SASL);
        mallory.write(&auth).expect("a try");
        let got = reason(&mallory.expect(what, is_answer).expect("an answer"));
        if got != expected {
            wrong.push(format!("{what}: {got} instead of {expected}"));
        }
        if mallory.authenticate(&Account::new("mallory")).map(|answer| reason(&answer)).ok().as_deref()
            != Some("success")
        {
            wrong.push(format!("{what}: no other try"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    friends.chat();
}

#[test]
fn who_tries_without_end_on_one_connection_is_sent_away() {
    let service = start_for_friends("sign_in_failures_per_minute_max = 1000");
    let mut mallory = XmppConnection::open(&service.address("xmpp", "starttls")).expect("a connection");
    let guess = Account { password: "guess".to_owned(), ..Account::new("anna") };
    let mut tries = 0;
    while mallory.authenticate(&guess).is_ok() {
        tries += 1;
        assert!(tries < 10, "{tries} tries on one connection");
    }
    assert!(tries >= 2, "{tries} tries only");
    let _friends = [sign_in(&service, "anna"), sign_in(&service, "berta")];
}
