//! What the service is to do, in few words: who is told what by each action.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    action::{At, DEVICES, PEOPLE, Saying, Subscription, What},
    contacts::{Entry, Half, Heard, Shown},
    event::{Event, Expected},
};

/// Everybody, and what each of their devices is still to be told.
pub(crate) struct Rules {
    people: Vec<Person>,
    messages: Vec<Kept>,
}

#[derive(Default)]
struct Person {
    contacts: BTreeMap<usize, Entry>,
    blocks: BTreeSet<usize>,
    /// Messages that no device has taken yet.
    waiting: Vec<usize>,
    archive: Vec<usize>,
    devices: [Option<Device>; DEVICES],
    /// How often somebody signed in.
    sessions: usize,
    /// The last message that had an id of its own.
    repeatable: Option<(usize, String)>,
    /// The same, sent together with what is being sent now.
    just_sent: Option<(usize, String)>,
}

#[derive(Default)]
struct Device {
    session: usize,
    cut: bool,
    priority: Option<i8>,
    status: String,
    receives: bool,
    carbons: bool,
    inactive: bool,
    roster: bool,
    hears_blocks: bool,
    expected: Vec<Expected>,
}

/// A message that is kept until it is delivered.
struct Kept {
    id: String,
    from: At,
    to: usize,
    /// The device that it is for alone, and the sessions of its recipient that were given copies.
    alone: Option<At>,
    copies: Vec<usize>,
}

/// How a message is to be sent.
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) kind: &'static str,
    pub(crate) children: String,
}

pub(crate) fn bare(person: usize) -> String {
    format!("p{person}@{}", super::xmpp_people::DOMAIN)
}

pub(crate) fn full(at: At) -> String {
    format!("{}/d{}", bare(at.person), at.device)
}

fn devices_of(person: usize) -> impl Iterator<Item = At> {
    (0..DEVICES).map(move |device| At { person, device })
}

pub(crate) fn all_devices() -> impl Iterator<Item = At> {
    (0..PEOPLE).flat_map(devices_of)
}

impl Rules {
    pub(crate) fn new() -> Self {
        Self { people: (0..PEOPLE).map(|_| Person::default()).collect(), messages: Vec::new() }
    }

    fn device(&self, at: At) -> Option<&Device> {
        self.people[at.person].devices[at.device].as_ref()
    }

    fn change(&mut self, at: At, change: impl FnOnce(&mut Device)) {
        if let Some(device) = &mut self.people[at.person].devices[at.device] {
            change(device);
        }
    }

    pub(crate) fn is_connected(&self, at: At) -> bool {
        self.device(at).is_some_and(|device| !device.cut)
    }

    pub(crate) fn is_cut(&self, at: At) -> bool {
        self.device(at).is_some_and(|device| device.cut)
    }

    pub(crate) fn is_gone(&self, at: At) -> bool {
        self.device(at).is_none()
    }

    pub(crate) fn is_available(&self, at: At) -> bool {
        self.device(at).is_some_and(|device| device.priority.is_some())
    }

    pub(crate) fn is_inactive(&self, at: At) -> bool {
        self.device(at).is_some_and(|device| device.inactive)
    }

    pub(crate) fn receives(&self, at: At) -> bool {
        self.device(at).is_some_and(|device| device.receives)
    }

    /// What a device that has been told everything has of the list of contacts, if it has asked for it.
    pub(crate) fn list(&self, at: At) -> Option<BTreeMap<String, Shown>> {
        self.device(at).filter(|device| device.roster)?;
        let contacts = self.people[at.person].contacts.iter();
        Some(contacts.filter_map(|(contact, entry)| Some((bare(*contact), entry.shown()?))).collect())
    }

    /// Whom a device that has asked for it knows to be blocked.
    pub(crate) fn blocked(&self, at: At) -> Option<BTreeSet<String>> {
        self.device(at).filter(|device| device.hears_blocks)?;
        Some(self.people[at.person].blocks.iter().map(|person| bare(*person)).collect())
    }

    /// What a person's archive holds of messages with another, by sender in order.
    pub(crate) fn archive(&self, owner: usize, with: Option<usize>) -> Vec<(String, String)> {
        let archive = self.people[owner].archive.iter().map(|message| &self.messages[*message]);
        let among =
            |message: &&Kept| with.is_none_or(|with| [message.from.person, message.to].contains(&with));
        archive.filter(among).map(|message| (full(message.from), message.id.clone())).collect()
    }

