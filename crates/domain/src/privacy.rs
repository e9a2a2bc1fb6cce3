use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Content, GroupName, displayable};

/// How many groups a person may name who may write to them.
const GROUPS_MAX: usize = 100;

/// What a person wants to be spared and to keep to themselves. By default nothing: as it was before anybody asked.
///
/// Alerts are no messages: an administrator's alert reaches everybody, whatever this says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// Who may write to the person. To everybody else there is no such person.
    pub writes: WhoWrites,
    /// Who is told that the person has read something.
    pub reading: WhoSees,
    /// Who is told that the person is typing.
    pub typing: WhoSees,
    /// Who may ask when the person was last there, of those who see their presence.
    pub last_activity: WhoSees,
    /// Whether the person looks absent to everybody, but for those to whom a client shows itself on purpose.
    pub invisible: bool,
}

/// Who may write to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WhoWrites {
    /// Everybody here, and unverified senders where those may.
    #[default]
    Everyone,
    /// Those on the person's list of contacts.
    Contacts,
    /// Those, and whoever is in a group with the person.
    ContactsAndOwnGroups,
    /// Those, and the members of these groups; at least one and at most 100.
    ContactsAndGroups(Vec<GroupName>),
}

/// Who sees something of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhoSees {
    /// Whoever might.
    #[default]
    Everyone,
    /// Those on the person's list of contacts.
    Contacts,
    /// Nobody.
    Nobody,
}

/// What somebody is to the person whose privacy is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// They are the person, on another device.
    pub same_person: bool,
    /// They are on the person's list of contacts.
    pub contact: bool,
    /// They are in one of the groups that [`Privacy::writes`] means.
    pub in_group: bool,
}

/// Why a text says nothing about who may write or see.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PrivacyError {
    /// It is none of the words.
    #[error(
        "\"{0}\" does not say who may write: expected everyone, contacts, contacts-and-my-groups, or groups:NAME,NAME (contacts, and the members of these groups; at most {GROUPS_MAX})"
    )]
    Writes(String),
    /// It is none of the words.
    #[error("\"{0}\" does not say who sees it: expected everyone, contacts or nobody")]
    Sees(String),
}

impl Privacy {
    /// Whether somebody may write to the person.
    pub fn admits(&self, relation: Relation) -> bool {
        let Relation { same_person, contact, in_group } = relation;
        match self.writes {
            WhoWrites::Everyone => true,
            WhoWrites::Contacts => same_person || contact,
            WhoWrites::ContactsAndOwnGroups | WhoWrites::ContactsAndGroups(_) => {
                same_person || contact || in_group
            }
        }
    }

    /// Whether the person may be reached by senders whom nobody vouches for, as far as this goes: they are nobody's
    /// contact and in no group, and have to see that the person is there.
    pub fn admits_unverified(&self) -> bool {
        self.writes == WhoWrites::Everyone && !self.invisible
    }

    /// Whether what the person sends tells the recipient something that the person keeps to themselves: that they
    /// type, that they have read, and, of who is invisible, that something has arrived.
    pub fn keeps_back(&self, content: &Content, recipient: Relation) -> bool {
        match content {
            Content::Typing { .. } => !self.typing.includes(recipient),
            Content::Receipt { seen: true, .. } => !self.reading.includes(recipient),
            Content::Receipt { seen: false, .. } => self.invisible && !recipient.same_person,
            Content::Text { .. } | Content::Other | Content::Fleeting => false,
        }
    }

    /// Whether who sees the person's presence may ask when they were last there.
    pub fn shows_last_activity(&self, asker: Relation) -> bool {
        self.last_activity.includes(asker)
    }

    /// Whether an answer depends on who is on the list of contacts or in a group.
    pub fn asks_who(&self) -> bool {
        let sees = [self.reading, self.typing, self.last_activity];
        self.writes != WhoWrites::Everyone || sees.contains(&WhoSees::Contacts)
    }
}

impl WhoSees {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Everyone, Self::Contacts, Self::Nobody];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Contacts => "contacts",
            Self::Nobody => "nobody",
        }
    }

    fn includes(self, relation: Relation) -> bool {
        match self {
            Self::Everyone => true,
            Self::Contacts => relation.contact || relation.same_person,
            Self::Nobody => relation.same_person,
        }
    }
}

impl fmt::Display for WhoSees {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for WhoSees {
    type Err = PrivacyError;

    fn from_str(text: &str) -> Result<Self, PrivacyError> {
        let found = Self::ALL.into_iter().find(|who| who.as_str() == text);
        found.ok_or_else(|| PrivacyError::Sees(shortened(text)))
    }
}

const CONTACTS: &str = "contacts";
const EVERYONE: &str = "everyone";
const OWN_GROUPS: &str = "contacts-and-my-groups";
const GROUPS: &str = "groups:";

impl fmt::Display for WhoWrites {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => formatter.write_str(EVERYONE),
            Self::Contacts => formatter.write_str(CONTACTS),
            Self::ContactsAndOwnGroups => formatter.write_str(OWN_GROUPS),
            Self::ContactsAndGroups(groups) => {
                let names: Vec<&str> = groups.iter().map(GroupName::as_str).collect();
                write!(formatter, "{GROUPS}{}", names.join(","))
            }
        }
    }
}

impl FromStr for WhoWrites {
    type Err = PrivacyError;

