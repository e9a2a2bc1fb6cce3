use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AlertId, LanguageTag, Severity, TopicName, displayable};

/// What a publisher says to a topic, in the words of the house: every interface for publishers makes one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// One line; where there is none, the first line of the message is it.
    pub title: Option<String>,
    /// The words, at most 4,000 characters.
    pub message: String,
    /// How much it matters, as its publisher sees it.
    pub severity: Severity,
    /// The language of the words above, where that is known.
    pub language: Option<LanguageTag>,
    /// The same words in other languages, each language once.
    pub translations: Vec<NoticeWords>,
    /// Short words for programs.
    pub tags: Vec<String>,
    /// Where there is more to read.
    pub link: Option<String>,
    /// Where else there is something to read or to do.
    pub links: Vec<NoticeLink>,
    /// Where files are that belong to it.
    pub attachments: Vec<String>,
    /// When it is to be told; at once where nothing is said.
    pub begins_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Whether it is a drill.
    pub drill: bool,
}

/// What is said, in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeWords {
    /// The language.
    pub language: LanguageTag,
    /// One line; where there is none, the first line of the message is it.
    pub title: Option<String>,
    /// The words.
    pub message: String,
}

/// A way to somewhere, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLink {
    /// One line; may be empty.
    pub title: String,
    /// Where it leads.
    pub url: String,
}

/// A notice that the service has taken, with its place among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its place: the first is 1, and numbers only grow. 0 as long as it has none.
    pub sequence: i64,
    /// Where it was published.
    pub topic: TopicName,
    /// The alert that people are given.
    pub alert: AlertId,
    /// When it was published; of what is scheduled, when it will be.
    pub published_at: Timestamp,
    /// Whether it waits for its time, and readers do not get it yet. When it comes it gets a new place.
    pub scheduled: bool,
    /// The publisher's own word for it, as long as it stands for it.
    pub key: Option<String>,
    /// What those who read the topic are given.
    pub details: PublicationDetails,
}

/// What those who read a topic are given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationDetails {
    /// One line, where the publisher gave one.
    pub title: Option<String>,
    /// The words.
    pub message: String,
    /// How much it was taken to matter.
    pub severity: Severity,
    /// Short words for programs.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where there is more to read.
    #[serde(default)]
    pub link: Option<String>,
    /// Where else there is something to read or to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<NoticeLink>,
    /// Where files are that belong to it.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// Whether it is a drill.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
    /// Whether the service knows who it was.
    pub verified: bool,
}

/// Why something cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// There are no words.
    #[error("there is nothing to publish: the message is empty")]
    Empty,
    /// There are too many words.
    #[error("the {what} has {chars} characters: at most {limit} are allowed")]
    TooLong {
        /// Which words.
        what: &'static str,
        /// How many characters there are.
        chars: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// There are too many tags, links, attachments or languages.
    #[error("at most {limit} {what} are allowed")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// Something that should lead somewhere does not.
    #[error("\"{text}\" is not a link: it begins with https:, http:, mailto:, tel: or xmpp:")]
    Link {
        /// What was given, shortened.
        text: String,
    },
}

const TITLE_CHARS_MAX: usize = 200;
const MESSAGE_CHARS_MAX: usize = 3_500;
const TAGS_MAX: usize = 32;
const TAG_CHARS_MAX: usize = 64;
const LINKS_MAX: usize = 5;
const ATTACHMENTS_MAX: usize = 5;
const TRANSLATIONS_MAX: usize = 20;
const LINK_BYTES_MAX: usize = 2_000;
const LINK_SCHEMES: [&str; 5] = ["https:", "http:", "mailto:", "tel:", "xmpp:"];

impl Notice {
    /// The notice with misleading characters removed, if it keeps the limits.
    ///
    /// # Errors
    /// The first limit that it passes.
    pub fn checked(mut self) -> Result<Self, NoticeError> {
        check_words(&mut self.title, &mut self.message)?;
        if self.title.is_none() && self.message.is_empty() {
            return Err(NoticeError::Empty);
        }
        let counts = [
            ("tags", self.tags.len(), TAGS_MAX),
            ("links", self.links.len(), LINKS_MAX),
            ("attachments", self.attachments.len(), ATTACHMENTS_MAX),
            ("languages", self.translations.len(), TRANSLATIONS_MAX),
        ];
        if let Some((what, _, limit)) = counts.into_iter().find(|(_, count, limit)| count > limit) {
            return Err(NoticeError::TooMany { what, limit });
        }
        for words in &mut self.translations {
            check_words(&mut words.title, &mut words.message)?;
        }
        for tag in &mut self.tags {
            *tag = one_line(tag);
            limited("tag", tag, TAG_CHARS_MAX)?;
        }
        for link in &mut self.links {
            link.title = one_line(&link.title);
            limited("title of a link", &link.title, TITLE_CHARS_MAX)?;
        }
        let links = self.links.iter_mut().map(|link| &mut link.url);
        for link in self.link.iter_mut().chain(links).chain(&mut self.attachments) {
            *link = one_line(link);
            if !is_link(link) {
                return Err(NoticeError::Link { text: link.chars().take(80).collect() });
            }
        }
        Ok(self)
    }

    /// The line that people see first, at most 200 characters: the title, or the beginning of the message.
    pub fn headline(&self) -> String {
        headline(self.title.as_deref(), &self.message)
    }

    /// The words below the headline: none where the headline says it all.
    pub fn text(&self) -> &str {
        below_headline(self.title.as_deref(), &self.message)
    }

