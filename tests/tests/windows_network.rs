//! Two services and a Samba host on one subnet find each other by their NetBIOS names, and write to each other.

use end_to_end::{
    Output, Peer, Service, ServiceOptions, alone,
    lan::{Host, Lan, Samba, SambaOptions},
    samba::Received,
    wait,
};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

/// A subnet with a Samba host on it.
struct Network {
    lan: Lan,
    samba: Samba,
}

impl Network {
    fn start() -> Self {
        let lan = Lan::start();
        let host = lan.host("press1", [10, 77, 0, 3]);
        let samba = lan.samba(&host, &SambaOptions::default());
        Self { lan, samba }
    }

    /// One more host, with a service that belongs to this workgroup.
    fn service(&self, name: &str, address: u8, workgroup: &str) -> Service {
        let host = self.lan.host(name, [10, 77, 0, address]);
        start(host, &format!("workgroup = \"{workgroup}\"\n"))
    }

    fn has(&self, host: &str, name: &str) -> bool {
        self.samba.nmblookup(&[name]).contains(&format!("{host} {}", name.replace('#', "<") + ">"))
    }

    fn expect_name(&self, host: &str, name: &str) {
        wait::until(&format!("{host} to have {name}"), || self.has(host, name).then_some(()));
    }
}

fn start(host: Host, windows_configuration: &str) -> Service {
    let windows_configuration = windows_configuration.to_owned();
    Service::start(&ServiceOptions { host: Some(host), windows_configuration, ..ServiceOptions::default() })
}

fn add_and_sign_in(service: &Service, name: &str) -> Peer {
    service.add_user(name, PASSWORD);
    Peer::slixmpp(service, name, PASSWORD, json!({}))
}

fn net_send(service: &Service, from: &str, to: &str, text: &str) -> Output {
    {
        let mut arguments = vec!["net", "send", to, text];
        if from != "admin" {
            arguments.extend(["--as", from]);
        }
        service.run(&arguments)
    }
}

fn sent(service: &Service, from: &str, to: &str, text: &str) -> String {
    let output = net_send(service, from, to, text);
    assert_eq!(output.code, 0, "{output:?}\n{}", service.log());
    output.stdout + &output.stderr
}

/// What the person reads who gets this message.
fn expect_text(peer: &mut Peer, from: &str, host: &str, text: &str) {
    let message = peer.expect_message(text);
    let expected = format!("{from} (Windows, unverified, from {host}):\n{text}");
    assert_eq!(message["body"], expected);
}

fn assert_nothing_came(peer: &mut Peer) {
    let leftovers: Vec<Value> =
        peer.leftovers().into_iter().filter(|event| event["event"] == "message").collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

#[test]
fn others_see_the_names_of_the_computer_its_people_and_its_message_names_and_not_of_those_who_hide() {
    alone(|| {
        let network = Network::start();
        let office = network.service("office", 1, "STAFF");
        for name in ["carl", "dora", "eve", "finn", "away"] {
            office.add_user(name, PASSWORD);
        }
        office.ok(&["user", "set", "dora", "--unverified", "refuse"]);
        office.ok(&["user", "privacy", "carl", "--writes", "contacts"]);
        let _carl = Peer::slixmpp(&office, "carl", PASSWORD, json!({}));
        let _dora = Peer::slixmpp(&office, "dora", PASSWORD, json!({}));
        let _eve = Peer::slixmpp(&office, "eve", PASSWORD, json!({ "priority": -1 }));
        let _finn = Peer::slixmpp(&office, "finn", PASSWORD, json!({ "presence": false }));
        office.ok(&["net", "name", "HELPDESK", "/ADD", "--to", "everyone"]);
        let anna = add_and_sign_in(&office, "anna");
        let names = ["OFFICE#00", "OFFICE#03", "OFFICE#20", "STAFF#00", "ANNA#03", "HELPDESK#03"];
        for name in names {
            network.expect_name("10.77.0.1", name);
        }
        for hidden in ["CARL", "DORA", "EVE", "FINN", "AWAY"] {
            let said = network.samba.nmblookup(&[&format!("{hidden}#03")]);
            assert!(said.contains("failed to find name"), "{hidden}: {said}");
        }

        let status = network.samba.nmblookup(&["-A", "10.77.0.1"]);
        let told = status.lines().filter(|line| line.contains("<ACTIVE>")).map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let group = if line.contains("<GROUP>") { " group" } else { "" };
            format!("{}{}{group}", words[0], words[1])
        });
        let mut told: Vec<String> = told.collect();
        told.sort_unstable();
        let expected =
            ["ANNA<03>", "HELPDESK<03>", "OFFICE<00>", "OFFICE<03>", "OFFICE<20>", "STAFF<00> group"];
        assert_eq!(told, expected, "{status}");

        let host = Host { name: "press1".to_owned(), address: [10, 77, 0, 3].into() };
        let scan = host.run("nbtscan", &["-v", "-s", ":", "10.77.0.0/29"]);
        let mut scanned: Vec<&str> =
            scan.stdout.lines().filter_map(|line| line.strip_prefix("10.77.0.1:")).collect();
        scanned.retain(|line| !line.starts_with("MAC"));
        scanned.sort_unstable();
        let expected = [
            "ANNA           :03U",
            "HELPDESK       :03U",
            "OFFICE         :00U",
            "OFFICE         :03U",
            "OFFICE         :20U",
            "STAFF          :00G",
        ];
        assert_eq!(scanned, expected, "{scan:?}");

        anna.sign_out();
        office.ok(&["net", "name", "HELPDESK", "/DELETE"]);
        for gone in ["ANNA#03", "HELPDESK#03"] {
            wait::until(&format!("{gone} to be given up"), || {
                (!network.has("10.77.0.1", gone)).then_some(())
            });
        }
    });
}

