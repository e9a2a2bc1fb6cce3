use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

use super::AudienceError;
use crate::{Address, GroupName, displayable};

/// One target of an [`Audience`](super::Audience).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Every account that is not disabled.
    Everyone,
    /// One account: `name` or `name@domain`, completed with the service's domain when it is resolved.
    User(String),
    /// The members of a group.
    Group(GroupName),
    /// A machine that takes messenger messages.
    Computer(Computer),
    /// The people who are signed in from these network addresses or were when they last signed in, and the machines
    /// at these addresses that have taken a message.
    Network(IpNet),
}

/// A machine that takes NET SEND or WinPopup messages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Computer {
    /// The NetBIOS name to call: 1 to 15 characters, upper-case.
    pub name: String,
    /// An IP address, or a name to look up.
    pub host: String,
    /// The port, where it is not 139.
    pub port: Option<u16>,
}

/// What has to stand between quotation marks inside an expression.
const OPERATORS: [char; 7] = [',', '|', '&', '!', '(', ')', ' '];

impl FromStr for Target {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        let wrong = |why: String| AudienceError::Target { target: displayable(text).into_owned(), why };
        match text.split_once(':') {
            None if text == "everyone" => Ok(Self::Everyone),
            None | Some(("user", _)) => {
                let name = text.strip_prefix("user:").unwrap_or(text);
                Address::within(name, "internal").map_err(|error| wrong(error.to_string()))?;
                Ok(Self::User(name.to_owned()))
            }
            Some(("group", name)) => name.parse().map(Self::Group).map_err(|error| wrong(format!("{error}"))),
            Some(("computer", rest)) => computer(rest).map(Self::Computer).map_err(wrong),
            Some(("address", rest)) => network(rest).map(Self::Network).map_err(wrong),
            Some((kind, _)) => Err(wrong(format!(
                "\"{kind}\" is not a kind; there are everyone, user:NAME, group:NAME, computer:NAME@HOST and address:NETWORK"
            ))),
        }
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let whole = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    let network = text.parse::<IpNet>().map(|network| network.trunc());
    network.or(whole).map_err(|_| "an address reads 10.0.0.7, 10.0.0.0/8 or fd00::/8".to_owned())
}

fn computer(text: &str) -> Result<Computer, String> {
    // Who names no host means whoever answers to the name on the network.
    let (name, place) = text.split_once('@').unwrap_or((text, text));
    if !(1..=15).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err("a NetBIOS name has 1 to 15 characters".to_owned());
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, Some(port.parse().map_err(|_| format!("\"{port}\" is not a port"))?))
        }
        _ => (place, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host.len() > 255 || host.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the host is an IP address or a host name".to_owned());
    }
    Ok(Computer { name: name.to_uppercase(), host: host.to_owned(), port })
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Everyone => return formatter.write_str("everyone"),
            Self::User(name) => ("user", name.clone()),
            Self::Group(name) => ("group", name.to_string()),
            Self::Computer(computer) => ("computer", computer.to_string()),
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                ("address", network.addr().to_string())
            }
            Self::Network(network) => ("address", network.to_string()),
        };
        if name.contains(OPERATORS) || name.starts_with('-') {
            return write!(formatter, "{kind}:\"{name}\"");
        }
        write!(formatter, "{kind}:{name}")
    }
}

impl fmt::Display for Computer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(formatter, "{}@{open}{}{close}", self.name, self.host)?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

impl FromStr for Computer {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        computer(text).map_err(|why| AudienceError::Target { target: displayable(text).into_owned(), why })
    }
}
