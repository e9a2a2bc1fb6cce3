use std::{
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1_024;
/// The number of "Address family not supported by protocol" on Linux; the standard library has no kind for it.
const EAFNOSUPPORT: i32 = 97;

/// A bound TCP port to which clients can connect already. It needs no runtime, so that ports below 1024 can be bound
/// while the process still may, before any thread of a runtime is started.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    local_address: SocketAddr,
}

impl Listener {
    /// Binds an address; port 0 lets the system choose a port. `[::]` is every address of the host, IPv4 included,
    /// and becomes `0.0.0.0` on a host without IPv6.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = match listen(address) {
            Err(error) if is_every_address_v6(address) && lacks_ipv6(&error) => {
                listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port())))?
            }
            other => other?,
        };
        let socket = TcpListener::from(socket);
        let local_address = socket.local_addr()?;
        Ok(Self { socket, local_address })
    }

    /// The address that was bound, with the port that the system chose.
    pub fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Hands the port over to the runtime in which this is called.
    pub(crate) fn into_tokio(self) -> io::Result<tokio::net::TcpListener> {
        tokio::net::TcpListener::from_std(self.socket)
    }
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // Only `[::]` takes IPv4 too: every other IPv6 address is itself alone.
        socket.set_only_v6(!is_every_address_v6(address))?;
    }
    // Connections of the process before this one may still be in TIME-WAIT.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::from(address))?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

fn is_every_address_v6(address: SocketAddr) -> bool {
    address.ip() == Ipv6Addr::UNSPECIFIED
}

fn lacks_ipv6(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(EAFNOSUPPORT)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn every_address_takes_ipv4_too_and_port_0_becomes_a_real_one() {
        let listener = Listener::bind("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_address().port();
        assert_ne!(port, 0);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    }

    #[test]
    fn a_port_that_is_taken_is_an_error() {
        let first = Listener::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let second = Listener::bind(first.local_address());
        assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse);
    }

    #[test]
    fn only_a_host_without_ipv6_falls_back() {
        assert!(lacks_ipv6(&io::Error::from_raw_os_error(EAFNOSUPPORT)));
        assert!(lacks_ipv6(&ErrorKind::AddrNotAvailable.into()));
        assert!(!lacks_ipv6(&ErrorKind::AddrInUse.into()));
        assert!(!is_every_address_v6("[::1]:5222".parse().unwrap()));
    }
}
