//! What the service writes on the Windows wire, as Wireshark reads it.

use end_to_end::{
    Capture, NEIGHBOUR, Peer, Service, ServiceOptions, alone, net_send,
    samba::{Smbd, smbclient},
};
use serde_json::json;

const PASSWORD: &str = "correct horse";
/// Long enough for three blocks.
const LONG: &str = "All work and no play makes Jack a dull boy. All work and no play makes Jack a dull boy. \
    All work and no play makes Jack a dull boy. All work and no play makes Jack a dull boy. \
    All work and no play makes Jack a dull boy. All work and no play makes Jack a dull boy.";

/// On port 139, by which Wireshark knows the protocol.
fn service() -> Service {
    Service::start(&ServiceOptions {
        windows: true,
        windows_listen: Some("127.0.0.1:139".to_owned()),
        ..ServiceOptions::default()
    })
}

/// Wireshark remarks of every connection that it was closed; anything else is a fault.
fn assert_faultless(capture: &Capture) {
    let usual = [
        "Connection finish (FIN)",
        "This frame initiates the connection closing",
        "This frame undergoes the connection closing",
    ];
    let headings = ["Notes (", "Chats (", "=====", "Frequency"];
    let remarks = capture.remarks();
    let faults: Vec<&String> = remarks
        .iter()
        .filter(|line| !headings.iter().any(|heading| line.trim_start().starts_with(heading)))
        .filter(|line| !usual.iter().any(|usual| line.ends_with(usual)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{}", capture.dissection("_ws.expert && (nbss || smb)"));
    let undecoded = capture.fields("tcp.port == 139 && tcp.len > 0 && !nbss", &["frame.number"]);
    assert!(undecoded.is_empty(), "not a session packet: frames {undecoded:?}");
    let malformed = capture.dissection("_ws.malformed || _ws.unreassembled");
    assert!(malformed.is_empty(), "{malformed}");
}

/// The types of the session packets and the commands of the messages in them, in order: with a `<` where it is the
/// answer.
fn conversation(capture: &Capture) -> Vec<String> {
    let packets = capture.fields("nbss", &["nbss.type", "smb.cmd", "tcp.dstport"]);
    let spell = |packet: Vec<String>| {
        let what = if packet[1].is_empty() { &packet[0] } else { &packet[1] };
        let answer = if packet[2] == "139" { "" } else { "<" };
        format!("{answer}{}", what.trim_start_matches("0x"))
    };
    packets.into_iter().map(spell).collect()
}

/// The conversation by which a message in several blocks is sent.
fn several_blocks(blocks: usize) -> Vec<&'static str> {
    let texts = ["d7", "<d7"].repeat(blocks);
    [&["81", "<82", "d5", "<d5"][..], &texts, &["d6", "<d6"]].concat()
}

#[test]
fn answers_to_smbclient_are_those_that_wireshark_expects() {
    alone(|| {
        let service = service();
        service.add_user("anna", PASSWORD);
        let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
        let capture = Capture::start();
        assert!(smbclient(139, "fred", "ANNA", LONG).was_taken());
        anna.expect_message("All work");
        capture.expect("smb.cmd == 0xd6 && smb.flags.response == 1", 1);
        assert_eq!(conversation(&capture), several_blocks(LONG.len().div_ceil(127)));
        assert_faultless(&capture);
    });
}

#[test]
fn answers_to_a_message_in_one_block_and_refusals_are_those_that_wireshark_expects() {
    alone(|| {
        let service = service();
        service.add_user("anna", PASSWORD);
        let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
        let capture = Capture::start();
        net_send("127.0.0.1:139", "FRED", "ANNA", "hello").expect("it is taken");
        anna.expect_message("hello");
        net_send("127.0.0.1:139", "FRED", "NOBODY", "hello").expect_err("nobody is there");
        capture.expect("nbss.type == 0x83", 1);
        assert_eq!(conversation(&capture), ["81", "<82", "d0", "<d0", "81", "<83"]);
        let error = capture.fields("nbss.type == 0x83", &["nbss.error_code"]);
        assert_eq!(error, [["0x82"]], "called name not present");
        assert_faultless(&capture);
    });
}

#[test]
fn messages_to_samba_are_those_that_wireshark_expects() {
    alone(|| {
        let service = service();
        let smbd = Smbd::start("CP850");
        let capture = Capture::start();
        service.ok(&["net", "send", "PRESS1", LONG, "--host", NEIGHBOUR]);
        assert_eq!(smbd.expect_message().text, LONG);
        service.ok(&["net", "send", "PRESS1", "hello", "--host", NEIGHBOUR]);
        assert_eq!(smbd.expect_message().text, "hello");
        capture.expect("smb.cmd == 0xd6 && smb.flags.response == 1", 2);
        // smbd hangs up on a single block as the first message, so that several follow.
        let expected =
            [several_blocks(LONG.len().div_ceil(128)), vec!["81", "<82", "d0"], several_blocks(1)].concat();
        assert_eq!(conversation(&capture), expected);
        let names = capture.fields("nbss.type == 0x81", &["_ws.col.Info"]);
        assert!(names.iter().all(|info| info[0].contains("to PRESS1<03> from ADMIN<")), "{names:?}");
        assert_faultless(&capture);
    });
}
