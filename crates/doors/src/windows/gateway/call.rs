use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hub::ComputerMessage;
use netbios::{
    rpc::client::{CallError, Client, ClientOptions},
    sender::Outgoing,
};
use tokio::{
    net::UdpSocket,
    time::{Instant, timeout_at},
};

use super::WindowsGateway;
use crate::windows::until;

/// How much is read at once: no answer has more bytes.
const READ_BYTES: usize = 2_048;

impl WindowsGateway {
    /// Sends a message by a remote procedure call over UDP, as Windows 2000 and later do where there is no session service
    /// (MS-MSRP 3.2.4.1): which characters had to be replaced. None where the machine has no such service.
    pub(super) async fn call(
        &self,
        message: &ComputerMessage,
        deadline: Instant,
    ) -> Option<Result<Vec<char>, CallError>> {
        let address: IpAddr = message.computer.host.parse().ok()?;
        if !address.is_ipv4() || !self.gate.allowed().contains(address) {
            return None;
        }
        let outgoing = Outgoing {
            called: message.computer.name.clone(),
            from: message.from.clone(),
            to: message.computer.name.clone(),
            text: message.text.clone(),
        };
        let options = ClientOptions { code_page: self.code_page, ..ClientOptions::default() };
        let hub = self.hub.upgrade()?;
        let random = [hub.environment().random(), hub.environment().random()];
        let client = Client::new(&outgoing, address, options, random, now()).ok()?;
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.ok()?;
        match timeout_at(deadline, converse(client, &socket)).await.ok()? {
            Ok(replaced) => Some(Ok(replaced)),
            Err(error) if error.is_absent() => None,
            Err(error) => Some(Err(error)),
        }
    }
}

async fn converse(mut client: Client, socket: &UdpSocket) -> Result<Vec<char>, CallError> {
    loop {
        while let Some((to, bytes)) = client.poll_transmit() {
            // What the network does not take is sent again.
            let _sent = socket.send_to(&bytes, to).await;
        }
        if let Some(outcome) = client.outcome() {
            return outcome.clone().map(|sent| sent.replaced);
        }
        let mut buffer = [0; READ_BYTES];
        tokio::select! {
            arrived = socket.recv_from(&mut buffer) => {
                if let Ok((length, from)) = arrived {
                    client.receive(plain(from), buffer.get(..length).unwrap_or_default(), now());
                }
            }
            () = until(client.deadline()) => client.handle_timeout(now()),
        }
    }
}

fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
