//! The name service between a node of ours and Samba, on a subnet where broadcasts are heard.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    process::{Child, Command, Stdio},
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
use tempfile::TempDir;

use crate::wait;

/// Where our node is.
pub const OURS: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
/// Where Samba is.
pub const SAMBA: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 2);

const BROADCAST: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 255);
const INTERFACE: InterfaceId = InterfaceId(1);
/// How long the node's thread listens before it looks at its clock again.
const TICK: Duration = Duration::from_millis(10);

/// A second computer on a subnet with this one. It needs [`crate::alone`].
pub struct Subnet {
    folder: TempDir,
}

/// `nmbd` on the second computer, with the name `PRESS1` and the group `OFFICE`.
pub struct Nmbd(Child);

/// A node of ours with a socket.
pub struct RunningNode {
    node: Arc<Mutex<Node>>,
    events: Arc<Mutex<Vec<Event>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Subnet {
    /// Both computers, and the cable between them.
    pub fn start() -> Self {
        let script = format!(
            "mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip netns add samba \
             && ip link add here type veth peer name there netns samba \
             && ip address add {OURS}/24 broadcast {BROADCAST} dev here && ip link set here up \
             && ip -n samba address add {SAMBA}/24 broadcast {BROADCAST} dev there \
             && ip -n samba link set there up && ip -n samba link set lo up"
        );
        let status = Command::new("sh").args(["-c", &script]).status().expect("a shell");
        assert!(status.success(), "a second network namespace, which takes root and `ip`");
        Self { folder: TempDir::new().expect("a folder for Samba") }
    }

    fn samba(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", "samba", program, "--configfile"])
            .arg(self.folder.path().join("smb.conf"));
        command
    }

    fn configure(&self, wins: bool) {
        let folder = self.folder.path();
        let mut configuration = format!(
            "[global]\nnetbios name = PRESS1\nworkgroup = OFFICE\ninterfaces = {SAMBA}/24\n\
             bind interfaces only = yes\nlocal master = no\npreferred master = no\ndomain master = no\n\
             wins support = {}\n",
            if wins { "yes" } else { "no" }
        );
        for kept in ["private dir", "lock directory", "state directory", "cache directory", "pid directory"] {
            let inside = folder.join(kept.replace(' ', "-"));
            fs::create_dir_all(&inside).expect("a folder for Samba");
            configuration.push_str(&format!("{kept} = {}\n", inside.display()));
        }
        fs::write(folder.join("smb.conf"), configuration).expect("the configuration is written");
    }

    /// Starts `nmbd`, as a name server too or not, and waits until it answers everybody who asks for its name.
    pub fn nmbd(&self, wins: bool) -> Nmbd {
        self.configure(wins);
        let mut command = self.samba("nmbd");
        command.args(["--foreground", "--no-process-group"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let nmbd = Nmbd(command.spawn().expect("nmbd is installed"));
        wait::until("nmbd to have claimed its name", || {
            self.nmblookup(&["PRESS1#03"]).contains("10.9.0.2 PRESS1<03>").then_some(())
        });
        nmbd
    }

    /// What `nmblookup` says on the second computer.
    pub fn nmblookup(&self, arguments: &[&str]) -> String {
        if !self.folder.path().join("smb.conf").exists() {
            self.configure(false);
        }
        let output = self.samba("nmblookup").args(arguments).output().expect("nmblookup is installed");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

impl Drop for Nmbd {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
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
            addresses: vec![OURS],
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
