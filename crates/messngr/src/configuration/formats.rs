use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroU16,
    path::{Path, absolute},
    str::FromStr,
};

use domain::{
    Audience, BlockedStranger, QuietHours, Target, TopicName,
    alerter::{AlertName, ConditionKind},
};
use doors::{
    webhooks::{EventKind, Target as Place},
    windows::NetworkCodePage,
};
use ipnet::IpNet;

use super::fault::{Fault, fault};
use super::mistake::quoted;

#[cfg(test)]
mod tests;

/// The most characters of a NetBIOS name (RFC 1001 §14.1: sixteen bytes, of which the last is the suffix).
pub(super) const NETBIOS_NAME_MAX: usize = domain::NETBIOS_SPELLING_MAX;

/// The longest URI of a contact, in bytes.
const CONTACT_ADDRESS_MAX: usize = 500;

/// The most characters of what people read.
const WORDS_MAX: usize = 1_000;

/// What a text in the configuration means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Domain,
    Directory,
    ListenAddress,
    LoopbackAddress,
    HostName,
    OtherHost,
    Network,
    ContactAddress,
    NetbiosName,
    Audience,
    Severity,
    StoreUrl,
    Words,
    PublishAudience,
    TopicName,
    WebhookName,
    WebhookUrl,
    Event,
    File,
    Ipv4Address,
    AlertName,
    ConditionKind,
    NetworkCodePage,
    BlockedStranger,
    QuietHours,
}

impl Format {
    /// The format of this name in the schema.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "domain" => Self::Domain,
            "directory" => Self::Directory,
            "listen-address" => Self::ListenAddress,
            "loopback-address" => Self::LoopbackAddress,
            "host-name" => Self::HostName,
            "other-host" => Self::OtherHost,
            "network" => Self::Network,
            "contact-address" => Self::ContactAddress,
            "netbios-name" => Self::NetbiosName,
            "audience" => Self::Audience,
            "severity" => Self::Severity,
            "store-url" => Self::StoreUrl,
            "words" => Self::Words,
            "publish-audience" => Self::PublishAudience,
            "topic-name" => Self::TopicName,
            "webhook-name" => Self::WebhookName,
            "webhook-url" => Self::WebhookUrl,
            "event" => Self::Event,
            "file" => Self::File,
            "ipv4-address" => Self::Ipv4Address,
            "alert-name" => Self::AlertName,
            "condition-kind" => Self::ConditionKind,
            "network-code-page" => Self::NetworkCodePage,
            "blocked-stranger" => Self::BlockedStranger,
            "quiet-hours" => Self::QuietHours,
            _ => return None,
        })
    }

    /// The text in its one normal form. Relative paths begin at `base`.
    pub(super) fn normalise(self, text: &str, base: &Path) -> Result<String, Fault> {
        match self {
            Self::Domain => domain_name(text),
            Self::Directory => directory(text, base),
            Self::ListenAddress => listen_address(text).map(|address| address.to_string()),
            Self::LoopbackAddress => loopback_address(text),
            Self::HostName => host_name(text),
            Self::OtherHost => other_host(text),
            Self::Network => network(text).map(|network| network.to_string()),
            Self::ContactAddress => contact_address(text),
            Self::NetbiosName => netbios_name(text),
            Self::Audience => audience(text),
            Self::Severity => severity(text),
            Self::StoreUrl => store_url(text),
            Self::PublishAudience => {
                parsed::<Audience>(text, "Write `everyone`, `group:NAME` or `user:NAME`.")
            }
            Self::TopicName => {
                parsed::<TopicName>(text, "Give the topic another name: [publish.topics.NAME].")
            }
            Self::WebhookName => webhook_name(text),
            Self::WebhookUrl => parsed::<Place>(text, "Write it as in `https://siren.office.internal/hook`."),
            Self::Event => parsed::<EventKind>(text, "Leave `events` out for all of them."),
            Self::File if text.is_empty() => Ok(String::new()),
            Self::File => directory(text, base),
            Self::Words => words(text),
            Self::Ipv4Address => parsed::<Ipv4Addr>(text, "Write it as in `10.0.0.2`."),
            Self::AlertName => parsed::<AlertName>(
                text,
                "Write `group:NAME`, `user:NAME`, `computer:NAME@HOST` or a bare name.",
            ),
            Self::ConditionKind => parsed::<ConditionKind>(text, "Leave it out to be told of every kind."),
            Self::NetworkCodePage => {
                parsed::<NetworkCodePage>(text, "Write a network and a code page, as in `10.2.0.0/16=866`.")
            }
            Self::BlockedStranger => parsed::<BlockedStranger>(
                text,
                "Write an address, a network such as `10.5.0.0/16`, or `name:` with a name.",
            ),
            Self::QuietHours => parsed::<QuietHours>(text, "Write it as in `22:00-06:00`."),
        }
    }

    /// What a value looks like.
    pub(super) fn sample(self) -> &'static str {
        match self {
            Self::Domain => "office.internal",
            Self::Directory => "/var/lib/messngr",
            Self::ListenAddress => "127.0.0.1:5222",
            Self::LoopbackAddress => "127.0.0.1:8080",
            Self::HostName => "alerts.office.internal",
            Self::OtherHost => "chat.office.internal:5222",
            Self::Network => "192.168.1.0/24",
            Self::ContactAddress => "mailto:it@office.internal",
            Self::NetbiosName => "OFFICE",
            Self::Audience => "group:admin",
            Self::Severity => "extreme",
            Self::StoreUrl => "sqlite:/var/lib/messngr/messngr.db",
            Self::PublishAudience => "group:plant",
            Self::TopicName => "plant",
            Self::WebhookName => "siren",
            Self::WebhookUrl => "https://siren.office.internal/hook",
            Self::Event => "alert.sent",
            Self::File => "/etc/messngr/secret",
            Self::Ipv4Address => "10.0.0.2",
            Self::Words => "Tonight from 22:00 for an hour",
            Self::AlertName => "group:admin",
            Self::ConditionKind => "refused-source",
            Self::NetworkCodePage => "10.2.0.0/16=866",
            Self::BlockedStranger => "10.0.0.66",
            Self::QuietHours => "22:00-06:00",
        }
    }
}

