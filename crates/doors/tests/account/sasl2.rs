//! Signing in, binding and resuming in one round trip, and tokens (XEP-0388, XEP-0386, XEP-0484).

use auth::{
    ChannelBindings, Mechanism,
    ht::{HtMechanism, InitiatorMessage, Token},
    scram::{
        Nonce,
        client::{self, Login},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::version::TLS13;

use crate::xmpp_house::{Client, House, PASSWORD, data};

const AGENT: &str =
    "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>x</software></user-agent>";
const BIND: &str = "<bind xmlns='urn:xmpp:bind:0'><tag>Phone</tag></bind>";
const COUNTED: &str =
    "<bind xmlns='urn:xmpp:bind:0'><tag>Phone</tag><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>";
const WANTED: &str = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/>";

/// Begins with a mechanism and these children; returns the answer, with the features that follow a success.
async fn authenticate(client: &mut Client, mechanism: &str, initial: &[u8], children: &str) -> String {
    let initial = STANDARD.encode(initial);
    client
        .send(&format!(
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'>\
             <initial-response>{initial}</initial-response>{children}</authenticate>"
        ))
        .await;
    client.until(&["</stream:features>", "</failure>", "</challenge>"]).await
}

async fn by_password(house: &House, children: &str) -> (Client, String) {
    let mut client = house.connect(&TLS13).await;
    let said = authenticate(&mut client, "PLAIN", format!("\0anna\0{PASSWORD}").as_bytes(), children).await;
    (client, said)
}

async fn by_token(house: &House, token: &Token, mechanism: HtMechanism, children: &str) -> (Client, String) {
    let mut client = house.connect(&TLS13).await;
    let bindings = ChannelBindings::new(Some(client.tls_exporter()), Some(client.tls_server_end_point()));
    let message = InitiatorMessage::make("anna", token, mechanism, &bindings).unwrap();
    let said = authenticate(&mut client, mechanism.name(), &message, children).await;
    (client, said)
}

fn attribute<'a>(said: &'a str, name: &str) -> &'a str {
    said.split_once(&format!(" {name}='"))
        .unwrap_or_else(|| panic!("{name}: {said}"))
        .1
        .split_once('\'')
        .unwrap()
        .0
}

fn address(said: &str) -> &str {
    let behind = said.split_once("<authorization-identifier>").unwrap_or_else(|| panic!("{said}")).1;
    behind.split_once('<').unwrap().0
}

/// The token of a success, as the client keeps it.
fn token(said: &str) -> Token {
    Token::from_text(attribute(said, "token"))
}

#[tokio::test]
async fn everything_that_can_follow_is_offered_and_only_with_tls() {
    let house = House::open_with(|settings| settings.require_tls = false).await;
    let client = house.connect(&TLS13).await;
    let offer = client.features.split_once("<authentication xmlns='urn:xmpp:sasl:2'>").unwrap().1;
    for part in [
        "<mechanism>SCRAM-SHA-256-PLUS</mechanism>",
        "<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/><feature var='urn:xmpp:csi:0'/>",
        "<sm xmlns='urn:xmpp:sm:3'/>",
        "<fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism><mechanism>HT-SHA-256-ENDP</mechanism>\
         <mechanism>HT-SHA-256-NONE</mechanism></fast>",
    ] {
        assert!(offer.contains(part), "{part}: {offer}");
    }
    let mut client = house.connect_in_the_clear().await;
    assert!(!client.open().await.contains("urn:xmpp:sasl:2"));
    client.send("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'/>").await;
    assert!(client.rest().await.contains("<not-authorized "));
}

#[tokio::test]
async fn a_session_begins_with_the_sign_in_and_needs_no_new_stream() {
    let house = House::open().await;
    let (mut client, said) = by_password(&house, &format!("{AGENT}{BIND}")).await;
    assert!(
        said.starts_with("<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>anna@x.internal/Phone/")
    );
    let bound = "<bound xmlns='urn:xmpp:bind:0'><metadata xmlns='urn:xmpp:mam:2'/></bound></success><stream:features>";
    assert!(said.contains(bound), "{said}");
    assert!(!said.contains("xmpp-bind") && !said.contains("d4565fa7"), "{said}");
    let ping = client.ask(" ").await;
    assert!(ping.starts_with("<iq type='result'"), "{ping}");
}

#[tokio::test]
async fn the_same_client_comes_back_under_the_same_name_and_another_under_another() {
    let house = House::open().await;
    let (mut first, said) = by_password(&house, &format!("{AGENT}{BIND}")).await;
    let (_second, again) = by_password(&house, &format!("{AGENT}{BIND}")).await;
    assert_eq!(address(&said), address(&again));
    assert!(first.rest().await.contains("<conflict "));
    let (_third, other) = by_password(&house, BIND).await;
    assert_ne!(address(&said), address(&other));
    assert_eq!(house.hub.session_count(), 2);
}

#[tokio::test]
async fn without_binding_the_old_way_follows_on_the_same_stream() {
    let house = House::open().await;
    let (mut client, said) = by_password(&house, "").await;
    assert_eq!(address(&said), "anna@x.internal");
    assert!(said.contains("urn:ietf:params:xml:ns:xmpp-bind"), "{said}");
    client.bind("desk").await;
}

