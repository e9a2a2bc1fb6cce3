use std::{
    collections::BTreeMap,
    net::{Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use domain::{AllowedNetworks, Severity};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    alerting::AlerterSection,
    publishing::{Publish, WebhookSection},
    windows::WindowsDoor,
};

// The doc comments in this file are printed for the administrator as they stand. A setting with an `example` has no
// fixed default: what it is without being written depends on the host.

/// Everything that is configured. A value of this type is complete and has been checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configuration {
    /// The domain of all addresses here: people are `name@domain`. Letters a to z, digits, hyphens and dots.
    /// It is fixed when the service starts for the first time.
    /// Default: the first part of the host's name, then `.internal`.
    #[schemars(extend("format" = "domain"), example = &"office.internal")]
    pub(crate) domain: String,

    /// The directory of everything that the service keeps: its database, certificates and control socket.
    /// A relative path counts from this file's directory (on the command line and in the environment: from the
    /// working directory).
    /// Default: `$XDG_STATE_HOME/messngr`, else `$HOME/.local/state/messngr`, else `/var/lib/messngr`.
    #[schemars(extend("format" = "directory"), example = &"/var/lib/messngr")]
    pub(crate) data_dir: PathBuf,

    /// Who is answered at all.
    pub(crate) network: Network,

    /// The protocols by which people come in, one section each.
    pub(crate) doors: Doors,

    /// Whom people turn to about the service. Clients show it to them. Each is a list of URIs, such as
    /// `mailto:it@office.internal`, `xmpp:anna@office.internal` or `tel:+4912345`.
    pub(crate) contact: Contact,

    /// What programs publish to, as they would to ntfy, Gotify and others: over the web door.
    pub(crate) publish: Publish,

    /// The programs that are told what happens to alerts: by signed requests of HTTP, inside the allowed networks.
    #[schemars(extend("x-name" = "webhook-name"))]
    pub(crate) webhooks: BTreeMap<String, WebhookSection>,

    /// Where accounts, messages and alerts are stored.
    pub(crate) store: Store,

    /// What is kept of conversations.
    pub(crate) archive: Archive,

    /// What is asked of the passwords that people choose for themselves.
    pub(crate) passwords: Passwords,

    /// Files that people send each other. Clients put and fetch them through the web door.
    pub(crate) files: Files,
    /// How alerts are sent.
    pub(crate) alerts: Alerts,

    /// What is told to those who look after this host: a disk that is filling, failed sign-ins, power from a battery,
    /// what scripts raise (`messngr alerter raise`), and when it is normal again.
    pub(crate) alerter: AlerterSection,

    /// Limits that keep one client from harming the others.
    pub(crate) limits: Limits,

    /// What people on the network are told of the service at `/status` of the web door.
    pub(crate) status: Status,

    /// What can be measured, at `/metrics` of the web door.
    pub(crate) metrics: Metrics,

    /// What the service writes about its own running. Message texts and passwords are never in it.
    pub(crate) log: Log,
}

/// `[network]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    /// The networks whose addresses are answered and connected to. Every other address is refused before a byte
    /// is read. The default is the loopback, link-local, RFC 1918 and RFC 4193 networks.
    #[schemars(with = "Vec<String>", extend("format" = "network"))]
    pub(crate) allowed: Vec<IpNet>,

    /// The networks of reverse proxies that are believed when they say whose connection they forward.
    #[schemars(with = "Vec<String>", extend("format" = "network"))]
    pub(crate) proxies: Vec<IpNet>,
}

/// `[doors]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Doors {
    /// XMPP (Jabber): today's chat clients.
    pub(crate) xmpp: XmppDoor,

    /// The Windows Messenger Service: NET SEND, WinPopup and `smbclient -M`. This protocol neither proves who the
    /// sender is nor encrypts: senders are shown as unverified.
    pub(crate) windows: WindowsDoor,

    /// HTTPS: the interface for programs (`/api` describes it), and the two documents by which clients find the service
    /// (`/.well-known/host-meta` and `/.well-known/host-meta.json`). For these clients ask at port 443 of the domain,
    /// so that this port has to be led here.
    pub(crate) web: WebDoor,
}

