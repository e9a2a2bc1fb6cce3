use std::{
    fmt,
    io::{self, IsTerminal},
    os::fd::AsFd,
};

use anyhow::Context;
use tracing::{Event, Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Full, Writer},
        layer,
    },
    layer::SubscriberExt,
    registry::LookupSpan,
    reload,
    util::SubscriberInitExt,
};

use crate::configuration::sections::{Log, LogFormat, LogLevel};

/// The crates whose lines follow the configured level. What libraries write may hold what came by the wire, so that
/// only their warnings are let through.
const OURS: [&str; 8] = ["messngr", "doors", "hub", "store", "auth", "domain", "netbios", "xmpp"];

/// What is written about the running of the service, to standard error. The level can be changed while it runs.
#[derive(Debug)]
pub(crate) struct Logging {
    targets: reload::Handle<Targets, Registry>,
}

impl Logging {
    /// Begins to log. Once per process.
    ///
    /// # Errors
    /// It has begun already.
    pub(crate) fn start(log: &Log) -> anyhow::Result<Self> {
        let (filter, handle) = reload::Layer::new(targets(log.level));
        let writer = layer().with_writer(io::stderr).log_internal_errors(false);
        let layer = match log.format {
            LogFormat::Json => writer.json().flatten_event(true).boxed(),
            LogFormat::Text if goes_to_journal() => {
                writer.with_ansi(false).event_format(Journal::new()).boxed()
            }
            LogFormat::Text => writer.with_target(false).with_ansi(may_colour()).boxed(),
        };
        tracing_subscriber::registry()
            .with(layer.with_filter(filter))
            .try_init()
            .context("the log was begun already")?;
        Ok(Self { targets: handle })
    }

    /// Lets another level of lines through from now on.
    pub(crate) fn set_level(&self, level: LogLevel) {
        if let Err(error) = self.targets.reload(targets(level)) {
            tracing::warn!(%error, "the level of the log could not be changed");
        }
    }
}

fn targets(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let ours = OURS.into_iter().map(|target| (target, level));
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_targets(ours)
}

/// Colour is for people who have not asked to do without (<https://no-color.org>).
fn may_colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether systemd's journal reads standard error: it says so by the file's numbers (systemd.exec(5), `JOURNAL_STREAM`).
fn goes_to_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let status = rustix::fs::fstat(io::stderr().as_fd());
    status.is_ok_and(|status| stream == format!("{}:{}", status.st_dev, status.st_ino))
}

/// A line for the journal: it begins with its priority (sd-daemon(3)), and has no time, which the journal knows.
#[derive(Debug)]
struct Journal {
    line: Format<Full, ()>,
}

impl Journal {
    fn new() -> Self {
        Self { line: Format::default().without_time().with_target(false).with_level(false) }
    }
}

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.line.format_event(context, writer, event)
    }
}

/// The priority of syslog(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn the_level_is_for_our_own_lines_and_libraries_only_warn() {
        let debug = targets(LogLevel::Debug);
        assert!(debug.would_enable("hub::messages", &Level::DEBUG));
        assert!(!debug.would_enable("hub::messages", &Level::TRACE));
        assert!(debug.would_enable("rustls::server", &Level::WARN));
        assert!(!debug.would_enable("rustls::server", &Level::INFO));
        assert!(!targets(LogLevel::Error).would_enable("rustls::server", &Level::WARN));
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_for_the_journal_begins_with_its_priority_and_has_no_time() {
        let lines = Lines::default();
        let written = lines.clone();
        let layer =
            layer().with_ansi(false).with_writer(move || written.clone()).event_format(Journal::new());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::warn!(port = 139, "not listening");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "<4>not listening port=139\n");
    }
}
