use proptest::prelude::*;

use super::*;

const ALL: [Format; 24] = [
    Format::Domain,
    Format::Directory,
    Format::ListenAddress,
    Format::LoopbackAddress,
    Format::HostName,
    Format::OtherHost,
    Format::Network,
    Format::ContactAddress,
    Format::NetbiosName,
    Format::Audience,
    Format::StoreUrl,
    Format::Words,
    Format::PublishAudience,
    Format::TopicName,
    Format::WebhookName,
    Format::WebhookUrl,
    Format::Event,
    Format::File,
    Format::Ipv4Address,
    Format::AlertName,
    Format::ConditionKind,
    Format::NetworkCodePage,
    Format::BlockedStranger,
    Format::QuietHours,
];

fn remedy(format: Format, text: &str) -> String {
    format.normalise(text, Path::new("/base")).unwrap_err().remedy
}

fn normal(format: Format, text: &str) -> String {
    format.normalise(text, Path::new("/base")).unwrap()
}

#[test]
fn every_sample_is_valid_and_in_normal_form() {
    for format in ALL {
        assert_eq!(normal(format, format.sample()), format.sample());
    }
}

#[test]
fn names_and_half_addresses_to_listen_on_are_refused_with_what_to_write() {
    assert!(remedy(Format::ListenAddress, "localhost:5222").starts_with("Write an address, not a name"));
    assert_eq!(remedy(Format::ListenAddress, "127.0.0.1"), "Add the port, such as `127.0.0.1:5222`.");
    assert_eq!(remedy(Format::ListenAddress, "::1"), "Add the port, such as `[::1]:5222`.");
    assert_eq!(remedy(Format::ListenAddress, "*:80"), "For every address of this host write `[::]:80`.");
    assert_eq!(remedy(Format::ListenAddress, "5222"), "For every address of this host write `[::]:5222`.");
    assert_eq!(normal(Format::ListenAddress, "[::]:0"), "[::]:0");
}

#[test]
fn what_is_not_encrypted_is_for_this_machine_alone_or_nowhere() {
    for good in ["", "127.0.0.1:0", "[::1]:8080", "127.7.7.7:8080"] {
        assert_eq!(normal(Format::LoopbackAddress, good), good);
    }
    for wrong in ["[::]:8080", "10.0.0.5:8080", "0.0.0.0:8080"] {
        assert!(remedy(Format::LoopbackAddress, wrong).contains("loopback address"), "{wrong}");
    }
    assert_eq!(normal(Format::HostName, "Alerts.Office.Internal"), "alerts.office.internal");
    assert_eq!(normal(Format::HostName, "FD00::5"), "fd00::5");
    assert!(Format::HostName.normalise("https://x", Path::new("/base")).is_err());
}

#[test]
fn clients_are_sent_to_a_name_or_an_address_with_or_without_a_port_or_nowhere() {
    for good in ["", "chat.office.internal", "10.0.0.5:5222", "[fd00::5]", "[fd00::5]:5222"] {
        assert_eq!(normal(Format::OtherHost, good), good);
    }
    assert_eq!(normal(Format::OtherHost, "Chat.Internal:05222"), "chat.internal:5222");
    for wrong in
        ["a b", "fd00::5", "chat:0", "chat:", ":5222", "[fd00::5", "[fd00::5]5222", "[chat]", "a:b:1"]
    {
        assert!(Format::OtherHost.normalise(wrong, Path::new("/")).is_err(), "{wrong}");
    }
}

#[test]
fn whom_to_turn_to_is_a_uri_and_a_bare_address_is_explained() {
    for good in ["mailto:it@office.internal", "xmpp:anna@office.internal", "tel:+4912345"] {
        assert_eq!(normal(Format::ContactAddress, good), good);
    }
    assert_eq!(
        remedy(Format::ContactAddress, "it@office.internal"),
        "For an address of e-mail write `mailto:it@office.internal`, for one of XMPP \
         `xmpp:it@office.internal`."
    );
    for wrong in ["", "it", "mailto:", ":it", "mail to:it", "mailto:a b", "1:2"] {
        assert!(Format::ContactAddress.normalise(wrong, Path::new("/")).is_err(), "{wrong}");
    }
}

