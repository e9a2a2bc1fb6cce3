use super::*;

#[test]
fn without_a_file_everything_has_its_default_and_nothing_is_doubtful() {
    let loaded = Configuration::load(None, &Host::new().surroundings, &Overrides::default()).unwrap();
    let data_dir = Path::new("/home/anna/.local/state/messngr");
    assert_eq!(loaded.configuration, Configuration::new("desk7.internal", data_dir, "DESK7"));
    assert_eq!(loaded.configuration.store.sqlite_file(), data_dir.join("messngr.db"));
    assert!(loaded.sources.values().all(|source| *source == Source::Default));
    assert_eq!(loaded.warnings, []);
}

#[test]
fn the_defaults_are_those_that_are_promised() {
    let expected = r#"domain = "desk7.internal"
data_dir = "/data"

[network]
allowed = ["127.0.0.0/8", "169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fe80::/10", "fc00::/7"]
proxies = []

[doors.xmpp]
enabled = true
listen = ["[::]:5222"]
listen_tls = ["[::]:5223"]
require_tls = true
allow_plain_without_tls = false
token_days = 14
see_other_host = ""

[doors.windows]
enabled = false
session_listen = ["[::]:139"]
smb_listen = []
name_listen = ["0.0.0.0:137"]
datagram_listen = ["0.0.0.0:138"]
rpc_listen = []
interfaces = []
workgroup = "WORKGROUP"
node_type = "b"
wins = []
names_max = 250
netbios_name = "DESK7"
machine_name_to = "group:admin"
alert_names = []
code_page = 850
code_pages = []
blocked = []
quiet_hours = []
winpopup_folder = ""

[doors.web]
enabled = true
listen = ["[::]:8443"]
plain_loopback_listen = "127.0.0.1:8080"
codes_listen = []
hosts = []

[contact]
abuse = []
admin = []
feedback = []
sales = []
security = []
status = []
support = []

[publish.topics]

[webhooks]

[store]
url = "sqlite:/data/messngr.db"

[archive]
enabled = true
keep_days = 0

[passwords]
length_min = 8
days_max = 0

[files]
size_max_bytes = 104857600
quota_bytes = 1073741824
keep_days = 0
free_bytes_min = 268435456
free_percent_min = 5

[alerts]
release = []

[alerter]
enabled = true
off = []
interval_seconds = 30
disks = ["/"]
free_bytes_min = 1073741824
free_percent_min = 10
failed_sign_ins_min = 5
repeat_minutes = 60
notices_per_hour_max = 20
nut = "127.0.0.1:3493"
battery_seconds = 10

[limits]
stanza_bytes_max = 262144
stanza_bytes_before_sign_in_max = 10240
connections_max = 20000
connections_per_address_max = 1000
connections_per_account_max = 500
sign_in_seconds_max = 30
sign_in_failures_per_minute_max = 20
outbox_bytes_max = 4194304
sessions_per_account_max = 50
roster_contacts_max = 5000
resumption_seconds = 600
stanzas_per_second_max = 200
requests_per_minute_max = 1200
messages_per_minute_max = 120
messages_of_all_per_minute_max = 1200
pending_messages_max = 10000

[status]
maintenance = ""

[metrics]
allowed = []

[log]
level = "info"
format = "text"
"#;
    assert_eq!(effective(&Configuration::new("desk7.internal", Path::new("/data"), "DESK7")), expected);
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let host = Host::new()
        .with("MESSNGR_DOMAIN", "environment.internal")
        .with("MESSNGR_DATA_DIR", "from-environment");
    let file = "domain = \"file.internal\"\ndata_dir = \"from-file\"\narchive.enabled = false\n";
    let overrides = Overrides { data_dir: Some("from-flag".into()), enable: vec!["windows".to_owned()] };
    let loaded = host.load(file, &overrides).unwrap();

    assert_eq!(loaded.configuration.domain, "environment.internal");
    assert_eq!(loaded.configuration.data_dir, Path::new("/srv/from-flag"));
    assert!(loaded.configuration.doors.windows.enabled);
    assert!(!loaded.configuration.archive.enabled);
    assert_eq!(loaded.sources["domain"], Source::Environment);
    assert_eq!(loaded.sources["data_dir"], Source::Flag);
    assert_eq!(loaded.sources["doors.windows.enabled"], Source::Flag);
    assert_eq!(loaded.sources["archive.enabled"], Source::File);
    assert_eq!(loaded.sources["log.level"], Source::Default);
}

