//! Playing one dialogue against a service.

use std::{collections::BTreeMap, path::PathBuf, sync::Mutex};

use xmpp::Element;

use super::{
    client::{Client, Event, written},
    pattern,
    script::{Action, Relation, Script, Stage, Step, Subject, Way},
    sign_in,
    transport::Transport,
    variables::{Variables, unescape},
};
use crate::{Program, Service};

/// The service that the dialogues of a group are played against.
pub(super) struct Stand {
    pub(super) service: Mutex<Service>,
    pub(super) program: Program,
    pub(super) plain: String,
    pub(super) tls: String,
    pub(super) authority: PathBuf,
}

/// Why a dialogue failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) line: usize,
    /// The step as it is written.
    pub(super) sentence: String,
    /// What was expected, what came, and where they differ.
    pub(super) why: String,
    /// Everything that was said until then, by everybody.
    pub(super) transcript: Vec<String>,
}

/// Plays a dialogue to its end, or to the first step that does not happen.
pub(super) fn play(stand: &Stand, script: &Script, variables: Variables) -> Result<(), Failure> {
    let mut player = Player { stand, variables, clients: BTreeMap::new() };
    for step in &script.steps {
        player.step(step).map_err(|why| Failure {
            line: step.line,
            sentence: step.sentence.clone(),
            why,
            transcript: player.transcript(),
        })?;
    }
    Ok(())
}

/// Who a connection belongs to, and what it is called.
type Key = (String, String);

struct Player<'a> {
    stand: &'a Stand,
    variables: Variables,
    clients: BTreeMap<Key, Client>,
}

