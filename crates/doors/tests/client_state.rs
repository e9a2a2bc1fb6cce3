//! What a client is not woken for while nobody looks at it (XEP-0352).
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_people;

use xmpp_people::{Client, House};

const INACTIVE: &str = "<inactive xmlns='urn:xmpp:csi:0'/>";
const ACTIVE: &str = "<active xmlns='urn:xmpp:csi:0'/>";

fn typing(state: &str) -> String {
    let state = format!("<{state} xmlns='http://jabber.org/protocol/chatstates'/>");
    format!("<message type='chat' to='anna@x.internal'>{state}</message>")
}

fn shown(text: &str) -> String {
    format!("<presence to='anna@x.internal'><status>{text}</status></presence>")
}

/// What a client was sent that is not an answer to its own questions.
fn told(stanzas: &[String]) -> Vec<&str> {
    ["composing", "paused", "at lunch", "back", "gone", "<body>"]
        .into_iter()
        .filter(|text| stanzas.iter().any(|stanza| stanza.contains(text)))
        .collect()
}

async fn house() -> (House, Client, Client) {
    let house = House::of(&["anna", "bert"]).await;
    let anna = house.sign_in("anna", "phone").await;
    let bert = house.sign_in("bert", "home").await;
    (house, anna, bert)
}

#[tokio::test]
async fn who_comes_and_goes_and_types_is_told_when_somebody_looks_again_and_only_the_newest() {
    let (_house, mut anna, mut bert) = house().await;
    assert!(anna.features.contains("<csi xmlns='urn:xmpp:csi:0'/>"), "{}", anna.features);
    anna.send(INACTIVE).await;
    anna.leftovers().await;
    for stanza in [shown("at lunch"), typing("composing"), shown("back"), typing("paused")] {
        bert.send(&stanza).await;
    }
    bert.leftovers().await;
    anna.send(ACTIVE).await;
    let all = anna.leftovers().await;
    assert_eq!(told(&all), ["paused", "back"]);
}

#[tokio::test]
async fn a_message_goes_at_once_and_takes_what_waited_before_it_along() {
    let (_house, mut anna, mut bert) = house().await;
    anna.send(INACTIVE).await;
    anna.leftovers().await;
    bert.send(&shown("at lunch")).await;
    bert.send("<message type='chat' to='anna@x.internal'><body>urgent</body></message>").await;
    bert.send(&typing("composing")).await;
    bert.send("<message type='chat' to='anna@x.internal'><body>secret</body><no-store xmlns='urn:xmpp:hints'/></message>")
        .await;
    let first = anna.until("urgent").await;
    assert_eq!(told(&first), ["at lunch", "<body>"]);
    let second = anna.until("secret").await;
    assert_eq!(told(&second), ["composing", "<body>"]);
}

#[tokio::test]
async fn nothing_is_written_for_what_can_wait() {
    let (house, mut anna, mut bert) = house().await;
    anna.send(INACTIVE).await;
    anna.leftovers().await;
    let session =
        house.hub.session_named(&domain::Address::parse("anna@x.internal").unwrap(), "phone").unwrap();
    let before = session.outbox.written_count();
    for _ in 0..50 {
        bert.send(&shown("back")).await;
        bert.send(&typing("composing")).await;
    }
    bert.leftovers().await;
    assert_eq!(session.outbox.written_count(), before);
    assert_eq!(told(&anna.leftovers().await), ["composing", "back"]);
}
