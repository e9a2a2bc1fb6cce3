use std::{io, sync::Arc};

use rustls::{ServerConfig, server::UnbufferedServerConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Transport,
    encryption::{Encryption, Standing},
    exporter::ExporterSecret,
};

/// The keying material that channel binding asks for (RFC 9266 §2).
const CHANNEL_BINDING: &[u8] = b"EXPORTER-Channel-Binding";

/// Encrypts a connection as its server. With it comes the `tls-exporter` binding, where the connection has one.
///
/// # Errors
/// The peer is gone, or what it says is not TLS as `configuration` wants it; it was told so.
pub(crate) async fn accept(
    mut stream: TcpStream,
    configuration: &ServerConfig,
) -> io::Result<(Transport, Option<Vec<u8>>)> {
    let secret = Arc::new(ExporterSecret::default());
    let mut configuration = configuration.clone();
    configuration.key_log = secret.clone();
    let connection = UnbufferedServerConnection::new(Arc::new(configuration)).map_err(invalid)?;
    let mut encryption = Encryption::new(connection);
    let (mut buffer, mut plain) = (vec![0; 4_096], Vec::new());
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let standing = encryption.receive(&mut buffer[..read], &mut plain);
        stream.write_all(&encryption.take_outgoing()).await?;
        match standing.map_err(invalid)? {
            Standing::Handshaking => {}
            Standing::Open => break,
            Standing::Ended => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
    let exported = secret.export(CHANNEL_BINDING);
    let mut transport = Transport::new(stream, Some(encryption));
    transport.read = plain;
    Ok((transport, exported))
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
