//! Copies of conversations for a person's other clients (XEP-0280).
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_people;

use xmpp_people::{Client, House};

const ENABLE: &str = "<enable xmlns='urn:xmpp:carbons:2'/>";
const DISABLE: &str = "<disable xmlns='urn:xmpp:carbons:2'/>";

async fn with_carbons(house: &House, name: &str, resource: &str) -> Client {
    let mut client = house.sign_in(name, resource).await;
    assert!(client.ask("set", "", ENABLE).await.contains("type='result'"));
    client
}

fn chat(to: &str, text: &str) -> String {
    format!("<message type='chat' to='{to}'><body>{text}</body></message>")
}

/// The id that an account gave a message.
fn id_by<'a>(stanza: &'a str, by: &str) -> &'a str {
    let id = stanza.split_once(&format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='")).unwrap().1;
    id.split_once('\'').unwrap().0
}

#[tokio::test]
async fn both_sides_of_a_conversation_reach_every_client_that_wants_it() {
    for archive in [true, false] {
        let house = House::with(&["anna", "bert"], archive).await;
        let mut desk = house.sign_in("anna", "desk").await;
        let mut phone = with_carbons(&house, "anna", "phone").await;
        let mut bert = house.sign_in("bert", "home").await;
        let mut tablet = with_carbons(&house, "bert", "tablet").await;
        desk.send(&chat("bert@x.internal/home", "hello")).await;
        let original = bert.next_with("hello").await;
        assert!(
            original
                .starts_with("<message type='chat' to='bert@x.internal/home' from='anna@x.internal/desk'>")
        );
        let received = tablet.next_with("hello").await;
        assert!(received.starts_with(
            "<message from='bert@x.internal' to='bert@x.internal/tablet' type='chat'>\
             <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' type='chat' to='bert@x.internal/home' from='anna@x.internal/desk'>"
        ));
        let sent = phone.next_with("hello").await;
        assert!(sent.starts_with(
            "<message from='anna@x.internal' to='anna@x.internal/phone' type='chat'>\
             <sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        ));
        if archive {
            let id = id_by(&original, "bert@x.internal");
            assert_eq!(id_by(&received, "bert@x.internal"), id);
            assert_eq!(id_by(&sent, "anna@x.internal"), id);
        } else {
            let of_no_archive =
                [&original, &received, &sent].iter().all(|stanza| !stanza.contains("<stanza-id"));
            assert!(of_no_archive, "{original} {received} {sent}");
        }
        assert!(!sent.contains("by='bert@x.internal'"), "the recipient's archive is the recipient's: {sent}");
        assert!(
            !original.contains("by='anna@x.internal'"),
            "the sender's archive is the sender's: {original}"
        );
        assert!(!desk.leftovers().await.iter().any(|stanza| stanza.contains("hello")));
    }
}

#[tokio::test]
async fn who_gets_the_message_itself_gets_no_copy_and_copies_come_in_order() {
    let house = House::of(&["anna", "bert"]).await;
    let mut desk = with_carbons(&house, "anna", "desk").await;
    let mut phone = with_carbons(&house, "anna", "phone").await;
    let mut bert = with_carbons(&house, "bert", "home").await;
    for number in 0..20 {
        desk.send(&chat("bert@x.internal", &format!("n{number}."))).await;
    }
    bert.send(&chat("anna@x.internal", "answer")).await;
    for number in 0..20 {
        assert!(bert.next().await.contains(&format!("<body>n{number}.</body>")));
    }
    let mut copies = phone.until("n19.").await;
    copies.retain(|stanza| !stanza.contains("answer"));
    for (number, copy) in copies.iter().enumerate() {
        assert!(copy.contains("<sent ") && copy.contains(&format!("<body>n{number}.</body>")), "{copy}");
    }
    let answer = desk.next_with("answer").await;
    assert!(!answer.contains("urn:xmpp:carbons:2"), "{answer}");
    desk.send(&chat("anna@x.internal", "note to myself")).await;
    let mut notes = 0;
    for client in [&mut desk, &mut phone] {
        let note = client.next_with("note to myself").await;
        notes += usize::from(!note.contains("urn:xmpp:carbons:2"));
        desk_and_phone_are_quiet(client).await;
    }
    assert_eq!(notes, 2);
    assert!(bert.leftovers().await.is_empty());
}

async fn desk_and_phone_are_quiet(client: &mut Client) {
    let left = client.leftovers().await;
    assert!(!left.iter().any(|stanza| stanza.contains("note to myself")), "{left:?}");
}

#[tokio::test]
async fn what_is_private_and_what_is_no_conversation_is_not_copied() {
    let house = House::of(&["anna", "bert"]).await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = with_carbons(&house, "anna", "phone").await;
    let mut bert = house.sign_in("bert", "home").await;
    let mut tablet = with_carbons(&house, "bert", "tablet").await;
    for (kind, child) in [
        ("chat", "<body>1</body><private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/>"),
        ("chat", "<body>2</body><no-copy xmlns='urn:xmpp:hints'/>"),
        ("normal", "<data xmlns='urn:example:x'/>"),
    ] {
        desk.send(&format!("<message type='{kind}' to='bert@x.internal/home'>{child}</message>")).await;
    }
    desk.send(&chat("bert@x.internal/home", "end")).await;
    assert_eq!(tablet.until("end").await.len(), 1);
    assert_eq!(phone.until("end").await.len(), 1);
    let first = bert.next_with("<body>1</body>").await;
    assert!(!first.contains("urn:xmpp:carbons:2"), "{first}");
}

#[tokio::test]
async fn typing_and_receipts_are_copied_too_and_errors_are_not() {
    let house = House::of(&["anna", "bert"]).await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = with_carbons(&house, "anna", "phone").await;
    let mut bert = house.sign_in("bert", "home").await;
    for (kind, child) in [
        ("chat", "<composing xmlns='http://jabber.org/protocol/chatstates'/>"),
        ("normal", "<received xmlns='urn:xmpp:receipts' id='7'/>"),
    ] {
        bert.send(&format!("<message type='{kind}' to='anna@x.internal/desk'>{child}</message>")).await;
        let start = &child[..12];
        let original = desk.next_with(start).await;
        assert!(original.contains("from='bert@x.internal/home'"));
        let copy = phone.next_with(start).await;
        assert!(copy.contains("<received xmlns='urn:xmpp:carbons:2'>"), "{copy}");
    }
    let gone = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    bert.send(&format!("<message type='error' to='anna@x.internal/desk'><body>lost</body>{gone}</message>"))
        .await;
    bert.send(&chat("anna@x.internal/desk", "end")).await;
    assert!(desk.until("end").await.iter().any(|stanza| stanza.contains("lost")));
    assert!(!phone.until("end").await.iter().any(|stanza| stanza.contains("lost")));
}

#[tokio::test]
async fn a_client_turns_copies_on_and_off_as_often_as_it_likes() {
    let house = House::of(&["anna", "bert"]).await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = house.sign_in("anna", "phone").await;
    house.sign_in("bert", "home").await;
    for request in [ENABLE, ENABLE, DISABLE, DISABLE] {
        assert!(phone.ask("set", "anna@x.internal", request).await.contains("type='result'"));
    }
    desk.send(&chat("bert@x.internal", "unseen")).await;
    desk.send(&chat("anna@x.internal/phone", "seen")).await;
    assert_eq!(phone.until("<body>seen").await.len(), 1);
    for refused in ["bert@x.internal", "x.internal"] {
        assert!(phone.ask("set", refused, ENABLE).await.contains("<service-unavailable"));
    }
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    for announcing in ["x.internal", "anna@x.internal"] {
        let info = phone.ask("get", announcing, info).await;
        assert!(info.contains("<feature var='urn:xmpp:carbons:2'/>"), "{info}");
    }
}

#[tokio::test]
async fn a_message_that_is_refused_leaves_no_copy() {
    let house = House::of(&["anna"]).await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = with_carbons(&house, "anna", "phone").await;
    desk.send(&chat("nobody@x.internal", "refused")).await;
    desk.next_with("<service-unavailable").await;
    desk.send(&chat("anna@x.internal", "end")).await;
    assert_eq!(phone.until("end").await.len(), 1);
}
