//! Sessions that broke are taken up again by their own people only, and by nothing that anybody can guess.

use end_to_end::{
    Account, Friends, Service, XmppConnection, chat, expect_message, sign_in, start_for_friends,
    stream_condition,
};
use xmpp::{Element, namespace};

const MEBIBYTE: u64 = 1 << 20;

fn authenticated(service: &Service, name: &str) -> XmppConnection {
    XmppConnection::authenticated(&service.address("xmpp", "starttls"), &Account::new(name))
        .expect("a stream")
}

/// Asks for a session by its id, and returns the answer.
fn resume(connection: &mut XmppConnection, previous: &str, handled: &str) -> Element {
    let resume =
        format!("<resume xmlns='{}' previd='{previous}' h='{handled}'/>", namespace::STREAM_MANAGEMENT);
    connection.write(&resume).expect("a request");
    let is_answer = |element: &Element| {
        element.namespace() == namespace::STREAM_MANAGEMENT || element.is("error", namespace::STREAM)
    };
    connection.expect("the answer to a resumption", is_answer).expect("an answer")
}

/// How many sessions somebody has.
fn sessions_of(service: &Service, name: &str) -> usize {
    service.json(&["who"]).to_string().matches(&format!("{name}@")).count()
}

#[test]
fn nobody_takes_up_somebody_elses_session_or_one_that_they_guess() {
    let service = start_for_friends("");
    let mut friends = Friends::sign_in(&service);
    let stream = friends.anna.count().expect("a session that can be resumed");
    let mut mallory = authenticated(&service, "mallory");
    let last = if stream.ends_with('0') { "1" } else { "0" };
    let nearly = format!("{}{last}", &stream[..stream.len() - 1]);
    let guesses = [
        &stream,
        &nearly,
        "",
        "0",
        "1",
        "00000000-0000-0000-0000-000000000000",
        "../../etc/passwd",
        &"x".repeat(900),
    ];
    for guess in guesses {
        let answer = resume(&mut mallory, guess, "0");
        assert!(answer.is("failed", namespace::STREAM_MANAGEMENT), "{guess}: {answer:?}");
        let reason = answer.children().next().map(Element::name);
        assert_eq!(reason, Some("item-not-found"), "{guess} is answered as what never was");
        assert_eq!(answer.attribute("h"), None, "nothing is told of somebody else's session");
    }
    // Nobody has noticed.
    friends.chat();
    mallory.bind(&Account::new("mallory")).expect("a session of their own");
}

#[test]
fn a_count_that_cannot_be_ends_the_stream_that_tells_it_and_no_other() {
    let service = start_for_friends("");
    let mut friends = Friends::sign_in(&service);
    let mut mallory = sign_in(&service, "mallory");
    let stream = mallory.count().expect("a session that can be resumed");
    for handled in ["4294967295", "1000", "-1", "x", "4294967296"] {
        let mut again = authenticated(&service, "mallory");
        let answer = resume(&mut again, &stream, handled);
        assert!(answer.is("error", namespace::STREAM), "{handled}: {answer:?}");
        let condition = stream_condition(&answer);
        assert!(matches!(condition, Some("undefined-condition" | "bad-format")), "{handled}: {condition:?}");
        again.expect_end();
    }
    // Whoever counts rightly comes back even so.
    let mut again = authenticated(&service, "mallory");
    friends.anna.write(&chat("mallory", "m1", "are you there?")).expect("a message");
    assert!(resume(&mut again, &stream, "0").is("resumed", namespace::STREAM_MANAGEMENT));
    expect_message(&mut again, "are you there?");
    // A wrong count ends nothing that works.
    let mut wrong = authenticated(&service, "mallory");
    assert!(resume(&mut wrong, &stream, "1000").is("error", namespace::STREAM));
    wrong.expect_end();
    friends.anna.write(&chat("mallory", "m2", "still there?")).expect("a message");
    expect_message(&mut again, "still there?");
}

#[test]
fn of_two_who_take_up_the_same_session_the_later_has_it() {
    let service = start_for_friends("");
    let mut friends = Friends::sign_in(&service);
    let mut mallory = sign_in(&service, "mallory");
    let stream = mallory.count().expect("a session that can be resumed");
    let mut first = authenticated(&service, "mallory");
    let mut second = authenticated(&service, "mallory");
    assert!(resume(&mut first, &stream, "0").is("resumed", namespace::STREAM_MANAGEMENT));
    assert_eq!(mallory.expect_end().as_ref().and_then(stream_condition), Some("conflict"));
    assert!(resume(&mut second, &stream, "0").is("resumed", namespace::STREAM_MANAGEMENT));
    assert_eq!(first.expect_end().as_ref().and_then(stream_condition), Some("conflict"));
    friends.anna.write(&chat("mallory", "m1", "one of you")).expect("a message");
    expect_message(&mut second, "one of you");
    assert_eq!(sessions_of(&service, "mallory"), 1);
    // Who says goodbye cannot be taken up again.
    second.write("</stream:stream>").expect("a farewell");
    second.expect_end();
    let answer = resume(&mut authenticated(&service, "mallory"), &stream, "0");
    assert!(answer.is("failed", namespace::STREAM_MANAGEMENT), "{answer:?}");
}

#[test]
fn a_storm_of_resumptions_costs_little_and_keeps_nobody_waiting() {
    const ROUNDS: usize = 300;
    let service = start_for_friends("");
    let mut friends = Friends::sign_in(&service);
    let mut mallory = sign_in(&service, "mallory");
    let stream = mallory.count().expect("a session that can be resumed");
    let before = service.memory();
    for round in 0..ROUNDS {
        let mut again = authenticated(&service, "mallory");
        let answer = resume(&mut again, &stream, "0");
        assert!(answer.is("resumed", namespace::STREAM_MANAGEMENT), "round {round}: {answer:?}");
        if round % 10 == 0 {
            friends.chat();
        }
        mallory = again;
    }
    let after = service.memory();
    println!("{ROUNDS} resumptions: memory {} KiB before, {} KiB after", before / 1024, after / 1024);
    assert!(after < before + 16 * MEBIBYTE, "memory grew from {before} to {after}");
    assert_eq!(sessions_of(&service, "mallory"), 1);
    friends.anna.write(&chat("mallory", "m1", "still there")).expect("a message");
    expect_message(&mut mallory, "still there");
}

#[test]
fn sessions_that_are_left_behind_have_a_number_that_is_not_passed() {
    const SESSIONS_MAX: usize = 5;
    let service = start_for_friends(&format!("sessions_per_account_max = {SESSIONS_MAX}"));
    let address = service.address("xmpp", "starttls");
    for number in 0..30 {
        let account = Account { resource: format!("left-{number}"), ..Account::new("mallory") };
        let mut connection = XmppConnection::sign_in(&address, &account).expect("a session");
        connection.count().expect("a session that can be resumed");
        drop(connection);
        let is_alone = || (sessions_of(&service, "mallory") <= SESSIONS_MAX).then_some(());
        assert!(is_alone().is_some(), "more sessions than there may be after {number}");
    }
}
