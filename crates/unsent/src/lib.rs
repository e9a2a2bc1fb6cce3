#![doc = include_str!("../README.md")]

use std::{ffi::c_int, io, os::fd::AsFd};

use rustix::ioctl::{Getter, Opcode, ioctl};

/// The number of the question on Linux (`linux/sockios.h`), the same on every architecture.
const SIOCOUTQ: Opcode = 0x5411;

/// How many bytes written to a TCP connection its peer has not acknowledged, be they sent or not.
///
/// # Errors
/// The descriptor is no socket that knows.
pub fn unacknowledged_bytes(socket: impl AsFd) -> io::Result<usize> {
    // SAFETY: the question stores one `int` at the address it is given, and that is what `Getter` reserves.
    let bytes = unsafe { ioctl(socket, Getter::<SIOCOUTQ, c_int>::new()) }?;
    Ok(usize::try_from(bytes).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{ErrorKind, Read, Write},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (listener.accept().unwrap().0, client)
    }

    #[test]
    fn what_the_peer_has_no_room_for_is_not_acknowledged_until_it_reads() {
        let (mut server, mut client) = pair();
        server.set_nonblocking(true).unwrap();
        let mut written = 0;
        let full = loop {
            match server.write(&[0; 65_536]) {
                Ok(more) => written += more,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        assert!(unacknowledged_bytes(&server).unwrap() > 0);
        client.read_exact(&mut vec![0; written]).unwrap();
        // What was read has been acknowledged or is about to be.
        while unacknowledged_bytes(&server).unwrap() > 0 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_is_no_socket_does_not_know() {
        assert!(unacknowledged_bytes(std::fs::File::open("/dev/null").unwrap()).is_err());
    }
}
