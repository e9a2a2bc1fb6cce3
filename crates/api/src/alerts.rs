//! Alerts: what they say, to whom, and how they go on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use domain::{
    Address, Alert, AlertDraft, AlertId, AlertKind, AlertProgress, AlertState, AlertStatus, Audience,
    Confirmation, Escalation, LanguageTag, Lifetime, Receipt, ReceiptStage, Severity, Translation,
};

use crate::schema;

/// `POST /alerts`: an alert to be sent, or a draft of one. Answered with 201 and the [`AlertView`] when it has been
/// taken for good; its `status` says whether it is in force, planned, or waits for a second person's release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlert {
    /// One line, 1 to 200 characters.
    pub headline: String,
    /// More words, at most 4,000 characters; an announcement: 20,000, as CommonMark.
    #[serde(default)]
    pub text: String,
    /// How much it matters.
    #[serde(default)]
    #[schemars(with = "schema::Severity")]
    pub severity: Severity,
    /// Whom it is for: an expression over `everyone`, `user:NAME`, `group:NAME`, `computer:NAME@HOST[:PORT]` and
    /// `address:NETWORK`: `A,B` for either, `A&B` for both, `A!B` for A without B, and parentheses.
    #[schemars(with = "String")]
    pub audience: Audience,
    /// What people can confirm with: 1 to 9 different choices of 1 to 40 characters. `["OK"]` where left out.
    #[serde(default = "default_choices")]
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it. Where left out, an alert does and an announcement
    /// does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_confirm: Option<bool>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The same, in seconds from when it takes effect, be that by its time, by being sent or by its release; only one of
    /// both can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<u32>,
    /// `alert` or `announcement`.
    #[serde(default)]
    #[schemars(with = "schema::AlertKind")]
    pub kind: AlertKind,
    /// The language of the words above: a tag such as `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub language: Option<LanguageTag>,
    /// The same words in other languages, by their tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, schema::Translation>")]
    pub translations: BTreeMap<LanguageTag, Translation>,
    /// Whom it reaches who is not there: `until-confirmed`, `now-only`, `every-sign-in` or `once`.
    #[serde(default)]
    #[schemars(with = "schema::Lifetime")]
    pub lifetime: Lifetime,
    /// When it takes effect; at once where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<Timestamp>,
    /// How often those who have not confirmed are told again, in seconds: at least 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_seconds: Option<u32>,
    /// Who else is told when fewer than `fewer_than` (`5` or `80%`) have confirmed `after_seconds` later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<schema::Escalation>")]
    pub escalation: Vec<Escalation>,
    /// Whether it is a drill.
    #[serde(default)]
    pub drill: bool,
    /// Whether it is only for who sends it, to look at it first.
    #[serde(default)]
    pub test: bool,
    /// Where there is more to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Links to what belongs to it, or ids of files that the service has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// The alert that this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Id>")]
    pub updates: Option<AlertId>,
    /// The sender's own word for it, 1 to 200 characters: a second alert of the same sender with the same word is the
    /// first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it is only written down, to be changed or sent later.
    #[serde(default)]
    pub draft: bool,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertView {
    /// Its id.
    #[schemars(with = "schema::Id")]
    pub id: AlertId,
    /// Where it stands now.
    #[schemars(with = "schema::AlertStatus")]
    pub status: AlertStatus,
    /// Who told it.
    #[schemars(with = "String")]
    pub issuer: Address,
    /// One line.
    pub headline: String,
    /// More words; may be empty.
    pub text: String,
    /// How much it matters.
    #[schemars(with = "schema::Severity")]
    pub severity: Severity,
    /// Whom it is for.
    #[schemars(with = "String")]
    pub audience: Audience,
    /// What people can confirm with.
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it.
    pub must_confirm: bool,
    /// When it took effect, or is to.
    pub effective_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Before when an answer is in time: its first level of escalation, and at the latest its end. Later ones are late; who
    /// was told by a level has until the next.
    #[serde(default)]
    pub answer_by: Option<Timestamp>,
    /// After how many seconds it ends by itself, where it is not settled yet when it takes effect.
    #[serde(default)]
    pub expires_after_seconds: Option<u32>,
    /// What has been done to it: `{"kind": "sent"}`, `"draft"`, `"waiting"`, `"planned"`, `"cancelled"` with `at` and
    /// `by`, `"expired"` with `at`, `"superseded"` with `at` and `by`.
    #[schemars(with = "schema::AlertState")]
    pub state: AlertState,
    /// `alert` or `announcement`.
    #[serde(default)]
    #[schemars(with = "schema::AlertKind")]
    pub kind: AlertKind,
    /// The language of its words, where that is known.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub language: Option<LanguageTag>,
    /// The same words in other languages.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, schema::Translation>")]
    pub translations: BTreeMap<LanguageTag, Translation>,
    /// Whom it reaches who was not there.
    #[serde(default)]
    #[schemars(with = "schema::Lifetime")]
    pub lifetime: Lifetime,
    /// How often those who have not confirmed are told again, in seconds.
    #[serde(default)]
    pub repeat_seconds: Option<u32>,
    /// Who else is told when too few confirm.
    #[serde(default)]
    #[schemars(with = "Vec<schema::Escalation>")]
    pub escalation: Vec<Escalation>,
    /// How many repetitions there were, and for each level of the escalation that is past whether more were told.
    #[serde(default)]
    #[schemars(with = "schema::AlertProgress")]
    pub progress: AlertProgress,
    /// Whether it is a drill.
    #[serde(default)]
    pub drill: bool,
    /// Whether it is only for its sender.
    #[serde(default)]
    pub test: bool,
    /// Where there is more to read.
    #[serde(default)]
    pub link: Option<String>,
    /// What belongs to it.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// The alert whose place it takes.
    #[serde(default)]
    #[schemars(with = "Option<schema::Id>")]
    pub updates: Option<AlertId>,
    /// The sender's own word for it.
    #[serde(default)]
    pub key: Option<String>,
    /// The service's signature: JWS in compact form (RFC 7515), EdDSA. Empty until it is taken.
    pub signature: String,
    /// Whether it was sent before with the same key, and nothing was done now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// The version of a draft, which `If-Match` names, in quotation marks, so that what is changed or sent is what was
    /// seen. None of what is no draft any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl NewAlert {
    /// An alert that says this to them, and nothing else.
    pub fn new(headline: impl Into<String>, audience: Audience) -> Self {
        Self {
            headline: headline.into(),
            text: String::new(),
            severity: Severity::default(),
            audience,
            choices: default_choices(),
            must_confirm: None,
            expires_at: None,
            expires_in_seconds: None,
            kind: AlertKind::default(),
            language: None,
            translations: BTreeMap::new(),
            lifetime: Lifetime::default(),
            begins_at: None,
            repeat_seconds: None,
            escalation: Vec::new(),
            drill: false,
            test: false,
            link: None,
            attachments: Vec::new(),
            updates: None,
            key: None,
            draft: false,
        }
    }
}