    /// The device has told what it was told: it is on the client's side for good.
    pub(crate) fn taken(&mut self, at: At) -> Vec<Expected> {
        let mut expected = Vec::new();
        self.change(at, |device| expected = std::mem::take(&mut device.expected));
        for one in &expected {
            if let Event::Message { id, .. } = &one.event {
                let messages = &self.messages;
                self.people[at.person].waiting.retain(|message| messages[*message].id != *id);
            }
        }
        expected
    }

    fn tell(&mut self, at: At, event: Event, held_as: Option<String>) {
        self.change(at, |device| {
            let held_as = held_as.filter(|_| device.inactive);
            device.expected.push(Expected { event, held_as });
        });
    }

    fn tell_presence(&mut self, at: At, from: String, available: bool, status: String) {
        let held_as = Some(format!("presence {from}"));
        self.tell(at, Event::Presence { from, available, status }, held_as);
    }

    fn are_apart(&self, one: usize, other: usize) -> bool {
        self.people[one].blocks.contains(&other) || self.people[other].blocks.contains(&one)
    }

    fn available(&self, person: usize) -> Vec<At> {
        devices_of(person).filter(|at| self.is_available(*at)).collect()
    }

    /// Those who see a person, but for the person.
    fn watchers(&self, person: usize) -> Vec<usize> {
        let contacts = self.people[person].contacts.iter();
        contacts.filter(|(_, entry)| entry.from == Half::Yes).map(|(contact, _)| *contact).collect()
    }

    fn entry(&mut self, owner: usize, contact: usize) -> &mut Entry {
        self.people[owner].contacts.entry(contact).or_default()
    }

    // Sessions.

    pub(crate) fn sign_in(&mut self, at: At, roster: bool, hears_blocks: bool, carbons: bool) {
        self.people[at.person].sessions += 1;
        let session = self.people[at.person].sessions;
        let device = Device { session, roster, hears_blocks, carbons, ..Device::default() };
        self.people[at.person].devices[at.device] = Some(device);
    }

    pub(crate) fn sign_out(&mut self, at: At) {
        self.leave(at, "");
    }

    /// What the device was given and did not take goes to the person's other devices.
    pub(crate) fn expire(&mut self, at: At) {
        let left = self.leave(at, "");
        for one in left {
            let Event::Message { from, id, .. } = one.event else { continue };
            let waits = self.people[at.person].waiting.iter().any(|message| self.messages[*message].id == id);
            for other in devices_of(at.person).filter(|_| waits) {
                let late = Event::Message { from: from.clone(), id: id.clone(), late: true };
                let has = |device: &Device| {
                    let same = |one: &Expected| matches!(&one.event, Event::Message { id: other, .. } if *other == id);
                    device.expected.iter().any(same)
                };
                if self.receives(other) && self.device(other).is_some_and(|device| !has(device)) {
                    self.tell(other, late, None);
                }
            }
        }
    }

    fn leave(&mut self, at: At, status: &str) -> Vec<Expected> {
        let device = self.people[at.person].devices[at.device].take();
        let Some(device) = device else { return Vec::new() };
        if device.priority.is_some() {
            self.announce(at, false, status);
        }
        device.expected
    }

    /// Tells those who see a person, and the person's own devices.
    fn announce(&mut self, at: At, available: bool, status: &str) {
        let apart = |watcher: &usize| !self.are_apart(at.person, *watcher);
        let watchers: Vec<usize> = self.watchers(at.person).into_iter().filter(apart).collect();
        for person in watchers.into_iter().chain([at.person]) {
            for device in self.available(person) {
                self.tell_presence(device, full(at), available, status.to_owned());
            }
        }
    }

    pub(crate) fn cut(&mut self, at: At) {
        self.change(at, |device| device.cut = true);
    }

    /// Somebody looks at a new connection.
    pub(crate) fn resume(&mut self, at: At) {
        self.change(at, |device| (device.cut, device.inactive) = (false, false));
    }

    pub(crate) fn set_carbons(&mut self, at: At, enabled: bool) {
        self.change(at, |device| device.carbons = enabled);
    }