impl Player<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match &step.action {
            Action::Relate { one, other, state } => self.relate(one, other, *state),
            Action::Open { subject, way, until } => self.open(subject, *way, until),
            Action::StartTls { subject } => self.start_tls(subject),
            Action::Send { subject, text, raw } => self.send(subject, text, *raw),
            Action::Receive { subject, expected, any_order } => self.receive(subject, expected, *any_order),
            Action::ReceiveNothing { subject } => {
                self.settle();
                let client = self.client(subject)?;
                nothing_left(client)
            }
            Action::NobodyReceivesMore => {
                self.settle();
                self.clients.iter_mut().try_for_each(|((name, label), client)| {
                    nothing_left(client).map_err(|came| format!("{name}/{label}: {came}"))
                })
            }
            Action::CatchUp { subject: Some(subject) } => {
                self.settle();
                self.client(subject)?.heard().clear();
                Ok(())
            }
            Action::CatchUp { subject: None } => {
                self.settle();
                self.clients.values_mut().for_each(|client| client.heard().clear());
                Ok(())
            }
            Action::Acknowledge { subject } => self.acknowledge(subject),
            Action::AnswerNoPings { subject } => {
                self.client(subject)?.answers_pings = false;
                Ok(())
            }
            Action::IsDisconnected { subject } => self.is_disconnected(subject),
            Action::SignOut { subject } => self.sign_out(subject),
            Action::Drop { subject } => {
                self.client(subject)?.drop_connection();
                Ok(())
            }
            Action::Administer { command, succeeds, says } => self.administer(command, *succeeds, says),
            Action::Restart { killed } => self.restart(*killed),
        }
    }

    /// The connection that is meant: by its label, or the only one that this person has.
    fn client(&mut self, subject: &Subject) -> Result<&mut Client, String> {
        let Subject { name, label } = subject;
        let mut fitting: Vec<(&Key, &mut Client)> = self
            .clients
            .iter_mut()
            .filter(|((owner, own), _)| owner == name && label.as_ref().is_none_or(|label| label == own))
            .collect();
        match fitting.len() {
            0 => Err(format!("{name} has no such connection")),
            1 => Ok(fitting.remove(0).1),
            _ => Err(format!("{name} has several connections: which one?")),
        }
    }

    fn open(&mut self, subject: &Subject, way: Way, until: &Stage) -> Result<(), String> {
        let stand = self.stand;
        let address = if way == Way::DirectTls { &stand.tls } else { &stand.plain };
        let error = |error: std::io::Error| format!("no connection: {error}");
        let mut client = Client::new(Transport::connect(address).map_err(error)?);
        match way {
            Way::Plain => {}
            Way::StartTls => {
                sign_in::open(&mut client)?;
                sign_in::ask_for_tls(&mut client)?;
                client.change(|transport| transport.into_tls(&stand.authority)).map_err(error)?;
            }
            Way::DirectTls => {
                client.change(|transport| transport.into_tls(&stand.authority)).map_err(error)?;
            }
        }
        let label = self.advance(&mut client, &subject.name, until)?;
        let label = subject.label.clone().or(label).unwrap_or_default();
        self.clients.insert((subject.name.clone(), label), client);
        Ok(())
    }

    /// Takes a connection as far as this, and returns the resource if it has one then.
    fn advance(&self, client: &mut Client, person: &str, until: &Stage) -> Result<Option<String>, String> {
        let (name, password) = (self.variables.name(person), self.variables.password(person));
        let resource = match until {
            Stage::Connected => return Ok(None),
            Stage::Opened => return sign_in::open(client).map(|()| None),
            Stage::Authenticated { mechanism } => {
                sign_in::open(client)?;
                return sign_in::authenticate(client, mechanism, &name, &password).map(|()| None);
            }
            Stage::Bound { resource } | Stage::Available { resource, .. } => resource,
        };
        sign_in::open(client)?;
        let mechanism =
            if client.transport().is_some_and(Transport::is_encrypted) { "SCRAM-SHA-256" } else { "PLAIN" };
        sign_in::authenticate(client, mechanism, &name, &password)?;
        client.address = Some(sign_in::bind(client, resource)?);
        if let Stage::Available { priority, .. } = until {
            client.write(b"<iq type='get' id='contacts'><query xmlns='jabber:iq:roster'/></iq>");
            let priority = match priority {
                0 => String::new(),
                other => format!("<priority>{other}</priority>"),
            };
            client.write(format!("<presence>{priority}</presence>").as_bytes());
            client.settle();
            if !priority.starts_with("<priority>-") {
                client.hear_oneself()?;
            }
            let is_list = |event: &Event| matches!(event, Event::Element(element) if element.attribute("id") == Some("contacts"));
            client.heard().retain(|event| !is_list(event));
        }
        Ok(Some(resource.clone()))
    }

    fn start_tls(&mut self, subject: &Subject) -> Result<(), String> {
        let authority = self.stand.authority.clone();
        let client = self.client(subject)?;
        client.change(|transport| transport.into_tls(&authority)).map_err(|error| format!("no TLS: {error}"))
    }

    fn send(&mut self, subject: &Subject, text: &str, raw: bool) -> Result<(), String> {
        let (sent, received) = self.counts(subject)?;
        let text = self.variables.fill(text, sent, received)?;
        let bytes = if raw { unescape(&text)? } else { text.into_bytes() };
        self.client(subject)?.write(&bytes);
        Ok(())
    }

    fn receive(&mut self, subject: &Subject, expected: &str, any_order: bool) -> Result<(), String> {
        let (sent, received) = self.counts(subject)?;
        let filled = self.variables.fill(expected, sent, received)?;
        let mut missing = pattern::parse(&filled)?;
        let mut variables = self.variables.clone();
        let client = self.client(subject)?;
        while !missing.is_empty() {
            let candidates = if any_order { missing.len() } else { 1 };
            let Some(event) = client.next() else {
                return Err(format!("{}came:     nothing", listed(&missing[..candidates])));
            };
            match take(&mut missing, candidates, &event, &mut variables) {
                Ok(()) => {}
                Err(_) if client.is_usual(&event) => {}
                Err(difference) => {
                    return Err(format!(
                        "{}came:     {event}\nbecause:  {difference}",
                        listed(&missing[..candidates])
                    ));
                }
            }
        }
        self.variables = variables;
        Ok(())
    }

    fn counts(&mut self, subject: &Subject) -> Result<(u32, u32), String> {
        let client = self.client(subject)?;
        Ok((client.sent, client.received))
    }

    /// Everybody hears what was on its way: once for what each has said, and once more for what that has caused.
    fn settle(&mut self) {
        for _ in 0..2 {
            self.clients.values_mut().for_each(Client::settle);
        }
    }

    /// Waits until the service knows that what it has written so far has arrived.
    fn acknowledge(&mut self, subject: &Subject) -> Result<(), String> {
        let (_, received) = self.counts(subject)?;
        let client = self.client(subject)?;
        if client.is_counting() {
            client.write(format!("<a xmlns='urn:xmpp:sm:3' h='{received}'/>").as_bytes());
        } else {
            client.await_question()?;
        }
        client.settle();
        Ok(())
    }

    fn is_disconnected(&mut self, subject: &Subject) -> Result<(), String> {
        let client = self.client(subject)?;
        for expected in [Event::Closed, Event::Gone] {
            loop {
                match client.next() {
                    Some(event) if event == expected => break,
                    Some(event) if client.is_usual(&event) => {}
                    Some(event) => return Err(format!("expected: {expected}\ncame:     {event}")),
                    None => return Err(format!("expected: {expected}\ncame:     nothing")),
                }
            }
        }
        Ok(())
    }

    fn sign_out(&mut self, subject: &Subject) -> Result<(), String> {
        let client = self.client(subject)?;
        client.write(b"</stream:stream>");
        loop {
            match client.next() {
                Some(Event::Gone) => return Ok(()),
                Some(_) => {}
                None => return Err("the service does not close the connection".to_owned()),
            }
        }
    }

    fn administer(&mut self, command: &str, succeeds: bool, says: &str) -> Result<(), String> {
        let command = self.variables.fill(command, 0, 0)?;
        let output = self.stand.program.run(&words(&command).iter().map(String::as_str).collect::<Vec<_>>());
        let said = format!("{}{}", output.stdout, output.stderr);
        if (output.code == 0) != succeeds {
            return Err(format!("exit code {}: {said}", output.code));
        }
        for line in says.lines() {
            let expected = self.variables.fill(line, 0, 0)?;
            if !said.contains(&expected) {
                return Err(format!("expected: {expected}\ncame:     {said}"));
            }
        }
        Ok(())
    }

    fn restart(&mut self, killed: bool) -> Result<(), String> {
        let mut service = self.stand.service.lock().map_err(|_| "the service was lost")?;
        if killed {
            service.kill();
        } else {
            service.stop();
        }
        service.launch();
        Ok(())
    }

    /// Brings two people into a state as they would themselves, while neither is available.
    fn relate(&mut self, one: &str, other: &str, state: Relation) -> Result<(), String> {
        let mut clients = Vec::new();
        for person in [one, other] {
            let mut client =
                Client::new(Transport::connect(&self.stand.plain).map_err(|error| error.to_string())?);
            let until = Stage::Bound { resource: "before".to_owned() };
            self.advance(&mut client, person, &until)?;
            clients.push((client, self.variables.address(person)));
        }
        let mut say = |who: usize, kind: &str| {
            let to = clients[1 - who].1.clone();
            let client = &mut clients[who].0;
            client.write(format!("<presence to='{to}' type='{kind}'/>").as_bytes());
            client.settle();
        };
        if state.to {
            say(0, "subscribe");
            say(1, "subscribed");
        }
        if state.from {
            say(1, "subscribe");
            say(0, "subscribed");
        }
        if state.pending_out {
            say(0, "subscribe");
        }
        if state.pending_in {
            say(1, "subscribe");
        }
        for (client, _) in &mut clients {
            client.write(b"</stream:stream>");
            while !matches!(client.next(), None | Some(Event::Gone)) {}
        }
        Ok(())
    }

    fn transcript(&self) -> Vec<String> {
        let lines = self.clients.iter().flat_map(|((name, label), client)| {
            client.transcript.iter().map(move |line| format!("{name}/{label} {}", short(line)))
        });
        lines.collect()
    }
}

