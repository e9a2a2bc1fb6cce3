//! Messages by remote procedure calls over UDP (`NetrSendMessage`, MS-MSRP 3.2.4): what Windows 2000 and later send where
//! a session does not work. Whoever calls must first prove that it receives at its address.

use std::{
    net::{IpAddr, SocketAddr, SocketAddrV4},
    sync::Arc,
    time::Instant,
};

use hub::StrangerRefusal;
use netbios::{
    receiver::Answer,
    rpc::server::{Call, Event, Limits, Server},
};
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{WindowsDoor, budget::Transport};
use crate::network::{self, Arrived, Gate, OpenPorts, Segment, SegmentPort};

/// How many answers may wait to be sent: as many as there are calls at once.
const ANSWERS_MAX: usize = 256;

impl WindowsDoor {
    /// Takes calls by these ports until `stop`.
    ///
    /// # Errors
    /// The runtime does not take the ports.
    pub fn take_calls(
        self: Arc<Self>,
        ports: Vec<SegmentPort>,
        gate: &Arc<Gate>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> std::io::Result<()> {
        let (ports, arrived) = network::open_segments(ports, gate, tasks, stop)?;
        let environment = self.hub.environment();
        // Seconds since 1970, as far as 32 bits hold them: it differs from start to start.
        let boot = (environment.now().as_second() & i64::from(u32::MAX)).try_into().unwrap_or(1);
        let code_pages = self.settings.code_pages.clone();
        let server = |(index, segment): (usize, &Segment)| {
            let port = ports.port(index).unwrap_or(netbios::rpc::endpoint::PORT);
            let page = code_pages.of(segment.address().into());
            let mut server = Server::new(page, Limits::default(), boot);
            // Messages are taken by the mapper's own port: no other needs to be let through.
            server.map_messages_to(SocketAddrV4::new(segment.address(), port));
            server
        };
        let servers = ports.segments().enumerate().map(server).collect();
        let (answers, answered) = mpsc::channel(ANSWERS_MAX);
        let calls = Calls { door: self, ports, servers, tasks: tasks.clone(), answers };
        tasks.spawn(calls.run(arrived, answered, stop.clone()));
        Ok(())
    }
}

struct Calls {
    door: Arc<WindowsDoor>,
    ports: Arc<OpenPorts>,
    /// One for each segment.
    servers: Vec<Server>,
    tasks: TaskTracker,
    answers: mpsc::Sender<Decided>,
}

/// What became of a call's message.
struct Decided {
    segment: usize,
    call: Call,
    answer: Answer,
}

impl Calls {
    async fn run(
        mut self,
        mut arrived: mpsc::Receiver<Arrived>,
        mut answered: mpsc::Receiver<Decided>,
        stop: CancellationToken,
    ) {
        loop {
            let deadline = self.servers.iter().filter_map(Server::deadline).min();
            let segment = tokio::select! {
                () = stop.cancelled() => return,
                Some(packet) = arrived.recv() => self.receive(&packet),
                Some(decided) = answered.recv() => self.answer(decided),
                () = super::until(deadline) => {
                    self.servers.iter_mut().for_each(|server| server.handle_timeout(now()));
                    continue;
                }
            };
            self.act(segment).await;
        }
    }

    fn receive(&mut self, packet: &Arrived) -> usize {
        let source = IpAddr::V4(*packet.from.ip());
        if !self.ports.is_on_link(packet.segment, *packet.from.ip()) {
            self.door.refuse(source, StrangerRefusal::OtherSubnet);
        } else if self.door.hears(source)
            && let Some(server) = self.servers.get_mut(packet.segment)
        {
            let random = self.door.hub.environment().random();
            server.receive(&packet.bytes, SocketAddr::V4(packet.from), random, now());
        }
        packet.segment
    }

    fn answer(&mut self, Decided { segment, call, answer }: Decided) -> usize {
        if let Some(server) = self.servers.get_mut(segment) {
            server.answer(call, answer, now());
        }
        segment
    }

    /// Hands messages in, and sends what there is to send.
    async fn act(&mut self, segment: usize) {
        let Some(server) = self.servers.get_mut(segment) else { return };
        while let Some(Event { call, message }) = server.poll() {
            let (door, answers) = (self.door.clone(), self.answers.clone());
            self.tasks.spawn(async move {
                let source: IpAddr = call.address.ip();
                let answer = door.deliver(message, source, Transport::Answered).await;
                // When the service stops, the caller asks again, or somebody else.
                drop(answers.send(Decided { segment, call, answer }).await);
            });
        }
        while let Some((to, bytes)) = server.poll_transmit() {
            if let SocketAddr::V4(to) = to {
                self.ports.send(segment, to, &bytes).await;
            }
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
