use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use doors::windows::{PopupFile, PopupId, PopupMessage, PopupSpool};

use super::context::{Context, say};

#[derive(Debug, Args)]
pub(super) struct WinpopupArgs {
    /// The folder to put messages into, so that no configuration is read [default: `doors.windows.winpopup_folder`].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: WinpopupCommand,
}

#[derive(Debug, Subcommand)]
enum WinpopupCommand {
    /// Hand a message over that smbd has written into a file, and remove the file. To be named in smb.conf.
    #[command(after_long_help = EXAMPLES)]
    Receive(ReceiveArgs),
}

const EXAMPLES: &str = "\
In smb.conf, where messages to a name go to the person of that name, and others to `machine_name_to`:
  message command = messngr winpopup --folder /var/spool/messngr receive \"%f\" \"%m\" \"%s\" \"%I\" \"%L\"
As LinPopUp is called:
  message command = messngr winpopup --folder /var/spool/messngr receive \"%f\" \"%m\" %s
Whatever comes after `receive` is taken as it is, also where it begins with a hyphen.";

/// Strangers have written all of it.
#[derive(Debug, Args)]
struct ReceiveArgs {
    /// Who the message says it is from: Samba's %f.
    from: OsString,
    /// The computer it says it is from: %m.
    machine: OsString,
    /// The file in which the message is, in UTF-8: %s.
    file: PathBuf,
    /// The address it came from: %I.
    address: Option<OsString>,
    /// The name that was called: %L.
    to: Option<OsString>,
}

/// How many arguments `receive` has at least.
const RECEIVED_MIN: usize = 3;

/// The command line, in which nothing that comes after `winpopup … receive` is taken for a flag: strangers have written
/// it, also where they are called `--`. With fewer arguments than a message has, somebody asks for help.
pub(super) fn set_apart(mut line: Vec<OsString>) -> Vec<OsString> {
    let is = |at: usize, word: &str| line.get(at).is_some_and(|argument| argument == word);
    let Some(command) = (1..line.len()).find(|at| is(*at, "winpopup")) else { return line };
    // What stands before the command are settings of the program, each of one word or two.
    let is_command = (1..command).all(|at| {
        let begins = |at: usize| line.get(at).is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
        begins(at) || at > 1 && begins(at - 1)
    });
    let Some(receive) = (command..line.len()).find(|at| is(*at, "receive")) else { return line };
    if is_command && line.len() > receive + RECEIVED_MIN {
        line.insert(receive + 1, "--".into());
    }
    line
}

pub(super) fn run(context: &Context, arguments: WinpopupArgs) -> anyhow::Result<()> {
    let WinpopupArgs { folder, command: WinpopupCommand::Receive(received) } = arguments;
    let folder = match folder {
        Some(folder) => folder,
        None => configured_folder(context)?,
    };
    receive(&folder, &received)
}

fn configured_folder(context: &Context) -> anyhow::Result<PathBuf> {
    let folder = context.configuration()?.doors.windows.winpopup_folder;
    if folder.is_empty() {
        bail!("there is no folder for messages: set `winpopup_folder` in [doors.windows], or give --folder");
    }
    Ok(folder.into())
}

/// The file goes when the message is on the disk. A command that is ended in between can be given again: it is the same
/// message.
fn receive(folder: &Path, received: &ReceiveArgs) -> anyhow::Result<()> {
    let text = |text: &OsStr| text.to_string_lossy().into_owned();
    let file = PopupFile::read(&received.file)?;
    let message = PopupMessage::new(
        &text(&received.from),
        &text(&received.machine),
        received.address.as_deref().map(text).as_deref(),
        received.to.as_deref().map(text).as_deref(),
        &file.bytes,
    );
    if message.text.is_empty() {
        say("The message has no words, and is handed over to nobody.");
    } else {
        PopupSpool::new(folder).put(&PopupId::new(&file.identity(), &message), &message)?;
    }
    file.remove().with_context(|| format!("cannot remove {}", received.file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(line: &[&str]) -> Vec<String> {
        let line = line.iter().map(OsString::from).collect();
        set_apart(line).into_iter().map(|argument| argument.into_string().unwrap()).collect()
    }

    #[test]
    fn what_strangers_have_written_is_never_a_flag() {
        let hostile = ["--help", "--config=/etc/shadow", "-h"];
        let line = [&["messngr", "winpopup", "--folder", "d", "receive"][..], &hostile].concat();
        let expected = [&["messngr", "winpopup", "--folder", "d", "receive", "--"][..], &hostile].concat();
        assert_eq!(apart(&line), expected);
        let called = ["messngr", "--config", "f", "winpopup", "receive", "--", "WS7", "/tmp/file"];
        let expected = ["messngr", "--config", "f", "winpopup", "receive", "--", "--", "WS7", "/tmp/file"];
        assert_eq!(apart(&called), expected, "somebody who is called so");
    }

    #[test]
    fn other_lines_and_who_asks_for_help_are_left_alone() {
        for line in [
            &["messngr", "winpopup", "receive", "--help"][..],
            &["messngr", "send", "anna", "receive", "a", "b"],
            &["messngr", "net", "send", "X", "winpopup", "will", "receive", "a", "b", "--host", "h"],
            &["winpopup", "receive", "a", "b", "c"],
        ] {
            assert_eq!(apart(line), line);
        }
    }

    #[test]
    fn a_message_is_handed_over_and_its_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        std::fs::create_dir(&spool).unwrap();
        let file = folder.path().join("msg");
        let received = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            ReceiveArgs {
                from: "--help".into(),
                machine: "'; reboot".into(),
                file: file.clone(),
                address: Some("10.0.0.7".into()),
                to: None,
            }
        };
        let waiting = || std::fs::read_dir(&spool).unwrap().count();
        receive(&spool, &received(b"hello\0")).unwrap();
        assert_eq!((file.exists(), waiting()), (false, 1));
        receive(&spool, &received(b"\0\0")).unwrap();
        assert_eq!((file.exists(), waiting()), (false, 1), "what has no words is nobody's");
        let error = receive(&folder.path().join("missing"), &received(b"hello")).unwrap_err();
        assert!(error.to_string().contains("install -d") && file.exists(), "{error}");
        receive(&spool, &received(&[b'x'; 65_537])).unwrap_err();
        assert!(file.exists());
    }
}
