use super::*;

const TOPICS: &str = "[publish.topics.plant]\naudience = \"group:plant\"\n\
                      [publish.topics.Coffee]\naudience = \"everyone\"\nopen = true\nseverity_max = \"minor\"\n";

#[test]
fn topics_and_webhooks_are_sections_that_the_administrator_names() {
    let webhook = "[webhooks.siren]\nurl = \"http://10.0.0.5/hook\"\nsecret_file = \"secret\"\n";
    let loaded = Host::new().loaded(&format!("{TOPICS}{webhook}")).configuration;
    let topics = loaded.publish.topics();
    let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
    assert_eq!(names, ["Coffee", "plant"]);
    assert_eq!((topics[0].open, topics[0].severity_max), (true, domain::Severity::Minor));
    assert_eq!((topics[1].open, topics[1].severity_max), (false, domain::Severity::Severe));
    let siren = &loaded.webhooks["siren"];
    assert!(siren.secret_file.ends_with("/secret") && siren.ca.is_empty(), "{siren:?}");
    assert_eq!(siren.events.len(), 3);
}

#[test]
fn what_is_in_force_reads_back_with_its_topics() {
    let host = Host::new();
    let configuration = host.loaded(TOPICS).configuration;
    assert_eq!(host.loaded(&effective(&configuration)).configuration, configuration);
}

#[test]
fn names_that_hide_something_of_the_service_and_sections_that_lack_something_are_explained() {
    let host = Host::new();
    let reserved = host.mistakes("[publish.topics.metrics]\naudience = \"everyone\"\n");
    assert!(reserved.contains("the service keeps this path for itself"), "{reserved}");
    let missing = host.mistakes("[publish.topics.plant]\nopen = true\n");
    assert!(
        missing.contains("has no `audience`") && missing.contains("audience = \"group:plant\""),
        "{missing}"
    );
    let unknown = host.mistakes("[publish.topics.plant]\naudience = \"everyone\"\ncolour = \"red\"\n");
    assert!(unknown.contains("there is no setting `publish.topics.plant.colour`"), "{unknown}");
    let url = host.mistakes("[webhooks.siren]\nurl = \"ftp://x/\"\nsecret_file = \"secret\"\n");
    assert!(url.contains("is no place for a webhook"), "{url}");
    let event = host.mistakes(
        "[webhooks.siren]\nurl = \"http://x/\"\nsecret_file = \"secret\"\nevents = [\"alert.sent\", \"all\"]\n",
    );
    assert!(event.contains("is not an event"), "{event}");
}

#[test]
fn topics_behind_a_closed_door_are_doubted() {
    let loaded = Host::new().loaded(&format!("{TOPICS}[doors.web]\nenabled = false\n"));
    assert!(loaded.warnings.iter().any(|warning| warning.what.contains("nobody can publish")));
}
