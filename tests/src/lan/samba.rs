use std::{
    fs,
    path::PathBuf,
    process::{Child, Stdio},
};

use super::Host;
use crate::{
    Output,
    samba::{Received, permit, prepare_inbox, take_message},
    wait,
};

/// How Samba is set up.
#[derive(Clone, Debug)]
pub struct SambaOptions {
    /// Its NetBIOS name.
    pub name: String,
    /// Its workgroup.
    pub workgroup: String,
    /// More lines for `[global]`.
    pub configuration: String,
}

/// Samba on a computer of its own: `nmbd` and `smbd` as far as they were started, and its clients.
pub struct Samba {
    folder: PathBuf,
    host: Host,
    name: String,
    nmbd: Option<Child>,
    smbd: Option<Child>,
}

impl Default for SambaOptions {
    fn default() -> Self {
        let (name, workgroup) = ("PRESS1".to_owned(), "PRESS".to_owned());
        Self { name, workgroup, configuration: String::new() }
    }
}

impl Samba {
    pub(super) fn new(folder: PathBuf, host: Host, options: &SambaOptions) -> Self {
        fs::create_dir(&folder).expect("a folder for Samba");
        if let Some(above) = folder.parent() {
            permit(above, 0o755);
        }
        prepare_inbox(&folder);
        let samba = Self { folder, host, name: options.name.clone(), nmbd: None, smbd: None };
        samba.configure(options);
        samba
    }

    /// Changes what is not running yet.
    pub fn configure(&self, options: &SambaOptions) {
        let (folder, address) = (self.folder.display(), self.host.address);
        let SambaOptions { name, workgroup, configuration } = options;
        let mut text = format!(
            "[global]\nnetbios name = {name}\nworkgroup = {workgroup}\ninterfaces = {address}/24\n\
             bind interfaces only = yes\nserver min protocol = NT1\nclient min protocol = NT1\nsmb ports = 139\n\
             dos charset = CP850\nunix charset = UTF-8\nmessage command = {folder}/receive %f %s\n\
             load printers = no\ndisable spoolss = yes\n\
             local master = no\npreferred master = no\ndomain master = no\n{configuration}\n"
        );
        for kept in FOLDERS {
            let inside = self.folder.join(kept.replace(' ', "-"));
            fs::create_dir_all(&inside).expect("a folder for Samba");
            text.push_str(&format!("{kept} = {}\n", inside.display()));
        }
        fs::write(self.configuration(), text).expect("the configuration is written");
        permit(&self.configuration(), 0o644);
    }

    /// Starts `nmbd`, without waiting until it has its names.
    pub fn start_nmbd(&mut self) {
        self.nmbd = Some(self.daemon("nmbd", &[]));
    }

    /// Waits until `nmbd` has a name.
    pub fn expect_name(&self, name: &str) {
        wait::until(&format!("nmbd to have {name}"), || self.has_name(name).then_some(()));
    }

    fn has_name(&self, name: &str) -> bool {
        let found = format!("{} {name}<03>", self.host.address);
        self.nmblookup(&[&format!("{name}#03")]).contains(&found)
    }

    /// Starts `nmbd` and waits until it has its own name.
    pub fn nmbd(&mut self) {
        self.start_nmbd();
        // On a busy machine nmbd has been seen to start and never to claim its name; started anew, it does.
        if wait::or_give_up(|| self.has_name(&self.name).then_some(())).is_none() {
            self.kill_nmbd();
            self.start_nmbd();
            self.expect_name(&self.name);
        }
    }

    /// Ends `nmbd` without a word.
    pub fn kill_nmbd(&mut self) {
        end(self.nmbd.take());
    }

    /// Starts `smbd` and waits until it listens.
    pub fn smbd(&mut self) {
        self.smbd = Some(self.daemon("smbd", &["--debug-stdout"]));
        let address = (self.host.address, 139);
        wait::until("smbd to listen", || std::net::TcpStream::connect(address).ok());
    }

    /// Ends `smbd` without a word.
    pub fn kill_smbd(&mut self) {
        end(self.smbd.take());
    }

    /// What `nmblookup` says on this computer.
    pub fn nmblookup(&self, arguments: &[&str]) -> String {
        let configuration = self.configuration().display().to_string();
        let output = self.host.run("nmblookup", &[&["--configfile", &configuration], arguments].concat());
        output.stdout + &output.stderr
    }

    /// Sends a message by `smbclient`, which finds the name as its configuration says.
    pub fn smbclient(&self, from: &str, to: &str, text: &str) -> Output {
        let mut command = self.host.command("smbclient");
        command.arg("--configfile").arg(self.configuration()).args(["-M", to, "-U", from]);
        Output::of(command.env("LC_ALL", "C.UTF-8"), text)
    }

    /// The same to this port of the host that has the name.
    pub fn smbclient_at(&self, port: u16, from: &str, to: &str, text: &str) -> Output {
        let mut command = self.host.command("smbclient");
        command.arg("--configfile").arg(self.configuration());
        command.args(["-M", to, "-U", from, "-p", &port.to_string()]);
        Output::of(command.env("LC_ALL", "C.UTF-8"), text)
    }

    /// Waits until `smbd` has received a message, and takes it out.
    pub fn expect_message(&self) -> Received {
        wait::until("smbd to receive a message", || take_message(&self.folder))
    }

    /// Where the configuration is.
    pub fn configuration(&self) -> PathBuf {
        self.folder.join("smb.conf")
    }

    fn daemon(&self, program: &str, arguments: &[&str]) -> Child {
        let mut command = self.host.command(program);
        command.args(["--foreground", "--no-process-group"]).args(arguments);
        command.arg("--configfile").arg(self.configuration());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("Samba is installed")
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        end(self.nmbd.take());
        end(self.smbd.take());
    }
}

const FOLDERS: [&str; 6] =
    ["private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir"];

fn end(child: Option<Child>) {
    if let Some(mut child) = child {
        drop(child.kill());
        drop(child.wait());
    }
}
