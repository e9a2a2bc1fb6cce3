use std::{
    io::{self, BufRead, IsTerminal, Write},
    os::fd::AsFd,
};

use anyhow::{Context as _, bail};
use auth::password::PASSWORD_BYTES_MAX;
use hub::Environment;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use crate::serve::generated_password;

/// Where a new password comes from.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct PasswordArgs {
    /// Read the password from the first line of standard input. Otherwise it is asked for on a terminal, and
    /// generated and printed where there is none, or where nothing is typed.
    #[arg(long)]
    pub(super) password_stdin: bool,
    /// Let the person keep the password. Otherwise a browser asks for another one when they first sign in.
    #[arg(long)]
    pub(super) may_keep: bool,
}

/// A new password, and whether somebody still has to be told.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct NewPassword {
    pub(super) text: String,
    pub(super) generated: bool,
}

impl PasswordArgs {
    /// The password for the account `name`.
    pub(super) fn obtain(self, name: &str, environment: &Environment) -> anyhow::Result<NewPassword> {
        let typed = |text| Ok(NewPassword { text, generated: false });
        if self.password_stdin {
            return typed(first_line(io::stdin().lock())?);
        }
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            let text = ask(&format!("Password for {name} (nothing: one is generated): "))?;
            if !text.is_empty() {
                if ask("The same again: ")? != text {
                    bail!("the two passwords differ; nothing was done");
                }
                return typed(text);
            }
        }
        Ok(NewPassword { text: generated_password(environment), generated: true })
    }
}

/// The password of now and the new one, of somebody who changes their own: from two lines of standard input, or asked
/// for on a terminal.
pub(super) fn obtain_own(name: &str, stdin: bool) -> anyhow::Result<(String, String)> {
    if stdin {
        return Ok((first_line(io::stdin().lock())?, first_line(io::stdin().lock())?));
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        bail!("there is no terminal to ask for the passwords on; use --password-stdin");
    }
    let old = ask(&format!("Password of {name} now: "))?;
    let new = ask("New password: ")?;
    if ask("The same again: ")? != new {
        bail!("the two new passwords differ; nothing was done");
    }
    Ok((old, new))
}

/// The first line, without its end.
fn first_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    for byte in input.bytes() {
        match byte.context("cannot read the password")? {
            b'\n' => break,
            byte => bytes.push(byte),
        }
        if bytes.len() > PASSWORD_BYTES_MAX + 1 {
            bail!("a password has at most {PASSWORD_BYTES_MAX} bytes");
        }
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let line = String::from_utf8(bytes).ok().context("the password is not UTF-8")?;
    if line.is_empty() {
        bail!("the first line of standard input is empty: expected a password");
    }
    Ok(line)
}

/// Asks on the terminal, and shows nothing of what is typed.
fn ask(question: &str) -> anyhow::Result<String> {
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes())?;
    stderr.flush()?;
    let typed = {
        let _quiet = Quiet::new().context("cannot hide what is typed")?;
        Typing::default().read(io::stdin().lock())
    };
    stderr.write_all(b"\n")?;
    typed
}

/// A terminal that shows nothing and gives every key at once, Ctrl-C included, so that it is never left like this.
struct Quiet {
    before: Termios,
}

impl Quiet {
    fn new() -> io::Result<Self> {
        let terminal = io::stdin();
        let before = tcgetattr(terminal.as_fd())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal.as_fd(), OptionalActions::Flush, &quiet)?;
        Ok(Self { before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin().as_fd(), OptionalActions::Now, &self.before);
    }
}

/// What was typed so far.
#[derive(Default)]
struct Typing {
    text: Vec<u8>,
}

impl Typing {
    fn read(mut self, input: impl BufRead) -> anyhow::Result<String> {
        const INTERRUPT: u8 = 3;
        const END: u8 = 4;
        const ERASE_ALL: u8 = 21;
        for byte in input.bytes() {
            match byte? {
                b'\r' | b'\n' => return Ok(String::from_utf8(self.text)?),
                INTERRUPT | END => bail!("nothing was done"),
                8 | 127 => self.erase(),
                ERASE_ALL => self.text.clear(),
                byte if byte < 32 => {}
                _ if self.text.len() >= PASSWORD_BYTES_MAX => {
                    bail!("a password has at most {PASSWORD_BYTES_MAX} bytes")
                }
                byte => self.text.push(byte),
            }
        }
        bail!("the terminal has gone; nothing was done")
    }

    /// Takes back the last character, which may have several bytes.
    fn erase(&mut self) {
        while self.text.pop().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_whatever_ends_it() {
        for input in ["a b ", "a b \n", "a b \r\n", "a b \nmore"] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), "a b ");
        }
        assert!(first_line(&b"\n"[..]).is_err());
        assert!(first_line(&b"\xff\n"[..]).is_err());
        assert!(first_line("x".repeat(2_000).as_bytes()).is_err());
    }

    #[test]
    fn typing_can_be_corrected_and_given_up() {
        let typed = |keys: &str| Typing::default().read(keys.as_bytes());
        assert_eq!(typed("secrex\u{7f}t\r").unwrap(), "secret");
        assert_eq!(typed("aö\u{7f}b\n").unwrap(), "ab");
        assert_eq!(typed("wrong\u{15}right\r").unwrap(), "right");
        assert_eq!(typed("\u{7f}\r").unwrap(), "");
        assert!(typed("secret\u{3}").is_err());
        assert!(typed("secret").is_err());
    }
}
