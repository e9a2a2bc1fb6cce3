//! RFC 6120 up to the bound resource.

use rustls::version::TLS13;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::xmpp_house::{Client, House, PASSWORD};

const HEADER: &str = "<stream:stream to='x.internal' version='1.0' xmlns='jabber:client' \
                      xmlns:stream='http://etherx.jabber.org/streams'";
const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// What the service says to this, up to the end of the connection.
async fn last_words<S: AsyncRead + AsyncWrite + Unpin>(mut client: Client<S>, text: &str) -> String {
    client.send(text).await;
    client.rest().await
}

fn ends_with(said: &str, condition: &str) -> bool {
    said.contains(&format!("<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'"))
        && said.ends_with("</stream:error></stream:stream>")
}

#[tokio::test]
async fn a_header_that_is_wrong_is_answered_with_our_header_and_its_condition() {
    let house = House::open().await;
    let headers = [
        ("host-unknown", HEADER.replace("x.internal", "y.internal")),
        ("host-unknown", HEADER.replace("to='x.internal' ", "")),
        ("improper-addressing", HEADER.replace("x.internal", "@")),
        ("invalid-from", format!("{HEADER} from='@'")),
        ("invalid-namespace", HEADER.replace("jabber:client", "jabber:server")),
        ("invalid-namespace", HEADER.replace("etherx", "other")),
        ("unsupported-version", HEADER.replace("version='1.0' ", "")),
        ("unsupported-version", HEADER.replace("1.0", "0.9")),
        (
            "bad-namespace-prefix",
            HEADER
                .replace("jabber:client", "http://etherx.jabber.org/streams")
                .replace("<stream:stream", "<stream"),
        ),
        ("not-well-formed", HEADER.replace("to='", "to=")),
        ("restricted-xml", format!("<!DOCTYPE x>{HEADER}")),
        ("restricted-xml", format!("<?x y?>{HEADER}")),
        ("unsupported-encoding", HEADER.replace("x.internal", "\u{fffd}")),
    ];
    for (condition, header) in headers {
        let mut client = house.connect_in_the_clear().await;
        let bytes = format!("{header}>").into_bytes();
        // No text can hold what is not UTF-8.
        let at = bytes.windows(3).position(|window| window == "\u{fffd}".as_bytes());
        match at {
            Some(at) => client.send_bytes(&[&bytes[..at], b"\xff", &bytes[at + 3..]].concat()).await,
            None => client.send_bytes(&bytes).await,
        }
        let said = client.rest().await;
        assert!(ends_with(&said, condition), "{condition}: {said}");
        assert!(said.contains("<stream:stream ") && said.contains(" from='x.internal'"), "{said}");
        assert_eq!(said.matches("<stream:stream").count(), 1, "{said}");
    }
}

