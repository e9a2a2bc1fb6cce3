//! What the service says of itself.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

use crate::xmpp_house::House;

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap_or_else(|| panic!("{before}: {text}")).1.split_once(after).unwrap().0
}

#[tokio::test]
async fn whom_to_turn_to_is_told_and_nothing_where_nobody_is_named() {
    let admin = vec!["mailto:it@x.internal".to_owned(), "xmpp:anna@x.internal".to_owned()];
    let addresses = vec![("abuse".to_owned(), Vec::new()), ("admin".to_owned(), admin)];
    let house = House::open_with(|settings| settings.contact_addresses = addresses).await;
    let mut client = house.sign_in("anna", "desk").await;
    let query =
        "<iq type='get' id='q' to='x.internal'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    let info = client.ask(query).await;
    assert!(info.contains("<value>http://jabber.org/network/serverinfo</value>"), "{info}");
    assert!(info.contains(
        "<field var='admin-addresses' type='list-multi'><value>mailto:it@x.internal</value>\
         <value>xmpp:anna@x.internal</value></field>"
    ));
    assert!(!info.contains("abuse-addresses"));
    let house = House::open().await;
    let mut client = house.sign_in("anna", "desk").await;
    assert!(!client.ask(query).await.contains("jabber:x:data"));
}

#[tokio::test]
async fn the_short_name_of_what_the_service_can_do_is_in_its_features_and_is_the_hash_of_it() {
    let house = House::open().await;
    let mut client = house.sign_in("anna", "desk").await;
    let announced = between(&client.features, "<c xmlns='http://jabber.org/protocol/caps' ", "/>").to_owned();
    let (node, version) = (between(&announced, "node='", "'"), between(&announced, "ver='", "'"));
    let query = format!(
        "<iq type='get' id='q' to='x.internal'>\
         <query xmlns='http://jabber.org/protocol/disco#info' node='{node}#{version}'/></iq>"
    );
    let info = client.ask(&query).await;
    assert!(info.contains(&format!("node='{node}#{version}'")), "{info}");
    let mut features: Vec<&str> =
        info.split("<feature var='").skip(1).map(|rest| rest.split_once('\'').unwrap().0).collect();
    features.sort_unstable();
    let hashed = format!("server/im//messngr<{}<", features.join("<"));
    assert_eq!(version, STANDARD.encode(Sha1::digest(&hashed)));
    for feature in ["vcard-temp", "jabber:iq:private", "jabber:iq:last", "jabber:iq:version", "urn:xmpp:time"]
    {
        assert!(features.contains(&feature), "{feature}");
    }
    let other = query.replace(version, "other");
    assert!(client.ask(&other).await.contains("<item-not-found "));
}

#[tokio::test]
async fn version_and_time_are_told() {
    let house = House::open().await;
    let mut client = house.sign_in("anna", "desk").await;
    let ask = |payload: &str| format!("<iq type='get' id='q' to='x.internal'>{payload}</iq>");
    let version = client.ask(&ask("<query xmlns='jabber:iq:version'/>")).await;
    assert!(version.contains("<name>messngr</name><version>"), "{version}");
    let time = client.ask(&ask("<time xmlns='urn:xmpp:time'/>")).await;
    assert!(time.contains("<tzo>") && between(&time, "<utc>", "</utc>").ends_with('Z'), "{time}");
}