#[tokio::test]
async fn scram_proves_both_sides_by_challenge_and_additional_data() {
    let house = House::open().await;
    let mut client = house.connect(&TLS13).await;
    let login = Login::new("anna", PASSWORD);
    let nonce = Nonce::from_random([42; 24]);
    let (awaiting, first) = client::start(Mechanism::ScramSha256, login, &nonce).unwrap();
    let said = authenticate(&mut client, "SCRAM-SHA-256", &first, BIND).await;
    assert!(said.starts_with("<challenge xmlns='urn:xmpp:sasl:2'>"), "{said}");
    let (awaiting, last) = awaiting.respond(&data(&said, "challenge").unwrap()).unwrap();
    let last = STANDARD.encode(&last);
    client.send(&format!("<response xmlns='urn:xmpp:sasl:2'>{last}</response>")).await;
    let said = client.until(&["</stream:features>", "</failure>"]).await;
    awaiting.verify(&data(&said, "additional-data").unwrap()).unwrap();
    assert!(address(&said).starts_with("anna@x.internal/Phone/"), "{said}");
}

#[tokio::test]
async fn mistakes_are_answered_in_the_same_dialect_and_the_dialects_do_not_mix() {
    let house = House::open().await;
    let mut client = house.connect(&TLS13).await;
    let failure = |condition: &str| {
        format!(
            "<failure xmlns='urn:xmpp:sasl:2'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
        )
    };
    let wrong = authenticate(&mut client, "PLAIN", b"\0anna\0wrong", BIND).await;
    assert_eq!(wrong, failure("not-authorized"));
    assert_eq!(authenticate(&mut client, "OTHER", b"", BIND).await, failure("invalid-mechanism"));
    let challenge = authenticate(&mut client, "SCRAM-SHA-256", b"n,,n=anna,r=abcdefgh", BIND).await;
    assert!(challenge.starts_with("<challenge "), "{challenge}");
    let answer = client.respond(b"c=biws,r=abcdefgh,p=AAAA").await;
    assert!(answer.contains("xmpp-sasl'><malformed-request/>"), "{answer}");
    client.send("<abort xmlns='urn:xmpp:sasl:2'/>").await;
    assert_eq!(client.until(&["</failure>"]).await, failure("aborted"));
    assert_eq!(house.hub.session_count(), 0);
}

#[tokio::test]
async fn a_counted_session_is_resumed_with_the_sign_in_and_nothing_is_lost() {
    let house = House::open().await;
    let (mut client, said) = by_password(&house, &format!("{AGENT}{COUNTED}")).await;
    let enabled = said.split_once("<enabled xmlns='urn:xmpp:sm:3'").unwrap_or_else(|| panic!("{said}")).1;
    let id = attribute(enabled, "id").to_owned();
    client.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq><r xmlns='urn:xmpp:sm:3'/>").await;
    let answer = client.until(&["<a xmlns='urn:xmpp:sm:3' h='1'/>"]).await;
    assert!(answer.contains("id='1'"), "{answer}");
    drop(client);
    let resume = |h: u32| format!("<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='{h}'/>");
    let (mut client, again) = by_password(&house, &format!("{AGENT}{}{BIND}", resume(0))).await;
    assert!(again.contains(&format!("<resumed xmlns='urn:xmpp:sm:3' previd='{id}' h='1'/>")), "{again}");
    assert!(!again.contains("<bound"), "{again}");
    assert_eq!(address(&said), address(&again));
    let answer = client.until(&["/>"]).await;
    assert!(answer.contains("id='1'"), "what was not acknowledged comes again: {answer}");
}

#[tokio::test]
async fn where_nothing_can_be_resumed_a_new_session_begins() {
    let house = House::open().await;
    let unknown = "<resume xmlns='urn:xmpp:sm:3' previd='unknown' h='0'/>";
    let (_client, said) = by_password(&house, &format!("{AGENT}{unknown}{COUNTED}")).await;
    let failed =
        said.find("<failed xmlns='urn:xmpp:sm:3'><item-not-found ").unwrap_or_else(|| panic!("{said}"));
    assert!(said.find("<bound ").unwrap() > failed, "{said}");
}

