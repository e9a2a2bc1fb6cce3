//! The servers that are measured: how each is configured, given its people, and started.

mod ejabberd;
mod messngr;
mod prosody;

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::cases::Case;
use super::generator::Generator;
use super::namespace::Namespace;
use crate::workspace::words;

/// Where every server listens, in its namespace.
pub(super) const ADDRESS: &str = "127.0.0.1:5222";
/// The domain of all people: u0, u1, u2 …
const DOMAIN: &str = "bench.internal";
/// The password of all people.
const PASSWORD: &str = "bench";
/// How long a server may take to be ready, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a configuration, as `--contestant` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Contestant {
    /// The floor
    Relay,
    /// Ours, with messages kept only until they are acknowledged
    Messngr,
    /// Ours, with every message on the disk before it is delivered, and kept
    MessngrArchive,
    /// ejabberd without an archive
    Ejabberd,
    /// ejabberd with its archive
    EjabberdArchive,
    /// Prosody without an archive
    Prosody,
    /// Prosody with its archive
    ProsodyArchive,
}

/// The program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Product {
    Relay,
    Messngr,
    Ejabberd,
    Prosody,
}

/// Whom a server has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Preparation {
    /// How many people.
    pub(super) people: usize,
    /// How many contacts each of them has, in a ring as the load generator's storm has it.
    pub(super) contacts: usize,
}

/// Where a server runs.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) namespace: &'a Namespace,
    /// The folder of its configuration and data.
    pub(super) folder: &'a Path,
    /// The folder of our own programs.
    pub(super) programs: &'a Path,
}

/// A server that runs; it ends with its namespace, and is waited for here.
pub(super) struct Running(Child);

impl Contestant {
    pub(super) const ALL: [Self; 7] = [
        Self::Relay,
        Self::Messngr,
        Self::MessngrArchive,
        Self::Ejabberd,
        Self::EjabberdArchive,
        Self::Prosody,
        Self::ProsodyArchive,
    ];

    /// The name in files and on the command line.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// The name for people.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Messngr => "messngr",
            Self::MessngrArchive => "messngr, archive on",
            Self::Ejabberd => "ejabberd",
            Self::EjabberdArchive => "ejabberd, archive on",
            Self::Prosody => "Prosody",
            Self::ProsodyArchive => "Prosody, archive on",
        }
    }

    pub(super) fn product(self) -> Product {
        match self {
            Self::Relay => Product::Relay,
            Self::Messngr | Self::MessngrArchive => Product::Messngr,
            Self::Ejabberd | Self::EjabberdArchive => Product::Ejabberd,
            Self::Prosody | Self::ProsodyArchive => Product::Prosody,
        }
    }

    /// Whether it keeps what people say.
    pub(super) fn archives(self) -> bool {
        matches!(self, Self::MessngrArchive | Self::EjabberdArchive | Self::ProsodyArchive)
    }

    /// Writes its configuration, and says by which words it starts.
    pub(super) fn configure(self, ground: Ground<'_>) -> Result<Vec<OsString>> {
        match self.product() {
            Product::Relay => Ok(vec![ground.programs.join("relay").into(), ADDRESS.into()]),
            Product::Messngr => messngr::configure(ground, self.archives()),
            Product::Ejabberd => ejabberd::configure(ground, self.archives()),
            Product::Prosody => prosody::configure(ground, self.archives()),
        }
    }

    /// The words that send the generator's text to everyone, where that is not done by a message.
    pub(super) fn announcement(self, ground: Ground<'_>) -> Vec<OsString> {
        match self.product() {
            Product::Messngr => messngr::announcement(ground),
            _ => Vec::new(),
        }
    }

    /// The load generator's words for the HTTP interface, where there is one.
    pub(super) fn interface(self, ground: Ground<'_>, case: Case) -> Vec<String> {
        match self.product() {
            Product::Messngr => messngr::interface(ground, case),
            _ => Vec::new(),
        }
    }
}

impl Product {
    /// Fills the folder with people and their contacts, and leaves nothing running.
    pub(super) fn prepare(self, ground: Ground<'_>, preparation: Preparation) -> Result<()> {
        match self {
            Self::Relay => Ok(()),
            Self::Messngr => messngr::prepare(ground, preparation),
            Self::Ejabberd => ejabberd::prepare(ground, preparation),
            Self::Prosody => prosody::prepare(ground, preparation),
        }
    }
}

