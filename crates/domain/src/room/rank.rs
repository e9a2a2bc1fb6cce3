use serde::{Deserialize, Serialize};

/// A person's lasting relation to a room, lowest first (XEP-0045 §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Affiliation {
    /// May not enter.
    Outcast,
    /// None.
    #[default]
    None,
    /// Belongs to it.
    Member,
    /// Says who belongs to it.
    Administrator,
    /// Says what it is.
    Owner,
}

impl Affiliation {
    /// All of them, lowest first.
    pub const ALL: [Self; 5] = [Self::Outcast, Self::None, Self::Member, Self::Administrator, Self::Owner];

    /// The word for it, on the wire of rooms and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outcast => "outcast",
            Self::None => "none",
            Self::Member => "member",
            Self::Administrator => "admin",
            Self::Owner => "owner",
        }
    }

    /// The affiliation of this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|affiliation| affiliation.as_str() == name)
    }
}

/// What somebody may do in a room while they are in it, lowest first (XEP-0045 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Is not in it.
    None,
    /// Listens.
    Visitor,
    /// Speaks.
    Participant,
    /// Says who speaks, and who leaves.
    Moderator,
}

impl Role {
    /// All of them, lowest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Visitor, Self::Participant, Self::Moderator];

    /// The word for it on the wire of rooms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Visitor => "visitor",
            Self::Participant => "participant",
            Self::Moderator => "moderator",
        }
    }

    /// The role of this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Somebody's affiliation and role together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The lasting relation.
    pub affiliation: Affiliation,
    /// The role; [`Role::None`] for who is not in the room.
    pub role: Role,
}
