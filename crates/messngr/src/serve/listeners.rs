use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    path::Path,
};

use doors::{
    api::{Listening, service::SWITCHED_OFF},
    network::Listener,
};

use crate::configuration::{Configuration, sections::Doors};

/// What a listener is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// XMPP clients that change to TLS.
    XmppStartTls,
    /// XMPP clients that begin with TLS.
    XmppTls,
    /// NET SEND, WinPopup and `smbclient -M`.
    WindowsSession,
    /// The same without NetBIOS sessions.
    WindowsDirect,
    /// Programs, browsers, and the documents by which clients find the others.
    WebTls,
    /// The same for this machine alone, and for a proxy on it.
    WebPlain,
    /// The page on which old machines confirm alerts.
    WebCodes,
}

/// What was bound, and the table of what listens where, or does not and why.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// The listeners, to be handed to their doors.
    pub(crate) listeners: Vec<(Purpose, Listener)>,
    /// One row for each configured address, and one for each door that is switched off.
    pub(crate) table: Vec<Listening>,
}

impl Purpose {
    const ALL: [Self; 7] = [
        Self::XmppStartTls,
        Self::XmppTls,
        Self::WindowsSession,
        Self::WindowsDirect,
        Self::WebTls,
        Self::WebPlain,
        Self::WebCodes,
    ];

    fn door(self) -> &'static str {
        match self {
            Self::XmppStartTls | Self::XmppTls => "xmpp",
            Self::WindowsSession | Self::WindowsDirect => "windows",
            Self::WebTls | Self::WebPlain | Self::WebCodes => "web",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::XmppStartTls => "XMPP clients, STARTTLS",
            Self::XmppTls => "XMPP clients, TLS from the start",
            Self::WindowsSession => "NET SEND, WinPopup, smbclient -M",
            Self::WindowsDirect => "the same without NetBIOS",
            Self::WebTls => "programs and browsers, HTTPS",
            Self::WebPlain => "programs on this machine, HTTP",
            Self::WebCodes => "old machines that confirm alerts, HTTP",
        }
    }

    /// The setting that says where it listens.
    fn setting(self) -> &'static str {
        match self {
            Self::XmppStartTls => "doors.xmpp.listen",
            Self::XmppTls => "doors.xmpp.listen_tls",
            Self::WindowsSession => "doors.windows.session_listen",
            Self::WindowsDirect => "doors.windows.smb_listen",
            Self::WebTls => "doors.web.listen",
            Self::WebPlain => "doors.web.plain_loopback_listen",
            Self::WebCodes => "doors.web.codes_listen",
        }
    }

    fn enabled(self, doors: &Doors) -> bool {
        match self {
            Self::XmppStartTls | Self::XmppTls => doors.xmpp.enabled,
            Self::WindowsSession | Self::WindowsDirect => doors.windows.enabled,
            Self::WebTls | Self::WebPlain | Self::WebCodes => doors.web.enabled,
        }
    }

    fn addresses(self, doors: &Doors) -> Vec<SocketAddr> {
        match self {
            Self::XmppStartTls => doors.xmpp.listen.clone(),
            Self::XmppTls => doors.xmpp.listen_tls.clone(),
            Self::WindowsSession => doors.windows.session_listen.clone(),
            Self::WindowsDirect => doors.windows.smb_listen.clone(),
            Self::WebTls => doors.web.listen.clone(),
            Self::WebPlain => Vec::from_iter(doors.web.plain_loopback()),
            Self::WebCodes => doors.web.codes_listen.clone(),
        }
    }

    fn row(self) -> Listening {
        Listening {
            door: self.door().to_owned(),
            setting: self.setting().to_owned(),
            purpose: self.words().to_owned(),
            address: None,
            problem: None,
            remedy: None,
        }
    }
}

/// Binds every address of every door that is open. What cannot be bound stands in the table with the reason and the
/// remedy; the rest of the service does not depend on it.
pub(crate) fn bind(configuration: &Configuration, program: &Path) -> Bound {
    let doors = &configuration.doors;
    let mut bound = Bound::default();
    for purpose in Purpose::ALL {
        if !purpose.enabled(doors) {
            // One row says it for the whole door.
            if !bound.table.iter().any(|row| row.door == purpose.door()) {
                bound.table.push(switched_off(purpose));
            }
            continue;
        }
        for address in purpose.addresses(doors) {
            match Listener::bind(address) {
                Ok(listener) => {
                    let address = Some(listener.local_address());
                    bound.table.push(Listening { address, ..purpose.row() });
                    bound.listeners.push((purpose, listener));
                }
                Err(error) => bound.table.push(failed(purpose, address, &error, program)),
            }
        }
    }
    bound
}

/// Whether nothing listens because nobody wants it to.
pub(crate) fn is_switched_off(row: &Listening) -> bool {
    row.problem.as_deref() == Some(SWITCHED_OFF)
}

fn switched_off(purpose: Purpose) -> Listening {
    let door = purpose.door();
    Listening {
        purpose: match purpose {
            Purpose::XmppStartTls | Purpose::XmppTls => "XMPP clients".to_owned(),
            Purpose::WindowsSession | Purpose::WindowsDirect => purpose.words().to_owned(),
            Purpose::WebTls | Purpose::WebPlain => "programs and browsers".to_owned(),
            Purpose::WebCodes => "old machines that confirm alerts".to_owned(),
        },
        problem: Some(SWITCHED_OFF.to_owned()),
        remedy: Some(format!("Start with `--enable {door}`, or set `enabled = true` in [doors.{door}].")),
        ..purpose.row()
    }
}

fn failed(purpose: Purpose, address: SocketAddr, error: &io::Error, program: &Path) -> Listening {
    let (problem, remedy) = why(purpose.setting(), address, error, program);
    Listening { problem: Some(problem), remedy: Some(remedy), ..purpose.row() }
}

