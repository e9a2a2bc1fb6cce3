//! A client as the model test needs it: it counts stanzas, and tells what it was told.

use std::collections::{BTreeMap, BTreeSet};

use xmpp::{Element, namespace, stream::StreamEvent};

use super::{
    contacts::Shown,
    event::Event,
    xmpp_people::{Client, DOMAIN, House},
};

const CONTACTS: &str = "<query xmlns='jabber:iq:roster'/>";
const BLOCKS: &str = "<blocklist xmlns='urn:xmpp:blocking'/>";

/// A device whose session may have lost its connection.
pub(crate) struct Device {
    client: Option<Client>,
    name: String,
    resource: String,
    stream: String,
    /// How many stanzas it was sent.
    handled: u32,
    questions: u32,
    came: Vec<Event>,
    /// Its copy of the list of contacts, kept by what it is told.
    pub(crate) list: BTreeMap<String, Shown>,
    /// Its copy of the list of blocked people.
    pub(crate) blocked: BTreeSet<String>,
}

impl Device {
    /// Signs in with a session that can be resumed.
    pub(crate) async fn sign_in(house: &House, name: &str, resource: &str) -> Self {
        let mut client = house.connect(name, resource).await;
        client.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>").await;
        let enabled = client.next_element().await;
        let stream = enabled.attribute("id").expect("the session can be resumed").to_owned();
        Self {
            client: Some(client),
            name: name.to_owned(),
            resource: resource.to_owned(),
            stream,
            handled: 0,
            questions: 0,
            came: Vec::new(),
            list: BTreeMap::new(),
            blocked: BTreeSet::new(),
        }
    }

    fn client(&mut self) -> &mut Client {
        self.client.as_mut().expect("the device is connected")
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.client().send(text).await;
    }

    /// Asks for the list of contacts, and is told of changes from now on.
    pub(crate) async fn read_list(&mut self) {
        let answer = self.ask("get", CONTACTS).await.0;
        self.list.clear();
        self.hear_contacts(&answer);
    }

    /// Asks whom the person has blocked, and is told of changes from now on.
    pub(crate) async fn read_blocked(&mut self) {
        let answer = self.ask("get", BLOCKS).await.0;
        let list = answer.child("blocklist", namespace::BLOCKING).expect("a list");
        self.blocked = jids(list).collect();
    }

    /// Waits until the service has dealt with everything that was sent, and hears what it says meanwhile.
    pub(crate) async fn settle(&mut self) {
        self.ask("get", "<ping xmlns='urn:xmpp:ping'/>").await;
    }

    /// Tells the service what has come, and waits until it knows. Returns the news.
    pub(crate) async fn hear(&mut self) -> Vec<Event> {
        self.settle().await;
        self.acknowledge().await;
        self.settle().await;
        std::mem::take(&mut self.came)
    }

    async fn acknowledge(&mut self) {
        let handled = self.handled;
        self.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{handled}'/>")).await;
    }

    /// Waits until the service says that it has taken everything for good.
    pub(crate) async fn wait_until_taken(&mut self) {
        self.send("<r xmlns='urn:xmpp:sm:3'/>").await;
        while self.next().await.name() != "a" {}
    }

    /// Puts a query; returns the answer, and the messages that came before it.
    pub(crate) async fn ask(&mut self, kind: &str, payload: &str) -> (Element, Vec<Element>) {
        self.questions += 1;
        let id = format!("question-{}", self.questions);
        self.send(&format!("<iq type='{kind}' id='{id}'>{payload}</iq>")).await;
        let mut results = Vec::new();
        loop {
            let element = self.next().await;
            if element.attribute("id") == Some(id.as_str()) {
                return (element, results);
            }
            results.extend(element.child("result", namespace::ARCHIVE).cloned());
        }
    }

    /// The next child of the stream, heard.
    async fn next(&mut self) -> Element {
        let element = self.client().next_element().await;
        match element.name() {
            "message" if element.child("result", namespace::ARCHIVE).is_some() => self.handled += 1,
            "message" | "presence" => {
                self.handled += 1;
                self.came.extend(Event::read(&element));
            }
            "iq" => {
                self.handled += 1;
                self.hear_query(&element).await;
            }
            "r" => self.acknowledge().await,
            _ => {}
        }
        element
    }

    async fn hear_query(&mut self, iq: &Element) {
        if !matches!(iq.attribute("type"), Some("get" | "set")) {
            return;
        }
        self.hear_contacts(iq);
        if let Some(block) = iq.child("block", namespace::BLOCKING) {
            self.blocked.extend(jids(block));
        }
        if let Some(unblock) = iq.child("unblock", namespace::BLOCKING) {
            for jid in jids(unblock) {
                self.blocked.remove(&jid);
            }
        }
        let id = iq.attribute("id").unwrap_or_default().to_owned();
        let to = if iq.child("ping", namespace::PING).is_some() {
            format!(" to='{DOMAIN}'")
        } else {
            String::new()
        };
        self.send(&format!("<iq type='result' id='{id}'{to}/>")).await;
    }

    fn hear_contacts(&mut self, iq: &Element) {
        let Some(query) = iq.child("query", namespace::ROSTER) else { return };
        for item in query.children() {
            let attribute = |name| item.attribute(name).unwrap_or_default().to_owned();
            let (jid, subscription) = (attribute("jid"), attribute("subscription"));
            if subscription == "remove" {
                self.list.remove(&jid);
                continue;
            }
            let (asks, approved) = (attribute("ask") == "subscribe", attribute("approved") == "true");
            self.list.insert(jid, Shown { name: attribute("name"), subscription, asks, approved });
        }
    }

    /// The connection breaks.
    pub(crate) fn cut(&mut self) {
        self.client = None;
    }

    /// Connects again and goes on with the session.
    pub(crate) async fn resume(&mut self, house: &House) {
        let mut client = house.connect_unbound(&self.name, &self.resource).await;
        let (stream, handled) = (&self.stream, self.handled);
        client.send(&format!("<resume xmlns='urn:xmpp:sm:3' h='{handled}' previd='{stream}'/>")).await;
        let resumed = client.next_element().await;
        assert_eq!(resumed.name(), "resumed", "{resumed:?}");
        self.client = Some(client);
    }

    /// Says goodbye.
    pub(crate) async fn sign_out(mut self) {
        self.send("</stream:stream>").await;
        while !matches!(self.client().next_event().await, StreamEvent::Closed) {}
    }
}

fn jids(list: &Element) -> impl Iterator<Item = String> {
    list.children().filter_map(|item| item.attribute("jid")).map(str::to_owned)
}
