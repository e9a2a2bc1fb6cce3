//! Dialogues with the service, as `dialogues/` has them: one service for each folder.

use std::{collections::BTreeSet, fs};

use end_to_end::{dialogue::Group, package_path};

/// One test for each folder, and one that finds a folder without a test.
macro_rules! groups {
    ($($name:ident: $folder:literal => $group:expr;)*) => {
        $(#[test]
        fn $name() {
            let configure: fn(Group) -> Group = $group;
            configure(Group::new($folder)).play();
        })*

        #[test]
        fn every_folder_of_dialogues_is_played() {
            let entries = fs::read_dir(package_path("dialogues")).expect("the folder of dialogues");
            let folders: BTreeSet<String> = entries
                .map(|entry| entry.expect("an entry of the folder").file_name().to_string_lossy().into_owned())
                .collect();
            assert_eq!(folders, BTreeSet::from([$($folder.to_owned()),*]));
        }
    };
}

/// Without TLS nobody signs in, as by default.
fn with_tls_required(group: Group) -> Group {
    group.with_options(|options| options.xmpp.clear())
}

/// With a web door, by which files are put and fetched: small ones, and few.
fn with_files(group: Group) -> Group {
    let lines = "[doors.web]\nenabled = true\nlisten = [\"127.0.0.1:0\"]\n\n[files]\nsize_max_bytes = 1000\nquota_bytes = 2500\n";
    group.with_options(|options| options.configuration.push_str(lines))
}

groups! {
    alerts: "alerts" => |group| group;
    archive: "archive" => |group| group;
    away: "away" => |group| group;
    bind: "bind" => |group| group;
    blocking: "blocking" => |group| group;
    carbons: "carbons" => |group| group;
    client_state: "client-state" => |group| group;
    commands: "commands" => |group| group;
    disco: "disco" => |group| group;
    fast: "fast" => with_tls_required;
    iq: "iq" => |group| group;
    last_activity: "last-activity" => |group| group;
    messages: "messages" => |group| group;
    offline: "offline" => |group| group;
    password: "password" => |group| group;
    presence: "presence" => |group| group;
    privacy: "privacy" => |group| group;
    private: "private" => |group| group;
    restart: "restart" => Group::one_at_a_time;
    rooms: "rooms" => |group| group;
    roster_versioning: "roster-versioning" => |group| group;
    roster: "roster" => |group| group;
    sasl: "sasl" => |group| group;
    sasl2: "sasl2" => with_tls_required;
    stream: "stream" => |group| group;
    stream_management: "stream-management" => |group| group;
    subscriptions: "subscriptions" => |group| group;
    tls: "tls" => with_tls_required;
    upload: "upload" => with_files;
    vcard: "vcard" => |group| group;
}
