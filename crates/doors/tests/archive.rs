//! The archive of a person's messages (XEP-0313), and what is kept in it (XEP-0441).
#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

mod xmpp_people;

use xmpp_people::{Client, House};

/// A query of the archive: fields of the form, then what follows it.
fn query(fields: &[(&str, &str)], after: &str) -> String {
    let field = |(name, value): &(&str, &str)| format!("<field var='{name}'><value>{value}</value></field>");
    let fields: String = fields.iter().map(field).collect();
    let form_type = "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>";
    let form = format!("<x xmlns='jabber:x:data' type='submit'>{form_type}{fields}</x>");
    format!("<query xmlns='urn:xmpp:mam:2' queryid='q'>{form}{after}</query>")
}

fn set(children: &str) -> String {
    format!("<set xmlns='http://jabber.org/protocol/rsm'>{children}</set>")
}

/// A page: the texts of its messages, their ids, and what was said after them.
async fn page(client: &mut Client, query: &str) -> (Vec<String>, Vec<String>, String) {
    let mut all = client.asked("set", "", query).await;
    let fin = all.pop().unwrap();
    all.retain(|stanza| stanza.contains("<result xmlns='urn:xmpp:mam:2' queryid='q'"));
    let texts = all.iter().map(|stanza| between(stanza, "<body>", "</body>")).collect();
    let ids = all.iter().map(|stanza| between(stanza, "queryid='q' id='", "'")).collect();
    (texts, ids, fin)
}

async fn texts(client: &mut Client, query: &str) -> Vec<String> {
    page(client, query).await.0
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned()
}

async fn say(sender: &mut Client, recipient: &mut Client, to: &str, text: &str) -> String {
    sender.send(&format!("<message type='chat' to='{to}'><body>{text}</body></message>")).await;
    recipient.next_with(&format!("<body>{text}</body>")).await
}

