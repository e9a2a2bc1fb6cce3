//! The exchanges printed in the RFCs, byte for byte, from both sides.
#![allow(clippy::unwrap_used)]

use auth::scram::{Nonce, client, server};
use auth::{ChannelBindings, Mechanism, PasswordRecord};

/// "pencil", with the salts that the RFCs use; computed with Python's hashlib.
const PENCIL: &str = "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE= \
                      SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
                      wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

struct Exchange {
    mechanism: Mechanism,
    client_nonce: &'static str,
    server_nonce: &'static str,
    client_first: &'static str,
    server_first: &'static str,
    client_final: &'static str,
    server_final: &'static str,
}

/// RFC 5802 §5.
const RFC_5802: Exchange = Exchange {
    mechanism: Mechanism::ScramSha1,
    client_nonce: "fyko+d2lbbFgONRv9qkxdawL",
    server_nonce: "3rfcNHYJY1ZVvWVs7j",
    client_first: "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
    server_first: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    client_final: "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    server_final: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
};

/// RFC 7677 §3.
const RFC_7677: Exchange = Exchange {
    mechanism: Mechanism::ScramSha256,
    client_nonce: "rOprNGfwEbeRWgbNEkqO",
    server_nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    client_first: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    server_first: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    client_final: "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                   p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    server_final: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

#[test]
fn the_server_says_what_rfc_5802_prints() {
    assert_server_follows(&RFC_5802);
}

#[test]
fn the_client_says_what_rfc_5802_prints() {
    assert_client_follows(&RFC_5802);
}

#[test]
fn the_server_says_what_rfc_7677_prints() {
    assert_server_follows(&RFC_7677);
}

#[test]
fn the_client_says_what_rfc_7677_prints() {
    assert_client_follows(&RFC_7677);
}

fn assert_server_follows(exchange: &Exchange) {
    let record = PasswordRecord::from_text(PENCIL).unwrap();
    let nonce = Nonce::new(exchange.server_nonce).unwrap();
    let no_tls = ChannelBindings::default();
    let server =
        server::start(exchange.mechanism, exchange.client_first.as_bytes(), &no_tls, &nonce).unwrap();
    assert_eq!(server.username(), "user");
    let (server, server_first) = server.challenge(&record);
    assert_eq!(server_first, exchange.server_first.as_bytes());
    let success = server.finish(exchange.client_final.as_bytes()).unwrap();
    assert_eq!(success.server_final, exchange.server_final.as_bytes());
}

fn assert_client_follows(exchange: &Exchange) {
    let nonce = Nonce::new(exchange.client_nonce).unwrap();
    let login = client::Login::new("user", "pencil");
    let (client, client_first) = client::start(exchange.mechanism, login, &nonce).unwrap();
    assert_eq!(client_first, exchange.client_first.as_bytes());
    let (client, client_final) = client.respond(exchange.server_first.as_bytes()).unwrap();
    assert_eq!(client_final, exchange.client_final.as_bytes());
    assert_eq!(client.verify(exchange.server_final.as_bytes()), Ok(()));
}
