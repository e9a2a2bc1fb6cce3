//! Connections between real programs, replayed: what `smbclient` and hand-made clients wrote goes into a receiver,
//! what `smbd` answered goes into a sender.

mod support;

use std::time::Instant;

use netbios::code_page::CodePage;
use netbios::name::{Name, Suffix};
use netbios::sender::{Outgoing, SendError, Sender, SenderOptions, Step, Strategy};
use netbios::session::Framing;
use netbios::smb::Status;
use support::{Seen, capture, serve, statuses};

const ALL: [&str; 25] = [
    "samba-send-short",
    "samba-send-lines",
    "samba-send-cp850",
    "samba-send-nonascii",
    "samba-send-400",
    "samba-send-2000",
    "samba-send-n1000",
    "samba-send-bcast-resolve",
    "samba-send-wins-alias",
    "samba-send-othername",
    "samba-send-p445",
    "samba-send-nomsgcmd",
    "raw-d0",
    "raw-d0big",
    "raw-d0cp850",
    "raw-d0nul",
    "raw-lie",
    "raw-mb",
    "raw-neg-d0-core",
    "raw-neg-d0-nt",
    "raw-neg-d0-nt-big",
    "raw-neg-d0-nt-lie",
    "raw-neg-d0-nt-nul",
    "raw-orphan",
    "raw-others",
];

fn replay(name: &str) -> Seen {
    let connection = capture::read(name);
    serve(connection.framing, &connection.client, usize::MAX)
}

/// The only message of a capture: from, to and text.
fn message(name: &str) -> (String, String, String) {
    let seen = replay(name);
    assert_eq!(seen.closed, None, "{name}");
    let [message] = seen.messages.as_slice() else { panic!("{name}: expected one message, got {seen:?}") };
    (message.from.clone(), message.to.clone(), message.text.clone())
}

fn expect(name: &str, from: &str, to: &str, text: &str) {
    assert_eq!(message(name), (from.into(), to.into(), text.into()), "{name}");
}

#[test]
fn what_smbclient_sends_arrives() {
    expect("samba-send-short", "alice", "SRV2", "Hello from h1");
    expect("samba-send-bcast-resolve", "alice", "SRV2", "via bcast");
    expect("samba-send-wins-alias", "bob", "BOB", "via WINS to user alias");
    expect("samba-send-othername", "alice", "BOB", "to alias");
    expect("samba-send-p445", "alice", "SRV2", "to 445");
}

#[test]
fn lines_and_special_characters_of_smbclient_arrive() {
    expect("samba-send-lines", "alice", "SRV2", "line1\nline2\nline3");
    expect("samba-send-cp850", "jürgen", "SRV2", "Grüße an Jürgen: ÄÖÜß é £ ½ ░");
    expect("samba-send-nonascii", "jürgen", "SRV2", "Grüße an Jürgen: ÄÖÜß é £ ½ — € 日本");
}

#[test]
fn long_messages_of_smbclient_arrive_whole() {
    expect("samba-send-400", "alice", "SRV2", &"ABCDEFGHIJ".repeat(40));
    expect("samba-send-n1000", "alice", "SRV2", &"Q".repeat(1000));
    let (_, _, text) = message("samba-send-2000");
    assert_eq!(text, "0123456789".repeat(160)[..1598], "all that smbclient sends of 2,000 characters");
}

#[test]
fn a_message_of_one_block_arrives_without_negotiation() {
    expect("raw-d0", "BOB", "SRV2", "single block text\nsecond line");
    expect("raw-d0cp850", "jürgen", "SRV2", "Grüße an Jürgen ÄÖÜß é £ ½ ░");
    expect("raw-d0nul", "BOB", "SRV2", "with trailing nul");
    expect("raw-d0big", "BOB", "SRV2", &"Z".repeat(1000));
}

#[test]
fn a_message_of_one_block_arrives_after_negotiation() {
    expect("raw-neg-d0-core", "BOB", "SRV2", "Grüße single\nsecond line");
    expect("raw-neg-d0-nt", "BOB", "SRV2", "Grüße single\nsecond line");
    expect("raw-neg-d0-nt-nul", "BOB", "SRV2", "Grüße single\nsecond line");
    expect("raw-neg-d0-nt-big", "BOB", "SRV2", &"Z".repeat(1000));
}

#[test]
fn a_length_that_lies_does_not_reach_beyond_the_packet() {
    expect("raw-lie", "BOB", "SRV2", "short");
    expect("raw-neg-d0-nt-lie", "BOB", "SRV2", "short");
}

#[test]
fn blocks_of_the_full_128_bytes_arrive() {
    let text = ["a", "b", "c"].map(|letter| letter.repeat(128)).concat();
    expect("raw-mb", "BOB", "SRV2", &text);
}

