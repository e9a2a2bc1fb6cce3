//! A node of the name service with a socket, on the router of a [`crate::lan::Lan`].

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use netbios::name_service::{
    PORT,
    node::{Event, Interface, InterfaceId, Node, Settings},
};

use crate::{
    lan::{BROADCAST, ROUTER},
    wait,
};

const INTERFACE: InterfaceId = InterfaceId(1);
/// How long the node's thread listens before it looks at its clock again.
const TICK: Duration = Duration::from_millis(10);

/// A node of ours with a socket.
pub struct RunningNode {
    node: Arc<Mutex<Node>>,
    events: Arc<Mutex<Vec<Event>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RunningNode {
    /// A node that listens and whose clock runs.
    pub fn start(settings: Settings) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, PORT)).expect("the port is free");
        socket.set_broadcast(true).expect("broadcasts are allowed");
        socket.set_read_timeout(Some(TICK)).expect("a timeout");
        let mut node = Node::new(settings, [9; 32], Instant::now());
        node.set_interface(Interface {
            id: INTERFACE,
            addresses: vec![ROUTER],
            netmask: Ipv4Addr::new(255, 255, 255, 0),
            broadcast: BROADCAST,
        });
        let node = Arc::new(Mutex::new(node));
        let (events, stop) = (Arc::<Mutex<Vec<Event>>>::default(), Arc::<AtomicBool>::default());
        let (driven, told, stopped) = (node.clone(), events.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 1500];
            while !stopped.load(Ordering::Relaxed) {
                let heard = socket.recv_from(&mut bytes);
                let mut node = driven.lock().unwrap_or_else(PoisonError::into_inner);
                if let Ok((length, SocketAddr::V4(from))) = heard {
                    node.receive(INTERFACE, from, &bytes[..length], Instant::now());
                }
                node.expire(Instant::now());
                while let Some(transmit) = node.poll_transmit() {
                    socket.send_to(&transmit.bytes, transmit.to).expect("it can be sent");
                }
                let new = std::iter::from_fn(|| node.poll());
                told.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
            }
        });
        Self { node, events, stop, thread: Some(thread) }
    }

    /// Asks something of the node.
    pub fn with<T>(&self, ask: impl FnOnce(&mut Node) -> T) -> T {
        ask(&mut self.node.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for an event; those before it are forgotten.
    pub fn expect(&self, what: &str, is_it: impl Fn(&Event) -> bool) -> Event {
        wait::until(what, || {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            let place = events.iter().position(&is_it)?;
            events.drain(..=place).next_back()
        })
    }
}

impl Drop for RunningNode {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
