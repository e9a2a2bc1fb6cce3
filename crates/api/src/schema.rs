//! How values of the domain look as JSON, for their schemas. The domain writes and reads them itself; a test holds that
//! both say the same.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::DateTime};
use schemars::JsonSchema;
use serde::Deserialize;

/// A UUID.
#[derive(JsonSchema)]
#[schemars(inline, transparent, extend("format" = "uuid"))]
pub(crate) struct Id(#[expect(dead_code, reason = "it is written by the domain")] String);

/// That a person is away.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Absence {
    /// What those who write are told; may be empty.
    text: String,
    /// Since when.
    since: Timestamp,
    /// When it ends by itself.
    #[serde(default)]
    until: Option<Timestamp>,
}

/// How a person is, all their sessions taken together.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Standing {
    /// How available; null where they have no session that is available.
    show: Option<Show>,
    /// Since when nobody has touched any of their devices, where all say so.
    idle_since: Option<Timestamp>,
    /// What they say.
    text: Option<String>,
}

/// What a person wants to be spared and to keep to themselves.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub(crate) struct Privacy {
    /// Who may write: `everyone`, `contacts`, `contacts-and-my-groups`, or `groups:NAME,NAME`.
    writes: String,
    /// Who is told that the person has read something.
    reading: WhoSees,
    /// Who is told that the person is typing.
    typing: WhoSees,
    /// Who may ask when the person was last there, of those who see their presence.
    last_activity: WhoSees,
    /// Whether the person looks absent to everybody.
    invisible: bool,
}

/// Who sees something of a person.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WhoSees {
    #[default]
    Everyone,
    Contacts,
    Nobody,
}

/// How much an alert matters, least first.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    Information,
    Minor,
    Moderate,
    Severe,
    Extreme,
}

/// What kind of thing is not normal.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ConditionKind {
    DiskFilling,
    StoreUnavailable,
    OnBattery,
    ServiceFailed,
    FailedSignIns,
    GuessedPassword,
    LockedAccount,
    RefusedSource,
    SessionLimit,
    ConnectionLimit,
    Other,
}

/// Where an alert stands at a moment.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AlertStatus {
    Draft,
    Waiting,
    Planned,
    InForce,
    Cancelled,
    Expired,
    Superseded,
}

/// What people are told: an alert, or an announcement for the notice board.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AlertKind {
    Alert,
    Announcement,
}

/// Whom an alert reaches who was not there when it was sent.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Lifetime {
    UntilConfirmed,
    NowOnly,
    EverySignIn,
    Once,
}

/// What happens to times of a schedule that passed while the service did not run.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missed {
    Skip,
    Once,
    All,
}

/// An alert's words in another language.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Translation {
    /// One line, 1 to 200 characters.
    headline: String,
    /// More words.
    #[serde(default)]
    text: String,
    /// Its choices, as many as the alert has; the alert's own where left out.
    #[serde(default)]
    choices: Vec<String>,
}

/// Who else is told when too few have confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Escalation {
    /// How long after the alert took effect: 10 to 2,592,000 seconds.
    after_seconds: u32,
    /// How many have to have confirmed by then: `5`, or `80%`.
    fewer_than: String,
    /// Who is told then.
    audience: String,
}

/// How far an alert that is in force has come.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct AlertProgress {
    /// When it took effect, where that was later than planned.
    #[serde(default)]
    started_at: Option<Timestamp>,
    /// How many repetitions there were.
    #[serde(default)]
    repeats: u32,
    /// For each level of the escalation that is past, whether more people were told.
    #[serde(default)]
    levels: Vec<bool>,
    /// How many times somebody had it said again, beside what it does by time.
    #[serde(default)]
    said_again: u32,
    /// When somebody had it said again last.
    #[serde(default)]
    said_again_at: Option<Timestamp>,
    /// Whether it ended before it took effect.
    #[serde(default)]
    never_began: bool,
}

/// What a template or a schedule sends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct AlertDraft {
    /// In whose name.
    issuer: String,
    /// One line.
    headline: String,
    /// More words; may be empty.
    text: String,
    /// How much it matters.
    severity: Severity,
    /// Whom it is for.
    audience: String,
    /// What people can confirm with.
    choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it.
    must_confirm: bool,
    /// When it ends by itself.
    expires_at: Option<Timestamp>,
    /// After how many seconds it ends by itself, where that is not settled.
    #[serde(default)]
    expires_after_seconds: Option<u32>,
    /// What it is.
    #[serde(default)]
    kind: Option<AlertKind>,
    /// The language of its words.
    #[serde(default)]
    language: Option<String>,
    /// The same words in other languages.
    #[serde(default)]
    translations: BTreeMap<String, Translation>,
    /// Whom it reaches who is not there.
    #[serde(default)]
    lifetime: Option<Lifetime>,
    /// When it takes effect.
    #[serde(default)]
    begins_at: Option<Timestamp>,
    /// How often those who have not confirmed are told again, in seconds.
    #[serde(default)]
    repeat_seconds: Option<u32>,
    /// Who else is told when too few confirm.
    #[serde(default)]
    escalation: Vec<Escalation>,
    /// Whether it is a drill.
    #[serde(default)]
    drill: bool,
    /// Whether it is only for its issuer.
    #[serde(default)]
    test: bool,
    /// Where there is more to read.
    #[serde(default)]
    link: Option<String>,
    /// What belongs to it.
    #[serde(default)]
    attachments: Vec<String>,
    /// The alert whose place it takes.
    #[serde(default)]
    updates: Option<String>,
    /// The issuer's own word for it.
    #[serde(default)]
    key: Option<String>,
}

