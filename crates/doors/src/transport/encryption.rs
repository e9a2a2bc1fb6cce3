use rustls::{
    Error,
    server::UnbufferedServerConnection,
    unbuffered::{ConnectionState, EncodeError, EncryptError, InsufficientSizeError, UnbufferedStatus},
};

/// TLS without sockets: ciphertext in, plaintext out, and the other way. While nothing is half received it holds
/// keys and no buffer.
pub(super) struct Encryption {
    connection: UnbufferedServerConnection,
    /// The beginning of a record whose rest has not come.
    incoming: Vec<u8>,
    /// What TLS itself has to tell the peer.
    outgoing: Vec<u8>,
    /// Whether the peer has said that it sends no more (RFC 8446 §6.1).
    ended: bool,
    /// Whether the peer has said what cannot be: nothing more is read from it or told to it.
    failed: bool,
}

/// Where a connection stands after it has taken what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The handshake is not done.
    Handshaking,
    /// Both sides may send.
    Open,
    /// The peer sends no more.
    Ended,
}

impl Encryption {
    pub(super) fn new(connection: UnbufferedServerConnection) -> Self {
        Self { connection, incoming: Vec::new(), outgoing: Vec::new(), ended: false, failed: false }
    }

    /// Takes what came and appends what it says to `plain`.
    pub(super) fn receive(&mut self, bytes: &mut [u8], plain: &mut Vec<u8>) -> Result<Standing, Error> {
        if self.failed {
            return Err(Error::DecryptError);
        }
        let taken = if self.incoming.is_empty() {
            let (used, taken) = self.take(bytes, plain);
            self.incoming.extend_from_slice(&bytes[used..]);
            taken
        } else {
            let mut incoming = std::mem::take(&mut self.incoming);
            incoming.extend_from_slice(bytes);
            let (used, taken) = self.take(&mut incoming, plain);
            self.keep(incoming, used);
            taken
        };
        if let Err(error) = taken {
            self.alert();
            self.failed = true;
            return Err(error);
        }
        Ok(match () {
            () if self.ended => Standing::Ended,
            () if self.connection.is_handshaking() => Standing::Handshaking,
            () => Standing::Open,
        })
    }

    /// Appends the ciphertext of `plain` to `out`, behind what TLS itself has to tell.
    pub(super) fn encrypt(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if self.failed {
            return Err(Error::EncryptError);
        }
        // What came and is not complete stays where the library expects it.
        let mut incoming = std::mem::take(&mut self.incoming);
        let mut used = 0;
        let written = loop {
            let UnbufferedStatus { discard, state } =
                self.connection.process_tls_records(&mut incoming[used..]);
            let step = match state {
                Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                    out.append(&mut self.outgoing);
                    Some(match plain {
                        [] => Ok(()),
                        _ => grow(out, plain.len() + RECORD_BYTES, |room| {
                            traffic.encrypt(plain, room).map_err(|error| lack_of(&error))
                        }),
                    })
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    encode(&mut self.outgoing, |room| data.encode(room)).err().map(Err)
                }
                Ok(ConnectionState::TransmitTlsData(data)) => {
                    data.done();
                    None
                }
                Ok(_) => Some(Err(Error::EncryptError)),
                Err(error) => Some(Err(error)),
            };
            used += discard;
            if let Some(written) = step {
                break written;
            }
        };
        self.keep(incoming, used);
        written
    }

    /// Appends the notice that no more is sent (RFC 8446 §6.1).
    pub(super) fn close(&mut self, out: &mut Vec<u8>) {
        if self.encrypt(&[], out).is_err() {
            return;
        }
        let mut incoming = std::mem::take(&mut self.incoming);
        let UnbufferedStatus { discard, state } = self.connection.process_tls_records(&mut incoming);
        if let Ok(ConnectionState::WriteTraffic(mut traffic)) = state {
            drop(grow(out, RECORD_BYTES, |room| {
                traffic.queue_close_notify(room).map_err(|error| lack_of(&error))
            }));
        }
        self.keep(incoming, discard);
    }

    /// What TLS itself has to tell the peer now.
    pub(super) fn take_outgoing(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    /// How much of `bytes` was taken: all complete records, up to one that is wrong.
    fn take(&mut self, bytes: &mut [u8], plain: &mut Vec<u8>) -> (usize, Result<(), Error>) {
        let mut used = 0;
        loop {
            let UnbufferedStatus { mut discard, state } =
                self.connection.process_tls_records(&mut bytes[used..]);
            let mut over = None;
            match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        match record {
                            Ok(record) => {
                                discard += record.discard;
                                plain.extend_from_slice(record.payload);
                            }
                            Err(error) => over = Some(Err(error)),
                        }
                    }
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    over = encode(&mut self.outgoing, |room| data.encode(room)).err().map(Err);
                }
                Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
                Ok(ConnectionState::PeerClosed) => self.ended = true,
                Ok(ConnectionState::Closed) => {
                    self.ended = true;
                    over = Some(Ok(()));
                }
                Ok(ConnectionState::BlockedHandshake | ConnectionState::WriteTraffic(_)) => {
                    over = Some(Ok(()));
                }
                Ok(_) => over = Some(Err(Error::General("early data, which is not offered".to_owned()))),
                Err(error) => over = Some(Err(error)),
            }
            used += discard;
            if let Some(over) = over {
                return (used, over);
            }
        }
    }

    fn keep(&mut self, mut incoming: Vec<u8>, used: usize) {
        incoming.drain(..used);
        if !incoming.is_empty() {
            self.incoming = incoming;
        }
    }

    /// The peer is told by an alert why the connection is over (RFC 8446 §6.2). What came is not looked at again, which
    /// a second call would do.
    fn alert(&mut self) {
        let mut incoming = std::mem::take(&mut self.incoming);
        let UnbufferedStatus { state, .. } = self.connection.process_tls_records(&mut incoming);
        if let Ok(ConnectionState::EncodeTlsData(mut data)) = state {
            // Where it cannot be said, the connection ends without it.
            drop(encode(&mut self.outgoing, |room| data.encode(room)));
        }
    }
}

/// What a record adds to what it carries (RFC 8446 §5.2: header, kind, tag), generously.
const RECORD_BYTES: usize = 64;

fn lack_of(error: &EncryptError) -> Lack {
    match error {
        EncryptError::InsufficientSize(InsufficientSizeError { required_size }) => {
            Lack::Room(InsufficientSizeError { required_size: *required_size })
        }
        EncryptError::EncryptExhausted => Lack::Else(Error::EncryptError),
    }
}

enum Lack {
    Room(InsufficientSizeError),
    Else(Error),
}

/// Appends to `out` what `write` writes, asking once more with the room it says it needs.
fn grow(
    out: &mut Vec<u8>,
    first: usize,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, Lack>,
) -> Result<(), Error> {
    let (before, mut room) = (out.len(), first);
    loop {
        out.resize(before + room, 0);
        match write(&mut out[before..]) {
            Ok(written) => {
                out.truncate(before + written);
                return Ok(());
            }
            Err(Lack::Room(InsufficientSizeError { required_size })) if required_size > room => {
                room = required_size;
            }
            Err(Lack::Room(_)) => return Err(Error::EncryptError),
            Err(Lack::Else(error)) => return Err(error),
        }
    }
}

fn encode(
    out: &mut Vec<u8>,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, EncodeError>,
) -> Result<(), Error> {
    grow(out, 2_048, |room| {
        write(room).map_err(|error| match error {
            EncodeError::InsufficientSize(needed) => Lack::Room(needed),
            EncodeError::AlreadyEncoded => Lack::Else(Error::EncryptError),
        })
    })
}
