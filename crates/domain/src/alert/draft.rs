use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    AlertError, AlertId, Severity,
    escalation::Escalation,
    words::{LanguageTag, Translation, Words},
};
use crate::{Address, Audience, displayable};

/// What an administrator tells an audience, before the service has taken it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertDraft {
    /// Who tells it.
    pub issuer: Address,
    /// One line, 1 to 200 characters.
    pub headline: String,
    /// More words, at most 4,000 characters (an announcement: 20,000, as CommonMark); may be empty.
    pub text: String,
    /// How much it matters.
    pub severity: Severity,
    /// Whom it is for.
    pub audience: Audience,
    /// What people can confirm with: 1 to 9 different choices of 1 to 40 characters. "OK" where nothing else is said.
    pub choices: Vec<String>,
    /// Whether it stays open for a person until they confirm it.
    pub must_confirm: bool,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// After how many seconds it ends by itself, counted from when it takes effect; only one of both is given. When it
    /// is settled when that is, `expires_at` takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after_seconds: Option<u32>,
    /// What it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: AlertKind,
    /// The language of the words above, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageTag>,
    /// The same words in other languages, at most 20.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<LanguageTag, Translation>,
    /// Whom it reaches who was not there when it was sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lifetime: Lifetime,
    /// When it takes effect, within ten years; at once where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<Timestamp>,
    /// How often those who have not confirmed are told again, in seconds: 30 to 604,800.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_seconds: Option<u32>,
    /// Who else is told when too few confirm: at most 9 levels, each later than the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<Escalation>,
    /// Whether it is a drill: everybody is shown that it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub drill: bool,
    /// Whether it is only for its issuer, to look at it first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub test: bool,
    /// Where there is more to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Links to what belongs to it, or ids of files that the service has: at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
    /// The alert that this one takes the place of when it takes effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updates: Option<AlertId>,
    /// The issuer's own word for it: a second alert of the same issuer with the same word is the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What kind of thing people are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// An alert: a dialog.
    #[default]
    Alert,
    /// An announcement: kept on the notice board; its text is CommonMark.
    Announcement,
}

/// Whom an alert reaches who was not there when it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifetime {
    /// Everyone, at every sign-in until they have confirmed it; where nobody has to confirm it, until a client of
    /// theirs has it.
    #[default]
    UntilConfirmed,
    /// Nobody: only those are told who are there.
    NowOnly,
    /// Everyone, at every sign-in until they have confirmed it or it has ended.
    EverySignIn,
    /// Everyone, once.
    Once,
}

/// The choice where nothing else is said.
pub(super) const CHOICE_DEFAULT: &str = "OK";

const HEADLINE_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 4_000;
const ANNOUNCEMENT_CHARS_MAX: usize = 20_000;
const CHOICES_MAX: usize = 9;
const CHOICE_CHARS_MAX: usize = 40;
const TRANSLATIONS_MAX: usize = 20;
pub(super) const REPEAT_SECONDS: std::ops::RangeInclusive<u32> = 30..=604_800;
/// Why an alert is not said again.
pub(super) const NEEDS_CONFIRMATION: &str =
    "only what must be confirmed can be repeated or escalated until it is";
const LEVELS_MAX: usize = 9;
const LEVEL_SECONDS: std::ops::RangeInclusive<u32> = 10..=2_592_000;
const LINK_BYTES_MAX: usize = 2_000;
const LINK_SCHEMES: [&str; 5] = ["https:", "http:", "mailto:", "tel:", "xmpp:"];
const ATTACHMENTS_MAX: usize = 20;
const KEY_CHARS_MAX: usize = 200;
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

impl AlertDraft {
    /// A draft that says this to them, and nothing else: of the least severity, to be confirmed with "OK".
    pub fn new(issuer: Address, audience: Audience, headline: impl Into<String>) -> Self {
        Self {
            issuer,
            headline: headline.into(),
            text: String::new(),
            severity: Severity::default(),
            audience,
            choices: vec![CHOICE_DEFAULT.to_owned()],
            must_confirm: true,
            expires_at: None,
            expires_after_seconds: None,
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
        }
    }

