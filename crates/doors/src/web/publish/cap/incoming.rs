//! From a document to what is to be done.

use cap::{Alert, Info, MessageType, Reference, ResponseType, Status, Urgency};
use domain::{LanguageTag, Notice, NoticeLink, NoticeWords, Severity};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The languages in which people are told, where a document has several: the first that there is.
const LANGUAGES: [&str; 2] = ["en", "es"];

/// The most other languages.
const TRANSLATIONS_MAX: usize = 20;

/// The most characters of a headline and of a text.
const TITLE_CHARS_MAX: usize = 200;
const MESSAGE_CHARS_MAX: usize = 2_000;

/// The most links and files beside the first link.
const LINKS_MAX: usize = 5;

/// The longest key that is kept as it is.
const KEY_BYTES_MAX: usize = 180;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// This is to be published, if it is not already.
    Publish {
        /// What it is known by.
        key: String,
        /// What it says.
        notice: Box<Notice>,
    },
    /// What this stands for is to be called off.
    Recall {
        /// What it is known by.
        key: String,
    },
    /// Nobody is to be told anything.
    Nothing {
        /// Why not.
        why: &'static str,
    },
}

/// What a document says is to be done, in its order: something new is told before what it replaces is called off.
pub(super) fn steps(alert: &Alert, now: Timestamp) -> Vec<Step> {
    match alert.status {
        Status::Actual | Status::Exercise => {}
        Status::Test => return nothing("it is a technical test"),
        Status::Draft => return nothing("it is a draft"),
        Status::System => return nothing("it is about the network of alerts itself"),
    }
    let replaced = alert.references.iter().map(|reference| Step::Recall { key: key(reference) });
    match alert.message_type {
        MessageType::Ack => nothing("it only says that an alert was received"),
        MessageType::Error => nothing("it only says that an alert was refused"),
        MessageType::Cancel => replaced.collect(),
        MessageType::Alert => vec![publish(alert, now)],
        MessageType::Update => std::iter::once(publish(alert, now)).chain(replaced).collect(),
    }
}

fn nothing(why: &'static str) -> Vec<Step> {
    vec![Step::Nothing { why }]
}

fn publish(alert: &Alert, now: Timestamp) -> Step {
    let Some(info) = alert.info_for(&LANGUAGES) else { return Step::Nothing { why: "it says nothing" } };
    let ends: Option<Vec<Timestamp>> =
        alert.infos.iter().map(|info| info.expires.map(|time| time.timestamp())).collect();
    let expires_at = ends.and_then(|ends| ends.into_iter().max());
    if expires_at.is_some_and(|at| at <= now) {
        return Step::Nothing { why: "its time is over" };
    }
    let (title, message) = words(info);
    let link = page(&info.web);
    let (links, attachments) = places(alert, info, link.as_deref());
    let notice = Notice {
        title: Some(title),
        message,
        severity: severity(info),
        language: language(info),
        translations: translations(alert, info),
        tags: info.categories.iter().map(|category| category.as_str().to_ascii_lowercase()).collect(),
        link,
        links,
        attachments,
        begins_at: info.effective.map(|time| time.timestamp()).filter(|at| *at > now),
        expires_at,
        drill: alert.status == Status::Exercise,
    };
    Step::Publish { key: key(&alert.reference()), notice: Box::new(notice) }
}

fn language(info: &Info) -> Option<LanguageTag> {
    info.language().parse().ok()
}

/// The words in the other languages, at most 20. What is said twice in one language is told as it is said first.
fn translations(alert: &Alert, own: &Info) -> Vec<NoticeWords> {
    let mut translations: Vec<NoticeWords> = Vec::new();
    for info in &alert.infos {
        let Some(tag) = language(info).filter(|tag| Some(tag) != language(own).as_ref()) else { continue };
        if translations.len() < TRANSLATIONS_MAX && translations.iter().all(|words| words.language != tag) {
            let (title, message) = words(info);
            translations.push(NoticeWords { language: tag, title: Some(title), message });
        }
    }
    translations
}

/// The pages in the other languages, and the files: those that can be fetched, each once, those of `own` first.
fn places(alert: &Alert, own: &Info, link: Option<&str>) -> (Vec<NoticeLink>, Vec<String>) {
    let (mut links, mut files): (Vec<NoticeLink>, Vec<String>) = (Vec::new(), Vec::new());
    for info in std::iter::once(own).chain(&alert.infos) {
        let new = |url: &String| Some(url.as_str()) != link && links.iter().all(|known| known.url != *url);
        if let Some(url) = page(&info.web).filter(new) {
            links.push(NoticeLink { title: words(info).0, url });
        }
        for uri in info.resources.iter().filter_map(|resource| page(&resource.uri)) {
            if !files.contains(&uri) {
                files.push(uri);
            }
        }
    }
    links.truncate(LINKS_MAX);
    files.truncate(LINKS_MAX);
    (links, files)
}

