use std::{
    io::Write,
    net::SocketAddrV4,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::package_path;

/// A UDP packet: from where, to where, what.
pub type Datagram = (SocketAddrV4, SocketAddrV4, Vec<u8>);

/// What Wireshark makes of UDP packets that nobody has sent.
pub struct Dissection {
    folder: TempDir,
}

impl Dissection {
    /// Writes the packets where Wireshark can read them, as a capture of IPv4 packets.
    pub fn of(datagrams: &[Datagram]) -> Self {
        const RAW_IP: u32 = 101;
        let folder = TempDir::new().expect("a folder for the capture");
        let mut capture = Vec::new();
        for field in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 0xffff, RAW_IP] {
            capture.extend(field.to_le_bytes());
        }
        for datagram in datagrams {
            let packet = ipv4(datagram);
            for field in [0, 0, packet.len() as u32, packet.len() as u32] {
                capture.extend(field.to_le_bytes());
            }
            capture.extend(packet);
        }
        std::fs::write(folder.path().join("capture.pcap"), capture).expect("the capture is written");
        Self { folder }
    }

    /// These fields of each packet; several values of one field are separated by commas.
    pub fn fields(&self, fields: &[&str]) -> Vec<Vec<String>> {
        let mut arguments = vec!["-T", "fields"];
        arguments.extend(fields.iter().flat_map(|field| ["-e", *field]));
        let printed = self.tshark(&arguments);
        printed.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// Everything that Wireshark makes of the packets that match.
    pub fn text(&self, filter: &str) -> String {
        self.tshark(&["-Y", filter, "-V"])
    }

    fn tshark(&self, arguments: &[&str]) -> String {
        let path = self.folder.path().join("capture.pcap");
        let mut command = Command::new("tshark");
        command.arg("-r").arg(path).args(arguments);
        // It takes every packet that begins with 04 00 00 00 for its own, and calls begin so.
        command.args(["--disable-heuristic", "wg"]);
        let output = command.output().expect("tshark is installed");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn ipv4((from, to, data): &Datagram) -> Vec<u8> {
    const UDP: u8 = 17;
    let udp_bytes = u16::try_from(8 + data.len()).expect("it fits into a packet");
    let mut packet = vec![0x45, 0];
    packet.extend((20 + udp_bytes).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, UDP, 0, 0]);
    packet.extend(from.ip().octets());
    packet.extend(to.ip().octets());
    let sum: u32 = packet.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let checksum = !((sum & 0xffff) + (sum >> 16)) as u16;
    packet[10..12].copy_from_slice(&checksum.to_be_bytes());
    for field in [from.port(), to.port(), udp_bytes, 0] {
        packet.extend(field.to_be_bytes());
    }
    packet.extend(data);
    packet
}

/// What Samba makes of packets, each with its kind: `name` or `datagram`. `again` is the packet as Samba writes it.
pub fn samba_packets(packets: &[(&str, Vec<u8>)]) -> Vec<Value> {
    // The packages of the system's Python are not those of any other.
    let mut child = Command::new("/usr/bin/python3")
        .arg(package_path("peers/samba_packets.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python is installed");
    let mut input = child.stdin.take().expect("its input");
    let lines: String =
        packets.iter().map(|(kind, bytes)| format!("{kind} {}\n", hexadecimal(bytes))).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it does not panic").expect("it reads all packets");
    assert!(output.status.success(), "python3-samba is installed and reads all packets");
    let seen = String::from_utf8(output.stdout).expect("text");
    let seen: Vec<Value> = seen.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(seen.len(), packets.len());
    seen
}

/// Two digits for each byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
