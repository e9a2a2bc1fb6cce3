use super::*;

#[test]
fn an_unknown_setting_is_shown_where_it_stands_with_the_one_that_was_meant() {
    assert_eq!(
        Host::new().mistakes("domain = \"office.internal\"\n[doors.xmpp]\n  listn = [\"[::]:5222\"]\n"),
        "messngr.toml:3:3: there is no setting `doors.xmpp.listn`.
  3 |   listn = [\"[::]:5222\"]
  Did you mean `doors.xmpp.listen`?"
    );
}

#[test]
fn a_host_name_to_listen_on_is_shown_at_its_entry_of_the_list() {
    let text = "doors.xmpp.listen = [\n  \"127.0.0.1:5222\",\n  \"localhost:5222\",\n]\n";
    assert_eq!(
        Host::new().mistakes(text),
        "messngr.toml:3:3: `localhost:5222` is not an address and a port.
  3 |   \"localhost:5222\",
  Write an address, not a name, and a port: `127.0.0.1:5222`, `[::1]:5222`, or `[::]:5222` for every address of this host."
    );
}

#[test]
fn an_unknown_variable_is_refused_with_the_one_that_was_meant_and_without_its_value() {
    let host = Host::new().with("MESSNGR_DOORS_XMPP_LISTN", "secret").with("MESSNGR_TOKEN", "secret");
    assert_eq!(
        host.mistakes(""),
        "environment variable MESSNGR_DOORS_XMPP_LISTN: there is no such setting.
  Did you mean MESSNGR_DOORS_XMPP_LISTEN?
environment variable MESSNGR_TOKEN: there is no such setting.
  `messngr config reference` prints all settings with their variables."
    );
}

#[test]
fn a_variable_of_the_wrong_type_says_what_to_write() {
    let shown = |variable, value| Host::new().with(variable, value).mistakes("");
    assert_eq!(
        shown("MESSNGR_ARCHIVE_ENABLED", "yes"),
        "environment variable MESSNGR_ARCHIVE_ENABLED: `archive.enabled` must be true or false, not a text.
  MESSNGR_ARCHIVE_ENABLED=yes
  Write enabled = true or enabled = false."
    );
    for value in ["127.0.0.1:5222", "\"127.0.0.1:5222\""] {
        assert_eq!(
            shown("MESSNGR_DOORS_XMPP_LISTEN", value),
            format!(
                "environment variable MESSNGR_DOORS_XMPP_LISTEN: `doors.xmpp.listen` must be a list of texts, not a text.
  MESSNGR_DOORS_XMPP_LISTEN={value}
  Put it into brackets: listen = [\"127.0.0.1:5222\"]."
            )
        );
    }
    let half_a_list = shown("MESSNGR_DOORS_XMPP_LISTEN", "[127.0.0.1:5222]");
    assert!(half_a_list.contains("the value is not valid TOML"), "{half_a_list}");
    assert!(half_a_list.contains("MESSNGR_DOORS_XMPP_LISTEN='[\"A\", \"B\"]'"), "{half_a_list}");
    let level = shown("MESSNGR_LOG_LEVEL", "loud");
    assert!(
        level.ends_with("  Write one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"."),
        "{level}"
    );
}

#[test]
fn wrong_types_and_values_outside_their_limits_are_all_reported_at_once_in_the_order_of_lines() {
    let text = "\
domain = 7
[doors]
windows = true
[doors.xmpp]
enabled = \"true\"
listen = [5222]
[limits]
stanza_bytes_max = 5
connections_max = 99999999999999999999999999
sign_in_seconds_max = 1.5
[log]
format = \"xml\"
[colour]
red = 1
";
    let mistakes = Host::new().load(text, &Overrides::default()).unwrap_err();
    let found: Vec<(usize, &str, &str)> = mistakes
        .iter()
        .map(|mistake| {
            let Place::Line { line, .. } = mistake.place else { panic!("{mistake}") };
            (line, mistake.what.as_str(), mistake.remedy.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            (1, "`domain` must be a text, not a whole number.", "Write domain = \"office.internal\"."),
            (
                3,
                "`doors.windows` is a section, not true or false.",
                "Write [doors.windows] and its settings below."
            ),
            (
                5,
                "`doors.xmpp.enabled` must be true or false, not a text.",
                "Write enabled = true, without quotation marks."
            ),
            (
                6,
                "an entry of `doors.xmpp.listen` must be a text, not a whole number.",
                "Write listen = [\"127.0.0.1:5222\"]."
            ),
            (
                8,
                "`limits.stanza_bytes_max` is outside its limits.",
                "Write a whole number from 10000 to 16777216."
            ),
            (
                9,
                "`limits.connections_max` is outside its limits.",
                "Write a whole number from 1 to 10000000."
            ),
            (
                10,
                "`limits.sign_in_seconds_max` must be a whole number, not a number with a fraction.",
                "Write a whole number from 1 to 3600."
            ),
            (12, "`log.format` has no such choice.", "Write one of \"text\", \"json\"."),
            (13, "there is no setting `colour`.", "`messngr config reference` prints all settings."),
        ]
    );
}

#[test]
fn a_syntax_error_is_shown_with_its_line_and_mistakes_elsewhere_too() {
    let host = Host::new().with("MESSNGR_DOMAIN", "not a domain");
    let shown =
        host.mistakes("domain = \"office.internal\"\n[doors.xmpp]\nlisten = [::]:5222\nenabled = maybe\n");
    assert!(shown.starts_with("messngr.toml:3:"), "{shown}");
    assert!(shown.contains("not valid TOML: "), "{shown}");
    assert!(shown.contains("\n  3 | listen = [::]:5222\n"), "{shown}");
    assert!(shown.contains("\n  4 | enabled = maybe\n"), "{shown}");
    assert!(
        shown.contains("environment variable MESSNGR_DOMAIN: `not a domain` is not a domain."),
        "{shown}"
    );
}

#[test]
fn a_setting_written_twice_is_refused() {
    let shown = Host::new().mistakes("domain = \"a.internal\"\ndomain = \"b.internal\"\n");
    assert!(shown.starts_with("messngr.toml:2:1: not valid TOML: duplicate key"), "{shown}");
    assert!(shown.ends_with("Write each setting and each section once."), "{shown}");
}

#[test]
fn a_name_in_quotation_marks_is_not_a_path() {
    let shown = Host::new().mistakes("\"archive.enabled\" = false");
    assert!(shown.contains("there is no setting `archive.enabled`"), "{shown}");
}

#[test]
fn settings_that_contradict_each_other_are_shown_at_the_one_that_was_written() {
    let shown = Host::new().mistakes(
        "[limits]\nconnections_max = 10\n[doors.xmpp]\nlisten = [\"[::]:5223\"]\n[network]\nallowed = []\n",
    );
    assert_eq!(
        shown,
        "messngr.toml:2:1: `limits.connections_per_address_max` (1000) is more than `limits.connections_max` (10).
  2 | connections_max = 10
  One address cannot have more connections than all together. Lower the first or raise the second.
messngr.toml:4:1: `doors.xmpp.listen_tls` and `doors.xmpp.listen` both listen on [::]:5223.
  4 | listen = [\"[::]:5223\"]
  Give each its own port, or remove one.
messngr.toml:6:1: `network.allowed` is empty: nobody would be answered.
  6 | allowed = []
  Name a network, or remove the setting for the private networks."
    );
}

#[test]
fn a_contradiction_with_a_mistaken_setting_waits_until_that_one_is_mended() {
    let text = "[limits]\nconnections_max = 10\nconnections_per_address_max = \"many\"\n";
    let mistakes = Host::new().load(text, &Overrides::default()).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].key.as_deref(), Some("limits.connections_per_address_max"));
}

#[test]
fn contradictions_are_not_guessed_at_while_it_is_unclear_what_was_set() {
    for text in [
        "[limits]\nconnections_max = 10\nconnections_per_adress_max = 5\n",
        "[limits]\nconnections_max = 10\nconnections_per_address_max = 5 5\n",
    ] {
        let host = Host::new().with("MESSNGR_LIMITS_CONNECTIONS_MAX", "10");
        assert_eq!(host.load(text, &Overrides::default()).unwrap_err().len(), 1);
    }
}

#[test]
fn of_very_many_mistakes_the_first_hundred_are_reported() {
    let text: String = (0..20_000).map(|number| format!("colour{number} = 1\n")).collect();
    assert_eq!(Host::new().load(&text, &Overrides::default()).unwrap_err().len(), 100);
    let text = "= 1\n".repeat(20_000);
    assert_eq!(Host::new().load(&text, &Overrides::default()).unwrap_err().len(), 100);
}

#[test]
fn doors_without_an_address_are_refused_while_they_are_open() {
    let host = Host::new();
    assert!(host.mistakes("doors.xmpp = { listen = [], listen_tls = [] }").contains("listens nowhere"));
    assert!(
        host.mistakes(
            "doors.windows = { enabled = true, session_listen = [], name_listen = [], datagram_listen = [] }"
        )
        .contains("listens nowhere")
    );
    host.loaded("doors.windows = { session_listen = [] }");
    host.loaded("doors.xmpp = { listen = [\"127.0.0.1:0\"], listen_tls = [\"127.0.0.1:0\"] }");
}

#[test]
fn a_mistake_in_a_file_is_one_even_where_the_environment_wins() {
    let shown = Host::new().with("MESSNGR_DOMAIN", "office.internal").mistakes("domain = \"no domain\"");
    assert!(shown.contains("`no domain` is not a domain."), "{shown}");
}

#[test]
fn a_door_that_does_not_exist_cannot_be_enabled() {
    let host = Host::new();
    let overrides = Overrides { data_dir: None, enable: vec!["window".to_owned(), "irc".to_owned()] };
    assert_eq!(
        host.shown(&host.load("", &overrides).unwrap_err()),
        "command line: there is no door `window`.\n  --enable window\n  Did you mean `windows`?\n\
         command line: there is no door `irc`.\n  --enable irc\n  The doors are xmpp, windows, web."
    );
}

#[test]
fn a_file_that_cannot_be_read_is_said_so() {
    let host = Host::new();
    let absent = Path::new("/nonexistent/messngr.toml");
    let mistakes = Configuration::load(Some(absent), &host.surroundings, &Overrides::default()).unwrap_err();
    assert!(
        mistakes[0]
            .to_string()
            .starts_with("/nonexistent/messngr.toml: the file cannot be read: No such file"),
        "{}",
        mistakes[0]
    );
    let not_utf8 = host.load_bytes(b"\n\ndomain = \"\xff\"", &Overrides::default()).unwrap_err();
    assert_eq!(host.shown(&not_utf8), "messngr.toml: line 3 is not UTF-8.\n  Save the file as UTF-8.");
    let large = host.load_bytes(&vec![b'#'; 1_048_577], &Overrides::default()).unwrap_err();
    assert!(large[0].what.contains("larger than 1048576 bytes"));
}

#[test]
fn a_program_gets_the_same_as_an_object() {
    let mistakes = Host::new().load("\ndoman = 1", &Overrides::default()).unwrap_err();
    let mut object = mistakes[0].to_json();
    assert!(object["file"].as_str().unwrap().ends_with("/messngr.toml"));
    object.as_object_mut().unwrap().remove("file");
    assert_eq!(
        object,
        serde_json::json!({
            "line": 2, "column": 1, "source_line": "doman = 1", "key": "doman",
            "what": "there is no setting `doman`.", "remedy": "Did you mean `domain`?",
        })
    );
}

#[test]
fn deep_nesting_is_refused_and_does_no_harm() {
    let brackets = "[".repeat(60_000);
    let host = Host::new().with("MESSNGR_NETWORK_PROXIES", &brackets);
    for text in [
        format!("network.proxies = {brackets}"),
        "x = ".to_owned() + &"{a=".repeat(60_000),
        "a.".repeat(60_000),
    ] {
        let mistakes = host.load(&text, &Overrides::default()).unwrap_err();
        assert!((2..=100).contains(&mistakes.len()));
    }
}