/// An alert as one of those sees it who were told: `GET /me/alerts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnAlertView {
    /// What it says.
    #[serde(flatten)]
    pub alert: AlertView,
    /// Whether the person has looked at it.
    pub seen: bool,
    /// The person's own answer, where they have given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<OwnAnswer>,
}

/// What a person has answered to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnAnswer {
    /// The choice.
    pub choice: String,
    /// When.
    pub at: Timestamp,
}

impl OwnAlertView {
    /// The alert as it stands at `now`, and how far the person has come with it.
    pub fn new(alert: Alert, receipt: Receipt, now: Timestamp) -> Self {
        let seen = receipt.stage >= ReceiptStage::Seen;
        let answer = receipt.confirmation.map(|Confirmation { choice, at, .. }| OwnAnswer { choice, at });
        Self { alert: AlertView::new(alert, now), seen, answer }
    }
}

impl AlertView {
    /// As it stands at `now`.
    pub fn new(alert: Alert, now: Timestamp) -> Self {
        let status = alert.status(now);
        Self::with_status(alert, status)
    }

    /// The same, where its status is known.
    pub fn with_status(alert: Alert, status: AlertStatus) -> Self {
        let answer_by = alert.answer_by(0);
        let Alert { id, draft, effective_at, state, progress, signature } = alert;
        Self {
            id,
            status,
            issuer: draft.issuer,
            headline: draft.headline,
            text: draft.text,
            severity: draft.severity,
            audience: draft.audience,
            choices: draft.choices,
            must_confirm: draft.must_confirm,
            effective_at,
            expires_at: draft.expires_at,
            answer_by,
            expires_after_seconds: draft.expires_after_seconds,
            state,
            kind: draft.kind,
            language: draft.language,
            translations: draft.translations,
            lifetime: draft.lifetime,
            repeat_seconds: draft.repeat_seconds,
            escalation: draft.escalation,
            progress,
            drill: draft.drill,
            test: draft.test,
            link: draft.link,
            attachments: draft.attachments,
            updates: draft.updates,
            key: draft.key,
            signature,
            repeated: false,
            version: None,
        }
    }

    /// The alert that it shows, so that its signature can be checked.
    pub fn into_alert(self) -> Alert {
        let draft = AlertDraft {
            issuer: self.issuer,
            headline: self.headline,
            text: self.text,
            severity: self.severity,
            audience: self.audience,
            choices: self.choices,
            must_confirm: self.must_confirm,
            expires_at: self.expires_at,
            expires_after_seconds: self.expires_after_seconds,
            kind: self.kind,
            language: self.language,
            translations: self.translations,
            lifetime: self.lifetime,
            begins_at: None,
            repeat_seconds: self.repeat_seconds,
            escalation: self.escalation,
            drill: self.drill,
            test: self.test,
            link: self.link,
            attachments: self.attachments,
            updates: self.updates,
            key: self.key,
        };
        let (id, effective_at, state) = (self.id, self.effective_at, self.state);
        Alert { id, draft, effective_at, state, progress: self.progress, signature: self.signature }
    }
}

fn default_choices() -> Vec<String> {
    vec!["OK".to_owned()]
}
