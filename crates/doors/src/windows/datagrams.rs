//! Messages to whole groups, by datagrams (RFC 1001 §17, RFC 1002 §4.4) into the messenger's mailslot (MS-MAIL): what
//! `net send *` and WinPopup's workgroups send. Nobody answers one.

mod outgoing;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use netbios::{
    datagram::{Datagram, Delivery, Packet, Reassembler, ReassemblyLimits, Recent},
    mailslot::{MESSENGER, Message, MessageLimits, Write},
    name::{Name, Suffix},
    receiver,
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::WindowsDoor;
use crate::network::{self, Arrived, Gate, OpenPorts, SegmentPort};

pub use outgoing::Datagrams;

impl WindowsDoor {
    /// Takes messages for groups by these ports until `stop`, and gives the way out.
    ///
    /// # Errors
    /// The runtime does not take the ports.
    pub fn take_datagrams(
        self: Arc<Self>,
        ports: Vec<SegmentPort>,
        gate: &Arc<Gate>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> std::io::Result<Datagrams> {
        let (ports, arrived) = network::open_segments(ports, gate, tasks, stop)?;
        let settings = &self.settings;
        let sending = Datagrams::new(ports.clone(), settings.workgroup.clone(), settings.code_page);
        let own = self.settings.workgroup.to_uppercase();
        let receiving = Receiving {
            workgroup: Name::new(&own, Suffix::WORKSTATION, self.settings.code_page).ok(),
            pieces: Reassembler::new(ReassemblyLimits::default()),
            recent: Recent::default(),
            door: self,
            ports,
        };
        tasks.spawn(receiving.run(arrived, stop.clone()));
        Ok(sending)
    }
}

struct Receiving {
    door: Arc<WindowsDoor>,
    ports: Arc<OpenPorts>,
    workgroup: Option<Name>,
    pieces: Reassembler,
    recent: Recent,
}

/// Whom a message is for.
enum For {
    /// Everybody who is signed in.
    Everybody,
    /// Whoever has the name it was sent to.
    Name(Name),
}

impl Receiving {
    async fn run(mut self, mut arrived: mpsc::Receiver<Arrived>, stop: CancellationToken) {
        while let Some(Some(packet)) = stop.run_until_cancelled(arrived.recv()).await {
            // Only who hears the same broadcasts is meant.
            if !self.is_on_link(packet.segment, *packet.from.ip()) {
                continue;
            }
            if let Some((message, to)) = self.read(&packet, now()) {
                self.deliver(message, to, IpAddr::V4(*packet.from.ip())).await;
            }
        }
    }

    /// The message in a packet, if it is one for somebody here and did not come a moment ago by another way.
    fn read(&mut self, packet: &Arrived, now: Instant) -> Option<(Message, For)> {
        self.pieces.expire(now);
        let Ok(Packet::Datagram(datagram)) = Packet::decode(&packet.bytes) else { return None };
        let datagram = if datagram.is_whole() {
            datagram
        } else {
            self.pieces.receive(*packet.from.ip(), datagram, now)?
        };
        let to = self.recipient(&datagram)?;
        let write = Write::decode(&datagram.data).ok()?;
        if !write.is_for(MESSENGER) {
            return None;
        }
        let settings = &self.door.settings;
        let message = Message::decode(write.data, settings.code_page, &MessageLimits::default());
        match message {
            Ok(message) => (!self.recent.is_repeat(&message, now)).then_some((message, to)),
            Err(error) => {
                tracing::debug!(source = %packet.from, %error, "a message to a group is none");
                None
            }
        }
    }

    fn recipient(&self, datagram: &Datagram) -> Option<For> {
        let name = datagram.to.name;
        match datagram.delivery {
            Delivery::Broadcast => Some(For::Everybody),
            _ if Some(name) == self.workgroup => Some(For::Everybody),
            Delivery::Unique => Some(For::Name(name)),
            // Another group of the same subnet.
            Delivery::Group => None,
        }
    }

    async fn deliver(&self, message: Message, to: For, source: IpAddr) {
        let Message { from, text, .. } = message;
        match to {
            For::Everybody => self.door.deliver_to_everybody(&from, text, source).await,
            For::Name(name) => {
                let to = name.text(self.door.settings.code_page);
                // Nobody is told what became of it.
                let _answer = self.door.deliver(receiver::Message { from, to, text }, source).await;
            }
        }
    }

    fn is_on_link(&self, segment: usize, address: Ipv4Addr) -> bool {
        let segment = self.ports.segments().nth(segment);
        segment.is_some_and(|segment| segment.network.contains(&address))
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
