//! The browser client, by Chromium: every flow is a script in `browser/`.

use std::{fs, process::Command, thread, time::Duration};

use end_to_end::{
    Account, Browser, DOMAIN, NEIGHBOUR, Peer, Service, ServiceOptions, alone, browse, browse_with,
    package_path, peers_folder, samba::Smbd,
};
use serde_json::json;

/// A service with these people, and a chief who may do everything.
fn service(people: &[&str]) -> Service {
    service_with(people, &ServiceOptions::default())
}

fn service_with(people: &[&str], options: &ServiceOptions) -> Service {
    let service = Service::start(options);
    for name in people {
        service.add_user(name, &Account::new(name).password);
    }
    let password = format!("{}\n", Account::new("chief").password);
    let added =
        service.run_with(&["user", "add", "chief", "--admin", "--password-stdin", "--may-keep"], &password);
    assert_eq!(added.code, 0, "{}", added.stderr);
    service
}

#[test]
fn two_people_talk() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "chat", &passwords(&["anna", "bert"]));
}

#[test]
fn a_net_send_opens_as_a_box_until_it_is_closed() {
    let mut service =
        service_with(&["anna", "bert"], &ServiceOptions { windows: true, ..ServiceOptions::default() });
    browse(&mut service, "boxes", &passwords(&["anna", "bert"]));
}

#[test]
fn a_room_is_made_and_left() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "rooms", &passwords(&["anna", "bert"]));
}

#[test]
fn what_was_said_is_answered_edited_and_taken_back() {
    let mut service = service(&["anna", "bert", "carl"]);
    browse(&mut service, "changes", &passwords(&["anna", "bert", "carl"]));
}

#[test]
fn one_person_looks_from_several_windows() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "windows", &passwords(&["anna", "bert"]));
}

#[test]
fn what_was_written_without_the_service_arrives_once_and_in_order() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "outbox", &passwords(&["anna", "bert"]));
}

#[test]
fn a_page_that_was_away_has_everything_when_it_is_back() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "gaps", &passwords(&["anna", "bert"]));
}

#[test]
fn a_page_that_was_away_has_what_was_owed_to_it_where_nothing_is_kept() {
    let configuration = "[archive]\nenabled = false\n".to_owned();
    let mut service =
        service_with(&["anna", "bert"], &ServiceOptions { configuration, ..ServiceOptions::default() });
    browse(&mut service, "unkept", &passwords(&["anna", "bert"]));
}

#[test]
fn a_page_that_is_loaded_again_loses_nothing() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "reloads", &passwords(&["anna", "bert"]));
}

#[test]
fn chats_are_shown_after_little_has_come() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "first-load", &passwords(&["anna", "bert"]));
}

#[test]
fn awkward_texts_are_only_texts() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "awkward", &passwords(&["anna", "bert"]));
}

#[test]
fn a_wrong_clock_changes_no_time() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "clocks", &passwords(&["anna", "bert"]));
}

#[test]
fn pictures_and_files_arrive_byte_for_byte() {
    let configuration = "[files]\nsize_max_bytes = 200000\n".to_owned();
    let mut service =
        service_with(&["anna", "bert"], &ServiceOptions { configuration, ..ServiceOptions::default() });
    browse(&mut service, "files", &passwords(&["anna", "bert"]));
}

#[test]
fn what_was_said_long_ago_is_found() {
    let configuration = "[limits]\nstanzas_per_second_max = 0\n".to_owned();
    let mut service =
        service_with(&["anna", "bert"], &ServiceOptions { configuration, ..ServiceOptions::default() });
    let count = 10_000;
    converse(&service, count);
    let mut settings = passwords(&["anna", "bert"]);
    settings["count"] = json!(count);
    browse(&mut service, "history", &settings);
}

/// Has anna say so many numbered messages to bert, who is there and takes them. One of the first has a needle in it.
fn converse(service: &Service, count: usize) {
    let address = service.address("web", "http");
    let [mut anna, mut bert] = ["anna", "bert"].map(|name| Browser::new(&address, Account::new(name)));
    anna.expect("to be there", |event| event["type"] == "done");
    bert.expect("to be there", |event| event["type"] == "done");
    let taking = thread::spawn(move || {
        for _ in 0..count {
            bert.expect("the next message", |event| event["type"] == "message");
        }
    });
    for number in 0..count {
        let needle = if number == 137 { "with the needle " } else { "" };
        anna.chat(&format!("bert@{DOMAIN}"), &format!("c-{number}"), &format!("Message {number} {needle}."));
        let most = if number + 1 == count { 0 } else { 500 };
        while anna.waiting() > most {
            anna.listen(Duration::from_secs(1));
        }
    }
    taking.join().expect("all of them came");
}

#[test]
fn everything_is_done_without_a_mouse() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "keys", &passwords(&["anna", "bert"]));
}

#[test]
fn an_account_is_exported_signed_out_and_removed() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "account", &passwords(&["anna", "bert"]));
}

#[test]
fn people_ask_see_and_block_one_another() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "contacts", &passwords(&["anna", "bert"]));
}

