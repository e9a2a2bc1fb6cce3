use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Output, Program, lan::Host, tmpfs::Tmpfs, wait};

/// The program, started in a data directory of its own, on ports that were free.
pub struct Service {
    child: Option<Child>,
    program: Program,
    host: Option<Host>,
    disk: Option<Tmpfs>,
    folder: TempDir,
}

/// What differs from the defaults.
#[derive(Clone, Debug, Default)]
pub struct ServiceOptions {
    /// Lines of TOML that are put into the configuration: whole sections other than `[network]`, `[doors.xmpp]`,
    /// `[doors.web]` and `[doors.windows]`.
    pub configuration: String,
    /// Lines for `[doors.xmpp]`.
    pub xmpp: String,
    /// The addresses and ports of the XMPP door, for STARTTLS and for TLS from the first byte, where not any free
    /// ports of 127.0.0.1 will do.
    pub xmpp_listen: Option<[String; 2]>,
    /// Whether the Windows door is open.
    pub windows: bool,
    /// The address and port of the Windows door, where not any free port of 127.0.0.1 will do.
    pub windows_listen: Option<String>,
    /// Lines for `[doors.windows]`.
    pub windows_configuration: String,
    /// The computer that it runs on, where it is not this one. Its Windows door is open on the ports that Windows knows,
    /// and the computer's name is its NetBIOS name.
    pub host: Option<Host>,
    /// How many bytes the data directory's disk has, where it is to have one of its own.
    pub disk_bytes: Option<u64>,
}

/// The domain of every service in these tests.
pub const DOMAIN: &str = "office.internal";

impl Service {
    /// Starts the service and waits until it is ready.
    pub fn start(options: &ServiceOptions) -> Self {
        let mut service = Self::prepare(options);
        service.begin(options);
        service
    }

    /// Starts a new service with what is in a backup.
    pub fn restore(options: &ServiceOptions, backup: &Path) -> Self {
        let mut service = Self::prepare(options);
        service.ok(&["restore", backup.to_str().expect("a path in UTF-8")]);
        service.begin(options);
        service
    }

    fn prepare(options: &ServiceOptions) -> Self {
        let folder = TempDir::new().expect("a folder for the service");
        let data = folder.path().join("data");
        let disk = options.disk_bytes.map(|bytes| Tmpfs::mount(&data, bytes));
        let program = Program { configuration: folder.path().join("messngr.toml"), data };
        let host = options.host.clone();
        let service = Self { child: None, program, host, disk, folder };
        let any = "127.0.0.1:0";
        let reached =
            options.host.as_ref().map_or_else(|| any.to_owned(), |host| format!("{}:0", host.address));
        let (plain, tls) =
            options.xmpp_listen.as_ref().map_or((&reached, &reached), |[plain, tls]| (plain, tls));
        let own = if options.host.is_some() { "0.0.0.0:139" } else { any };
        let windows = options.windows_listen.as_deref().unwrap_or(own);
        service.configure(options, [plain, tls], windows, [any, any]);
        service
    }

    fn begin(&mut self, options: &ServiceOptions) {
        self.launch();
        // From now on the ports stay, so that clients find the service again after a restart.
        let (plain, tls) = (self.address("xmpp", "starttls"), self.address("xmpp", "tls"));
        let windows = if options.windows || options.host.is_some() {
            self.address("windows", "session")
        } else {
            "127.0.0.1:0".to_owned()
        };
        let web = [self.address("web", "https"), self.address("web", "http")];
        self.configure(options, [&plain, &tls], &windows, [&web[0], &web[1]]);
    }

    /// Starts the service with the defaults.
    pub fn start_default() -> Self {
        Self::start(&ServiceOptions::default())
    }

