//! What a process has used, as `/proc` tells it.

use std::{fs, time::Duration};

use anyhow::Context;

/// The processor time of these processes and all their threads, to the nanosecond.
pub(crate) fn processor_time(pids: &[u32]) -> anyhow::Result<Duration> {
    let mut total = 0;
    for pid in pids {
        let tasks =
            fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("process {pid} is gone"))?;
        for task in tasks.flatten() {
            // A thread that ended meanwhile has used what it used before; the tick counters below include it.
            let Ok(statistics) = fs::read_to_string(task.path().join("schedstat")) else { continue };
            total +=
                statistics.split_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Ok(Duration::from_nanos(total))
}

/// The resident memory of these processes in bytes.
pub(crate) fn resident_bytes(pids: &[u32]) -> anyhow::Result<u64> {
    let mut total = 0;
    for pid in pids {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        total += kilobytes * 1_024;
    }
    Ok(total)
}