/// The line that people see first, and the words below it.
fn words(info: &Info) -> (String, String) {
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let title = given(&info.headline).unwrap_or_else(|| info.event.trim().to_owned());
    let areas: Vec<&str> = info.areas.iter().map(|area| area.description.trim()).collect();
    let parts = [given(&info.description), given(&info.instruction), given(&Some(areas.join("; ")))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (shortened(&title, TITLE_CHARS_MAX), shortened(&parts.join("\n"), MESSAGE_CHARS_MAX))
}

/// How much it matters: as the document says, but that what is over or an all-clear is only information.
fn severity(info: &Info) -> Severity {
    if info.urgency == Urgency::Past || info.response_types.contains(&ResponseType::AllClear) {
        return Severity::Information;
    }
    match info.severity {
        cap::Severity::Extreme => Severity::Extreme,
        cap::Severity::Severe => Severity::Severe,
        cap::Severity::Moderate | cap::Severity::Unknown => Severity::Moderate,
        cap::Severity::Minor => Severity::Minor,
    }
}

/// What an alert is known by: its sender and its identifier, which together are unique.
fn key(reference: &Reference) -> String {
    let key = format!("cap:{},{}", reference.sender, reference.identifier);
    if key.len() <= KEY_BYTES_MAX {
        return key;
    }
    let digest: String = Sha256::digest(&key).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("cap:sha256:{digest}")
}

/// An alert is worth more cut than not at all.
fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some(_) => text.chars().take(chars_max - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn page(link: &Option<String>) -> Option<String> {
    let is_page = |link: &&String| {
        ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme)) && link.len() <= 1_000
    };
    link.as_ref().filter(is_page).cloned()
}

#[cfg(test)]
mod tests {
    use cap::{Area, Category, Certainty, Resource, Scope, Time};

