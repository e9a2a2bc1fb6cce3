//! What is measured: how each server is configured, given its people, and started.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::namespace::Namespace;
use crate::workspace::run as run_command;

/// A server that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contestant {
    /// The floor.
    Relay,
    /// Ours, with messages kept only until they are acknowledged.
    Messngr,
    /// Ours, with every message on the disk before it is delivered, and kept.
    MessngrArchive,
    /// ejabberd without an archive.
    Ejabberd,
    /// Prosody without an archive.
    Prosody,
}

/// The people that a server has to know: u0, u1, u2 …
pub(super) struct People {
    pub(super) count: usize,
    pub(super) password: &'static str,
    pub(super) domain: &'static str,
}

/// A server that runs; it ends with its namespace, and is waited for here.
pub(super) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Contestant {
    pub(super) const ALL: [Self; 5] =
        [Self::Relay, Self::Messngr, Self::MessngrArchive, Self::Ejabberd, Self::Prosody];

    /// The name it has in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Messngr => "messngr",
            Self::MessngrArchive => "messngr, archive on",
            Self::Ejabberd => "ejabberd",
            Self::Prosody => "prosody",
        }
    }

    pub(super) fn start(
        self,
        namespace: &Namespace,
        folder: &Path,
        programs: &Path,
        people: &People,
    ) -> Result<Running> {
        match self {
            Self::Relay => {
                let mut command = namespace.command(programs.join("relay"))?;
                spawn(command.arg("127.0.0.1:5222"), folder)
            }
            Self::Messngr => messngr(namespace, folder, programs, people, false),
            Self::MessngrArchive => messngr(namespace, folder, programs, people, true),
            Self::Ejabberd => ejabberd(namespace, folder, people),
            Self::Prosody => prosody(namespace, folder, people),
        }
    }
}

fn messngr(
    namespace: &Namespace,
    folder: &Path,
    programs: &Path,
    people: &People,
    archive: bool,
) -> Result<Running> {
    let configuration = folder.join("messngr.toml");
    let text = format!(
        "domain = \"{}\"\ndata_dir = \"{}\"\n[doors.xmpp]\nlisten = [\"127.0.0.1:5222\"]\nlisten_tls = []\n\
         require_tls = false\nallow_plain_without_tls = true\n[archive]\nenabled = {archive}\n\
         [limits]\nconnections_per_address_max = 20000\nstanzas_per_second_max = 0\n[log]\nlevel = \"warn\"\n",
        people.domain,
        folder.join("data").display(),
    );
    fs::write(&configuration, text)?;
    let mut list = String::from("name,password,groups\n");
    for number in 0..people.count {
        writeln!(list, "u{number},{},", people.password)?;
    }
    let csv = folder.join("people.csv");
    fs::write(&csv, list)?;
    let program = programs.join("messngr");
    let with_configuration = |command: &mut Command| {
        command.arg("--config").arg(&configuration);
    };
    let mut serve = namespace.command(&program)?;
    with_configuration(&mut serve);
    let running = spawn(serve.arg("serve"), folder)?;
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let mut import = namespace.command(&program)?;
        with_configuration(&mut import);
        let output = import.args(["user", "import"]).arg(&csv).output()?;
        if output.status.success() {
            return Ok(running);
        }
        ensure!(std::time::Instant::now() < end, "no accounts: {}", String::from_utf8_lossy(&output.stderr));
        std::thread::park_timeout(std::time::Duration::from_millis(100));
    }
}

