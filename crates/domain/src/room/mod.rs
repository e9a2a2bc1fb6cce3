//! Conversations of more than two: what a room is, who may do what in it, and what is said there.

mod message;
mod nickname;
#[cfg(test)]
mod properties;
mod rank;
mod rules;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use message::{RoomMessage, RoomSubject};
pub use nickname::{NICKNAME_CHARS_MAX, Nickname, NicknameError};
pub use rank::{Affiliation, Role, Standing};
pub use rules::{
    RoomRefusal, may_change_subject, may_configure, may_enter, may_invite, may_list_affiliations,
    may_read_archive, may_set_affiliation, may_set_role, may_speak, role_at_entry,
};

use crate::Address;

/// How many characters a room's title may have.
pub const ROOM_TITLE_CHARS_MAX: usize = 100;
/// How many characters a room's description may have.
pub const ROOM_DESCRIPTION_CHARS_MAX: usize = 1_000;
/// How many characters a room's password may have.
pub const ROOM_PASSWORD_CHARS_MAX: usize = 200;
/// How many people may be in a room at most.
pub const ROOM_OCCUPANTS_MAX: u32 = 1_000;

/// A room as it is remembered: who is in it now is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its address: a name in the domain of the rooms.
    pub address: Address,
    /// How it is set up.
    pub configuration: RoomConfiguration,
    /// What it talks about; none where nobody has said.
    pub subject: Option<RoomSubject>,
    /// Who has a lasting relation to it; never [`Affiliation::None`].
    pub affiliations: BTreeMap<Address, Affiliation>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Room {
    /// A new room of one owner, with the usual configuration.
    pub fn new(address: Address, owner: Address, created_at: Timestamp) -> Self {
        Self {
            address,
            configuration: RoomConfiguration::default(),
            subject: None,
            affiliations: BTreeMap::from([(owner, Affiliation::Owner)]),
            created_at,
        }
    }

    /// A person's lasting relation to it.
    pub fn affiliation(&self, address: &Address) -> Affiliation {
        self.affiliations.get(address).copied().unwrap_or_default()
    }

    /// How many owners it has.
    pub fn owner_count(&self) -> usize {
        self.affiliations.values().filter(|affiliation| **affiliation == Affiliation::Owner).count()
    }
}

/// How a room is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomConfiguration {
    /// Its name for people; empty: its address says it all.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Whether it stays when nobody is in it.
    pub persistent: bool,
    /// Whether everyone finds it in the list of rooms.
    pub listed: bool,
    /// Whether only members enter.
    pub members_only: bool,
    /// Whether only those speak who were given voice.
    pub moderated: bool,
    /// What must be said to enter.
    pub password: Option<String>,
    /// Whether everyone in it sees everyone's address, and not only moderators.
    pub shows_addresses: bool,
    /// Whether everyone who may speak may change the subject, and not only moderators.
    pub anyone_sets_subject: bool,
    /// Whether members may invite, where only members enter.
    pub members_invite: bool,
    /// How many people may be in it at once; its owners and administrators always may.
    pub occupants_max: u32,
}

impl Default for RoomConfiguration {
    /// Open, listed, gone with the last who leaves; everyone sees who the others are.
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            persistent: false,
            listed: true,
            members_only: false,
            moderated: false,
            password: None,
            shows_addresses: true,
            anyone_sets_subject: false,
            members_invite: false,
            occupants_max: 200,
        }
    }
}

impl RoomConfiguration {
    /// The configuration with its texts fit to be shown and within their limits, and an empty password as none.
    ///
    /// # Errors
    /// [`RoomRefusal::BadConfiguration`] for a text that is too long, or for room for nobody or for too many.
    pub fn checked(mut self) -> Result<Self, RoomRefusal> {
        let fits = |text: &str, most: usize| text.chars().count() <= most;
        self.title = crate::displayable(self.title.trim()).replace(['\n', '\t'], " ");
        self.description = crate::displayable(self.description.trim()).into_owned();
        self.password = self.password.filter(|password| !password.is_empty());
        let why = if !fits(&self.title, ROOM_TITLE_CHARS_MAX) {
            "the name is too long"
        } else if !fits(&self.description, ROOM_DESCRIPTION_CHARS_MAX) {
            "the description is too long"
        } else if self.password.as_ref().is_some_and(|password| !fits(password, ROOM_PASSWORD_CHARS_MAX)) {
            "the password is too long"
        } else if !(1..=ROOM_OCCUPANTS_MAX).contains(&self.occupants_max) {
            "between 1 and 1,000 people may be in a room"
        } else {
            return Ok(self);
        };
        Err(RoomRefusal::BadConfiguration { why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_made_fit_to_be_shown_and_bounded() {
        let wished = RoomConfiguration {
            title: " Canteen\u{202e}\n ".to_owned(),
            password: Some(String::new()),
            ..RoomConfiguration::default()
        };
        let checked = wished.clone().checked().unwrap();
        assert_eq!((checked.title.as_str(), checked.password), ("Canteen", None));
        for wrong in [
            RoomConfiguration { title: "x".repeat(ROOM_TITLE_CHARS_MAX + 1), ..wished.clone() },
            RoomConfiguration { description: "x".repeat(ROOM_DESCRIPTION_CHARS_MAX + 1), ..wished.clone() },
            RoomConfiguration { password: Some("x".repeat(ROOM_PASSWORD_CHARS_MAX + 1)), ..wished.clone() },
            RoomConfiguration { occupants_max: 0, ..wished.clone() },
            RoomConfiguration { occupants_max: ROOM_OCCUPANTS_MAX + 1, ..wished },
        ] {
            assert!(matches!(wrong.checked(), Err(RoomRefusal::BadConfiguration { .. })));
        }
    }
}
