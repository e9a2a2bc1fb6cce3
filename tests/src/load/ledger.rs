use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use xmpp::{Element, namespace};

use super::{COUNTING, PLAIN};

/// What was accepted and what arrived. Every message has a text of its own: `from to number`.
#[derive(Debug, Default)]
pub struct Ledger {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The texts of what was accepted, by how it was sent.
    accepted: BTreeMap<&'static str, BTreeSet<String>>,
    /// Whatever came, in the order it came on the wire: by recipient, the id the service gave it and its text.
    received: BTreeMap<String, Vec<(String, String)>>,
    /// Alerts whose sending was accepted, by id.
    alerts: BTreeSet<String>,
    /// Alerts that came on the wire: recipient and id.
    alerts_received: Vec<(String, String)>,
    /// Answers that were accepted: recipient and id of the alert.
    confirmed: BTreeSet<(String, String)>,
}

/// How much it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages accepted.
    pub accepted: usize,
    /// Messages that arrived, each once for each recipient.
    pub received: usize,
    /// How often a message came on the wire that had come before.
    pub repeated: usize,
    /// Alerts accepted.
    pub alerts: usize,
    /// Answers to alerts accepted.
    pub confirmed: usize,
}

const ALERT: &str = "urn:messngr:alert:0";

impl Ledger {
    /// The sender was told that this is accepted; `way` is how it was sent.
    pub fn accepted(&self, way: &'static str, text: &str) {
        self.state().accepted.entry(way).or_default().insert(text.to_owned());
    }

    /// A stanza came. Returns the alert in it, and the choice to confirm it with, if it is one.
    pub fn received(&self, recipient: &str, stanza: &Element) -> Option<(String, String)> {
        if stanza.name() != "message" || stanza.attribute("type") == Some("error") {
            return None;
        }
        if let Some(alert) = stanza.child("alert", ALERT) {
            if alert.attribute("state") != Some("in-force") {
                return None;
            }
            let id = alert.attribute("id").expect("an alert has an id").to_owned();
            self.state().alerts_received.push((recipient.to_owned(), id.clone()));
            let choice = stanza.child("response", namespace::QUICK_RESPONSE)?.attribute("value")?;
            return Some((id, choice.to_owned()));
        }
        let body = stanza.child("body", namespace::CLIENT)?.text().into_owned();
        let text = body.lines().last().unwrap_or_default().to_owned();
        // What the service itself says is not counted.
        if text.split(' ').nth(1).is_none_or(|to| to != recipient) {
            return None;
        }
        let by = stanza.child("stanza-id", namespace::STANZA_ID);
        let id = by.and_then(|element| element.attribute("id")).expect("every message has an id");
        self.state().received.entry(recipient.to_owned()).or_default().push((id.to_owned(), text));
        None
    }

    /// The sending of an alert was accepted.
    pub fn alert_accepted(&self, id: &str) {
        self.state().alerts.insert(id.to_owned());
    }

    /// An answer to an alert was accepted.
    pub fn confirmed(&self, recipient: &str, alert: &str) {
        self.state().confirmed.insert((recipient.to_owned(), alert.to_owned()));
    }

    /// How many messages were accepted so far.
    pub fn accepted_count(&self) -> u64 {
        self.state().accepted.values().map(|texts| texts.len() as u64).sum()
    }

    /// How many messages were accepted that were sent in this way.
    pub fn accepted_by(&self, way: &str) -> usize {
        self.state().accepted.get(way).map_or(0, BTreeSet::len)
    }

    /// The texts of all that was accepted.
    pub fn accepted_texts(&self) -> BTreeSet<String> {
        self.state().accepted.values().flatten().cloned().collect()
    }

    /// What was accepted and did not arrive, alerts included.
    pub fn missing(&self) -> Vec<String> {
        let state = self.state();
        let received: BTreeSet<&String> = state.received.values().flatten().map(|(_, text)| text).collect();
        let messages = state.accepted.values().flatten().filter(|text| !received.contains(text)).cloned();
        let came = |to: &str, alert: &String| {
            state.alerts_received.iter().any(|(recipient, id)| recipient == to && id == alert)
        };
        let alerts = state.alerts.iter().flat_map(|alert| {
            let lacking = COUNTING.iter().chain(&PLAIN).filter(move |to| !came(to, alert));
            lacking.map(move |to| format!("alert {alert} to {to}"))
        });
        messages.chain(alerts).collect()
    }

    /// Alerts that somebody who answers every alert has not yet answered for good.
    pub fn unanswered(&self) -> Vec<(String, String)> {
        let state = self.state();
        let all = state
            .alerts
            .iter()
            .flat_map(|alert| COUNTING.iter().map(move |recipient| ((*recipient).to_owned(), alert.clone())));
        all.filter(|answer| !state.confirmed.contains(answer)).collect()
    }

    /// Texts that came to one person under two ids: for whoever looks at the ids they are two messages.
    pub fn doubled(&self) -> Vec<String> {
        let state = self.state();
        let mut ids: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
        for (id, text) in state.received.values().flatten() {
            ids.entry(text).or_default().insert(id);
        }
        ids.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(text, _)| text.clone()).collect()
    }

    /// What came to one person more than once on the wire.
    pub fn repeated(&self, recipient: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let state = self.state();
        let received = state.received.get(recipient).into_iter().flatten();
        received.filter(|(_, text)| !seen.insert(text)).map(|(_, text)| text.clone()).collect()
    }

    /// What came to one person after something that the same sender had sent later.
    pub fn out_of_order(&self, recipient: &str, sender: &str) -> Vec<String> {
        let state = self.state();
        let (mut last, mut wrong) = (0, Vec::new());
        for (_, text) in state.received.get(recipient).into_iter().flatten() {
            let mut words = text.split(' ');
            let (from, number) = (words.next(), words.nth(1).and_then(|number| number.parse::<u64>().ok()));
            let Some(number) = number.filter(|_| from == Some(sender)) else { continue };
            if number < last {
                wrong.push(text.clone());
            }
            last = last.max(number);
        }
        wrong
    }

    /// The alerts that were accepted.
    pub fn alerts(&self) -> BTreeSet<String> {
        self.state().alerts.clone()
    }

    /// How often an alert came to somebody on the wire.
    pub fn alert_came(&self, recipient: &str, alert: &str) -> usize {
        let state = self.state();
        state.alerts_received.iter().filter(|(to, id)| to == recipient && id == alert).count()
    }

    /// Whose answers to which alerts were accepted.
    pub fn confirmations(&self) -> BTreeSet<(String, String)> {
        self.state().confirmed.clone()
    }

    /// How much it was.
    pub fn totals(&self) -> Totals {
        let state = self.state();
        let all = state.received.values().map(Vec::len).sum::<usize>();
        let ids = |messages: &Vec<(String, String)>| {
            messages.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<String>>().len()
        };
        let received = state.received.values().map(ids).sum::<usize>();
        Totals {
            accepted: state.accepted.values().map(BTreeSet::len).sum(),
            received,
            repeated: all - received,
            alerts: state.alerts.len(),
            confirmed: state.confirmed.len(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, received, repeated, alerts, confirmed } = self;
        write!(
            formatter,
            "{accepted} messages accepted, {received} received, {repeated} repeated on the wire, \
             {alerts} alerts accepted, {confirmed} answers to alerts accepted"
        )
    }
}
