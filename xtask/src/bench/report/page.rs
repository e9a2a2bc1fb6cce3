//! The page itself.

use clap::ValueEnum;

use super::plots::Plot;
use crate::bench::budgets;
use crate::bench::cases::{Case, Unit};
use crate::bench::contestants::Contestant;
use crate::bench::results::Results;
use crate::bench::table::{between, ratio_to_relay};

/// A column of a table: its title, the figure, and its unit; a number where there is none.
type Column = (&'static str, &'static str, Option<Unit>);

/// The whole page, in Markdown.
pub(super) fn page(results: &Results, plots: &[Plot]) -> String {
    let mut page = vec![introduction(results), budget_table(results)];
    page.extend(kernel_part(results));
    page.extend(plots.iter().map(|plot| format!("![{}](performance/{})\n", plot.title, plot.file)));
    let sections = [
        ("Conversation", TALK, &CHAT[..], &CHAT_COLUMNS[..]),
        ("Signing in", SIGN_IN, &SIGN_INS, &SIGN_IN_COLUMNS),
        ("One text to everyone", ALERT, &[Case::Alert], &ALERT_COLUMNS),
        ("An alert to very many", MANY, &[Case::AlertMany], &MANY_COLUMNS),
        ("Confirming", CONFIRM, &[Case::Confirmations], &CONFIRM_COLUMNS),
        ("The report", REPORT, &[Case::ReportPage], &REPORT_COLUMNS),
        ("The morning", MORNING, &[Case::Storm], &STORM_COLUMNS),
        ("Messages of Windows computers", NET_SEND, &[Case::NetSend], &NET_SEND_COLUMNS),
        ("A browser", BROWSER, &[Case::Browser], &BROWSER_COLUMNS),
        ("The archive", ARCHIVE, &[Case::ArchivePage], &ARCHIVE_COLUMNS),
        ("Starting", START, &[Case::Start], &START_COLUMNS),
    ];
    for (title, words, cases, columns) in sections {
        page.push(format!("## {title}\n\n{words}\n\n{}", table(results, cases, columns)));
        if cases.contains(&Case::SignInTls) {
            page.extend(handshakes(results));
        }
    }
    page.push(format!("## Idle sessions\n\n{IDLE}\n\n{}", memory_table(results)));
    page.push(format!("## How it is measured\n\n{METHOD}"));
    page.extend(doubts(results));
    page.join("\n")
}

const CHAT: [Case; 6] =
    [Case::Chat1, Case::Chat10, Case::Chat1Tls, Case::Chat10Tls, Case::Rate1000, Case::Rate5000];
const SIGN_INS: [Case; 3] = [Case::SignInScram, Case::SignInPlain, Case::SignInTls];

const BUSY: [Column; 2] =
    [("server busy", "server_processors", None), ("load busy", "generator_processors", None)];