/// Why an address cannot be bound, and what to do about it.
pub(super) fn why(setting: &str, address: SocketAddr, error: &io::Error, program: &Path) -> (String, String) {
    let port = address.port();
    match error.kind() {
        ErrorKind::PermissionDenied => (
            format!("The right to bind port {port} is missing: ports below 1024 need it ({address})."),
            format!(
                "Grant it with `sudo setcap cap_net_bind_service=+ep {}`, or with \
                 AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit; or choose another port in `{setting}`.",
                program.display()
            ),
        ),
        ErrorKind::AddrInUse => (
            format!("Port {port} is taken: {} ({address}).", who_has(port)),
            format!(
                "`sudo ss -ltnp 'sport = :{port}'` names it: stop it, or choose another address or port in `{setting}`."
            ),
        ),
        ErrorKind::AddrNotAvailable => (
            format!("This host has no address {}.", address.ip()),
            format!(
                "Name one of its addresses in `{setting}`, or `[::]` for all of them; `ip address` shows them."
            ),
        ),
        _ => (
            format!("{address} cannot be listened on: {error}."),
            format!("Choose another address or port in `{setting}`."),
        ),
    }
}

fn who_has(port: u16) -> &'static str {
    match port {
        137 | 138 => "another program (perhaps Samba's nmbd) has it",
        139 | 445 => "another program (perhaps Samba's smbd) has it",
        5222 | 5223 => "another program (perhaps another XMPP server, or another messngr) has it",
        _ => "another program has it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration() -> Configuration {
        let mut configuration = Configuration::new("office.internal", Path::new("/data"), "OFFICE");
        configuration.doors.xmpp.listen = vec!["127.0.0.1:0".parse().unwrap()];
        configuration.doors.xmpp.listen_tls = vec!["127.0.0.1:0".parse().unwrap()];
        configuration.doors.windows.session_listen = vec!["127.0.0.1:0".parse().unwrap()];
        configuration.doors.web.enabled = false;
        configuration
    }

    fn said(kind: ErrorKind, purpose: Purpose, address: &str) -> (String, String) {
        why(purpose.setting(), address.parse().unwrap(), &kind.into(), Path::new("/opt/messngr"))
    }

    #[test]
    fn the_table_tells_the_ports_that_the_system_chose_and_which_doors_are_off() {
        let bound = bind(&configuration(), Path::new("/opt/messngr"));
        assert_eq!(bound.listeners.len(), 2);
        assert_eq!(bound.table.len(), 4);
        for ((purpose, listener), row) in bound.listeners.iter().zip(&bound.table) {
            assert_eq!(row.door, purpose.door());
            assert_eq!(row.address, Some(listener.local_address()));
            assert_ne!(listener.local_address().port(), 0);
            assert_eq!(row.problem, None);
        }
        let windows = &bound.table[2];
        assert_eq!((windows.door.as_str(), windows.address), ("windows", None));
        assert!(windows.remedy.as_ref().unwrap().contains("--enable windows"));
        let web = &bound.table[3];
        assert_eq!((web.door.as_str(), web.address), ("web", None));
    }

    #[test]
    fn a_door_that_is_off_has_one_row_however_many_listeners_it_would_have() {
        let mut configuration = configuration();
        configuration.doors.xmpp.enabled = false;
        configuration.doors.windows.enabled = true;
        let bound = bind(&configuration, Path::new("/opt/messngr"));
        let doors: Vec<&str> = bound.table.iter().map(|row| row.door.as_str()).collect();
        assert_eq!(doors, ["xmpp", "windows", "web"]);
        assert!(matches!(bound.listeners[..], [(Purpose::WindowsSession, _)]));
    }

    #[test]
    fn a_port_that_is_taken_leaves_the_others_listening_and_is_told_with_the_remedy() {
        let holder = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut configuration = configuration();
        configuration.doors.xmpp.listen = vec![holder.local_address()];
        let bound = bind(&configuration, Path::new("/opt/messngr"));
        assert_eq!(bound.listeners.len(), 1);
        let port = holder.local_address().port();
        let row = &bound.table[0];
        assert_eq!(row.address, None);
        assert!(row.problem.as_ref().unwrap().starts_with(&format!("Port {port} is taken")), "{row:?}");
        assert!(row.remedy.as_ref().unwrap().contains("doors.xmpp.listen"), "{row:?}");
    }

    #[test]
    fn a_missing_right_is_told_with_how_to_grant_it_to_this_very_program() {
        let (problem, remedy) = said(ErrorKind::PermissionDenied, Purpose::WindowsSession, "[::]:139");
        assert!(problem.contains("port 139 is missing"), "{problem}");
        assert!(remedy.contains("setcap cap_net_bind_service=+ep /opt/messngr"), "{remedy}");
        assert!(remedy.contains("AmbientCapabilities"), "{remedy}");
        assert!(remedy.contains("another port in `doors.windows.session_listen`"), "{remedy}");
    }

    #[test]
    fn who_probably_has_a_port_is_named() {
        let problem = |address| said(ErrorKind::AddrInUse, Purpose::WindowsSession, address).0;
        assert!(problem("[::]:139").contains("another program (perhaps Samba's smbd) has it"));
        assert!(problem("[::]:7777").contains("another program has it"));
    }

    #[test]
    fn an_address_of_another_host_is_told_as_such() {
        let (problem, remedy) = said(ErrorKind::AddrNotAvailable, Purpose::XmppTls, "10.9.9.9:5223");
        assert_eq!(problem, "This host has no address 10.9.9.9.");
        assert!(remedy.contains("doors.xmpp.listen_tls"), "{remedy}");
    }
}
