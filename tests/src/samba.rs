//! Samba's programs: `smbclient` sends messages as NET SEND does, and `smbd` receives them.

use std::{
    fs::{self, Permissions},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{NEIGHBOUR, Output, wait};

/// `smbclient -M` with these arguments, reading the text.
pub fn smbclient_message(arguments: &[&str], text: &str) -> Output {
    Output::of(Command::new("smbclient").args(arguments).env("LC_ALL", "C.UTF-8"), text)
}

/// Sends a message to a service on 127.0.0.1 in somebody's name.
pub fn smbclient(port: u16, from: &str, to: &str, text: &str) -> Output {
    let port = port.to_string();
    smbclient_message(&["-M", to, "-I", "127.0.0.1", "-p", &port, "-U", from], text)
}

impl Output {
    /// Whether `smbclient` was told that the message was taken. Its exit code alone does not say so.
    pub fn was_taken(&self) -> bool {
        let said = format!("{}{}", self.stdout, self.stderr);
        self.code == 0 && !["NT_STATUS", "ERR", "fail", "refused"].iter().any(|word| said.contains(word))
    }
}

/// A message as `smbd` handed it to its message command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Who it says it is from.
    pub from: String,
    /// Its text.
    pub text: String,
}

/// A Samba server that takes messages, on the ports 139 and 1139 of [`NEIGHBOUR`]. It has a configuration of its
/// own and keeps everything in a folder of its own. It needs [`crate::alone`].
pub struct Smbd {
    folder: TempDir,
    child: Child,
}

impl Smbd {
    /// A server whose clients write this code page: `CP850`, `CP858`.
    pub fn start(code_page: &str) -> Self {
        Self::start_with(code_page, None)
    }

    /// A server that runs this message command, instead of one that keeps what comes for
    /// [`expect_message`](Self::expect_message).
    pub fn handing_over(message_command: &str) -> Self {
        Self::start_with("CP850", Some(message_command))
    }

    fn start_with(code_page: &str, message_command: Option<&str>) -> Self {
        let folder = TempDir::new().expect("a folder for smbd");
        let keep = format!("{}/receive %f %s", folder.path().display());
        prepare(folder.path(), code_page, message_command.unwrap_or(&keep));
        let child = Command::new("smbd")
            .args(["--foreground", "--no-process-group", "--debug-stdout", "--configfile"])
            .arg(folder.path().join("smb.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smbd is installed");
        let smbd = Self { folder, child };
        wait::until("smbd to listen", || TcpStream::connect((NEIGHBOUR, 139)).ok());
        smbd
    }

    /// Waits for a message and takes it out.
    pub fn expect_message(&self) -> Received {
        wait::until("smbd to receive a message", || take_message(self.folder.path()))
    }

    /// Whether no message is there that was not taken out.
    pub fn is_empty(&self) -> bool {
        next(self.folder.path()).is_none()
    }
}

/// Takes out the next message that the script of [`prepare_inbox`] has kept in this folder.
pub(crate) fn take_message(folder: &Path) -> Option<Received> {
    let path = next(folder)?;
    let message = fs::read_to_string(&path).expect("a message in UTF-8");
    fs::remove_file(path).expect("it can be taken out");
    let (from, text) = message.split_once('\n').expect("the sender's line");
    Some(Received { from: from.to_owned(), text: text.to_owned() })
}

fn next(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder.join("inbox")).expect("the inbox");
    let paths = entries.map(|entry| entry.expect("an entry of the inbox").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "message")).min()
}

impl Drop for Smbd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Makes `FOLDER/receive`, a message command that keeps what comes for [`take_message`]. It runs as nobody, who must
/// come to the script and write to the inbox.
pub(crate) fn prepare_inbox(folder: &Path) {
    let own = folder.display();
    let script = format!(
        "#!/bin/sh\nunfinished={own}/inbox/$(basename \"$2\")\n\
         {{ printf '%s\\n' \"$1\"; cat \"$2\"; }} > \"$unfinished\" && mv \"$unfinished\" \"$unfinished.message\"\nrm \"$2\"\n"
    );
    fs::write(folder.join("receive"), script).expect("a message command");
    permit(&folder.join("receive"), 0o755);
    fs::create_dir(folder.join("inbox")).expect("an inbox");
    permit(&folder.join("inbox"), 0o777);
    permit(folder, 0o755);
}

fn prepare(folder: &Path, code_page: &str, message_command: &str) {
    let mut configuration = format!(
        "[global]\nnetbios name = PRESS1\nworkgroup = OFFICE\nserver min protocol = NT1\n\
         interfaces = {NEIGHBOUR}/24\nbind interfaces only = yes\nsmb ports = 139 1139\n\
         dos charset = {code_page}\nunix charset = UTF-8\nmessage command = {message_command}\n\
         load printers = no\ndisable spoolss = yes\n"
    );
    for kept in [
        "private dir",
        "lock directory",
        "state directory",
        "cache directory",
        "pid directory",
        "ncalrpc dir",
    ] {
        let inside = folder.join(kept.replace(' ', "-"));
        fs::create_dir(&inside).expect("a folder for smbd");
        configuration.push_str(&format!("{kept} = {}\n", inside.display()));
    }
    fs::write(folder.join("smb.conf"), configuration).expect("a configuration for smbd");
    permit(&folder.join("smb.conf"), 0o644);
    prepare_inbox(folder);
}

pub(crate) fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the rights of what was just made");
}
