//! Publishers that others wrote reach people with nothing but an address and a token.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use end_to_end::{Service, ServiceOptions, wait};
use serde_json::{Value, json};

const TOPICS: &str = "[publish.topics.plant]\naudience = \"user:anna\"\nseverity_max = \"extreme\"\n\
                      [publish.topics.coffee]\naudience = \"everyone\"\nopen = true\n";

/// A service with two topics, and a token to publish and read.
struct House {
    service: Service,
    ca: PathBuf,
    secret: String,
}

impl House {
    fn start() -> Self {
        let options = ServiceOptions { configuration: TOPICS.to_owned(), ..ServiceOptions::default() };
        let service = Service::start(&options);
        service.add_user("anna", "secret");
        let scopes = ["--scope", "publish:user:anna", "--scope", "read"];
        let words: Vec<&str> = ["token", "add", "plant"].into_iter().chain(scopes).collect();
        let secret = service.ok(&words).trim().to_owned();
        let ca = service.authority();
        Self { service, ca, secret }
    }

    fn https(&self, rest: &str) -> String {
        format!("https://127.0.0.1:{}{rest}", self.service.port("web", "https"))
    }

    /// What curl prints, where the service has answered with success.
    fn curl(&self, path: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--fail-with-body", "--max-time", "20", "--cacert"]);
        let output =
            command.arg(&self.ca).args(arguments).arg(self.https(path)).output().expect("curl is there");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "{path}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// The headlines of what was published to the topic, in its order.
    fn published(&self) -> Vec<String> {
        let bearer = format!("Authorization: Bearer {}", self.secret);
        let lines = self.curl("/plant/json?poll=1", &["-H", &bearer]);
        let documents = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        documents
            .map(|document| {
                document["title"].as_str().or(document["message"].as_str()).unwrap_or("").to_owned()
            })
            .collect()
    }

    /// The alerts in force, as the administrator sees them.
    fn in_force(&self) -> String {
        self.service.ok(&["alert", "list"])
    }

    /// apprise as it is installed; it trusts the service's authority by the way that Python's requests knows.
    fn apprise(&self, arguments: &[&str]) {
        let output = Command::new("/usr/bin/apprise")
            .env("REQUESTS_CA_BUNDLE", &self.ca)
            .args(arguments)
            .output()
            .expect("apprise is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn curl_publishes_in_every_way_that_ntfys_users_know_and_reads_it_back() {
    let house = House::start();
    let bearer = format!("Authorization: Bearer {}", house.secret);
    house.curl("/plant", &["-H", &bearer, "-d", "Oven is hot"]);
    house.curl("/plant", &["-u", &format!(":{}", house.secret), "-H", "Title: By Basic", "-d", "x"]);
    let json = r#"{"topic":"plant","title":"By JSON","message":"x","priority":5}"#;
    house.curl("/", &["-H", &bearer, "-d", json]);
    let query = format!("/plant/trigger?title=By+query&message=x&token={}", house.secret);
    house.curl(&query, &[]);
    let form = ["-F", "title=By form", "-F", "message=x", "-F", "priority=5"];
    house.curl(&format!("/message?token={}", house.secret), &form);
    let expected = ["Oven is hot", "By Basic", "By JSON", "By query", "By form"];
    assert_eq!(house.published(), expected);
    let in_force = house.in_force();
    assert!(expected.iter().all(|headline| in_force.contains(headline)), "{in_force}");

    house.curl("/coffee", &["-d", "ready"]);
    assert_eq!(house.curl("/coffee/raw?poll=1", &[]), "ready\n");
    let refused = Command::new("curl")
        .args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "-d", "x", "--cacert"])
        .arg(&house.ca)
        .arg(house.https("/plant"))
        .output()
        .expect("curl is there");
    assert_eq!(String::from_utf8_lossy(&refused.stdout), "401");
}

#[test]
fn apprise_publishes_as_to_ntfy_and_as_to_gotify() {
    let house = House::start();
    let place = format!("127.0.0.1:{}", house.service.port("web", "https"));
    let ntfy = format!("ntfys://robot:{}@{place}/plant?priority=high", house.secret);
    house.apprise(&["-t", "By ntfy", "-b", "Grüße", &ntfy]);
    let gotify = format!("gotifys://{place}/{}?priority=high", house.secret);
    house.apprise(&["-t", "By Gotify", "-b", "Grüße", &gotify]);
    assert_eq!(house.published(), ["By ntfy", "By Gotify"]);
    let bearer = format!("Authorization: Bearer {}", house.secret);
    let severe = house.curl("/plant/json?poll=1&priority=high", &["-H", &bearer]);
    assert_eq!(severe.lines().count(), 2, "both have said that it matters: {severe}");
    let in_force = house.in_force();
    assert!(in_force.contains("By ntfy") && in_force.contains("By Gotify"), "{in_force}");
}

/// Alertmanager, as it is installed.
struct Alertmanager {
    child: Child,
    place: String,
}

impl Alertmanager {
    fn start(house: &House) -> Self {
        let folder = house.service.folder().join("alertmanager");
        fs::create_dir_all(&folder).expect("a folder");
        let configuration = format!(
            "route:\n  receiver: messngr\n  group_by: [alertname]\n  group_wait: 0s\n  group_interval: 1s\n\
             \x20 repeat_interval: 1h\nreceivers:\n- name: messngr\n  webhook_configs:\n  - url: '{}'\n\
             \x20   http_config:\n      authorization:\n        credentials: '{}'\n      tls_config:\n        ca_file: '{}'\n",
            house.https("/alertmanager/plant"),
            house.secret,
            house.ca.display(),
        );
        fs::write(folder.join("alertmanager.yml"), configuration).expect("a file");
        let place = {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            free.local_addr().expect("its address").to_string()
        };
        let child = Command::new("prometheus-alertmanager")
            .arg(format!("--config.file={}", folder.join("alertmanager.yml").display()))
            .arg(format!("--storage.path={}", folder.display()))
            .arg(format!("--web.listen-address={place}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log")).expect("a log"))
            .spawn()
            .expect("Alertmanager is installed");
        let manager = Self { child, place };
        wait::until("Alertmanager to be ready", || {
            let ready = format!("http://{}/-/ready", manager.place);
            let status =
                Command::new("curl").args(["--silent", "--fail", "--output", "/dev/null", &ready]).status();
            status.is_ok_and(|status| status.success()).then_some(())
        });
        manager
    }