    /// Everywhere that it leads to beside its `link`, which is the first of the `links` where there is none: each once.
    pub fn leads(&self) -> (Option<&str>, Vec<&str>) {
        let mut links = self.links.iter().map(|link| link.url.as_str());
        let first = self.link.as_deref().or_else(|| links.next());
        let mut others: Vec<&str> = Vec::new();
        for url in links.chain(self.attachments.iter().map(String::as_str)) {
            if Some(url) != first && !others.contains(&url) {
                others.push(url);
            }
        }
        (first, others)
    }
}

impl NoticeWords {
    /// The line that people see first, as [`Notice::headline`].
    pub fn headline(&self) -> String {
        headline(self.title.as_deref(), &self.message)
    }

    /// The words below the headline, as [`Notice::text`].
    pub fn text(&self) -> &str {
        below_headline(self.title.as_deref(), &self.message)
    }
}

fn headline(title: Option<&str>, message: &str) -> String {
    let first = title.unwrap_or_else(|| message.lines().next().unwrap_or_default());
    match first.chars().count() {
        chars if chars > TITLE_CHARS_MAX => first.chars().take(TITLE_CHARS_MAX - 1).chain(['…']).collect(),
        _ => first.to_owned(),
    }
}

fn below_headline<'a>(title: Option<&str>, message: &'a str) -> &'a str {
    if title.is_none() && headline(title, message) == message { "" } else { message }
}

fn check_words(title: &mut Option<String>, message: &mut String) -> Result<(), NoticeError> {
    *title = title.take().map(|title| one_line(&title)).filter(|title| !title.is_empty());
    *message = displayable(message).trim().to_owned();
    limited("title", title.as_deref().unwrap_or_default(), TITLE_CHARS_MAX)?;
    limited("message", message, MESSAGE_CHARS_MAX)
}

fn limited(what: &'static str, text: &str, limit: usize) -> Result<(), NoticeError> {
    match text.chars().count() {
        chars if chars > limit => Err(NoticeError::TooLong { what, chars, limit }),
        _ => Ok(()),
    }
}

fn one_line(text: &str) -> String {
    displayable(text).replace(['\n', '\t'], " ").trim().to_owned()
}

fn is_link(text: &str) -> bool {
    let lower = text.get(..8.min(text.len())).unwrap_or_default().to_ascii_lowercase();
    let known = LINK_SCHEMES.iter().any(|scheme| lower.starts_with(scheme) && text.len() > scheme.len());
    known && text.len() <= LINK_BYTES_MAX && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(title: Option<&str>, message: &str) -> Notice {
        Notice { title: title.map(str::to_owned), message: message.to_owned(), ..Notice::default() }
    }

    #[test]
    fn the_headline_is_the_title_or_the_first_line_and_nothing_is_said_twice() {
        let titled = notice(Some(" Backup\nfailed "), "disk full").checked().unwrap();
        assert_eq!((titled.headline().as_str(), titled.text()), ("Backup failed", "disk full"));
        let one_line = notice(None, "disk full\n").checked().unwrap();
        assert_eq!((one_line.headline().as_str(), one_line.text()), ("disk full", ""));
        let lines = notice(None, "disk full\nhost a").checked().unwrap();
        assert_eq!((lines.headline().as_str(), lines.text()), ("disk full", "disk full\nhost a"));
    }

    #[test]
    fn a_long_first_line_is_cut_in_the_headline_and_whole_in_the_text() {
        for long in ["é".repeat(201), "x".repeat(300)] {
            let notice = notice(None, &long).checked().unwrap();
            assert_eq!(notice.headline().chars().count(), 200);
            assert_eq!(notice.text(), long);
        }
        for fits in ["é".repeat(200), "x".repeat(200), "😀".repeat(200)] {
            assert_eq!(notice(None, &fits).checked().unwrap().headline(), fits);
        }
    }

    #[test]
    fn controls_are_removed_and_limits_hold() {
        assert_eq!(notice(None, "a\u{1b}[31m\u{202e}b").checked().unwrap().message, "a[31mb");
        assert_eq!(notice(Some(" \u{7}"), "").checked(), Err(NoticeError::Empty));
        assert!(matches!(notice(Some(&"x".repeat(201)), "").checked(), Err(NoticeError::TooLong { .. })));
        assert!(matches!(notice(None, &"x".repeat(3_501)).checked(), Err(NoticeError::TooLong { .. })));
        let tags = vec!["x".to_owned(); 33];
        assert!(matches!(
            Notice { tags, ..notice(None, "x") }.checked(),
            Err(NoticeError::TooMany { what: "tags", limit: 32 })
        ));
    }

    #[test]
    fn the_first_place_it_leads_to_is_its_link_and_the_others_come_once() {
        let link = |url: &str| NoticeLink { title: "there".to_owned(), url: url.to_owned() };
        let links = vec![link("https://a"), link("https://b")];
        let attachments = vec!["https://c".to_owned(), "https://a".to_owned()];
        let unlinked = Notice { links, attachments, ..notice(None, "x") };
        assert_eq!(unlinked.leads(), (Some("https://a"), vec!["https://b", "https://c"]));
        let linked = Notice { link: Some("https://c".to_owned()), ..unlinked };
        assert_eq!(linked.leads(), (Some("https://c"), vec!["https://a", "https://b"]));
        assert!(matches!(
            Notice { links: vec![link("javascript:x")], ..linked }.checked(),
            Err(NoticeError::Link { .. })
        ));
    }

    #[test]
    fn links_lead_to_pages_and_people_and_nowhere_else() {
        let with = |link: &str| Notice { link: Some(link.to_owned()), ..notice(None, "x") }.checked();
        for good in ["https://x.internal/a?b", "HTTP://x", "mailto:a@b", "tel:112", "xmpp:a@b"] {
            assert!(with(good).is_ok(), "{good}");
        }
        for wrong in
            ["", "javascript:alert(1)", "data:text/html,x", "https:", "https://a b", "x", "/etc", "ééééé"]
        {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }
}