#[tokio::test]
async fn our_header_says_who_is_meant_by_the_bare_address_and_never_has_the_same_id_twice() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut client = house.connect_in_the_clear().await;
        client.send(&format!("{HEADER} from='anna@x.internal/desk' xml:lang='es'>")).await;
        let said = client.until(&["</stream:features>"]).await;
        assert!(said.contains(" from='x.internal' to='anna@x.internal' id='"), "{said}");
        assert!(said.contains(" version='1.0' xml:lang='es'>"), "{said}");
        ids.push(said.split_once(" id='").unwrap().1[..32].to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn without_tls_nothing_but_tls_is_offered_and_nobody_signs_in() {
    let house = House::open().await;
    let mut client = house.connect_in_the_clear().await;
    let features = client.open().await;
    assert!(features.ends_with(
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
    ));
    let answer = client.authenticate("SCRAM-SHA-256", b"n,,n=anna,r=abcdefgh").await;
    assert!(answer.contains("<encryption-required/>"), "{answer}");
    assert!(ends_with(&last_words(client, "<message/>").await, "not-authorized"));
}

#[tokio::test]
async fn what_comes_behind_starttls_in_the_clear_is_thrown_away() {
    let house = House::open().await;
    let mut client = house.connect_in_the_clear().await;
    client.open().await;
    // Sent by somebody between, to be taken for the client's own once there is encryption.
    client.send(&format!("{STARTTLS}{HEADER}>")).await;
    let proceed = client.until(&["/>"]).await;
    assert_eq!(proceed, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    let mut client = Client::on(house.handshake(client.into_stream(), &TLS13).await);
    let features = client.open().await;
    assert_eq!(features.matches("<stream:stream").count(), 1, "{features}");
    assert!(!features.contains("<starttls"), "{features}");
    client.sign_in("anna", PASSWORD).await;
    client.bind("desk").await;
}

#[tokio::test]
async fn tls_within_tls_and_after_signing_in_is_refused_and_the_stream_closed() {
    let house = House::open().await;
    let refusal = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>";
    assert_eq!(last_words(house.connect(&TLS13).await, STARTTLS).await, refusal);
    let mut client = house.connect(&TLS13).await;
    client.sign_in("anna", PASSWORD).await;
    assert_eq!(last_words(client, STARTTLS).await, refusal);
}

#[tokio::test]
async fn each_mistake_in_signing_in_has_its_own_condition_and_the_fifth_ends_the_stream() {
    let house = House::open().await;
    let auth = |mechanism: &str, data: &str| {
        format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{data}</auth>")
    };
    let mistakes = [
        ("invalid-mechanism", auth("KERBEROS_V4", "=")),
        ("incorrect-encoding", auth("PLAIN", "no base64")),
        ("malformed-request", auth("PLAIN", "=")),
        ("malformed-request", "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</response>".to_owned()),
        ("malformed-request", "<other xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned()),
        ("invalid-authzid", auth("PLAIN", "Ym9iAGFubmEAcHc=")),
        ("not-authorized", auth("PLAIN", "AGFubmEAcHc=")),
        ("not-authorized", auth("PLAIN", "AG5vYm9keQBwdw==")),
        ("aborted", "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned()),
    ];
    for group in mistakes.chunks(4) {
        let mut client = house.connect(&TLS13).await;
        for (condition, mistake) in group {
            client.send(mistake).await;
            let answer = client.until(&["</failure>"]).await;
            let failure = format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/>");
            assert!(answer.starts_with(&failure), "{condition}: {answer}");
        }
        for _ in group.len()..4 {
            client.send(&mistakes[0].1).await;
            client.until(&["</failure>"]).await;
        }
        let said = last_words(client, &mistakes[1].1).await;
        assert!(ends_with(&said, "policy-violation"), "{said}");
    }
}

#[tokio::test]
async fn a_mistake_in_the_middle_ends_the_exchange() {
    let house = House::open().await;
    let mut client = house.connect(&TLS13).await;
    let challenge = client.authenticate("SCRAM-SHA-256", b"n,,n=anna,r=abcdefgh").await;
    assert!(challenge.contains("<challenge"), "{challenge}");
    client.send("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>*</response>").await;
    assert!(client.until(&["</failure>"]).await.contains("<incorrect-encoding/>"));
    let answer = client.respond(b"c=biws,r=abcdefgh,p=AAAA").await;
    assert!(answer.contains("<malformed-request/>"), "{answer}");
    client.sign_in("anna", PASSWORD).await;
}

#[tokio::test]
async fn only_who_knows_the_password_is_told_that_an_account_is_disabled() {
    let house = House::open().await;
    house.hub.set_disabled("test", "anna", true).await.unwrap();
    let mut client = house.connect(&TLS13).await;
    let answer = client.authenticate("PLAIN", format!("\0anna\0{PASSWORD}").as_bytes()).await;
    assert!(answer.contains("<account-disabled/>"), "{answer}");
    let disabled = client.authenticate("PLAIN", b"\0anna\0wrong").await;
    let unknown = client.authenticate("PLAIN", b"\0nobody\0wrong").await;
    assert!(disabled.contains("<not-authorized/>"), "{disabled}");
    assert_eq!(disabled, unknown);
}

#[tokio::test]
async fn a_stream_is_not_from_anybody_else_than_who_signed_in() {
    let house = House::open().await;
    let header = |from: &str| format!("{HEADER} from='{from}'>");
    let mut client = house.connect(&TLS13).await;
    client.authenticate("PLAIN", format!("\0anna\0{PASSWORD}").as_bytes()).await;
    assert!(ends_with(&last_words(client, &header("bob@x.internal")).await, "invalid-from"));
    let mut client = house.connect(&TLS13).await;
    client.authenticate("PLAIN", format!("\0anna\0{PASSWORD}").as_bytes()).await;
    client.send(&header("Anna@x.internal")).await;
    client.until(&["</stream:features>"]).await;
    client.bind("desk").await;
}

#[tokio::test]
async fn before_binding_a_client_speaks_to_its_server_only() {
    let house = House::open().await;
    let to_others = [
        "<message to='bob@x.internal'><body>x</body></message>",
        "<presence/>",
        "<iq type='get' id='1' to='bob@x.internal'><query xmlns='jabber:iq:version'/></iq>",
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>=</auth>",
    ];
    for stanza in to_others {
        let mut client = house.connect(&TLS13).await;
        client.sign_in("anna", PASSWORD).await;
        let said = last_words(client, stanza).await;
        assert!(ends_with(&said, "not-authorized"), "{stanza}: {said}");
    }
    let mut client = house.connect(&TLS13).await;
    client.sign_in("anna", PASSWORD).await;
    client.send("<iq type='get' id='1' to='x.internal'><query xmlns='jabber:iq:version'/></iq>").await;
    assert!(client.until(&["</iq>"]).await.contains("<not-allowed "));
    let long = "x".repeat(1_024);
    client.send(&format!(
        "<iq type='set' id='2'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{long}</resource></bind></iq>"
    )).await;
    assert!(client.until(&["</iq>"]).await.contains("<bad-request "));
    client.bind("desk").await;
}

#[tokio::test]
async fn a_session_has_one_resource_and_the_newest_of_the_same_name_wins() {
    let house = House::open().await;
    let mut older = house.sign_in("anna", "desk").await;
    let second = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    assert!(older.ask(second).await.contains("<not-allowed "));
    let mut newer = house.sign_in("anna", "desk").await;
    let said = older.rest().await;
    assert!(ends_with(&said, "conflict"), "{said}");
    assert_eq!(newer.ask(" ").await, "<iq type='result' id='dealt-with'");
    assert_eq!(house.hub.session_count(), 1);
}

#[tokio::test]
async fn in_a_session_each_mistake_ends_the_stream_with_its_condition() {
    let house = House::open().await;
    let mistakes = [
        ("invalid-from", "<message from='bob@x.internal' to='anna@x.internal'/>"),
        ("unsupported-stanza-type", "<other xmlns='urn:example:x'/>"),
        ("not-well-formed", "<message></presence>"),
        ("not-well-formed", "<message><x:y/></message>"),
        ("restricted-xml", "<!-- comment -->"),
        ("restricted-xml", "<message><body>&unknown;</body></message>"),
        ("bad-format", "text"),
        ("bad-format", "<a xmlns='urn:xmpp:sm:3'/>"),
    ];
    for (condition, mistake) in mistakes {
        let said = last_words(house.sign_in("anna", "desk").await, mistake).await;
        assert!(ends_with(&said, condition), "{condition}: {said}");
    }
}

#[tokio::test]
async fn white_space_between_stanzas_is_a_sign_of_life_and_nothing_else() {
    let house = House::open().await;
    let mut client = house.sign_in("anna", "desk").await;
    assert_eq!(client.ask(" \n\t ").await, "<iq type='result' id='dealt-with'");
}

#[tokio::test]
async fn a_service_that_has_moved_says_where_to_as_soon_as_the_connection_is_encrypted() {
    let moved = "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\
                 chat.x.internal:5222</see-other-host></stream:error></stream:stream>";
    let elsewhere = Some("chat.x.internal:5222".to_owned());
    let house = House::open_with(|settings| settings.see_other_host = elsewhere.clone()).await;
    let mut client = house.connect_in_the_clear().await;
    client.open().await;
    client.send(STARTTLS).await;
    client.until(&["/>"]).await;
    let client = Client::on(house.handshake(client.into_stream(), &TLS13).await);
    let said = last_words(client, &format!("{HEADER}>")).await;
    assert!(said.ends_with(moved) && !said.contains("<stream:features"), "{said}");

    let house = House::open_with(|settings| {
        settings.see_other_host = elsewhere;
        settings.require_tls = false;
    })
    .await;
    let mut client = house.connect_in_the_clear().await;
    client.open().await;
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>";
    assert_eq!(last_words(client, auth).await, moved);
}
