//! The example of a client of the event stream does what it says.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use end_to_end::{Account, Browser, Service};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/events.py");

/// The example, running.
struct Example(Child);

impl Example {
    fn start(service: &Service, token: &Path) -> Self {
        let url = format!("http://{}", service.address("web", "http"));
        let mut command = Command::new("python3");
        command.arg(EXAMPLE).arg(url).arg(service.authority()).arg(token).stdout(Stdio::null());
        Self(command.spawn().expect("python3 is installed"))
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_example_in_python_answers_and_comes_back_when_the_service_does() {
    let mut service = Service::start_default();
    for name in ["anna", "robot"] {
        service.add_user(name, &Account::new(name).password);
    }
    let made = service.json(&["token", "add", "robot", "--scope", "chat", "--as", "robot"]);
    let token = service.folder().join("token");
    std::fs::write(&token, made["secret"].as_str().expect("a secret")).expect("a file for the token");
    let _example = Example::start(&service, &token);
    let mut anna = Browser::new(&service.address("web", "http"), Account::new("anna"));
    for number in 0..2 {
        anna.chat("robot", &format!("ping-{number}"), "ping");
        anna.expect("an answer", |event| event["content"] == "text" && event["text"] == "pong");
        if number == 0 {
            service.kill();
            service.launch();
        }
    }
    assert_eq!(anna.connections(), (1, 1));
}