    /// Starts it again after it was stopped or killed, with the same data on the same ports.
    pub fn launch(&mut self) {
        assert!(self.child.is_none(), "the service runs already");
        let log = fs::File::options().create(true).append(true).open(self.log_path()).expect("a log file");
        let mut command = self.command(&["serve"]);
        if let Some(host) = &self.host {
            command = host.here(&command);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("the log twice")).stderr(log);
        let mut child = command.spawn().expect("the program is built: run the tests by `cargo xtask test`");
        wait::until("the service to be ready", || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the service ended with {status}:\n{}", self.log());
            }
            (self.run(&["status"]).code == 0).then_some(())
        });
        self.child = Some(child);
    }

    /// Ends the process in the middle of whatever it does.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the service runs");
        child.kill().expect("the process can be killed");
        child.wait().expect("the process ends");
    }

    /// Asks the process to stop, and waits until it has.
    pub fn stop(&mut self) {
        self.signal("TERM");
        let mut child = self.child.take().expect("the service runs");
        let status = child.wait().expect("the process ends");
        assert!(status.success(), "the service stopped with {status}:\n{}", self.log());
    }

    /// Sends the process a signal by its name.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status();
        assert!(status.expect("kill runs").success());
    }

    /// The number of the process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the service runs").id()
    }

    /// The program as it is run on this service's data, also while the service itself is killed and started.
    pub fn program(&self) -> Program {
        self.program.clone()
    }

    /// A command of the program on this service, to be changed and run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.program.command(arguments)
    }

    /// Runs a command of the program and returns what it said.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.program.run(arguments)
    }

    /// Runs a command that reads `input`.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        self.program.run_with(arguments, input)
    }

    /// The memory that the process has now, in bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line about memory");
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kibibytes * 1024
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.code, 0, "{arguments:?} said: {}{}\n{}", output.stdout, output.stderr, self.log());
        output.stdout
    }

    /// Runs a command that must succeed with `--json`, and returns what it printed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.ok(&[&["--json"], arguments].concat());
        serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("{arguments:?} printed no JSON ({error}): {printed}"))
    }

    /// Makes an account whose password may be kept.
    pub fn add_user(&self, name: &str, password: &str) {
        let output =
            self.run_with(&["user", "add", name, "--password-stdin", "--may-keep"], &format!("{password}\n"));
        assert_eq!(output.code, 0, "user add {name}: {}{}", output.stdout, output.stderr);
    }

    /// The address that a door listens on, as `status` tells it: `("xmpp", "starttls")`, `("xmpp", "tls")`,
    /// `("windows", "session")`, `("web", "https")`, `("web", "http")`.
    pub fn address(&self, door: &str, purpose: &str) -> String {
        let status = self.json(&["status"]);
        let listening = status["listening"].as_array().expect("a list of what listens");
        let setting = match purpose {
            "starttls" => "doors.xmpp.listen",
            "tls" => "doors.xmpp.listen_tls",
            "https" => "doors.web.listen",
            "http" => "doors.web.plain_loopback_listen",
            _ => "doors.windows.session_listen",
        };
        let wanted = |entry: &&Value| {
            entry["door"] == door && entry["setting"] == setting && entry["address"].is_string()
        };
        let entry =
            listening.iter().find(wanted).unwrap_or_else(|| panic!("no {door} {purpose} in {status}"));
        entry["address"].as_str().expect("an address").to_owned()
    }

    /// The port that a door listens on.
    pub fn port(&self, door: &str, purpose: &str) -> u16 {
        let address = self.address(door, purpose);
        address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port")
    }

    /// The certificate authority that clients have to trust.
    pub fn authority(&self) -> PathBuf {
        self.data().join("ca.pem")
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.program.data.clone()
    }

    /// A folder beside the data directory for what a test makes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the service has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn configure(
        &self,
        options: &ServiceOptions,
        [plain, tls]: [&str; 2],
        windows: &str,
        [web_tls, web_plain]: [&str; 2],
    ) {
        let [name, names, datagrams] = match &options.host {
            Some(host) => {
                [host.name.to_uppercase(), "\"0.0.0.0:137\"".to_owned(), "\"0.0.0.0:138\"".to_owned()]
            }
            None => ["OFFICESRV".to_owned(), String::new(), String::new()],
        };
        // What the disks of this machine have is nothing that a test knows.
        let alerter =
            if options.configuration.contains("[alerter]") { "" } else { "[alerter]\nenabled = false\n" };
        let room = "[files]\nfree_bytes_min = 0\nfree_percent_min = 0\n";
        let configuration = if options.configuration.contains("[files]\n") {
            options.configuration.replace("[files]\n", room)
        } else {
            format!("{}\n{room}", options.configuration)
        };
        let text = format!(
            "domain = \"{DOMAIN}\"\n{configuration}\n{alerter}[doors.xmpp]\nlisten = [\"{plain}\"]\nlisten_tls = [\"{tls}\"]\n{}\n\
             [doors.web]\nlisten = [\"{web_tls}\"]\nplain_loopback_listen = \"{web_plain}\"\n\
             [doors.windows]\nenabled = {}\nsession_listen = [\"{windows}\"]\n\
             name_listen = [{names}]\ndatagram_listen = [{datagrams}]\nnetbios_name = \"{name}\"\n{}\n",
            options.xmpp,
            options.windows || options.host.is_some(),
            options.windows_configuration
        );
        fs::write(&self.program.configuration, text).expect("the configuration can be written");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
        self.disk = None;
        let log = self.log();
        if std::thread::panicking() {
            eprintln!("--- log of the service ---\n{log}");
        } else {
            assert!(!log.contains("panicked at"), "the service panicked:\n{log}");
        }
    }
}