    pub(crate) fn set_inactive(&mut self, at: At, inactive: bool) {
        self.change(at, |device| device.inactive = inactive);
    }

    // Presence (RFC 6121 §4).

    pub(crate) fn set_available(&mut self, at: At, priority: i8, status: &str) {
        let first = !self.is_available(at);
        let received = self.receives(at);
        self.change(at, |device| {
            (device.priority, device.status) = (Some(priority), status.to_owned());
            device.receives = priority >= 0;
        });
        self.announce(at, true, status);
        if first {
            let contacts = self.people[at.person].contacts.clone();
            let watched =
                contacts.iter().filter(|(_, entry)| entry.to == Half::Yes).map(|(person, _)| *person);
            for person in watched.chain([at.person]) {
                for other in self.available(person).into_iter().filter(|other| *other != at) {
                    if !self.are_apart(at.person, person) {
                        self.show(other, at);
                    }
                }
            }
            for (asking, _) in contacts.iter().filter(|(_, entry)| entry.from == Half::Pending) {
                if !self.people[at.person].blocks.contains(asking) {
                    let action = Subscription::Subscribe;
                    self.tell(at, Event::Subscription { from: bare(*asking), action }, None);
                }
            }
        }
        if priority >= 0 && !received {
            let has = |device: &Device, wanted: &str| {
                device
                    .expected
                    .iter()
                    .any(|one| matches!(&one.event, Event::Message { id, .. } if id == wanted))
            };
            for message in self.people[at.person].waiting.clone() {
                let Kept { id, from, alone, copies, .. } = &self.messages[message];
                let session = self.device(at).map_or(0, |device| device.session);
                // Whoever has it and has not taken it may still do so.
                let is_left_to = |other: At| {
                    let holds = other != at && self.device(other).is_some_and(|device| has(device, id));
                    holds && (*alone == Some(other) || copies.contains(&session))
                };
                if devices_of(at.person).any(is_left_to) {
                    continue;
                }
                if self.device(at).is_some_and(|device| !has(device, id)) {
                    let event = Event::Message { from: full(*from), id: id.clone(), late: true };
                    self.tell(at, event, None);
                }
            }
        }
    }

    /// Shows a device how another is now.
    fn show(&mut self, whom: At, to: At) {
        let status = self.device(whom).map(|device| device.status.clone()).unwrap_or_default();
        self.tell_presence(to, full(whom), true, status);
    }

    pub(crate) fn set_unavailable(&mut self, at: At, status: &str) {
        self.change(at, |device| (device.priority, device.receives) = (None, false));
        self.tell_presence(at, full(at), false, status.to_owned());
        self.announce(at, false, status);
    }

    // Contacts (RFC 6121 §2, §3).

    pub(crate) fn put_contact(&mut self, owner: usize, contact: usize, name: &str) {
        let entry = self.entry(owner, contact);
        (entry.listed, entry.name) = (true, Some(name.to_owned()));
    }

    /// False where there is no such contact.
    pub(crate) fn remove_contact(&mut self, owner: usize, contact: usize) -> bool {
        let Some(entry) = self.people[owner].contacts.get(&contact).filter(|entry| entry.listed) else {
            return false;
        };
        let entry = entry.clone();
        self.people[owner].contacts.remove(&contact);
        if self.people[contact].blocks.contains(&owner) {
            return true;
        }
        let theirs = self.entry(contact, owner);
        theirs.from = Half::No;
        theirs.to = Half::No;
        if entry.to != Half::No {
            self.tell_subscription(owner, contact, Subscription::Unsubscribe);
        }
        if entry.from != Half::No {
            self.tell_subscription(owner, contact, Subscription::Unsubscribed);
        }
        if entry.from == Half::Yes {
            self.show_all(owner, contact, false);
        }
        if entry.to == Half::Yes {
            self.show_all(contact, owner, false);
        }
        true
    }