/// An alert with gaps.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Template {
    /// What it is called.
    name: String,
    /// The variables whose places are in its words.
    variables: Vec<String>,
    /// What is sent.
    draft: AlertDraft,
    /// After how many seconds it ends.
    #[serde(default)]
    expires_after_seconds: Option<u32>,
}

/// An alert that is sent again and again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Schedule {
    /// Its id, which begins the keys of its alerts.
    id: String,
    /// What it is called.
    name: String,
    /// What is sent.
    draft: AlertDraft,
    /// After how many seconds each ends.
    expires_after_seconds: Option<u32>,
    /// When: a recurrence rule (RFC 5545) or the five fields of cron.
    rule: String,
    /// The first local time at which it may be sent.
    starts_at: DateTime,
    /// The time zone of the rule.
    zone: String,
    /// What happens to times that passed while the service did not run.
    missed: Missed,
    /// When it is sent next; null where it is over.
    next_at: Option<Timestamp>,
    /// Whether nothing is sent until it is resumed.
    paused: bool,
    /// Why the service has paused it.
    #[serde(default)]
    note: Option<String>,
}

/// Why an alert has not come to one of its recipients.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unreached {
    /// They are not signed in, or were not while the alert was open.
    NotSignedIn,
    /// They were not signed in when it was sent, and it was only for those.
    NotSignedInThen,
    /// They are signed in, and no client of theirs has acknowledged it.
    NotAcknowledged,
    /// The account is disabled.
    AccountDisabled,
    /// The account was removed.
    AccountRemoved,
    /// The alert has not taken effect.
    NotBegun,
    /// The machine does not answer, or did not while the alert was open.
    NoAnswer,
    /// An attempt failed: the words beside it say why.
    Failed,
}

/// How far an alert has come with one recipient. It only ever goes forward.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReceiptStage {
    Pending,
    Delivered,
    Seen,
    Confirmed,
}

/// A protocol by which messages come and go.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    Xmpp,
    Windows,
    Api,
    Web,
}

/// How available a signed-in person is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Show {
    Available,
    Chat,
    Away,
    ExtendedAway,
    Busy,
}

/// How a message is meant.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MessageKind {
    Chat,
    Normal,
    Headline,
}

/// What a person says about seeing presence: may I, yes, no longer, no.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SubscriptionAction {
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
}

/// What has been done to an alert.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) enum AlertState {
    /// It was written down.
    Draft,
    /// It waits for a second person to release it.
    Waiting,
    /// It will take effect at its time.
    Planned,
    /// It took effect, and nothing was done to it since.
    Sent,
    /// It was called off.
    Cancelled {
        /// When.
        at: Timestamp,
        /// By whom.
        by: String,
    },
    /// Its time was over and the people who had it were told.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// Another one took its place.
    Superseded {
        /// When.
        at: Timestamp,
        /// Which: its id.
        by: String,
    },
}

/// The answer to an alert: what, when, and from where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is written by the domain")]
pub(crate) struct Confirmation {
    /// The choice, one of the alert's.
    choice: String,
    /// When the service heard it.
    at: Timestamp,
    /// By which protocol.
    protocol: Protocol,
    /// From which device: the session's name for itself.
    device: String,
    /// From which network address.
    source: String,
    /// The id that the client gave to the message it came in, where it gave one that is never used again.
    origin_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use domain::Address;
    use serde::{Serialize, de::DeserializeOwned};

    /// Whether what the domain writes is what the schema is made of.
    fn fits<Schema: DeserializeOwned>(value: &impl Serialize) {
        let json = serde_json::to_value(value).unwrap();
        let read = serde_json::from_value::<Schema>(json.clone());
        assert!(read.is_ok(), "{json}: {:?}", read.err());
    }

    fn id() -> domain::AlertId {
        domain::AlertId::from_bytes([7; 16])
    }

