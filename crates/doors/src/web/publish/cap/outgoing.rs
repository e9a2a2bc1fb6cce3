//! From an alert to a document.

use cap::{
    Alert, CapError, Category, Certainty, Info, MessageType, NamedValue, Resource, Scope, Status, Time,
    Urgency,
};
use domain::{AlertState, Severity, Target, Words};

/// The document that says what an alert says; of one that was called off, the document that calls it off.
pub(super) fn document(alert: &domain::Alert, domain: &str) -> Result<Alert, CapError> {
    let draft = &alert.draft;
    let sent = time(alert.effective_at)?;
    let everyone = draft.audience.targets().contains(&&Target::Everyone);
    let mut document = Alert {
        identifier: alert.id.to_string(),
        sender: domain.to_owned(),
        sent,
        status: if draft.drill { Status::Exercise } else { Status::Actual },
        message_type: MessageType::Alert,
        source: Some(draft.issuer.to_string()),
        // Everyone of a private network: nobody else may pass it on as public.
        scope: Scope::Restricted,
        restriction: Some(if everyone {
            format!("everyone at {domain}")
        } else {
            draft.audience.to_string()
        }),
        addresses: Vec::new(),
        codes: Vec::new(),
        note: None,
        references: Vec::new(),
        incidents: Vec::new(),
        infos: infos(alert)?,
    };
    if let AlertState::Cancelled { at, .. } = alert.state {
        document.references = vec![document.reference()];
        document.identifier.push_str("-cancel");
        document.sent = time(at)?;
        document.message_type = MessageType::Cancel;
        document.infos.clear();
    }
    Ok(document)
}

/// What is said, in every language.
fn infos(alert: &domain::Alert) -> Result<Vec<Info>, CapError> {
    let words = std::iter::once(alert.draft.own_words()).chain(alert.draft.other_words());
    words.map(|words| info(alert, words)).collect()
}

fn info(alert: &domain::Alert, words: Words<'_>) -> Result<Info, CapError> {
    let draft = &alert.draft;
    let (severity, urgency) = match draft.severity {
        Severity::Information | Severity::Minor => (cap::Severity::Minor, Urgency::Unknown),
        Severity::Moderate => (cap::Severity::Moderate, Urgency::Unknown),
        Severity::Severe => (cap::Severity::Severe, Urgency::Immediate),
        Severity::Extreme => (cap::Severity::Extreme, Urgency::Immediate),
    };
    let parameter = |name: &str, value: &str| NamedValue { name: name.to_owned(), value: value.to_owned() };
    Ok(Info {
        effective: Some(time(alert.effective_at)?),
        expires: draft.expires_at.map(time).transpose()?,
        sender_name: Some(draft.issuer.to_string()),
        language: words.language.map(ToString::to_string),
        headline: Some(words.headline.to_owned()),
        description: Some(words.text.to_owned()).filter(|text| !text.is_empty()),
        web: draft.link.clone(),
        resources: draft.links().filter(|link| Some(*link) != draft.link.as_deref()).map(resource).collect(),
        parameters: vec![parameter("messngr:severity", draft.severity.as_str())],
        ..Info::new(Category::Other, words.headline, urgency, severity, Certainty::Unknown)
    })
}

fn resource(link: &str) -> Resource {
    Resource {
        description: "attachment".to_owned(),
        media_type: "application/octet-stream".to_owned(),
        size: None,
        uri: Some(link.to_owned()),
        contents: None,
        digest: None,
    }
}

fn time(at: jiff::Timestamp) -> Result<Time, CapError> {
    Time::utc(at).ok_or(CapError::Rule("a time has a year of 4 digits"))
}

#[cfg(test)]
mod tests {
    use domain::{Address, AlertDraft, AlertId, Translation};

    use super::*;