impl Preparation {
    /// The numbers of a person's contacts.
    fn contacts_of(self, person: usize) -> impl Iterator<Item = usize> {
        let steps = 1..self.contacts / 2 + 1;
        steps.flat_map(move |step| {
            [person + step, person + self.people - step].map(|other| other % self.people)
        })
    }
}

impl Running {
    /// Starts a server and waits until somebody could sign in.
    pub(super) fn start(ground: Ground<'_>, contestant: Contestant, words: &[OsString]) -> Result<Self> {
        let mut running = Self::spawn(ground, words)?;
        running.until(ground, || Generator::new(ground, contestant).probe())?;
        Ok(running)
    }

    /// Waits until a check succeeds. Where the server ends or takes too long, says what it wrote last.
    fn until(&mut self, ground: Ground<'_>, check: impl Fn() -> Result<()>) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while let Err(error) = check() {
            let ended = self.0.try_wait()?;
            if ended.is_none() && Instant::now() < end {
                std::thread::park_timeout(Duration::from_millis(20));
                continue;
            }
            let state =
                ended.map_or("it does not answer".to_owned(), |status| format!("it ended with {status}"));
            return Err(error.context(format!("{state}; {}", last_words(ground.folder))));
        }
        Ok(())
    }

    /// Starts a server.
    fn spawn(ground: Ground<'_>, words: &[OsString]) -> Result<Self> {
        let (program, arguments) = words.split_first().context("no command")?;
        let mut command = ground.namespace.command(program)?;
        command.args(arguments);
        let mut log = fs::File::options().create(true).append(true).open(ground.folder.join("output"))?;
        writeln!(log, "--- {command:?}")?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(Self(command.spawn().with_context(|| format!("cannot start {}", program.display()))?))
    }

    /// Asks the server to stop, and waits for it.
    fn stop(mut self) -> Result<()> {
        run_quietly(Command::new("kill").args(["-TERM", &self.0.id().to_string()]))?;
        self.wait()
    }

    /// Waits until the server has stopped.
    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.0.try_wait()?.is_none() {
            if Instant::now() > end {
                bail!("the server does not stop");
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The last lines of what a server wrote.
fn last_words(folder: &Path) -> String {
    let files = ["output", "logs/ejabberd.log", "prosody.log"].map(|file| folder.join(file));
    let texts = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    let lines: Vec<String> =
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines[lines.len().saturating_sub(4)..].join("; ")
}

/// Gives the folder to the user that a server runs as.
fn hand_over(folder: &Path, user: &str) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    run_quietly(Command::new("chown").arg("-R").arg(format!("{user}:{user}")).arg(folder))
}

/// Makes `certificate.pem` and `key.pem` in the folder, of the kind that messngr makes for itself.
fn certify(folder: &Path) -> Result<()> {
    run_quietly(
        Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ])
            .args(["-subj", &format!("/CN={DOMAIN}"), "-addext", &format!("subjectAltName=DNS:{DOMAIN}")])
            .arg("-keyout")
            .arg(folder.join("key.pem"))
            .arg("-out")
            .arg(folder.join("certificate.pem")),
    )
}

/// Runs a command to its end; what it prints is shown only if it fails.
fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start {}", words(command)))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{} ended with {}: {}", words(command), output.status, String::from_utf8_lossy(&said).trim());
    }
    Ok(())
}

/// Copies what was prepared to a folder that is to have the same content.
pub(super) fn copy(prepared: &Path, folder: &Path) -> Result<()> {
    run_quietly(Command::new("cp").arg("-a").arg(prepared.join(".")).arg(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_mutual_and_as_many_as_were_asked_for() {
        let preparation = Preparation { people: 11, contacts: 4 };
        for person in 0..11 {
            let contacts: Vec<_> = preparation.contacts_of(person).collect();
            assert_eq!(contacts.len(), 4);
            for other in contacts {
                assert!(preparation.contacts_of(other).any(|contact| contact == person));
            }
        }
    }
}
