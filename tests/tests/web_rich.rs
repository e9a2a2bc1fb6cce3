//! What browsers say beside words, as clients of XMPP read it, and the other way round.

use end_to_end::{Account, Browser, DOMAIN, Service, ServiceOptions, XmppConnection};
use serde_json::json;
use xmpp::{
    Element,
    extension::{file_sharing::SharedFile, reply::Reply},
    namespace,
    stanza::MessageContent,
};

fn message(connection: &mut XmppConnection, what: &str, wanted: impl Fn(&MessageContent) -> bool) -> Element {
    let is_wanted = |element: &Element| element.name() == "message" && wanted(&MessageContent::read(element));
    connection.expect(what, is_wanted).expect("a message")
}

#[test]
fn browsers_and_clients_of_xmpp_answer_react_correct_and_take_back() {
    let options = ServiceOptions {
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        ..ServiceOptions::default()
    };
    let service = Service::start(&options);
    for name in ["anna", "berta"] {
        service.add_user(name, &Account::new(name).password);
    }
    let mut anna = Browser::new(&service.address("web", "http"), Account::new("anna"));
    anna.expect("presence to be taken", |event| event["id"] == "presence");
    let mut berta = XmppConnection::sign_in(&service.address("xmpp", "starttls"), &Account::new("berta"))
        .expect("a session");
    berta.write("<presence/>").expect("the connection lives");

    anna.chat("berta", "m1", "Lunch?");
    let first = message(&mut berta, "words", |content| content.body() == Some("Lunch?"));
    let mark = first.attribute("id").expect("an id").to_owned();
    anna.say(json!({ "type": "message", "id": "m2", "to": "berta", "text": "At noon",
        "reply": { "of": mark, "from": format!("anna@{DOMAIN}") } }));
    let answer = message(&mut berta, "an answer", |content| content.body() == Some("At noon"));
    assert_eq!(Reply::read(&answer).expect("a reply").id, mark);
    let id = answer.attribute("id").expect("an id").to_owned();
    anna.say(json!({ "type": "correction", "id": "m3", "to": "berta", "of": id, "text": "At one" }));
    let correction = message(&mut berta, "a correction", |content| content.correction_of.is_some());
    assert_eq!(MessageContent::read(&correction).correction_of, Some(id.clone()));
    anna.say(json!({ "type": "reaction", "id": "m4", "to": "berta", "of": mark, "emoji": ["👍"] }));
    let reaction = message(&mut berta, "a reaction", |content| content.reactions.is_some());
    let reactions = MessageContent::read(&reaction).reactions.expect("reactions");
    assert_eq!((reactions.id, reactions.reactions), (mark.clone(), vec!["👍".to_owned()]));
    anna.say(json!({ "type": "retraction", "id": "m5", "to": "berta", "of": id }));
    let retraction = message(&mut berta, "a retraction", |content| content.retraction_of.is_some());
    assert_eq!(MessageContent::read(&retraction).retraction_of, Some(id));
    let file = json!({ "url": format!("https://{DOMAIN}/files/1/a.png"), "name": "a.png", "size": 7 });
    anna.say(json!({ "type": "message", "id": "m6", "to": "berta", "file": file }));
    let shared = berta.expect("a file", |element| SharedFile::read(element).is_some()).expect("a file");
    assert_eq!(SharedFile::read(&shared).expect("a file").name.as_deref(), Some("a.png"));

    let say = |berta: &mut XmppConnection, children: &str| {
        let stanza = format!("<message to='anna@{DOMAIN}' type='chat' id='b1'>{children}</message>");
        berta.write(&stanza).expect("the connection lives");
    };
    say(
        &mut berta,
        "<body>&gt; Lunch?\nYes</body><reply xmlns='urn:xmpp:reply:0' id='7'/>\
         <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='9'/></fallback>",
    );
    let answer = anna.expect("an answer", |event| event["content"] == "text" && event["type"] == "message");
    assert_eq!((&answer["text"], &answer["reply"]["of"]), (&json!("Yes"), &json!("7")));
    say(
        &mut berta,
        &format!("<reactions xmlns='{}' id='7'><reaction>🐢</reaction></reactions>", namespace::REACTIONS),
    );
    let reaction = anna.expect("a reaction", |event| event["content"] == "reaction");
    assert_eq!((&reaction["of"], &reaction["emoji"]), (&json!("7"), &json!(["🐢"])));
    say(&mut berta, "<body>No</body><replace xmlns='urn:xmpp:message-correct:0' id='7'/>");
    let correction = anna.expect("a correction", |event| event["content"] == "correction");
    assert_eq!((&correction["of"], &correction["text"]), (&json!("7"), &json!("No")));
    say(&mut berta, &format!("<retract xmlns='{}' id='7'/>", namespace::RETRACTION));
    assert_eq!(anna.expect("a retraction", |event| event["content"] == "retraction")["of"], "7");
}
