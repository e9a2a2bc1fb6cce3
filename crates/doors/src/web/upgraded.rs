use std::io;

use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::stall::Stall;
use crate::transport::{Reading, Transport, Writing};

/// The two directions of a connection that HTTP has given up for another protocol (RFC 9110 §7.8): what holds no buffer
/// while nothing happens.
pub(crate) async fn directions(upgraded: Upgraded) -> io::Result<(Reading, Writing)> {
    let (mut transport, read) = match upgraded.downcast::<TokioIo<Stall<Transport>>>() {
        Ok(Parts { io, read_buf, .. }) => (io.into_inner().into_inner(), read_buf),
        Err(upgraded) => match upgraded.downcast::<TokioIo<Stall<TcpStream>>>() {
            Ok(Parts { io, read_buf, .. }) => {
                (Transport::unencrypted(io.into_inner().into_inner()), read_buf)
            }
            Err(_) => return Err(io::ErrorKind::Unsupported.into()),
        },
    };
    transport.flush().await?;
    transport.unread(&read);
    Ok(transport.split())
}