#[test]
fn net_send_finds_people_message_names_and_computers_on_the_network() {
    alone(|| {
        let mut network = Network::start();
        network.samba.start_nmbd();
        network.samba.smbd();
        let office = network.service("office", 1, "STAFF");
        let plant = network.service("plant", 2, "STAFF");
        let mut anna = add_and_sign_in(&office, "anna");
        let mut berta = add_and_sign_in(&plant, "berta");
        plant.add_user("boss", PASSWORD);
        plant.ok(&["group", "join", "admin", "boss"]);
        let mut boss = Peer::slixmpp(&plant, "boss", PASSWORD, json!({}));
        plant.ok(&["net", "name", "HELPDESK", "/ADD", "--to", "user:berta"]);
        for (host, name) in
            [("10.77.0.2", "BERTA#03"), ("10.77.0.2", "HELPDESK#03"), ("10.77.0.1", "ANNA#03")]
        {
            network.expect_name(host, name);
        }
        network.samba.expect_name("PRESS1");

        sent(&office, "anna", "PRESS1", "paper is empty");
        let expected = Received { from: "ANNA".to_owned(), text: "paper is empty".to_owned() };
        assert_eq!(network.samba.expect_message(), expected);
        sent(&office, "anna", "berta", "to a person");
        expect_text(&mut berta, "ANNA", "10.77.0.1", "to a person");
        sent(&office, "anna", "HELPDESK", "to a message name");
        expect_text(&mut berta, "ANNA", "10.77.0.1", "to a message name");
        sent(&office, "anna", "plant", "to a computer");
        expect_text(&mut boss, "ANNA", "10.77.0.1", "to a computer");
        sent(&plant, "berta", "ANNA", "and back");
        expect_text(&mut anna, "BERTA", "10.77.0.2", "and back");

        for (to, text) in [
            ("ANNA", "smbclient to a person"),
            ("HELPDESK", "smbclient to a message name"),
            ("PLANT", "smbclient to a computer"),
        ] {
            let output = network.samba.smbclient("fred", to, text);
            assert!(output.was_taken(), "{output:?}");
            let peer = match to {
                "ANNA" => &mut anna,
                "PLANT" => &mut boss,
                _ => &mut berta,
            };
            expect_text(peer, "fred", "10.77.0.3", text);
        }

        let output = net_send(&office, "anna", "NOBODY", "hello");
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{output:?}");
        assert!(
            output.stderr.contains("the message alias NOBODY could not be found on the network"),
            "{output:?}"
        );
        assert!(output.stderr.contains("2273"), "{output:?}");
        for peer in [&mut anna, &mut berta, &mut boss] {
            assert_nothing_came(peer);
        }
    });
}

#[test]
fn a_computer_without_a_session_service_is_called_instead() {
    alone(|| {
        let network = Network::start();
        let office = network.service("office", 1, "STAFF");
        let plant = Service::start(&ServiceOptions {
            host: Some(network.lan.host("plant", [10, 77, 0, 2])),
            windows_listen: Some("127.0.0.1:0".to_owned()),
            windows_configuration: "workgroup = \"STAFF\"\nrpc_listen = [\"0.0.0.0:135\"]\n".to_owned(),
            ..ServiceOptions::default()
        });
        let _anna = add_and_sign_in(&office, "anna");
        let mut berta = add_and_sign_in(&plant, "berta");
        network.expect_name("10.77.0.2", "BERTA#03");

        sent(&office, "anna", "berta", "by a call");
        expect_text(&mut berta, "ANNA", "10.77.0.1", "by a call");
        let long = "word ".repeat(500);
        sent(&office, "anna", "berta", long.trim());
        // Old machines take no such length at once.
        let halves = [
            "(1/2) ".to_owned() + "word ".repeat(298).trim(),
            "(2/2) ".to_owned() + "word ".repeat(202).trim(),
        ];
        for half in halves {
            expect_text(&mut berta, "ANNA", "10.77.0.1", &half);
        }
        let refused = office.run(&["net", "send", "NOBODY", "hello", "--host", "10.77.0.2"]);
        let told = "10.77.0.2 was called, and answered that no one receives messages as NOBODY (2273)";
        assert!(refused.code == 1 && refused.stderr.contains(told), "{refused:?}");
        // Nothing at all listens there, which is told without waiting for an answer.
        let closed = office.run(&["net", "send", "PRESS1", "hello", "--host", "10.77.0.3"]);
        assert!(closed.code == 1 && closed.stderr.contains("10.77.0.3 takes no messages"), "{closed:?}");
        assert_nothing_came(&mut berta);
    });
}

