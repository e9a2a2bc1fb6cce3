use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use netbios::code_page::{CodePage, UnknownCodePage};
use thiserror::Error;

/// Which code page the machines of a network write and read, as `10.2.0.0/16=866`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkCodePage {
    network: IpNet,
    page: CodePage,
}

/// It is no network with a code page.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetworkCodePageError {
    /// There is no network, no `=`, or no number.
    #[error("\"{0}\" is no network with the number of its code page")]
    Form(String),
    /// There is no such code page.
    #[error(transparent)]
    Page(#[from] UnknownCodePage),
}

/// The code pages of old machines: nothing on the wire tells which one a machine has.
#[derive(Clone, Debug)]
pub struct CodePages {
    /// The smallest networks first.
    networks: Vec<NetworkCodePage>,
    others: CodePage,
}

impl CodePages {
    /// The code pages of these networks, and that of all others. Of several networks with the same machine the smallest
    /// counts.
    pub fn new(mut networks: Vec<NetworkCodePage>, others: CodePage) -> Self {
        networks.sort_by_key(|one| std::cmp::Reverse(one.network.prefix_len()));
        Self { networks, others }
    }

    /// That of the machine at this address.
    pub(super) fn of(&self, address: IpAddr) -> CodePage {
        let address = address.to_canonical();
        let found = self.networks.iter().find(|one| one.network.contains(&address));
        found.map_or(self.others, |one| one.page)
    }

    /// That of a machine that was written as an address, or whose address is not known yet.
    pub(super) fn of_host(&self, host: &str) -> CodePage {
        host.parse().map_or(self.others, |address| self.of(address))
    }

    /// That of machines of which nothing is known.
    pub(super) fn of_others(&self) -> CodePage {
        self.others
    }
}

impl FromStr for NetworkCodePage {
    type Err = NetworkCodePageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || NetworkCodePageError::Form(text.to_owned());
        let (network, number) = text.split_once('=').ok_or_else(form)?;
        let network: IpNet = network.trim().parse().map_err(|_| form())?;
        let page = CodePage::new(number.trim().parse().map_err(|_| form())?)?;
        Ok(Self { network: network.trunc(), page })
    }
}

impl fmt::Display for NetworkCodePage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.network, self.page.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_network_that_a_machine_is_in_tells_its_code_page() {
        let networks = ["10.0.0.0/8=866", "10.2.0.0/16=437"].map(|text| text.parse().unwrap());
        let pages = CodePages::new(networks.to_vec(), CodePage::DEFAULT);
        let of = |host: &str| pages.of_host(host).number();
        assert_eq!(
            [of("10.2.3.4"), of("::ffff:10.3.0.1"), of("192.168.0.1"), of("press1")],
            [437, 866, 850, 850]
        );
    }

    #[test]
    fn what_is_written_is_read_again_and_what_means_nothing_is_refused() {
        let read = |text: &str| text.parse::<NetworkCodePage>();
        assert_eq!(read(" 10.2.7.0/16 = 866 ").unwrap().to_string(), "10.2.0.0/16=866");
        for text in ["", "866", "10.2.0.0/16", "10.2.0.0/16=", "=866", "eth0=866", "10.2.0.0/16=1"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
