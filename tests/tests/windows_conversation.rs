//! An old machine writes to somebody, who answers from a client of today.

use std::net::TcpListener;

use end_to_end::{
    Peer, Service, ServiceOptions, alone,
    lan::{Lan, SambaOptions},
    net_send,
    samba::Received,
    wait,
};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

fn anna_at(service: &Service) -> Peer {
    service.add_user("anna", PASSWORD);
    Peer::slixmpp(service, "anna", PASSWORD, json!({}))
}

/// Who wrote this, as the client is to answer them.
fn writer_of(anna: &mut Peer, text: &str) -> String {
    anna.expect_message(text)["from"].as_str().expect("a sender").to_owned()
}

fn expect_error(anna: &mut Peer, id: &str, condition: &str) -> String {
    let error = anna
        .expect("an answer to be refused", |event| event["event"] == "message_error" && event["id"] == id);
    assert_eq!(error["condition"], condition, "{error}");
    error["text"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn smbclient_is_answered_where_it_wrote_from_and_the_writer_is_told_what_does_not_arrive() {
    alone(|| {
        let lan = Lan::start();
        let press = lan.host("press1", [10, 77, 0, 3]);
        let mut samba = lan.samba(&press, &SambaOptions::default());
        samba.smbd();
        let office = Service::start(&ServiceOptions {
            host: Some(lan.host("office", [10, 77, 0, 1])),
            ..ServiceOptions::default()
        });
        let mut anna = anna_at(&office);
        wait::until("anna to be found", || {
            samba.nmblookup(&["ANNA#03"]).contains("10.77.0.1 ANNA<03>").then_some(())
        });
        let output = samba.smbclient("fred", "ANNA", "Paper is empty");
        assert!(output.was_taken(), "{output:?}");
        let fred = writer_of(&mut anna, "Paper is empty");
        assert_eq!(fred, "fred@windows.office.internal/10.77.0.3");

        // To whoever wrote from there, and to whoever wrote last.
        for to in [fred.as_str(), "fred@windows.office.internal"] {
            anna.send_chat(to, &format!("More is on its way to {to}"));
            let text = format!("More is on its way to {to}");
            assert_eq!(samba.expect_message(), Received { from: "ANNA".to_owned(), text });
        }
        anna.send_chat(&fred, &"word ".repeat(500));
        // Samba hands each over by a process of its own, and the one may overtake the other.
        let mut parts = [samba.expect_message().text, samba.expect_message().text];
        parts.sort();
        let of = |number: &str, words| number.to_owned() + "word ".repeat(words).trim_end();
        assert_eq!(parts, [of("(1/2) ", 298), of("(2/2) ", 202)]);

        let nobody = anna.send_chat("gina@windows.office.internal", "hello?");
        let why = expect_error(&mut anna, &nobody, "item-not-found");
        assert!(why.contains("only who has written to you"), "{why}");
        let elsewhere = anna.send_chat("fred@windows.office.internal/10.77.0.4", "hello?");
        expect_error(&mut anna, &elsewhere, "item-not-found");

        samba.kill_smbd();
        anna.send_chat(&fred, "Is it there?");
        let told = anna.expect_message("> Is it there?");
        let body = told["body"].as_str().expect("a text");
        assert!(body.starts_with("Your message to FRED did not arrive"), "{body}");
        assert!(body.contains("10.77.0.3 takes no messages"), "{body}");
        assert_eq!(told["from"], "office.internal");
    });
}

#[test]
fn what_was_being_sent_when_the_service_was_killed_is_told_once_and_not_sent_again() {
    alone(|| {
        // A machine that takes a connection, and then says nothing.
        let machine = TcpListener::bind("127.0.0.1:139").expect("the port is free");
        let mut service = Service::start(&ServiceOptions { windows: true, ..ServiceOptions::default() });
        let mut anna = anna_at(&service);
        let door = service.address("windows", "session");
        net_send(&door, "PC7", "ANNA", "Paper is empty").expect("it is taken");
        let writer = writer_of(&mut anna, "Paper is empty");
        anna.send_chat(&writer, "More is on its way");
        let connection = machine.accept().expect("the answer is on its way");
        service.kill();
        drop((anna, connection));

        let interrupted = "It is not known whether your message to PC7 arrived";
        service.launch();
        let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
        let told = anna.expect_message(interrupted);
        assert!(told["body"].as_str().expect("a text").ends_with("> More is on its way"), "{told}");
        service.kill();
        drop(anna);
        service.launch();
        let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
        // What she has not acknowledged comes again, as the same message.
        let is_another = |event: &Value| event.to_string().contains(interrupted) && event["id"] != told["id"];
        let others: Vec<Value> = anna.leftovers().into_iter().filter(is_another).collect();
        assert!(others.is_empty(), "{others:?}");
        machine.set_nonblocking(true).expect("it can be asked");
        assert!(machine.accept().is_err(), "it was sent again");
    });
}
