//! Computers on two subnets of their own, with a router between them, that lead nowhere else.

mod forger;
mod samba;

use std::{net::Ipv4Addr, process::Command};

use tempfile::TempDir;

pub use self::{
    forger::Forger,
    samba::{Samba, SambaOptions},
};
use crate::Output;

/// The router, on the first subnet. Whatever a test does itself, it does there.
pub const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 254);
/// The router, on the second subnet.
pub const FAR_ROUTER: Ipv4Addr = Ipv4Addr::new(10, 78, 0, 254);
/// Where everybody on the first subnet hears it.
pub const BROADCAST: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 255);

/// The subnets 10.77.0.0/24 and 10.78.0.0/24. They need [`crate::alone`].
pub struct Lan {
    folder: TempDir,
}

/// A computer on one of the subnets: a network namespace.
#[derive(Clone, Debug)]
pub struct Host {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: Ipv4Addr,
}

impl Lan {
    /// Both subnets, without computers but the router.
    pub fn start() -> Self {
        let mut script = "mkdir -p /run/netns && mount -t tmpfs none /run/netns".to_owned();
        for (subnet, router) in [("77", ROUTER), ("78", FAR_ROUTER)] {
            script += &format!(
                " && ip link add net{subnet} type bridge && ip address add {router}/24 broadcast + dev net{subnet} \
                 && ip link set net{subnet} up"
            );
        }
        script += " && echo 1 > /proc/sys/net/ipv4/ip_forward";
        shell(&script);
        Self { folder: TempDir::new().expect("a folder for the network") }
    }

    /// One more computer, whose name is short and in lower case.
    pub fn host(&self, name: &str, address: [u8; 4]) -> Host {
        let address = Ipv4Addr::from(address);
        let [_, subnet, ..] = address.octets();
        let router = if subnet == 77 { ROUTER } else { FAR_ROUTER };
        shell(&format!(
            "ip netns add {name} && ip link add {name} type veth peer name eth0 netns {name} \
             && ip link set {name} master net{subnet} up && ip -n {name} link set lo up \
             && ip -n {name} address add {address}/24 broadcast + dev eth0 && ip -n {name} link set eth0 up \
             && ip -n {name} route add default via {router}"
        ));
        Host { name: name.to_owned(), address }
    }

    /// Samba's programs on a computer, none of which runs yet.
    pub fn samba(&self, host: &Host, options: &SambaOptions) -> Samba {
        Samba::new(self.folder.path().join(&host.name), host.clone(), options)
    }
}

impl Host {
    /// A command that runs on this computer.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// A command for this computer that would run on the router.
    pub(crate) fn here(&self, elsewhere: &Command) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(elsewhere.get_program()).args(elsewhere.get_args());
        for (variable, _) in elsewhere.get_envs().filter(|(_, value)| value.is_none()) {
            command.env_remove(variable);
        }
        command
    }

    /// Runs a command on this computer to its end.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        Output::of(self.command(program).args(arguments), "")
    }
}

fn shell(script: &str) {
    let output = Command::new("sh").args(["-c", script]).output().expect("a shell");
    assert!(
        output.status.success(),
        "network namespaces and bridges, which take root and `ip`: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