    /// Says that an alert fires, or that it has ended then.
    fn say(&self, alert: &Value) {
        let body = json!([alert]).to_string();
        let place = format!("http://{}/api/v2/alerts", self.place);
        let arguments = ["--silent", "--fail", "-H", "Content-Type: application/json", "-d", &body, &place];
        assert!(Command::new("curl").args(arguments).status().expect("curl is there").success());
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn alertmanager_raises_an_alert_once_and_calls_it_off_when_it_is_resolved() {
    let house = House::start();
    let manager = Alertmanager::start(&house);
    let alert = |instance: &str| {
        json!({
            "labels": { "alertname": "Hot", "instance": instance, "severity": "critical" },
            "annotations": { "summary": format!("Oven {instance} is hot") },
            "generatorURL": "http://prometheus.internal/graph",
        })
    };
    manager.say(&alert("one"));
    wait::until("the first alert", || house.in_force().contains("Oven one is hot").then_some(()));
    // A second alert of the group makes Alertmanager tell the first again.
    manager.say(&alert("two"));
    wait::until("the second alert", || house.in_force().contains("Oven two is hot").then_some(()));
    assert_eq!(house.published(), ["Oven one is hot", "Oven two is hot"]);
    let mut resolved = alert("one");
    resolved["startsAt"] = json!("2020-01-01T00:00:00Z");
    resolved["endsAt"] = json!("2020-01-01T00:00:01Z");
    manager.say(&resolved);
    wait::until("the first alert to be called off", || {
        (!house.in_force().contains("Oven one")).then_some(())
    });
    assert!(house.in_force().contains("Oven two is hot"));
}