const CHAT_COLUMNS: [Column; 10] = [
    ("CPU/message", "server_microseconds", Some(Unit::Microseconds)),
    ("of it the kernel's", "kernel_microseconds", Some(Unit::Microseconds)),
    ("messages/s", "messages_per_second", None),
    ("p50", "p50_milliseconds", Some(Unit::Milliseconds)),
    ("p99", "p99_milliseconds", Some(Unit::Milliseconds)),
    ("p99.9", "p999_milliseconds", Some(Unit::Milliseconds)),
    ("longest", "max_milliseconds", Some(Unit::Milliseconds)),
    ("memory", "resident_bytes", Some(Unit::Megabytes)),
    BUSY[0],
    BUSY[1],
];
const SIGN_IN_COLUMNS: [Column; 4] = [
    ("CPU/sign-in", "server_microseconds", Some(Unit::Microseconds)),
    ("p50", "p50_milliseconds", Some(Unit::Milliseconds)),
    ("p99", "p99_milliseconds", Some(Unit::Milliseconds)),
    BUSY[0],
];
const NET_SEND_COLUMNS: [Column; 7] = [
    ("CPU/message", "server_microseconds", Some(Unit::Microseconds)),
    ("of it the kernel's", "kernel_microseconds", Some(Unit::Microseconds)),
    ("p50", "p50_milliseconds", Some(Unit::Milliseconds)),
    ("p99", "p99_milliseconds", Some(Unit::Milliseconds)),
    ("longest", "max_milliseconds", Some(Unit::Milliseconds)),
    ("messages", "messages", None),
    BUSY[0],
];
const BROWSER_COLUMNS: [Column; 7] = [
    ("messages", "messages", None),
    ("loaded", "transferred_bytes", Some(Unit::Kilobytes)),
    ("requests", "requests", None),
    ("sign-in", "sign_in_milliseconds", Some(Unit::Milliseconds)),
    ("chats shown", "ready_milliseconds", Some(Unit::Milliseconds)),
    ("conversation shown", "open_milliseconds", Some(Unit::Milliseconds)),
    ("longest", "open_most_milliseconds", Some(Unit::Milliseconds)),
];
const ALERT_COLUMNS: [Column; 6] = [
    ("people", "people", None),
    ("first", "first_milliseconds", Some(Unit::Milliseconds)),
    ("last", "last_milliseconds", Some(Unit::Milliseconds)),
    ("first to last", "spread_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/person", "server_microseconds", Some(Unit::Microseconds)),
    ("memory", "resident_bytes", Some(Unit::Megabytes)),
];
const BEFORE_AND_DURING: [Column; 4] = [
    ("chat p50 before", "chat_before_p50_milliseconds", Some(Unit::Milliseconds)),
    ("chat p99 before", "chat_before_p99_milliseconds", Some(Unit::Milliseconds)),
    ("chat p50 meanwhile", "chat_during_p50_milliseconds", Some(Unit::Milliseconds)),
    ("chat p99 meanwhile", "chat_during_p99_milliseconds", Some(Unit::Milliseconds)),
];
const MANY_COLUMNS: [Column; 9] = [
    ("accounts", "people", None),
    ("accepted after", "accepted_milliseconds", Some(Unit::Milliseconds)),
    ("report complete after", "complete_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/account", "server_microseconds", Some(Unit::Microseconds)),
    BEFORE_AND_DURING[0],
    BEFORE_AND_DURING[1],
    BEFORE_AND_DURING[2],
    BEFORE_AND_DURING[3],
    ("memory", "resident_bytes", Some(Unit::Megabytes)),
];
const CONFIRM_COLUMNS: [Column; 10] = [
    ("confirmations", "confirmations", None),
    ("sent within s", "sent_seconds", None),
    ("first to last acknowledged", "acknowledged_milliseconds", Some(Unit::Milliseconds)),
    ("p50", "p50_milliseconds", Some(Unit::Milliseconds)),
    ("p99", "p99_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/confirmation", "server_microseconds", Some(Unit::Microseconds)),
    BEFORE_AND_DURING[0],
    BEFORE_AND_DURING[1],
    BEFORE_AND_DURING[2],
    BEFORE_AND_DURING[3],
];
const REPORT_COLUMNS: [Column; 8] = [
    ("rows on a page", "rows", None),
    ("first, p50", "first_p50_milliseconds", Some(Unit::Milliseconds)),
    ("first, p99", "first_p99_milliseconds", Some(Unit::Milliseconds)),
    ("middle, p50", "middle_p50_milliseconds", Some(Unit::Milliseconds)),
    ("middle, p99", "middle_p99_milliseconds", Some(Unit::Milliseconds)),
    ("not confirmed, p50", "missing_p50_milliseconds", Some(Unit::Milliseconds)),
    ("not confirmed, p99", "missing_p99_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/page", "server_microseconds", Some(Unit::Microseconds)),
];
const STORM_COLUMNS: [Column; 7] = [
    ("connections tried again", "retries", None),
    ("presences", "presences", None),
    ("all seen after s", "seconds", None),
    ("after the last sign-in", "after_last_sign_in_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/presence", "server_microseconds", Some(Unit::Microseconds)),
    ("memory", "resident_bytes", Some(Unit::Megabytes)),
    ("memory/session", "bytes_per_session", Some(Unit::Kibibytes)),
];
const ARCHIVE_COLUMNS: [Column; 6] = [
    ("messages in it", "archive_messages", None),
    ("page, p50", "p50_milliseconds", Some(Unit::Milliseconds)),
    ("page, p99", "p99_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/page", "server_microseconds", Some(Unit::Microseconds)),
    ("first page", "first_page_milliseconds", Some(Unit::Milliseconds)),
    ("CPU/message while filling", "fill_server_microseconds", Some(Unit::Microseconds)),
];
const START_COLUMNS: [Column; 2] = [
    ("first answer after", "ready_milliseconds", Some(Unit::Milliseconds)),
    ("memory at rest", "resident_bytes", Some(Unit::Megabytes)),
];