    /// False where the actor has blocked the other.
    pub(crate) fn subscription(&mut self, actor: usize, other: usize, action: Subscription) -> bool {
        if self.people[actor].blocks.contains(&other) {
            return false;
        }
        if !self.entry(actor, other).sends(action) {
            return true;
        }
        if self.people[other].blocks.contains(&actor) {
            let entry = self.entry(other, actor);
            if action == Subscription::Subscribe && entry.from == Half::No {
                entry.from = Half::Pending;
            }
            return true;
        }
        match self.entry(other, actor).hears(action) {
            Heard::Nothing => {}
            Heard::Answered => {
                let answer = Subscription::Subscribed;
                if self.entry(actor, other).hears(answer) != Heard::Nothing {
                    self.tell_subscription(other, actor, answer);
                }
                self.show_all(other, actor, true);
            }
            Heard::Told { ended } => {
                self.tell_subscription(actor, other, action);
                match action {
                    Subscription::Subscribed => self.show_all(actor, other, true),
                    Subscription::Unsubscribed if ended => self.show_all(actor, other, false),
                    Subscription::Unsubscribe if ended => self.show_all(other, actor, false),
                    _ => {}
                }
            }
        }
        true
    }

    fn tell_subscription(&mut self, from: usize, to: usize, action: Subscription) {
        if self.people[to].blocks.contains(&from) {
            return;
        }
        for at in devices_of(to) {
            let interested = self.device(at).is_some_and(|device| device.roster);
            if self.is_available(at) || (interested && action != Subscription::Subscribe) {
                self.tell(at, Event::Subscription { from: bare(from), action }, None);
            }
        }
    }

    /// Tells somebody of all devices of another, or that they are gone.
    fn show_all(&mut self, of: usize, to: usize, available: bool) {
        if self.are_apart(of, to) {
            return;
        }
        for device in self.available(of) {
            for watcher in self.available(to) {
                if available {
                    self.show(device, watcher);
                } else {
                    self.tell_presence(watcher, full(device), false, String::new());
                }
            }
        }
    }

    // Blocking (XEP-0191).

    pub(crate) fn block(&mut self, owner: usize, other: usize) {
        if !self.are_apart(owner, other) && self.watchers(owner).contains(&other) {
            self.show_all(owner, other, false);
        }
        self.people[owner].blocks.insert(other);
    }

    pub(crate) fn unblock(&mut self, owner: usize, other: usize) {
        if !self.people[owner].blocks.remove(&other) {
            return;
        }
        if !self.people[other].blocks.contains(&owner) {
            self.hear_what_was_unheard(owner, other);
        }
        if self.watchers(owner).contains(&other) {
            self.show_all(owner, other, true);
        }
        let sees = self.people[owner].contacts.get(&other).is_some_and(|entry| entry.to == Half::Yes);
        if !sees {
            return;
        }
        let visible = if self.are_apart(owner, other) { Vec::new() } else { self.available(other) };
        for watcher in self.available(owner) {
            for device in &visible {
                self.show(*device, watcher);
            }
            if visible.is_empty() {
                self.tell_presence(watcher, bare(other), false, String::new());
            }
        }
    }

    /// What somebody said while they were blocked is heard.
    fn hear_what_was_unheard(&mut self, owner: usize, other: usize) {
        let (mine, theirs) = (self.entry(owner, other).clone(), self.entry(other, owner).clone());
        match (mine.from, theirs.to) {
            (Half::No, _) | (_, Half::Yes) => {}
            (Half::Pending, Half::Pending) if !mine.approved => {
                self.tell_subscription(other, owner, Subscription::Subscribe);
            }
            (_, Half::Pending) => {
                self.subscription(other, owner, Subscription::Subscribe);
            }
            (_, Half::No) => {
                self.subscription(other, owner, Subscription::Unsubscribe);
            }
        }
        if mine.to == Half::Pending && theirs.from == Half::Yes {
            self.subscription(owner, other, Subscription::Subscribe);
        }
        if mine.to != Half::No && theirs.from == Half::No {
            self.subscription(owner, other, Subscription::Unsubscribe);
        }
    }

    // Messages (RFC 6121 §8.5, XEP-0160, XEP-0280, XEP-0313, XEP-0334).

