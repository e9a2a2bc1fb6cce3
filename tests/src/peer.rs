use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{Service, package_path, peers_folder, wait::PATIENCE};

/// A foreign XMPP client, driven by a script: commands go in and events come out, one line of JSON each.
pub struct Peer {
    name: String,
    child: Child,
    stdin: ChildStdin,
    events: Receiver<Value>,
    seen: Vec<Value>,
}

impl Peer {
    /// slixmpp, signed in as this person. It verifies the service's certificate. `options` are those of
    /// `peers/slixmpp_client.py`.
    pub fn slixmpp(service: &Service, name: &str, password: &str, options: Value) -> Self {
        let mut peer = Self::slixmpp_unconnected(service, name, password, options);
        peer.expect("the session to start", |event| event["event"] == "ready");
        // The client has said that it is there; the answer to a ping says that the service has read that.
        peer.tell(&json!({ "do": "ping" }));
        peer.expect("the answer to a ping", |event| event["event"] == "pong");
        peer
    }

    /// The same, without waiting until it is signed in.
    pub fn slixmpp_unconnected(service: &Service, name: &str, password: &str, options: Value) -> Self {
        let address = service.address("xmpp", if options["direct_tls"] == true { "tls" } else { "starttls" });
        let address: SocketAddr = address.parse().expect("an address");
        let host =
            if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { address.ip().to_string() };
        let mut settings = json!({
            "jid": format!("{name}@office.internal/{name}-slixmpp"),
            "password": password,
            "host": host,
            "port": address.port(),
            "ca": service.authority(),
        });
        if let (Some(settings), Value::Object(options)) = (settings.as_object_mut(), options) {
            settings.extend(options);
        }
        let python = peers_folder().join("venv/bin/python");
        let mut command = Command::new(python);
        command.arg(package_path("peers/slixmpp_client.py")).arg(settings.to_string());
        Self::spawn(name, command)
    }

    fn spawn(name: &str, mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the peer is installed");
        let stdin = child.stdin.take().expect("its input");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event =
                    serde_json::from_str(&line).unwrap_or_else(|_| json!({ "event": "noise", "line": line }));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Self { name: name.to_owned(), child, stdin, events, seen: Vec::new() }
    }

    /// Tells the peer to do something; what there is stands in the script.
    pub fn tell(&mut self, command: &Value) {
        writeln!(self.stdin, "{command}").and_then(|()| self.stdin.flush()).expect("the peer listens");
    }

    /// Waits for an event and takes it out, along with nothing else: events that came before it stay to be found.
    pub fn expect(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        let mut looked = 0;
        loop {
            while looked < self.seen.len() {
                if wanted(&self.seen[looked]) {
                    return self.seen.remove(looked);
                }
                looked += 1;
            }
            match self.events.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(event) => self.seen.push(event),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("{} gave up waiting for {what}; it saw {:#?}", self.name, self.seen)
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("{} ended before {what}; it saw {:#?}", self.name, self.seen)
                }
            }
        }
    }

    /// Sends a chat message and returns its id.
    pub fn send_chat(&mut self, to: &str, body: &str) -> String {
        self.tell(&json!({ "do": "send", "to": to, "body": body }));
        let sent = self
            .expect("its own message to be sent", |event| event["event"] == "sent" && event["body"] == body);
        sent["id"].as_str().expect("an id").to_owned()
    }

    /// Waits for a message whose body has this in it.
    pub fn expect_message(&mut self, part: &str) -> Value {
        let has = |event: &Value| {
            event["event"] == "message" && event["body"].as_str().is_some_and(|body| body.contains(part))
        };
        self.expect(&format!("a message with \"{part}\" in it"), has)
    }

    /// Everything that has come so far and was not taken out; it stays to be found.
    pub fn seen(&mut self) -> &[Value] {
        self.seen.extend(self.events.try_iter());
        &self.seen
    }

    /// Everything that came and was not taken out, after waiting until the peer and the service have answered each
    /// other once more: so that what should not have come has had its chance to.
    pub fn leftovers(&mut self) -> Vec<Value> {
        self.tell(&json!({ "do": "ping" }));
        self.expect("the answer to a ping", |event| event["event"] == "pong");
        std::mem::take(&mut self.seen)
    }

    /// Holds the peer still: its connection stays, and it neither reads nor answers any more.
    pub fn freeze(&self) {
        let status = Command::new("kill").args(["-STOP", &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Ends the peer without a word to the service, as a crash does.
    pub fn kill(mut self) {
        drop(self.child.kill());
    }

    /// Signs out.
    pub fn sign_out(mut self) {
        self.tell(&json!({ "do": "disconnect" }));
        self.expect("the end of the stream", |event| event["event"] == "disconnected");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
