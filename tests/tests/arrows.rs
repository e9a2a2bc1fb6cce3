//! The crates of the house use each other only in the direction that ARCHITECTURE.md draws.

mod workspace;

use std::collections::BTreeSet;

use serde_json::Value;

/// Who may use whom. A crate may also use what it reaches by following the arrows further. A new crate gets its
/// place here and in ARCHITECTURE.md first.
const ARROWS: [(&str, &[&str]); 22] = [
    ("agent", &["client"]),
    ("messngr", &["doors", "client"]),
    ("doors", &["api", "unsent", "hub", "cap", "ipmsg", "msnp", "netbios", "websocket", "xmpp"]),
    ("client", &["api", "ipmsg", "msnp", "netbios", "xmpp"]),
    ("hub", &["auth", "bus", "store"]),
    ("api", &["domain"]),
    ("auth", &["domain"]),
    ("bus", &["domain"]),
    ("store", &["domain"]),
    ("cap", &["domain"]),
    ("ipmsg", &["domain"]),
    ("msnp", &["domain"]),
    ("netbios", &["domain"]),
    ("xmpp", &["domain"]),
    ("domain", &[]),
    ("unsent", &[]),
    ("websocket", &[]),
    ("testkit", &["doors", "client"]),
    ("bench", &["messngr", "testkit"]),
    ("end-to-end", &["agent", "messngr", "testkit"]),
    ("fuzz", &["auth", "cap", "ipmsg", "msnp", "netbios", "websocket", "xmpp"]),
    ("xtask", &[]),
];

/// What every crate's tests may use besides.
const FOR_TESTS: &str = "testkit";

#[test]
fn no_crate_uses_one_beside_it_or_to_its_left() {
    let wrong = wrong_arrows(&workspace::packages(&["--no-deps"]));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn wrong_arrows(packages: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in packages {
        let user = package["name"].as_str().unwrap_or_default();
        if arrows_from(user).is_none() {
            wrong.push(format!("{user}: this crate is not in the picture; give it a place in ARROWS"));
            continue;
        }
        let reached = reached_from(user);
        let ours =
            package["dependencies"].as_array().into_iter().flatten().filter(|used| used["path"].is_string());
        for dependency in ours {
            let used = dependency["name"].as_str().unwrap_or_default();
            let kind = dependency["kind"].as_str().unwrap_or("normal");
            let for_tests = used == FOR_TESTS && kind == "dev" && user != FOR_TESTS;
            if !reached.contains(used) && !for_tests {
                let allowed = reached.iter().copied().collect::<Vec<_>>().join(", ");
                let allowed = if allowed.is_empty() { "nothing of ours" } else { &allowed };
                wrong.push(format!("{user} → {used} ({kind} dependency): {user} may use {allowed}"));
            }
        }
    }
    wrong
}

fn arrows_from(user: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(name, _)| *name == user).map(|(_, used)| *used)
}

/// Everything to the right of a crate.
fn reached_from(user: &str) -> BTreeSet<&'static str> {
    let mut reached = BTreeSet::new();
    let mut ahead = arrows_from(user).unwrap_or_default().to_vec();
    while let Some(next) = ahead.pop() {
        if reached.insert(next) {
            ahead.extend(arrows_from(next).unwrap_or_default());
        }
    }
    reached
}

/// The rule itself, tried on crates that break it.
mod rule {
    use serde_json::{Value, json};

    use super::{ARROWS, arrows_from, reached_from, wrong_arrows};

    fn package(user: &str, used: &str, kind: Option<&str>) -> Value {
        json!({"name": user, "dependencies": [
            {"name": "bytes", "kind": null},
            {"name": used, "kind": kind, "path": format!("crates/{used}")},
        ]})
    }

    fn is_wrong(user: &str, used: &str, kind: Option<&str>) -> bool {
        !wrong_arrows(&[package(user, used, kind)]).is_empty()
    }

    #[test]
    fn a_crate_may_use_anything_to_its_right() {
        for (user, used) in [("messngr", "domain"), ("doors", "auth"), ("doors", "xmpp"), ("xmpp", "domain")]
        {
            assert!(!is_wrong(user, used, None), "{user} → {used}");
        }
    }

    #[test]
    fn nothing_points_left_or_beside() {
        for (user, used) in
            [("hub", "doors"), ("domain", "hub"), ("xmpp", "netbios"), ("store", "auth"), ("doors", "client")]
        {
            assert!(is_wrong(user, used, None), "{user} → {used}");
            assert!(is_wrong(user, used, Some("dev")), "{user} → {used} in tests");
        }
    }

    #[test]
    fn the_hub_knows_no_wire_and_a_wire_knows_only_the_domain() {
        assert!(is_wrong("hub", "xmpp", None));
        assert!(is_wrong("xmpp", "auth", None));
    }

    #[test]
    fn the_testkit_is_for_tests_alone() {
        assert!(!is_wrong("xmpp", "testkit", Some("dev")));
        assert!(is_wrong("hub", "testkit", None));
        assert!(is_wrong("hub", "testkit", Some("build")));
        assert!(!is_wrong("end-to-end", "testkit", None));
    }

    #[test]
    fn a_crate_without_a_place_is_refused() {
        assert!(is_wrong("common", "domain", None));
        assert!(is_wrong("hub", "common", None));
    }

    #[test]
    fn the_message_names_the_arrow_and_what_is_allowed() {
        assert_eq!(
            wrong_arrows(&[package("hub", "doors", None)]),
            ["hub → doors (normal dependency): hub may use auth, bus, domain, store"]
        );
    }

    #[test]
    fn the_picture_has_no_circle_and_no_arrow_into_nothing() {
        for (user, used) in ARROWS {
            assert!(!reached_from(user).contains(user), "{user} reaches itself");
            assert!(
                used.iter().all(|used| arrows_from(used).is_some()),
                "{user} points to a crate without a place"
            );
        }
    }
}