#[test]
fn messages_come_and_go_without_netbios_where_that_is_asked_for() {
    alone(|| {
        let network = Network::start();
        let office = network.service("office", 1, "STAFF");
        let plant = Service::start(&ServiceOptions {
            host: Some(network.lan.host("plant", [10, 77, 0, 2])),
            windows_listen: Some("127.0.0.1:0".to_owned()),
            windows_configuration: "workgroup = \"STAFF\"\nsmb_listen = [\"0.0.0.0:445\"]\n".to_owned(),
            ..ServiceOptions::default()
        });
        let _anna = add_and_sign_in(&office, "anna");
        let mut berta = add_and_sign_in(&plant, "berta");
        network.expect_name("10.77.0.2", "BERTA#03");
        sent(&office, "anna", "berta", "without NetBIOS");
        expect_text(&mut berta, "ANNA", "10.77.0.1", "without NetBIOS");
        let output = network.samba.smbclient_at(445, "fred", "BERTA", "from smbclient");
        assert!(output.was_taken(), "{output:?}");
        expect_text(&mut berta, "fred", "10.77.0.3", "from smbclient");
        assert_nothing_came(&mut berta);
    });
}

#[test]
fn who_is_blocked_reaches_nobody_and_is_counted() {
    alone(|| {
        let network = Network::start();
        let host = network.lan.host("office", [10, 77, 0, 1]);
        let office = start(host, "workgroup = \"STAFF\"\nblocked = [\"name:spammer\", \"10.77.0.2\"]\n");
        let plant = network.service("plant", 2, "STAFF");
        let mut anna = add_and_sign_in(&office, "anna");
        let _berta = add_and_sign_in(&plant, "berta");
        network.expect_name("10.77.0.1", "ANNA#03");
        assert!(!network.samba.smbclient("SPAMMER", "ANNA", "buy now").was_taken());
        assert_eq!(net_send(&plant, "berta", "anna", "from a blocked computer").code, 1);
        assert_eq!(net_send(&plant, "admin", "*", "to all").code, 0);
        let blocked = || {
            let status = office.json(&["status"]);
            status["strangers_refused"]["blocked"].as_u64().filter(|count| *count >= 3)
        };
        wait::until("all three to be counted", blocked);
        let output = network.samba.smbclient("fred", "ANNA", "hello");
        assert!(output.was_taken(), "{output:?}");
        expect_text(&mut anna, "fred", "10.77.0.3", "hello");
        assert_nothing_came(&mut anna);
    });
}

#[test]
fn net_send_reaches_whole_workgroups_and_only_those() {
    alone(|| {
        let network = Network::start();
        let office = network.service("office", 1, "STAFF");
        let branch = network.service("branch", 2, "STAFF");
        let plant = network.service("plant", 4, "WORKS");
        let mut anna = add_and_sign_in(&office, "anna");
        let mut berta = add_and_sign_in(&branch, "berta");
        let mut carl = add_and_sign_in(&plant, "carl");
        branch.add_user("dora", PASSWORD);
        branch.ok(&["user", "set", "dora", "--unverified", "refuse"]);
        let mut dora = Peer::slixmpp(&branch, "dora", PASSWORD, json!({}));

        for (to, text) in
            [("*", "to all"), ("/DOMAIN", "to the domain"), ("/DOMAIN:staff", "to it by its name")]
        {
            let said = sent(&office, "admin", to, text);
            assert!(said.contains("STAFF"), "{said}");
            expect_text(&mut berta, "ADMIN", "10.77.0.1", text);
            let message = anna.expect_message(text);
            assert_eq!(message["from"], "admin@office.internal");
        }
        sent(&office, "admin", "/DOMAIN:WORKS", "to the works");
        expect_text(&mut carl, "ADMIN", "10.77.0.1", "to the works");
        sent(&office, "admin", "/USERS", "to who is here");
        anna.expect_message("to who is here");
        sent(&plant, "admin", "/DOMAIN:STAFF", "from the works");
        expect_text(&mut anna, "ADMIN", "10.77.0.4", "from the works");
        expect_text(&mut berta, "ADMIN", "10.77.0.4", "from the works");
        for peer in [&mut anna, &mut berta, &mut carl, &mut dora] {
            assert_nothing_came(peer);
        }
    });
}
