//! What is measured.

use clap::ValueEnum;

use super::contestants::{Contestant, Preparation, Product};

/// How many pairs talk.
const PAIRS: usize = 50;

/// A measurement, as `--case` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Case {
    /// 50 pairs, one message under way each
    #[value(name = "chat-1")]
    Chat1,
    /// 50 pairs, ten messages under way each
    #[value(name = "chat-10")]
    Chat10,
    /// chat-1 over TLS
    #[value(name = "chat-1-tls")]
    Chat1Tls,
    /// chat-10 over TLS
    #[value(name = "chat-10-tls")]
    Chat10Tls,
    /// 50 pairs, 1,000 messages a second together
    #[value(name = "rate-1000")]
    Rate1000,
    /// 50 pairs, 5,000 messages a second together
    #[value(name = "rate-5000")]
    Rate5000,
    /// Signing in by SCRAM-SHA-1 in the clear
    SignInScram,
    /// Signing in by PLAIN in the clear
    SignInPlain,
    /// Signing in by SCRAM-SHA-1 over TLS, with a whole handshake each time
    SignInTls,
    /// One text to 10,000 people
    Alert,
    /// From the start of the program to the first answer, and memory at rest
    Start,
    /// Sessions that say nothing
    Idle,
    /// Sessions over TLS that say nothing
    IdleTls,
    /// 5,000 people with 50 contacts each sign in within ten seconds
    Storm,
    /// Pages of 50 messages out of an archive of a million
    ArchivePage,
    /// One alert to 100,000 accounts while 50 pairs talk
    AlertMany,
    /// 10,000 people confirm an alert to 100,000 accounts within ten seconds while 50 pairs talk
    Confirmations,
    /// Pages of the report of an alert to 100,000 accounts
    ReportPage,
    /// A browser shows the chats of somebody who was never here, and a conversation of 100,000 messages
    Browser,
    /// Pages of browsers that only listen
    IdleBrowser,
    /// Windows computers send 1,000 messages a second to people
    NetSend,
}

/// The figure that a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    /// As the load generator calls it.
    pub(super) key: &'static str,
    /// What it is, for people.
    pub(super) title: &'static str,
    pub(super) unit: Unit,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Microseconds,
    Milliseconds,
    /// Bytes, written as KiB.
    Kibibytes,
    /// Bytes, written as thousands of them.
    Kilobytes,
    /// Bytes, written as millions of them.
    Megabytes,
    /// How many times something else.
    Times,
}

impl Unit {
    /// The figure as people read it.
    pub(super) fn write(self, figure: f64) -> String {
        match self {
            Self::Microseconds => format!("{figure:.1} µs"),
            Self::Milliseconds => format!("{figure:.2} ms"),
            Self::Kibibytes => format!("{:.1} KiB", figure / 1_024.0),
            Self::Kilobytes => format!("{:.1} kB", figure / 1e3),
            Self::Megabytes => format!("{:.1} MB", figure / 1e6),
            Self::Times => format!("{figure:.2} ×"),
        }
    }
}

/// Whether figures are wanted, or only whether everything works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Whole,
    /// A hundredth of the people, and a second of each load.
    Quick,
}

impl Size {
    fn people(self, whole: usize) -> usize {
        match self {
            Self::Whole => whole,
            Self::Quick => (whole / 100).max(10),
        }
    }

    fn seconds(self, whole: u64) -> u64 {
        match self {
            Self::Whole => whole,
            Self::Quick => 1,
        }
    }
}

