use super::*;

fn draft() -> AlertDraft {
    let issuer = Address::parse("admin@x.internal").unwrap();
    AlertDraft {
        severity: Severity::Severe,
        choices: vec!["I am safe".to_owned(), "Need help".to_owned()],
        ..AlertDraft::new(issuer, "everyone".parse().unwrap(), "Fire drill")
    }
}

fn alert(draft: AlertDraft) -> Alert {
    let at = Timestamp::UNIX_EPOCH;
    Alert {
        id: AlertId::new(at, [7; 10]),
        draft,
        effective_at: at,
        state: AlertState::Sent,
        progress: AlertProgress::default(),
        signature: String::new(),
    }
}

#[test]
fn limits_are_said_in_words() {
    let now = Timestamp::UNIX_EPOCH;
    assert!(draft().checked(now).is_ok());
    assert_eq!(
        AlertDraft { headline: " ".into(), ..draft() }.checked(now),
        Err(AlertError::Headline { chars: 0 })
    );
    assert!(AlertDraft { choices: vec![], ..draft() }.checked(now).is_err());
    assert!(AlertDraft { choices: vec!["OK".into(), "ok".into()], ..draft() }.checked(now).is_err());
    assert_eq!(AlertDraft { expires_at: Some(now), ..draft() }.checked(now), Err(AlertError::Expiry));
    let cleaned = AlertDraft { headline: "Fi\u{202e}re\u{1b}".into(), ..draft() }.checked(now).unwrap();
    assert_eq!(cleaned.headline, "Fire");
}

#[test]
fn an_answer_means_a_choice_whatever_its_case_and_nothing_else_does() {
    let alert = alert(draft());
    assert_eq!(alert.choice_meant("  i AM safe\n"), Some("I am safe"));
    assert_eq!(alert.choice_meant("I am safe, thanks"), None);
}

#[test]
fn its_time_ends_it() {
    let end = Timestamp::from_second(100).unwrap();
    let alert = alert(AlertDraft { expires_at: Some(end), ..draft() });
    assert_eq!(alert.status(Timestamp::from_second(99).unwrap()), AlertStatus::InForce);
    assert_eq!(alert.status(end), AlertStatus::Expired);
}

