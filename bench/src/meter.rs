//! What processes have used, as `/proc` tells it.

use std::{
    collections::HashMap,
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::figures::Figures;

/// Measures the processors from [`Meter::start`] to [`Meter::stop`].
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    pids: &'a [u32],
    began: Instant,
    server: Used,
    generator: Used,
    all: Used,
    machine: Duration,
}

impl<'a> Meter<'a> {
    /// Begins to measure these processes of the server, this program, and the whole machine.
    pub(crate) fn start(pids: &'a [u32]) -> anyhow::Result<Self> {
        Ok(Self {
            pids,
            began: Instant::now(),
            server: Used::by(pids),
            generator: Used::by(&[std::process::id()]),
            all: Used::by(&processes()),
            machine: machine_busy(&fs::read_to_string("/proc/stat")?),
        })
    }

    /// What was used since.
    pub(crate) fn stop(&self) -> anyhow::Result<Usage> {
        let machine = machine_busy(&fs::read_to_string("/proc/stat")?).saturating_sub(self.machine);
        let wall = self.began.elapsed();
        let now = Used::by(self.pids);
        let (server, kernel_share) = (now.since(&self.server), now.kernel_share_since(&self.server));
        let generator = Used::by(&[std::process::id()]).since(&self.generator);
        // The machine's own account is drawn at its ticks, which work that is woken by timers meets too often; the
        // sum over all threads lacks those that ended. The truth is not above either.
        let all = Used::by(&processes()).exactly_since(&self.all).min(machine);
        Ok(Usage { wall, server, kernel_share, generator, other: all.saturating_sub(server + generator) })
    }
}

/// Processor time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) server: Duration,
    /// How much of the server's the kernel used for it, from 0 to 1.
    kernel_share: f64,
    generator: Duration,
    /// Of everything else on the machine: what makes a measurement doubtful.
    other: Duration,
}

impl Usage {
    /// Notes how many processors each kept busy.
    pub(crate) fn tell(&self, figures: &mut Figures) {
        let processors = |time: Duration| time.as_secs_f64() / self.wall.as_secs_f64().max(1e-9);
        figures.set("seconds", self.wall.as_secs_f64());
        figures.set("server_processors", processors(self.server));
        figures.set("generator_processors", processors(self.generator));
        figures.set("other_processors", processors(self.other));
    }

    /// Microseconds of the server's processors for each of `count`.
    pub(crate) fn server_microseconds_each(&self, count: u64) -> f64 {
        self.server.as_secs_f64() * 1e6 / count.max(1) as f64
    }

    /// The part of them that the kernel used: receiving, sending, waking.
    pub(crate) fn kernel_microseconds_each(&self, count: u64) -> f64 {
        self.server_microseconds_each(count) * self.kernel_share
    }
}

/// The processor time of some processes up to now.
#[derive(Debug, Default)]
struct Used {
    /// Of each thread that lives, to the nanosecond.
    threads: HashMap<(u32, u32), u64>,
    /// Of all threads there ever were, to the tick; and the kernel's part of it.
    total: Duration,
    kernel: Duration,
}

impl Used {
    fn by(pids: &[u32]) -> Self {
        let mut used = Self::default();
        for &pid in pids {
            let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
            for task in tasks.flatten() {
                let thread = task.file_name().to_string_lossy().parse().unwrap_or_default();
                let Ok(statistics) = fs::read_to_string(task.path().join("schedstat")) else { continue };
                let first = statistics.split_whitespace().next().and_then(|field| field.parse().ok());
                used.threads.insert((pid, thread), first.unwrap_or(0));
            }
            let statistics = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let (user, kernel) = process_ticks(&statistics);
            used.total += ticks(user + kernel);
            used.kernel += ticks(kernel);
        }
        used
    }

    /// The difference, exact unless a thread ended meanwhile.
    fn since(&self, before: &Self) -> Duration {
        let exact = self.exactly_since(before);
        if before.threads.keys().all(|thread| self.threads.contains_key(thread)) {
            return exact;
        }
        exact.max(self.total.saturating_sub(before.total))
    }

    /// The kernel's part of the difference.
    fn kernel_share_since(&self, before: &Self) -> f64 {
        let total = self.total.saturating_sub(before.total).as_secs_f64();
        let kernel = self.kernel.saturating_sub(before.kernel).as_secs_f64();
        if total > 0.0 { kernel / total } else { 0.0 }
    }