/// Anna and Bert have talked, and Anna with Carl: one to six.
async fn conversation() -> (House, Client, Client, Client) {
    let house = House::of(&["anna", "bert", "carl"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    let mut carl = house.sign_in("carl", "home").await;
    say(&mut anna, &mut bert, "bert@x.internal/home", "one").await;
    say(&mut bert, &mut anna, "anna@x.internal", "two").await;
    say(&mut anna, &mut carl, "carl@x.internal", "three").await;
    say(&mut carl, &mut anna, "anna@x.internal/desk", "four").await;
    say(&mut anna, &mut bert, "bert@x.internal", "five").await;
    say(&mut bert, &mut anna, "anna@x.internal", "six").await;
    (house, anna, bert, carl)
}

#[tokio::test]
async fn an_archive_holds_what_its_owner_sent_and_got_in_order_with_the_ids_of_before() {
    let (house, mut anna, mut bert, _) = conversation().await;
    let live = say(&mut anna, &mut bert, "bert@x.internal", "seven").await;
    let id = between(&live, "by='bert@x.internal' id='", "'");
    let (texts, ids, fin) = page(&mut anna, &query(&[], "")).await;
    assert_eq!(texts, ["one", "two", "three", "four", "five", "six", "seven"]);
    assert_eq!(ids[6], id);
    assert!(fin.contains("<fin xmlns='urn:xmpp:mam:2' complete='true'>"), "{fin}");
    assert!(fin.contains(&format!("<first>{}</first><last>{id}</last><count>7</count>", ids[0])), "{fin}");
    let all = bert.asked("set", "", &query(&[("with", "anna@x.internal")], "")).await;
    let last = &all[all.len() - 2];
    assert!(last.contains("<message from='bert@x.internal' to='bert@x.internal/home'><result"), "{last}");
    assert!(last.contains("<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='20"));
    assert!(last.contains(&format!("by='bert@x.internal' id='{id}'")), "{last}");
    // Nobody reads another's archive.
    let other = bert.ask("set", "anna@x.internal", &query(&[], "")).await;
    assert!(other.contains("<service-unavailable"), "{other}");
    drop(house);
}

#[tokio::test]
async fn it_is_read_by_person_by_time_and_by_id() {
    let (house, mut anna, _bert, _carl) = conversation().await;
    let (_, ids, _) = page(&mut anna, &query(&[], "")).await;
    let with = |who: &str| query(&[("with", who)], "");
    assert_eq!(texts(&mut anna, &with("bert@x.internal")).await, ["one", "two", "five", "six"]);
    assert_eq!(texts(&mut anna, &with("bert@x.internal/home")).await, ["one", "two", "six"]);
    assert!(texts(&mut anna, &with("x.internal")).await.is_empty());
    assert!(texts(&mut anna, &with("anna@x.internal")).await.is_empty());
    let now = house.hub.environment().now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    assert!(texts(&mut anna, &query(&[("start", "2999-01-01T00:00:00Z")], "")).await.is_empty());
    assert_eq!(
        texts(&mut anna, &query(&[("start", "2020-01-01T00:00:00Z"), ("end", &now)], "")).await.len(),
        6
    );
    let between = query(&[("after-id", &ids[1]), ("before-id", &ids[4])], "");
    assert_eq!(texts(&mut anna, &between).await, ["three", "four"]);
    let named = query(&[("ids", &ids[3])], "");
    assert_eq!(texts(&mut anna, &named).await, ["four"]);
    for (wrong, condition) in [
        (query(&[("after-id", "nothing")], ""), "item-not-found"),
        (query(&[("ids", "0190a1b2-0000-7000-8000-000000000000")], ""), "item-not-found"),
        (query(&[("after-id", "nothing")], &set(&format!("<after>{}</after>", ids[1]))), "item-not-found"),
        (query(&[], &set("<after>nothing</after>")), "item-not-found"),
        (query(&[("start", "yesterday")], ""), "bad-request"),
        (query(&[("include-groupchat", "true")], ""), "feature-not-implemented"),
    ] {
        let refused = anna.ask("set", "", &wrong).await;
        assert!(refused.contains(&format!("<{condition} ")), "{refused}");
    }
}

#[tokio::test]
async fn it_is_read_page_by_page_in_both_directions() {
    let (_house, mut anna, _bert, _carl) = conversation().await;
    let (texts, ids, fin) = page(&mut anna, &query(&[], &set("<max>4</max>"))).await;
    assert_eq!(texts, ["one", "two", "three", "four"]);
    assert!(!fin.contains("complete") && fin.contains("<count>6</count>"), "{fin}");
    let after = set(&format!("<max>4</max><after>{}</after>", ids[3]));
    let (texts, _, fin) = page(&mut anna, &query(&[], &after)).await;
    assert_eq!(texts, ["five", "six"]);
    assert!(fin.contains("complete='true'"), "{fin}");
    let (texts, last, fin) = page(&mut anna, &query(&[], &set("<max>2</max><before/>"))).await;
    assert_eq!(texts, ["five", "six"]);
    assert!(!fin.contains("complete"), "{fin}");
    let before = format!("{}<flip-page/>", set(&format!("<max>3</max><before>{}</before>", last[0])));
    let (texts, flipped, fin) = page(&mut anna, &query(&[], &before)).await;
    assert_eq!(texts, ["four", "three", "two"]);
    assert!(fin.contains(&format!("<first>{}</first><last>{}</last>", flipped[2], flipped[0])), "{fin}");
    let (texts, _, fin) = page(&mut anna, &query(&[], &set("<max>0</max>"))).await;
    assert!(texts.is_empty() && fin.contains("<count>6</count>") && !fin.contains("complete"), "{fin}");
}

#[tokio::test]
async fn a_page_that_is_too_large_is_cut_and_nothing_is_lost() {
    let house = House::of(&["anna", "bert"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    let long = "x".repeat(60_000);
    for number in 0..10 {
        say(&mut anna, &mut bert, "bert@x.internal", &format!("{number}{long}")).await;
    }
    for backwards in [false, true] {
        let (mut read, mut mark) = (Vec::new(), String::new());
        loop {
            let after = match (backwards, mark.as_str()) {
                (true, _) => set(&format!("<before>{mark}</before>")),
                (false, "") => String::new(),
                (false, _) => set(&format!("<after>{mark}</after>")),
            };
            let (mut texts, ids, fin) = page(&mut anna, &query(&[], &after)).await;
            assert!(texts.len() <= 4 && !texts.is_empty());
            if backwards {
                texts.reverse();
            }
            mark = if backwards { ids[0].clone() } else { ids[ids.len() - 1].clone() };
            read.extend(texts.iter().map(|text| text[..1].to_owned()));
            if fin.contains("complete='true'") {
                break;
            }
        }
        if backwards {
            read.reverse();
        }
        assert_eq!(read.concat(), "0123456789");
    }
}

#[tokio::test]
async fn it_says_where_it_begins_and_ends_and_what_can_be_asked() {
    let (house, mut anna, mut bert, _) = conversation().await;
    let (_, ids, _) = page(&mut anna, &query(&[], "")).await;
    let metadata = anna.ask("get", "", "<metadata xmlns='urn:xmpp:mam:2'/>").await;
    assert!(metadata.contains(&format!("<start id='{}' timestamp='20", ids[0])), "{metadata}");
    assert!(metadata.contains(&format!("<end id='{}' timestamp='20", ids[5])), "{metadata}");
    let form = anna.ask("get", "", "<query xmlns='urn:xmpp:mam:2'/>").await;
    assert!(form.contains("<field var='after-id' type='text-single'/>"), "{form}");
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let info = anna.ask("get", "anna@x.internal", info).await;
    for feature in ["urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"] {
        assert!(info.contains(&format!("<feature var='{feature}'/>")), "{info}");
    }
    let hidden = bert.ask("get", "anna@x.internal", "<metadata xmlns='urn:xmpp:mam:2'/>").await;
    assert!(hidden.contains("<service-unavailable"), "{hidden}");
    let empty = House::of(&["dora"]).await;
    let mut dora = empty.sign_in("dora", "desk").await;
    let metadata = dora.ask("get", "", "<metadata xmlns='urn:xmpp:mam:2'/>").await;
    assert!(metadata.contains("<metadata xmlns='urn:xmpp:mam:2'/>"), "{metadata}");
    drop(house);
}

#[tokio::test]
async fn everybody_decides_what_is_kept_of_their_own() {
    let house = House::of(&["anna", "bert", "carl"]).await;
    let mut anna = house.sign_in("anna", "desk").await;
    let mut bert = house.sign_in("bert", "home").await;
    let mut carl = house.sign_in("carl", "home").await;
    let shown = anna.ask("get", "", "<prefs xmlns='urn:xmpp:mam:2'/>").await;
    assert!(
        shown.contains("<prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never/></prefs>"),
        "{shown}"
    );
    let prefer = |default: &str, always: &str, never: &str| {
        let list = |name: &str, jid: &str| match jid {
            "" => format!("<{name}/>"),
            jid => format!("<{name}><jid>{jid}</jid></{name}>"),
        };
        let lists = format!("{}{}", list("always", always), list("never", never));
        format!("<prefs xmlns='urn:xmpp:mam:2' default='{default}'>{lists}</prefs>")
    };
    let never_bert = prefer("always", "", "bert@x.internal");
    assert!(anna.ask("set", "", &never_bert).await.contains("<never><jid>bert@x.internal</jid></never>"));
    say(&mut anna, &mut bert, "bert@x.internal", "unkept").await;
    say(&mut bert, &mut anna, "anna@x.internal", "unkept too").await;
    say(&mut carl, &mut anna, "anna@x.internal", "kept").await;
    assert_eq!(texts(&mut bert, &query(&[], "")).await, ["unkept", "unkept too"]);
    anna.ask("set", "", &prefer("roster", "", "")).await;
    say(&mut carl, &mut anna, "anna@x.internal", "from a stranger").await;
    anna.ask("set", "", "<query xmlns='jabber:iq:roster'><item jid='bert@x.internal'/></query>").await;
    say(&mut bert, &mut anna, "anna@x.internal", "from a contact").await;
    anna.ask("set", "", &prefer("never", "carl@x.internal", "")).await;
    say(&mut carl, &mut anna, "anna@x.internal", "kept always").await;
    say(&mut bert, &mut anna, "anna@x.internal", "kept never").await;
    let hint = "<no-permanent-store xmlns='urn:xmpp:hints'/>";
    carl.send(&format!("<message type='chat' to='anna@x.internal'><body>passing</body>{hint}</message>"))
        .await;
    anna.next_with("passing").await;
    assert_eq!(texts(&mut anna, &query(&[], "")).await, ["kept", "from a contact", "kept always"]);
    assert_eq!(texts(&mut carl, &query(&[], "")).await, ["kept", "from a stranger", "kept always"]);
    let wrong = anna.ask("set", "", "<prefs xmlns='urn:xmpp:mam:2' default='sometimes'/>").await;
    assert!(wrong.contains("<bad-request "), "{wrong}");
}

#[tokio::test]
async fn where_nothing_is_archived_nothing_is_offered() {
    let house = House::with(&["anna"], false).await;
    let mut anna = house.sign_in("anna", "desk").await;
    assert!(anna.ask("set", "", &query(&[], "")).await.contains("<service-unavailable"));
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    assert!(!anna.ask("get", "anna@x.internal", info).await.contains("urn:xmpp:mam"));
}