#[test]
fn the_owner_is_told_who_is_called_by_whom() {
    let name = |text, suffix| Name::new(text, suffix, CodePage::DEFAULT).unwrap();
    let called = |capture| replay(capture).called;
    let srv1 = name("SRV1", Suffix::WORKSTATION);
    assert_eq!(called("samba-send-short"), [(name("SRV2", Suffix::MESSENGER), srv1)]);
    assert_eq!(called("samba-send-wins-alias"), [(name("BOB", Suffix::MESSENGER), srv1)]);
    assert_eq!(called("samba-send-p445"), []);
}

#[test]
fn the_owner_judges_the_recipient_before_the_text_comes() {
    assert_eq!(replay("samba-send-othername").addressed, [("alice".to_owned(), "BOB".to_owned())]);
}

#[test]
fn whatever_the_pieces_the_messages_are_the_same() {
    for name in ALL.into_iter().chain(["raw-neg-d0-nt-other"]) {
        let connection = capture::read(name);
        let whole = serve(connection.framing, &connection.client, usize::MAX);
        for piece_bytes in [1, 2, 3, 5, 39, 128] {
            assert_eq!(serve(connection.framing, &connection.client, piece_bytes), whole, "{name}");
        }
    }
}

#[test]
fn requests_are_answered_like_smbd_answers_them() {
    let answered_by_smbd = [
        "samba-send-short",
        "samba-send-400",
        "samba-send-2000",
        "samba-send-p445",
        "raw-mb",
        "raw-neg-d0-nt",
        "raw-neg-d0-nt-lie",
        "raw-neg-d0-nt-other",
        "raw-orphan",
    ];
    for name in answered_by_smbd {
        let connection = capture::read(name);
        let expected = statuses(connection.framing, &connection.server);
        assert!(!expected.is_empty());
        let seen = serve(connection.framing, &connection.client, usize::MAX);
        assert_eq!(statuses(connection.framing, &seen.sent), expected, "{name}");
    }
}

#[test]
fn commands_that_smbd_hangs_up_on_are_answered_with_an_error() {
    let seen = replay("raw-others");
    assert_eq!(seen.messages, []);
    let expected = [(0xd1, Status::UNKNOWN_COMMAND), (0xd2, Status::UNKNOWN_COMMAND)];
    assert_eq!(statuses(Framing::NetbiosSession, &seen.sent), expected);
}

/// Sends a text against the server's side of a capture, one response for each request.
fn send_against(name: &str, text: &str, strategy: Strategy) -> Result<(), SendError> {
    let now = Instant::now();
    let connection = capture::read(name);
    let outgoing =
        Outgoing { called: "SRV2".into(), from: "ALICE".into(), to: "SRV2".into(), text: text.into() };
    let options = SenderOptions { framing: connection.framing, strategy, ..SenderOptions::default() };
    let mut sender = Sender::new(&outgoing, options, now)?;
    let mut responses = support::packets(connection.framing, &connection.server).into_iter();
    while sender.poll_transmit().is_some() {
        match responses.next() {
            Some(response) => sender.receive(&response.encode(connection.framing), now),
            None => sender.peer_closed(),
        }
    }
    sender.outcome().expect("an outcome").clone()?;
    assert_eq!(responses.next(), None, "{name}: every response was awaited");
    Ok(())
}

#[test]
fn smbd_takes_our_messages() {
    assert_eq!(send_against("samba-send-short", "Hello from h1", Strategy::MultiBlock), Ok(()));
    assert_eq!(send_against("samba-send-p445", "to 445", Strategy::MultiBlock), Ok(()));
    assert_eq!(send_against("samba-send-400", &"ABCDEFGHIJ".repeat(40), Strategy::MultiBlock), Ok(()));
    assert_eq!(send_against("samba-send-2000", &"0".repeat(1598), Strategy::SingleBlock), Ok(()));
    assert_eq!(send_against("raw-mb", &"a".repeat(384), Strategy::SingleBlock), Ok(()));
}

#[test]
fn a_peer_that_hangs_up_on_a_single_block_is_worth_another_try() {
    let error = send_against("raw-d0", "single", Strategy::SingleBlock).unwrap_err();
    assert_eq!(error, SendError::Disconnected { step: Step::SingleBlock });
    assert!(error.try_multi_block());
}

#[test]
fn an_smbd_that_takes_no_messages_is_told_as_such() {
    let error = send_against("samba-send-nomsgcmd", "Hello", Strategy::MultiBlock).unwrap_err();
    assert_eq!(error, SendError::Refused { step: Step::Start, status: Status::REQUEST_NOT_ACCEPTED });
    assert!(!error.try_multi_block());
}

#[test]
fn a_response_to_another_request_is_not_taken_for_ours() {
    let error = send_against("raw-orphan", "Hello", Strategy::MultiBlock);
    assert_eq!(error, Err(SendError::UnexpectedPacket { step: Step::Start }));
}