/// `[doors.xmpp]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct XmppDoor {
    /// Whether the door is open.
    pub(crate) enabled: bool,

    /// The addresses and ports for clients that begin in the clear and change to TLS (STARTTLS).
    /// `[::]` is every address of the host, IPv4 included; port 0 lets the system choose one.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) listen: Vec<SocketAddr>,

    /// The addresses and ports for clients that begin with TLS.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) listen_tls: Vec<SocketAddr>,

    /// Whether a client must change to TLS before it signs in. Without it, passwords and messages of clients that
    /// do not encrypt can be read on the network.
    pub(crate) require_tls: bool,

    /// Whether a password may be sent in the clear (SASL PLAIN) without TLS. For tests only.
    pub(crate) allow_plain_without_tls: bool,

    /// For how many days a client that has signed in may do so again by a token that the service gave it, instead of
    /// the password (XEP-0484). A new password ends all tokens. 0: no tokens are given.
    #[schemars(range(min = 0, max = 3_650))]
    pub(crate) token_days: i64,

    /// Where every client is sent instead of being served here, as when the service has moved: a name or an address
    /// (IPv6 in brackets), and a port if it is not the usual one. Clients are told once their connection is
    /// encrypted, and want a certificate for the same domain there. Empty: nobody is sent away.
    #[schemars(extend("format" = "other-host"))]
    pub(crate) see_other_host: String,
}

/// `[doors.web]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebDoor {
    /// Whether the door is open.
    pub(crate) enabled: bool,

    /// The addresses and ports of HTTPS.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) listen: Vec<SocketAddr>,

    /// The address and port of HTTP without encryption, for programs on this machine and for a proxy that encrypts. It
    /// must be a loopback address. Empty: there is none.
    #[schemars(extend("format" = "loopback-address"))]
    pub(crate) plain_loopback_listen: String,

    /// The addresses and ports of HTTP without encryption on which nothing is answered but the page where an alert is
    /// confirmed with the code from its message: for old machines whose browsers know no encryption of today. Whoever
    /// listens on the way can confirm in their place. None by default.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) codes_listen: Vec<SocketAddr>,

    /// The names and addresses by which clients call the service, beside its domain, the host's name and the addresses
    /// that it has. Requests for others are refused, so that nobody's pages can use a browser inside the network.
    #[schemars(extend("format" = "host-name"))]
    pub(crate) hosts: Vec<String>,
}

/// `[contact]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// To report misuse.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) abuse: Vec<String>,

    /// The administrators.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) admin: Vec<String>,

    /// To say what one thinks of the service.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) feedback: Vec<String>,

    /// To buy something.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) sales: Vec<String>,

    /// To report a weakness.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) security: Vec<String>,

    /// Where it is told whether the service works.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) status: Vec<String>,

    /// To get help.
    #[schemars(extend("format" = "contact-address"))]
    pub(crate) support: Vec<String>,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    /// The database: `sqlite:` and the absolute path of a file.
    /// Default: `sqlite:` and `messngr.db` in the data directory.
    #[schemars(extend("format" = "store-url"), example = &"sqlite:/var/lib/messngr/messngr.db")]
    pub(crate) url: String,
}

/// `[alerts]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alerts {
    /// Alerts of these severities take effect only when a second person, who may send them too, has released them:
    /// `["extreme"]` for example. Empty: none waits.
    #[schemars(with = "Vec<String>", extend("format" = "severity"))]
    pub(crate) release: Vec<Severity>,
}

/// `[archive]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archive {
    /// Whether delivered messages are kept. Without it a message is kept only until its recipient has it.
    pub(crate) enabled: bool,

    /// How many days messages are kept in archives; 0 keeps them for ever. What nobody has fetched yet still waits.
    #[schemars(range(max = 36_500))]
    pub(crate) keep_days: u32,
}