/// What reads a text says itself what is wrong with it.
fn parsed<T>(text: &str, remedy: &str) -> Result<String, Fault>
where
    T: FromStr<Err: Display> + Display,
{
    match text.parse::<T>() {
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(fault(format!("{error}."), remedy)),
    }
}

/// Under this name it is remembered what a webhook was told.
fn webhook_name(text: &str) -> Result<String, Fault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=64).contains(&text.len()) && text.bytes().all(good) {
        return Ok(text.to_owned());
    }
    let what = format!("{} is not the name of a webhook.", quoted(text));
    Err(fault(what, "Write 1 to 64 letters, digits, `-` or `_`."))
}

fn domain_name(text: &str) -> Result<String, Fault> {
    let name = text.to_ascii_lowercase();
    let label_is_good = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.parse::<IpAddr>().is_ok() {
        return Err(fault(
            format!("{} is an address, not a domain.", quoted(text)),
            "Write a name, such as `office.internal`: it is part of everyone's address and outlives the host's.",
        ));
    }
    if name.len() > 253 || !name.split('.').all(label_is_good) {
        return Err(fault(
            format!("{} is not a domain.", quoted(text)),
            "Write letters a to z, digits and hyphens, with dots between the parts, such as `office.internal`.",
        ));
    }
    Ok(name)
}

fn directory(text: &str, base: &Path) -> Result<String, Fault> {
    if text.is_empty() || text.contains('\0') {
        return Err(fault(
            format!("{} is not a directory.", quoted(text)),
            "Write a path, such as `/var/lib/messngr`.",
        ));
    }
    if text.starts_with('~') || text.starts_with('$') {
        return Err(fault(
            format!("{} begins with what only a shell replaces.", quoted(text)),
            "Write the path in full, such as `/home/anna/messngr`.",
        ));
    }
    let path = absolute(base.join(text)).map_err(|error| {
        fault(format!("{} is not a directory: {error}.", quoted(text)), "Write the path from the root.")
    })?;
    match path.to_str() {
        Some(path) => Ok(path.to_owned()),
        None => Err(fault(
            format!("{} is in a directory whose name is not UTF-8.", quoted(text)),
            "Use a directory whose path is valid UTF-8.",
        )),
    }
}