    /// The draft with misleading characters removed, if it keeps the limits; `now` is when it would take effect where
    /// it says nothing else.
    pub fn checked(mut self, now: Timestamp) -> Result<Self, AlertError> {
        let text_max = match self.kind {
            AlertKind::Alert => TEXT_CHARS_MAX,
            AlertKind::Announcement => ANNOUNCEMENT_CHARS_MAX,
        };
        clean(&mut self.headline, &mut self.text, &mut self.choices);
        check_words(&self.headline, &self.text, text_max)?;
        if let Some(why) = wrong_choices(&self.choices) {
            return Err(AlertError::Choices { why });
        }
        self.check_translations(text_max)?;
        self.check_times(now)?;
        self.check_repetition()?;
        for link in self.link.iter_mut().chain(&mut self.attachments) {
            *link = displayable(link).trim().to_owned();
        }
        if let Some(link) = self.link.iter().find(|link| !is_link(link)) {
            return Err(AlertError::Link { text: link.chars().take(80).collect() });
        }
        let attachments = self.attachments.len();
        if attachments > ATTACHMENTS_MAX {
            return Err(AlertError::Attachments { count: attachments });
        }
        if let Some(wrong) = self.attachments.iter().find(|text| !is_link(text) && !is_file_id(text)) {
            return Err(AlertError::Link { text: wrong.chars().take(80).collect() });
        }
        if self.key.as_ref().is_some_and(|key| !(1..=KEY_CHARS_MAX).contains(&key.chars().count())) {
            return Err(AlertError::Key);
        }
        Ok(self)
    }

    /// The draft with the end that follows from when it takes effect: `now`, where it does not say a later time.
    pub fn settled(mut self, now: Timestamp) -> Self {
        if let Some(seconds) = self.expires_after_seconds.take() {
            let begins_at = self.begins_at.unwrap_or(now).max(now);
            self.expires_at = begins_at.checked_add(SignedDuration::from_secs(seconds.into())).ok();
        }
        self
    }

