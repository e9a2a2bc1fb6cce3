use std::{collections::BTreeMap, str::FromStr, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use domain::{AlertKind, Audience, Escalation, LanguageTag, Lifetime, Severity, Threshold, Translation};
use doors::api::alerts::NewAlert;

use super::duration;

/// What an alert says, to whom, and how it goes on.
#[derive(Debug, Args)]
pub(super) struct ContentArgs {
    /// What it is about: one line, at most 200 characters.
    pub(super) headline: Option<String>,
    /// More words, at most 4,000 characters; an announcement: 20,000, as CommonMark.
    pub(super) text: Option<String>,
    /// Whom it is for: everyone, user:NAME, group:NAME, computer:NAME@HOST, address:NETWORK; `A,B` is either, `A&B`
    /// both, `A!B` the first without the second.
    #[arg(long, value_name = "AUDIENCE")]
    pub(super) to: Option<Audience>,
    /// How much it matters: information, minor, moderate, severe or extreme.
    #[arg(long, value_name = "SEVERITY")]
    pub(super) severity: Option<Severity>,
    /// What people can confirm with, separated by commas: 1 to 9 choices.
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "OK")]
    choices: Vec<String>,
    /// Nobody has to confirm it.
    #[arg(long)]
    no_confirm: bool,
    /// End it by itself after this time, such as 30m, 2h or 1d12h.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub(super) expires: Option<Duration>,
    /// An announcement for the notice board: its text is CommonMark, and nobody has to confirm it.
    #[arg(long)]
    announcement: bool,
    /// The language of the words: a tag such as en.
    #[arg(long, value_name = "TAG")]
    language: Option<LanguageTag>,
    /// The same in another language: `es:HEADLINE`, `es:HEADLINE|TEXT` or `es:HEADLINE|TEXT|A,B`. Can be repeated.
    #[arg(long = "lang", value_name = "TAG:WORDS")]
    translations: Vec<TranslationArg>,
    /// Whom it reaches who is not there: until-confirmed, now-only, every-sign-in or once.
    #[arg(long, value_name = "LIFETIME", value_parser = lifetime)]
    lifetime: Option<Lifetime>,
    /// Tell those who have not confirmed again, every so often: at least 30s.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    repeat: Option<Duration>,
    /// Tell more people when too few have confirmed: `15m,<80%,group:chiefs`, or `15m,<5,everyone`. Can be repeated.
    #[arg(long, value_name = "AFTER,<FEWER,AUDIENCE")]
    escalate: Vec<EscalationArg>,
    /// It is a drill: everybody is shown that it is.
    #[arg(long)]
    pub(super) drill: bool,
    /// Where there is more to read.
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// A link to what belongs to it. Can be repeated.
    #[arg(long, value_name = "URL")]
    attach: Vec<String>,
}

/// A level of an escalation, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct EscalationArg(Escalation);

/// A translation, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TranslationArg(LanguageTag, Translation);

impl ContentArgs {
    /// The alert that it is; its headline and its audience have to be given.
    pub(super) fn into_alert(self) -> anyhow::Result<NewAlert> {
        let headline = self.headline.context("the headline is missing")?;
        let audience =
            self.to.context("give the audience: --to everyone, --to user:NAME, --to group:NAME")?;
        let mut translations = BTreeMap::new();
        for TranslationArg(tag, translation) in self.translations {
            if translations.insert(tag.clone(), translation).is_some() {
                bail!("--lang {tag} is there twice");
            }
        }
        Ok(NewAlert {
            text: self.text.unwrap_or_default(),
            severity: self.severity.unwrap_or_default(),
            choices: self.choices.into_iter().map(|choice| choice.trim().to_owned()).collect(),
            must_confirm: self.no_confirm.then_some(false),
            expires_in_seconds: self.expires.map(whole_seconds),
            kind: if self.announcement { AlertKind::Announcement } else { AlertKind::Alert },
            language: self.language,
            translations,
            lifetime: self.lifetime.unwrap_or_default(),
            repeat_seconds: self.repeat.map(whole_seconds),
            escalation: self.escalate.into_iter().map(|level| level.0).collect(),
            drill: self.drill,
            link: self.link,
            attachments: self.attach,
            ..NewAlert::new(headline, audience)
        })
    }
}

/// As many seconds as the interface takes.
pub(super) fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

impl FromStr for EscalationArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, ',');
        let mut part = || parts.next().map(str::trim).ok_or("a level reads 15m,<80%,group:chiefs");
        let after = duration::parse(part()?)?;
        let fewer = part()?;
        let fewer = fewer.strip_prefix('<').unwrap_or(fewer);
        let fewer_than: Threshold = fewer.parse().map_err(|error| format!("{error}"))?;
        let audience: Audience = part()?.parse().map_err(|error| format!("{error}"))?;
        Ok(Self(Escalation { after_seconds: whole_seconds(after), fewer_than, audience }))
    }
}

impl FromStr for TranslationArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (tag, words) = text.split_once(':').ok_or("a translation reads es:HEADLINE|TEXT|A,B")?;
        let tag: LanguageTag = tag.parse().map_err(|error| format!("{error}"))?;
        let mut parts = words.splitn(3, '|').map(|part| part.trim().to_owned());
        let (headline, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let choices =
            parts.next().map(|choices| choices.split(',').map(|choice| choice.trim().to_owned()).collect());
        Ok(Self(tag, Translation { headline, text, choices: choices.unwrap_or_default() }))
    }
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    [Lifetime::UntilConfirmed, Lifetime::NowOnly, Lifetime::EverySignIn, Lifetime::Once]
        .into_iter()
        .find(|lifetime| lifetime.as_str() == text)
        .ok_or_else(|| "there are until-confirmed, now-only, every-sign-in and once".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_with_an_audience_that_has_commas() {
        let level: EscalationArg = "15m,<80%,group:chiefs,user:anna".parse().unwrap();
        assert_eq!(level.0.after_seconds, 900);
        assert_eq!(level.0.fewer_than, Threshold::Percent(80));
        assert_eq!(level.0.audience.to_string(), "group:chiefs,user:anna");
        assert!("15m,<80%".parse::<EscalationArg>().is_err_and(|why| why.contains("15m,<80%")));
        assert!("soon,<80%,everyone".parse::<EscalationArg>().is_err());
    }

    #[test]
    fn a_translation_has_a_headline_and_perhaps_a_text_and_choices() {
        let TranslationArg(tag, words) = "es:Simulacro | A la puerta|Sí, No".parse().unwrap();
        assert_eq!((tag.as_str(), words.headline.as_str()), ("es", "Simulacro"));
        assert_eq!((words.text.as_str(), words.choices.len()), ("A la puerta", 2));
        let TranslationArg(_, words) = "es:Simulacro".parse().unwrap();
        assert!(words.text.is_empty() && words.choices.is_empty());
        assert!("Simulacro".parse::<TranslationArg>().is_err());
    }
}