    /// A draft that says everything a draft can.
    fn draft() -> domain::AlertDraft {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let issuer = Address::parse("anna@x.internal").unwrap();
        let translation =
            domain::Translation { headline: "Fuga".into(), text: "x".into(), choices: vec!["Sí".into()] };
        let level = domain::Escalation {
            after_seconds: 60,
            fewer_than: "80%".parse().unwrap(),
            audience: "bert".parse().unwrap(),
        };
        domain::AlertDraft {
            expires_at: Some(at),
            expires_after_seconds: Some(60),
            kind: domain::AlertKind::Announcement,
            language: Some("en".parse().unwrap()),
            translations: [("es".parse().unwrap(), translation)].into(),
            lifetime: domain::Lifetime::Once,
            begins_at: Some(at),
            repeat_seconds: Some(60),
            escalation: vec![level],
            drill: true,
            test: true,
            link: Some("https://x.internal".into()),
            attachments: vec!["https://x.internal/plan".into()],
            updates: Some(id()),
            key: Some("leak".into()),
            ..domain::AlertDraft::new(issuer, "everyone".parse().unwrap(), "Leak")
        }
    }

    #[test]
    fn alerts_templates_and_schedules_are_written_as_the_schemas_say() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        fits::<super::AlertDraft>(&draft());
        let issuer = draft().issuer;
        fits::<super::AlertDraft>(&domain::AlertDraft::new(issuer, "everyone".parse().unwrap(), "x"));
        let progress = domain::AlertProgress {
            started_at: Some(at),
            repeats: 2,
            levels: vec![true],
            said_again: 1,
            said_again_at: Some(at),
            never_began: true,
        };
        fits::<super::AlertProgress>(&progress);
        use domain::Lifetime::{EverySignIn, NowOnly, Once, UntilConfirmed};
        [UntilConfirmed, NowOnly, EverySignIn, Once].iter().for_each(fits::<super::Lifetime>);
        [domain::AlertKind::Alert, domain::AlertKind::Announcement].iter().for_each(fits::<super::AlertKind>);
        fits::<super::Template>(&domain::Template {
            name: "leak".parse().unwrap(),
            variables: ["where".to_owned()].into(),
            draft: draft(),
            expires_after_seconds: Some(60),
        });
        for missed in [domain::Missed::Skip, domain::Missed::Once, domain::Missed::All] {
            fits::<super::Schedule>(&domain::Schedule {
                id: id(),
                name: "siren".parse().unwrap(),
                draft: draft(),
                expires_after_seconds: None,
                rule: "0 8 * * mon-fri".parse().unwrap(),
                starts_at: jiff::civil::date(2026, 1, 1).at(8, 0, 0, 0),
                zone: domain::Zone::utc(),
                missed,
                next_at: Some(at),
                paused: true,
                note: Some("nobody is there".into()),
            });
        }
    }

    #[test]
    fn what_the_domain_writes_is_what_the_schemas_say() {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let by = Address::parse("anna@x.internal").unwrap();
        domain::Severity::ALL.iter().for_each(fits::<super::Severity>);
        domain::alerter::ConditionKind::ALL.iter().for_each(fits::<super::ConditionKind>);
        use domain::AlertStatus as Status;
        [Status::Draft, Status::Waiting, Status::Planned, Status::InForce]
            .iter()
            .chain(&[Status::Cancelled, Status::Expired, Status::Superseded])
            .for_each(fits::<super::AlertStatus>);
        use domain::AlertState as State;
        [State::Draft, State::Waiting, State::Planned, State::Sent, State::Cancelled { at, by }]
            .iter()
            .chain(&[State::Expired { at }, State::Superseded { at, by: id() }])
            .for_each(fits::<super::AlertState>);
        use domain::ReceiptStage::{Confirmed, Delivered, Pending, Seen};
        [Pending, Delivered, Seen, Confirmed].iter().for_each(fits::<super::ReceiptStage>);
        use domain::Unreached::{
            AccountDisabled, AccountRemoved, Failed, NoAnswer, NotAcknowledged, NotBegun, NotSignedIn,
            NotSignedInThen,
        };
        let all = [NotSignedIn, NotSignedInThen, NotAcknowledged, AccountDisabled, AccountRemoved];
        all.iter().chain(&[NotBegun, NoAnswer, Failed]).for_each(fits::<super::Unreached>);
        use domain::Show::{Available, Away, Busy, Chat, ExtendedAway};
        [Available, Chat, Away, ExtendedAway, Busy].iter().for_each(fits::<super::Show>);
        use domain::MessageKind::{Chat as Conversation, Headline, Normal};
        [Conversation, Normal, Headline].iter().for_each(fits::<super::MessageKind>);
        use domain::SubscriptionAction::{Subscribe, Subscribed, Unsubscribe, Unsubscribed};
        let actions = [Subscribe, Subscribed, Unsubscribe, Unsubscribed];
        actions.iter().for_each(fits::<super::SubscriptionAction>);
        use domain::Protocol::{Api, Web, Windows, Xmpp};
        for protocol in [Xmpp, Windows, Api, Web] {
            fits::<super::Protocol>(&protocol);
            fits::<super::Confirmation>(&domain::Confirmation {
                choice: "OK".to_owned(),
                at,
                protocol,
                device: "desk".to_owned(),
                source: "10.0.0.9".to_owned(),
                origin_id: Some("c3190a29".to_owned()),
            });
        }
    }
}
