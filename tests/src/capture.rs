//! What went over the wire, as Wireshark reads it.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::wait;

/// A capture of what goes over an interface; other tests are not in it within [`crate::alone`].
pub struct Capture {
    folder: TempDir,
    child: Child,
}

impl Capture {
    /// Starts to capture what goes over TCP.
    pub fn start() -> Self {
        Self::of("lo", "tcp")
    }

    /// Starts to capture what passes a capture filter on an interface.
    pub fn of(interface: &str, filter: &str) -> Self {
        let folder = TempDir::new().expect("a folder for the capture");
        let mut child = Command::new("dumpcap")
            .args(["-i", interface, "-q", "-f", filter, "-w"])
            .arg(folder.path().join("capture.pcapng"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("dumpcap is installed");
        let mut said =
            BufReader::new(child.stderr.take().expect("its messages")).lines().map_while(Result::ok);
        assert!(said.any(|line| line.starts_with("File:")), "dumpcap captures, which takes root");
        // What it says later must not block it.
        std::thread::spawn(move || said.for_each(drop));
        Self { folder, child }
    }

    /// Waits until as many packets as that match a display filter are in the file.
    pub fn expect(&self, filter: &str, count: usize) {
        wait::until(&format!("{count} packets of {filter}"), || {
            (self.fields(filter, &["frame.number"]).len() >= count).then_some(())
        });
    }

    /// These fields of each packet that matches the display filter; several values of one field are separated by
    /// commas.
    pub fn fields(&self, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
        let mut arguments = vec!["-Y", filter, "-T", "fields"];
        arguments.extend(fields.iter().flat_map(|field| ["-e", *field]));
        let printed = self.tshark(&arguments);
        printed.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// What Wireshark finds fault with, from notes on, one remark a line.
    pub fn remarks(&self) -> Vec<String> {
        let printed = self.tshark(&["-q", "-z", "expert,note"]);
        printed.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
    }

    /// Everything that Wireshark makes of the packets that match.
    pub fn dissection(&self, filter: &str) -> String {
        self.tshark(&["-Y", filter, "-V"])
    }

    fn tshark(&self, arguments: &[&str]) -> String {
        let output = Command::new("tshark")
            .arg("-r")
            .arg(self.path())
            .args(arguments)
            .output()
            .expect("tshark is installed");
        // While dumpcap writes, the last packet may be there in part.
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || complaint.contains("cut short"), "{arguments:?}: {complaint}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("capture.pcapng")
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