#[test]
fn a_network_must_be_one_and_the_remedy_names_it() {
    assert_eq!(
        remedy(Format::Network, "192.168.1.7/24"),
        "For the whole network write `192.168.1.0/24`, for this address alone `192.168.1.7/32`."
    );
    assert_eq!(remedy(Format::Network, "10.0.0.1"), "For this one address write `10.0.0.1/32`.");
    assert!(remedy(Format::Network, "10.0.0.0/33").starts_with("Write an address and a prefix length"));
    assert!(remedy(Format::Network, "::ffff:10.0.0.0/104").starts_with("Write it as IPv4"));
    assert_eq!(normal(Format::Network, "fe80::/10"), "fe80::/10");
}

#[test]
fn a_domain_is_lower_case_and_well_formed() {
    assert_eq!(normal(Format::Domain, "Office.Internal"), "office.internal");
    for wrong in ["", ".", "a..b", "-a.b", "a-.b", "a_b", "büro.internal", "a b", "10.0.0.1", "::1", "a.b."]
    {
        assert!(Format::Domain.normalise(wrong, Path::new("/")).is_err(), "{wrong}");
    }
    assert!(Format::Domain.normalise(&"a.".repeat(127), Path::new("/")).is_err());
}

#[test]
fn a_directory_becomes_absolute_and_shell_spellings_are_explained() {
    assert_eq!(normal(Format::Directory, "state"), "/base/state");
    assert_eq!(normal(Format::Directory, "./state/"), "/base/state/");
    assert_eq!(normal(Format::Directory, "/state"), "/state");
    for wrong in ["~/state", "$HOME/state", ""] {
        assert!(Format::Directory.normalise(wrong, Path::new("/")).is_err(), "{wrong}");
    }
}

#[test]
fn a_netbios_name_has_at_most_fifteen_characters() {
    assert_eq!(normal(Format::NetbiosName, "office-1"), "OFFICE-1");
    assert!(Format::NetbiosName.normalise("SIXTEENCHARACTER", Path::new("/")).is_err());
    assert!(Format::NetbiosName.normalise("A*B", Path::new("/")).is_err());
    assert!(Format::NetbiosName.normalise("", Path::new("/")).is_err());
}

#[test]
fn who_gets_the_machines_messages_are_people() {
    assert_eq!(normal(Format::Audience, "group:admin, user:anna"), "group:admin, user:anna");
    for wrong in ["", "computer:DESK7@10.0.0.7", "nobody:anna"] {
        assert!(Format::Audience.normalise(wrong, Path::new("/")).is_err(), "{wrong}");
    }
}

#[test]
fn only_an_sqlite_file_is_a_store() {
    assert_eq!(normal(Format::StoreUrl, "sqlite:///var/m.db"), "sqlite:/var/m.db");
    let fault = Format::StoreUrl.normalise("postgres://db/messngr", Path::new("/")).unwrap_err();
    assert_eq!(fault.what, "`postgres` is not a database engine that this version has; only `sqlite` is.");
    for wrong in
        ["", "/var/m.db", "sqlite:", "sqlite:m.db", "sqlite::memory:", "sqlite:/var/", "sqlite:/m?mode=ro"]
    {
        assert!(Format::StoreUrl.normalise(wrong, Path::new("/")).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_the_normal_form_is_stable(text in "\\PC{0,40}|[a-z0-9.:/\\[\\]-]{0,30}") {
        for format in ALL {
            if let Ok(normal) = format.normalise(&text, Path::new("/base")) {
                prop_assert_eq!(format.normalise(&normal, Path::new("/other")), Ok(normal.clone()));
            }
        }
    }
}
