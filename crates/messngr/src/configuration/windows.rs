use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use domain::Audience;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

// The doc comments in this file are printed for the administrator as they stand.

/// `[doors.windows]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowsDoor {
    /// Whether the door is open.
    pub(crate) enabled: bool,

    /// The addresses and ports of the NetBIOS session service. Clients know only port 139, which needs the right
    /// to bind ports below 1024 and that no other SMB server has it.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) session_listen: Vec<SocketAddr>,

    /// The addresses and ports on which the same messages come without NetBIOS sessions, such as `[::]:445`. Empty, as by
    /// default: nowhere. Port 445 is that of file servers: where `smbd` has it, leave it there.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) smb_listen: Vec<SocketAddr>,

    /// The addresses and ports of the NetBIOS name service, IPv4 alone: `0.0.0.0:137` is that port on each of
    /// `interfaces`. By it this computer, its message names and the people who are signed in are found by their names, and
    /// others are found from here. Empty: they are not.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) name_listen: Vec<SocketAddr>,

    /// The addresses and ports of the NetBIOS datagram service, IPv4 alone: `0.0.0.0:138` is that port on each of
    /// `interfaces`. By it messages come from and go to whole workgroups (`net send *`). Empty: they do not.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) datagram_listen: Vec<SocketAddr>,

    /// The address and port of the DCE/RPC endpoint mapper, IPv4 alone: `0.0.0.0:135` is that port on each of
    /// `interfaces`. By it Windows 2000 and later send messages where sessions do not work. Of who sends by it nothing is
    /// known but an address that has answered. Empty, as by default: nothing comes that way.
    #[schemars(extend("format" = "listen-address"))]
    pub(crate) rpc_listen: Vec<SocketAddr>,

    /// On which network interfaces names and datagrams are heard and sent, by the names that the system gives them
    /// (`eth0`) or by their networks (`10.1.0.0/16`). Empty: on each that has an IPv4 address in the allowed networks and
    /// is no loopback or point-to-point interface.
    #[schemars(extend("format" = "words"))]
    pub(crate) interfaces: Vec<String>,

    /// The domain or workgroup that this computer belongs to: at most 15 letters, digits, hyphens and underscores.
    #[schemars(extend("format" = "netbios-name"))]
    pub(crate) workgroup: String,

    /// How names are claimed and found: `b` by broadcast, `p` by asking name servers, `m` by broadcast and then by
    /// asking, `h` by asking and then by broadcast (RFC 1001 §10).
    #[schemars(extend("enum" = ["b", "p", "m", "h"]))]
    pub(crate) node_type: String,

    /// The name servers (WINS), the preferred one first.
    #[schemars(with = "Vec<String>", extend("format" = "ipv4-address"))]
    pub(crate) wins: Vec<Ipv4Addr>,

    /// How many people have a NetBIOS name on the network at most, so that a crowd that signs in does not flood it. They
    /// have one while they are signed in, can be seen, and take messages from anybody.
    #[schemars(range(min = 0, max = 10_000))]
    pub(crate) names_max: usize,

    /// The name by which Windows computers know this one: at most 15 letters, digits, hyphens and
    /// underscores.
    /// Default: the first part of the host's name.
    #[schemars(extend("format" = "netbios-name"), example = &"OFFICE")]
    pub(crate) netbios_name: String,

    /// Who gets what is sent to this computer's own name: `everyone`, `user:NAME`, `group:NAME`, or several of
    /// them separated by commas.
    #[schemars(with = "String", extend("format" = "audience"))]
    pub(crate) machine_name_to: Audience,

    /// Whom the Alerter tells what is not normal on this host, each by itself: `everyone`, `user:NAME`, `group:NAME` and
    /// `address:NETWORK` are people, `computer:NAME` and `computer:NAME@HOST` computers. A bare name is the account of
    /// that name or NetBIOS name, else those of a message name of this host (`messngr net name`), else a computer. The
    /// door need not be open for people to be told. Empty: the administrators.
    #[schemars(extend("format" = "alert-name"))]
    pub(crate) alert_names: Vec<String>,

    /// The code page of texts on this door, as a DOS number: 850 for western Europe, 437 for the United States,
    /// 852 for central Europe, 858 for western Europe with the euro sign, 866 for Cyrillic, 932 for Japan, 936 and 950 for
    /// China, 949 for Korea. A text that is valid UTF-8 beyond ASCII is read as UTF-8 whatever this says.
    #[schemars(extend("enum" = [
        437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932, 936, 949, 950, 1252
    ]))]
    pub(crate) code_page: u16,

    /// The code pages of networks whose machines have another one, as `10.2.0.0/16=866`. Of several networks with the same
    /// machine the smallest counts. Names on the network are spelled in `code_page`.
    #[schemars(with = "Vec<String>", extend("format" = "network-code-page"))]
    pub(crate) code_pages: Vec<String>,

    /// Whose messages nobody gets: addresses (`10.0.0.66`), networks (`10.5.0.0/16`), and `name:` with what a sender calls
    /// itself. Whoever is blocked by the name can take another.
    #[schemars(with = "Vec<String>", extend("format" = "blocked-stranger"))]
    pub(crate) blocked: Vec<String>,

    /// When people get no messages from old machines, by this host's clock, as `22:00-06:00`. Their senders hear that nobody
    /// of that name is there; what Samba has taken comes afterwards. This computer's own name and its message names are
    /// reached at any time, and so are people by alerts.
    #[schemars(with = "Vec<String>", extend("format" = "quiet-hours"))]
    pub(crate) quiet_hours: Vec<String>,

    /// The folder in which messages wait that Samba has taken on this machine, where `smbd` keeps the ports 139 and 445
    /// and its `message command` runs `messngr winpopup receive`. It is made by hand, for those alone who run the
    /// command; docs/windows.md shows how. Empty: nothing is taken over. The door may be closed meanwhile.
    #[schemars(extend("format" = "file"))]
    pub(crate) winpopup_folder: String,
}

impl Default for WindowsDoor {
    /// Closed, and without a NetBIOS name: that is the host's to give.
    fn default() -> Self {
        Self {
            enabled: false,
            session_listen: vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 139))],
            smb_listen: Vec::new(),
            name_listen: vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 137))],
            datagram_listen: vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, 138))],
            rpc_listen: Vec::new(),
            interfaces: Vec::new(),
            workgroup: "WORKGROUP".to_owned(),
            node_type: "b".to_owned(),
            wins: Vec::new(),
            names_max: 250,
            netbios_name: String::new(),
            machine_name_to: "group:admin".parse().expect("a group is an audience"),
            alert_names: Vec::new(),
            code_page: 850,
            code_pages: Vec::new(),
            blocked: Vec::new(),
            quiet_hours: Vec::new(),
            winpopup_folder: String::new(),
        }
    }
}
