//! Network UPS Tools: the server that knows power supplies, and a driver for one that there is not.

use std::{
    cell::Cell,
    fs::{self, File},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use crate::wait;

/// The driver of supplies that are only written down (Debian's `nut-server`).
const DRIVER: &str = "/lib/nut/dummy-ups";
/// The server itself: the program of the path asks first whether the whole machine wants one.
const SERVER: &str = "/lib/nut/upsd";

/// `upsd` at port 3493 of 127.0.0.1, with one power supply that is called `rack`. It needs [`crate::alone`].
pub struct Upsd {
    folder: TempDir,
    children: Vec<Child>,
    /// How often the status was set.
    settings: Cell<u64>,
}

impl Upsd {
    /// Starts the server and the driver. The supply has this status, such as `OL`.
    pub fn start(status: &str) -> Self {
        let folder = TempDir::new().expect("a folder for upsd");
        let write =
            |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file for upsd");
        write("ups.conf", "[rack]\ndriver = dummy-ups\nport = rack.dev\npollinterval = 1\n");
        write("upsd.conf", "LISTEN 127.0.0.1 3493\n");
        write("upsd.users", "");
        let mut upsd = Self { folder, children: Vec::new(), settings: Cell::new(0) };
        upsd.set(status);
        upsd.run(DRIVER, &["-a", "rack"]);
        wait::until("the driver of the power supply", || {
            upsd.folder.path().join("dummy-ups-rack").exists().then_some(())
        });
        upsd.run(SERVER, &[]);
        wait::until("upsd to listen", || TcpStream::connect("127.0.0.1:3493").ok());
        upsd
    }

    /// Gives the supply another status, such as `OB LB`.
    pub fn set(&self, status: &str) {
        let file = self.folder.path().join("rack.dev");
        fs::write(&file, format!("ups.status: {status}\n")).expect("the driver's file");
        // The driver looks at the seconds of the file's time: two settings within one would be one to it.
        self.settings.set(self.settings.get() + 1);
        let written = File::options().write(true).open(&file).expect("the driver's file");
        let modified =
            written.metadata().and_then(|metadata| metadata.modified()).expect("the time of the file");
        written.set_modified(modified + Duration::from_secs(self.settings.get())).expect("its new time");
    }

    fn run(&mut self, program: &str, arguments: &[&str]) {
        let folder = self.folder.path();
        let log = File::options().create(true).append(true).open(folder.join("log")).expect("a log");
        let mut command = Command::new(program);
        // With -D it stays in front.
        command
            .args(["-D", "-u", "root"])
            .args(arguments)
            .env("NUT_CONFPATH", folder)
            .env("NUT_STATEPATH", folder);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("the log twice")).stderr(log);
        self.children.push(command.spawn().expect("nut-server is installed"));
    }
}

impl Drop for Upsd {
    fn drop(&mut self) {
        for child in &mut self.children {
            drop(child.kill());
            drop(child.wait());
        }
        if std::thread::panicking() {
            eprintln!(
                "--- log of upsd ---\n{}",
                fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
            );
        }
    }
}
