//! Rooms and files, with slixmpp and curl.

use std::process::Command;

use end_to_end::{Peer, Service, ServiceOptions};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const CANTEEN: &str = "canteen@rooms.office.internal";

fn service_with(options: &ServiceOptions, names: &[&str]) -> Service {
    let service = Service::start(options);
    for name in names {
        service.add_user(name, PASSWORD);
    }
    service
}

/// Enters a room, and returns what the client makes of it.
fn enter(peer: &mut Peer, nick: &str) -> Value {
    peer.tell(&json!({ "do": "enter_room", "room": CANTEEN, "nick": nick }));
    peer.expect("to have entered the room", |event| event["event"] == "entered")
}

fn say(peer: &mut Peer, text: &str) {
    peer.tell(&json!({ "do": "send", "to": CANTEEN, "body": text, "kind": "groupchat" }));
}

fn set_up(peer: &mut Peer, values: &Value) {
    peer.tell(&json!({ "do": "set_up_room", "room": CANTEEN, "values": values }));
    peer.expect("the room to be set up", |event| event["event"] == "set_up");
}

#[test]
fn people_meet_in_a_room_that_is_there_after_a_crash_with_what_was_said() {
    let mut service = service_with(&ServiceOptions::default(), &["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    assert_eq!(enter(&mut anna, "Anna")["codes"], json!([100, 110, 201]));
    set_up(
        &mut anna,
        &json!({ "muc#roomconfig_persistentroom": true, "muc#roomconfig_roomname": "Canteen" }),
    );
    say(&mut anna, "Is anybody there?");
    anna.expect_message("Is anybody there?");
    let entered = enter(&mut bob, "Bob");
    assert_eq!(entered["history"], json!(["Is anybody there?"]));
    assert_eq!(entered["others"], json!(["Anna"]));
    say(&mut bob, "I am");
    for peer in [&mut anna, &mut bob] {
        let message = peer.expect_message("I am");
        assert_eq!(
            (&message["from"], &message["kind"]),
            (&json!(format!("{CANTEEN}/Bob")), &json!("groupchat"))
        );
        assert_eq!(message["stanza_ids"][0][0], CANTEEN);
    }

    service.kill();
    service.launch();
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let entered = enter(&mut anna, "Anna");
    assert_eq!(entered["history"], json!(["Is anybody there?", "I am"]));
    assert_eq!(entered["codes"], json!([100, 110]));
}

#[test]
fn who_is_sent_out_hears_why_and_who_does_not_belong_is_turned_away() {
    let service = service_with(&ServiceOptions::default(), &["anna", "bob"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let mut bob = Peer::slixmpp(&service, "bob", PASSWORD, json!({}));
    enter(&mut anna, "Anna");
    set_up(&mut anna, &json!({}));
    enter(&mut bob, "Bob");
    anna.tell(&json!({ "do": "kick", "room": CANTEEN, "nick": "Bob", "reason": "Enough" }));
    let gone =
        bob.expect("to be sent out", |event| event["event"] == "in_room" && event["kind"] == "unavailable");
    assert_eq!((&gone["codes"], &gone["reason"]), (&json!([110, 307]), &json!("Enough")));
    set_up(&mut anna, &json!({ "muc#roomconfig_membersonly": true }));
    bob.tell(&json!({ "do": "enter_room", "room": CANTEEN, "nick": "Bob" }));
    let refused = bob.expect("to be turned away", |event| event["event"] == "not_entered");
    assert_eq!(refused["condition"], "registration-required");
    let bare = "bob@office.internal";
    anna.tell(&json!({ "do": "invite", "room": CANTEEN, "whom": bare, "reason": "Come back" }));
    bob.expect("an invitation", |event| event["kind"] == "normal" && event["from"] == CANTEEN);
    enter(&mut bob, "Bob");
}

#[test]
fn a_file_goes_up_by_curl_where_a_place_was_given_and_comes_back() {
    let lines = "[files]\nsize_max_bytes = 1000000\n";
    let options = ServiceOptions { configuration: lines.to_owned(), ..ServiceOptions::default() };
    let service = service_with(&options, &["anna"]);
    let mut anna = Peer::slixmpp(&service, "anna", PASSWORD, json!({}));
    let file = service.folder().join("plan.bin");
    let bytes: Vec<u8> =
        (0..700_000_u32).map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    std::fs::write(&file, &bytes).expect("a file to send");
    let request = "<request xmlns='urn:xmpp:http:upload:0' filename='plan.bin' size='700000'/>";
    anna.tell(&json!({ "do": "iq", "to": "upload.office.internal", "payload": request }));
    let answer = anna.expect("a place for the file", |event| event["event"] == "iq");
    let xml = answer["xml"].as_str().expect("the answer");
    let url = |name: &str| {
        let rest = xml.split_once(&format!("<{name} url=\"")).expect("an address").1;
        rest.split_once('"').expect("its end").0.to_owned()
    };
    let (port, authority) = (service.port("web", "https"), service.authority());
    let curl = |arguments: &[&str]| {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--write-out", "%{http_code}", "--resolve"])
            .arg(format!("office.internal:{port}:127.0.0.1"))
            .arg("--cacert")
            .arg(&authority)
            .args(arguments)
            .output()
            .expect("curl is installed");
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let (up, down) = (file.to_str().expect("a path"), service.folder().join("back.bin"));
    assert_eq!(curl(&["--upload-file", up, &url("put")]), "201");
    assert_eq!(curl(&["--output", down.to_str().expect("a path"), &url("get")]), "200");
    assert_eq!(std::fs::read(&down).expect("the file that came back"), bytes);
    assert!(curl(&["--upload-file", up, &url("put")]).ends_with("403"), "a place is used once");
}
