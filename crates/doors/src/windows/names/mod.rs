//! The names that this computer has on its networks, and finding those of others (RFC 1001, RFC 1002 §4.2).

mod wanted;

use std::{
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use hub::Hub;
use netbios::{
    code_page::CodePage,
    name::{Name, Suffix},
    name_service::{
        NodeType,
        node::{Event, Interface, InterfaceId, LookupId, Node, Settings},
    },
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::wanted::Wanted;
use super::until;
use crate::network::{self, Arrived, Gate, OpenPorts, SegmentPort};

/// How many lookups may wait to be begun.
const LOOKUPS_MAX: usize = 64;
/// For how long names are given up at the end: at a hundred packets a second each of 250 people's names is said to be free
/// once, and a few of them again.
const FAREWELL_MAX: Duration = Duration::from_secs(4);
/// Names follow people no faster, so that a crowd that signs in is dealt with at once.
const FOLLOW: Duration = Duration::from_millis(500);
/// What nobody tells of, as a changed privacy, is looked for so often.
const LOOK: Duration = Duration::from_secs(30);

/// What the name service has to know from the configuration.
#[derive(Clone, Debug)]
pub struct NameSettings {
    /// The computer's own name.
    pub machine_name: String,
    /// Its domain or workgroup.
    pub workgroup: String,
    /// Whether it serves files, or passes for it: then it has the name of a file server.
    pub is_server: bool,
    /// How names are claimed and found.
    pub node_type: NodeType,
    /// Name servers (WINS), the preferred one first.
    pub servers: Vec<Ipv4Addr>,
    /// How many names people have at most.
    pub names_max: usize,
    /// The code page that names are spelled in.
    pub code_page: CodePage,
}

/// The way to the name service of this computer.
#[derive(Clone, Debug)]
pub struct Names {
    lookups: mpsc::Sender<Lookup>,
    code_page: CodePage,
}

#[derive(Debug)]
struct Lookup {
    name: Name,
    answer: oneshot::Sender<Vec<Ipv4Addr>>,
}

impl Names {
    /// Has the names on these ports until `stop`; then they are given up.
    ///
    /// # Errors
    /// The runtime does not take the ports.
    pub fn start(
        hub: Arc<Hub>,
        gate: &Arc<Gate>,
        settings: NameSettings,
        ports: Vec<SegmentPort>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> std::io::Result<Self> {
        // What comes while names are given up is still heard.
        let deaf = CancellationToken::new();
        let (ports, arrived) = network::open_segments(ports, gate, tasks, &deaf)?;
        let (sender, lookups) = mpsc::channel(LOOKUPS_MAX);
        let code_page = settings.code_page;
        let service = Service {
            node: node(&hub, &settings, &ports),
            waiting: Vec::new(),
            wanted: Wanted::new(hub, settings),
            ports,
        };
        let stop = stop.clone();
        tasks.spawn(async move {
            service.run(arrived, lookups, &stop).await;
            deaf.cancel();
        });
        Ok(Self { lookups: sender, code_page })
    }

    /// The addresses of whoever receives messages under a name; none where nobody answers to it.
    pub async fn find(&self, name: &str) -> Vec<Ipv4Addr> {
        let Ok(name) = Name::new(name, Suffix::MESSENGER, self.code_page) else { return Vec::new() };
        let (answer, found) = oneshot::channel();
        match self.lookups.send(Lookup { name, answer }).await {
            Ok(()) => found.await.unwrap_or_default(),
            // The service stops.
            Err(_) => Vec::new(),
        }
    }
}

fn node(hub: &Hub, settings: &NameSettings, ports: &OpenPorts) -> Node {
    let port = ports.port(0).unwrap_or(netbios::name_service::PORT);
    let servers = settings.servers.clone();
    let settings = Settings { node_type: settings.node_type, servers, port, ..Settings::default() };
    let mut node = Node::new(settings, hub.environment().random(), now());
    for (index, segment) in ports.segments().enumerate() {
        node.set_interface(Interface {
            id: id(index),
            addresses: vec![segment.address()],
            netmask: segment.network.netmask(),
            broadcast: segment.broadcast(),
        });
    }
    node
}

struct Service {
    node: Node,
    ports: Arc<OpenPorts>,
    wanted: Wanted,
    waiting: Vec<(LookupId, oneshot::Sender<Vec<Ipv4Addr>>)>,
}

impl Service {
    async fn run(
        mut self,
        mut arrived: mpsc::Receiver<Arrived>,
        mut lookups: mpsc::Receiver<Lookup>,
        stop: &CancellationToken,
    ) {
        let (mut people, mut aliases) = self.wanted.changes();
        let mut follow = tokio::time::interval(FOLLOW);
        follow.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut look = tokio::time::interval(LOOK);
        let mut changed = true;
        loop {
            self.act().await;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(packet) = arrived.recv() => self.receive(&packet),
                Some(lookup) = lookups.recv() => self.look_up(lookup),
                () = until(self.node.deadline()) => self.node.expire(now()),
                _ = people.changed(), if !changed => changed = true,
                _ = aliases.changed(), if !changed => changed = true,
                _ = look.tick() => changed = true,
                _ = follow.tick(), if changed => {
                    changed = false;
                    people.mark_unchanged();
                    aliases.mark_unchanged();
                    self.wanted.claim(&mut self.node);
                }
            }
        }
        self.give_up(arrived).await;
    }

    /// Everybody is told that the names are free.
    async fn give_up(mut self, mut arrived: mpsc::Receiver<Arrived>) {
        self.node.release_all();
        let end = tokio::time::Instant::now() + FAREWELL_MAX;
        while !self.node.is_idle() {
            self.act().await;
            tokio::select! {
                () = tokio::time::sleep_until(end) => return,
                Some(packet) = arrived.recv() => self.receive(&packet),
                () = until(self.node.deadline()) => self.node.expire(now()),
            }
        }
        self.act().await;
    }

    fn receive(&mut self, packet: &Arrived) {
        self.node.receive(id(packet.segment), packet.from, &packet.bytes, now());
    }

    fn look_up(&mut self, lookup: Lookup) {
        match self.node.resolve(lookup.name, now()) {
            Ok(id) => self.waiting.push((id, lookup.answer)),
            // Whoever asked hears that nobody was found.
            Err(error) => tracing::debug!(%error, "a name was not looked for"),
        }
    }

    /// Sends what there is to send, and tells what has happened.
    async fn act(&mut self) {
        while let Some(packet) = self.node.poll_transmit() {
            self.ports.send(packet.interface.0 as usize, packet.to, &packet.bytes).await;
        }
        while let Some(event) = self.node.poll() {
            match event {
                Event::Found { lookup, addresses, .. } => self.answer(lookup, addresses),
                Event::NotFound { lookup } => self.answer(lookup, Vec::new()),
                other => self.wanted.note(&other),
            }
        }
    }

    fn answer(&mut self, lookup: LookupId, addresses: Vec<Ipv4Addr>) {
        if let Some(place) = self.waiting.iter().position(|(id, _)| *id == lookup) {
            // Whoever asked may have stopped waiting.
            drop(self.waiting.swap_remove(place).1.send(addresses));
        }
    }
}

fn id(segment: usize) -> InterfaceId {
    InterfaceId(u32::try_from(segment).unwrap_or(u32::MAX))
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
