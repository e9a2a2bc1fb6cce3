//! Names that another computer has, has lost, or wants to have.

use end_to_end::{
    Peer, Service, ServiceOptions, alone,
    lan::{Lan, SambaOptions},
    net_send, wait,
};
use serde_json::json;

const PASSWORD: &str = "correct horse";

fn service(lan: &Lan) -> Service {
    Service::start(&ServiceOptions {
        host: Some(lan.host("office", [10, 77, 0, 1])),
        ..ServiceOptions::default()
    })
}

fn with_alias(alias: &str) -> SambaOptions {
    SambaOptions { configuration: format!("netbios aliases = {alias}"), ..SambaOptions::default() }
}

#[test]
fn a_persons_name_that_samba_has_stays_sambas_and_the_person_is_reached_all_the_same() {
    alone(|| {
        let lan = Lan::start();
        let mut samba = lan.samba(&lan.host("press1", [10, 77, 0, 3]), &with_alias("BERTA"));
        samba.nmbd();
        samba.expect_name("BERTA");
        let office = service(&lan);
        office.add_user("berta", PASSWORD);
        let mut berta = Peer::slixmpp(&office, "berta", PASSWORD, json!({}));
        wait::until("the log to tell of the name", || {
            let log = office.log();
            let told = log.lines().any(|line| {
                line.contains("another computer has this NetBIOS name")
                    && line.contains("BERTA<03>")
                    && line.contains("by=10.77.0.3")
            });
            told.then_some(())
        });
        let found = samba.nmblookup(&["BERTA#03"]);
        assert!(found.contains("10.77.0.3 BERTA<03>") && !found.contains("10.77.0.1"), "{found}");
        net_send("10.77.0.1:139", "FRED", "BERTA", "by the address").expect("it is taken");
        berta.expect_message("by the address");
    });
}

#[test]
fn names_are_kept_from_samba_until_the_service_stops_and_come_back_after_a_crash() {
    alone(|| {
        let lan = Lan::start();
        let mut samba = lan.samba(&lan.host("press1", [10, 77, 0, 3]), &with_alias("ANNA"));
        let mut office = service(&lan);
        office.add_user("anna", PASSWORD);
        let anna = Peer::slixmpp(&office, "anna", PASSWORD, json!({}));
        let has =
            |samba: &end_to_end::lan::Samba, name: &str| samba.nmblookup(&[name]).contains("10.77.0.1 ");
        wait::until("the name to be ours", || has(&samba, "ANNA#03").then_some(()));

        samba.nmbd();
        // nmbd claims all names of its alias together, and has those that nobody objects to.
        wait::until("nmbd to have its alias", || {
            samba.nmblookup(&["ANNA#20"]).contains("10.77.0.3 ANNA<20>").then_some(())
        });
        let found = samba.nmblookup(&["ANNA#03"]);
        assert!(found.contains("10.77.0.1 ANNA<03>") && !found.contains("10.77.0.3 "), "{found}");
        samba.kill_nmbd();

        office.kill();
        assert!(samba.nmblookup(&["OFFICE#03"]).contains("failed to find name"));
        drop(anna);
        office.launch();
        wait::until("the name to be back", || has(&samba, "OFFICE#03").then_some(()));
        let anna = Peer::slixmpp(&office, "anna", PASSWORD, json!({}));
        wait::until("the name to be back", || has(&samba, "ANNA#03").then_some(()));

        let capture = end_to_end::Capture::of("net77", "udp port 137");
        office.stop();
        capture.expect("nbns.flags.opcode == 6 && nbns.flags.broadcast == 1", 1);
        let released = capture.fields("nbns.flags.opcode == 6", &["nbns.name"]);
        for name in ["OFFICE<00>", "OFFICE<03>", "OFFICE<20>", "WORKGROUP<00>", "ANNA<03>"] {
            assert!(released.iter().any(|field| field[0].starts_with(name)), "{name}: {released:?}");
        }
        for name in ["OFFICE#03", "ANNA#03"] {
            assert!(samba.nmblookup(&[name]).contains("failed to find name"), "{name}");
        }
        drop(anna);
    });
}

#[test]
fn the_name_service_passes_sambas_own_tests_and_bears_its_load() {
    alone(|| {
        let lan = Lan::start();
        let host = lan.host("press1", [10, 77, 0, 3]);
        let samba = lan.samba(&host, &SambaOptions::default());
        let office = service(&lan);
        wait::until("the name to be ours", || {
            samba.nmblookup(&["OFFICE#03"]).contains("10.77.0.1 ").then_some(())
        });
        let configuration = samba.configuration().display().to_string();
        let torture = |test: &str, more: &[&str]| {
            let arguments =
                [&["//OFFICE/none", "--configfile", &configuration, "--user=none%none", test], more];
            host.run("smbtorture", &arguments.concat())
        };
        let registered = torture("nbt.register.register_own", &[]);
        assert!(
            registered.code == 0 && registered.stdout.contains("success: register_own"),
            "{registered:?}"
        );
        let bench = torture("nbt.bench.namequery", &["--option=torture:timelimit=2"]);
        assert!(bench.code == 0 && bench.stdout.contains("success: namequery"), "{bench:?}");
        println!("{}", bench.stdout);
        assert!(samba.nmblookup(&["OFFICE#03"]).contains("10.77.0.1 "), "{}", office.log());
    });
}
