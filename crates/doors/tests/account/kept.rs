//! What the service keeps of a person: the card, private storage, the last activity, the password.

use domain::SubscriptionAction::{Subscribe, Subscribed};
use rustls::version::TLS13;

use crate::xmpp_house::{Client, House, PASSWORD};

const CARD: &str = "<vCard xmlns='vcard-temp'><FN>Anna A.</FN><PHOTO><BINVAL>AAAA</BINVAL></PHOTO></vCard>";

async fn house() -> House {
    let house = House::open().await;
    for name in ["bob", "eve"] {
        house.hub.add_account("test", name, PASSWORD, false).await.unwrap();
    }
    // Bob sees Anna's presence, and Anna does not see his.
    let [anna, bob] = ["anna@x.internal", "bob@x.internal"].map(|address| address.parse().unwrap());
    house.hub.subscription(&bob, &anna, Subscribe, None).await.unwrap();
    house.hub.subscription(&anna, &bob, Subscribed, None).await.unwrap();
    house
}

fn get(to: &str, payload: &str) -> String {
    let to = if to.is_empty() { String::new() } else { format!(" to='{to}'") };
    format!("<iq type='get' id='q'{to}>{payload}</iq>")
}

fn set(payload: &str) -> String {
    format!("<iq type='set' id='q'>{payload}</iq>")
}

/// That a query about Anna is answered to this client as one about nobody at all.
async fn knows_nobody(client: &mut Client, payload: &str) {
    let of_anna = client.ask(&get("anna@x.internal", payload)).await;
    let of_nobody = client.ask(&get("nobody@x.internal", payload)).await;
    assert!(of_anna.contains("<service-unavailable "), "{of_anna}");
    assert_eq!(of_anna.replace("anna@", "nobody@"), of_nobody);
}

#[tokio::test]
async fn a_card_is_kept_as_it_came_and_shown_to_those_who_see_the_presence() {
    let house = house().await;
    let ask = "<vCard xmlns='vcard-temp'/>";
    let mut anna = house.sign_in("anna", "desk").await;
    assert!(anna.ask(&get("", ask)).await.contains(ask));
    assert!(anna.ask(&set(CARD)).await.contains("type='result'"));
    for to in ["", "anna@x.internal"] {
        assert!(anna.ask(&get(to, ask)).await.contains(CARD));
    }
    let mut bob = house.sign_in("bob", "desk").await;
    assert!(bob.ask(&get("anna@x.internal", ask)).await.contains(CARD));
    knows_nobody(&mut house.sign_in("eve", "desk").await, ask).await;
    let others = anna.ask(&get("bob@x.internal", ask)).await;
    assert!(others.contains("<service-unavailable "), "{others}");
    let change = format!("<iq type='set' id='q' to='anna@x.internal'>{CARD}</iq>");
    assert!(bob.ask(&change).await.contains("<forbidden "));
    let mut eve = house.sign_in("eve", "phone").await;
    assert!(eve.ask(&change).await.contains("<service-unavailable "));
    house.hub.block(&"anna@x.internal".parse().unwrap(), vec!["bob@x.internal".to_owned()]).await.unwrap();
    knows_nobody(&mut bob, ask).await;
}

#[tokio::test]
async fn a_card_past_its_limit_is_refused_and_the_old_one_stays() {
    let house = house().await;
    let mut anna = house.sign_in("anna", "desk").await;
    anna.ask(&set(CARD)).await;
    let long = format!("<vCard xmlns='vcard-temp'><DESC>{}</DESC></vCard>", "x".repeat(64 * 1024));
    assert!(anna.ask(&set(&long)).await.contains("<not-acceptable "));
    assert!(anna.ask(&get("", "<vCard xmlns='vcard-temp'/>")).await.contains(CARD));
}

#[tokio::test]
async fn private_storage_is_for_its_owner_alone() {
    let house = house().await;
    let query = |element: &str| format!("<query xmlns='jabber:iq:private'>{element}</query>");
    let bookmarks = "<storage xmlns='storage:bookmarks'><conference jid='r@x.internal'/></storage>";
    let mut anna = house.sign_in("anna", "desk").await;
    let empty = "<storage xmlns='storage:bookmarks'/>";
    assert!(anna.ask(&get("", &query(empty))).await.contains(empty));
    assert!(anna.ask(&set(&query(bookmarks))).await.contains("type='result'"));
    let mut later = house.sign_in("anna", "phone").await;
    assert!(later.ask(&get("", &query(empty))).await.contains(bookmarks));
    let mut bob = house.sign_in("bob", "desk").await;
    knows_nobody(&mut bob, &query(empty)).await;
    let reserved = query("<message xmlns='jabber:client'/>");
    assert!(anna.ask(&set(&reserved)).await.contains("<not-acceptable "));
    assert!(anna.ask(&set(&query(""))).await.contains("<not-acceptable "));
}