    /// The words for a reader of this language: a tag, of which the part before the first hyphen counts where nothing
    /// fits the whole. Where it is not among the translations, those of the draft itself.
    pub fn words_in(&self, language: &str) -> Words<'_> {
        let wanted = language.to_ascii_lowercase();
        let primary = wanted.split('-').next().unwrap_or_default();
        let own = self.language.as_ref();
        if own.is_some_and(|own| own.as_str() == wanted) {
            return self.own_words();
        }
        let exact = self.translations.iter().find(|(tag, _)| tag.as_str() == wanted);
        if exact.is_none() && own.is_some_and(|own| own.primary() == primary) {
            return self.own_words();
        }
        let found = exact.or_else(|| self.translations.iter().find(|(tag, _)| tag.primary() == primary));
        found.map_or_else(|| self.own_words(), |(tag, translation)| self.translated(tag, translation))
    }

    /// The words in which the draft was written.
    pub fn own_words(&self) -> Words<'_> {
        let language = self.language.as_ref();
        Words { language, headline: &self.headline, text: &self.text, choices: &self.choices }
    }

    /// The words in the other languages.
    pub fn other_words(&self) -> impl Iterator<Item = Words<'_>> {
        self.translations.iter().map(|(tag, translation)| self.translated(tag, translation))
    }

    /// Where it leads, and where what belongs to it is: what people can follow, each once.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let link = self.link.as_deref();
        let attachments =
            self.attachments.iter().map(String::as_str).filter(move |other| Some(*other) != link);
        link.into_iter().chain(attachments.filter(|text| is_link(text)))
    }

    fn translated<'a>(&'a self, tag: &'a LanguageTag, translation: &'a Translation) -> Words<'a> {
        let choices = if translation.choices.is_empty() { &self.choices } else { &translation.choices };
        let Translation { headline, text, .. } = translation;
        Words { language: Some(tag), headline, text, choices }
    }

    fn check_translations(&mut self, text_max: usize) -> Result<(), AlertError> {
        let wrong = |why| Err(AlertError::Translations { why });
        if self.translations.len() > TRANSLATIONS_MAX {
            return wrong("there are at most 20");
        }
        if self.language.as_ref().is_some_and(|own| self.translations.contains_key(own)) {
            return wrong("the language of the alert itself is not another one");
        }
        for translation in self.translations.values_mut() {
            clean(&mut translation.headline, &mut translation.text, &mut translation.choices);
            check_words(&translation.headline, &translation.text, text_max)?;
            if translation.choices.is_empty() {
                continue;
            }
            if translation.choices.len() != self.choices.len() {
                return wrong("each has as many choices as the alert");
            }
            if let Some(why) = wrong_choices(&translation.choices) {
                return Err(AlertError::Choices { why });
            }
        }
        Ok(())
    }

    fn check_times(&self, now: Timestamp) -> Result<(), AlertError> {
        let begins_at = self.begins_at.unwrap_or(now).max(now);
        if begins_at.duration_since(now) > AHEAD_MAX {
            return Err(AlertError::TooFarAhead);
        }
        match (self.expires_at, self.expires_after_seconds) {
            (Some(_), Some(_)) => Err(AlertError::TwoEnds),
            (Some(expires_at), None) if expires_at <= begins_at => Err(AlertError::Expiry),
            (None, Some(0)) => Err(AlertError::Expiry),
            _ => Ok(()),
        }
    }

    fn check_repetition(&self) -> Result<(), AlertError> {
        match self.repeat_seconds {
            Some(_) if !self.must_confirm => return Err(AlertError::Repeat { why: NEEDS_CONFIRMATION }),
            Some(seconds) if !REPEAT_SECONDS.contains(&seconds) => {
                return Err(AlertError::Repeat {
                    why: "it is every 30 seconds at most, and at least once a week",
                });
            }
            _ => {}
        }
        let wrong = |why| Err(AlertError::Escalation { why });
        if self.escalation.is_empty() {
            return Ok(());
        }
        if !self.must_confirm {
            return wrong(NEEDS_CONFIRMATION);
        }
        if self.escalation.len() > LEVELS_MAX {
            return wrong("there are at most 9 levels");
        }
        if self.escalation.iter().any(|level| !LEVEL_SECONDS.contains(&level.after_seconds)) {
            return wrong("a level comes 10 seconds to 30 days after the alert");
        }
        if self.escalation.windows(2).any(|pair| pair[0].after_seconds >= pair[1].after_seconds) {
            return wrong("each level comes later than the one before");
        }
        Ok(())
    }
}

impl Lifetime {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UntilConfirmed => "until-confirmed",
            Self::NowOnly => "now-only",
            Self::EverySignIn => "every-sign-in",
            Self::Once => "once",
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn clean(headline: &mut String, text: &mut String, choices: &mut [String]) {
    *headline = one_line(headline);
    *text = displayable(text).trim().to_owned();
    for choice in choices {
        *choice = one_line(choice);
    }
}

fn one_line(text: &str) -> String {
    displayable(text).replace(['\n', '\t'], " ").trim().to_owned()
}

fn check_words(headline: &str, text: &str, max: usize) -> Result<(), AlertError> {
    let chars = headline.chars().count();
    if !(1..=HEADLINE_CHARS_MAX).contains(&chars) {
        return Err(AlertError::Headline { chars });
    }
    match text.chars().count() {
        chars if chars > max => Err(AlertError::Text { chars, max }),
        _ => Ok(()),
    }
}

fn wrong_choices(choices: &[String]) -> Option<&'static str> {
    if choices.is_empty() || choices.len() > CHOICES_MAX {
        return Some("there are 1 to 9");
    }
    if choices.iter().any(|choice| !(1..=CHOICE_CHARS_MAX).contains(&choice.chars().count())) {
        return Some("each has 1 to 40 characters");
    }
    let mut folded: Vec<String> = choices.iter().map(|choice| choice.to_lowercase()).collect();
    folded.sort_unstable();
    folded.dedup();
    (folded.len() != choices.len()).then_some("two of them are the same word")
}

fn is_link(text: &str) -> bool {
    text.len() <= LINK_BYTES_MAX
        && LINK_SCHEMES.iter().any(|scheme| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                && text.len() > scheme.len()
        })
        && !text.chars().any(char::is_whitespace)
}

fn is_file_id(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
