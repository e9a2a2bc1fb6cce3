use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use crate::{Service, wait};

/// The system calls of a running service that read, write and sync, as `strace` sees them.
pub struct Trace {
    strace: Child,
    file: PathBuf,
}

/// Calls in the order in which they began or ended.
pub struct TraceLines {
    lines: Vec<String>,
}

/// The number of a line.
pub type TraceLine = usize;

const CALLS: &str =
    "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";

impl Trace {
    /// Attaches to every thread of the service.
    pub fn attach(service: &Service) -> Self {
        let file = service.folder().join("trace");
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-s", "65536", "-e", CALLS, "-o"]).arg(&file);
        command.arg("-p").arg(service.pid().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let strace = command.spawn().expect("strace is installed");
        wait::until("strace to attach", || is_traced(service.pid()).then_some(()));
        Self { strace, file }
    }

    /// Lets the service go, and returns what it did.
    pub fn finish(mut self) -> TraceLines {
        let interrupted = Command::new("kill").arg("-INT").arg(self.strace.id().to_string()).status();
        assert!(interrupted.expect("kill runs").success(), "strace has ended before");
        self.strace.wait().expect("strace ends");
        let text = String::from_utf8_lossy(&fs::read(&self.file).expect("the trace")).into_owned();
        TraceLines { lines: text.lines().map(str::to_owned).collect() }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        drop(self.strace.kill());
        drop(self.strace.wait());
    }
}

impl TraceLines {
    /// The first line after another one that is one of these calls and has this in it.
    pub fn find(&self, after: TraceLine, calls: &[&str], part: &str) -> Option<TraceLine> {
        let wanted = |line: &String| line.contains(part) && calls.contains(&name(line));
        self.lines.iter().skip(after).position(wanted).map(|found| found + after)
    }

    /// The same; it must be there.
    pub fn expect(&self, after: TraceLine, calls: &[&str], part: &str) -> TraceLine {
        self.find(after, calls, part).unwrap_or_else(|| {
            panic!("no {calls:?} of {part} after line {after} of\n{}", self.lines.join("\n"))
        })
    }

    /// Where the first sync of a file ends that begins after a line.
    pub fn expect_sync(&self, after: TraceLine, file: &str) -> TraceLine {
        let start = self.expect(after, &["fsync", "fdatasync"], file);
        if self.lines[start].ends_with("= 0") {
            return start;
        }
        let thread = thread(&self.lines[start]);
        let ends = |line: &String| {
            self::thread(line) == thread && line.contains("resumed>") && line.ends_with("= 0")
        };
        let end = self.lines.iter().skip(start).position(ends);
        end.unwrap_or_else(|| panic!("the sync of line {start} does not end in\n{}", self.lines.join("\n")))
            + start
    }

    /// What a line's call is about, as strace writes it: `9<TCP:[127.0.0.1:5222->127.0.0.1:40000]>`.
    pub fn descriptor(&self, line: TraceLine) -> &str {
        let call = self.lines[line].split_once('(').map_or("", |(_, arguments)| arguments);
        call.split_once(", ").map_or(call, |(descriptor, _)| descriptor)
    }
}

/// The thread of a line.
fn thread(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// The call of a line, begun, ended or both.
fn name(line: &str) -> &str {
    let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
    match call.strip_prefix("<... ") {
        Some(resumed) => resumed.split_whitespace().next().unwrap_or_default(),
        None => call.split_once('(').map_or("", |(name, _)| name),
    }
}

fn is_traced(process: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the service runs");
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() != "0"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> TraceLines {
        TraceLines { lines: text.lines().map(str::to_owned).collect() }
    }

    const INTERLEAVED: &str = "\
10 recvfrom(9<socket:[1]>, \"<message/>\", 16384, 0, NULL, NULL) = 10
11 fdatasync(5</d/messngr.db-wal> <unfinished ...>
10 recvfrom(8<socket:[2]>, \"other\", 16384, 0, NULL, NULL) = 5
11 <... fdatasync resumed>) = 0
10 sendto(9<socket:[1]>, \"<a h='1'/>\", 10, MSG_NOSIGNAL, NULL, 0) = 10";

    #[test]
    fn a_sync_is_over_when_it_has_returned() {
        let trace = lines(INTERLEAVED);
        let read = trace.expect(0, &["read", "recvfrom"], "<message/>");
        assert_eq!((read, trace.expect_sync(read, "messngr.db-wal")), (0, 3));
        assert_eq!(trace.find(read, &["sendto"], "<a "), Some(4));
        assert_eq!(trace.find(read, &["sendto"], "<r "), None);
        assert_eq!(trace.descriptor(read), trace.descriptor(4));
    }
}
