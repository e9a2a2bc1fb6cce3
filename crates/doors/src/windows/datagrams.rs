//! Messages to whole groups, by datagrams (RFC 1001 §17, RFC 1002 §4.4) into the messenger's mailslot (MS-MAIL): what
//! `net send *` and WinPopup's workgroups send. Nobody answers one.

mod outgoing;

use std::{net::IpAddr, sync::Arc, time::Instant};

use hub::StrangerRefusal;
use netbios::{
    datagram::{Datagram, Delivery, Packet, Reassembler, ReassemblyLimits, Recent},
    mailslot::{MESSENGER, Message, MessageLimits, Write},
    name::{Name, Scope, Suffix},
    receiver,
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{WindowsDoor, budget::Transport};
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
        let sending = Datagrams::new(ports.clone(), settings);
        let own = self.settings.workgroup.to_uppercase();
        let receiving = Receiving {
            workgroup: Name::new(&own, Suffix::WORKSTATION, self.settings.code_pages.of_others()).ok(),
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
            let source = IpAddr::V4(*packet.from.ip());
            if !self.door.hears(source) {
                continue;
            }
            // Only who hears the same broadcasts is meant.
            if !self.ports.is_on_link(packet.segment, *packet.from.ip()) {
                self.door.refuse(source, StrangerRefusal::OtherSubnet);
                continue;
            }
            if let Some((message, to)) = self.read(&packet, now()) {
                self.deliver(message, to, source).await;
            }
        }
    }

    /// The message in a packet, if it is one for somebody here and did not come a moment ago by another way.
    fn read(&mut self, packet: &Arrived, now: Instant) -> Option<(Message, For)> {
        self.pieces.expire(now);
        let source = IpAddr::V4(*packet.from.ip());
        let datagram = match Packet::decode(&packet.bytes) {
            Ok(Packet::Datagram(datagram)) => self.pieces.receive(*packet.from.ip(), datagram, now)?,
            Ok(_) => return None,
            Err(_) => {
                self.door.refuse(source, StrangerRefusal::Unreadable);
                return None;
            }
        };
        let to = self.recipient(&datagram)?;
        let write = Write::decode(&datagram.data).ok()?;
        if !write.is_for(MESSENGER) {
            return None;
        }
        let page = self.door.settings.code_pages.of(source);
        let message = Message::decode(write.data, page, &MessageLimits::default());
        match message {
            Ok(message) => (!self.recent.is_repeat(&message, now)).then_some((message, to)),
            Err(error) => {
                tracing::debug!(%source, %error, "a message to a group is none");
                self.door.refuse(source, StrangerRefusal::Unreadable);
                None
            }
        }
    }

    fn recipient(&self, datagram: &Datagram) -> Option<For> {
        // Who is in another scope is in another network (RFC 1001 §9).
        if datagram.to.scope != Scope::NONE {
            return None;
        }
        let name = datagram.to.name;
        match datagram.delivery {
            Delivery::Broadcast => Some(For::Everybody),
            _ if Some(name) == self.workgroup => Some(For::Everybody),
            Delivery::Unique if name.suffix() == Suffix::MESSENGER => Some(For::Name(name)),
            // Another group of the same subnet, or another service.
            Delivery::Unique | Delivery::Group => None,
        }
    }

    async fn deliver(&self, message: Message, to: For, source: IpAddr) {
        let Message { from, text, .. } = message;
        match to {
            For::Everybody => self.door.deliver_to_everybody(&from, text, source).await,
            For::Name(name) => {
                let to = name.text(self.door.settings.code_pages.of(source));
                let message = receiver::Message { from, to, text };
                // Nobody is told what became of it.
                let _answer = self.door.deliver(message, source, Transport::Datagram).await;
            }
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
