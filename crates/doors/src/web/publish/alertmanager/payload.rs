//! The document, and what is to be done for each alert in it.

use std::{collections::BTreeMap, fmt::Write};

use domain::{Notice, NoticeLink, Severity};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The most alerts of one document.
const ALERTS_MAX: usize = 1_000;

/// The label that says how much an alert matters, and what its values mean here.
const SEVERITY_LABEL: &str = "severity";
const SEVERITIES: [(&[&str], Severity); 5] = [
    (&["emergency", "disaster", "extreme"], Severity::Extreme),
    (&["critical", "page", "fatal", "severe", "high"], Severity::Severe),
    (&["error", "major", "moderate", "medium"], Severity::Moderate),
    (&["warning", "warn", "minor"], Severity::Minor),
    (&["info", "information", "informational", "notice", "low", "none", "debug"], Severity::Information),
];

/// What an alert matters that says nothing of it, or something that is not known.
const SEVERITY_DEFAULT: Severity = Severity::Minor;

/// What the link to where an alert comes from is called.
const SOURCE: &str = "Source";

type Words = BTreeMap<String, String>;

/// A document of version 4.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Payload {
    version: String,
    alerts: Vec<Alert>,
    #[serde(default, rename = "groupLabels")]
    group_labels: Words,
    #[serde(default, rename = "commonAnnotations")]
    common_annotations: Words,
}

/// One alert of it.
#[derive(Clone, Debug, Deserialize)]
struct Alert {
    status: Status,
    #[serde(default)]
    labels: Words,
    #[serde(default)]
    annotations: Words,
    #[serde(default, rename = "generatorURL")]
    generator_url: String,
    #[serde(default)]
    fingerprint: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

/// What is to be done for one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It fires: this is to be published, if it is not already.
    Publish {
        /// What it is known by.
        key: String,
        /// What it says.
        notice: Box<Notice>,
    },
    /// It is resolved: what was published is to be called off.
    Recall {
        /// What it is known by.
        key: String,
    },
}

impl Payload {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let payload: Self = serde_json::from_slice(bytes)
            .map_err(|error| format!("the body is not a webhook document of Alertmanager: {error}"))?;
        if payload.version != "4" {
            let version = domain::displayable(&payload.version).chars().take(20).collect::<String>();
            return Err(format!("expected a webhook document of version 4, got version \"{version}\""));
        }
        if payload.alerts.len() > ALERTS_MAX {
            return Err(format!(
                "at most {ALERTS_MAX} alerts are taken at once: set max_alerts in Alertmanager"
            ));
        }
        Ok(payload)
    }

    /// What is to be done, in the order of the document.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        self.alerts.iter().map(|alert| match alert.status {
            Status::Firing => Step::Publish { key: alert.key(), notice: Box::new(self.notice(alert)) },
            Status::Resolved => Step::Recall { key: alert.key() },
        })
    }

    fn notice(&self, alert: &Alert) -> Notice {
        let annotation = |name: &str| {
            let found = alert.annotations.get(name).or_else(|| self.common_annotations.get(name));
            found.map(|text| text.trim()).filter(|text| !text.is_empty())
        };
        let name = alert.labels.get("alertname").map_or("Alert", String::as_str);
        let title = match annotation("summary") {
            Some(summary) => summary.to_owned(),
            None => format!("{name}{}", group(&self.group_labels)),
        };
        let description = annotation("description").or_else(|| annotation("message"));
        let labels =
            alert.labels.iter().filter(|(name, _)| !matches!(name.as_str(), "alertname" | SEVERITY_LABEL));
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}: {value}")).collect();
        let parts = [description.unwrap_or_default().to_owned(), labels.join("\n")];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let source = Some(alert.generator_url.as_str()).filter(|link| is_page(link));
        let link = annotation("runbook_url").filter(|link| is_page(link));
        let other = source.filter(|_| link.is_some());
        Notice {
            title: Some(shortened(&title, 200)),
            message: shortened(&parts.join("\n"), 2_000),
            severity: alert.labels.get(SEVERITY_LABEL).map_or(SEVERITY_DEFAULT, |word| severity(word)),
            tags: vec![shortened(name, 64)],
            link: link.or(source).map(str::to_owned),
            links: other
                .map(|url| NoticeLink { title: SOURCE.to_owned(), url: url.to_owned() })
                .into_iter()
                .collect(),
            ..Notice::default()
        }
    }
}

/// What the group has in common, behind the name of the alert.
fn group(labels: &Words) -> String {
    let mut text = String::new();
    for (name, value) in labels.iter().filter(|(name, _)| *name != "alertname") {
        let space = if text.is_empty() { " (" } else { ", " };
        let _ = write!(text, "{space}{name}: {value}");
    }
    if text.is_empty() { text } else { text + ")" }
}

impl Alert {
    /// Its fingerprint. Alertmanager before 0.21 had none: then a hash of the labels, which it is made of too.
    fn key(&self) -> String {
        let given = self.fingerprint.trim();
        if (1..=100).contains(&given.len()) && given.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return format!("alertmanager:{given}");
        }
        let mut hasher = Sha256::new();
        for text in self.labels.iter().flat_map(|(name, value)| [name, value]) {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        let digest: String = hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("alertmanager:labels:{digest}")
    }
}

fn severity(word: &str) -> Severity {
    let word = word.trim().to_ascii_lowercase();
    let found = SEVERITIES.iter().find(|(words, _)| words.contains(&word.as_str()));
    found.map_or(SEVERITY_DEFAULT, |(_, severity)| *severity)
}

