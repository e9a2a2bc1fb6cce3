use std::path::PathBuf;

use anyhow::{Context, bail};
use domain::AllowedNetworks;

use super::{
    data_directory::DataDirectory,
    listeners::{self, Bound, Purpose},
    networks::{self, HostAddress, allowed, host_addresses},
    open_files,
    privileges::RunAs,
    remark::Remark,
    segments::{self, SegmentPorts},
    source::is_written,
};
use crate::configuration::Loaded;

/// What the service stands on: taken in this order, the first steps perhaps as root, all later ones as its own user.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The data directory, held until the service has ended.
    pub(crate) data_directory: DataDirectory,
    /// The ports.
    pub(crate) bound: Bound,
    /// The UDP ports.
    pub(crate) segment_ports: SegmentPorts,
    /// The user.
    pub(crate) run_as: RunAs,
    /// The addresses of this host.
    pub(crate) host_addresses: Vec<HostAddress>,
    /// Who is answered.
    pub(crate) allowed: AllowedNetworks,
    /// How many connections there is room for.
    pub(crate) connections_max: usize,
    /// What an administrator should know of this.
    pub(crate) remarks: Vec<Remark>,
}

/// Takes the data directory and the ports, and lets go of root.
///
/// # Errors
/// The data directory cannot be had, nothing at all can be listened on, or the user is not to be had. Each says what
/// to do.
pub(crate) fn take(loaded: &Loaded, user: Option<&str>) -> anyhow::Result<Ground> {
    let configuration = &loaded.configuration;
    let run_as = RunAs::decide(user)?;
    let data_directory = DataDirectory::open(&configuration.data_dir)?;
    let open_files = open_files::raise();
    let mut bound = listeners::bind(configuration, &program());
    let (mut segment_ports, rows) = segments::bind(configuration, &program());
    bound.table.extend(rows);
    segment_ports.beside_sessions =
        bound.listeners.iter().any(|(purpose, _)| *purpose == Purpose::WindowsSession);
    if bound.listeners.is_empty() && segment_ports.is_empty() {
        bail!("nothing listens, so nobody could connect:\n{}", problems(&bound));
    }
    run_as.take_effect(data_directory.path())?;

    let host_addresses = host_addresses().context("cannot tell the addresses of this host")?;
    let allowed =
        allowed(&configuration.network.allowed, is_written(loaded, "network.allowed"), &host_addresses);
    let wanted = configuration.limits.connections_max;
    let connections_max = open_files::connections(wanted, open_files);
    let mut remarks = Vec::from_iter(run_as.remark());
    remarks.extend(networks::remarks(&allowed, &host_addresses));
    remarks.extend(fewer_connections(wanted, connections_max));
    Ok(Ground {
        data_directory,
        bound,
        segment_ports,
        run_as,
        host_addresses,
        allowed,
        connections_max,
        remarks,
    })
}

/// This program's file, for the commands that grant it rights.
fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("messngr"))
}

/// Every problem with its remedy, a line each.
fn problems(bound: &Bound) -> String {
    let lines = bound.table.iter().flat_map(|row| {
        let problem = row.problem.as_ref().map(|problem| format!("  {}: {problem}", row.door));
        problem.into_iter().chain(row.remedy.as_ref().map(|remedy| format!("    {remedy}")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn fewer_connections(wanted: usize, possible: usize) -> Option<Remark> {
    (possible < wanted).then(|| {
        Remark::with_remedy(
            format!(
                "the system grants this process open files for {possible} connections, fewer than `limits.connections_max` allows ({wanted})."
            ),
            "Raise the limit (LimitNOFILE= in the systemd unit, `ulimit -Hn` in a shell), or lower the setting.",
        )
    })
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, path::Path};

    use doors::network::Listener;

    use super::*;
    use crate::configuration::Configuration;

    fn loaded(data_dir: &Path, listen: Vec<SocketAddr>) -> Loaded {
        let mut configuration = Configuration::new("office.internal", data_dir, "OFFICE");
        configuration.doors.xmpp.listen = listen;
        configuration.doors.xmpp.listen_tls = Vec::new();
        configuration.doors.web.enabled = false;
        Loaded { configuration, sources: Default::default(), warnings: Vec::new() }
    }

    fn as_myself() -> String {
        nix::unistd::User::from_uid(nix::unistd::Uid::effective()).unwrap().unwrap().name
    }

    #[test]
    fn where_nothing_can_be_listened_on_the_start_ends_with_every_reason() {
        let directory = tempfile::tempdir().unwrap();
        let holder = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let loaded = loaded(directory.path(), vec![holder.local_address()]);
        let error = take(&loaded, Some(&as_myself())).unwrap_err().to_string();
        assert!(error.starts_with("nothing listens, so nobody could connect:"), "{error}");
        assert!(error.contains(&format!("Port {} is taken", holder.local_address().port())), "{error}");
        assert!(error.contains("--enable windows"), "{error}");
    }

    #[test]
    fn the_ports_and_the_directory_are_held_together() {
        let directory = tempfile::tempdir().unwrap();
        let loaded = loaded(directory.path(), vec!["127.0.0.1:0".parse().unwrap()]);
        let ground = take(&loaded, Some(&as_myself())).unwrap();
        assert_eq!(ground.bound.listeners.len(), 1);
        assert!(ground.allowed.contains("10.0.0.1".parse().unwrap()));
        let second = take(&loaded, Some(&as_myself())).unwrap_err().to_string();
        assert!(second.contains("is in use by process"), "{second}");
    }

    #[test]
    fn too_few_open_files_are_told_with_the_remedy() {
        assert_eq!(fewer_connections(100, 100), None);
        let remark = fewer_connections(20_000, 768).unwrap();
        assert!(remark.what.contains("open files for 768 connections"));
        assert!(remark.remedy.unwrap().contains("LimitNOFILE"));
    }
}
