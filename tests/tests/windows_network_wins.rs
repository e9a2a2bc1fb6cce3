//! Names in a name server (WINS) on another subnet; Samba's `nmbd` is one.

use end_to_end::{
    Capture, Peer, Service, ServiceOptions, alone,
    lan::{Lan, Samba, SambaOptions},
    wait,
};
use serde_json::json;

const PASSWORD: &str = "correct horse";
const SERVER: &str = "10.78.0.5";

/// The name server on the second subnet; the shortest time that names may be remembered is 20 seconds.
fn name_server(lan: &Lan) -> Samba {
    let configuration = "wins support = yes\nmin wins ttl = 20\nmax wins ttl = 20".to_owned();
    let (name, workgroup) = ("NAMES".to_owned(), "SERVERS".to_owned());
    let host = lan.host("names", [10, 78, 0, 5]);
    let mut samba = lan.samba(&host, &SambaOptions { name, workgroup, configuration });
    samba.nmbd();
    samba
}

fn service(lan: &Lan, name: &str, address: [u8; 4], node_type: &str) -> Service {
    let windows_configuration = format!("node_type = \"{node_type}\"\nwins = [\"{SERVER}\"]\n");
    let host = Some(lan.host(name, address));
    Service::start(&ServiceOptions { host, windows_configuration, ..ServiceOptions::default() })
}

fn add_and_sign_in(service: &Service, name: &str) -> Peer {
    service.add_user(name, PASSWORD);
    Peer::slixmpp(service, name, PASSWORD, json!({}))
}

/// What the name server says.
fn asked(samba: &Samba, name: &str) -> String {
    samba.nmblookup(&["--recursion", "--unicast", SERVER, name])
}

fn expect_registered(samba: &Samba, host: &str, name: &str) {
    wait::until(&format!("{name} to be registered"), || {
        asked(samba, name).contains(&format!("{host} ")).then_some(())
    });
}

#[test]
fn names_are_registered_found_from_another_subnet_refreshed_and_released() {
    alone(|| {
        let lan = Lan::start();
        let names = name_server(&lan);
        let capture = Capture::of("net78", "udp port 137");
        let office = service(&lan, "office", [10, 77, 0, 1], "h");
        let mut plant = service(&lan, "plant", [10, 78, 0, 1], "p");
        let mut anna = add_and_sign_in(&office, "anna");
        let mut berta = add_and_sign_in(&plant, "berta");
        for (host, name) in [
            ("10.77.0.1", "OFFICE#00"),
            ("10.77.0.1", "OFFICE#03"),
            ("10.77.0.1", "OFFICE#20"),
            ("10.77.0.1", "ANNA#03"),
            ("10.78.0.1", "PLANT#03"),
            ("10.78.0.1", "BERTA#03"),
        ] {
            expect_registered(&names, host, name);
        }

        office.ok(&["net", "send", "BERTA", "from the other side", "--as", "anna"]);
        let message = berta.expect_message("from the other side");
        assert_eq!(message["body"], "ANNA (Windows, unverified, from 10.77.0.1):\nfrom the other side");
        plant.ok(&["net", "send", "ANNA", "and back", "--as", "berta"]);
        anna.expect_message("and back");
        let output = office.run(&["net", "send", "NOBODY", "hello"]);
        assert!(output.code == 1 && output.stderr.contains("2273"), "{output:?}");

        // Half of the time that the server remembers it has passed.
        let refresh = "nbns.flags.opcode == 8 && nbns.flags.response == 0 && nbns.name contains \"ANNA\"";
        capture.expect(refresh, 1);
        let number = capture.fields(refresh, &["nbns.id"]).remove(0).remove(0);
        capture
            .expect(&format!("nbns.flags.response == 1 && nbns.flags.rcode == 0 && nbns.id == {number}"), 1);
        assert!(asked(&names, "ANNA#03").contains("10.77.0.1 "));

        plant.stop();
        for name in ["BERTA#03", "PLANT#03", "PLANT#00"] {
            let said = asked(&names, name);
            assert!(said.contains("failed to find name"), "{name}: {said}");
        }
        expect_registered(&names, "10.77.0.1", "ANNA#03");
    });
}

#[test]
fn a_hybrid_node_asks_its_subnet_when_the_name_server_is_dead() {
    alone(|| {
        let lan = Lan::start();
        let mut names = name_server(&lan);
        let office = service(&lan, "office", [10, 77, 0, 1], "h");
        expect_registered(&names, "10.77.0.1", "OFFICE#03");
        names.kill_nmbd();
        // It broadcasts only, and the name server has never heard of it.
        let host = Some(lan.host("branch", [10, 77, 0, 2]));
        let branch = Service::start(&ServiceOptions { host, ..ServiceOptions::default() });
        let mut berta = add_and_sign_in(&branch, "berta");
        office.ok(&["net", "send", "BERTA", "without the name server"]);
        berta.expect_message("without the name server");
        wait::until("the log to tell of it", || {
            office.log().contains("the name server does not answer").then_some(())
        });
    });
}
