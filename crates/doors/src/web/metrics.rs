//! What can be measured, as Prometheus reads it (text format 0.0.4). Nothing is kept for it: it is asked for when
//! somebody reads it.

use std::fmt::Write;

use super::{WebDoor, traffic::CLASSES};

/// The media type.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All of it now.
pub(super) fn text(door: &WebDoor) -> String {
    let (hub, gate, status) = (door.service.hub(), door.gate.status(), door.service.status());
    let counters = hub.counters();
    let listening = status.listening.iter().filter(|row| row.address.is_some()).count();
    let mut text = Metrics::default();
    let version = format!("version=\"{}\"", status.about.version);
    text.gauge("messngr_info", "The program that runs.", [(version.as_str(), 1)]);
    text.gauge(
        "messngr_start_time_seconds",
        "When it was started, in seconds since 1970.",
        [("", u64::try_from(status.about.started_at.as_second()).unwrap_or(0))],
    );
    text.gauge("messngr_accounts", "Accounts.", [("", status.accounts as u64)]);
    text.gauge("messngr_sessions", "Sessions now.", [("", status.sessions as u64)]);
    text.gauge("messngr_connections", "Connections now, over all doors.", [("", gate.connections as u64)]);
    text.gauge("messngr_listening", "Addresses that are listened on.", [("", listening as u64)]);
    text.counter(
        "messngr_messages_total",
        "Messages, by what policy said.",
        [
            ("verdict=\"allowed\"", counters.messages_allowed.value()),
            ("verdict=\"refused\"", counters.messages_refused.value()),
        ],
    );
    let strangers = counters.strangers_refused.values();
    let reasons = strangers.map(|(why, _)| format!("reason=\"{}\"", why.name()));
    text.counter(
        "messngr_strangers_refused_total",
        "What came from old machines, which prove nobody, and was not taken, by the reason.",
        reasons.iter().map(String::as_str).zip(strangers.map(|(_, count)| count)),
    );
    text.counter(
        "messngr_connections_refused_total",
        "Connections closed unread, by the reason.",
        [
            ("reason=\"network\"", gate.refused_outside),
            ("reason=\"connections\"", gate.refused_connections),
            ("reason=\"connections-of-address\"", gate.refused_connections_of_address),
            ("reason=\"connections-of-account\"", gate.refused_connections_of_account),
        ],
    );
    text.counter("messngr_sign_ins_failed_total", "Sign-ins that failed.", [("", gate.failed_sign_ins)]);
    let answers = door.traffic.answers();
    let labels = CLASSES.map(|class| format!("class=\"{class}\""));
    let answers = labels.iter().map(String::as_str).zip(answers);
    text.counter("messngr_http_answers_total", "Answers of the web door, by their status.", answers);
    text.0
}

#[derive(Default)]
struct Metrics(String);

impl Metrics {
    fn gauge<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (&'a str, u64)>) {
        self.write(name, "gauge", help, samples);
    }

    fn counter<'a>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (&'a str, u64)>) {
        self.write(name, "counter", help, samples);
    }

    fn write<'a>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        samples: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        for (labels, value) in samples {
            let _ = match labels {
                "" => writeln!(self.0, "{name} {value}"),
                labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
            };
        }
    }
}