#[tokio::test]
async fn a_session_that_is_counted_and_cannot_be_resumed_ends_with_its_connection() {
    let house = House::open().await;
    let counted = COUNTED.replace(" resume='true'", "");
    let (mut client, said) = by_password(&house, &counted).await;
    assert!(said.contains("<enabled xmlns='urn:xmpp:sm:3'/></bound>"), "{said}");
    client.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq><r xmlns='urn:xmpp:sm:3'/>").await;
    client.until(&["<a xmlns='urn:xmpp:sm:3' h='1'/>"]).await;
    drop(client);
    while house.hub.session_count() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn both_ends_of_the_archive_are_told_with_the_session() {
    let house = House::open().await;
    let mut first = house.sign_in("anna", "desk").await;
    for id in ["one", "two"] {
        first
            .ask(&format!("<message to='anna@x.internal' type='chat' id='{id}'><body>{id}</body></message>"))
            .await;
    }
    house.hub.store().settled().await.unwrap();
    let (_client, said) = by_password(&house, BIND).await;
    let metadata =
        said.split_once("<metadata xmlns='urn:xmpp:mam:2'><start id='").unwrap_or_else(|| panic!("{said}")).1;
    let (start, rest) = metadata.split_once('\'').unwrap();
    let end = rest.split_once("<end id='").unwrap().1.split_once('\'').unwrap().0;
    assert_ne!(start, end);
}

#[tokio::test]
async fn copies_come_from_the_beginning_where_they_are_asked_for() {
    let house = House::open().await;
    house.hub.add_account("test", "bob", PASSWORD, false).await.unwrap();
    let copied = BIND.replace("</bind>", "<enable xmlns='urn:xmpp:carbons:2'/></bind>");
    let (mut client, _) = by_password(&house, &copied).await;
    let mut other = house.sign_in("anna", "desk").await;
    client.ask("<presence/>").await;
    other.send("<message to='bob@x.internal' type='chat' id='m'><body>to bob</body></message>").await;
    let copy = client.until(&["</message>"]).await;
    assert!(copy.contains("<sent xmlns='urn:xmpp:carbons:2'>") && copy.contains("to bob"), "{copy}");
}

#[tokio::test]
async fn a_client_that_nobody_looks_at_says_so_from_the_beginning() {
    let house = House::open().await;
    let inactive = BIND.replace("</bind>", "<inactive xmlns='urn:xmpp:csi:0'/></bind>");
    let (mut client, _) = by_password(&house, &inactive).await;
    let mut other = house.sign_in("anna", "desk").await;
    client.ask("<presence/>").await;
    other.ask("<presence><show>away</show></presence>").await;
    other.ask("<presence><show>dnd</show></presence>").await;
    let active = client.ask("<active xmlns='urn:xmpp:csi:0'/>").await;
    assert!(active.contains("<show>dnd</show>"), "{active}");
    assert!(!active.contains("<show>away</show>"), "only the newest is worth telling: {active}");
}

#[tokio::test]
async fn a_token_takes_the_place_of_the_password_and_proves_the_service_too() {
    let house = House::open().await;
    let (_client, said) = by_password(&house, &format!("{AGENT}{WANTED}{BIND}")).await;
    let token = token(&said);
    assert!(attribute(&said, "expiry").ends_with('Z'), "{said}");
    let fast = format!("{AGENT}<fast xmlns='urn:xmpp:fast:0'/>{BIND}");
    let (client, said) = by_token(&house, &token, HtMechanism::Exporter, &fast).await;
    assert!(address(&said).starts_with("anna@x.internal/Phone/"), "{said}");
    assert!(!said.contains("<token"), "a young token is not replaced: {said}");
    let bindings = ChannelBindings::new(Some(client.tls_exporter()), None);
    let proof = data(&said, "additional-data").unwrap();
    assert!(token.is_known_by(&proof, HtMechanism::Exporter, &bindings));
}

#[tokio::test]
async fn a_token_is_refused_by_another_mechanism_another_client_and_after_its_end() {
    let house = House::open().await;
    let (_client, said) = by_password(&house, &format!("{AGENT}{WANTED}")).await;
    let token = token(&said);
    let fast = format!("{AGENT}<fast xmlns='urn:xmpp:fast:0'/>");
    let exporter = HtMechanism::Exporter;
    let refusals = [
        by_token(&house, &token, HtMechanism::None, &fast).await.1,
        by_token(&house, &token, exporter, &fast.replace("d4565fa7", "d4565fa8")).await.1,
    ];
    assert!(refusals.iter().all(|said| said.contains("<not-authorized ")), "{refusals:?}");
    let without = by_token(&house, &token, exporter, "<fast xmlns='urn:xmpp:fast:0'/>").await.1;
    assert!(without.contains("<malformed-request "), "{without}");
    let unmarked = by_token(&house, &token, exporter, AGENT).await.1;
    assert!(unmarked.contains("<invalid-mechanism "), "{unmarked}");
    let last = format!("{AGENT}<fast xmlns='urn:xmpp:fast:0' invalidate='true'/>");
    assert!(by_token(&house, &token, exporter, &last).await.1.contains("<success "));
    assert!(by_token(&house, &token, exporter, &fast).await.1.contains("<not-authorized "));
}

#[tokio::test]
async fn where_no_tokens_are_given_none_are_offered_or_taken() {
    let house = House::open_with(|settings| settings.token_lifetime = None).await;
    let (client, said) = by_password(&house, &format!("{AGENT}{WANTED}")).await;
    assert!(!client.features.contains("urn:xmpp:fast:0") && !said.contains("<token"), "{said}");
    let fast = format!("{AGENT}<fast xmlns='urn:xmpp:fast:0'/>");
    let refused = by_token(&house, &Token::from_text("x"), HtMechanism::None, &fast).await.1;
    assert!(refused.contains("<invalid-mechanism "), "{refused}");
}
