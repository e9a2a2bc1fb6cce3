//! A node of ours and Samba find, refuse and register each other's names.

use std::{net::Ipv4Addr, time::Instant};

use end_to_end::{
    alone,
    lan::{Lan, ROUTER, Samba, SambaOptions},
    name_service::RunningNode,
    wait,
};
use netbios::{
    code_page::CodePage,
    name::{Name, Suffix},
    name_service::{
        NodeType, ResponseCode,
        node::{Claim, Event, Settings},
    },
};

/// Where Samba is.
const SAMBA: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

/// Samba on another computer, which does not run yet.
fn samba(lan: &Lan, configuration: &str) -> Samba {
    let host = lan.host("press1", SAMBA.octets());
    let (workgroup, configuration) = ("OFFICE".to_owned(), configuration.to_owned());
    lan.samba(&host, &SambaOptions { workgroup, configuration, ..SambaOptions::default() })
}

fn name(text: &str, suffix: Suffix) -> Name {
    Name::new(text, suffix, CodePage::DEFAULT).expect("a name")
}

fn claim(node: &RunningNode, text: &str, claim: Claim) {
    node.with(|node| node.claim(name(text, Suffix::MESSENGER), claim)).expect("it can be claimed");
}

fn is_claimed(text: &str) -> impl Fn(&Event) -> bool {
    let wanted = name(text, Suffix::MESSENGER);
    move |event| matches!(event, Event::Claimed { name, .. } if *name == wanted)
}

#[test]
fn nmblookup_finds_our_names_and_not_those_that_are_hidden() {
    alone(|| {
        let lan = Lan::start();
        let samba = samba(&lan, "");
        let node = RunningNode::start(Settings::default());
        claim(&node, "ANNA", Claim::UNIQUE);
        claim(&node, "PRESS", Claim::GROUP);
        claim(&node, "SECRET", Claim::UNIQUE.hidden());
        for text in ["ANNA", "PRESS", "SECRET"] {
            node.expect("the name to be ours", is_claimed(text));
        }
        assert!(samba.nmblookup(&["ANNA#03"]).contains(&format!("{ROUTER} ANNA<03>")));
        assert!(samba.nmblookup(&["PRESS#03"]).contains(&format!("{ROUTER} PRESS<03>")));
        assert!(samba.nmblookup(&["SECRET#03"]).contains("failed to find name"));
        let status = samba.nmblookup(&["-A", &ROUTER.to_string()]);
        let line = |text: &str| status.lines().find(|line| line.contains(text)).unwrap_or_default();
        assert!(line("ANNA").contains("<03> -         B <ACTIVE>"), "{status}");
        assert!(line("PRESS").contains("<03> - <GROUP> B <ACTIVE>"), "{status}");
        assert!(!status.contains("SECRET"), "{status}");
    });
}

#[test]
fn names_of_nmbd_are_found_and_left_to_it() {
    alone(|| {
        let lan = Lan::start();
        let mut samba = samba(&lan, "");
        samba.nmbd();
        let node = RunningNode::start(Settings::default());
        let lookup = node.with(|node| node.resolve(name("PRESS1", Suffix::MESSENGER), Instant::now()));
        let lookup = lookup.expect("it can be asked for");
        let found =
            node.expect("an answer", |event| matches!(event, Event::Found { .. } | Event::NotFound { .. }));
        assert_eq!(found, Event::Found { lookup, addresses: vec![SAMBA], group: false });
        claim(&node, "PRESS1", Claim::UNIQUE);
        let taken =
            node.expect("an objection", |event| matches!(event, Event::Taken { .. } | Event::Claimed { .. }));
        assert!(matches!(taken, Event::Taken { by: SAMBA, code: ResponseCode::ACTIVE, .. }), "{taken:?}");
        let group = name("OFFICE", Suffix::WORKSTATION);
        node.with(|node| node.claim(group, Claim::GROUP)).expect("it can be claimed");
        node.expect(
            "its group to be ours too",
            |event| matches!(event, Event::Claimed { name, .. } if *name == group),
        );
        node.with(|node| node.node_status_of(SAMBA, Instant::now())).expect("it can be asked");
        let status =
            node.expect("its names", |event| matches!(event, Event::Status { .. } | Event::NotFound { .. }));
        let Event::Status { status, .. } = status else { panic!("{status:?}") };
        let press1 = status.names.iter().find(|told| told.name == name("PRESS1", Suffix::MESSENGER));
        assert!(press1.is_some_and(|told| told.active && !told.flags.group), "{status:?}");
    });
}

#[test]
fn names_are_registered_with_nmbd_and_released() {
    alone(|| {
        let lan = Lan::start();
        let mut samba = samba(&lan, "wins support = yes");
        samba.nmbd();
        let settings =
            Settings { node_type: NodeType::PointToPoint, servers: vec![SAMBA], ..Settings::default() };
        let node = RunningNode::start(settings);
        claim(&node, "ANNA", Claim::UNIQUE);
        let claimed = node.expect("the name to be registered", is_claimed("ANNA"));
        assert!(matches!(claimed, Event::Claimed { server: Some(SAMBA), .. }), "{claimed:?}");
        let server = SAMBA.to_string();
        let ask = |text: &str| samba.nmblookup(&["--recursion", "--unicast", &server, text]);
        assert!(ask("ANNA#03").contains(&format!("{ROUTER} ANNA<03>")));
        claim(&node, "PRESS1", Claim::UNIQUE);
        // What nmbd has itself, it refuses without a word of who has it.
        let refused =
            node.expect("a refusal", |event| matches!(event, Event::Refused { .. } | Event::Claimed { .. }));
        assert!(matches!(refused, Event::Refused { server: SAMBA, .. }), "{refused:?}");
        let lookup = node.with(|node| node.resolve(name("PRESS1", Suffix::MESSENGER), Instant::now()));
        let lookup = lookup.expect("it can be asked for");
        let found =
            node.expect("an answer", |event| matches!(event, Event::Found { .. } | Event::NotFound { .. }));
        assert_eq!(found, Event::Found { lookup, addresses: vec![SAMBA], group: false });
        node.with(netbios::name_service::Node::release_all);
        wait::until("all names to be released", || node.with(|node| node.is_idle()).then_some(()));
        assert!(ask("ANNA#03").contains("failed to find name"));
    });
}
