use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Instant,
};

use netbios::sender::{Outgoing, Sender, SenderOptions};

use crate::wait::PATIENCE;

/// Sends a message as Windows does. `Ok` means that the final answer was that it is taken; an error leaves open
/// whether it was.
pub fn net_send(address: &str, from: &str, to: &str, text: &str) -> Result<(), String> {
    let socket = TcpStream::connect(address).map_err(|error| error.to_string())?;
    net_send_by(socket, from, to, text)
}

/// The same by a connection that was made already.
pub fn net_send_by(mut socket: TcpStream, from: &str, to: &str, text: &str) -> Result<(), String> {
    let outgoing = Outgoing {
        called: to.to_uppercase(),
        from: from.to_owned(),
        to: to.to_uppercase(),
        text: text.to_owned(),
    };
    socket.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    let sender = Sender::new(&outgoing, SenderOptions::default(), Instant::now());
    let mut sender = sender.map_err(|error| error.to_string())?;
    let mut bytes = [0; 1_024];
    loop {
        if let Some(outcome) = sender.outcome() {
            return outcome.as_ref().map(drop).map_err(ToString::to_string);
        }
        while let Some(bytes) = sender.poll_transmit() {
            socket.write_all(&bytes).map_err(|error| error.to_string())?;
        }
        match socket.read(&mut bytes).map_err(|error| error.to_string())? {
            0 => sender.peer_closed(),
            length => sender.receive(&bytes[..length], Instant::now()),
        }
    }
}