/// `[passwords]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Passwords {
    /// How many characters a password has at least that a person chooses. Those that an administrator gives are not
    /// judged, and are to be changed at the first sign-in by a browser (unless `--may-keep`).
    #[schemars(range(min = 1, max = 200))]
    pub(crate) length_min: u16,

    /// After how many days people are asked for a new password: 14, 7 and 1 days before, and on that day, by an alert
    /// of the service. Nobody is locked out. 0: never.
    #[schemars(range(min = 0, max = 3_650))]
    pub(crate) days_max: u16,
}

/// `[files]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    /// The largest file, in bytes. 0: nobody sends files.
    #[schemars(range(max = 1_099_511_627_776_u64))]
    pub(crate) size_max_bytes: u64,

    /// How many bytes of files one account may have here.
    #[schemars(range(max = 1_125_899_906_842_624_u64))]
    pub(crate) quota_bytes: u64,

    /// How many days a file is kept; 0 keeps files for ever.
    #[schemars(range(max = 36_500))]
    pub(crate) keep_days: u32,

    /// How many bytes of the disk files leave free, so that messages and alerts still find room there. Past it no
    /// file is taken.
    #[schemars(range(max = 1_125_899_906_842_624_u64))]
    pub(crate) free_bytes_min: u64,

    /// The same in hundredths of the disk; the larger of the two counts.
    #[schemars(range(max = 90))]
    pub(crate) free_percent_min: u8,
}

/// `[limits]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// The largest XMPP stanza of someone who has signed in, in bytes.
    #[schemars(range(min = 10_000, max = 16_777_216))]
    pub(crate) stanza_bytes_max: usize,

    /// The largest XMPP stanza of someone who has not signed in yet, in bytes.
    #[schemars(range(min = 10_000, max = 1_048_576))]
    pub(crate) stanza_bytes_before_sign_in_max: usize,

    /// How many connections there may be at the same time, over all doors.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) connections_max: usize,

    /// How many connections one address may have at the same time that have not signed in.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) connections_per_address_max: usize,

    /// How many connections to the web door one account may have at the same time, those of its tokens included. One in
    /// ten of all connections is kept for those who sign in.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) connections_per_account_max: usize,

    /// How long a connection may take to sign in before it is closed, in seconds.
    #[schemars(range(min = 1, max = 3_600))]
    pub(crate) sign_in_seconds_max: u64,

    /// How many failed sign-ins one address may make within a minute before it has to wait.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) sign_in_failures_per_minute_max: u32,

    /// How much may wait to be sent to one session, in bytes, before the session is closed. Messages are not lost
    /// by that: they stay stored for the next session.
    #[schemars(range(min = 65_536, max = 1_073_741_824))]
    pub(crate) outbox_bytes_max: usize,

    /// How many sessions one account may have at once, those included that broke and can still be resumed. Past it the
    /// oldest broken one ends; where there is none, signing in is refused.
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) sessions_per_account_max: usize,

    /// How many contacts one account may have.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) roster_contacts_max: usize,

    /// How long a session whose connection broke can be resumed, in seconds. 0 switches resumption off.
    #[schemars(range(min = 0, max = 86_400))]
    pub(crate) resumption_seconds: u64,

    /// How many stanzas one XMPP session may send within a second in the long run, and five times as many at once.
    /// A session that sends more is read no faster: nothing is lost by it. 0 is no limit.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) stanzas_per_second_max: u32,

    /// How many requests one token or person may make of the web door within a minute; whoever is not known is counted
    /// by address. 0 is no limit.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(crate) requests_per_minute_max: u32,

    /// How many messages one source may send through the Windows door within a minute, and as many by datagrams, whose
    /// source can be forged.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) messages_per_minute_max: u32,

    /// How many messages all sources together may send through the Windows door within a minute, at most half of them by
    /// datagrams.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) messages_of_all_per_minute_max: u32,

    /// How many undelivered messages are kept for one account. Further ones are refused, and their senders told.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) pending_messages_max: usize,
}

