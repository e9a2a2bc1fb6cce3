//! Contact lists, subscriptions and presence as clients see them (RFC 6121 §2 to §4).
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_people;

use xmpp_people::{Client, House};

/// Anna sees Bert.
async fn subscribe(anna: &mut Client, bert: &mut Client) {
    let (asker, asked) = (bare(anna), bare(bert));
    anna.send(&format!("<presence type='subscribe' to='{asked}'/>")).await;
    bert.next_with("type='subscribe'").await;
    bert.send(&format!("<presence type='subscribed' to='{asker}'/>")).await;
    anna.next_with("type='subscribed'").await;
}

fn bare(client: &Client) -> String {
    client.jid.split_once('/').unwrap().0.to_owned()
}

fn version(stanza: &str) -> String {
    stanza
        .split_once("<query xmlns='jabber:iq:roster' ver='")
        .unwrap()
        .1
        .split_once('\'')
        .unwrap()
        .0
        .to_owned()
}

const LIST: &str = "<query xmlns='jabber:iq:roster'/>";

#[tokio::test]
async fn a_list_that_the_client_has_already_is_not_sent_again() {
    let house = House::of(&["anna"]).await;
    let mut anna = house.connect("anna", "desk").await;
    assert!(anna.features.contains("<ver xmlns='urn:xmpp:features:rosterver'/>"));
    assert!(anna.features.contains("<sub xmlns='urn:xmpp:features:pre-approval'/>"));
    let put = |name: &str| {
        format!("<query xmlns='jabber:iq:roster'><item jid='b@x.internal' name='{name}'/></query>")
    };
    let empty = anna.ask("get", "", "<query xmlns='jabber:iq:roster' ver=''/>").await;
    let first = version(&empty);
    let pushed = anna.asked("set", "", &put("Bert")).await;
    let second = version(&pushed[0]);
    assert!(pushed[0].contains("type='set'") && second != first);
    let ask = |version: &str| format!("<query xmlns='jabber:iq:roster' ver='{version}'/>");
    let known = anna.ask("get", "", &ask(&second)).await;
    assert!(known.contains("type='result'") && !known.contains("<query"), "{known}");
    let outdated = anna.ask("get", "", &ask(&first)).await;
    assert!(outdated.contains("<item jid='b@x.internal' name='Bert'") && version(&outdated) == second);
    let plain = anna.ask("get", "", LIST).await;
    assert!(plain.contains("<query xmlns='jabber:iq:roster'><item"), "{plain}");
    let remove = "<query xmlns='jabber:iq:roster'><item jid='b@x.internal' subscription='remove'/></query>";
    assert_eq!(version(&anna.asked("set", "", remove).await[0]), first);
}

#[tokio::test]
async fn only_clients_that_asked_for_the_list_hear_of_its_changes() {
    let house = House::of(&["anna"]).await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = house.sign_in("anna", "phone").await;
    desk.ask("get", "", LIST).await;
    let put = "<query xmlns='jabber:iq:roster'><item jid='b@x.internal'/></query>";
    phone.ask("set", "", put).await;
    desk.next_with("<item jid='b@x.internal'").await;
    assert!(!phone.leftovers().await.iter().any(|stanza| stanza.contains("roster")));
}

#[tokio::test]
async fn what_a_list_cannot_hold_is_refused() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let long = "n".repeat(1_024);
    for (items, condition) in [
        (String::new(), "bad-request"),
        ("<item jid='a@x.internal'/><item jid='b@x.internal'/>".to_owned(), "bad-request"),
        ("<item jid='b@x.internal'><group>A</group><group>A</group></item>".to_owned(), "bad-request"),
        ("<item jid='b@x.internal'><group></group></item>".to_owned(), "not-acceptable"),
        (format!("<item jid='b@x.internal' name='{long}'/>"), "not-acceptable"),
        ("<item jid='b@x.internal' subscription='remove'/>".to_owned(), "item-not-found"),
        ("<item jid='anna@x.internal'/>".to_owned(), "not-allowed"),
    ] {
        let set = format!("<query xmlns='jabber:iq:roster'>{items}</query>");
        let answer = anna.ask("set", "", &set).await;
        assert!(answer.contains(&format!("<{condition} ")), "{items}: {answer}");
    }
}

#[tokio::test]
async fn a_session_sees_its_own_presence_and_that_of_its_person_and_of_who_lets_it() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    subscribe(&mut anna, &mut bert).await;
    let mut phone = house.connect("anna", "phone").await;
    phone.send("<presence><status>new</status></presence>").await;
    let mut seen = Vec::new();
    while seen.len() < 3 {
        seen.push(phone.next().await);
    }
    for (from, text) in
        [("anna@x.internal/phone", "new"), ("anna@x.internal/desk", ""), ("bert@x.internal/home", "")]
    {
        assert!(
            seen.iter().any(|stanza| stanza.contains(&format!("from='{from}'")) && stanza.contains(text)),
            "{from}: {seen:?}"
        );
    }
    anna.next_with("new").await;
    phone.send("<presence type='unavailable'/>").await;
    for client in [&mut phone, &mut anna] {
        let gone = client.next_with("type='unavailable'").await;
        assert!(gone.contains("from='anna@x.internal/phone'"), "{gone}");
    }
    let left = bert.leftovers().await;
    assert!(
        !left.iter().any(|stanza| stanza.contains("anna@x.internal/phone")),
        "bert does not see anna: {left:?}"
    );
    drop(phone);
}

