//! How long an ordinary message takes on the road of trees and on that of the scanner, in nanoseconds:
//! `cargo run --release -p xmpp --example scan_speed`.

use std::hint::black_box;
use std::time::Instant;

use xmpp::jid::{BareJid, FullJid};
use xmpp::native;
use xmpp::scanner::{Envelope, scan};
use xmpp::stanza::Stanza;
use xmpp::stream::{Limits, StreamEvent, StreamReader};

const HEADER: &[u8] =
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
    to='x.test' version='1.0'>";

const SHORT: &str = "<message to='receiver0@bench.test/r' id='m000001' type='chat'><body>0000001 \
    the quick brown fox jumps over the lazy dog, and again</body></message>";

const RICH: &str = "<message to='anna@office.internal' id='2c0a8e1e-7a3e-4e43-9d6c-0d6f0a9b6f10' type='chat' \
    xml:lang='en'><body>Gr\u{FC}\u{DF}e &amp; k\u{FC}sse</body><active xmlns='http://jabber.org/protocol/chatstates'/>\
    <request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>\
    <origin-id xmlns='urn:xmpp:sid:0' id='2c0a8e1e-7a3e-4e43-9d6c-0d6f0a9b6f10'/></message>";

const ID: &str = "0197a3c2-6a0e-7b3e-8e1a-0123456789ab";

fn main() {
    let (domain, from) = (BareJid::new("bench.test"), FullJid::new("sender0@bench.test/r"));
    let (Ok(domain), Ok(from)) = (domain, from) else { return };
    let envelope = Envelope {
        from: from.as_str(),
        to: "sender0@bench.test",
        lang: None,
        stanza_id: Some(("receiver0@bench.test", ID)),
    };
    for (name, message) in [("short", SHORT), ("rich", RICH)] {
        let mut out = Vec::new();
        let scanned = nanoseconds(|| {
            black_box(scan(black_box(message.as_bytes()), &Limits::AFTER_SIGN_IN));
        });
        let copied = nanoseconds(|| {
            out.clear();
            if let Some(scan) = scan(black_box(message.as_bytes()), &Limits::AFTER_SIGN_IN) {
                black_box(scan.body());
                scan.write_forwardable(&envelope, &mut out);
            }
            black_box(&out);
        });
        let mut reader = StreamReader::new(Limits::AFTER_SIGN_IN);
        drop(reader.read(&mut &*HEADER));
        let parsed = nanoseconds(|| {
            drop(black_box(reader.read(&mut black_box(message.as_bytes()))));
        });
        let written = nanoseconds(|| {
            let Ok(Some(StreamEvent::Stanza(element))) = reader.read(&mut message.as_bytes()) else { return };
            let Ok(Stanza::Message(mut message)) = Stanza::parse(element) else { return };
            black_box(message.content());
            native::make_forwardable(&mut message.element, &domain, &from);
            native::insert_stanza_id(&mut message.element, &domain, ID);
            black_box(native::write_message(&message.element));
        });
        println!("{name}, {} bytes", message.len());
        println!("  scan                                {scanned:6} ns");
        println!("  scan, body and forwardable bytes    {copied:6} ns");
        println!("  parse                               {parsed:6} ns");
        println!("  parse, content, forwardable bytes   {written:6} ns");
    }
}

/// The least mean of several rounds.
fn nanoseconds(mut action: impl FnMut()) -> u128 {
    const TURNS: u32 = 50_000;
    let round = |_| {
        let start = Instant::now();
        (0..TURNS).for_each(|_| action());
        start.elapsed().as_nanos() / u128::from(TURNS)
    };
    (0..20).map(round).min().unwrap_or_default()
}