#[test]
fn what_is_signed_changes_with_everything_people_decide_by() {
    let signed = |draft: AlertDraft| alert(draft).signed_content(SignedForm::Second);
    let one = signed(draft());
    let other = signed(AlertDraft { text: "a\"b\\\n".into(), ..draft() });
    assert!(other.contains(r#""a\"b\\\u000a""#));
    let translation = Translation { headline: "Simulacro".into(), ..Translation::default() };
    let level = Escalation {
        after_seconds: 60,
        fewer_than: Threshold::Percent(80),
        audience: "group:chiefs".parse().unwrap(),
    };
    let others = [
        AlertDraft { drill: true, ..draft() },
        AlertDraft { test: true, ..draft() },
        AlertDraft { kind: AlertKind::Announcement, ..draft() },
        AlertDraft { language: Some("en".parse().unwrap()), ..draft() },
        AlertDraft { translations: [("es".parse().unwrap(), translation)].into(), ..draft() },
        AlertDraft { lifetime: Lifetime::Once, ..draft() },
        AlertDraft { repeat_seconds: Some(60), ..draft() },
        AlertDraft { escalation: vec![level], ..draft() },
        AlertDraft { link: Some("https://x.internal/".into()), ..draft() },
        AlertDraft { attachments: vec!["https://x.internal/a".into()], ..draft() },
        AlertDraft { updates: Some(AlertId::from_bytes([1; 16])), ..draft() },
    ];
    let mut seen = vec![one, other];
    for other in others {
        let signed = signed(other);
        assert!(!seen.contains(&signed), "{signed}");
        seen.push(signed);
    }
}

#[test]
fn the_first_form_of_what_is_signed_stays_as_it_was() {
    let alert = alert(AlertDraft { drill: true, ..draft() });
    assert_eq!(
        alert.signed_content(SignedForm::First),
        format!(
            "{{\"id\":\"{}\",\"issuer\":\"admin@x.internal\",\"headline\":\"Fire drill\",\"text\":\"\",\"severity\":\"severe\",\"audience\":\"everyone\",\"choices\":[\"I am safe\",\"Need help\"],\"must_confirm\":true,\"effective_at\":\"1970-01-01T00:00:00Z\",\"expires_at\":null}}",
            alert.id
        )
    );
}

#[test]
fn an_alert_that_was_stored_before_there_was_more_to_say_still_reads() {
    let old = r#"{"id":"01997abc-0000-7000-8000-000000000000","issuer":"admin@x.internal","headline":"Fire drill","text":"","severity":"severe","audience":"everyone","choices":["I am safe","Need help"],"must_confirm":true,"expires_at":null,"effective_at":"1970-01-01T00:00:00Z","state":{"kind":"sent"},"signature":"e30..x"}"#;
    let alert: Alert = serde_json::from_str(old).unwrap();
    assert_eq!(alert.draft, draft());
    assert_eq!(serde_json::from_str::<Alert>(&serde_json::to_string(&alert).unwrap()).unwrap(), alert);
}

#[test]
fn people_read_it_and_answer_it_in_their_own_language() {
    let spanish = Translation {
        headline: "Simulacro".into(),
        text: String::new(),
        choices: vec!["A salvo".into(), "Ayuda".into()],
    };
    let translations = [("es".parse().unwrap(), spanish)].into();
    let two = AlertDraft { translations, language: Some("en".parse().unwrap()), ..draft() };
    let two = two.checked(Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(two.words_in("es-MX").headline, "Simulacro");
    assert_eq!(two.words_in("en-GB").headline, "Fire drill");
    assert_eq!(two.words_in("fr").headline, "Fire drill");
    assert_eq!(alert(two.clone()).choice_meant("a SALVO"), Some("I am safe"));
    let mut wrong = two;
    for translation in wrong.translations.values_mut() {
        translation.choices.pop();
    }
    assert!(matches!(wrong.checked(Timestamp::UNIX_EPOCH), Err(AlertError::Translations { .. })));
}

#[test]
fn repeating_and_escalating_keep_their_limits() {
    let now = Timestamp::UNIX_EPOCH;
    let level = |after_seconds| Escalation {
        after_seconds,
        fewer_than: Threshold::People(1),
        audience: "everyone".parse().unwrap(),
    };
    assert!(AlertDraft { repeat_seconds: Some(30), ..draft() }.checked(now).is_ok());
    assert!(AlertDraft { repeat_seconds: Some(29), ..draft() }.checked(now).is_err());
    assert!(AlertDraft { repeat_seconds: Some(60), must_confirm: false, ..draft() }.checked(now).is_err());
    assert!(AlertDraft { escalation: vec![level(60), level(120)], ..draft() }.checked(now).is_ok());
    assert!(AlertDraft { escalation: vec![level(60), level(60)], ..draft() }.checked(now).is_err());
    assert!(AlertDraft { escalation: vec![level(9)], ..draft() }.checked(now).is_err());
    assert!(AlertDraft { link: Some("javascript:x".into()), ..draft() }.checked(now).is_err());
    assert!(AlertDraft { key: Some(String::new()), ..draft() }.checked(now).is_err());
}

#[test]
fn what_is_to_be_done_by_time_comes_in_order_and_once() {
    let second = |second| Timestamp::from_second(second).unwrap();
    let level = |after_seconds| Escalation {
        after_seconds,
        fewer_than: Threshold::People(1),
        audience: "everyone".parse().unwrap(),
    };
    let mut alert = alert(AlertDraft {
        repeat_seconds: Some(40),
        escalation: vec![level(50), level(90)],
        expires_at: Some(second(100)),
        ..draft()
    });
    alert.state = AlertState::Planned;
    assert_eq!(alert.next_step(), Some((second(0), AlertStep::Start)));
    alert.state = AlertState::Sent;
    let mut steps = Vec::new();
    while let Some((at, step)) = alert.next_step() {
        steps.push((at.as_second(), step));
        match step {
            AlertStep::Repeat(number) => alert.progress.repeats = number,
            AlertStep::Escalate(_) => alert.progress.levels.push(true),
            AlertStep::Expire => alert.state = AlertState::Expired { at },
            AlertStep::Start => {}
        }
    }
    let expected = [
        (40, AlertStep::Repeat(1)),
        (50, AlertStep::Escalate(0)),
        (80, AlertStep::Repeat(2)),
        (90, AlertStep::Escalate(1)),
        (100, AlertStep::Expire),
    ];
    assert_eq!(steps, expected);
    assert_eq!(alert.repeats_due(second(85)), 2);
    assert_eq!(alert.audiences().count(), 3);
}