    /// None where there is nothing to send.
    pub(crate) fn say(&mut self, saying: &Saying, id: String, again: bool) -> Option<Sent> {
        let sender = saying.at.person;
        let (to, device, own_id) = match saying.what {
            What::Again => {
                let (to, own_id) = self.people[sender].repeatable.clone().filter(|_| again)?;
                (to, None, own_id)
            }
            _ => (saying.to, saying.device, format!("own-{id}")),
        };
        let recipient = device.map_or(bare(to), |device| full(At { person: to, device }));
        let kind = match saying.what {
            What::Normal => "normal",
            What::Headline => "headline",
            _ => "chat",
        };
        let sent = Sent { children: children(saying.what, &id, &own_id), to: recipient, kind, id };
        if sender != to && self.people[sender].blocks.contains(&to) {
            self.refuse(saying.at, &sent.id, "not-acceptable");
        } else if sender != to && self.people[to].blocks.contains(&sender) {
            self.refuse(saying.at, &sent.id, "service-unavailable");
        } else if saying.what != What::Again {
            self.deliver(saying, to, &sent.id);
            if device.is_none() && saying.what == What::ChatWithReceipt {
                self.people[sender].just_sent = Some((to, own_id));
            }
        }
        Some(sent)
    }

    /// What was said together was taken.
    pub(crate) fn said(&mut self) {
        for person in &mut self.people {
            person.repeatable = person.just_sent.take().or(person.repeatable.take());
        }
    }

    pub(crate) fn refuse(&mut self, at: At, id: &str, condition: &str) {
        let (id, condition) = (id.to_owned(), condition.to_owned());
        self.tell(at, Event::Refused { id, condition }, None);
    }

    /// Whether one person is told of another's presence.
    fn is_seen_by(&self, person: usize, other: usize) -> bool {
        person == other || self.watchers(person).contains(&other)
    }

    fn deliver(&mut self, saying: &Saying, to: usize, id: &str) {
        let (what, from) = (saying.what, saying.at);
        let named = saying.device.map(|device| At { person: to, device });
        let given: Vec<At> = match named {
            Some(named) if !self.is_gone(named) => vec![named],
            Some(_) if what == What::Headline => Vec::new(),
            _ => devices_of(to).filter(|at| self.receives(*at)).collect(),
        };
        let held_as =
            |way: &str| (what == What::Typing).then(|| format!("typing {way} {} {}", from.person, to));
        if what == What::NotStored && given.is_empty() && self.is_seen_by(to, from.person) {
            return self.refuse(from, id, "service-unavailable");
        }
        let mut copies = Vec::new();
        for at in &given {
            let event = Event::Message { from: full(from), id: id.to_owned(), late: false };
            self.tell(*at, event, held_as("itself"));
        }
        if !matches!(what, What::Private | What::Headline) {
            let copy = |sent| Event::Copy { sent, from: full(from), id: id.to_owned() };
            let wants =
                |rules: &Self, at: At| at != from && rules.device(at).is_some_and(|device| device.carbons);
            for at in devices_of(to).filter(|at| !given.contains(at)) {
                if wants(self, at) {
                    copies.extend(self.device(at).map(|device| device.session));
                    self.tell(at, copy(false), held_as("received"));
                }
            }
            for at in devices_of(from.person).filter(|_| from.person != to) {
                if wants(self, at) {
                    self.tell(at, copy(true), held_as("sent"));
                }
            }
        }
        if !matches!(what, What::Headline | What::Typing | What::NotStored) {
            let message = self.messages.len();
            let alone = named.filter(|named| what == What::Private && given == [*named]);
            self.messages.push(Kept { id: id.to_owned(), from, to, alone, copies });
            self.people[to].waiting.push(message);
            if what != What::NotArchived {
                self.people[to].archive.push(message);
                if from.person != to {
                    self.people[from.person].archive.push(message);
                }
            }
        }
    }
}

fn children(what: What, id: &str, own_id: &str) -> String {
    // What is said again is said in the same words.
    let said = if what == What::Again { own_id.trim_start_matches("own-") } else { id };
    let body = format!("<body>{said}</body>");
    let hint = |name: &str| format!("{body}<{name} xmlns='urn:xmpp:hints'/>");
    match what {
        What::Chat | What::Normal | What::Headline => body,
        What::ChatWithReceipt | What::Again => format!(
            "{body}<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='{own_id}'/>"
        ),
        What::Typing => "<composing xmlns='http://jabber.org/protocol/chatstates'/>".to_owned(),
        What::Receipt => format!("<received xmlns='urn:xmpp:receipts' id='{id}'/>"),
        What::Private => "<private xmlns='urn:xmpp:carbons:2'/>".to_owned() + &hint("no-copy"),
        What::NotStored => hint("no-store"),
        What::NotArchived => hint("no-permanent-store"),
    }
}
