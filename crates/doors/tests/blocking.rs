//! Blocking people (XEP-0191): who is blocked sees somebody who is not there, and nothing else.
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_people;

use xmpp_people::{Client, House};

fn block(jid: &str) -> String {
    format!("<block xmlns='urn:xmpp:blocking'><item jid='{jid}'/></block>")
}

fn unblock(jid: &str) -> String {
    format!("<unblock xmlns='urn:xmpp:blocking'><item jid='{jid}'/></unblock>")
}

const LIST: &str = "<blocklist xmlns='urn:xmpp:blocking'/>";

async fn set(client: &mut Client, payload: &str) {
    let answer = client.ask("set", "", payload).await;
    assert!(answer.contains("type='result'"), "{answer}");
}

/// Both see each other.
async fn befriend(one: &mut Client, other: &mut Client) {
    for (asker, asked) in [(0, 1), (1, 0)] {
        let clients = [&mut *one, &mut *other];
        let names = clients.each_ref().map(|client| client.jid.split_once('/').unwrap().0.to_owned());
        clients[asker].send(&format!("<presence type='subscribe' to='{}'/>", names[asked])).await;
        clients[asked].next_with("type='subscribe'").await;
        clients[asked].send(&format!("<presence type='subscribed' to='{}'/>", names[asker])).await;
        clients[asker].next_with("type='subscribed'").await;
        clients[asker].next_with(&format!("from='{}/", names[asked])).await;
    }
    one.leftovers().await;
    other.leftovers().await;
}

/// What comes back for everything that one can try, with the address and the ids taken out.
async fn attempts(client: &mut Client, person: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for to in [format!("{person}@x.internal"), format!("{person}@x.internal/home")] {
        for kind in ["chat", "normal", "headline", "groupchat", "error"] {
            let error = if kind == "error" { "<error type='cancel'/>" } else { "" };
            client
                .send(&format!("<message type='{kind}' to='{to}' id='m'><body>x</body>{error}</message>"))
                .await;
        }
        let typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
        client.send(&format!("<message type='chat' to='{to}' id='t'>{typing}</message>")).await;
        for kind in ["", "type='unavailable'", "type='probe'"] {
            client.send(&format!("<presence {kind} to='{to}'/>")).await;
        }
        for kind in ["get", "set"] {
            client.send(&format!("<iq type='{kind}' to='{to}' id='q'><x xmlns='urn:example:x'/></iq>")).await;
        }
        client.send(&format!("<iq type='result' to='{to}' id='q'/>")).await;
        answers.extend(client.leftovers().await.into_iter().map(|answer| answer.replace(person, "somebody")));
    }
    answers
}

#[tokio::test]
async fn the_list_is_kept_and_told_to_clients_that_asked_for_it() {
    let house = House::of(&["anna", "bert"]).await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = house.sign_in("anna", "phone").await;
    assert!(desk.ask("get", "", LIST).await.contains("<blocklist xmlns='urn:xmpp:blocking'/>"));
    set(&mut phone, &block("Bert@X.internal")).await;
    let pushed = desk.next_with("urn:xmpp:blocking").await;
    assert!(
        pushed.contains("type='set'")
            && pushed.contains("<block xmlns='urn:xmpp:blocking'><item jid='bert@x.internal'/>")
    );
    assert!(!phone.leftovers().await.iter().any(|stanza| stanza.contains("urn:xmpp:blocking")));
    let listed = phone.ask("get", "", LIST).await;
    assert!(
        listed.contains("<blocklist xmlns='urn:xmpp:blocking'><item jid='bert@x.internal'/></blocklist>")
    );
    set(&mut phone, "<unblock xmlns='urn:xmpp:blocking'/>").await;
    desk.next_with("<unblock xmlns='urn:xmpp:blocking'/>").await;
    assert!(desk.ask("get", "", LIST).await.contains("<blocklist xmlns='urn:xmpp:blocking'/>"));
    for (payload, condition) in
        [("<block xmlns='urn:xmpp:blocking'/>".to_owned(), "bad-request"), (block("@"), "jid-malformed")]
    {
        let refused = desk.ask("set", "", &payload).await;
        assert!(refused.contains(&format!("<{condition} ")), "{refused}");
    }
    let info = desk.ask("get", "x.internal", "<query xmlns='http://jabber.org/protocol/disco#info'/>").await;
    assert!(info.contains("<feature var='urn:xmpp:blocking'/>"));
}

#[tokio::test]
async fn who_is_blocked_is_answered_byte_for_byte_as_by_nobody() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "home").await;
    let mut bert = house.sign_in("bert", "desk").await;
    let nobody = attempts(&mut bert, "nona").await;
    assert!(nobody.iter().any(|answer| answer.contains("<service-unavailable")));
    set(&mut anna, &block("bert@x.internal")).await;
    let blocked = attempts(&mut bert, "anna").await;
    assert_eq!(blocked, nobody);
    bert.send("<presence type='subscribe' to='anna@x.internal'/>").await;
    bert.leftovers().await;
    let seen = anna.leftovers().await;
    assert!(!seen.iter().any(|stanza| stanza.contains("bert")), "{seen:?}");
    // Nor when she comes back.
    let mut phone = house.sign_in_and_keep("anna", "phone").await;
    assert!(!phone.leftovers().await.iter().any(|stanza| stanza.contains("bert")));
}

