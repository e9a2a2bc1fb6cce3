//! Somebody is away, and what writes to them answers by itself as well: by XMPP and by NET SEND.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Instant,
};

use end_to_end::{Account, DOMAIN, Service, ServiceOptions, alone, chat, net_send, sign_in};
use netbios::{
    code_page::CodePage,
    receiver::{Answer, Event, Limits, Message, Receiver},
    session::Framing,
};

/// Where machines listen for messages.
const MESSENGER: &str = "127.0.0.1:139";

/// A machine that answers every message by another, whatever it says, and hands on what it got.
fn answering_machine(service: String) -> mpsc::Receiver<Message> {
    let listener = TcpListener::bind(MESSENGER).expect("the port is free in this network");
    let (tell, told) = mpsc::channel();
    let tell = Arc::new(Mutex::new(tell));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (tell, service) = (tell.clone(), service.clone());
            thread::spawn(move || {
                let Some(message) = receive(&mut stream.expect("a connection")) else { return };
                let from = message.from.clone();
                // The answer is sent first, so that whoever hears of the message knows that it was answered.
                net_send(&service, "PRESS1", &from, "Nobody is at PRESS1.").expect("the answer is taken");
                tell.lock().expect("the test goes on").send(message).expect("the test listens");
            });
        }
    });
    told
}

fn receive(stream: &mut (impl Read + Write)) -> Option<Message> {
    let now = Instant::now;
    let mut receiver =
        Receiver::new(Framing::NetbiosSession, CodePage::DEFAULT, Limits::default(), [0; 8], now());
    let (mut buffer, mut got) = ([0; 1_024], None);
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        receiver.receive(&buffer[..length], now());
        while let Some(event) = receiver.poll() {
            match event {
                Event::Called { .. } => receiver.allow_session(now()),
                Event::Addressed { .. } => receiver.allow_recipient(now()),
                Event::Message(message) => {
                    receiver.answer(Answer::Accepted, now());
                    got = Some(message);
                }
                _ => {}
            }
        }
        while let Some(bytes) = receiver.poll_transmit() {
            stream.write_all(&bytes).ok()?;
        }
    }
    got
}

#[test]
fn a_machine_and_a_program_that_answer_everything_are_told_once_that_somebody_is_away() {
    alone(|| {
        let service = Service::start(&ServiceOptions {
            xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
            windows: true,
            windows_listen: Some("127.0.0.1:1139".to_owned()),
            ..ServiceOptions::default()
        });
        for name in ["anna", "bert"] {
            service.add_user(name, &Account::new(name).password);
        }
        let door = service.address("windows", "session");
        let machine = answering_machine(door.clone());
        let (mut anna, mut bert) = (sign_in(&service, "anna"), sign_in(&service, "bert"));
        service.ok(&["away", "on leave", "--as", "anna"]);

        net_send(&door, "PRESS1", "anna", "the paper is out").expect("it is taken");
        let told = machine.recv().expect("the machine is told");
        assert_eq!((told.from.as_str(), told.text.as_str()), ("ANNA", "Automatic reply: on leave"));
        let body = |part: &'static str| {
            move |stanza: &xmpp::Element| {
                stanza.child("body", xmpp::namespace::CLIENT).is_some_and(|body| body.text().contains(part))
            }
        };
        anna.expect("the message", body("the paper is out")).expect("it arrives");
        anna.expect("the machine's answer", body("Nobody is at PRESS1.")).expect("it arrives");

        bert.write(&chat("anna", "1", "hello")).expect("a message");
        bert.expect("that anna is away", body("Automatic reply: on leave")).expect("it arrives");
        bert.write(&chat("anna", "2", "I am only a program.")).expect("a message");
        anna.expect("the message", body("hello")).expect("it arrives");
        anna.expect("the program's answer", body("I am only a program.")).expect("it arrives");
        anna.write(&format!("<message to='bert@{DOMAIN}' type='chat' id='end'><body>end</body></message>"))
            .expect("a message");
        let next = bert.expect("the next message", |stanza| stanza.name() == "message").expect("a message");
        assert_eq!(next.attribute("id"), Some("end"), "the answer was not answered");
        assert!(machine.try_recv().is_err(), "nor was the machine's");
    });
}