/// Takes out the pattern that an event matches, among the first ones.
fn take(
    missing: &mut Vec<Element>,
    candidates: usize,
    event: &Event,
    variables: &mut Variables,
) -> Result<(), String> {
    let Event::Element(element) = event else { return Err("that is no element".to_owned()) };
    let mut difference = String::new();
    for position in 0..candidates {
        match pattern::compare(&missing[position], element, variables) {
            Ok(()) => {
                missing.remove(position);
                return Ok(());
            }
            Err(why) => difference = why,
        }
    }
    Err(difference)
}

fn listed(patterns: &[Element]) -> String {
    patterns.iter().map(|pattern| format!("expected: {}\n", short(&written(pattern)))).collect()
}

fn nothing_left(client: &mut Client) -> Result<(), String> {
    let usual = |client: &Client, event: &Event| client.is_usual(event);
    let events: Vec<Event> = client.heard().iter().cloned().collect();
    match events.iter().find(|event| !usual(client, event)) {
        Some(event) => Err(format!("expected: nothing\ncame:     {event}")),
        None => Ok(()),
    }
}

/// The words of a command; single quotes hold words together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in command.split('\'').enumerate() {
        if position % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn short(line: &str) -> String {
    const SHOWN: usize = 600;
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &line[..end], line.len()),
        None => line.to_owned(),
    }
}
