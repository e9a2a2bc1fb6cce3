//! Signing in. The first byte names the mechanism; what the client says follows, each message behind 0xFF but the
//! first.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::LazyLock;

use auth::scram::{Nonce, client, server};
use auth::{ChannelBindings, Mechanism, PasswordRecord, PlainCredentials};

const SCRAM: [Mechanism; 4] =
    [Mechanism::ScramSha1, Mechanism::ScramSha1Plus, Mechanism::ScramSha256, Mechanism::ScramSha256Plus];

static RECORD: LazyLock<PasswordRecord> = LazyLock::new(|| {
    let iterations = NonZeroU32::new(client::ITERATIONS_MIN).expect("it is not zero");
    PasswordRecord::derive("pencil", [1; 32], iterations).expect("a good password")
});

pub(crate) fn run(data: &[u8]) {
    let [mechanism, messages @ ..] = data else { return };
    let mut messages = messages.split(|byte| *byte == 0xFF);
    let (first, last) = (messages.next().unwrap_or_default(), messages.next().unwrap_or_default());
    match SCRAM.get(usize::from(*mechanism)) {
        Some(mechanism) => scram(*mechanism, first, last),
        None => {
            let _ = black_box(PlainCredentials::parse(first));
        }
    }
}

fn scram(mechanism: Mechanism, first: &[u8], last: &[u8]) {
    let bindings = ChannelBindings::new(Some(vec![1; 32]), Some(vec![2; 32]));
    let nonce = Nonce::new("server").expect("a good nonce");
    let Ok(started) = server::start(mechanism, first, &bindings, &nonce) else { return };
    assert!(!started.username().is_empty() && !started.username().contains('\0'));
    let (awaiting, challenge) = started.challenge(&RECORD);
    assert!(challenge.is_ascii() && challenge.starts_with(b"r="));
    if let Ok(success) = awaiting.finish(last) {
        assert!(success.server_final.starts_with(b"v="));
        assert_eq!(mechanism.binds_channel(), first.starts_with(b"p="), "a binding was added or dropped");
    }
}