    use super::*;

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        "2026-11-30T07:05:00Z".parse().unwrap()
    }

    fn info(language: &str, headline: &str) -> Info {
        Info {
            language: Some(language.to_owned()),
            headline: Some(headline.to_owned()),
            description: Some("Fire in hall 2.".to_owned()),
            instruction: Some("Leave.".to_owned()),
            expires: Some(time("2026-11-30T09:00:00+01:00")),
            areas: vec![Area { description: "Hall 2".to_owned(), ..Area::default() }],
            ..Info::new(
                Category::Fire,
                "Fire",
                Urgency::Immediate,
                cap::Severity::Extreme,
                Certainty::Observed,
            )
        }
    }

    fn alert() -> Alert {
        Alert {
            identifier: "a.1".to_owned(),
            sender: "gate@plant.example".to_owned(),
            sent: time("2026-11-30T08:00:00+01:00"),
            status: Status::Actual,
            message_type: MessageType::Alert,
            source: None,
            scope: Scope::Public,
            restriction: None,
            addresses: vec![],
            codes: vec![],
            note: None,
            references: vec![],
            incidents: vec![],
            infos: vec![info("de", "Halle 2 verlassen"), info("en-GB", "Leave hall 2")],
        }
    }

    fn reference(identifier: &str) -> Reference {
        Reference { identifier: identifier.to_owned(), ..alert().reference() }
    }

    fn notice(alert: &Alert) -> Notice {
        match steps(alert, now()).remove(0) {
            Step::Publish { notice, .. } => *notice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_alert_is_told_in_one_language_with_the_others_beside_it() {
        let steps = steps(&alert(), now());
        let expected = Notice {
            title: Some("Leave hall 2".to_owned()),
            message: "Fire in hall 2.\nLeave.\nHall 2".to_owned(),
            severity: Severity::Extreme,
            language: "en-gb".parse().ok(),
            translations: vec![NoticeWords {
                language: "de".parse().unwrap(),
                title: Some("Halle 2 verlassen".to_owned()),
                message: "Fire in hall 2.\nLeave.\nHall 2".to_owned(),
            }],
            tags: vec!["fire".to_owned()],
            expires_at: Some("2026-11-30T08:00:00Z".parse().unwrap()),
            ..Notice::default()
        };
        let key = "cap:gate@plant.example,a.1".to_owned();
        assert_eq!(steps, [Step::Publish { key, notice: Box::new(expected) }]);
    }

    #[test]
    fn pages_and_files_that_can_be_fetched_are_links_and_attachments() {
        let file = |uri: &str, contents: Option<&str>| Resource {
            description: "map".to_owned(),
            media_type: "image/png".to_owned(),
            size: None,
            uri: Some(uri.to_owned()),
            contents: contents.map(str::to_owned),
            digest: None,
        };
        let mut alert = alert();
        alert.infos[0].web = Some("https://x/de".to_owned());
        alert.infos[0].resources = vec![file("https://x/map.png", None), file("https://x/de.png", None)];
        alert.infos[1].web = Some("https://x/en".to_owned());
        alert.infos[1].resources = vec![file("https://x/map.png", None), file("map.png", Some("AAAA"))];
        let notice = notice(&alert);
        assert_eq!(notice.link.as_deref(), Some("https://x/en"));
        let german = NoticeLink { title: "Halle 2 verlassen".to_owned(), url: "https://x/de".to_owned() };
        assert_eq!(notice.links, [german]);
        assert_eq!(notice.attachments, ["https://x/map.png", "https://x/de.png"]);
        assert!(notice.checked().is_ok());
    }

    #[test]
    fn an_update_is_told_before_what_it_replaces_is_called_off_and_a_cancel_tells_nothing_new() {
        let update = Alert {
            identifier: "a.2".to_owned(),
            message_type: MessageType::Update,
            references: vec![reference("a.0"), reference("a.1")],
            ..alert()
        };
        let recalls: Vec<Step> = ["a.0", "a.1"]
            .map(|identifier| Step::Recall { key: format!("cap:gate@plant.example,{identifier}") })
            .into();
        let found = steps(&update, now());
        assert!(matches!(&found[0], Step::Publish { key, .. } if key == "cap:gate@plant.example,a.2"));
        assert_eq!(found[1..], recalls);
        assert_eq!(steps(&Alert { message_type: MessageType::Cancel, ..update }, now()), recalls);
    }

    #[test]
    fn exercises_are_drills_and_tests_drafts_and_acknowledgements_reach_nobody() {
        assert!(notice(&Alert { status: Status::Exercise, ..alert() }).drill);
        for silent in [
            Alert { status: Status::Test, ..alert() },
            Alert { status: Status::Draft, ..alert() },
            Alert { status: Status::System, ..alert() },
            Alert { message_type: MessageType::Ack, references: vec![reference("a.0")], ..alert() },
            Alert { message_type: MessageType::Error, ..alert() },
            Alert { infos: vec![], ..alert() },
        ] {
            assert!(matches!(steps(&silent, now()).as_slice(), [Step::Nothing { .. }]), "{silent:?}");
        }
        assert_eq!(steps(&alert(), "2026-11-30T08:00:00Z".parse().unwrap()), nothing("its time is over"));
    }

    #[test]
    fn it_ends_with_the_last_of_its_texts_and_never_where_one_has_no_end() {
        let mut later = alert();
        later.infos[0].expires = Some(time("2026-11-30T10:00:00+01:00"));
        assert_eq!(notice(&later).expires_at, Some("2026-11-30T09:00:00Z".parse().unwrap()));
        later.infos[1].expires = None;
        assert_eq!(notice(&later).expires_at, None);
    }

    #[test]
    fn what_is_over_is_information_and_what_nobody_knows_is_taken_seriously() {
        let mut past = alert();
        past.infos[1].urgency = Urgency::Past;
        assert_eq!(notice(&past).severity, Severity::Information);
        let mut clear = alert();
        clear.infos[1].response_types = vec![ResponseType::AllClear];
        assert_eq!(notice(&clear).severity, Severity::Information);
        let mut unknown = alert();
        unknown.infos[1].severity = cap::Severity::Unknown;
        assert_eq!(notice(&unknown).severity, Severity::Moderate);
    }

    #[test]
    fn long_texts_are_cut_long_names_hashed_and_nothing_is_refused_for_its_length() {
        let mut long = alert();
        long.identifier = "x".repeat(5_000);
        long.infos[1].headline = Some("é".repeat(300));
        long.infos[1].description = Some("é".repeat(30_000));
        let Step::Publish { key, notice } = steps(&long, now()).remove(0) else { panic!("it is published") };
        assert!(key.len() <= KEY_BYTES_MAX && key.starts_with("cap:sha256:"));
        assert!(notice.checked().is_ok());
    }
}
