//! To whom a stanza goes (RFC 6121 §8.5), for every kind of message and every state of the recipient.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_people;

use xmpp_people::{Client, House};

const KINDS: [&str; 5] = ["chat", "normal", "headline", "groupchat", "error"];
const ERROR: &str = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

fn message(kind: &str, to: &str, id: &str) -> String {
    let error = if kind == "error" { ERROR } else { "" };
    format!("<message type='{kind}' to='{to}' id='{id}'><body>x</body>{error}</message>")
}

/// Which of these messages a device has got, in order.
async fn got(client: &mut Client, sender: &mut Client) -> Vec<String> {
    sender.send(&message("chat", &client.jid, "the-end")).await;
    let all = client.until("id='the-end'").await;
    let id = |stanza: &String| {
        let id = stanza.strip_prefix("<message")?.split_once(" id='")?.1;
        id.split_once('\'').map(|(id, _)| id.to_owned()).filter(|id| id != "the-end")
    };
    all.iter().filter_map(id).collect()
}

/// Which of its messages a client was told to have been refused.
async fn refused(client: &mut Client) -> Vec<String> {
    let left = client.leftovers().await;
    let refusals = left.iter().filter(|stanza| stanza.contains("<service-unavailable"));
    let id = |stanza: &String| stanza.split_once(" id='").unwrap().1.split_once('\'').unwrap().0.to_owned();
    refusals.map(id).collect()
}

#[tokio::test]
async fn a_message_to_a_person_goes_to_the_devices_that_take_messages() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut home = house.sign_in("bert", "home").await;
    let mut second = house.sign_in("bert", "second").await;
    let mut turned_away = house.connect("bert", "low").await;
    turned_away.send("<presence><priority>-1</priority></presence>").await;
    turned_away.next_with("bert@x.internal/home").await;
    let mut silent = house.connect("bert", "silent").await;
    for kind in KINDS {
        anna.send(&message(kind, "bert@x.internal", kind)).await;
    }
    assert_eq!(refused(&mut anna).await, ["groupchat"]);
    assert_eq!(got(&mut home, &mut anna).await, ["chat", "normal", "headline"]);
    assert_eq!(got(&mut second, &mut anna).await, ["chat", "normal", "headline"]);
    assert!(got(&mut turned_away, &mut anna).await.is_empty());
    assert!(got(&mut silent, &mut anna).await.is_empty());
}

#[tokio::test]
async fn a_message_to_a_device_goes_there_and_nowhere_else_also_where_it_is_not_available() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut home = house.sign_in("bert", "home").await;
    let mut turned_away = house.connect("bert", "low").await;
    turned_away.send("<presence><priority>-1</priority></presence>").await;
    turned_away.next_with("bert@x.internal/home").await;
    let mut silent = house.connect("bert", "silent").await;
    for device in ["home", "low", "silent"] {
        for kind in KINDS {
            anna.send(&message(kind, &format!("bert@x.internal/{device}"), kind)).await;
        }
    }
    assert!(refused(&mut anna).await.is_empty());
    for client in [&mut home, &mut turned_away, &mut silent] {
        let mut got = got(client, &mut anna).await;
        got.sort();
        assert_eq!(got, ["chat", "error", "groupchat", "headline", "normal"]);
    }
}

#[tokio::test]
async fn what_names_a_device_that_is_gone_is_passed_on_or_dropped_by_its_kind_and_its_sender_learns_nothing()
{
    let house = House::of(&["anna", "bert", "carl"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut home = house.sign_in("bert", "home").await;
    for person in ["bert", "carl"] {
        for kind in KINDS {
            anna.send(&message(kind, &format!("{person}@x.internal/gone"), kind)).await;
        }
        assert!(refused(&mut anna).await.is_empty());
    }
    let mut carl = house.sign_in_and_keep("carl", "home").await;
    for client in [&mut home, &mut carl] {
        let mut got = got(client, &mut anna).await;
        got.sort();
        assert_eq!(got, ["chat", "normal"]);
    }
}

#[tokio::test]
async fn who_is_away_is_given_conversations_later_and_nothing_else() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    for kind in KINDS {
        anna.send(&message(kind, "bert@x.internal", kind)).await;
    }
    assert_eq!(refused(&mut anna).await, ["groupchat"]);
    let mut bert = house.sign_in_and_keep("bert", "home").await;
    assert_eq!(got(&mut bert, &mut anna).await, ["chat", "normal"]);
}

#[tokio::test]
async fn a_query_is_answered_for_a_person_by_the_service_and_nobody_learns_who_is_there() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut home = house.sign_in("bert", "home").await;
    let query = "<query xmlns='jabber:iq:roster'/>";
    let mut answers = Vec::new();
    for to in ["bert@x.internal", "nobody@x.internal", "bert@x.internal/home", "bert@x.internal/gone"] {
        for (kind, payload) in [("get", query), ("set", query), ("get", "<x xmlns='urn:example:unknown'/>")] {
            let answer = anna.ask(kind, to, payload).await;
            let id = answer.split_once("id='").unwrap().1.split_once('\'').unwrap().0.to_owned();
            answers.push(answer.replace(to, "").replace(&id, ""));
        }
        anna.send(&format!("<iq type='result' id='r' to='{to}'/>")).await;
    }
    assert!(answers[0].contains("<service-unavailable"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert!(anna.leftovers().await.is_empty());
    assert!(got(&mut home, &mut anna).await.is_empty());
    let own = anna.ask("get", "anna@x.internal", "<x xmlns='urn:example:unknown'/>").await;
    assert!(own.contains("<service-unavailable"), "{own}");
    for elsewhere in ["bert@y.example/home", "bert@y.example"] {
        let refused = anna.ask("get", elsewhere, query).await;
        assert!(refused.contains("<remote-server-not-found"), "{refused}");
    }
}

#[tokio::test]
async fn what_has_no_language_of_its_own_has_that_of_its_senders_stream() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.connect_in("anna", "desk", "es").await;
    let mut bert = house.sign_in("bert", "home").await;
    anna.send(&message("chat", "bert@x.internal", "1")).await;
    let spoken = bert.next_with("id='1'").await;
    assert!(spoken.contains("xml:lang='es'"), "{spoken}");
    anna.send(
        "<presence to='bert@x.internal'><status>hola</status><status xml:lang='de'>hallo</status></presence>",
    )
    .await;
    let shown = bert.next_with("hola").await;
    assert!(
        shown.contains(" xml:lang='es'><status>hola</status><status xml:lang='de'>hallo</status>"),
        "{shown}"
    );
}