fn listen_address(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().map_err(|_| {
        let what = format!("{} is not an address and a port.", quoted(text));
        let remedy = if let Ok(address) = text.parse::<IpAddr>() {
            format!("Add the port, such as `{}`.", SocketAddr::new(address, 5222))
        } else if let Some(port) = all_addresses(text) {
            format!("For every address of this host write `[::]:{port}`.")
        } else {
            "Write an address, not a name, and a port: `127.0.0.1:5222`, `[::1]:5222`, or `[::]:5222` for every \
             address of this host."
                .to_owned()
        };
        fault(what, remedy)
    })
}

/// Only this machine can connect there; or nothing.
fn loopback_address(text: &str) -> Result<String, Fault> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let address = listen_address(text)?;
    if !address.ip().is_loopback() {
        let what =
            format!("{} can be reached from other machines, and nothing would be encrypted.", quoted(text));
        return Err(fault(what, "Write a loopback address, such as `127.0.0.1:8080`, or nothing."));
    }
    Ok(address.to_string())
}

/// A name or an IP address, as it stands in an address of the web.
fn host_name(text: &str) -> Result<String, Fault> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.to_string()),
        Err(_) => domain_name(text),
    }
}

/// What people read, in one line.
fn words(text: &str) -> Result<String, Fault> {
    if text.chars().count() > WORDS_MAX || text.contains(['\n', '\t']) || domain::displayable(text) != text {
        let what = format!(
            "it has more than {WORDS_MAX} characters, several lines, or characters that nobody sees."
        );
        return Err(fault(what, "Write one line of words."));
    }
    Ok(text.to_owned())
}

/// The port of `*:5222`, `:5222` or `5222`.
fn all_addresses(text: &str) -> Option<u16> {
    let port = text.strip_prefix('*').unwrap_or(text);
    port.strip_prefix(':').unwrap_or(port).parse().ok()
}

/// A domain or an address, with or without a port (RFC 6120 §4.9.3.19); or nothing.
fn other_host(text: &str) -> Result<String, Fault> {
    let remedy = "Write a name or an address, and a port if it is not the usual one: `chat.office.internal`, \
                  `10.0.0.5:5222`, `[fd00::5]:5222`.";
    let wrong = || fault(format!("{} is not a host that clients can be sent to.", quoted(text)), remedy);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or_else(wrong)?;
        let address: Ipv6Addr = address.parse().map_err(|_| wrong())?;
        return match port.strip_prefix(':').map(str::parse::<NonZeroU16>) {
            None if port.is_empty() => Ok(format!("[{address}]")),
            Some(Ok(port)) => Ok(format!("[{address}]:{port}")),
            _ => Err(wrong()),
        };
    }
    if text.is_empty() {
        return Ok(String::new());
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port.parse::<NonZeroU16>().map_err(|_| wrong())?)),
        None => (text, None),
    };
    let host = match host.parse::<Ipv4Addr>() {
        Ok(address) => address.to_string(),
        Err(_) => domain_name(host).map_err(|_| wrong())?,
    };
    Ok(port.map_or(host.clone(), |port| format!("{host}:{port}")))
}