fn ejabberd(namespace: &Namespace, folder: &Path, people: &People) -> Result<Running> {
    let configuration = format!(
        "hosts: [{domain}]\nloglevel: error\nauth_method: internal\nauth_password_format: plain\n\
         disable_sasl_mechanisms: [\"digest-md5\"]\n\
         listen:\n  - port: 5222\n    ip: \"127.0.0.1\"\n    module: ejabberd_c2s\n    max_stanza_size: 262144\n\
         acl:\n  local:\n    user_regexp: \"\"\naccess_rules:\n  local:\n    allow: local\n  c2s:\n    allow: all\n\
         modules:\n  mod_roster: {{}}\n  mod_disco: {{}}\n  mod_ping: {{}}\n  mod_stream_mgmt: {{}}\n  mod_offline: {{}}\n",
        domain = people.domain,
    );
    fs::write(folder.join("ejabberd.yml"), configuration)?;
    let mut roll =
        format!("<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0'><host jid='{}'>", people.domain);
    for number in 0..people.count {
        write!(roll, "<user name='u{number}' password='{}'/>", people.password)?;
    }
    roll.push_str("</host></server-data>");
    fs::write(folder.join("people.xml"), roll)?;
    hand_over(folder, "ejabberd")?;
    let control = |words: &[&str]| -> Result<Command> {
        let mut command = namespace.command("setpriv")?;
        command.args(["--reuid=ejabberd", "--regid=ejabberd", "--init-groups", "env"]);
        command.arg(format!("HOME={}", folder.display())).arg("ERL_DIST_PORT=14370").arg("ejabberdctl");
        let path = |name: &str| folder.join(name);
        command.arg("-d").arg(folder).arg("-f").arg(path("ejabberd.yml")).arg("-l").arg(path("logs"));
        command.arg("-s").arg(path("spool")).args(["-n", "bench@localhost"]).args(words);
        Ok(command)
    };
    let running = spawn(&mut control(&["foreground"])?, folder)?;
    run_command(&mut control(&["started"])?)?;
    let people = folder.join("people.xml");
    run_command(&mut control(&["import_piefxis", &people.to_string_lossy()])?)?;
    Ok(running)
}

fn prosody(namespace: &Namespace, folder: &Path, people: &People) -> Result<Running> {
    let data = folder.join("data");
    let accounts = data.join(people.domain.replace('.', "%2e")).join("accounts");
    fs::create_dir_all(&accounts)?;
    for number in 0..people.count {
        let record = format!("return {{\n\t[\"password\"] = \"{}\";\n}};\n", people.password);
        fs::write(accounts.join(format!("u{number}.dat")), record)?;
    }
    let configuration = format!(
        "daemonize = false\npidfile = \"{pid}\"\ndata_path = \"{data}\"\ninterfaces = {{ \"127.0.0.1\" }}\n\
         modules_enabled = {{ \"roster\", \"saslauth\", \"disco\", \"ping\", \"smacks\", \"offline\" }}\n\
         modules_disabled = {{ \"s2s\", \"tls\" }}\nallow_unencrypted_plain_auth = true\nc2s_require_encryption = false\n\
         authentication = \"internal_plain\"\nlimits = {{}}\nlog = {{ error = \"{log}\" }}\nVirtualHost \"{domain}\"\n",
        pid = folder.join("prosody.pid").display(),
        data = data.display(),
        log = folder.join("prosody.log").display(),
        domain = people.domain,
    );
    let file = folder.join("prosody.cfg.lua");
    fs::write(&file, configuration)?;
    hand_over(folder, "prosody")?;
    let mut command = namespace.command("setpriv")?;
    command
        .args(["--reuid=prosody", "--regid=prosody", "--init-groups", "prosody", "-F", "--config"])
        .arg(&file);
    spawn(&mut command, folder)
}

/// Gives the folder to the user that a server runs as.
fn hand_over(folder: &Path, user: &str) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    run_command(Command::new("chown").arg("-R").arg(format!("{user}:{user}")).arg(folder))
}

fn spawn(command: &mut Command, folder: &Path) -> Result<Running> {
    let mut log = fs::File::options().create(true).append(true).open(folder.join("output"))?;
    writeln!(log, "--- {command:?}")?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(Running(command.spawn().context("a server does not start")?))
}