const TALK: &str = "\
Pairs of people send each other messages with bodies of 64 bytes. *Window* is how many messages of a pair are under
way at a time: everybody sends as fast as answers come. With a rate, all pairs together send that many messages a
second, evenly, whether answers come or not. *CPU* is processor time of all processes and threads of the server; the
kernel's part is receiving, sending and waking; times are from sent to received; *busy* is how many processors the
server and the load generator keep busy.";
const SIGN_IN: &str = "\
Connecting, SASL, binding, first presence and a ping, one person after the other. Every server keeps hashed passwords;
by PLAIN it has to hash what it is told. What TLS adds is a whole handshake: nothing is resumed.";
const ALERT: &str = "\
Everybody is signed in; times count from the command or the stanza that sends the text. messngr sends an alert with a
receipt for each person on the disk; ejabberd and Prosody send an announcement, of which nothing is kept; the relay
forwards a line.";
const MANY: &str = "\
A program sends one alert to 100,000 accounts by the HTTP interface, while 50 pairs of people send each other 1,000
messages a second. It is accepted when the interface answers: then it is in force, and a receipt of each account is on
the disk. The report is complete when it counts everybody. Messages belong to the time in which they left.";
const CONFIRM: &str = "\
The same alert has come to 10,000 people who are signed in. They confirm it by the XMPP command for that, evenly over
ten seconds, while the pairs talk; a confirmation is acknowledged when it is on the disk, with its record in the audit
log. Those that the report does not count fail the run.";
const REPORT: &str = "\
The report of that alert is read by the HTTP interface, page by page on one connection: each page 100 times. A page
says how many recipients stand where, and has up to 1,000 of them.";
const NET_SEND: &str = "\
200 computers send 1,000 messages a second together to 20 people who are signed in by XMPP, each message by a connection
and a session of its own, as NET SEND does it. The limits of the Windows door are raised for it.";
const BROWSER: &str = "\
Chromium shows somebody's chats, one of whose conversations is long. Loaded is everything that comes over the network,
heads included, for somebody who was never here, until their chats are shown. Chats and the conversation are then shown
five times with nothing in the cache, by the page's own clock: from the beginning of the navigation, and from the
click. By HTTP on the loopback interface.";
const MORNING: &str = "\
People sign in evenly over the time, ask for their contacts and become available. It is over when each has been told
by the server that every contact is there.";
const ARCHIVE: &str = "\
Fifty people write to one; then the one reads pages of 50 from the end of the archive backwards (XEP-0313), and once
the very first page. What a server had not archived within the time for filling it was not asked for.";
const START: &str =
    "From the start of the program until it offers SASL mechanisms to a client, with 1,001 people known.";
const IDLE: &str = "\
Everybody has signed in, is available and says nothing. Resident memory of all processes of the server is looked at
three seconds after the last sign-in, in a process that has done nothing else. The last column goes on with the slope
between the last two numbers of sessions to a million: **it is computed, not measured**.";
const METHOD: &str = "\
`cargo xtask bench` measures everything in one run: all servers one after the other for each case, each started anew
for each measurement with its people prepared before, alone with the load generator in a network namespace that has
only a loopback interface. Load generator and server share the machine, so messages per second say as much about the
load generator (which is the same for all) as about the server; processor time per message does not. Before each
measurement the machine has to be quiet; where it was not, or something else was at work meanwhile, the row is marked
with an asterisk. Figures are medians over the rounds, with the least and the most beside them where there is more
than one round. Idle sessions, the morning, the archive and alerts to 100,000 accounts are measured once.

The relay is the floor: a program that forwards lines between connections and does nothing else. Late senders do not
make a server look fast: a message that could not leave when it was due counts from when it was due. Messages that
are lost fail the run. ejabberd and Prosody run as Debian has them, without modules that the measurement does not
need, with their default storage, and with certificates of the same kind as messngr's.
";

fn introduction(results: &Results) -> String {
    let machine = &results.machine;
    let versions: Vec<_> =
        results.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!(
        "# Performance\n\nThis page is made by `cargo xtask bench --report` of what `cargo xtask bench` measured; \
         nothing in it is written by hand.\n\n- {}, rounds: {}, clients {}\n- {}, {} processors, {:.0} GB of memory, {}\n- {}\n",
        machine.date,
        results.rounds,
        if results.stream_management { "that count stanzas (XEP-0198)" } else { "that do not count stanzas" },
        machine.processor,
        machine.processors,
        machine.memory_bytes as f64 / 1e9,
        machine.system,
        versions.join("; "),
    )
}