fn network(text: &str) -> Result<IpNet, Fault> {
    if let Ok(address) = text.parse::<IpAddr>() {
        let remedy = format!("For this one address write `{}`.", IpNet::from(address));
        return Err(fault(format!("{} is an address without a prefix length.", quoted(text)), remedy));
    }
    let network: IpNet = text.parse().map_err(|_| {
        fault(
            format!("{} is not a network.", quoted(text)),
            "Write an address and a prefix length, such as `192.168.1.0/24` or `fd00::/8`.",
        )
    })?;
    if let IpNet::V6(v6) = network
        && v6.addr().to_ipv4_mapped().is_some()
    {
        return Err(fault(
            format!("{} is an IPv4 network written as IPv6.", quoted(text)),
            "Write it as IPv4, such as `192.168.1.0/24`.",
        ));
    }
    if network != network.trunc() {
        return Err(fault(
            format!("{} is an address inside a network, not the network.", quoted(text)),
            format!("For the whole network write `{}`, for this address alone `{}`.", network.trunc(), {
                IpNet::from(network.addr())
            }),
        ));
    }
    Ok(network)
}

/// A URI: a scheme, a colon and something behind it (RFC 3986 §3).
fn contact_address(text: &str) -> Result<String, Fault> {
    let is_good = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
            && !rest.is_empty()
            && rest.chars().all(|character| character.is_ascii_graphic())
    });
    if is_good && text.len() <= CONTACT_ADDRESS_MAX {
        return Ok(text.to_owned());
    }
    let remedy = if text.contains('@') && !text.contains([':', ' ']) {
        format!("For an address of e-mail write `mailto:{text}`, for one of XMPP `xmpp:{text}`.")
    } else {
        "Write a URI, such as `mailto:it@office.internal` or `https://office.internal/help`.".to_owned()
    };
    Err(fault(format!("{} is not a URI.", quoted(text)), remedy))
}

fn netbios_name(text: &str) -> Result<String, Fault> {
    let length = text.chars().count();
    if length > NETBIOS_NAME_MAX {
        return Err(fault(
            format!(
                "{} has {length} characters; a NetBIOS name has at most {NETBIOS_NAME_MAX}.",
                quoted(text)
            ),
            "Write a shorter name.",
        ));
    }
    let good = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    if text.is_empty() || !text.chars().all(good) {
        return Err(fault(
            format!("{} is not a NetBIOS name.", quoted(text)),
            "Write 1 to 15 letters a to z, digits, hyphens and underscores, such as `OFFICE`.",
        ));
    }
    Ok(text.to_ascii_uppercase())
}

fn audience(text: &str) -> Result<String, Fault> {
    let remedy = "Write `everyone`, `user:NAME` or `group:NAME`, or several of them separated by commas.";
    let audience: Audience = text.parse().map_err(|error| fault(format!("No audience: {error}."), remedy))?;
    // A message to this computer that went on to a computer could come back, for ever.
    if audience.targets().iter().any(|target| matches!(target, Target::Computer(_))) {
        return Err(fault(format!("{} names a computer; only people can be meant.", quoted(text)), remedy));
    }
    Ok(text.to_owned())
}

fn severity(text: &str) -> Result<String, Fault> {
    let remedy = "Write `information`, `minor`, `moderate`, `severe` or `extreme`.";
    let severity: domain::Severity = text.parse().map_err(|error| fault(format!("{error}."), remedy))?;
    Ok(severity.to_string())
}

fn store_url(text: &str) -> Result<String, Fault> {
    let remedy =
        "Write `sqlite:` and the absolute path of a file, such as `sqlite:/var/lib/messngr/messngr.db`.";
    let Some(path) = text.strip_prefix("sqlite:") else {
        let what = match text.split_once(':') {
            Some((engine, _)) => {
                format!("{} is not a database engine that this version has; only `sqlite` is.", {
                    quoted(engine)
                })
            }
            None => format!("{} does not begin with the name of a database engine.", quoted(text)),
        };
        return Err(fault(what, remedy));
    };
    if path == ":memory:" {
        return Err(fault("A database in memory would lose what was accepted.".to_owned(), remedy));
    }
    // `sqlite:///path` is the same file in the manner of a URL with an empty authority (RFC 3986 §3.2).
    let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    if !path.starts_with('/') || path.ends_with('/') || path.contains(['\0', '?']) {
        return Err(fault(format!("{} does not name a file by its absolute path.", quoted(text)), remedy));
    }
    Ok(format!("sqlite:{path}"))
}