#[test]
fn what_is_set_holds_and_stays() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "looks", &passwords(&["anna", "bert"]));
}

#[test]
fn an_alert_is_confirmed_and_the_board_shows_it() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "alert", &passwords(&["anna", "bert", "chief"]));
}

#[test]
fn the_screens_look_as_in_the_pictures() {
    let people = ["anna", "bert", "carla", "dmitri", "eva"];
    let mut service = service_with(&people, &ServiceOptions { windows: true, ..ServiceOptions::default() });
    let all = [&people[..], &["chief"]].concat();
    browse(&mut service, "snapshots", &passwords(&all));
}

#[test]
fn whoever_has_started_a_service_needs_no_terminal_any_more() {
    let mut service = Service::start_default();
    let password =
        fs::read_to_string(service.data().join("admin-password")).expect("the password that was made");
    browse(&mut service, "first", &json!({ "password": password.trim() }));
}

/// One has a browser, one an XMPP client, and one an old machine that takes messages and knows no scripts.
#[test]
fn an_alert_is_confirmed_in_three_ways_and_the_board_shows_each_at_once() {
    alone(|| {
        let windows = ServiceOptions { windows: true, ..ServiceOptions::default() };
        let mut service = service_with(&["anna", "bert"], &windows);
        let smbd = Smbd::start("CP850");
        let mut bert = Peer::slixmpp(&service, "bert", &Account::new("bert").password, json!({}));
        let mut settings = passwords(&["anna", "chief"]);
        settings["computer"] = json!(format!("PRESS1@{NEIGHBOUR}:1139"));
        browse_with(&mut service, "three-ways", &settings, |_, question| {
            if question["what"] == "message" {
                return json!(smbd.expect_message().text);
            }
            bert.expect_message("Gas in hall 4");
            bert.send_chat("alerts@office.internal", "I am safe");
            bert.expect_message("is recorded");
            json!({})
        });
    });
}

#[test]
fn what_is_written_once_is_used_again() {
    let mut service = service(&["anna"]);
    browse(&mut service, "writing", &passwords(&["anna", "chief"]));
}

#[test]
fn a_grave_alert_is_released_reported_and_called_off() {
    let configuration = "[alerts]\nrelease = [\"extreme\"]\n".to_owned();
    let options = ServiceOptions { configuration, ..ServiceOptions::default() };
    let mut service = service_with(&["anna", "bert", "carl", "deputy", "dora"], &options);
    service.ok(&["user", "set", "deputy", "--admin", "yes"]);
    browse(&mut service, "life", &passwords(&["anna", "bert", "chief", "deputy"]));
}

#[test]
fn publishers_and_auditors_are_shown_what_they_may_do() {
    let configuration = "[alerts]\nrelease = [\"severe\"]\n".to_owned();
    let options = ServiceOptions { configuration, ..ServiceOptions::default() };
    let mut service = service_with(&["anna", "bert", "carl", "eva"], &options);
    browse(&mut service, "roles", &passwords(&["anna", "bert", "eva"]));
}

#[test]
fn several_alerts_wait_in_order_until_each_is_answered() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "queue", &passwords(&["anna", "bert"]));
}

#[test]
fn an_announcement_is_read_and_found_on_the_notice_board() {
    let mut service = service(&["anna", "bert"]);
    browse(&mut service, "notices", &passwords(&["anna", "bert", "chief"]));
}

#[test]
fn whoever_looks_after_the_service_does_it_in_the_console() {
    let mut service = service(&["anna"]);
    browse(&mut service, "people", &passwords(&["anna", "chief"]));
}

#[test]
fn what_its_comments_say_of_types_is_true() {
    let packages = peers_folder().join("node/node_modules");
    let web = package_path("../web/js").canonicalize().expect("the browser client");
    let of = |path: &str| json!([packages.join(path)]);
    let configuration = json!({
        "compilerOptions": {
            "allowJs": true, "checkJs": true, "noEmit": true, "strict": true, "skipLibCheck": true,
            "target": "ESNext", "module": "ESNext", "moduleResolution": "Bundler",
            "lib": ["ESNext", "DOM", "DOM.Iterable"], "types": [], "maxNodeModuleJsDepth": 0,
            "paths": {
                "preact": of("preact/src/index.d.ts"),
                "preact/hooks": of("preact/hooks/src/index.d.ts"),
                "@preact/signals": of("@preact/signals/dist/signals.d.ts"),
                "@preact/signals-core": of("@preact/signals-core/dist/signals-core.d.ts"),
                "htm": of("htm/dist/htm.d.ts"),
            },
        },
        "include": [web.join("**/*.js")],
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tsconfig.json");
    fs::write(&file, configuration.to_string()).expect("a configuration for the compiler");
    let output = Command::new("node").arg(packages.join("typescript/bin/tsc")).arg("-p").arg(&file).output();
    let output = output.expect("node is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn passwords(people: &[&str]) -> serde_json::Value {
    let of = |name: &&str| ((*name).to_owned(), json!(Account::new(name).password));
    people.iter().map(of).collect::<serde_json::Map<_, _>>().into()
}
