//! People on a service, whose clients are told what the rules say, or not.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use xmpp::namespace;

use super::{
    action::{Action, At, PEOPLE, Saying, What},
    device::Device,
    event::compare,
    rules::{Rules, all_devices, bare, full},
    xmpp_people::House,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// A service, its people, and what is to be true of them.
pub(crate) struct World {
    house: House,
    rules: Rules,
    devices: BTreeMap<At, Device>,
    archive: bool,
    steps: usize,
}

/// Does everything in order, and says what was not as it should be.
pub(crate) async fn run(actions: &[Action], archive: bool) -> Result<(), String> {
    let names: Vec<String> = (0..PEOPLE).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let house = House::with(&names, archive).await;
    let mut world = World { house, rules: Rules::new(), devices: BTreeMap::new(), archive, steps: 0 };
    for (index, action) in actions.iter().enumerate() {
        let done = world.step(action).await;
        done.map_err(|error| format!("after action {index}, {action:?}:\n{error}"))?;
    }
    world.check(true, &BTreeSet::new()).await
}

fn name(person: usize) -> String {
    format!("p{person}")
}

impl World {
    async fn step(&mut self, action: &Action) -> Result<(), String> {
        self.steps += 1;
        let Some(actors) = self.act(action).await? else { return Ok(()) };
        for at in &actors {
            if let Some(device) = self.devices.get_mut(at).filter(|_| self.rules.is_connected(*at)) {
                device.settle().await;
            }
        }
        self.wait_until_caught_up().await;
        self.check(self.steps.is_multiple_of(16), &actors).await
    }

    /// Sessions that begin to take messages have been given those that waited.
    async fn wait_until_caught_up(&self) {
        let wanted: BTreeSet<String> =
            all_devices().filter(|at| self.rules.receives(*at)).map(full).collect();
        let caught_up = async {
            loop {
                let views = self.house.hub.sessions().into_iter().filter(|view| view.receives);
                let there: BTreeSet<String> =
                    views.map(|view| format!("{}/{}", view.address, view.resource)).collect();
                if wanted.is_subset(&there) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, caught_up).await.expect("sessions catch up");
    }

    /// Every client was told what it should be. Those that nobody looks at are left alone, unless all are wanted, so
    /// that what is held back for them stays so.
    async fn check(&mut self, all: bool, actors: &BTreeSet<At>) -> Result<(), String> {
        for (at, device) in &mut self.devices {
            let quiet = self.rules.is_inactive(*at) && !all && !actors.contains(at);
            if quiet || !self.rules.is_connected(*at) {
                continue;
            }
            let came = device.hear().await;
            compare(&self.rules.taken(*at), &came).map_err(|error| format!("{}: {error}", full(*at)))?;
            if let Some(list) = self.rules.list(*at).filter(|list| *list != device.list) {
                return Err(format!("{} has the list {:#?} and not {list:#?}", full(*at), device.list));
            }
            if let Some(blocked) = self.rules.blocked(*at).filter(|blocked| *blocked != device.blocked) {
                return Err(format!("{} has blocked {:?} and not {blocked:?}", full(*at), device.blocked));
            }
        }
        for at in actors {
            if let Some(device) = self.devices.get_mut(at).filter(|_| self.rules.is_connected(*at)) {
                device.wait_until_taken().await;
            }
        }
        Ok(())
    }

    /// Does it, on the service and by the rules. Says who did it; none where it makes no sense now.
    async fn act(&mut self, action: &Action) -> Result<Option<BTreeSet<At>>, String> {
        let one = |at: &At| Some(BTreeSet::from([*at]));
        match action {
            Action::SignIn { at, .. } if !self.rules.is_gone(*at) => return Ok(None),
            Action::SignIn { at, roster, blocks, carbons } => {
                self.sign_in(*at, *roster, *blocks, *carbons).await;
                return Ok(one(at));
            }
            Action::Resume(at) if self.rules.is_cut(*at) => {
                self.rules.resume(*at);
                if let Some(device) = self.devices.get_mut(at) {
                    device.resume(&self.house).await;
                }
                return Ok(one(at));
            }
            Action::Expire(at) if self.rules.is_cut(*at) => {
                self.expire(*at).await;
                return Ok(one(at));
            }
            Action::Say(sayings) => return Ok(Some(self.say(sayings).await)),
            Action::Resume(_) | Action::Expire(_) => return Ok(None),
            _ => {}
        }
        let at = action.at();
        if !self.rules.is_connected(at) {
            return Ok(None);
        }
        let id = format!("p{}", self.steps);
        match action {
            Action::Available { priority, .. } => {
                self.rules.set_available(at, *priority, &id);
                let presence =
                    format!("<presence><priority>{priority}</priority><status>{id}</status></presence>");
                self.send(at, &presence).await;
            }
            Action::Unavailable(_) => {
                if !self.rules.is_available(at) {
                    return Ok(None);
                }
                self.rules.set_unavailable(at, &id);
                self.send(at, &format!("<presence type='unavailable'><status>{id}</status></presence>"))
                    .await;
            }
            Action::SignOut(_) => {
                self.hear(at).await?;
                self.rules.sign_out(at);
                if let Some(device) = self.devices.remove(&at) {
                    device.sign_out().await;
                }
                // The service ends the session after it has closed the stream.
                let connected = self.devices.keys().filter(|at| self.rules.is_connected(**at)).count();
                self.house.until_connections_are(connected).await;
            }
            Action::Cut(_) => {
                self.hear(at).await?;
                self.rules.cut(at);
                self.devices.entry(at).and_modify(Device::cut);
            }
            Action::Subscription { other, action, .. } => {
                if !self.rules.subscription(at.person, *other, *action) {
                    self.rules.refuse(at, &id, "not-acceptable");
                }
                let (to, kind) = (bare(*other), action.name());
                self.send(at, &format!("<presence to='{to}' type='{kind}' id='{id}'/>")).await;
            }
            Action::PutContact { other, .. } => {
                self.rules.put_contact(at.person, *other, &id);
                self.change_contact(at, *other, &format!("name='{id}'")).await;
            }
            Action::RemoveContact { other, .. } => {
                let there = self.rules.remove_contact(at.person, *other);
                if self.change_contact(at, *other, "subscription='remove'").await != there {
                    return Err(format!("removing a contact: {there} was expected"));
                }
            }
            Action::Carbons { enabled, .. } => {
                self.rules.set_carbons(at, *enabled);
                self.set_carbons(at, *enabled).await;
            }
            Action::Block { other, .. } => {
                self.rules.block(at.person, *other);
                self.ask_about(at, "block", *other).await;
            }
            Action::Unblock { other, .. } => {
                self.rules.unblock(at.person, *other);
                self.ask_about(at, "unblock", *other).await;
            }
            Action::Looks { inactive, .. } => {
                self.rules.set_inactive(at, *inactive);
                let state = if *inactive { "inactive" } else { "active" };
                self.send(at, &format!("<{state} xmlns='urn:xmpp:csi:0'/>")).await;
            }
            Action::ReadArchive { with, .. } => self.read_archive(at, *with).await?,
            _ => {}
        }
        Ok(one(&at))
    }

    fn device(&mut self, at: At) -> &mut Device {
        self.devices.get_mut(&at).expect("the device has a session")
    }

    async fn send(&mut self, at: At, text: &str) {
        self.device(at).send(text).await;
    }

    async fn hear(&mut self, at: At) -> Result<(), String> {
        let came = self.device(at).hear().await;
        compare(&self.rules.taken(at), &came).map_err(|error| format!("{}: {error}", full(at)))
    }

    async fn sign_in(&mut self, at: At, roster: bool, blocks: bool, carbons: bool) {
        let mut device = Device::sign_in(&self.house, &name(at.person), &format!("d{}", at.device)).await;
        if roster {
            device.read_list().await;
        }
        if blocks {
            device.read_blocked().await;
        }
        self.rules.sign_in(at, roster, blocks, carbons);
        self.devices.insert(at, device);
        if carbons {
            self.set_carbons(at, true).await;
        }
    }

    async fn set_carbons(&mut self, at: At, enabled: bool) {
        let name = if enabled { "enable" } else { "disable" };
        self.device(at).ask("set", &format!("<{name} xmlns='urn:xmpp:carbons:2'/>")).await;
    }

    async fn expire(&mut self, at: At) {
        let address = domain::Address::parse(&bare(at.person)).expect("an address");
        if let Some(session) = self.house.hub.session_named(&address, &format!("d{}", at.device)) {
            self.house.hub.end_session(&session).await;
        }
        self.rules.expire(at);
        self.devices.remove(&at);
    }

    async fn change_contact(&mut self, at: At, other: usize, attributes: &str) -> bool {
        let jid = bare(other);
        let query = format!("<query xmlns='jabber:iq:roster'><item jid='{jid}' {attributes}/></query>");
        self.device(at).ask("set", &query).await.0.attribute("type") == Some("result")
    }

    async fn ask_about(&mut self, at: At, what: &str, other: usize) {
        let jid = bare(other);
        self.device(at)
            .ask("set", &format!("<{what} xmlns='urn:xmpp:blocking'><item jid='{jid}'/></{what}>"))
            .await;
    }

    /// Several say something at once.
    async fn say(&mut self, sayings: &[Saying]) -> BTreeSet<At> {
        let (mut actors, mut typing) = (BTreeSet::new(), BTreeSet::new());
        for (index, saying) in sayings.iter().enumerate() {
            // Which of two that type at once is the last, nobody can say.
            let first = saying.what != What::Typing || typing.insert(saying.at.person);
            if !first || !self.rules.is_connected(saying.at) {
                continue;
            }
            let id = format!("m{}.{index}", self.steps);
            let Some(sent) = self.rules.say(saying, id, self.archive) else { continue };
            let (id, to, kind, children) = (sent.id, sent.to, sent.kind, sent.children);
            let message = format!("<message type='{kind}' id='{id}' to='{to}'>{children}</message>");
            self.send(saying.at, &message).await;
            actors.insert(saying.at);
        }
        self.rules.said();
        actors
    }

    /// The archive holds what it should, in the order of each sender.
    async fn read_archive(&mut self, at: At, with: Option<usize>) -> Result<(), String> {
        if !self.archive {
            return Ok(());
        }
        let field = |name: &str, value: &str| format!("<field var='{name}'><value>{value}</value></field>");
        let with_field = with.map(|with| field("with", &bare(with))).unwrap_or_default();
        let form = field("FORM_TYPE", namespace::ARCHIVE) + &with_field;
        let (mut held, mut after) = (Vec::new(), String::new());
        loop {
            let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>7</max>{after}</set>");
            let query = format!(
                "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>{form}</x>{set}</query>"
            );
            let (end, results) = self.device(at).ask("set", &query).await;
            for result in &results {
                let message = result
                    .child("forwarded", namespace::FORWARD)
                    .and_then(|forwarded| forwarded.child("message", namespace::CLIENT));
                let attribute =
                    |name| message.and_then(|message| message.attribute(name)).unwrap_or_default().to_owned();
                held.push((attribute("from"), attribute("id")));
                after = format!("<after>{}</after>", result.attribute("id").unwrap_or_default());
            }
            let complete = end.child("fin", namespace::ARCHIVE).and_then(|fin| fin.attribute("complete"));
            if complete == Some("true") {
                break;
            }
            if results.is_empty() {
                return Err(format!("the archive of {} has no end: {end:?}", full(at)));
            }
        }
        let mut wanted = self.rules.archive(at.person, with);
        // Only the order of one sender is known; sorting by sender keeps it.
        wanted.sort_by(|one, other| one.0.cmp(&other.0));
        held.sort_by(|one, other| one.0.cmp(&other.0));
        if held == wanted {
            Ok(())
        } else {
            Err(format!("{} archived {held:#?} and not {wanted:#?}", full(at)))
        }
    }
}
