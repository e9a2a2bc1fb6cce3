use std::{
    collections::BTreeSet,
    net::SocketAddrV4,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use hub::{GroupMessage, GroupSent};
use netbios::{
    datagram::{Datagram, Delivery, Header, SenderNodeType},
    mailslot::Message,
    name::{Name, Scope, ScopedName, Suffix},
};

use crate::{
    network::OpenPorts,
    windows::{CodePages, NodeType, WindowsSettings},
};

/// The way out to whole groups.
#[derive(Clone, Debug)]
pub struct Datagrams {
    ports: Arc<OpenPorts>,
    workgroup: String,
    code_pages: CodePages,
    node_type: SenderNodeType,
    /// The number of the next datagram.
    next: Arc<AtomicU16>,
}

impl Datagrams {
    pub(super) fn new(ports: Arc<OpenPorts>, settings: &WindowsSettings) -> Self {
        // There is no code for a hybrid node in RFC 1002 §4.4.1: it is one that does both.
        let node_type = match settings.node_type {
            NodeType::Broadcast => SenderNodeType::Broadcast,
            NodeType::PointToPoint => SenderNodeType::PointToPoint,
            NodeType::Mixed | NodeType::Hybrid => SenderNodeType::Mixed,
        };
        let (workgroup, code_pages) = (settings.workgroup.clone(), settings.code_pages.clone());
        Self { ports, workgroup, code_pages, node_type, next: Arc::default() }
    }

    /// Sends a message to all machines of a group, once on each segment, as `net send *` and `net send /DOMAIN:NAME`
    /// do. The error says in words why it was not sent.
    pub async fn send(&self, message: &GroupMessage) -> Result<GroupSent, String> {
        let group = message.group.as_deref().unwrap_or(&self.workgroup).to_uppercase();
        let content = Message { from: message.from.clone(), to: group.clone(), text: message.text.clone() };
        let mut packets = Vec::new();
        let mut replaced = BTreeSet::new();
        // Before anything is sent it is known that everything can be.
        for (index, segment) in self.ports.segments().enumerate() {
            let page = self.code_pages.of(segment.address().into());
            let name = |text: &str, suffix| {
                let name = Name::new(text, suffix, page);
                name.map_err(|error| format!("\"{}\" is no NetBIOS name: {error}", domain::displayable(text)))
            };
            let (from, to) = (name(&message.from, Suffix::MESSENGER)?, name(&group, Suffix::WORKSTATION)?);
            let outgoing = content
                .encode(page)
                .map_err(|error| format!("the message does not fit into a datagram: {error}"))?;
            let port = self.ports.port(index).unwrap_or(netbios::datagram::PORT);
            let datagram = Datagram {
                delivery: Delivery::Group,
                header: Header {
                    node_type: self.node_type,
                    id: self.next.fetch_add(1, Ordering::Relaxed),
                    source: SocketAddrV4::new(segment.address(), port),
                },
                first: true,
                more: false,
                offset: 0,
                from: ScopedName { name: from, scope: Scope::NONE },
                to: ScopedName { name: to, scope: Scope::NONE },
                data: outgoing.data,
            };
            replaced.extend(outgoing.replaced);
            packets.push((index, SocketAddrV4::new(segment.broadcast(), port), datagram.encode()));
        }
        for (segment, to, packet) in &packets {
            self.ports.send(*segment, *to, packet).await;
        }
        if packets.is_empty() {
            return Err("there is no network segment to send it on".to_owned());
        }
        let own = group.eq_ignore_ascii_case(&self.workgroup);
        Ok(GroupSent { group, own, segments: packets.len(), replaced: replaced.into_iter().collect() })
    }
}
