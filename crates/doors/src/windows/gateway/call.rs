use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use hub::ComputerMessage;
use netbios::{
    rpc::client::{CallError, Client, ClientOptions, Port},
    sender::Outgoing,
};
use tokio::{net::UdpSocket, time::Instant};

use super::{WindowsGateway, delivery::Failure};
use crate::windows::until;

/// How much is read at once: no answer has more bytes.
const READ_BYTES: usize = 2_048;
/// How long a call may take: a machine that takes calls answers at once, and sends what was lost again within this.
const CALL_MAX: Duration = Duration::from_secs(8);

impl WindowsGateway {
    /// Sends a message by a remote procedure call over UDP, as Windows 2000 and later do where there is no session service
    /// (MS-MSRP 3.2.4.1): which characters had to be replaced. None where the machine has no such service.
    ///
    /// The address is one that was connected to, so that it is inside the allowed networks.
    pub(super) async fn call(
        &self,
        message: &ComputerMessage,
        address: IpAddr,
        deadline: Instant,
    ) -> Option<Result<Vec<char>, Failure>> {
        // NetBIOS knows no other.
        let IpAddr::V4(address) = address.to_canonical() else { return None };
        let outgoing = Outgoing {
            called: message.computer.name.clone(),
            from: message.from.clone(),
            to: message.computer.name.clone(),
            text: message.text.clone(),
        };
        let timeout = deadline.saturating_duration_since(Instant::now()).min(CALL_MAX);
        let options = ClientOptions {
            code_page: self.code_pages.of(address.into()),
            timeout,
            ..ClientOptions::default()
        };
        let Port::MappedBy(mapper) = options.port else { return None };
        let sockets = Sockets::open(SocketAddr::from((address, mapper))).await.ok()?;
        let hub = self.hub.upgrade()?;
        let random = [hub.environment().random(), hub.environment().random()];
        drop(hub);
        let client = Client::new(&outgoing, address.into(), options, random, now()).ok()?;
        match converse(client, &sockets).await? {
            Ok(replaced) => Some(Ok(replaced)),
            Err(error) if error.is_absent() => None,
            Err(error) => Some(Err(Failure::Call(error))),
        }
    }
}

/// By which a call is made.
struct Sockets {
    mapper: SocketAddr,
    /// Connected, because only so the system tells that nobody listens there.
    to_mapper: UdpSocket,
    /// To the port that the mapper names; the answer may come from another.
    to_messenger: UdpSocket,
}

impl Sockets {
    async fn open(mapper: SocketAddr) -> io::Result<Self> {
        let to_mapper = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        to_mapper.connect(mapper).await?;
        let to_messenger = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        Ok(Self { mapper, to_mapper, to_messenger })
    }

    async fn send(&self, to: SocketAddr, bytes: &[u8]) {
        // What the network does not take is sent again.
        let _sent = if to == self.mapper {
            self.to_mapper.send(bytes).await
        } else {
            self.to_messenger.send_to(bytes, to).await
        };
    }
}

/// None where nobody listens at the mapper's port.
async fn converse(mut client: Client, sockets: &Sockets) -> Option<Result<Vec<char>, CallError>> {
    let mut has_mapper = false;
    loop {
        while let Some((to, bytes)) = client.poll_transmit() {
            sockets.send(to, &bytes).await;
        }
        if let Some(outcome) = client.outcome() {
            return Some(outcome.clone().map(|sent| sent.replaced));
        }
        let socket = tokio::select! {
            readable = sockets.to_mapper.readable() => readable.map(|()| &sockets.to_mapper),
            readable = sockets.to_messenger.readable() => readable.map(|()| &sockets.to_messenger),
            () = until(client.deadline()) => {
                client.handle_timeout(now());
                continue;
            }
        };
        match read(&mut client, socket.ok()?) {
            Ok(()) => has_mapper = true,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused && !has_mapper => return None,
            // It is about a packet that was sent before, or there was nothing after all.
            Err(_) => {}
        }
    }
}

fn read(client: &mut Client, socket: &UdpSocket) -> io::Result<()> {
    let mut buffer = [0; READ_BYTES];
    let (length, from) = socket.try_recv_from(&mut buffer)?;
    client.receive(from, buffer.get(..length).unwrap_or_default(), now());
    Ok(())
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