impl Case {
    /// The name in files and on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The name for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Chat1 => "chat, window 1",
            Self::Chat10 => "chat, window 10",
            Self::Chat1Tls => "chat, window 1, TLS",
            Self::Chat10Tls => "chat, window 10, TLS",
            Self::Rate1000 => "chat, 1,000/s",
            Self::Rate5000 => "chat, 5,000/s",
            Self::SignInScram => "sign-in, SCRAM-SHA-1",
            Self::SignInPlain => "sign-in, PLAIN",
            Self::SignInTls => "sign-in, SCRAM-SHA-1, TLS",
            Self::Alert => "alert to 10,000",
            Self::Start => "start",
            Self::Idle => "idle sessions",
            Self::IdleTls => "idle sessions, TLS",
            Self::Storm => "5,000 sign in within 10 s",
            Self::ArchivePage => "archive page",
            Self::AlertMany => "alert to 100,000 accounts",
            Self::Confirmations => "10,000 confirm within 10 s",
            Self::ReportPage => "report page",
            Self::Browser => "browser, long conversation",
            Self::IdleBrowser => "idle pages of browsers",
            Self::NetSend => "NET SEND, 1,000/s",
        }
    }

    /// Whether it is measured once, however many rounds there are: it takes long, or hardly varies.
    pub(super) fn is_measured_once(self) -> bool {
        let is_large = matches!(self, Self::Idle | Self::IdleTls | Self::Storm | Self::ArchivePage);
        is_large || self == Self::Browser || self.asks_the_interface()
    }

    /// Whether the load asks the HTTP interface, which the others do not have.
    pub(super) fn asks_the_interface(self) -> bool {
        matches!(self, Self::AlertMany | Self::Confirmations | Self::ReportPage | Self::IdleBrowser)
    }

    /// Whether it makes sense for this one. Bare lines know neither TLS nor contacts; archives are compared where
    /// they work.
    pub(super) fn is_for(self, contestant: Contestant) -> bool {
        let is_relay = contestant.product() == Product::Relay;
        let is_own = contestant.product() == Product::Messngr;
        let archives = contestant.archives();
        match self {
            Self::Chat1 | Self::Chat10 | Self::Rate1000 => true,
            Self::Rate5000 => is_own || !archives,
            Self::Chat1Tls | Self::Chat10Tls => !is_relay && (is_own || !archives),
            Self::Alert => !archives,
            Self::ArchivePage => archives,
            Self::SignInScram | Self::SignInPlain | Self::SignInTls => !is_relay && !archives,
            Self::Start | Self::Idle | Self::IdleTls | Self::Storm => !is_relay && !archives,
            // An alert is kept whether messages are or not: the archive matters to those who talk meanwhile.
            Self::AlertMany | Self::Confirmations => is_own,
            Self::ReportPage | Self::IdleBrowser => is_own && !archives,
            // There is no conversation to open where nothing is kept.
            Self::Browser => is_own && archives,
            Self::NetSend => is_own,
        }
    }

    /// What it is about.
    pub(super) fn figure(self) -> Figure {
        let (key, title, unit) = match self {
            Self::Chat1 | Self::Chat10 | Self::Chat1Tls | Self::Chat10Tls => {
                ("server_microseconds", "server CPU per message", Unit::Microseconds)
            }
            Self::Rate1000 | Self::Rate5000 | Self::NetSend => {
                ("p99_milliseconds", "sent to received, p99", Unit::Milliseconds)
            }
            Self::SignInScram | Self::SignInPlain | Self::SignInTls => {
                ("server_microseconds", "server CPU per sign-in", Unit::Microseconds)
            }
            Self::Alert => ("spread_milliseconds", "first to last received", Unit::Milliseconds),
            Self::Start => ("ready_milliseconds", "start to first answer", Unit::Milliseconds),
            Self::Idle | Self::IdleTls | Self::IdleBrowser => {
                ("bytes_per_session", "memory per session", Unit::Kibibytes)
            }
            Self::Storm => {
                ("after_last_sign_in_milliseconds", "last sign-in to last presence", Unit::Milliseconds)
            }
            Self::ArchivePage => ("p50_milliseconds", "a page, p50", Unit::Milliseconds),
            Self::AlertMany => ("accepted_milliseconds", "sent to accepted", Unit::Milliseconds),
            Self::Confirmations => {
                ("acknowledged_milliseconds", "first to last acknowledged", Unit::Milliseconds)
            }
            Self::ReportPage => ("p99_milliseconds", "a page, p99", Unit::Milliseconds),
            Self::Browser => ("open_milliseconds", "click to last message shown", Unit::Milliseconds),
        };
        Figure { key, title, unit }
    }

    /// Whom the server has to know.
    pub(super) fn preparation(self, contestant: Contestant, size: Size) -> Preparation {
        let (people, contacts) = match self {
            Self::Alert => (size.people(10_000) + 1, 0),
            Self::Storm => (size.people(5_000), 50),
            Self::Idle | Self::IdleTls => (self.steps(contestant, size).last().unwrap_or(&0) + 1, 0),
            Self::AlertMany | Self::Confirmations | Self::ReportPage => (size.people(100_000), 0),
            _ => (1_001, 0),
        };
        Preparation { people, contacts: contacts.min(people / 4 * 2) }
    }

    /// The load generator's words for it.
    pub(super) fn arguments(self, contestant: Contestant, size: Size) -> Vec<String> {
        let prepared = self.preparation(contestant, size);
        let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let chat = |rest: &[&str]| {
            let (pairs, seconds) = (PAIRS.to_string(), size.seconds(3).to_string());
            text(&[&["chat", "--pairs", &pairs, "--seconds", &seconds], rest].concat())
        };
        let sign_ins =
            |rest: &[&str]| text(&[&["sign-ins", "--people", &size.people(500).to_string()], rest].concat());
        let idle = |rest: &[&str]| {
            let steps: Vec<_> = self.steps(contestant, size).iter().map(usize::to_string).collect();
            text(&[&["idle", "--sessions", &steps.join(",")], rest].concat())
        };
        let confirming = |load: &str| {
            let (people, confirmations) = (prepared.people.to_string(), size.people(10_000).to_string());
            let seconds = size.seconds(10).to_string();
            let words = [load, "--people", &people, "--confirmations", &confirmations, "--seconds", &seconds];
            text(&words)
        };
        const TLS: [&str; 2] = ["--tls", "starttls"];
        match self {
            Self::Chat1 => chat(&["--window", "1"]),
            Self::Chat10 => chat(&["--window", "10"]),
            Self::Chat1Tls => chat(&[&["--window", "1"], &TLS[..]].concat()),
            Self::Chat10Tls => chat(&[&["--window", "10"], &TLS[..]].concat()),
            Self::Rate1000 => chat(&["--rate", "1000"]),
            Self::Rate5000 => chat(&["--rate", "5000"]),
            Self::SignInScram => sign_ins(&[]),
            Self::SignInPlain => sign_ins(&["--mechanism", "plain"]),
            Self::SignInTls => sign_ins(&TLS),
            Self::Alert => text(&["announce", "--people", &(prepared.people - 1).to_string()]),
            Self::Start => text(&["start"]),
            Self::Idle => idle(&[]),
            Self::IdleTls => idle(&TLS),
            Self::Storm => {
                let (people, contacts) = (prepared.people.to_string(), prepared.contacts.to_string());
                let seconds = size.seconds(10).to_string();
                text(&["storm", "--people", &people, "--contacts", &contacts, "--seconds", &seconds])
            }
            Self::ArchivePage => {
                // Filling another's archive with a million messages takes it up to half an hour.
                let seconds = if contestant.product() == Product::Messngr { 120 } else { 15 };
                let (messages, seconds) = (size.people(1_000_000).to_string(), seconds.to_string());
                text(&["archive", "--messages", &messages, "--fill-seconds-max", &seconds])
            }
            Self::AlertMany => {
                let seconds = size.seconds(5).to_string();
                text(&["alert-many", "--people", &prepared.people.to_string(), "--seconds-before", &seconds])
            }
            Self::Confirmations => {
                let seconds = size.seconds(5).to_string();
                [confirming("confirm"), text(&["--seconds-before", &seconds])].concat()
            }
            Self::ReportPage => confirming("report"),
            Self::NetSend => text(&["net-send", "--seconds", &size.seconds(5).to_string()]),
            Self::Browser => text(&["browse", "--messages", &size.people(100_000).to_string()]),
            Self::IdleBrowser => {
                let steps: Vec<_> = [1_000, 5_000].map(|step| size.people(step).to_string()).into();
                text(&["pages", "--sessions", &steps.join(",")])
            }
        }
    }

    /// At how many sessions memory is looked at.
    fn steps(self, contestant: Contestant, size: Size) -> Vec<usize> {
        let steps: &[usize] = match (contestant.product(), self) {
            (Product::Messngr, _) => &[1_000, 10_000, 19_000],
            (_, Self::Idle) => &[1_000, 10_000],
            _ => &[1_000],
        };
        steps.iter().map(|step| size.people(*step)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_for_us_and_what_it_needs_is_prepared() {
        for case in Case::value_variants() {
            let measured: Vec<_> = Contestant::ALL.into_iter().filter(|one| case.is_for(*one)).collect();
            assert!(measured.iter().any(|one| one.product() == Product::Messngr), "{case:?}");
            for contestant in measured {
                for size in [Size::Whole, Size::Quick] {
                    let prepared = case.preparation(contestant, size);
                    assert!(prepared.people > 2 * prepared.contacts || prepared.contacts == 0, "{case:?}");
                    assert!(!case.arguments(contestant, size).is_empty());
                }
            }
        }
    }

    #[test]
    fn memory_is_looked_at_up_to_what_a_process_may_hold_here() {
        let words = Case::IdleTls.arguments(Contestant::Messngr, Size::Whole).join(" ");
        assert_eq!(words, "idle --sessions 1000,10000,19000 --tls starttls");
    }
}