    fn alert(severity: Severity, audience: &str) -> domain::Alert {
        domain::Alert {
            id: AlertId::from_bytes([1; 16]),
            draft: AlertDraft {
                text: "250 °C\nsince 5 minutes".to_owned(),
                severity,
                must_confirm: false,
                expires_at: Some("2026-11-30T08:00:00.5Z".parse().unwrap()),
                ..AlertDraft::new(
                    Address::parse("robot@x.internal").unwrap(),
                    audience.parse().unwrap(),
                    "Oven <2> is hot & dry",
                )
            },
            effective_at: "2026-11-30T07:00:00.25Z".parse().unwrap(),
            state: AlertState::Sent,
            progress: domain::AlertProgress::default(),
            signature: String::new(),
        }
    }

    #[test]
    fn every_alert_becomes_a_valid_document_that_is_not_public() {
        for severity in Severity::ALL {
            for audience in ["everyone", "group:ward,user:anna", "computer:PRESS1@10.0.0.7"] {
                let document = document(&alert(severity, audience), "x.internal").unwrap();
                let read = Alert::read(document.write().unwrap().as_bytes()).unwrap();
                assert_eq!(read, document);
                assert_eq!(read.scope, Scope::Restricted);
                assert_eq!(read.sent.to_string(), "2026-11-30T07:00:00-00:00");
                assert_eq!(read.infos[0].headline.as_deref(), Some("Oven <2> is hot & dry"));
                assert_eq!(read.infos[0].parameters[0].value, severity.as_str());
            }
        }
    }

    #[test]
    fn every_language_is_a_text_of_its_own_with_the_same_page_and_files() {
        let mut alert = alert(Severity::Severe, "everyone");
        let spanish = Translation { headline: "El horno quema".to_owned(), ..Translation::default() };
        alert.draft.language = "en".parse().ok();
        alert.draft.translations = [("es".parse().unwrap(), spanish)].into();
        alert.draft.link = Some("https://x.internal/oven".to_owned());
        alert.draft.attachments =
            vec!["https://x.internal/plan.pdf".to_owned(), "0123456789abcdef".to_owned()];
        let document = document(&alert, "x.internal").unwrap();
        let read = Alert::read(document.write().unwrap().as_bytes()).unwrap();
        let said: Vec<_> =
            read.infos.iter().map(|info| (info.language(), info.headline.as_deref())).collect();
        assert_eq!(said, [("en", Some("Oven <2> is hot & dry")), ("es", Some("El horno quema"))]);
        for info in &read.infos {
            assert_eq!(info.web.as_deref(), Some("https://x.internal/oven"));
            let files: Vec<_> = info.resources.iter().map(|file| file.uri.as_deref()).collect();
            assert_eq!(files, [Some("https://x.internal/plan.pdf")], "ids of files lead nowhere outside");
        }
    }

    #[test]
    fn a_drill_is_an_exercise_and_says_so_also_when_it_is_called_off() {
        let mut drill = alert(Severity::Severe, "everyone");
        drill.draft.drill = true;
        assert_eq!(document(&drill, "x.internal").unwrap().status, Status::Exercise);
        let (at, by) = (drill.effective_at, drill.draft.issuer.clone());
        drill.state = AlertState::Cancelled { at, by };
        assert_eq!(document(&drill, "x.internal").unwrap().status, Status::Exercise);
    }

    #[test]
    fn one_that_was_called_off_is_a_document_that_calls_off_the_first() {
        let first = alert(Severity::Severe, "everyone");
        let (at, by) = ("2026-11-30T07:30:00Z".parse().unwrap(), first.draft.issuer.clone());
        let reference = document(&first, "x.internal").unwrap().reference();
        let called_off = domain::Alert { state: AlertState::Cancelled { at, by }, ..first };
        let document = document(&called_off, "x.internal").unwrap();
        let read = Alert::read(document.write().unwrap().as_bytes()).unwrap();
        assert_eq!((read.message_type, read.references), (MessageType::Cancel, vec![reference]));
        assert_eq!(read.sent.to_string(), "2026-11-30T07:30:00-00:00");
    }
}
