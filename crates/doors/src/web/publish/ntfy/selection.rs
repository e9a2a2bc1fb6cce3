//! What a reader wants of its topics.

use domain::AlertId;
use jiff::Timestamp;

use super::{delay, document::Message, error::NtfyError, priority};
use crate::web::publish::Asked;

/// Since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Only what comes.
    Nothing,
    /// Everything that is there.
    All,
    /// What comes after the message of this id.
    After(AlertId),
    /// What was published then or later.
    Time(Timestamp),
}

/// What a reader wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) since: Since,
    /// What is there already, and then the end.
    pub(super) poll: bool,
    /// Also what is scheduled and will come.
    pub(super) scheduled: bool,
    id: Option<String>,
    message: Option<String>,
    title: Option<String>,
    priorities: Vec<u8>,
    tags: Vec<String>,
}

impl Selection {
    pub(super) fn of(asked: &Asked, now: Timestamp) -> Result<Self, NtfyError> {
        Self::new(|names| asked.parameter(names), now)
    }

    fn new<'a>(parameter: impl Fn(&[&str]) -> Option<&'a str>, now: Timestamp) -> Result<Self, NtfyError> {
        let is_set = |names: &[&str]| matches!(parameter(names), Some("1" | "true" | "yes"));
        let poll = is_set(&["poll", "x-poll", "po"]);
        let list = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
        let priorities = parameter(&["priority", "x-priority", "prio", "p"]).map(list).unwrap_or_default();
        let priorities = priorities.iter().map(|text| priority::number(text)).collect::<Option<_>>();
        let owned = |names: &[&str]| parameter(names).map(str::to_owned);
        Ok(Self {
            since: since(parameter(&["since", "x-since", "si"]), poll, now)?,
            poll,
            scheduled: is_set(&["scheduled", "x-scheduled", "sched"]),
            id: owned(&["id", "x-id"]),
            message: owned(&["message", "x-message", "m"]),
            title: owned(&["title", "x-title", "t"]),
            priorities: priorities
                .ok_or_else(|| NtfyError::invalid("the priorities are 1 to 5, with commas between"))?,
            tags: parameter(&["tags", "x-tags", "tag", "ta"]).map(list).unwrap_or_default(),
        })
    }

    /// Whether a message is wanted.
    pub(super) fn wants(&self, message: &Message) -> bool {
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
        };
        same(&self.id, Some(&message.id))
            && same(&self.message, message.message.as_deref())
            && same(&self.title, message.title.as_deref())
            && (self.priorities.is_empty() || self.priorities.contains(&message.priority.unwrap_or(3)))
            && self.tags.iter().all(|tag| message.tags.contains(tag))
    }
}

fn since(text: Option<&str>, poll: bool, now: Timestamp) -> Result<Since, NtfyError> {
    let wrong = || {
        NtfyError::invalid("since is all, none, the id of a message, a Unix time, or a duration such as 10m")
    };
    match text.unwrap_or_default() {
        "" if poll => Ok(Since::All),
        "" | "none" => Ok(Since::Nothing),
        "all" => Ok(Since::All),
        text => {
            if let Ok(id) = text.parse() {
                return Ok(Since::After(id));
            }
            if let Ok(second) = text.parse() {
                return Timestamp::from_second(second).map(Since::Time).map_err(|_| wrong());
            }
            let ago = delay::duration(text).ok_or_else(wrong)?;
            now.checked_sub(ago).map(Since::Time).map_err(|_| wrong())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn selection(query: &[(&str, &'static str)]) -> Result<Selection, NtfyError> {
        let parameter =
            |names: &[&str]| query.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| *value);
        Selection::new(parameter, now())
    }

    #[test]
    fn reading_begins_where_it_is_asked_to() {
        let second = |second| Since::Time(Timestamp::from_second(second).unwrap());
        let id = "01010101-0101-0101-0101-010101010101";
        for (query, expected) in [
            (vec![], Since::Nothing),
            (vec![("poll", "1")], Since::All),
            (vec![("since", "all")], Since::All),
            (vec![("poll", "1"), ("since", "none")], Since::Nothing),
            (vec![("since", "1700000000")], second(1_700_000_000)),
            (vec![("si", "10m")], second(1_799_999_400)),
            (vec![("x-since", id)], Since::After(id.parse().unwrap())),
        ] {
            assert_eq!(selection(&query).unwrap().since, expected, "{query:?}");
        }
        assert!(selection(&[("sched", "1")]).unwrap().scheduled);
        assert!(!selection(&[("scheduled", "0")]).unwrap().scheduled);
        for wrong in ["yesterday", "10", "-5m", "99999999999999"] {
            let found = selection(&[("since", wrong)]);
            assert!(found.is_err() || wrong == "10", "{wrong}: {found:?}");
        }
    }

    #[test]
    fn filters_leave_out_what_does_not_fit_all_of_them() {
        let message = Message {
            id: "a".to_owned(),
            message: Some("hot".to_owned()),
            title: Some("Oven".to_owned()),
            priority: Some(5),
            tags: vec!["fire".to_owned(), "oven".to_owned()],
            ..Message::default()
        };
        let wants = |query: &[(&str, &'static str)]| selection(query).unwrap().wants(&message);
        assert!(wants(&[]) && wants(&[("id", "a"), ("message", "hot"), ("title", "Oven")]));
        assert!(wants(&[("priority", "high,max")]) && wants(&[("tags", "oven,fire")]));
        assert!(!wants(&[("id", "b")]) && !wants(&[("title", "oven")]) && !wants(&[("p", "1,2")]));
        assert!(!wants(&[("tags", "oven,smoke")]));
        assert!(selection(&[("priority", "9")]).is_err());
    }
}