fn budget_table(results: &Results) -> String {
    let mut lines = vec!["## Budgets\n".to_owned(), row(["figure", "budget", "measured", "verdict"])];
    lines.push("|---|---:|---:|---|".to_owned());
    for budget in budgets::all(results) {
        let measured = budget.measured.map_or(String::new(), |figure| budget.unit.write(figure));
        let most = format!("≤ {}", budget.unit.write(budget.most));
        lines.push(row([budget.title, &most, &measured, &budget.verdict()]));
    }
    lines.join("\n") + "\n"
}

/// How much of a message is the kernel's, with us and with the relay: what no program can save that receives and sends
/// each message by itself.
fn kernel_part(results: &Results) -> Option<String> {
    let figure = |contestant, key| results.median(Case::Chat1, contestant, key);
    let (relay, messngr) = (Contestant::Relay, Contestant::Messngr);
    let whole = figure(messngr, "server_microseconds")?;
    let (kernel, floor) = (figure(messngr, "kernel_microseconds")?, figure(relay, "kernel_microseconds")?);
    let relay_whole = figure(relay, "server_microseconds")?;
    Some(format!(
        "Where every message comes and goes by itself (window 1), the kernel needs {kernel:.1} µs of messngr's {whole:.1} µs, \
         and {floor:.1} µs of the relay's {relay_whole:.1} µs: one receiving and one sending call, the network stack behind \
         them, and waking. The other {:.1} µs are messngr's own: reading the message, judging and routing it, keeping it \
         until its recipient has it, and writing it.\n",
        whole - kernel,
    ))
}

/// A row for each contestant in each case, with the ratio to the relay's where the relay has been measured.
fn table(results: &Results, cases: &[Case], columns: &[Column]) -> String {
    let has_floor = cases.iter().any(|case| ratio_to_relay(results, *case, Contestant::Relay).is_some());
    let mut head = vec!["case", "server"];
    head.extend(columns.iter().map(|(title, _, _)| *title));
    head.push("spread");
    head.extend(has_floor.then_some("of the relay's"));
    let align = format!("|---|---|{}", "---:|".repeat(head.len() - 2));
    let mut lines = vec![row(head), align];
    for case in cases {
        for contestant in Contestant::ALL {
            lines.extend(table_row(results, *case, contestant, columns, has_floor));
        }
    }
    lines.join("\n") + "\n"
}

fn table_row(
    results: &Results,
    case: Case,
    contestant: Contestant,
    columns: &[Column],
    has_floor: bool,
) -> Option<String> {
    let mark = if results.doubt(case, contestant).is_some() { " \\*" } else { "" };
    let mut cells = vec![case.title().to_owned(), format!("{}{mark}", contestant.title())];
    let Some(spread) = results.figure(case, contestant, case.figure().key) else {
        let why = results.absence(case, contestant)?.lines().next().unwrap_or_default().replace('|', "/");
        cells.push(format!("*{why}*"));
        cells.resize(columns.len() + 3 + usize::from(has_floor), String::new());
        return Some(row(cells));
    };
    for (_, key, unit) in columns {
        let figure = results.median(case, contestant, key);
        cells.push(
            figure.map_or(String::new(), |figure| {
                unit.map_or_else(|| count(figure), |unit| unit.write(figure))
            }),
        );
    }
    cells.push(between(spread, |figure| case.figure().unit.write(figure)));
    if has_floor {
        let ratio = ratio_to_relay(results, case, contestant);
        cells.push(ratio.map_or(String::new(), |ratio| Unit::Times.write(ratio)));
    }
    Some(row(cells))
}

/// What TLS adds to signing in.
fn handshakes(results: &Results) -> Option<String> {
    let key = Case::SignInTls.figure().key;
    let of = |contestant| {
        let with = results.median(Case::SignInTls, contestant, key)?;
        let added = with - results.median(Case::SignInScram, contestant, key)?;
        Some(format!("{} {}", contestant.title(), Unit::Microseconds.write(added)))
    };
    let all: Vec<_> = Contestant::ALL.into_iter().filter_map(of).collect();
    (!all.is_empty()).then(|| format!("CPU of the TLS handshake alone, by difference: {}.\n", all.join(", ")))
}