    /// The difference of the threads that live still.
    fn exactly_since(&self, before: &Self) -> Duration {
        let of_thread = |(thread, now): (&(u32, u32), &u64)| {
            now.saturating_sub(before.threads.get(thread).copied().unwrap_or(0))
        };
        Duration::from_nanos(self.threads.iter().map(of_thread).sum())
    }
}

/// User and system time in `/proc/PID/stat`: fields 14 and 15, counted after the name in parentheses.
fn process_ticks(statistics: &str) -> (u64, u64) {
    let after_name = statistics.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = after_name.split_whitespace().skip(11).map(|field| field.parse().unwrap_or(0));
    (fields.next().unwrap_or(0), fields.next().unwrap_or(0))
}

/// The time that all processors were at work or taken away by a host, from the first line of `/proc/stat`.
fn machine_busy(statistics: &str) -> Duration {
    const IDLE: [usize; 2] = [3, 4];
    let fields = statistics.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    let busy = fields.enumerate().filter(|(index, _)| !IDLE.contains(index));
    ticks(busy.filter_map(|(_, field)| field.parse::<u64>().ok()).sum())
}

fn ticks(count: u64) -> Duration {
    Duration::from_secs_f64(count as f64 / rustix::param::clock_ticks_per_second().max(1) as f64)
}

/// The resident memory of these processes in bytes.
pub(crate) fn resident_bytes(pids: &[u32]) -> u64 {
    let of_process = |pid: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0) * 1_024
    };
    pids.iter().map(of_process).sum()
}

/// The other processes of this one's network namespace: what was started together with a server that stands alone
/// in its namespace.
pub(crate) fn neighbours() -> Vec<u32> {
    let namespace = |pid: u32| fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    let own = std::process::id();
    let Some(here) = namespace(own) else { return Vec::new() };
    let others = processes().into_iter().filter(|pid| *pid != own);
    others.filter(|pid| namespace(*pid).as_ref() == Some(&here)).collect()
}

/// All processes of the machine.
fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect()
}

/// Raises the number of files that may be open as far as it goes.
pub(crate) fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is refused the limit stays, and connecting tells when it is reached.
    let _unchanged = setrlimit(Resource::Nofile, limit);
}

/// Fails where this process cannot hold that many connections.
pub(crate) fn can_hold(connections: usize) -> anyhow::Result<()> {
    /// Of the runtime and the standard streams.
    const OWN_FILES: usize = 64;
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    anyhow::ensure!(
        (connections + OWN_FILES) as u64 <= allowed,
        "{connections} connections need more than the {allowed} files that may be open"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_found_behind_any_name() {
        let line = "7 (a) b (c)) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 9 9 20 0 4 0 100";
        assert_eq!(process_ticks(line), (250, 50));
    }

    #[test]
    fn waiting_and_idling_is_not_work() {
        let busy = machine_busy("cpu  100 20 30 5000 600 1 2 47 9 9\ncpu0 1 1 1 1 1 1 1 1\n");
        assert_eq!(busy, ticks(200));
    }

    #[test]
    fn a_thread_that_ended_is_counted_by_what_the_process_says() {
        let thread = |id: u32, nanoseconds: u64| ((1, id), nanoseconds);
        let used = |threads: &[((u32, u32), u64)], milliseconds: u64| Used {
            threads: threads.iter().copied().collect(),
            total: Duration::from_millis(milliseconds),
            kernel: Duration::from_millis(milliseconds / 2),
        };
        let before = used(&[thread(1, 1_000_000), thread(2, 1_000_000)], 0);
        let exact = used(&[thread(1, 3_000_000), thread(2, 1_500_000), thread(3, 500_000)], 10);
        assert_eq!(exact.since(&before), Duration::from_millis(3));
        let without_one = used(&[thread(1, 3_000_000)], 90);
        assert_eq!(without_one.since(&before), Duration::from_millis(90));
        assert_eq!(without_one.kernel_share_since(&before), 0.5);
    }

    #[test]
    fn what_this_process_uses_is_seen() {
        let before = Used::by(&[std::process::id()]);
        let mut sum = 0_u64;
        while Used::by(&[std::process::id()]).since(&before) < Duration::from_millis(5) {
            sum = (0..100_000).fold(sum, u64::wrapping_add);
        }
        assert!(resident_bytes(&[std::process::id()]) > 100_000, "{sum}");
    }
}