#[tokio::test]
async fn to_a_friend_who_is_blocked_one_leaves_and_looks_just_as_if_away() {
    let house = House::of(&["anna", "bert", "carl"]).await;
    let mut anna = house.sign_in("anna", "home").await;
    let mut carl = house.sign_in("carl", "home").await;
    let mut bert = house.sign_in("bert", "desk").await;
    befriend(&mut anna, &mut bert).await;
    befriend(&mut carl, &mut bert).await;
    carl.send("<presence type='unavailable'/>").await;
    let away = bert.next_with("type='unavailable'").await;
    set(&mut anna, &block("bert@x.internal")).await;
    let blocked = bert.next_with("type='unavailable'").await;
    assert_eq!(blocked, away.replace("carl", "anna"));
    let mut probed = Vec::new();
    for person in ["carl", "anna"] {
        bert.send(&format!("<presence type='probe' to='{person}@x.internal'/>")).await;
        probed.push(bert.next_with("<presence").await.replace(person, "somebody"));
    }
    assert_eq!(probed[0], probed[1]);
    anna.send("<presence><status>secret</status></presence>").await;
    anna.send("<presence to='bert@x.internal'/>").await;
    anna.next_with("<blocked xmlns='urn:xmpp:blocking:errors'/>").await;
    assert!(!bert.leftovers().await.iter().any(|stanza| stanza.contains("anna@")));
    bert.send("<presence><status>unseen</status></presence>").await;
    bert.leftovers().await;
    assert!(!anna.leftovers().await.iter().any(|stanza| stanza.contains("unseen")));
    let told = anna.asked("set", "", &unblock("bert@x.internal")).await;
    let anew = |stanza: &String| stanza.contains("from='bert@x.internal/desk'") && stanza.contains("unseen");
    assert!(told.iter().any(anew), "{told:?}");
    assert!(bert.next_with("from='anna@x.internal/home'").await.contains("secret"));
}

#[tokio::test]
async fn nothing_goes_to_whom_one_has_blocked() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    set(&mut anna, &block("bert@x.internal")).await;
    for stanza in [
        "<message type='chat' to='bert@x.internal' id='1'><body>x</body></message>",
        "<message type='headline' to='bert@x.internal/home' id='2'><body>x</body></message>",
        "<message type='groupchat' to='bert@x.internal/home' id='3'><body>x</body></message>",
        "<presence to='bert@x.internal' id='4'/>",
        "<presence type='subscribe' to='bert@x.internal' id='5'/>",
        "<presence type='probe' to='bert@x.internal' id='6'/>",
        "<iq type='get' to='bert@x.internal/home' id='7'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='get' to='bert@x.internal' id='8'><ping xmlns='urn:xmpp:ping'/></iq>",
    ] {
        anna.send(stanza).await;
        let refused = anna.next_with("type='error'").await;
        assert!(
            refused.contains(
                "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
                 <blocked xmlns='urn:xmpp:blocking:errors'/></error>"
            ),
            "{refused}"
        );
    }
    assert!(!bert.leftovers().await.iter().any(|stanza| stanza.contains("anna")));
    set(&mut anna, &unblock("bert@x.internal")).await;
    anna.send("<message type='chat' to='bert@x.internal'><body>peace</body></message>").await;
    bert.next_with("peace").await;
}

#[tokio::test]
async fn one_device_or_a_whole_domain_can_be_blocked_and_never_ones_own_devices() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut phone = house.sign_in("anna", "phone").await;
    let mut home = house.sign_in("bert", "home").await;
    let mut work = house.sign_in("bert", "work").await;
    let hello = "<message type='chat' to='anna@x.internal' id='1'><body>hello</body></message>";
    set(&mut anna, &block("bert@x.internal/home")).await;
    home.send(hello).await;
    home.next_with("<service-unavailable").await;
    work.send(hello).await;
    anna.next_with("from='bert@x.internal/work'").await;
    set(&mut anna, &block("x.internal")).await;
    work.send(hello).await;
    work.next_with("<service-unavailable").await;
    phone.send("<message type='chat' to='anna@x.internal'><body>mine</body></message>").await;
    anna.next_with("mine").await;
    assert!(anna.ask("get", "x.internal", "<ping xmlns='urn:xmpp:ping'/>").await.contains("type='result'"));
}

#[tokio::test]
async fn what_was_blocked_stays_so_and_unverified_senders_can_be_blocked_too() {
    let house = House::of(&["anna"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let sender = domain::Sender::Unverified {
        name: "SPAM BOX".to_owned(),
        source: "10.0.0.9".parse().unwrap(),
        protocol: domain::Protocol::Windows,
    };
    assert!(house.hub.reachable_by_netbios("ANNA", &sender).is_some());
    set(&mut anna, &block("spam_box@windows.x.internal")).await;
    assert!(house.hub.reachable_by_netbios("ANNA", &sender).is_none());
    let kept = house.hub.store().blocks().await.unwrap();
    assert_eq!(kept[0].1, "spam_box@windows.x.internal");
}

#[tokio::test]
async fn who_unblocks_one_person_hears_nothing_of_another_that_stays_blocked() {
    let house = House::of(&["anna", "bert", "carl"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    let mut carl = house.sign_in("carl", "home").await;
    befriend(&mut anna, &mut bert).await;
    befriend(&mut anna, &mut carl).await;
    set(&mut anna, &block("bert@x.internal")).await;
    set(&mut anna, &block("carl@x.internal")).await;
    let told = anna.asked("set", "", &unblock("bert@x.internal")).await;
    assert!(told.iter().any(|stanza| stanza.contains("from='bert@x.internal/home'")), "{told:?}");
    assert!(!told.iter().any(|stanza| stanza.contains("carl@x.internal")), "{told:?}");
}

#[tokio::test]
async fn who_has_blocked_somebody_does_not_see_them_leave_when_they_block_too() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    befriend(&mut anna, &mut bert).await;
    set(&mut anna, &block("bert@x.internal")).await;
    anna.leftovers().await;
    set(&mut bert, &block("anna@x.internal")).await;
    assert_eq!(anna.leftovers().await, Vec::<String>::new());
}
