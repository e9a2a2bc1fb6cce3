use std::{
    net::SocketAddrV4,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use hub::{GroupMessage, GroupSent};
use netbios::{
    code_page::CodePage,
    datagram::{Datagram, Delivery, Header, SenderNodeType},
    mailslot::Message,
    name::{Name, Scope, ScopedName, Suffix},
};

use crate::network::OpenPorts;

/// The way out to whole groups.
#[derive(Clone, Debug)]
pub struct Datagrams {
    ports: Arc<OpenPorts>,
    workgroup: String,
    code_page: CodePage,
    /// The number of the next datagram.
    next: Arc<AtomicU16>,
}

impl Datagrams {
    pub(super) fn new(ports: Arc<OpenPorts>, workgroup: String, code_page: CodePage) -> Self {
        Self { ports, workgroup, code_page, next: Arc::default() }
    }

    /// Sends a message to all machines of a group, once on each segment, as `net send *` and `net send /DOMAIN:NAME`
    /// do. The error says in words why it was not sent.
    pub async fn send(&self, message: &GroupMessage) -> Result<GroupSent, String> {
        let group = message.group.as_deref().unwrap_or(&self.workgroup).to_uppercase();
        let name = |text: &str, suffix| {
            let name = Name::new(text, suffix, self.code_page);
            name.map_err(|error| format!("\"{}\" is no NetBIOS name: {error}", domain::displayable(text)))
        };
        let (from, to) = (name(&message.from, Suffix::MESSENGER)?, name(&group, Suffix::WORKSTATION)?);
        let content = Message { from: message.from.clone(), to: group.clone(), text: message.text.clone() };
        let outgoing = content
            .encode(self.code_page)
            .map_err(|error| format!("the message does not fit into a datagram: {error}"))?;
        let mut segments = 0;
        for (index, segment) in self.ports.segments().enumerate() {
            let port = self.ports.port(index).unwrap_or(netbios::datagram::PORT);
            let datagram = Datagram {
                delivery: Delivery::Group,
                header: Header {
                    node_type: SenderNodeType::Broadcast,
                    id: self.next.fetch_add(1, Ordering::Relaxed),
                    source: SocketAddrV4::new(segment.address(), port),
                },
                first: true,
                more: false,
                offset: 0,
                from: ScopedName { name: from, scope: Scope::NONE },
                to: ScopedName { name: to, scope: Scope::NONE },
                data: outgoing.data.clone(),
            };
            self.ports.send(index, SocketAddrV4::new(segment.broadcast(), port), &datagram.encode()).await;
            segments += 1;
        }
        if segments == 0 {
            return Err("there is no network segment to send it on".to_owned());
        }
        let own = group.eq_ignore_ascii_case(&self.workgroup);
        Ok(GroupSent { group, own, segments, replaced: outgoing.replaced })
    }
}
