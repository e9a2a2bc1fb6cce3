use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are not for connections: the store, the listeners, the log, the administration socket.
const KEPT_BACK: usize = 256;

/// Raises the number of files that the process may have open, each connection being one, to what the system grants.
/// Returns how many that is; none where there is no limit.
pub(super) fn raise() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return maximum;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            current
        }
    }
}

/// How many connections fit into this many open files, of those that are wanted; at least one.
pub(super) fn connections(wanted: usize, open_files: Option<u64>) -> usize {
    let Some(open_files) = open_files else { return wanted };
    let open_files = usize::try_from(open_files).unwrap_or(usize::MAX);
    wanted.min(open_files.saturating_sub(KEPT_BACK)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_the_system_grants() {
        let granted = raise();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
        assert_eq!(granted, maximum);
    }

    #[test]
    fn connections_leave_files_for_the_store() {
        assert_eq!(connections(20_000, Some(1_024)), 1_024 - KEPT_BACK);
        assert_eq!(connections(100, Some(1_024)), 100);
        assert_eq!(connections(20_000, None), 20_000);
        assert_eq!(connections(20_000, Some(10)), 1);
    }
}