    fn from_str(text: &str) -> Result<Self, PrivacyError> {
        let wrong = || PrivacyError::Writes(shortened(text));
        match text {
            EVERYONE => Ok(Self::Everyone),
            CONTACTS => Ok(Self::Contacts),
            OWN_GROUPS => Ok(Self::ContactsAndOwnGroups),
            _ => {
                let names = text.strip_prefix(GROUPS).ok_or_else(wrong)?;
                let groups = names.split(',').take(GROUPS_MAX + 1).map(|name| name.trim().parse());
                let mut groups = groups.collect::<Result<Vec<GroupName>, _>>().map_err(|_| wrong())?;
                groups.sort_unstable();
                groups.dedup();
                if groups.len() > GROUPS_MAX { Err(wrong()) } else { Ok(Self::ContactsAndGroups(groups)) }
            }
        }
    }
}

impl TryFrom<String> for WhoWrites {
    type Error = PrivacyError;

    fn try_from(text: String) -> Result<Self, PrivacyError> {
        text.parse()
    }
}

impl From<WhoWrites> for String {
    fn from(who: WhoWrites) -> Self {
        who.to_string()
    }
}

fn shortened(text: &str) -> String {
    displayable(text).chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STRANGER: Relation = Relation { same_person: false, contact: false, in_group: false };
    const CONTACT: Relation = Relation { contact: true, ..STRANGER };
    const COLLEAGUE: Relation = Relation { in_group: true, ..STRANGER };
    const SELF: Relation = Relation { same_person: true, ..STRANGER };

    fn admitted(writes: &str) -> [bool; 4] {
        let privacy = Privacy { writes: writes.parse().unwrap(), ..Privacy::default() };
        [STRANGER, CONTACT, COLLEAGUE, SELF].map(|relation| privacy.admits(relation))
    }

    #[test]
    fn who_may_write_is_who_the_person_says() {
        assert_eq!(admitted("everyone"), [true; 4]);
        assert_eq!(admitted("contacts"), [false, true, false, true]);
        assert_eq!(admitted("contacts-and-my-groups"), [false, true, true, true]);
        assert_eq!(admitted("groups:ward,night"), [false, true, true, true]);
    }

    #[test]
    fn unverified_senders_reach_only_who_is_visible_and_lets_everybody_write() {
        assert!(Privacy::default().admits_unverified());
        assert!(!Privacy { writes: WhoWrites::Contacts, ..Privacy::default() }.admits_unverified());
        assert!(!Privacy { invisible: true, ..Privacy::default() }.admits_unverified());
    }

    #[test]
    fn what_a_person_keeps_to_themselves_reaches_their_own_devices_alone() {
        let (read, arrived) = (
            Content::Receipt { of: "1".into(), seen: true },
            Content::Receipt { of: "1".into(), seen: false },
        );
        let privacy = Privacy {
            reading: WhoSees::Contacts,
            typing: WhoSees::Nobody,
            invisible: true,
            ..Privacy::default()
        };
        for (content, [stranger, contact, own]) in [
            (&read, [true, false, false]),
            (&Content::Typing { composing: true }, [true, true, false]),
            (&arrived, [true, true, false]),
            (&Content::Other, [false; 3]),
            (&Content::Text { body: "x".into(), subject: None }, [false; 3]),
        ] {
            assert_eq!(privacy.keeps_back(content, STRANGER), stranger, "{content:?}");
            assert_eq!(privacy.keeps_back(content, CONTACT), contact, "{content:?}");
            assert_eq!(privacy.keeps_back(content, SELF), own, "{content:?}");
            assert!(!Privacy::default().keeps_back(content, STRANGER), "{content:?}");
        }
    }

    #[test]
    fn a_text_that_names_nobody_is_refused() {
        for text in ["", "all", "groups:", "groups:a b", "groups:a,,b"] {
            assert!(text.parse::<WhoWrites>().is_err(), "{text}");
        }
        let many: Vec<String> = (0..101).map(|number| format!("g{number}")).collect();
        assert!(format!("groups:{}", many.join(",")).parse::<WhoWrites>().is_err());
        assert!("all".parse::<WhoSees>().is_err_and(|error| error.to_string().contains("nobody")));
    }

    fn who_sees() -> impl Strategy<Value = WhoSees> {
        prop::sample::select(WhoSees::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(
            groups in prop::collection::vec("[a-z0-9._-]{1,12}", 0..5),
            choice in 0..4,
            reading in who_sees(), typing in who_sees(), last_activity in who_sees(), invisible: bool,
        ) {
            let writes = match choice {
                0 => "everyone".to_owned(),
                1 => "contacts".to_owned(),
                2 => "contacts-and-my-groups".to_owned(),
                _ => format!("groups:x{}", groups.iter().map(|name| format!(",{name}")).collect::<String>()),
            };
            let writes: WhoWrites = writes.parse().unwrap();
            let privacy = Privacy { writes, reading, typing, last_activity, invisible };
            let text = serde_json::to_string(&privacy).unwrap();
            prop_assert_eq!(serde_json::from_str::<Privacy>(&text).unwrap(), privacy);
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,200}") {
            let _ = text.parse::<WhoWrites>();
            let _ = text.parse::<WhoSees>();
        }

        #[test]
        fn whoever_a_narrower_choice_admits_a_wider_one_admits_too(contact: bool, in_group: bool, same_person: bool) {
            let relation = Relation { same_person, contact, in_group };
            let of = |writes: &str| Privacy { writes: writes.parse().unwrap(), ..Privacy::default() };
            let [narrow, middle, wide] =
                ["contacts", "contacts-and-my-groups", "everyone"].map(|text| of(text).admits(relation));
            prop_assert!(narrow <= middle && middle <= wide);
        }
    }
}
