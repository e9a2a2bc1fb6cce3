//! What the Alerter says.

mod english;
mod spanish;

use domain::alerter::{Details, Notice};
use jiff::SignedDuration;

/// A language in which it says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

/// The most characters of a headline.
const HEADLINE_CHARS_MAX: usize = 200;
/// How many subjects a headline names.
const LISTED_MAX: usize = 5;
/// The most characters of a list of all of them.
const LIST_CHARS_MAX: usize = 3_500;
/// The most characters of a script's words in a message box: an old machine shows no more than fits on its screen.
const BOXED_CHARS_MAX: usize = 250;

/// One line of it.
pub(super) fn headline(notice: &Notice, language: Language) -> String {
    let line = match language {
        Language::English => english::headline(notice),
        Language::Spanish => spanish::headline(notice),
    };
    shortened(&line.replace('\n', " "), HEADLINE_CHARS_MAX)
}

/// More words: those of whoever raised it, where the headline does not have all of them, or everything that it is about.
pub(super) fn text(notice: &Notice) -> String {
    if notice.subject().is_some() { said(notice) } else { list(notice) }
}

fn said(notice: &Notice) -> String {
    match &notice.details {
        Details::Words(words) if words.contains('\n') || words.chars().count() > HEADLINE_CHARS_MAX / 2 => {
            words.clone()
        }
        _ => String::new(),
    }
}

/// What several are about, one a line, as many as there is room for.
fn list(notice: &Notice) -> String {
    let mut list = String::new();
    let mut chars = 0;
    for subject in notice.subjects.iter().filter(|subject| !subject.is_empty()) {
        chars += subject.chars().count() + 1;
        if chars > LIST_CHARS_MAX {
            break;
        }
        list.push_str(subject);
        list.push('\n');
    }
    list.truncate(list.trim_end().len());
    list
}

/// What a text of [`text`] says that several are about.
pub(super) fn listed_in(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
}

/// A message box for machines of which nobody knows the language: short, in both.
pub(super) fn boxed(notice: &Notice) -> String {
    let (english, spanish) = (headline(notice, Language::English), headline(notice, Language::Spanish));
    let mut text = format!("{}\n{}", plain(&english), plain(&spanish));
    let more = said(notice);
    if !more.is_empty() {
        text.push('\n');
        text.push_str(&shortened(&more, BOXED_CHARS_MAX));
    }
    text
}

/// The first line of a script's words, short enough for a headline.
fn first_line(words: &str) -> String {
    shortened(words.lines().next().unwrap_or_default(), HEADLINE_CHARS_MAX / 2)
}

fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let begin: String = text.chars().take(max - 3).collect();
    format!("{}...", begin.trim_end())
}

/// Without what the code pages of old machines lack.
fn plain(text: &str) -> String {
    text.replace(['«', '»'], "\"")
}

/// The subjects of a notice, one after the other.
fn listed(notice: &Notice, and_more: impl FnOnce(usize) -> String) -> String {
    let named = notice.subjects.iter().filter(|subject| !subject.is_empty());
    let shown: Vec<&str> = named.take(LISTED_MAX).map(String::as_str).collect();
    let mut listed = shown.join(", ");
    if notice.subjects.len() > shown.len() {
        listed.push_str(&and_more(notice.subjects.len() - shown.len()));
    }
    listed
}

/// How many conditions a notice tells of.
fn how_many(notice: &Notice) -> usize {
    notice.subjects.len()
}

/// Whole minutes, at least one; hours where they are many.
fn time(within: SignedDuration, [minute, minutes, hours]: [&str; 3]) -> String {
    match within.as_secs().max(0).unsigned_abs().div_ceil(60) {
        0 | 1 => minute.to_owned(),
        count if count <= 120 => format!("{count} {minutes}"),
        count => format!("{} {hours}", count.div_ceil(60)),
    }
}

/// A number of bytes, as people say it.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut tenths = u128::from(count) * 10;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1_024;
        unit += 1;
    }
    match unit {
        0 => format!("{count} bytes"),
        _ if tenths >= 1_000 => format!("{} {}", tenths / 10, UNITS[unit]),
        _ => format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit]),
    }
}

/// How much is free in hundredths.
fn percent(free: u64, whole: u64) -> u128 {
    u128::from(free) * 100 / u128::from(whole.max(1))
}

#[cfg(test)]
mod tests {
    use domain::{
        Severity,
        alerter::{ConditionKind, Finder, News},
    };

    use super::*;

    fn notice(kind: ConditionKind, news: News, subjects: &[&str]) -> Notice {
        Notice {
            kind,
            news,
            severity: Severity::Moderate,
            subjects: subjects.iter().map(|&subject| subject.to_owned()).collect(),
            finder: Finder::Service,
            count: 23,
            within: SignedDuration::from_secs(290),
            details: Details::None,
        }
    }

    #[test]
    fn many_failed_sign_ins_are_one_sentence() {
        let one = notice(ConditionKind::FailedSignIns, News::Begun, &["10.0.0.7"]);
        assert_eq!(headline(&one, Language::English), "23 failed sign-ins from 10.0.0.7 within 5 minutes");
        let subjects: Vec<String> = (0..309).map(|number| number.to_string()).collect();
        let many = Notice { subjects, ..notice(ConditionKind::FailedSignIns, News::Begun, &[]) };
        let said = headline(&many, Language::English);
        assert_eq!(
            said,
            "Failed sign-ins from 309 addresses: 0, 1, 2, 3, 4 and 304 more; 23 in all within 5 minutes"
        );
        assert!(listed_in(&text(&many)).eq(&many.subjects));
        let long = Notice { subjects: vec!["x".repeat(100); 100], ..many };
        assert_eq!(listed_in(&text(&long)).count(), 34);
    }

    #[test]
    fn everything_has_words_in_both_languages_that_differ_and_fit() {
        for kind in ConditionKind::ALL {
            for news in [News::Begun, News::GoesOn, News::Normal] {
                for subjects in [&[""][..], &["x"], &["x", "y", "z"]] {
                    if subjects == [""] && !(kind.is_counted() || kind == ConditionKind::Other) {
                        continue;
                    }
                    let mut notice = notice(kind, news, subjects);
                    if kind == ConditionKind::Other {
                        notice.details = Details::Words("w".repeat(500));
                    }
                    let (english, spanish) =
                        (headline(&notice, Language::English), headline(&notice, Language::Spanish));
                    let as_raised = kind == ConditionKind::Other && news == News::Begun;
                    assert!(english != spanish || as_raised, "{english}");
                    for said in [&english, &spanish] {
                        assert!((1..=200).contains(&said.chars().count()), "{said}");
                        assert!(!said.contains("  ") && !said.ends_with([' ', ':']), "{said}");
                    }
                    assert!(boxed(&notice).chars().count() <= 700);
                }
            }
        }
    }

    #[test]
    fn numbers_of_bytes_and_times_are_said_as_people_do() {
        assert_eq!([bytes(12), bytes(1 << 30), bytes(5_500_000)], ["12 bytes", "1.0 GiB", "5.2 MiB"]);
        assert_eq!(bytes(u64::MAX), "16777215 TiB");
        let disk = Details::Space { free: 2_260_000_000, whole: 50 << 30 };
        let disk = Notice { details: disk, ..notice(ConditionKind::DiskFilling, News::Begun, &["/"]) };
        assert_eq!(
            headline(&disk, Language::English),
            "The disk at / is filling: 2.1 GiB of 50.0 GiB are free (4 %)"
        );
    }
}
