//! Whoever asks about people they do not know learns nothing: not who has an account, not who is signed in, and not
//! who has blocked them, lets only others write, or is invisible.
//!
//! One thing tells who has an account: a message with words is kept for whoever is away, and is given back where
//! nobody could ever read it. Who has blocked its sender, or does not let them write, looks like nobody then.

use std::collections::BTreeMap;

use end_to_end::{
    Account, DOMAIN, Service, XmppConnection, net_send, sign_in, sign_in_at, start_for_friends,
};
use xmpp::namespace;

/// Six people of names of the same length; nobody has the first.
const NOBODY: &str = "nadine";
const AWAY: &str = "astrid";
const HERE: &str = "helene";
const BLOCKING: &str = "bettie";
/// Only contacts may write to her.
const RESERVED: &str = "regina";
/// She is signed in and wants nobody to see it.
const HIDDEN: &str = "ingrid";
const PEOPLE: [&str; 6] = [NOBODY, AWAY, HERE, BLOCKING, RESERVED, HIDDEN];

struct House {
    service: Service,
    mallory: XmppConnection,
    /// Those who are signed in stay so.
    _here: [XmppConnection; 4],
}

fn house() -> House {
    let service = start_for_friends("");
    for name in [AWAY, HERE, BLOCKING, RESERVED, HIDDEN] {
        service.add_user(name, &Account::new(name).password);
    }
    service.ok(&["user", "privacy", RESERVED, "--writes", "contacts"]);
    service.ok(&["user", "privacy", HIDDEN, "--invisible", "yes"]);
    let (reserved, hidden) = (sign_in(&service, RESERVED), sign_in(&service, HIDDEN));
    let here = sign_in(&service, HERE);
    let mut blocking = sign_in(&service, BLOCKING);
    blocking
        .write(&format!(
            "<iq type='set' id='block'><block xmlns='{}'><item jid='mallory@{DOMAIN}'/></block></iq>",
            namespace::BLOCKING
        ))
        .expect("a block");
    blocking.expect("the block", |element| element.attribute("id") == Some("block")).expect("an answer");
    let mallory = sign_in(&service, "mallory");
    House { service, mallory, _here: [here, blocking, reserved, hidden] }
}

/// Every query of every extension that the service knows, and some that it does not.
const QUERIES: [&str; 30] = [
    "<ping xmlns='urn:xmpp:ping'/>",
    "<query xmlns='jabber:iq:version'/>",
    "<time xmlns='urn:xmpp:time'/>",
    "<query xmlns='jabber:iq:last'/>",
    "<query xmlns='jabber:iq:roster'/>",
    "<query xmlns='jabber:iq:roster'><item jid='anna@office.internal'/></query>",
    "<query xmlns='jabber:iq:private'><x xmlns='urn:x'/></query>",
    "<query xmlns='jabber:iq:private'/>",
    "<query xmlns='jabber:iq:register'/>",
    "<query xmlns='jabber:iq:register'><remove/></query>",
    "<vCard xmlns='vcard-temp'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info' node='http://jabber.org/protocol/commands'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
    "<command xmlns='http://jabber.org/protocol/commands' node='alerts/confirm' action='execute'/>",
    "<query xmlns='urn:xmpp:mam:2'/>",
    "<query xmlns='urn:xmpp:mam:2' queryid='q'><set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query>",
    "<metadata xmlns='urn:xmpp:mam:2'/>",
    "<prefs xmlns='urn:xmpp:mam:2'/>",
    "<blocklist xmlns='urn:xmpp:blocking'/>",
    "<block xmlns='urn:xmpp:blocking'><item jid='anna@office.internal'/></block>",
    "<block xmlns='urn:xmpp:blocking'/>",
    "<unblock xmlns='urn:xmpp:blocking'/>",
    "<enable xmlns='urn:xmpp:carbons:2'/>",
    "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:xmpp:avatar:metadata'/></pubsub>",
    "<x xmlns='urn:x'/>",
    "",
];

/// Everything that a stranger can ask, `@` standing for whom they ask about.
fn questions() -> Vec<String> {
    let to = ["@", "@/load", "@/elsewhere"];
    let mut questions = Vec::new();
    for to in to {
        for kind in ["get", "set"] {
            let queries = QUERIES.iter();
            questions.extend(queries.map(|query| format!("<iq to='{to}' id='q' type='{kind}'>{query}</iq>")));
        }
        questions.push(format!("<iq to='{to}' id='q' type='result'/>"));
        questions.push(format!("<iq to='{to}' id='q' type='error'/>"));
        for kind in [
            "probe",
            "subscribe",
            "unsubscribe",
            "subscribed",
            "unsubscribed",
            "unavailable",
            "error",
            "invisible",
        ] {
            questions.push(format!("<presence to='{to}' id='q' type='{kind}'/>"));
        }
        questions.push(format!("<presence to='{to}' id='q'/>"));
        questions.push(format!("<message to='{to}' id='q' type='error'><body>hello</body></message>"));
    }
    questions
}