#[tokio::test]
async fn a_question_for_presence_is_answered_by_what_the_asker_may_see() {
    let house = House::of(&["anna", "bert", "carl"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    subscribe(&mut anna, &mut bert).await;
    bert.send("<presence><show>dnd</show></presence>").await;
    anna.next_with("dnd").await;
    let probe = |to: &str| format!("<presence type='probe' to='{to}'/>");
    anna.send(&probe("bert@x.internal")).await;
    let answer = anna.next_with("dnd").await;
    assert!(answer.contains("from='bert@x.internal/home'"), "{answer}");
    anna.send(&probe("anna@x.internal")).await;
    assert!(anna.next_with("<presence").await.contains("from='anna@x.internal/desk'"));
    // A stranger and nobody look alike.
    for stranger in ["carl@x.internal", "nobody@x.internal"] {
        anna.send(&probe(stranger)).await;
        let answer = anna.next_with(stranger).await;
        assert_eq!(answer, format!("<presence from='{stranger}' to='anna@x.internal' type='unsubscribed'/>"));
    }
    bert.send(&probe("anna@x.internal")).await;
    bert.next_with("type='unsubscribed'").await;
    bert.send("<presence type='unavailable'/>").await;
    anna.next_with("type='unavailable'").await;
    anna.send(&probe("bert@x.internal")).await;
    let away = anna.next_with("type='unavailable'").await;
    assert_eq!(away, "<presence from='bert@x.internal' to='anna@x.internal' type='unavailable'/>");
}

#[tokio::test]
async fn presence_shown_to_somebody_on_purpose_ends_with_the_session() {
    let house = House::of(&["anna", "bert"]).await;
    let mut home = house.sign_in("bert", "home").await;
    let mut second = house.sign_in("bert", "second").await;
    for available in [true, false] {
        let mut anna = house.connect("anna", "desk").await;
        if available {
            anna.send("<presence/>").await;
        }
        anna.send("<presence to='bert@x.internal/home'><status>only you</status></presence>").await;
        home.next_with("only you").await;
        anna.send("<presence><status>everybody</status></presence>").await;
        if !available {
            anna.send("<presence type='unavailable'/>").await;
        } else {
            anna.send("</stream:stream>").await;
        }
        let gone = home.next_with("type='unavailable'").await;
        assert!(gone.contains("from='anna@x.internal/desk'"), "{gone}");
        let left = second.leftovers().await;
        assert!(!left.iter().any(|stanza| stanza.contains("anna@")), "{left:?}");
        let left = home.leftovers().await;
        assert!(!left.iter().any(|stanza| stanza.contains("everybody") || stanza.contains("unavailable")));
    }
}

#[tokio::test]
async fn who_breaks_off_is_seen_to_leave_also_by_those_shown_on_purpose() {
    let house = House::of(&["anna", "bert"]).await;
    let mut bert = house.sign_in("bert", "home").await;
    let mut anna = house.connect("anna", "desk").await;
    anna.send("<presence to='bert@x.internal'/>").await;
    bert.next_with("anna@x.internal/desk").await;
    drop(anna);
    bert.next_with("type='unavailable'").await;
}

#[tokio::test]
async fn a_question_waits_with_all_that_was_said_until_it_is_answered() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let nick = "<nick xmlns='http://jabber.org/protocol/nick'>Anna</nick>";
    anna.send(&format!(
        "<presence type='subscribe' to='bert@x.internal'><status>hello</status>{nick}</presence>"
    ))
    .await;
    anna.leftovers().await;
    for _ in 0..2 {
        let mut bert = house.connect("bert", "home").await;
        bert.send("<presence/>").await;
        let asked = bert.next_with("type='subscribe'").await;
        assert_eq!(
            asked,
            format!(
                "<presence from='anna@x.internal' to='bert@x.internal' type='subscribe'>\
                 <status>hello</status>{nick}</presence>"
            )
        );
        bert.send("</stream:stream>").await;
    }
    let mut bert = house.connect("bert", "home").await;
    bert.send("<presence/><presence type='unsubscribed' to='anna@x.internal'/>").await;
    anna.next_with("type='unsubscribed'").await;
    bert.send("</stream:stream>").await;
    let mut bert = house.connect("bert", "phone").await;
    bert.send("<presence/>").await;
    assert!(!bert.leftovers().await.iter().any(|stanza| stanza.contains("subscribe")));
}

#[tokio::test]
async fn who_agreed_before_being_asked_is_not_asked_and_a_second_question_is_answered_at_once() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    bert.ask("get", "", LIST).await;
    bert.send("<presence type='subscribed' to='anna@x.internal'/>").await;
    let pushed = bert.next_with("roster").await;
    assert!(pushed.contains("subscription='none'") && pushed.contains("approved='true'"), "{pushed}");
    anna.send("<presence type='subscribe' to='bert@x.internal'/>").await;
    anna.next_with("type='subscribed'").await;
    anna.next_with("from='bert@x.internal/home'").await;
    let told = bert.until("subscription='from'").await;
    assert!(!told.iter().any(|stanza| stanza.contains("type='subscribe'")), "{told:?}");
    anna.send("<presence type='subscribe' to='bert@x.internal'/>").await;
    assert!(!bert.leftovers().await.iter().any(|stanza| stanza.contains("type='subscribe'")));
}