#[tokio::test]
async fn so_much_is_kept_for_one_person_and_no_more_and_nothing_of_what_is_too_much() {
    let house = house().await;
    let mut anna = house.sign_in("anna", "desk").await;
    let element = |number: u32| format!("<a xmlns='urn:{number}'>{}</a>", "x".repeat(60_000));
    for number in 0..17 {
        let query = format!("<query xmlns='jabber:iq:private'>{}</query>", element(number));
        assert!(anna.ask(&set(&query)).await.contains("type='result'"), "{number}");
    }
    let query = format!("<query xmlns='jabber:iq:private'><a xmlns='urn:small'>x</a>{}</query>", element(17));
    assert!(anna.ask(&set(&query)).await.contains("<resource-constraint "));
    let small = "<query xmlns='jabber:iq:private'><a xmlns='urn:small'/></query>";
    assert!(anna.ask(&get("", small)).await.contains("<a xmlns='urn:small'/>"));
}

#[tokio::test]
async fn when_somebody_was_last_there_is_for_those_who_see_their_presence() {
    let house = house().await;
    let ask = "<query xmlns='jabber:iq:last'/>";
    let mut anna = house.sign_in("anna", "desk").await;
    anna.ask("<presence/>").await;
    let mut bob = house.sign_in("bob", "desk").await;
    let here = bob.ask(&get("anna@x.internal", ask)).await;
    assert!(here.contains("<query xmlns='jabber:iq:last' seconds='0'/>"), "{here}");
    let mut eve = house.sign_in("eve", "desk").await;
    knows_nobody(&mut eve, ask).await;
    anna.ask("<presence type='unavailable'><status>gone home</status></presence>").await;
    let left = bob.ask(&get("anna@x.internal", ask)).await;
    assert!(left.contains(" seconds='") && left.contains(">gone home</query>"), "{left}");
    knows_nobody(&mut eve, ask).await;
    let uptime = eve.ask(&get("x.internal", ask)).await;
    assert!(uptime.contains("<query xmlns='jabber:iq:last' seconds='"), "{uptime}");
}

#[tokio::test]
async fn a_person_changes_their_password_stays_signed_in_and_is_signed_out_elsewhere() {
    let house = house().await;
    let mut desk = house.sign_in("anna", "desk").await;
    let mut phone = house.sign_in("anna", "phone").await;
    let change = |name: &str, password: &str| {
        let of = format!("<username>{name}</username><password>{password}</password>");
        set(&format!("<query xmlns='jabber:iq:register'>{of}</query>"))
    };
    let registered = desk.ask(&get("x.internal", "<query xmlns='jabber:iq:register'/>")).await;
    assert!(registered.contains("<registered/><username>anna</username>"), "{registered}");
    assert!(desk.ask(&change("bob", "another one")).await.contains("<not-allowed "));
    assert!(desk.ask(&change("anna", "\u{7f}")).await.contains("<not-acceptable "));
    let remove = set("<query xmlns='jabber:iq:register'><remove/></query>");
    assert!(desk.ask(&remove).await.contains("<not-allowed "));
    assert!(desk.ask(&change("anna", "another one")).await.contains("type='result'"));
    assert!(phone.rest().await.contains("<not-authorized "));
    assert!(desk.ask(" ").await.starts_with("<iq type='result'"));
    let mut client = house.connect(&TLS13).await;
    let old = client.authenticate("PLAIN", format!("\0anna\0{PASSWORD}").as_bytes()).await;
    assert!(old.contains("<not-authorized/>"), "{old}");
    client.sign_in("anna", "another one").await;
    let audit = house.hub.store().audit(0, 100).await.unwrap();
    let last = audit.iter().rev().find(|record| record.action == "user.password").unwrap();
    let personal = last.personal.as_ref().unwrap();
    assert_eq!((personal.actor.as_str(), personal.subject.as_str()), ("anna@x.internal", "anna@x.internal"));
}

#[tokio::test]
async fn a_password_is_not_changed_where_it_could_be_read() {
    let house = House::open_with(|settings| {
        settings.require_tls = false;
        settings.allow_plain_without_tls = true;
    })
    .await;
    let mut client = house.connect_in_the_clear().await;
    client.open().await;
    client.sign_in("anna", PASSWORD).await;
    client.bind("desk").await;
    let change =
        "<query xmlns='jabber:iq:register'><username>anna</username><password>new</password></query>";
    assert!(client.ask(&set(change)).await.contains("<not-authorized "));
    let mut again = house.connect(&TLS13).await;
    again.sign_in("anna", PASSWORD).await;
}