fn memory_table(results: &Results) -> String {
    let head = ["case", "server", "sessions", "memory", "memory/session", "at 1,000,000, extrapolated"];
    let mut lines = vec![row(head), "|---|---|---:|---:|---:|---:|".to_owned()];
    for case in [Case::Idle, Case::IdleTls, Case::IdleBrowser] {
        for contestant in Contestant::ALL {
            let points = budgets::memory(results, case, contestant);
            let Some(empty) = points.first().copied() else {
                lines.extend(table_row(results, case, contestant, &[("", "", None); 3], false));
                continue;
            };
            let mark = if results.doubt(case, contestant).is_some() { " \\*" } else { "" };
            for (place, point) in points.iter().enumerate() {
                let last = place + 1 == points.len() && place > 0;
                let each = if place == 0 {
                    String::new()
                } else {
                    Unit::Kibibytes.write(budgets::slope(empty, *point))
                };
                let far = last.then(|| point.1 + budgets::slope(points[place - 1], *point) * (1e6 - point.0));
                lines.push(row([
                    case.title(),
                    &format!("{}{mark}", contestant.title()),
                    &count(point.0),
                    &Unit::Megabytes.write(point.1),
                    &each,
                    &far.map_or(String::new(), |bytes| Unit::Megabytes.write(bytes)),
                ]));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// Why rows are marked.
fn doubts(results: &Results) -> Option<String> {
    let mut lines = Vec::new();
    for case in Case::value_variants() {
        for contestant in Contestant::ALL {
            if let Some(why) = results.doubt(*case, contestant) {
                lines.push(format!("- {}, {}: {why}", case.title(), contestant.title()));
            }
        }
    }
    (!lines.is_empty()).then(|| format!("\\* To be doubted:\n\n{}\n", lines.join("\n")))
}

fn row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|cell| cell.as_ref().to_owned()).collect();
    format!("| {} |", cells.join(" | "))
}

/// A number with commas between thousands, and decimals where it is small.
fn count(figure: f64) -> String {
    if figure.abs() < 100.0 && figure.fract() != 0.0 {
        return format!("{figure:.2}");
    }
    let digits = format!("{figure:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::Failure;
    use crate::bench::results::tests::measured;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [0.25, 7.0, 999.0, 1_000.0, 1_234_567.8].map(count),
            ["0.25", "7", "999", "1,000", "1,234,568"]
        );
    }

    #[test]
    fn the_page_says_what_was_measured_what_was_not_and_why() {
        let mut results = Results::default();
        for (contestant, figure) in [(Contestant::Relay, 10.0), (Contestant::Messngr, 12.0)] {
            results.measurements.push(measured(Case::Chat1, contestant, &[("server_microseconds", figure)]));
        }
        results.measurements[1].doubt = Some("a build".to_owned());
        results.failures.push(Failure {
            case: Case::Chat1.name(),
            contestant: Contestant::Prosody.name(),
            round: 1,
            error: "it ended\nbadly".to_owned(),
        });
        let page = page(&results, &[]);
        for line in [
            "| CPU per message, window 1, of the relay's | ≤ 1.10 × | 1.20 × | **missed by 0.10 ×** (9 %) |",
            "| size of the program | ≤ 20.0 MB |  | not measured |",
            "| chat, window 1 | relay | 10.0 µs |  |  |  |  |  |  |  |  |  |  | 1.00 × |",
            "| chat, window 1 | messngr \\* | 12.0 µs |  |  |  |  |  |  |  |  |  |  | 1.20 × |",
            "| chat, window 1 | Prosody | *it ended* |  |  |  |  |  |  |  |  |  |  |  |",
            "- chat, window 1, messngr: a build",
        ] {
            assert!(page.lines().any(|one| one == line), "{line}\n---\n{page}");
        }
    }

    #[test]
    fn the_handshake_is_what_tls_adds() {
        let mut results = Results::default();
        assert_eq!(handshakes(&results), None);
        for (case, figure) in [(Case::SignInScram, 90.0), (Case::SignInTls, 215.5)] {
            results.measurements.push(measured(
                case,
                Contestant::Messngr,
                &[("server_microseconds", figure)],
            ));
        }
        let said = "CPU of the TLS handshake alone, by difference: messngr 125.5 µs.\n";
        assert_eq!(handshakes(&results).as_deref(), Some(said));
    }

    #[test]
    fn memory_is_extrapolated_by_the_last_slope() {
        let mut results = Results::default();
        let figures = [("bytes_at_0", 10e6), ("bytes_at_1000", 12e6), ("bytes_at_2000", 13e6)];
        results.measurements.push(measured(Case::Idle, Contestant::Messngr, &figures));
        let table = memory_table(&results);
        assert!(table.contains("| 2,000 | 13.0 MB | 1.5 KiB | 1011.0 MB |"), "{table}");
    }
}