/// `[status]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    /// What is planned, such as `Tonight from 22:00 for an hour`. It can be changed while the service runs (SIGHUP).
    /// Empty: nothing is.
    #[schemars(extend("format" = "words"))]
    pub(crate) maintenance: String,
}

/// `[metrics]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metrics {
    /// The networks that may read them, beside this machine.
    #[schemars(with = "Vec<String>", extend("format" = "network"))]
    pub(crate) allowed: Vec<IpNet>,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// How much is written: each level includes those before it.
    pub(crate) level: LogLevel,

    /// How a line looks: `text` for people, `json` for log collectors.
    pub(crate) format: LogFormat,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Configuration {
    /// The defaults, for a service of this domain that keeps its data in this directory (an absolute path) on a
    /// computer of this NetBIOS name.
    pub(crate) fn new(domain: &str, data_dir: &Path, netbios_name: &str) -> Self {
        let mut doors = Doors::default();
        doors.windows.netbios_name = netbios_name.to_owned();
        Self {
            domain: domain.to_owned(),
            data_dir: data_dir.to_owned(),
            network: Network::default(),
            doors,
            contact: Contact::default(),
            publish: Publish::default(),
            webhooks: BTreeMap::new(),
            store: Store::within(data_dir),
            archive: Archive { enabled: true, keep_days: 0 },
            passwords: Passwords::default(),
            files: Files::default(),
            alerts: Alerts::default(),
            alerter: AlerterSection::default(),
            limits: Limits::default(),
            status: Status::default(),
            metrics: Metrics::default(),
            log: Log { level: LogLevel::Info, format: LogFormat::Text },
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self { allowed: AllowedNetworks::default().networks().to_vec(), proxies: Vec::new() }
    }
}

impl Default for XmppDoor {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: vec![every_address(5222)],
            listen_tls: vec![every_address(5223)],
            require_tls: true,
            allow_plain_without_tls: false,
            token_days: 14,
            see_other_host: String::new(),
        }
    }
}

impl Default for WebDoor {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: vec![every_address(8443)],
            plain_loopback_listen: "127.0.0.1:8080".to_owned(),
            codes_listen: Vec::new(),
            hosts: Vec::new(),
        }
    }
}

impl WebDoor {
    /// Where HTTP without encryption is listened for. Every checked text but the empty one is an address.
    pub(crate) fn plain_loopback(&self) -> Option<SocketAddr> {
        self.plain_loopback_listen.parse().ok()
    }
}

impl Store {
    /// The embedded database in this directory.
    pub(crate) fn within(data_dir: &Path) -> Self {
        Self { url: format!("sqlite:{}", data_dir.join("messngr.db").display()) }
    }

    /// The database file. SQLite is the only engine, so that every checked URL has one.
    pub(crate) fn sqlite_file(&self) -> &Path {
        Path::new(self.url.strip_prefix("sqlite:").unwrap_or(&self.url))
    }
}

impl Default for Passwords {
    fn default() -> Self {
        let domain::PasswordRules { length_min, days_max } = domain::PasswordRules::default();
        Self { length_min, days_max }
    }
}

impl Default for Files {
    fn default() -> Self {
        Self {
            size_max_bytes: 100 << 20,
            quota_bytes: 1 << 30,
            keep_days: 0,
            free_bytes_min: 256 << 20,
            free_percent_min: 5,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stanza_bytes_max: 262_144,
            stanza_bytes_before_sign_in_max: 10_240,
            connections_max: 20_000,
            connections_per_address_max: 1_000,
            connections_per_account_max: 500,
            sign_in_seconds_max: 30,
            sign_in_failures_per_minute_max: 20,
            outbox_bytes_max: 4 * 1_048_576,
            sessions_per_account_max: 50,
            roster_contacts_max: 5_000,
            resumption_seconds: 600,
            stanzas_per_second_max: 200,
            requests_per_minute_max: 1_200,
            messages_per_minute_max: 120,
            messages_of_all_per_minute_max: 1_200,
            pending_messages_max: 10_000,
        }
    }
}

fn every_address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
}