#[test]
fn a_relative_data_directory_begins_where_it_was_written_and_the_database_follows_it() {
    let host = Host::new();
    let loaded = host.loaded("data_dir = \"state\"");
    assert_eq!(loaded.configuration.data_dir, host.directory.path().join("state"));
    assert_eq!(loaded.configuration.store.sqlite_file(), host.directory.path().join("state/messngr.db"));

    let loaded = Host::new().with("MESSNGR_DATA_DIR", "state").loaded("");
    assert_eq!(loaded.configuration.data_dir, Path::new("/srv/state"));
}

#[test]
fn variables_are_toml_and_a_text_needs_no_quotation_marks() {
    let loaded = Host::new()
        .with("MESSNGR_DOORS_XMPP_LISTEN", r#"["127.0.0.1:5222"]"#)
        .with("MESSNGR_DOORS_XMPP_LISTEN_TLS", "[]")
        .with("MESSNGR_DOORS_WINDOWS_NETBIOS_NAME", "2024")
        .with("MESSNGR_DOORS_WINDOWS_MACHINE_NAME_TO", "group:desk, user:anna")
        .with("MESSNGR_DOMAIN", "\"quoted.internal\"")
        .with("MESSNGR_LIMITS_CONNECTIONS_MAX", "30_000")
        .with("MESSNGR_LOG_LEVEL", "debug")
        .loaded("");
    let configuration = loaded.configuration;
    assert_eq!(configuration.doors.xmpp.listen, ["127.0.0.1:5222".parse().unwrap()]);
    assert_eq!(configuration.doors.xmpp.listen_tls, []);
    assert_eq!(configuration.doors.windows.netbios_name, "2024");
    assert_eq!(configuration.doors.windows.machine_name_to, "group:desk,user:anna".parse().unwrap());
    assert_eq!(configuration.domain, "quoted.internal");
    assert_eq!(configuration.limits.connections_max, 30_000);
    assert_eq!(configuration.log.level, sections::LogLevel::Debug);
}

#[test]
fn what_is_in_force_can_be_loaded_again_as_it_is() {
    let host = Host::new();
    let first = host.loaded(
        "domain = \"Office.Internal\"\nnetwork.allowed = [\"192.168.1.0/24\"]\n\
         [doors.windows]\nenabled = true\nnetbios_name = \"office\"\ncode_page = 858",
    );
    let second = host.loaded(&effective(&first.configuration));
    assert_eq!(second.configuration, first.configuration);
    assert_eq!(first.configuration.domain, "office.internal");
    assert_eq!(first.configuration.doors.windows.netbios_name, "OFFICE");
}

#[test]
fn what_is_probably_not_meant_is_put_in_force_with_a_warning() {
    let host = Host::new();
    let loaded = host.loaded("domain = \"gmail.com\"\nnetwork.allowed = [\"0.0.0.0/0\"]\n");
    assert_eq!(
        host.shown(&loaded.warnings),
        "messngr.toml:1:1: `gmail.com` looks like a domain of the Internet (.com).
  1 | domain = \"gmail.com\"
  Keep it if it belongs to you; otherwise take one that cannot, such as `office.internal`. It cannot be changed after the first start.
messngr.toml:2:9: `0.0.0.0/0` is not a private network: its addresses may be anybody's.
  2 | network.allowed = [\"0.0.0.0/0\"]
  Keep it if only your own hosts have these addresses; otherwise remove it."
    );
    let warnings = |text| host.loaded(text).warnings.len();
    assert_eq!(warnings("doors.xmpp.require_tls = false"), 1);
    assert_eq!(warnings("doors.xmpp.allow_plain_without_tls = true"), 1);
    assert_eq!(warnings("doors.xmpp = { require_tls = false, allow_plain_without_tls = true }"), 2);
    assert_eq!(warnings("doors.xmpp.enabled = false"), 0);
    assert_eq!(warnings("doors.xmpp.enabled = false\ndoors.web.enabled = false"), 1);
    assert_eq!(warnings("domain = \"office.home.arpa\""), 0);
}