/// An alert is worth more cut than not at all.
fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some(_) => text.chars().take(chars_max - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn is_page(link: &str) -> bool {
    let known = ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme));
    known && link.len() <= 1_000 && !link.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(status: &str) -> Value {
        json!({
            "receiver": "messngr", "status": status, "version": "4", "groupKey": "{}:{alertname=\"Hot\"}",
            "truncatedAlerts": 0, "externalURL": "http://am:9093",
            "groupLabels": { "alertname": "Hot", "hall": "2" }, "commonLabels": {}, "commonAnnotations": {},
            "alerts": [{
                "status": status, "fingerprint": "1a30ba71cca2921f",
                "labels": { "alertname": "Hot", "hall": "2", "instance": "oven:9100", "severity": "critical" },
                "annotations": { "summary": "Oven is hot", "description": "250 °C for 5 minutes" },
                "startsAt": "2026-11-30T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus:9090/graph?g0.expr=x",
            }],
        })
    }

    fn steps(document: &Value) -> Vec<Step> {
        Payload::read(document.to_string().as_bytes()).unwrap().steps().collect()
    }

    fn notice(document: &Value) -> Notice {
        match steps(document).remove(0) {
            Step::Publish { notice, .. } => *notice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_fires_is_published_under_its_fingerprint_and_what_is_resolved_is_recalled() {
        let key = "alertmanager:1a30ba71cca2921f".to_owned();
        let said = Notice {
            title: Some("Oven is hot".to_owned()),
            message: "250 °C for 5 minutes\nhall: 2\ninstance: oven:9100".to_owned(),
            severity: Severity::Severe,
            tags: vec!["Hot".to_owned()],
            link: Some("http://prometheus:9090/graph?g0.expr=x".to_owned()),
            ..Notice::default()
        };
        let firing = vec![Step::Publish { key: key.clone(), notice: Box::new(said) }];
        assert_eq!(steps(&document("firing")), firing);
        assert_eq!(steps(&document("resolved")), [Step::Recall { key }]);
    }

    #[test]
    fn without_a_summary_the_group_is_the_headline_and_without_labels_there_is_one_still() {
        let mut document = document("firing");
        document["alerts"][0]["annotations"] = json!({ "summary": " " });
        assert_eq!(notice(&document).title.as_deref(), Some("Hot (hall: 2)"));
        document["alerts"][0]["labels"] = json!({});
        document["groupLabels"] = json!({});
        let notice = notice(&document);
        assert_eq!(notice.title.as_deref(), Some("Alert"));
        assert!(notice.checked().is_ok());
    }

    #[test]
    fn the_runbook_comes_first_and_where_the_alert_comes_from_stands_beside_it() {
        let mut document = document("firing");
        document["alerts"][0]["annotations"]["runbook_url"] = json!("https://wiki/oven");
        let notice = notice(&document);
        assert_eq!(notice.link.as_deref(), Some("https://wiki/oven"));
        let source = "http://prometheus:9090/graph?g0.expr=x".to_owned();
        assert_eq!(notice.links, [NoticeLink { title: SOURCE.to_owned(), url: source }]);
    }

    #[test]
    fn how_much_it_matters_is_read_from_the_label_whatever_word_it_uses() {
        for (word, expected) in [
            ("critical", Severity::Severe),
            ("CRITICAL", Severity::Severe),
            ("page", Severity::Severe),
            ("emergency", Severity::Extreme),
            ("error", Severity::Moderate),
            ("warning", Severity::Minor),
            ("info", Severity::Information),
            ("none", Severity::Information),
            ("whatever", Severity::Minor),
            ("", Severity::Minor),
        ] {
            assert_eq!(severity(word), expected, "{word}");
        }
    }

    #[test]
    fn an_alert_without_a_fingerprint_is_known_by_its_labels() {
        let mut one = document("firing");
        one["alerts"][0]["fingerprint"] = json!("");
        let mut other = one.clone();
        other["alerts"][0]["labels"]["instance"] = json!("oven2:9100");
        let key = |document: &Value| match steps(document).remove(0) {
            Step::Publish { key, .. } | Step::Recall { key } => key,
        };
        assert_ne!(key(&one), key(&other));
        one["alerts"][0]["status"] = json!("resolved");
        one["alerts"][0]["annotations"] = json!({});
        assert_eq!(key(&one), {
            let mut firing = document("firing");
            firing["alerts"][0]["fingerprint"] = json!("");
            key(&firing)
        });
    }

    #[test]
    fn long_texts_are_cut_and_strange_links_left_out_so_that_nothing_is_lost() {
        let mut document = document("firing");
        document["alerts"][0]["annotations"] = json!({ "summary": "é".repeat(5_000), "description": "x".repeat(50_000), "runbook_url": "javascript:x" });
        document["alerts"][0]["labels"]["alertname"] = json!("n".repeat(300));
        let notice = notice(&document);
        assert_eq!(notice.link.as_deref(), Some("http://prometheus:9090/graph?g0.expr=x"));
        assert!(notice.checked().is_ok());
    }

    #[test]
    fn other_documents_are_refused() {
        let mut other = document("firing");
        other["version"] = json!("3");
        let many = json!({ "version": "4", "alerts": vec![json!({ "status": "firing" }); ALERTS_MAX + 1] });
        let strange = json!({ "version": "4", "alerts": [{ "status": "burning" }] });
        for wrong in [other, many, strange, json!({}), json!([])] {
            assert!(Payload::read(wrong.to_string().as_bytes()).is_err());
        }
        assert!(Payload::read(b"").is_err());
    }
}