/// Messages that are for somebody: whoever has an account is given them.
fn messages() -> Vec<String> {
    let mut messages = Vec::new();
    for to in ["@", "@/load", "@/elsewhere"] {
        for kind in ["chat", "normal", "headline", "groupchat"] {
            for content in [
                "<body>hello</body>",
                "<body>hello</body><request xmlns='urn:xmpp:receipts'/>",
                "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
                "<received xmlns='urn:xmpp:receipts' id='r'/>",
                "<displayed xmlns='urn:xmpp:chat-markers:0' id='r'/>",
                "<body>hello</body><no-store xmlns='urn:xmpp:hints'/>",
                "<attention xmlns='urn:xmpp:attention:0'/>",
                "",
            ] {
                messages.push(format!("<message to='{to}' id='q' type='{kind}'>{content}</message>"));
            }
        }
    }
    messages
}

impl House {
    /// What the service says to this about somebody, byte for byte, with the person's name left out.
    fn answer(&mut self, question: &str, about: &str) -> Vec<String> {
        let stanza = question.replace("'@", &format!("'{about}@{DOMAIN}"));
        self.mallory.write(&stanza).expect("a question");
        let asked = self.mallory.answers_before_pong("after").expect("mallory is not sent away");
        asked.iter().map(|answer| answer.replace(about, "@")).collect()
    }

    fn answers(&mut self, question: &str) -> BTreeMap<&'static str, Vec<String>> {
        PEOPLE.into_iter().map(|about| (about, self.answer(question, about))).collect()
    }
}

#[test]
fn whatever_a_stranger_asks_is_answered_alike_about_everyone() {
    let mut house = house();
    let mut wrong = Vec::new();
    for question in questions() {
        let answers = house.answers(&question);
        if answers.values().any(|answer| *answer != answers[NOBODY]) {
            wrong.push(format!("{question}: {answers:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_message_tells_a_stranger_neither_who_is_here_nor_who_has_blocked_them() {
    let mut house = house();
    let mut wrong = Vec::new();
    for message in messages() {
        let answers = house.answers(&message);
        let unreachable = answers[NOBODY] == answers[BLOCKING] && answers[NOBODY] == answers[RESERVED];
        if !unreachable || answers[AWAY] != answers[HERE] || answers[AWAY] != answers[HIDDEN] {
            wrong.push(format!("{message}: {answers:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn who_was_a_contact_and_is_blocked_sees_somebody_who_is_away() {
    let mut house = house();
    let address = house.service.address("xmpp", "starttls");
    let befriend = |mine: &mut XmppConnection, theirs: &mut XmppConnection, my: &str, their: &str| {
        mine.write(&format!("<presence to='{their}@{DOMAIN}' type='subscribe'/>")).expect("a question");
        theirs
            .expect("the question", |stanza| stanza.attribute("type") == Some("subscribe"))
            .expect("a question");
        theirs.write(&format!("<presence to='{my}@{DOMAIN}' type='subscribed'/>")).expect("an answer");
        mine.expect("the answer", |stanza| stanza.attribute("type") == Some("subscribed"))
            .expect("an answer");
    };
    let mut seen = BTreeMap::new();
    for name in ["anna", "berta"] {
        let mut other = sign_in(&house.service, name);
        befriend(&mut house.mallory, &mut other, "mallory", name);
        if name == "anna" {
            other
                .write(&format!(
                    "<iq type='set' id='b'><block xmlns='{}'><item jid='mallory@{DOMAIN}'/></block></iq>",
                    namespace::BLOCKING
                ))
                .expect("a block");
            other.pong("blocked").expect("it is blocked");
        } else {
            drop(other);
            end_to_end::wait::until("berta to leave", || {
                (!house.service.json(&["who"]).to_string().contains("berta@")).then_some(())
            });
        }
        // What came of befriending is over.
        house.mallory.answers_before_pong("befriended").expect("mallory is not sent away");
        let answers: Vec<_> = ["", "/load"]
            .into_iter()
            .flat_map(|device| {
                let probe = format!("<presence to='@{device}' type='probe'/>");
                let queries =
                    QUERIES.map(|query| format!("<iq to='@{device}' id='q' type='get'>{query}</iq>"));
                [probe].into_iter().chain(queries)
            })
            .map(|question| (question.clone(), house.answer(&question, name)))
            // When somebody was last here, and their card, only they see who may.
            .filter(|(question, _)| !question.contains("jabber:iq:last") && !question.contains("vcard-temp"))
            .collect();
        seen.insert(name, answers);
    }
    drop(sign_in_at(&address, &Account::new("berta")));
    for (blocked, away) in seen["anna"].iter().zip(&seen["berta"]) {
        assert_eq!(blocked, away);
    }
}

#[test]
fn to_net_send_who_is_away_who_blocks_and_who_does_not_exist_are_the_same() {
    let house = house();
    let address = house.service.address("windows", "session");
    let answer = |to: &str| {
        net_send(&address, "PRESS1", to, "hello").map_err(|error| error.to_lowercase().replace(to, "@"))
    };
    let nobody = answer(NOBODY);
    assert!(nobody.is_err());
    for unseen in [AWAY, RESERVED, HIDDEN] {
        assert_eq!(answer(unseen), nobody, "{unseen}");
    }
    assert_eq!(answer("no-netbios-name"), nobody);
    assert_eq!(answer(HERE), Ok(()), "who is here, and lets unverified senders reach them, gets it");
}
